"""Every operation on the samples of PyTorch's operator database: its values and its gradients."""
from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import torch

import minigrad

from ..operators import (
    DTYPES,
    FAILED,
    THEIR_MISTAKES,
    TIES,
    UNDECLARED,
    UNINITIALISED,
    allowed,
    array,
    attempt,
    call,
    declared,
    grade,
    gradients,
    left_out,
    magnitudes,
    op_db,
    ours,
    samples,
    tensors,
)
from .record import Gauge, Record

TITLE = "Operations"
ABOUT = "Every operation of PyTorch's operator database that minigrad has, on the samples of that database."
FLOATS = DTYPES[:2]


def jobs(quick: bool) -> list[int]:
    return [i for i, op in enumerate(op_db) if not left_out(op) and any(dtype in op.dtypes for dtype in FLOATS)]


def measure(job: int, quick: bool) -> list[Record]:
    op = op_db[job]
    name = ".".join(filter(None, (op.name, op.variant_test_name)))
    return [made for dtype in FLOATS if dtype in op.dtypes for made in compare(op, name, dtype, 1 if quick else 25)]


def compare(op: Any, name: str, dtype: torch.dtype, count: int) -> list[Record]:
    """The records of one dtype: of the values, and of the gradients if there are any."""
    values, slopes = Gauge(), Gauge()
    tier = UNDECLARED.get(op.name, 0)
    values.note = THEIR_MISTAKES.get((op.name, "first"), "")
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
        for k, (a, b) in enumerate(zip(a_side, b_side)):
            if not (op.name in TIES and b is b_side[-1]):
                x, y, scale = array(a), array(b), float(op.name == "sinc")  # PyTorch's pi is rounded
                if grade(x, y, scale, allowed(op)) == FAILED and y.dtype.kind == "f":
                    scales = magnitudes(op, theirs, process)
                    scale = scales[k] if len(scales) == len(b_side) and scales[k].shape == y.shape else scale
                values.add(x, y, scale, allowed(op))
        if op.supports_autograd and (op.name, "first") not in THEIR_MISTAKES:
            compare_gradients(slopes, a_side, b_side, mine, theirs, allowed(op, "first"))
    made = [values.record("operations", name, f"T{tier}", what="values", dtype=str(dtype)[6:])]
    if slopes.samples:
        made.append(slopes.record("operations", name, "T3", what="gradients", dtype=str(dtype)[6:]))
    return [record for record in made if record.samples or record.note]


def compare_gradients(gauge: Gauge, found: Any, expected: Any, mine: Any, theirs: Any, factor: int) -> None:
    """First derivatives with random cotangents."""
    a_side, b_side = [attempt(first, *side) for side in ((minigrad, found, mine), (torch, expected, theirs))]
    if isinstance(a_side, Exception) or isinstance(b_side, Exception):
        if type(a_side).__name__ != type(b_side).__name__:
            gauge.fail(f"{a_side!r} is not {b_side!r}"[:200])
        return
    gauge.samples += bool(b_side)
    scale = max([float(np.abs(b[np.isfinite(b)]).max(initial=1)) for b in b_side if b is not None], default=1.0)  # cotangents are about 1
    for a, b in itertools.zip_longest(a_side, b_side):
        if a is not None and b is not None:
            gauge.add(a, b, scale, factor)
        elif a is not b:
            gauge.fail("one side has no gradient")


def first(library: Any, outputs: list[Any], arguments: Any) -> list[np.ndarray | None]:
    leaves = [t for t in tensors(arguments) if t.requires_grad and t.is_leaf]
    outputs = [y for y in outputs if y.requires_grad and y.dtype.is_floating_point]
    found = gradients(library, outputs, leaves, 1, False) if outputs and leaves else []
    return [None if g is None else array(g) for g in found]
