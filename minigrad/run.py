"""Run an unmodified PyTorch script with minigrad: `minigrad run SCRIPT`, or from Python

    with as_torch():
        import torch.nn.functional as F  # is minigrad.nn.functional
"""

from __future__ import annotations

import builtins
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType, TracebackType
from typing import Any


def run(script: str | os.PathLike[str], arguments: Sequence[str] = ()) -> int:
    """Run a script as `python SCRIPT ARGUMENTS` would, with minigrad under torch's names; returns the exit status.

    What the script raises is reported as Python reports it. SystemExit passes through.
    """
    with as_torch(), main_module(script, arguments) as main:
        try:
            execute(main.__file__, main.__dict__)
        except (Exception, KeyboardInterrupt) as error:
            report(error)
            return 130 if isinstance(error, KeyboardInterrupt) else 1
    return 0


# ---- torch's names


SAFETENSORS = "safetensors.torch"  # another package's, but made of torch


class TorchNames(MetaPathFinder, Loader):
    """Imports minigrad's modules under torch's names: the modules themselves, no second copies."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if not is_torch(name):
            return None
        parent, _, child = name.rpartition(".")
        if parent and callable(getattr(sys.modules[parent], child, None)):  # `torch.tensor` is a function
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return ModuleSpec(name, self) if find_spec(ours(name)) else None

    def exec_module(self, module: ModuleType) -> None:
        sys.modules[module.__name__] = import_module(ours(module.__name__))


def is_torch(name: str) -> bool:
    return name in ("torch", SAFETENSORS) or name.startswith("torch.")


def ours(name: str) -> str:
    """torch.nn -> minigrad.nn"""
    return f"{__package__}.utils.safetensors" if name == SAFETENSORS else __package__ + name.removeprefix("torch")


@contextmanager
def as_torch() -> Iterator[None]:
    """In here `import torch` imports minigrad. A PyTorch imported before is back afterwards."""
    finder = TorchNames()
    real = {name: sys.modules.pop(name) for name in list(sys.modules) if is_torch(name)}
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if is_torch(name)]:
            del sys.modules[name]
        sys.modules.update(real)


# ---- the script as __main__


class Script(ModuleType):
    __file__: str


@contextmanager
def main_module(script: str | os.PathLike[str], arguments: Sequence[str]) -> Iterator[Script]:
    """The module that the script will fill, with sys.argv and sys.path as `python SCRIPT` sets them; all is put back afterwards,
    and modules from the script's own folder are forgotten: their `torch` is minigrad."""
    main = Script("__main__")
    main.__file__ = os.path.abspath(script)
    main.__dict__.update(__builtins__=builtins, __cached__=None)
    main.__spec__ = ModuleSpec(f"{__package__}._worker", None)  # what a process imports that multiprocessing spawns
    os.environ["MINIGRAD_SCRIPT"] = main.__file__
    folder = os.path.dirname(os.path.realpath(script))
    before = sys.argv, sys.path[:], sys.modules["__main__"], set(sys.modules)
    sys.argv = [os.fspath(script), *arguments]
    if not getattr(sys.flags, "safe_path", False):
        sys.path[:1] = [folder]
    sys.modules["__main__"] = main
    try:
        yield main
    finally:
        os.environ.pop("MINIGRAD_SCRIPT", None)
        sys.argv, sys.path[:], sys.modules["__main__"], known = before
        for name in [name for name in sys.modules if name not in known and stands_in(folder, name)]:
            del sys.modules[name]


def stands_in(folder: str, name: str) -> bool:
    """Whether a module (or the package that it belongs to) is a file of that folder."""
    package = name.partition(".")[0]
    file = getattr(sys.modules.get(package), "__file__", None)
    return package != __package__ and file is not None and os.path.dirname(file) in (folder, os.path.join(folder, package))


def execute(script: str, namespace: dict[str, Any]) -> None:
    with open(script, "rb") as file:
        source = file.read()
    exec(compile(source, script, "exec", dont_inherit=True), namespace)


def report(error: BaseException) -> None:
    """Print what a script raised as Python would, its own lines first."""
    chain = [error]
    for one in chain:  # which grows on the way
        one.__traceback__ = without_frames_of(RUNNERS, one.__traceback__)
        chain += [e for e in (one.__cause__, one.__context__) if e is not None and e not in chain]
    sys.excepthook(type(error), error, error.__traceback__)
    if isinstance(error, ModuleNotFoundError) and is_torch(error.name or ""):
        print(f"minigrad has no {error.name}.", file=sys.stderr)


RUNNERS = (__file__, os.path.join(os.path.dirname(__file__), "step.py"))


def without_frames_of(files: Sequence[str], traceback: TracebackType | None) -> TracebackType | None:
    frames = []
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename not in files:
            frames.append(traceback)
        traceback = traceback.tb_next
    for frame, following in zip(frames, [*frames[1:], None]):
        frame.tb_next = following
    return frames[0] if frames else None
