"""`minigrad run`: an unmodified PyTorch script with minigrad under torch's names, and nothing left of that afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

import minigrad
from minigrad import cli
from minigrad.run import as_torch, run

ROOT = str(Path(minigrad.__file__).parents[1])

TRAINING = """\
import argparse
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch import Tensor
from torch.distributions import Categorical
from torch.nn.utils import clip_grad_norm_
from torch.utils.data import DataLoader, TensorDataset


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(3, 8)
        self.fc2 = nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.relu(self.fc1(x)))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=1)
    options = parser.parse_args()
    torch.manual_seed(0)
    net = Net()
    optimizer = optim.SGD(net.parameters(), lr=0.5)
    data = TensorDataset(torch.arange(24.0).reshape(8, 3) / 24, torch.arange(8) % 2)
    for step in range(options.steps):
        for x, y in DataLoader(data, batch_size=4, shuffle=True):
            optimizer.zero_grad()
            loss = F.cross_entropy(net(x), y) - 0.1 * Categorical(logits=net(x)).entropy().mean()
            loss.backward()
            clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
        print(f"{loss.item():.4f}")


if __name__ == "__main__":
    main()
"""


@pytest.fixture
def script(tmp_path):
    def write(text, name="train.py"):
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


def process(*arguments, cwd=None):
    environment = dict(os.environ, PYTHONPATH=ROOT)
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, cwd=cwd, env=environment)


def test_a_training_script_prints_what_it_prints_with_pytorch(script):
    path = script(TRAINING)
    ours = process("-m", "minigrad", "run", path, "--steps", "3")
    theirs = process(path, "--steps", "3")
    assert ours.returncode == theirs.returncode == 0, ours.stderr + theirs.stderr
    assert ours.stdout == theirs.stdout
    assert len(ours.stdout.split()) == 3


SELF = """\
import sys
print(sys.argv)
print(sys.path[0])
print(__name__, __file__, sys.modules["__main__"].__dict__ is globals())
import neighbour
print(neighbour.number)
"""


@pytest.mark.parametrize("given", ["{folder}/train.py", "train.py"])
def test_the_script_sees_itself_as_under_python(script, tmp_path, given):
    script("number = 5", "neighbour.py")
    script(SELF)
    given = given.format(folder=tmp_path)
    ours = process("-m", "minigrad", "run", given, "--a", "-h", "--", "b", cwd=tmp_path)
    theirs = process(given, "--a", "-h", "--", "b", cwd=tmp_path)
    assert ours.stdout == theirs.stdout and ours.stdout.endswith("True\n5\n")


def test_the_script_is_found_through_a_link_as_under_python(script, tmp_path):
    script("", "neighbour.py")
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.py"
    link.symlink_to(script("import sys, neighbour\nprint(sys.path[0])\n"))
    assert process("-m", "minigrad", "run", str(link)).stdout == process(str(link)).stdout == f"{tmp_path}\n"


def test_imports_are_the_modules_themselves():
    with as_torch():
        import torch as t
        import torch.nn.functional as F
        import torch.optim
        import torch.utils.data.dataloader as loader
        from torch.nn import Linear
        from torch.utils.data import DataLoader

        assert t is minigrad and F is minigrad.nn.functional and Linear is minigrad.nn.Linear
        assert loader is sys.modules["minigrad.utils.data.dataloader"] and DataLoader is loader.DataLoader
        assert t.nn.__spec__.name == "minigrad.nn"


def test_no_alias_is_left_behind():
    with as_torch():
        import_module("torch.optim.flat")  # which PyTorch does not have
        assert "torch.optim.flat" in sys.modules
    assert "torch.optim.flat" not in sys.modules and "minigrad.optim.flat" in sys.modules


def test_what_minigrad_lacks_is_not_found():
    with as_torch():
        assert find_spec("torch.fx") is None
        assert find_spec("torch.nn").name == "torch.nn"
        with pytest.raises(ModuleNotFoundError, match="No module named 'torch.fx'"):
            import_module("torch.fx")
        with pytest.raises(ModuleNotFoundError, match="No module named 'torch.tensor'"):
            import_module("torch.tensor")  # a module of minigrad's, behind a function that torch has
        assert minigrad.tensor([1.0]).tolist() == [1.0]


def test_pytorch_is_back_afterwards(script, tmp_path):
    script("import torch", "neighbour.py")
    before = sys.argv, sys.path[:], sys.meta_path[:], sys.modules["__main__"]
    real = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "torch"}
    assert len(real) > 100
    assert run(script("import sys, torch.nn, neighbour\nassert torch.__name__ == neighbour.torch.__name__ == 'minigrad'\nsys.path.append('x')"), ["1"]) == 0
    assert (sys.argv, sys.path, sys.meta_path, sys.modules["__main__"]) == before
    assert {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "torch"} == real
    assert "neighbour" not in sys.modules
    assert torch.nn.Linear(1, 1)(torch.ones(1)).requires_grad


def test_pytorch_is_back_after_a_failure(script, capsys):
    assert run(script("import torch\nraise KeyError(torch.__name__)")) == 1
    assert "KeyError: 'minigrad'" in capsys.readouterr().err
    assert sys.modules["torch"] is torch


FAILING = """\
import torch

def loss(x):
    return (x * x).sum()

x = torch.ones(2, requires_grad=True)
y = loss(x)
y.backward()
y.backward()
"""


def test_a_traceback_begins_with_the_students_line(script, capsys):
    path = script(FAILING)
    assert cli.main(["run", path]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[:3] == ["Traceback (most recent call last):", f'  File "{path}", line 9, in <module>', "    y.backward()"]
    assert lines[-1].startswith("RuntimeError: Trying to backward through the graph a second time")
    assert not [line for line in lines if "run.py" in line or "cli.py" in line or "importlib" in line]


@pytest.mark.parametrize(
    "text",
    [
        "1 / 0",
        "def f(:\n",
        "raise SystemExit",
        "import sys; sys.exit(3)",
        "import sys; sys.exit('too bad')",
        "try:\n    import nothing_here\nexcept ImportError as e:\n    raise ValueError('no') from e",
        "try:\n    1 / 0\nexcept ZeroDivisionError:\n    raise ValueError('no')",
        "import sys\nsys.excepthook = lambda kind, error, trace: print('mine', kind.__name__, trace.tb_lineno)\n\n1 / 0",
        "# coding: latin-1\nprint('caf\xe9')\n1 / 0",
        "import warnings\nwarnings.warn('old', DeprecationWarning)",
        "from __future__ import annotations\ndef f(x: nothing): ...\nprint(f.__annotations__)",
        "import atexit; atexit.register(print, 'over')",
        "import pickle\nclass A: pass\nprint(type(pickle.loads(pickle.dumps(A()))) is A)",
        "import inspect\ndef f(): return 1\nprint(inspect.getsource(f))",
        "import dataclasses\n@dataclasses.dataclass\nclass A:\n    x: int\nprint(A(1))",
    ],
)
def test_it_ends_as_under_python(tmp_path, text):
    (tmp_path / "train.py").write_text(text, encoding="latin-1")
    path = str(tmp_path / "train.py")
    ours, theirs = process("-m", "minigrad", "run", path), process(path)
    assert (ours.returncode, ours.stdout, ours.stderr) == (theirs.returncode, theirs.stdout, theirs.stderr)


def test_a_module_that_minigrad_lacks_is_named(script, capsys):
    path = script("try:\n    import torch.fx\nexcept ImportError:\n    import torch.hub\n")
    assert cli.main(["run", path]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[-2:] == ["ModuleNotFoundError: No module named 'torch.hub'", "minigrad has no torch.hub."]
    assert not [line for line in lines if "run.py" in line]


@pytest.mark.parametrize(
    ("name", "message"),
    [("nothing.py", "cannot read 'nothing.py': No such file or directory"), (".", "cannot read '.': Is a directory")],
)
def test_a_script_that_is_not_there(tmp_path, monkeypatch, capsys, name, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stop:
        cli.main(["run", name])
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_exit_codes_pass_through_in_process(script):
    with pytest.raises(SystemExit) as stop:
        cli.main(["run", script("import sys, torch; sys.exit(7)")])
    assert stop.value.code == 7
    assert sys.modules["torch"] is torch


WORKERS = """\
import torch
from torch.utils.data import DataLoader, Dataset

class Squares(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, i):
        return torch.tensor(i * i), torch.__name__

if __name__ == "__main__":
    for batch in DataLoader(Squares(), batch_size=2, num_workers=1, multiprocessing_context="spawn"):
        print(batch[0].tolist(), batch[1])
"""


def test_spawned_workers_run_the_script_the_same_way(script):
    done = process("-m", "minigrad", "run", script(WORKERS))
    assert (done.stdout, done.stderr) == ("[0, 1] ('minigrad', 'minigrad')\n[4, 9] ('minigrad', 'minigrad')\n", "")
