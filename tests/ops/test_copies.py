"""Copies, and writing into tensors, beside PyTorch: ops/copies.py."""
from __future__ import annotations

import math

import numpy as np
import pytest
from beside import DTYPES, beside, draw, program, table

X, Y = draw(2, 3, 4), draw(2, 3, 4, seed=2)
COPIES = """
x.clone()
t.clone(x)
x.transpose(0, 1).clone()
x.permute(2, 0, 1).clone()
x[:, ::2].clone()
x[:, :, ::2].clone()
x[:, :1].expand(2, 3, 4).clone()
x.transpose(0, 1).clone(memory_format=t.contiguous_format)
x.transpose(0, 1).clone(memory_format=t.preserve_format)
x.to(t.float32)
x.mT.to(t.float16)
x.to(t.float64, copy=True)
x.double(), x.float(), x.half()
"""
WRITES = """
x.copy_(y)
x.copy_(y[0])
x.copy_(y[:, :1])
x.copy_(y[0, 0, 0])
x.copy_(y.float())
x.copy_(y.long())
x.copy_(3)
x.copy_(True)
x.mT.copy_(y.mT)
x[0].copy_(y[1])
x[:, 1].copy_(y[:, 0])
x.copy_(x)
x.fill_(2)
x.fill_(2.5)
x.fill_(True)
x.fill_(np.float32(1.5))
x.fill_(y[0, 0, 0])
x.fill_(t.tensor(3))
x[0].fill_(y[0, 0, 0])
x[:, 1].fill_(2)
x.fill_(float('inf'))
x.fill_(float('nan'))
x.zero_()
x[:, 1:].zero_()
x.mT.zero_()
"""
ERRORS = """
x.copy_(y[:, :2])
x.copy_(y[:1, :2])
x[0].copy_(y)
x[0].copy_(y[:1])
x.copy_([1, 2])
x.copy_(np.ones(4))
x.copy_('a')
x.fill_(y[0, 0])
x.fill_('a')
x.fill_([1])
x.float().fill_(1e39)
x.half().fill_(-70000)
x.long().fill_(2**63)
x.to(t.uint8).fill_(256)
x.to(t.uint8).fill_(-256)
x.to(t.int8).fill_(-129.)
x.int().fill_(float('nan'))
x.fill_(2**70)
x[:, :1].expand(2, 3, 4).mul_(2)
"""


@table(COPIES)
def test_copy(source):
    f = program(source)
    beside(f, X)

    def layout(t, x):
        found = f(t, x)
        copies = found if isinstance(found, tuple) else (found,)
        return [(y.stride(), y._is_view(), y is x, y.data_ptr() == x.data_ptr(), y._version) for y in copies]

    beside(layout, X)


@table(WRITES)
@pytest.mark.parametrize("before", ["x * 1", "x.detach()", "x"])
def test_write(source, before):
    f, g = program(source), program(before)

    def run(t, x, y):
        x = g(t, x)
        z = f(t, x, y)
        return x, z, x._version, z._version

    beside(run, X, Y, order=0)
    beside(run, X, Y, tier="T3")


@table(WRITES)
def test_write_into_other_dtypes(source):
    for dtype in DTYPES[1:]:
        if not any(word in source for word in ("inf", "nan")):
            beside(program("y = y.detach(); " + source + "; x"), X.astype(dtype), Y, order=0)


@table(ERRORS)
def test_error(source):
    f = program(source)
    beside(lambda t, x, y: f(t, x.detach(), y), X, Y)

    def after_the_error(t, x, y):
        x = x.detach()
        with pytest.raises(Exception):
            f(t, x, y)
        return x, x._version

    beside(after_the_error, X, Y)


NUMBERS = [0, 1, -1, 2, 127, 128, -128, 255, 256, -255, 300, 40000, 2**31, -(2**31), 2**40, 0.5, -0.5, 1.9, -1.9, 1e10, math.inf, math.nan]


@pytest.mark.parametrize("dtype", DTYPES)
def test_conversion(dtype):
    """Every kind of number as every dtype: what is cut off, what wraps around, what is out of range."""
    for target in DTYPES:
        for value in NUMBERS:
            if dtype[0] == "f" or (isinstance(value, int) and (dtype == "bool" or _holds(dtype, value))):
                beside(lambda t, x: x.to(getattr(t, target)), np.array([value] * 3).astype(dtype), order=1)
                beside(lambda t, x: t.zeros(3, dtype=getattr(t, target)).copy_(x), np.array([value] * 3).astype(dtype), order=1)
    for value in NUMBERS:
        beside(lambda t: t.zeros(2, dtype=getattr(t, dtype)).fill_(value))
        beside(lambda t: t.full((2,), value, dtype=getattr(t, dtype)))


def _holds(dtype: str, value: int) -> bool:
    return np.iinfo(dtype).min <= value <= np.iinfo(dtype).max
