"""Every operation on the samples of PyTorch's operator database: its values and its gradients."""
from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import torch

import minigrad

from ..operators import (
    DTYPES, TIES, UNINITIALISED, array, attempt, call, declared, derivatives, left_out, op_db, ours, samples, tensors,
)  # fmt: skip
from .record import Gauge, Record

TITLE = "Operations"
ABOUT = "Every operation of PyTorch's operator database that minigrad has, on the samples of that database."
FLOATS = DTYPES[:2]
# Values that are no rule of their own, and so declare nothing.
UNDECLARED = {"linspace": 3, "logspace": 3}


def jobs(quick: bool) -> list[int]:
    return [i for i, op in enumerate(op_db) if not left_out(op) and any(dtype in op.dtypes for dtype in FLOATS)]


def measure(job: int, quick: bool) -> list[Record]:
    op = op_db[job]
    name = ".".join(filter(None, (op.name, op.variant_test_name)))
    return [made for dtype in FLOATS if dtype in op.dtypes for made in compare(op, name, dtype, 2 if quick else 25)]


def compare(op: Any, name: str, dtype: torch.dtype, count: int) -> list[Record]:
    """The records of one dtype: of the values, and of the gradients if there are any."""
    values, gradients = Gauge(), Gauge()
    tier = UNDECLARED.get(op.name, 0)
    for sample in samples(op, dtype, count):
        theirs = sample.input, sample.args, sample.kwargs
        try:
            mine = ours(theirs)
        except AttributeError:  # a dtype, layout or memory format that there is none of here
            continue
        found, expected = attempt(call, minigrad, op, mine), attempt(call, torch, op, theirs)
        if isinstance(found, NotImplementedError):  # left out, and it says so
            values.note = str(found)
            continue
        if isinstance(found, Exception) or isinstance(expected, Exception):
            if type(found).__name__ != type(expected).__name__:
                values.fail(f"{found!r} is not {expected!r}"[:200])
            continue
        tier = max(tier, declared(tensors(found)))
        process = sample.output_process_fn_grad or (lambda x: x)
        a_side, b_side = tensors(process(found)), tensors(process(expected))
        if any([y.is_complex() for y in b_side]) or op.name in UNINITIALISED:
            continue
        values.samples += 1
        for a, b in zip(a_side, b_side):
            if not (op.name in TIES and b is b_side[-1]):
                values.add(array(a), array(b))
        if op.supports_autograd:
            compare_gradients(op, gradients, a_side, b_side, mine, theirs)
    made = [values.record("operations", name, f"T{tier}", what="values", dtype=str(dtype)[6:])]
    if gradients.samples:
        made.append(gradients.record("operations", name, "T3", what="gradients", dtype=str(dtype)[6:]))
    return [record for record in made if record.samples or record.note]


def compare_gradients(op: Any, gauge: Gauge, found: Any, expected: Any, mine: Any, theirs: Any) -> None:
    """First derivatives with random cotangents."""
    sides = [attempt(first, *side) for side in ((minigrad, op, found, mine), (torch, op, expected, theirs))]
    if any([isinstance(side, Exception) for side in sides]):
        if type(sides[0]) is not type(sides[1]):
            gauge.fail(f"{sides[0]!r} is not {sides[1]!r}"[:200])
        return
    a_side, b_side = sides
    scale = max([float(np.abs(b).max(initial=0)) for b in b_side if b is not None], default=0.0)
    gauge.samples += bool(b_side)
    for a, b in itertools.zip_longest(a_side, b_side):
        if a is not None and b is not None:
            gauge.add(a, b, 2**18 * float(np.finfo(b.dtype).eps) * (scale if np.isfinite(scale) else 0.0))
        elif not (a is None and b is None):
            gauge.fail("one side has no gradient")


def first(library: Any, op: Any, outputs: list[Any], arguments: Any) -> list[np.ndarray | None]:
    return [None if g is None else array(g) for g in derivatives(library, op, outputs, arguments)[0]]
