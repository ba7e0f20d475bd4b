"""Which of the names that real programs use are here: those of `api_surface.txt`, looked up in minigrad and in PyTorch.

A name is supported if minigrad has it, and takes the same parameters in the same order where PyTorch's are known to Python (what is
written in C++ keeps them to itself: `comparisons.operators` calls that). It differs if `DIFFERS` says how. Else it is absent, as a
whole or as to some parameter.
"""
from __future__ import annotations

import argparse
import inspect
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import torch

import minigrad

from .table import table

SURFACE = Path(__file__).with_name("api_surface.txt")

DIFFERS = {  # the name, and what is otherwise than in PyTorch on a CPU
    "torch.norm": "out= and dtype= by name only",
    "torch.split": "its first parameter is named input, not tensor",
    "torch.Tensor.split": "its first parameter is named split_size_or_sections too",
    "torch.compile": "returns what it is given: nothing is compiled",
    "torch.bfloat16": "can be named; a tensor of it is refused, for NumPy has no such dtype",
    "torch.autograd.gradcheck": "no checks of forward mode, vmap and sparse masks, which there are not here",
    "torch.distributed.init_process_group": "raises: there is one process",
    "torch.amp.autocast": "on the CPU only with enabled=False",
    "torch.amp.GradScaler": "on the CPU only with enabled=False",
    "torch.onnx": "export raises",
}

# What carries its members only when it is made.
EXAMPLES: dict[str, Callable[[Any], Any]] = {
    "torch.Tensor": lambda t: t.ones(1, 1),
    "torch.nn.Module": lambda t: t.nn.Linear(1, 1),
    "torch.optim.Optimizer": lambda t: t.optim.SGD([t.ones(1)]),
}
# Counted as a tensor's, and meant of what `x.max(dim)` returns.
CONTAINED = {f"torch.Tensor.{name}": "of what max, sort and topk return" for name in ("values", "indices")}
STATUSES = ("supported", "differs", "absent")
ANY_POSITIONAL, ANY_NAMED = inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD
BY_PLACE = inspect.Parameter.POSITIONAL_OR_KEYWORD


class Name(NamedTuple):
    """A name, how many programs use it, and what was found of it."""

    name: str
    count: int
    status: str = ""
    note: str = ""


def surface(text: str) -> Iterator[Name]:
    """The names of the list, most used first in each room."""
    for line in text.splitlines():
        if line and not line.startswith("#"):
            owner, members = line.split(": ")
            for member in members.split(", "):
                name, count = member.split(" ")
                yield Name(name if owner == "modules" else f"{owner}.{name}", int(count))


def find(library: Any, name: str) -> Any:
    """What a name beginning with `torch.` stands for in a library. AttributeError if for nothing."""
    found, path = library, "torch"
    for part in name.split(".")[1:]:
        path = f"{path}.{part}"
        try:
            found = getattr(found, part)
        except AttributeError as error:
            try:
                found = import_module(path.replace("torch", library.__name__, 1))
            except ModuleNotFoundError:
                raise error from None
        if path in EXAMPLES and path != name:
            found = EXAMPLES[path](library)
    return found


def parameters(function: Any) -> dict[str, Any] | None:
    """What a function or a class is called with, by name, and of which kind; None where that is not known, as of functions in C++."""
    if not callable(function) or getattr(function, "__name__", "").startswith("__"):  # operators are not called by name
        return None
    try:
        found = dict(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return None
    if hasattr(function, "__wrapped__"):  # which may add an `out=`
        added = inspect.signature(function, follow_wrapped=False).parameters
        found.update({name: p for name, p in added.items() if p.kind is p.KEYWORD_ONLY})
    return {p.name: p.kind for p in found.values() if p.name != "self" and not p.name.startswith("_")}


def missing(ours: Any, theirs: Any) -> str:
    """What makes a call of PyTorch's impossible: no such parameter, or another order."""
    if callable(ours) != callable(theirs):
        return "is no function" if callable(theirs) else "is a function"
    here, there = parameters(ours), parameters(theirs)
    if here is None or there is None:
        return ""
    kinds = set(here.values())
    named = [name for name, kind in there.items() if kind not in (ANY_POSITIONAL, ANY_NAMED)]
    if (unknown := [name for name in named if name not in here]) and ANY_NAMED not in kinds:
        return f"has no parameter {', '.join(unknown)}"
    by_place = [[name for name, kind in side.items() if kind is BY_PLACE] for side in (here, there)]
    swapped = by_place[0][: len(by_place[1])] != by_place[1] and ANY_POSITIONAL not in kinds
    return f"has its parameters in another order: {', '.join(by_place[0])}" if swapped else ""


def look(name: Name) -> Name:
    """The name with its status."""
    if name.name in CONTAINED:
        return name._replace(status="supported", note=CONTAINED[name.name])
    theirs = find(torch, name.name)
    try:
        ours = find(minigrad, name.name)
    except AttributeError as error:
        return name._replace(status="absent", note=str(error))
    if name.name in DIFFERS:
        return name._replace(status="differs", note=DIFFERS[name.name])
    note = missing(ours, theirs)
    return name._replace(status="absent" if note else "supported", note=note)


def summary(names: Sequence[Name]) -> str:
    counts = Counter([name.status for name in names])
    found = [f"{counts[s]} {'differ' if s == 'differs' and counts[s] != 1 else s}" for s in STATUSES]
    return f"{len(names)} name{'s' * (len(names) != 1)}: {', '.join(found)}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m comparisons.coverage", description=__doc__)
    for status in STATUSES:
        parser.add_argument(f"--{status}", action="append_const", dest="wanted", const=status, help=f"list only what is {status}")
    wanted = parser.parse_args(arguments).wanted or STATUSES
    names = [look(name) for name in surface(SURFACE.read_text())]
    listed = [(name.name, name.status, f"{name.count:8}", name.note) for name in names if name.status in wanted]
    for line in table([("name", "status", "programs", ""), *listed], left=4).splitlines() if listed else ():
        print(line)
    print(f"\n{summary(names)}")
    return int(any([name.status == "absent" for name in names]))


if __name__ == "__main__":
    raise SystemExit(main())
