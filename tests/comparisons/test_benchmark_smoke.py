"""The benchmark's implementations do the same work, and its table says what was measured. No time is asserted."""
from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from comparisons import by_hand
from comparisons.benchmark import hand_written, report, timing, workloads
from comparisons.benchmark.__main__ import NAMES
from comparisons.networks import Q_SIZES, draw_weights

WORKLOADS = {**workloads.WORKLOADS, "chain": lambda: workloads.chain_workload(100)}


@pytest.mark.parametrize("make", WORKLOADS.values(), ids=WORKLOADS.keys())
def test_all_implementations_agree(make):
    work = make()
    losses = {name: [step() for _ in range(5)] for name, step in work.steps.items()}
    expected = losses.pop("PyTorch")
    assert all(map(math.isfinite, expected))
    assert {"minigrad"} <= losses.keys() and work.targets.keys() <= work.steps.keys()
    for name, found in losses.items():
        assert name in work.others or found == pytest.approx(expected, rel=2e-6), name


@pytest.mark.parametrize("make", [workloads.q_workload, workloads.policy_workload])
def test_the_steps_train(make):
    for name, step in make().steps.items():
        first = step()
        assert [step() for _ in range(20)][-1] < first, name


def test_hand_written_gradients():
    """Adam hardly notices a gradient's scale, so the losses above would not show it."""
    rng = np.random.default_rng(0)
    weights = draw_weights(Q_SIZES, rng, "float64")
    x, dq = rng.standard_normal((16, 4)), rng.standard_normal((16, 2))
    simple, fast = by_hand.QNetwork(weights), hand_written.Perceptron(weights, 16)
    np.testing.assert_allclose(fast.forward(x), simple.forward(x), rtol=1e-12)
    simple.backward(dq)
    fast.d_outputs[-1][:] = dq
    fast.backward()
    expected = np.concatenate([simple.grads[name].ravel() for name in weights])
    np.testing.assert_allclose(fast.flat_grad, expected, rtol=1e-12, atol=1e-13)


def test_hand_written_adam():
    rng = np.random.default_rng(0)
    W, dW = rng.standard_normal((2, 50))
    simple, fast = by_hand.Adam({"W": W.copy()}, lr=0.1), hand_written.Adam(W.copy(), dW, lr=0.1)
    for _ in range(5):
        dW[:] = rng.standard_normal(50)
        simple.step({"W": dW})
        fast.step()
    np.testing.assert_allclose(fast.param, simple.params["W"], rtol=1e-12)


def test_wrong_results_are_not_timed():
    work = workloads.Workload("Wrong", {"minigrad": lambda: 1.01, "PyTorch": lambda: 1.0}, {})
    with pytest.raises(SystemExit, match="the losses of minigrad, .* are not PyTorch's"):
        report.check_agreement(work)
    with pytest.raises(SystemExit, match="the losses of minigrad"):
        report.check_agreement(workloads.Workload("NaN", {"minigrad": lambda: math.nan, "PyTorch": lambda: 1.0}, {}))


def test_samples_are_taken_in_turns():
    calls: list[str] = []
    contenders = {name: lambda name=name: calls.append(name) for name in "abc"}
    samples = timing.interleaved(contenders, range(4), cpu_time=False)
    assert {name: len(seconds) for name, seconds in samples.items()} == dict.fromkeys("abc", 4)
    assert min(min(seconds) for seconds in samples.values()) > 0
    turns = [a for a, b in zip(calls, [*calls[1:], None]) if a != b]
    assert len(turns) > 3 + 2 * 4  # warm-up in one go each, then at least three turns a round, less those that meet


def test_table():
    samples = {"minigrad": [1e-3, 2e-3, 3e-3], "PyTorch": [2e-3, 4e-3, 6e-3], "NumPy by hand": [1e-3, 1e-3, 1e-3]}
    lines = report.as_table(samples, {"PyTorch": 0.5, "NumPy by hand": 1.5}, operations=10).splitlines()
    assert lines[2].split() == ["minigrad", "100", "µs", "200", "µs", "150", "..", "250"]
    assert lines[3].split()[-6:] == ["0.50", "0.50", "..", "0.50", "<=", "0.5:", "reached"][-6:]
    assert lines[4].endswith("<= 1.5: missed") and "2.00" in lines[4]


def test_the_command(tmp_path):
    target = tmp_path / "times.json"
    done = run("--rounds", "2", "--only", "policy", "import", "--json", str(target))
    assert done.returncode == 0, done.stderr
    for line in ("threads: 1", "NumPy's BLAS: ", "PyTorch, fused", "NumPy by hand", "Import in a fresh interpreter"):
        assert line in done.stdout
    written = json.loads(target.read_text(encoding="utf-8"))
    assert written["environment"]["threads"] == 1
    assert [result["name"] for result in written["results"]] == ["policy", "import"]
    for result in written["results"]:
        assert all(len(seconds) == 2 and min(seconds) > 0 for seconds in result["seconds"].values())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "cnn"], "invalid choice: 'cnn'"),
        (["--rounds", "1"], "--rounds at least 2"),
        (["--threads", "0"], "--threads must be at least 1"),
        (["--json", "no/such/folder/times.json"], "cannot write to"),
    ],
)
def test_bad_arguments(arguments, message):
    done = run(*arguments)
    assert done.returncode != 0
    assert message in done.stderr


def test_every_workload_can_be_named():
    assert NAMES == (*workloads.WORKLOADS, "import")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "comparisons.benchmark", *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=root)
