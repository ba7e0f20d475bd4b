"""What is refused, and with which words: the error inputs of PyTorch's databases."""
from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch.testing._internal.common_modules import module_db
from torch.testing._internal.common_optimizers import optim_db

import minigrad

from ..operators import FAILED, Tally, check_errors, left_out, op_db, words
from . import modules, optimizers
from .record import Record

TITLE = "Error messages"
ABOUT = "Every call that PyTorch's databases of operations, modules and optimizers list as an error: the same exception, the same words."


def jobs(quick: bool) -> list[tuple[str, int]]:
    operations = [("operations", i) for i, op in enumerate(op_db) if not left_out(op) and op.error_inputs_func is not None]
    layers = [("modules", i) for i in modules.jobs(quick) if module_db[i].module_error_inputs_func is not None]
    return operations + layers + [("optimizers", i) for i in optimizers.jobs(quick)]


def measure(job: tuple[str, int], quick: bool) -> list[Record]:
    kind, i = job
    if kind == "operations":
        tally = Tally()
        check_errors(op_db[i], tally)
        counts = tally.grades["errors"]
        return as_record(op_db[i].name, sum(counts.values()), counts[FAILED], tally.failures)
    attempts = of_module(module_db[i]) if kind == "modules" else of_optimizer(optim_db[i])
    pairs = [(said(theirs), said(mine)) for theirs, mine in attempts]
    different = [f"{mine} is not {theirs}" for theirs, mine in pairs if mine != theirs]
    name = module_db[i].module_cls.__name__ if kind == "modules" else optim_db[i].name
    return as_record(name, len(pairs), len(different), different)


def as_record(name: str, count: int, different: int, notes: list[str]) -> list[Record]:
    if not count:
        return []
    note = " ".join(notes[0].split()) if notes else ""
    return [Record("messages", name, "errors", samples=count, equal=1 - different / count, kept=not different, note=note)]


Attempt = Callable[[], Any]


def of_module(info: Any) -> list[tuple[Attempt, ...]]:
    """Each error of a module's list, as a call on PyTorch and the same on minigrad."""
    pairs = []
    for case in info.module_error_inputs_func(info, device="cpu", dtype=torch.float64, requires_grad=False, training=True):
        sample = case.module_error_input
        made = sample.constructor_input.args, sample.constructor_input.kwargs
        called = (sample.forward_input.args, sample.forward_input.kwargs) if sample.forward_input else None
        made_here, called_here = modules.ours((made, called), {})
        ours = getattr(minigrad.nn, info.module_cls.__name__)
        pairs.append((partial(use, info.module_cls, made, called), partial(use, ours, made_here, called_here)))
    return pairs


def use(kind: Any, made: Any, called: Any) -> Any:
    module = kind(*made[0], **made[1])
    return module(*called[0], **called[1]) if called else module


def of_optimizer(info: Any) -> list[tuple[Attempt, ...]]:
    pairs = []
    for case in info.optim_error_inputs_func("cpu", torch.float32):
        given = case.optimizer_error_input
        params = [torch.nn.Parameter(torch.ones(2, 2))] if given.params is None else given.params
        theirs = params, given.kwargs
        sides = ((info.optim_cls, *theirs), (getattr(minigrad.optim, info.name), *modules.ours(theirs, {})))
        pairs.append(tuple([partial(kind, p, **options) for kind, p, options in sides]))
    return pairs


def said(attempt: Attempt) -> str:
    """The exception and its words, with the package's name as PyTorch has it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            attempt()
        except Exception as error:
            return f"{type(error).__name__}: {words(error)}".replace("minigrad", "torch")
    return "no error"
