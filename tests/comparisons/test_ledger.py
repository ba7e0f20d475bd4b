"""The parity ledger: that it measures what is there, notices what is wrong, and shows both."""
from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest

import comparisons.__main__ as command
import minigrad
from comparisons.ledger import (
    accuracy,
    messages,
    modules,
    operations,
    optimizers,
    order,
    plots,
    streams,
    text,
    training,
)
from comparisons.ledger.page import page
from comparisons.ledger.record import STEPS, Gauge, Record
from comparisons.ledger.report import Report
from comparisons.ledger.run import SECTIONS, run, section
from comparisons.operators import op_db

TANH = next(i for i, op in enumerate(op_db) if op.name == "tanh")
LINEAR = next(i for i, info in enumerate(modules.module_db) if info.module_cls.__name__ == "Linear")
SGD = next(i for i, info in enumerate(optimizers.optim_db) if info.name == "SGD")


# ---- the gauge


def test_a_gauge_counts():
    gauge = Gauge()
    one = np.array([1.0, 1.0, -0.0, np.nan])
    gauge.add(np.array([1.0, np.nextafter(1, 2), 0.0, np.nan]), one)
    record = gauge.record("operations", "x", "T1")
    assert (record.numbers, record.equal, record.ulps, record.kept) == (4, 0.5, 1.0, True)
    assert record.relative == 2.0**-52
    assert record.histogram == [3, 1, *[0] * (len(STEPS) - 2)]
    assert not gauge.record("operations", "x", "T0").kept


def test_what_does_not_fit_is_no_promise_kept():
    gauge = Gauge()
    gauge.add(np.zeros(2), np.zeros(3))
    record = gauge.record("operations", "x", "T3")
    assert not record.kept and "float64[2] is not float64[3]" in record.note


def test_terms_that_cancel():
    mine, theirs = np.array([1e-16]), np.array([3e-16])
    for scale, relative in ((0.0, 2 / 3), (1.0, 2e-16)):
        gauge = Gauge()
        gauge.add(mine, theirs, scale)
        assert gauge.relative == pytest.approx(relative)


# ---- the sections: each measures, and notices what is broken


@pytest.mark.parametrize(("name", "job"), [
    ("operations", TANH), ("modules", LINEAR), ("optimizers", SGD), ("accuracy", "exp"), ("order", 0), ("streams", 0),
    ("messages", ("optimizers", SGD)), ("training", ("steps", "float64")),
])  # fmt: skip
def test_a_section_measures(name, job):
    found = section(name).measure(job, True)
    assert found and all(record.section == name and record.samples for record in found)
    assert all(record.kept for record in found), [record for record in found if not record.kept]
    assert job in section(name).jobs(True)
    assert len(section(name).jobs(False)) >= len(section(name).jobs(True)) > 0


def slightly_off(function):
    return lambda *args, **kwargs: function(*args, **kwargs) * (1 + 2.0**-40)


def test_a_wrong_value_is_noticed(monkeypatch):
    forward = minigrad.ops.elementary.Tanh.forward
    monkeypatch.setattr(minigrad.ops.elementary.Tanh, "forward", lambda x: forward(x) * (1 + 2.0**-40))
    values, gradients, *_ = operations.measure(TANH, True)
    assert values.what == "values" and not values.kept and values.ulps > 100


def test_a_wrong_gradient_is_noticed(monkeypatch):
    monkeypatch.setattr("minigrad.ops.elementary.Tanh.grad_x", lambda grad, out: grad * (1 + out * out))
    values, gradients, *_ = operations.measure(TANH, True)
    assert values.kept and gradients.what == "gradients" and not gradients.kept
    monkeypatch.undo()
    assert all(record.kept for record in operations.measure(TANH, True))


def test_a_wrong_layer_is_noticed(monkeypatch):
    forward = minigrad.nn.Linear.forward
    monkeypatch.setattr(minigrad.nn.Linear, "forward", lambda layer, input: forward(layer, input) + 1e-3)
    assert not modules.measure(LINEAR, True)[0].kept


def test_a_wrong_step_is_noticed(monkeypatch):
    step = minigrad.optim.SGD.step

    def wrong(self):
        step(self)
        for p in self.param_groups[0]["params"]:
            p.detach().mul_(1 + 1e-5)

    monkeypatch.setattr(minigrad.optim.SGD, "step", wrong)
    assert not any(record.kept for record in optimizers.measure(SGD, True))


def test_another_order_is_noticed(monkeypatch):
    visited = order.visited
    monkeypatch.setattr(order, "visited", lambda t, seed: visited(t, seed)[:: -1 if t is minigrad else 1])
    (record,) = order.measure(0, True)
    assert not record.kept and record.equal == 0 and "call 0 is" in record.note


def test_another_draw_is_noticed(monkeypatch):
    monkeypatch.setattr(minigrad, "rand", lambda *args, **kwargs: minigrad.zeros(args[0], dtype=kwargs["dtype"]))
    assert not any(record.kept for record in streams.measure(0, True))


def test_other_words_are_noticed(monkeypatch):
    monkeypatch.setattr(messages, "said", lambda attempt: repr(attempt))
    (record,) = messages.measure(("optimizers", SGD), True)
    assert not record.kept and record.equal == 0


def test_a_worse_result_is_noticed(monkeypatch):
    monkeypatch.setattr(minigrad, "exp", slightly_off(minigrad.exp))
    double, single = accuracy.measure("exp", True)
    assert not double.kept and double.errors["minigrad"][0] > 1000 * double.errors["PyTorch"][0]
    assert not text.broken([double])  # no promise, but told


@pytest.mark.parametrize("name", ["matmul, inner size 4", "nn.functional.conv2d", "softmax", "nn.functional.layer_norm", "pow"])
def test_references(name):
    """Both engines are within a few units of the exact value: so that value is right."""
    for record in accuracy.measure(name, True):
        assert 0 < max(worst for worst, _ in record.errors.values()) < 10


@pytest.mark.parametrize("name", ["digamma", "std", "nn.functional.binary_cross_entropy_with_logits"])
def test_no_less_accurate_than_pytorch(name):
    assert all(record.kept for record in accuracy.measure(name, False))


# ---- how it is shown


@pytest.fixture(scope="module")
def report():
    jobs = (("operations", TANH), ("accuracy", "exp"), ("order", 0), ("training", ("steps", "float64")))
    records = [record for name, job in jobs for record in section(name).measure(job, True)]
    records.append(Record("training", "drift", dtype="float64", series={"minigrad": [0.0, 1e-16], "PyTorch": [1e-16, 1e-15]}, equal=math.nan))
    records.append(Record("messages", "<broken>", kept=False, ulps=math.inf, note="one & another", samples=1))
    return Report({"PyTorch": "2"}, True, 1.0, records)


def test_json_and_back(report):
    again = Report.from_json(report.to_json())
    assert repr(again) == repr(report)  # nan is not equal to nan


def test_the_page_needs_nothing_else(report):
    found = page(report)
    assert not re.search(r'(src|href)="(?!#)', found) and "url(http" not in found and "@import" not in found
    assert "&lt;broken&gt;" in found and "one &amp; another" in found and "<broken>" not in found
    assert found.count("<svg") == found.count("</svg>") == 4
    ids = re.findall(r'\sid="([^"]+)"', found)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", found)) <= set(ids)
    assert not re.search("|".join(plots.COLOURS), found)


def test_the_text(report):
    assert re.search(r"^tanh +values +T1 +1 .* yes$", text.ledger(report.records), re.MULTILINE)
    assert re.search(r"^<broken> .* BROKEN$", text.ledger(report.records), re.MULTILINE)
    assert [record.name for record in text.broken(report.records)] == ["<broken>"]
    assert "100 %" == text.percent(1) and text.percent(1 - 1e-9) == "99.99 %" and text.percent(0.5) == "50 %"


def test_the_command(tmp_path, monkeypatch, capsys):
    options = ["--quick", "--only", "order", "--summary", "--json", str(tmp_path / "x.json")]
    monkeypatch.setattr("sys.argv", ["comparisons", *options])
    monkeypatch.setattr(order, "jobs", lambda quick: [0, 1])
    monkeypatch.setattr(command, "run", lambda names, quick, processes: [r for k in order.jobs(quick) for r in order.measure(k, quick)])
    assert command.main() == 0
    assert "2 of 2" in capsys.readouterr().out
    assert len(Report.from_json((tmp_path / "x.json").read_text()).records) == 2


def test_a_pool_keeps_the_order():
    names = [record.name for record in run(["order"], quick=True, processes=2, progress=False)]
    assert names == [f"random graphs {25 * k} to {25 * k + 24}" for k in order.jobs(True)]


def test_the_readme_has_a_line_per_section():
    readme = Path(command.README).read_text(encoding="utf-8")
    table = readme[readme.index(command.BEGIN) : readme.index(command.END)]
    assert [f"| {section(name).TITLE} " in table for name in SECTIONS] == [True] * len(SECTIONS)
    assert training.TITLE in table
