"""The benchmark's contenders do the same work, and its tables say what was measured. No time is asserted."""
from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from comparisons import by_hand
from comparisons.benchmark import flat, fresh, inside, memory, report, timing
from comparisons.benchmark.contenders import BY_HAND, TAPES, TEXTBOOK, Training
from comparisons.benchmark.measurements import EXTRA, TIMED
from comparisons.benchmark.plot import draw
from comparisons.benchmark.workloads import WORKLOADS, Workload

ROOT = Path(__file__).parents[2]
NETWORKS = "qnetwork", "policy", "mnist", "cnn", "gpt", "lstm"


@pytest.mark.parametrize("name", WORKLOADS)
def test_all_contenders_do_the_same_work(name):
    work = WORKLOADS[name]
    results = {contender: [step() for _ in range(3)] for contender, step in work.steps(**work.small).items()}
    expected = results["PyTorch"]
    assert all(map(math.isfinite, expected))
    assert {"minigrad", *work.targets} <= results.keys()
    for contender, found in results.items():
        assert contender in work.others or found == pytest.approx(expected, rel=5e-6), contender


@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_are_those_of_pytorch(name):
    """Adam hardly notices a gradient's scale, so the losses would not show it; and a wrong yardstick is worse than none."""
    work = WORKLOADS[name]
    steps = work.steps(**work.small)
    assert {"minigrad", "PyTorch", "PyTorch, foreach", "PyTorch, fused", BY_HAND, TEXTBOOK} <= steps.keys()
    expected: dict[str, np.ndarray] = {}
    for contender in sorted(steps, key="PyTorch".__ne__):
        training = steps[contender]
        assert isinstance(training, Training)
        training.backward()
        found = dict(training.grads())
        expected = expected or found
        assert found.keys() == expected.keys()
        for param, grad in expected.items():
            np.testing.assert_allclose(found[param], grad, rtol=1e-4, atol=3e-6 * np.abs(grad).max(), err_msg=f"{contender}, {param}")


@pytest.mark.parametrize("name", NETWORKS)
def test_the_steps_train(name):
    work = WORKLOADS[name]
    for contender, step in work.steps(**work.small).items():
        first = step()
        assert [step() for _ in range(10)][-1] < first, contender


def test_hand_written_adam():
    rng = np.random.default_rng(0)
    W, dW = rng.standard_normal((2, 50))
    simple, fast = by_hand.Adam({"W": W.copy()}, lr=0.1), flat.Adam(W.copy(), dW, lr=0.1)
    for _ in range(5):
        dW[:] = rng.standard_normal(50)
        simple.step({"W": dW})
        fast.step()
    np.testing.assert_allclose(fast.param, simple.params["W"], rtol=1e-12)


GRADIENTS = """
import sys, numpy as np
from comparisons.benchmark.workloads import WORKLOADS
tape, *networks = sys.argv[1:]
for name in networks:
    makers = WORKLOADS[name].contenders(**WORKLOADS[name].small)
    expected, found = makers["PyTorch"](), makers[tape]()
    assert abs(expected.backward() - found.backward()) < 1e-5
    for param, grad in expected.grads().items():
        np.testing.assert_allclose(found.grads()[param], grad, rtol=1e-4, atol=3e-6 * np.abs(grad).max(), err_msg=f"{name}, {param}")
print("equal")
"""


@pytest.mark.parametrize("name", TAPES)
def test_gradients_of_the_optional_libraries(name):
    """In a process of its own, for within pytest `autograd` is the folder of tests of that name."""
    done = subprocess.run([sys.executable, "-c", GRADIENTS, name, *NETWORKS], capture_output=True, text=True, cwd=ROOT)
    if done.returncode and done.stderr.rstrip().endswith(f"KeyError: '{name}'"):
        pytest.skip(f"{name} is not installed: pip install -e '.[benchmark]'")
    assert done.stdout == "equal\n", done.stderr


def test_wrong_results_are_not_timed():
    work = Workload("Wrong", dict, {})
    with pytest.raises(SystemExit, match="the losses of minigrad, .* are not PyTorch's"):
        timing.check_agreement(work, {"minigrad": lambda: 1.01, "PyTorch": lambda: 1.0})
    with pytest.raises(SystemExit, match="the losses of minigrad"):
        timing.check_agreement(work, {"minigrad": lambda: math.nan, "PyTorch": lambda: 1.0})


def test_samples_are_taken_in_turns():
    calls: list[str] = []
    contenders = {name: lambda name=name: calls.append(name) for name in "abc"}
    samples = timing.interleaved(contenders, range(4), cpu_time=False)
    assert {name: len(seconds) for name, seconds in samples.items()} == dict.fromkeys("abc", 4)
    assert min(min(seconds) for seconds in samples.values()) > 0
    turns = [a for a, b in zip(calls, [*calls[1:], None]) if a != b]
    assert len(turns) > 3 + 2 * 4  # warm-up in one go each, then at least three turns a round, less those that meet


SAMPLES = {
    "minigrad": [1e-3, 2e-3, 3e-3],
    "PyTorch": [2e-3, 4e-3, 6e-3],
    "PyTorch, fused": [1.25e-3, 2.5e-3, 3.75e-3],
    BY_HAND: [1e-3, 1e-3, 1e-3],
}
TIMES = {"kind": "times", "title": "Work", "operations": 1, "targets": {"PyTorch": 0.9, BY_HAND: 1.5}, "drawn": True, "seconds": SAMPLES}
ENVIRONMENT = {"threads": 1, "NumPy": "2", "NumPy's BLAS": "a BLAS, of some kind", "PyTorch": "2", "PyTorch's kernels": "AVX512", "processor": "one"}


def test_table():
    lines = report.as_table(SAMPLES, TIMES["targets"], operations=10).splitlines()
    assert lines[2].split() == ["minigrad", "100", "µs", "200", "µs", "150", "..", "250"]
    assert lines[3].split()[-4:] == ["0.50", "0.50", "..", "0.50"]  # the target is for the faster form of PyTorch
    assert lines[4].split()[-7:] == ["0.80", "0.80", "..", "0.80", "<=", "0.9:", "reached"]
    assert lines[5].endswith("<= 1.5: missed") and "2.00" in lines[5]


def test_summary(capsys):
    report.summary({"environment": ENVIRONMENT, "results": {"work": TIMES}})
    *_, last = capsys.readouterr().out.splitlines()
    assert last.split() == ["Work", "0.80", "2.00", "0.90", "reached,", "1.50", "missed", "0.40"]


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_plot(tmp_path, suffix):
    target = tmp_path / f"times.{suffix}"
    draw([{"environment": ENVIRONMENT, "results": {"work": TIMES}}], target)
    if suffix == "svg":
        drawn = target.read_text(encoding="utf-8")
        assert "prefers-color-scheme: dark" in drawn and "var(--kept)" in drawn and "var(--missed)" in drawn
        assert "0.80" in drawn and "2.00" in drawn
    assert target.stat().st_size > 1000
    with pytest.raises(SystemExit, match="nothing to draw"):
        draw([{"environment": ENVIRONMENT, "results": {}}], target)


def test_the_command(tmp_path):
    target, picture = tmp_path / "times.json", tmp_path / "times.svg"
    done = run("--threads", "1", "--rounds", "2", "--only", "policy", "operation", "--json", str(target), "--plot", str(picture))
    assert done.returncode == 0, done.stderr
    for line in ("threads: 1", "NumPy's BLAS: ", "PyTorch, fused", "NumPy by hand", "= forward and backward", "by hand / PyTorch"):
        assert line in done.stdout
    (written,) = json.loads(target.read_text(encoding="utf-8"))
    assert written["environment"]["threads"] == 1
    assert [*written["results"]] == ["policy", "operation"]
    assert all(len(seconds) == 2 and min(seconds) > 0 for result in written["results"].values() for seconds in result["seconds"].values())
    again = run("--from-json", str(target))
    assert again.stdout == done.stdout and "<svg" in picture.read_text(encoding="utf-8")


def test_import_is_measured_in_fresh_interpreters(monkeypatch):
    monkeypatch.setattr(fresh, "MODULES", ("minigrad", "numpy"))
    result = fresh.imports(threads=1, rounds=1)
    assert all(len(values) == 2 and min(values) > 0 for quantity in ("seconds", "bytes") for values in result[quantity].values())
    assert min(result["bytes"]["minigrad"]) > min(result["bytes"]["numpy"]) > 1e7


def test_memory_at_the_peak():
    small, large = [memory.measure("peak", 1, workload="mnist", contender="minigrad", settings={"batch": n}) for n in (8, 4096)]
    assert small["imported"] == pytest.approx(large["imported"], rel=0.1)
    assert large["peak"] - small["peak"] > 4088 * (784 + 2 * 512 + 2 * 256) * 4


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process be watched this way")
def test_where_the_processor_is():
    product = "import numpy as np; a = np.ones((600, 600)); print(flush=True)\nwhile True: a @ a"
    for program, expected in ((product, "BLAS"), ("print(flush=True)\nwhile True: pass", "Python")):
        with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
            try:
                process.stdout.readline()
                found = inside.sampled(process.pid, 30)
            except OSError as error:
                pytest.skip(f"the system does not let a process be watched: {error}")
            finally:
                process.kill()
        assert found.get(expected, 0) > 15, found


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "rnn"], "invalid choice: 'rnn'"),
        (["--rounds", "1"], "--rounds at least 2"),
        (["--threads", "0"], "--threads must be at least 1"),
        (["--json", "no/such/folder/times.json"], "cannot write to"),
        (["--plot", "times.gif"], "ends in .svg or .png"),
    ],
)
def test_bad_arguments(arguments, message):
    done = run(*arguments)
    assert done.returncode != 0
    assert message in done.stderr


def test_every_workload_can_be_named():
    assert TIMED == (*WORKLOADS, "import")
    assert not {*EXTRA} & WORKLOADS.keys()
    assert {*inside.NETWORKS} | {*memory.MEASURED} <= WORKLOADS.keys()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "comparisons.benchmark", *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=ROOT)
