"""Parts of tensors, and parts put together, beside PyTorch: ops/parts.py."""
from __future__ import annotations

import numpy as np
import pytest
from beside import DTYPES, beside, draw, program, table

X = draw(2, 3, 4)
VIEWS = """
x.select(0, 1)
x.select(1, -1)
x.select(-1, 2)
x.select(dim=0, index=0)
t.select(x, 0, t.tensor(1))
x.narrow(1, 0, 2)
x.narrow(1, -2, 2)
x.narrow(1, 3, 0)
x.narrow(1, t.tensor(1), 1)
t.narrow(x, 0, 0, 1)
x.diagonal()
x.diagonal(1)
x.diagonal(-1, 1, 2)
x.diagonal(0, 1, 2)
x.diagonal(dim1=-1, dim2=-2)
x.diagonal(0, 2, 0)
x.transpose(0, 2).diagonal(0, 0, 1)
t.diagonal(x, offset=1, dim1=1, dim2=2)
x.unfold(1, 2, 2)
x.unfold(-1, 3, 4)
x.unfold(dimension=0, size=1, step=1)
x.transpose(0, 2).unfold(0, 2, 2)
x[0, 0].unfold(0, 2, 3)
x[0, 0, 0].unfold(0, 1, 1)
"""
OVERLAPPING = """
x.unfold(1, 2, 1)
x.unfold(2, 3, 1)
x[0, 0].unfold(0, 3, 1)
x.transpose(0, 2).unfold(0, 3, 1)
x.transpose(0, 2)[1:].unfold(1, 2, 1)
"""
SEVERAL = """
x.split(1)
x.split(2, 1)
x.split(3, dim=-1)
x.split(5, 2)
x.split([1, 2], 1)
x.split((0, 2, 0))
x.split(split_size=2)
t.split(x, split_size_or_sections=1)
x.split_with_sizes([1, 2], 1)
x.chunk(2)
x.chunk(2, 1)
x.chunk(3, 2)
x.chunk(5, 2)
x.chunk(1, 2)
t.chunk(x, chunks=2, dim=1)
x[:0].chunk(3)
x[:0].split(2)
x[:0].split(0)
x.unbind()
x.unbind(1)
x.unbind(dim=-1)
x[:, :0].unbind()
"""
JOINED = """
t.cat([x, y])
t.cat((x, y), 1)
t.cat([x, y, x], dim=-1)
t.cat([x, y], axis=2)
t.cat(tensors=[x, y])
t.cat([x])
t.cat([x, y[:, :2]], 1)
t.cat([x, t.zeros(0)])
t.cat([t.zeros(0), x, y], 1)
t.cat([t.zeros(0, requires_grad=True), x])
t.cat([t.zeros(0), t.zeros(0)])
t.cat([x.transpose(0, 1), y.transpose(0, 1)])
t.concat([x, y])
t.concatenate([x, y], axis=1)
t.stack([x, y])
t.stack([x, y], 1)
t.stack((x, y, x), dim=-1)
t.stack([x, y], axis=3)
t.stack([x[0, 0, 0], y[0, 0, 0]])
t.hstack([x, y])
t.hstack([x[0, 0], y[0, 1]])
t.hstack([x[0, 0, 0], y[0, 1, 1]])
t.vstack([x, y])
t.vstack([x[0, 0], y[0, 1]])
t.vstack([x[0, 0, 0], y[0, 1, 1]])
t.vstack([x[0, 0], y[0]])
"""
DIAGONALS = """
t.diag(x[0])
t.diag(x[0], 1)
t.diag(x[0], -2)
t.diag(x[0, 0])
t.diag(x[0, 0], 2)
t.diag(x[0, 0], -1)
x[0, 0].diag()
"""
ERRORS = """
x.select(1, 3)
x.select(1, -4)
x.select(3, 0)
x[0, 0, 0].select(0, 0)
x.narrow(1, 1, 3)
x.narrow(1, 4, 0)
x.narrow(1, -4, 1)
x.narrow(1, 0, -1)
x.narrow(3, 0, 1)
x[0, 0, 0].narrow(0, 0, 1)
x.diagonal(0, 0, 0)
x.diagonal(0, 0, 3)
x[0, 0].diagonal()
t.diag(x)
t.diag(x[0, 0, 0])
x.unfold(1, 4, 1)
x.unfold(1, -1, 1)
x.unfold(1, 1, 0)
x.unfold(3, 1, 1)
x.split([1, 1], 1)
x.split([1, -1, 3], 1)
x.split(0)
x.split(-1)
x.split(1, 3)
x[0, 0, 0].split(1)
x.chunk(0)
x.chunk(-1)
x.chunk(2, 3)
x[0, 0, 0].chunk(1)
x.unbind(3)
x[0, 0, 0].unbind()
t.cat([])
t.cat([x, y[:, :2]], 0)
t.cat([x, y[0]], 0)
t.cat([x, y], 3)
t.cat([x[0, 0, 0], y[0, 0, 0]])
t.cat([x, 1])
t.cat(x)
t.cat(5)
t.stack([])
t.stack([x, y[0]])
t.stack([x, y], 4)
t.stack([x, 1])
t.stack(x)
t.hstack([])
t.vstack([])
x.split(1)[0].mul_(2)
x.chunk(2)[1].zero_()
x.unbind()[0].add_(1)
(x * 1).split(1)[0].mul_(2)
(x * 1).unbind()[1].fill_(2)
"""


@table(VIEWS + OVERLAPPING + SEVERAL)
def test_view(source):
    """Values, gradients, the graph; strides, and where in memory the view begins."""
    f = program(source)
    beside(f, X)

    def layout(t, x):
        found = f(t, x)
        views = found if isinstance(found, tuple) else (found,)
        return [(y.stride(), y.storage_offset(), y._is_view(), y._base is x) for y in views if y.numel()]

    beside(layout, X)


@table(VIEWS + SEVERAL)
def test_view_shares_memory(source):
    f = program(source)

    def write(t, x):
        x = x.detach()
        found = f(t, x)
        for y in found if isinstance(found, tuple) else (found,):
            y.mul_(2).add_(1)
        return x, x._version, found

    beside(write, X)


@table(VIEWS)
def test_view_changed_in_place_under_grad(source):
    f = program(source)

    def change(t, x, w):
        y = x * 1
        v = f(t, y)
        v.mul_(w)
        return y, v

    beside(change, X, np.array(1.5))


@table(SEVERAL)
@pytest.mark.parametrize("used", [0, -1])
def test_one_of_several(source, used):
    """The other pieces have no gradient."""
    f = program(source)
    beside(lambda t, x: (f(t, x) or [x])[used] * 2, X)


@table(JOINED + DIAGONALS)
def test_joined(source):
    f = program(source)
    beside(f, X, X * 2)
    beside(lambda t, x, y: (f(t, x, y).stride(), f(t, x, y)._is_view()), X, X)


@pytest.mark.parametrize("a", DTYPES)
def test_joined_dtypes(a):
    for b in DTYPES:
        for join in ("cat", "stack", "hstack", "vstack"):
            x, y = np.array([1, 0, 3]).astype(a), np.array([2, 1, 0]).astype(b)
            beside(lambda t, x, y, join=join: getattr(t, join)([x, y]), x, y, order=1)
    beside(lambda t, x: t.cat([t.zeros(0), x, t.zeros(0, dtype=t.int16)]), np.ones(3, a), order=1)


@table(VIEWS + SEVERAL + DIAGONALS)
def test_other_dtypes(source):
    for dtype in DTYPES[1:]:
        beside(program(source), X.astype(dtype), order=1)


@table(ERRORS)
def test_error(source):
    beside(program(source), X, X)
