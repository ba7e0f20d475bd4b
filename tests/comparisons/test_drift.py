"""The distances from PyTorch, and of PyTorch from itself with other settings, over training steps."""
from __future__ import annotations

import numpy as np
import pytest

from comparisons.drift import FUSED, LIMITS, OURS, Drift, Run, as_table, drifts, label, measured, with_kernels
from comparisons.kernels import COMPATIBLE
from comparisons.ledger import plots, text, training

RUNS = [Run(dtype, seed, steps=20) for dtype in LIMITS for seed in range(2)]
KNOWN = Drift(
    "float64",
    [1, 3],
    {OURS: np.array([[1e-16, 2e-16], [3e-16, 4e-16], [1e-16, 6e-16]]), FUSED: np.array([[0, 3e-16], [0, 4e-16], [0, 5e-16]])},
)


@pytest.fixture(scope="module")
def found():
    return drifts(RUNS, {COMPATIBLE: with_kernels(COMPATIBLE, RUNS)})


def test_a_short_training_stays_within_the_limits(found):
    assert [drift.dtype for drift in found] == [*LIMITS]
    for drift in found:
        assert [*drift.distances] == [OURS, FUSED, COMPATIBLE]
        for name, distances in drift.distances.items():
            assert distances.shape == (2, len(measured(20)))
            assert (distances[:, -1] > 0).all(), f"{name}: what is measured is the same run"
        assert np.median(drift.ours[:, -1]) < LIMITS[drift.dtype]


def test_a_wrong_step_is_noticed(found, monkeypatch):
    monkeypatch.setitem(LIMITS, "float64", float(found[0].ours[:, -1].min()) / 2)
    kept = {record.dtype: record.kept for record in training.apart(found) if record.promises}
    assert kept == {"float64": False, "float32": True}


def test_the_parameters_are_kept_after_these_steps():
    assert measured(35) == [*range(1, 11), 20, 30, 35]
    assert len(measured(500)) == 59


def test_nearer_as_near_and_farther_are_counted():
    assert KNOWN.beside(FUSED) == (1, 1, 1)
    assert KNOWN.verdict(FUSED) == "median of 3 seeds, which end at 3.0e-16 to 5.0e-16; minigrad ends nearer in 1, as near in 1, farther in 1"


def test_the_table_has_medians_and_the_spread():
    lines = as_table([KNOWN]).splitlines()
    assert lines[2].split() == ["float64", "minigrad", "1.0e-16", "4.0e-16", "2.0e-16", "6.0e-16"]
    assert lines[3].split()[-9:] == ["0.0e+00", "4.0e-16", "3.0e-16", "5.0e-16", "1", "/", "1", "/", "1"]


def test_the_ledger_shows_pytorchs_own_drift_and_holds_it_to_nothing():
    ours, theirs = training.apart([KNOWN])
    assert (ours.relative, ours.promises, theirs.relative, theirs.promises) == (4e-16, True, 4e-16, False)
    assert ours.series == {OURS: [1e-16, 4e-16], label(FUSED): [0.0, 4e-16]} and ours.steps == [1, 3]
    shown = text.ledger([ours, theirs])
    assert KNOWN.verdict(FUSED) in shown and KNOWN.verdict(OURS) in shown
    assert text.totals([ours, theirs])[0] == "1" and text.totals([ours, theirs])[-1] == "1 of 1"
    assert text.totals([theirs])[-1] == ""  # nothing is promised


def test_every_setting_has_a_line_in_the_plot():
    ours, _ = training.apart([KNOWN])
    ours.series = {f"setting {i}": [1e-16, 2e-16] for i in range(5)}
    picture = plots.curves([ours], "step", "difference", "Drift")
    assert all(f"setting {i}" in picture for i in range(5))
