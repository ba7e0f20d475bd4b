"""Training in exact mode beside PyTorch with MKL's compatible kernels: every bit of every number."""
from __future__ import annotations

import json

import pytest

from comparisons.exact_mode import SETTINGS, Result
from comparisons.pinned import canary, start

STEPS = 12


@pytest.fixture(scope="module")
def report():
    done = start("comparisons.exact_mode", "--json", "--steps", str(STEPS), capture_output=True, text=True)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_bit_is_equal(report, setting):
    if report["canary"]:
        pytest.skip(report["canary"])
    (result,) = [Result(**result) for result in report["results"] if result["setting"] == setting]
    assert (result.steps, result.difference) == (STEPS, "")
    assert result.equal == result.numbers > STEPS * 20_000 and result.tensors >= STEPS * 14


def test_the_canary_names_what_differs(monkeypatch):
    monkeypatch.delenv("MKL_CBWR", raising=False)
    assert canary().startswith("PyTorch must be started with MKL_CBWR=COMPATIBLE")
