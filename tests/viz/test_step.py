"""`minigrad step`: which backward of a script it traces, with what around it, and what it says when there is none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch as pytorch

import minigrad
from minigrad import cli, viz
from minigrad.step import NotReached, ordinal, record, times
from minigrad.viz.trace import Trace

TRAINING = """\
import sys
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset


class QNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(4, 3)
        self.fc2 = nn.Linear(3, 2)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))


def train_step(net, optimizer, states, actions):
    with torch.no_grad():
        target = net(states).max(1, keepdim=True).values + 1.0
    values = net(states).gather(1, actions)
    loss = F.mse_loss(values, target)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 0.5)
    optimizer.step()
    with torch.no_grad():
        print("after step", len(sys.argv), net(states).sum().item() != 0)


if __name__ == "__main__":
    torch.manual_seed(0)
    net = QNetwork()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
    data = TensorDataset(torch.arange(24.0).reshape(6, 4) / 24, torch.arange(6).reshape(6, 1) % 2)
    for states, actions in DataLoader(data, batch_size=2, shuffle=True):
        train_step(net, optimizer, states, actions)
        print("one batch")
"""


@pytest.fixture
def script(tmp_path):
    def write(text, name="train.py"):
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


def values(trace, number):
    about = trace.arrays[number]
    return np.array(about["values"], float).reshape(about["shape"])


def kinds(trace):
    return [step.kind for step in trace]


@pytest.mark.parametrize("call", [1, 2, 3])
def test_the_nth_backward_with_what_belongs_to_it(script, call, capsys):
    path = script(TRAINING)
    trace = record(path, call=call)
    found = kinds(trace)
    assert found.count("seed") == found.count("zero_grad") == found.count("step") == 1
    assert found[0] == "forward" and found[-1] == "step" and found.index("zero_grad") < found.index("seed")
    assert capsys.readouterr().out.count("one batch") == call - 1

    program = {"__name__": "program"}  # the same with PyTorch
    exec(Path(path).read_text(), program)
    gradients = []
    pytorch.manual_seed(0)
    net = program["QNetwork"]()
    optimizer = pytorch.optim.SGD(net.parameters(), lr=0.5)
    for name, p in net.named_parameters():
        p.register_post_accumulate_grad_hook(lambda p, name=name: gradients.append((f"net.{name}", p.grad.clone().numpy())))
    features = pytorch.arange(24.0).reshape(6, 4) / 24
    data = pytorch.utils.data.TensorDataset(features, pytorch.arange(6).reshape(6, 1) % 2)
    for k, batch in enumerate(pytorch.utils.data.DataLoader(data, batch_size=2, shuffle=True), 1):
        gradients.clear()
        program["train_step"](net, optimizer, *batch)
        if k == call:
            break
    ours = [(trace.nodes[s.node].name, values(trace, s.after)) for s in trace if s.kind == "accumulate"]
    assert [name for name, _ in ours] == [name for name, _ in gradients]
    for (_, a), (_, b) in zip(ours, gradients):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-7)


def test_names_modules_and_lines_are_the_scripts(script):
    path = script(TRAINING)
    trace = record(path, call=2)
    named = {node.name: node for node in trace.nodes.values() if node.name}
    assert {"loss", "values", "target", "net.fc1.weight", "net.fc2.bias"} <= set(named)
    assert {node.module for node in trace.nodes.values() if node.fn == "AddmmBackward0"} == {"net.fc1", "net.fc2"}
    assert {node.code["file"] for node in trace.nodes.values() if node.code} == {path}
    assert named["loss"].code["line"] == TRAINING.splitlines().index("    loss = F.mse_loss(values, target)") + 1
    (why,) = {s.why for s in trace if s.kind == "skip" and trace.nodes[s.to].name == "target"}
    assert why == "no_grad"


SIMPLE = "import torch\nw = torch.tensor(2.0, requires_grad=True)\n"


@pytest.mark.parametrize(
    ("text", "call", "expected"),
    [
        ("(w * w).backward()\n1 / 0", 1, ["forward", "seed"]),  # what comes after is not run to its end, but to the next forward
        ("(w * w).backward()\nw * 2\n1 / 0", 1, ["forward", "seed"]),
        ("(w * w).backward()\n(w * 3).backward()", 2, ["forward", "seed"]),
        ("loss = w * w\nloss.backward(retain_graph=True)\nloss.backward()\nprint('on')", 2, ["forward", "seed"]),
        ("(g,) = torch.autograd.grad(w * w, w, create_graph=True)\ng.backward()", 1, ["forward", "seed", *["forward"] * 3]),
        ("try:\n    (w * w).backward()\nexcept Exception:\n    pass\ntry:\n    w * 3\nfinally:\n    print('left')", 1, ["forward", "seed"]),
        ("try:\n    torch.ones(2).backward()\nexcept RuntimeError:\n    pass\n(w * w).backward()", 1, ["forward", "seed"]),
        ("import sys\n(w * w).backward()\nsys.exit(5)", 1, ["forward", "seed"]),
    ],
)
def test_other_scripts(script, text, call, expected, capsys):
    trace = record(script(SIMPLE + text), call=call)
    found = kinds(trace)
    assert [kind for kind in found if kind in ("forward", "seed")] == expected
    assert ("1 / 0" in text and "w * 2" not in text) == ("ZeroDivisionError" in capsys.readouterr().err)


GLOBALS = """\
import torch

w = torch.tensor([2.0], requires_grad=True)
net = torch.nn.Sequential(torch.nn.Linear(1, 1))

def train():
    loss = error(torch.ones(1))
    loss.backward()

def error(x):
    return (net(x) * w).sum()

train()
"""


def test_names_of_the_scripts_globals(script):
    trace = record(script(GLOBALS))
    leaves = {node.name for node in trace.nodes.values() if node.kind == "leaf"}
    assert leaves == {"w", "net.0.weight", "net.0.bias"}


LOADER = """\
import torch
from torch.utils.data import DataLoader, Dataset

class Halves(Dataset):
    def __len__(self):
        return 2

    def __getitem__(self, i):
        return torch.ones(2) * i / 2

w = torch.tensor(2.0, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
for epoch in range(3):
    for x in DataLoader(Halves(), batch_size=2, num_workers=1):
        loss = (w * x).sum()
        loss.backward()
        optimizer.step()
"""


@pytest.mark.parametrize("call", [1, 2])
def test_workers_go_on_when_the_script_is_about_to_stop(script, capsys, call):
    trace = record(script(LOADER), call=call)
    assert kinds(trace).count("seed") == kinds(trace).count("step") == 1
    assert capsys.readouterr().err == ""


def test_nobody_looks_on_afterwards(script):
    from minigrad.autograd.onlookers import onlookers

    real = sys.modules["torch"]
    record(script(TRAINING), call=2)
    with pytest.raises(NotReached):
        record(script(TRAINING), call=4)
    with pytest.raises(SystemExit):
        record(script("import torch\n1 / 0"))
    assert onlookers == [] and sys.modules["torch"] is real is pytorch


@pytest.mark.parametrize(
    ("text", "call", "message"),
    [
        ("(w * w).backward()", 2, "train.py called backward once, so there is no call 2."),
        ("for _ in range(3): (w * w).backward()", 12, "train.py called backward 3 times, so there is no call 12."),
        ("print(w * w)", 1, "train.py ran to its end and never called backward: there is nothing to step through."),
    ],
)
def test_a_call_that_is_not_made(script, capsys, text, call, message):
    assert cli.main(["step", script(SIMPLE + text), "--call", str(call)]) == 1
    assert capsys.readouterr().err == message + "\n"


@pytest.mark.parametrize(
    ("text", "call", "error", "line"),
    [
        ("(w * w).backward()\n1 / 0", 2, "ZeroDivisionError: division by zero", 4),
        ("loss = w * w\nloss.backward()\nloss.backward()", 2, "RuntimeError: Trying to backward through the graph a second time", 5),
        ("torch.ones(2, requires_grad=True).backward()", 1, "RuntimeError: grad can be implicitly created only for scalar outputs", 3),
        ("torch.ones(1).backward()", 1, "RuntimeError: element 0 of tensors does not require grad", 3),
        ("x = w\nfor _ in range(9000): x = x * 1.5\nx.backward()", 1, "ValueError: this backward has 9,00", 5),
    ],
)
def test_a_script_that_fails(script, capsys, text, call, error, line):
    path = script(SIMPLE + text)
    with pytest.raises(SystemExit) as stop:
        cli.main(["step", path, "--call", str(call)])
    assert stop.value.code == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == ["Traceback (most recent call last):", f'  File "{path}", line {line}, in <module>']
    assert [text for text in lines if text.startswith(error)]
    assert lines[-1] == f"train.py failed before its {ordinal(call)} call of backward was over."
    assert not [text for text in lines if "/step.py" in text or "/run.py" in text or "/cli.py" in text]


def test_exit_codes_of_a_script_without_backward_pass_through(script):
    with pytest.raises(SystemExit) as stop:
        record(script("import sys; sys.exit(5)"))
    assert stop.value.code == 5


def test_words():
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 102, 111)] == "1st 2nd 3rd 4th 11th 12th 13th 21st 102nd 111th".split()
    assert [times(n) for n in (1, 2, 3)] == ["once", "twice", "3 times"]


# ---- the command line


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        (["a", "--lr", "0.1", "b"], ["a", "--lr", "0.1", "b"]),
        (["--call", "1", "--lr", "1", "--", "--call", "7", "-h"], ["--lr", "1", "--call", "7", "-h"]),
        (["--", "--html", "x"], ["--html", "x"]),
        (["x", "--", "y", "--", "z"], ["x", "y", "--", "z"]),
        (["--cal", "3"], ["--cal", "3"]),
    ],
)
def test_arguments_go_to_the_script(script, capsys, given, seen):
    path = script("import sys\nprint(sys.argv)\n" + SIMPLE + "(w * w).backward()")
    assert cli.main(["step", path, *given]) == 0
    assert capsys.readouterr().out.splitlines()[0] == str([path, *seen])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give either a SCRIPT or an --example"),
        (["SCRIPT", "--example", "diamond"], "give either a SCRIPT or an --example"),
        (["--example", "diamond", "--more"], "give either a SCRIPT or an --example"),
        (["--example", "circle"], "invalid choice: 'circle'"),
        (["nothing.py"], "cannot read 'nothing.py': No such file or directory"),
        (["SCRIPT", "--call", "0"], "0 is not between 1 and"),
        (["SCRIPT", "--html", "."], "'.' is a folder"),
        (["SCRIPT", "--html", "SCRIPT/below/x.html"], "cannot write to"),
    ],
)
def test_bad_arguments_are_refused_before_the_script_runs(script, capsys, arguments, message):
    path = script("print('ran')")
    with pytest.raises(SystemExit) as stop:
        cli.main(["step", *[argument.replace("SCRIPT", path) for argument in arguments]])
    shown = capsys.readouterr()
    assert stop.value.code == 2 and message in shown.err and shown.out == ""


def test_help_names_the_examples(capsys):
    with pytest.raises(SystemExit):
        cli.main(["step", "--help"])
    out = " ".join(capsys.readouterr().out.split())
    assert "minigrad step SCRIPT [ARGS ...] [--call N] [--html OUT]" in out
    for name in viz.examples.names():
        assert name in out


@pytest.mark.parametrize("name", viz.examples.names())
def test_examples_print_their_steps(name, capsys):
    assert cli.main(["step", "--example", name]) == 0
    out = capsys.readouterr().out
    assert " ".join(viz.examples.lesson(name).split()) in " ".join(out.split())
    assert out.count("── step ") == len(viz.trace(viz.examples.EXAMPLES[name]))


def test_html_is_written_instead(script, tmp_path, capsys, monkeypatch):
    saved = []
    monkeypatch.setattr(Trace, "save", lambda trace, path: saved.append((len(trace), path)), raising=False)
    out = str(tmp_path / "page.html")
    assert cli.main(["step", script(SIMPLE + "(w * w).backward()"), "--html", out]) == 0
    assert capsys.readouterr().out == f"Written to {out}.\n"
    ((steps, path),) = saved
    assert steps > 3 and path == out


def test_a_pipe_gets_every_step(script):
    environment = dict(os.environ, PYTHONPATH=str(Path(minigrad.__file__).parents[1]), COLUMNS="100")
    command = [sys.executable, "-m", "minigrad", "step", script(SIMPLE + "print('mine')\n(w * w).backward()")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0 and done.stderr == "" and "\x1b" not in done.stdout
    assert done.stdout.startswith("mine\n── step 1 of 7 · forward ─") and done.stdout.endswith("4.            →  4.\n")


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_a_pipe_that_closes_early_is_no_error():
    environment = dict(os.environ, PYTHONPATH=str(Path(minigrad.__file__).parents[1]))
    command = f"{sys.executable} -m minigrad step --example vanishing_gradients | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, env=environment)
    assert done.stdout.count("\n") == 1 and done.stderr == ""


def test_the_trace_of_a_script_is_json(script):
    trace = record(script(TRAINING), call=2)
    assert json.loads(trace.to_json())["source"]["files"] == {script(TRAINING): TRAINING.splitlines()}
