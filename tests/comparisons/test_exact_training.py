"""Training in exact mode beside PyTorch with MKL's compatible kernels: every bit of every number."""
from __future__ import annotations

import pytest

from comparisons.elsewhere import calls
from comparisons.exact_mode import SETTINGS, compare_all
from comparisons.pinned import ENVIRONMENT, canary

STEPS = 12


@pytest.fixture(scope="module")
def report():
    return calls(ENVIRONMENT, (compare_all, [*SETTINGS], STEPS))[0]


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_bit_is_equal(report, setting):
    reason, results = report
    if reason:
        pytest.skip(reason)
    (result,) = [result for result in results if result.setting == setting]
    assert (result.steps, result.difference) == (STEPS, "")
    assert result.equal == result.numbers > STEPS * 20_000 and result.tensors >= STEPS * 14


def test_the_canary_names_what_differs(monkeypatch):
    monkeypatch.delenv("MKL_CBWR", raising=False)
    assert canary().startswith("PyTorch must be started with MKL_CBWR=COMPATIBLE")
