"""gather, scatter, index_select and their like beside PyTorch: ops/gathering.py."""
from __future__ import annotations

import numpy as np
import pytest
import torch
from beside import DTYPES, beside, draw, program, table

X, Y, I = draw(3, 4), draw(3, 4, seed=2), np.array([[0, 1, 2, 0], [1, 2, 0, 1]])
GATHER = """
x.gather(0, z)
x.gather(1, z)
x.gather(-1, z)
x.gather(1, z[:, :1])
x.gather(0, z.int())
t.gather(x, dim=1, index=z)
x.gather(1, t.zeros(3, 2, dtype=t.int64))
x.gather(0, t.zeros(5, 4, dtype=t.int64))
x.gather(0, t.zeros(0, dtype=t.int64))
x.gather(0, t.zeros(0, 4, dtype=t.int64))
x.gather(0, t.zeros(0, dtype=t.uint8))
x.mT.gather(0, z.mT)
x.mT.gather(1, z.mT)
x[:, ::2].gather(1, z[:, :2] % 2)
x[0, 0].gather(0, t.tensor(0))
x[0, 0].gather(0, t.tensor([0, 0]))
x[0].gather(0, t.tensor(2))
x[None].gather(1, z[None])
x.take_along_dim(z)
x.take_along_dim(t.tensor([[0], [1], [2]]), 1)
x.take_along_dim(t.tensor([[0, -1, 2, 0]]), 0)
x.take_along_dim(x.argsort(dim=1), dim=1)
t.take_along_dim(x, z, 0)
x.scatter(0, z, 9.)
x.scatter(1, z, value=2)
x.scatter(0, z, y[:2])
x.scatter(1, z, y[1:])
x.scatter(1, z, src=y[:2])
x.scatter(0, z[:1], y[:1])
x.scatter(0, z.mT[:3, :2], y[:, :2])
x.mT.scatter(0, z.mT, y[:2].mT)
x.mul(1).scatter_(0, z, 9.)
x.mul(1).scatter_(1, z, y[:2])
x.scatter_(0, z, 9.)
t.zeros(2, 3).scatter_(1, t.tensor([[1], [2]]), 1.0)
x[0].scatter(0, t.tensor([1, 0]), y[1, :2])
x[0, 0].scatter(0, t.tensor(0), y[1, 1])
x.scatter_add(0, z, y[:2])
x.scatter_add(1, z, y[:2])
x.scatter_add(0, z[:1], y[2:])
x.scatter_add(1, t.zeros(3, 4, dtype=t.int64), y)
x.mT.scatter_add(0, z.mT, y[:2].mT)
x.mul(1).scatter_add_(0, z, y[:2])
t.zeros(3).scatter_add_(0, t.tensor([0, 0, 1, 0]), y[0])
x.index_select(0, t.tensor([0, 2]))
x.index_select(1, t.tensor([0, 2, 2, 0]))
x.index_select(-1, t.tensor([0], dtype=t.int32))
x.index_select(0, t.tensor(1))
x.index_select(0, t.tensor([], dtype=t.int64))
x.mT.index_select(0, t.tensor([3, 0, 3]))
x[0, 0].index_select(0, t.tensor([0]))
x[0, 0].index_select(0, t.tensor(0))
t.index_select(x, 0, t.tensor([1]))
x.index_add(0, t.tensor([0, 2, 0]), y)
x.index_add(1, t.tensor([0, 0, 3]), y[:, :3], alpha=2)
x.index_add(-1, t.tensor([1], dtype=t.int32), y[:, 1:2])
x.mul(1).index_add_(0, t.tensor([1, 1, 1]), y)
x[0].index_add(0, t.tensor([0, 2]), y[0, :2], alpha=0.5)
x[0, 0].index_add(0, t.tensor(0), y[1, 1])
x.index_add(0, t.tensor(1), y[:1])
x.index_copy(0, t.tensor([0, 2]), y[:2])
x.index_copy(1, t.tensor([3, 1]), y[:, :2])
x.mul(1).index_copy_(1, t.tensor([2, 0]), y[:, 1:3])
x[0].index_copy(0, t.tensor(2), y[0, 0])
x.index_fill(0, t.tensor([0, 2]), 9)
x.index_fill(1, t.tensor([0, -1]), y[0, 0].detach())
x.index_fill(1, t.tensor([1, 1]), y[0, 0])
x.mul(1).index_fill_(1, t.tensor([0, 2]), 2.5)
x.mul(1).index_fill_(0, t.tensor(1), y[0, 0])
x.take(t.tensor([0, 5, -1, 5]))
x.take(t.tensor([[0, 5], [1, 2]]))
x.mT.take(t.tensor([1, 2]))
t.take(x, t.tensor(3))
"""
ERRORS = """
x.gather(0, [0])
x.gather(0, z.float())
x.gather(0, z.short())
x.gather(0, z[0])
x.gather(0, z + 2)
x.gather(0, z - 1)
x.gather(2, z)
x.gather(1, t.zeros(4, 1, dtype=t.int64))
x.gather(0, t.zeros(1, 5, dtype=t.int64))
x.take_along_dim(t.tensor([0, 1]), 0)
x.take_along_dim(t.tensor([[0., 1]]), 0)
x.take_along_dim(t.zeros(2, 2, dtype=t.int64), 0)
x.scatter(0, z, t.ones(1, 4, dtype=t.float64))
x.scatter(0, z, y.float())
x.scatter(0, z + 2, 1.)
x.scatter(0, z, y, reduce='foo')
x.scatter(0, t.zeros(1, 5, dtype=t.int64), 1.)
x.scatter(0, z.float(), 1.)
x.float().scatter(0, z, 1e39)
x.scatter_add(0, z, 2.)
x.scatter_add(0, z, y[:1])
x.scatter_add(0, z.float(), y)
x.scatter_add(0, z, y.float())
x.index_select(0, t.tensor([0, 3]))
x.index_select(0, t.tensor([-1]))
x.index_select(0, t.tensor([[0]]))
x.index_select(0, t.tensor([0.]))
x.index_select(2, t.tensor([0]))
x.index_select(0, [0])
x[0, 0].index_select(0, t.tensor([0, 0]))
x.index_add(0, t.tensor([0, 2]), y)
x.index_add(0, t.tensor([0, 2, 1]), y[:, :3])
x.index_add(0, t.tensor([0, 3, 1]), y)
x.index_add(0, t.tensor([0, -1, 1]), y)
x.index_add(0, t.tensor([0., 2, 1]), y)
x.index_add(0, t.tensor([[0]]), y)
x.index_add(0, t.tensor([0, 1, 2]), y.float())
x[0].index_add(0, t.tensor(2), y[0, 0])
x.index_copy(1, t.tensor([0, 9]), y[:, :2])
x.index_copy(1, t.tensor([0]), y[:, :2])
x.index_copy(1, t.tensor([0., 1]), y[:, :2])
x.index_copy(1, t.tensor([0, 1]), y.float())
x.index_copy(1, t.tensor([0, 1]), y[:2, :2])
x.index_copy(1, t.tensor([[0, 1]]), y)
x.index_fill(1, t.tensor([0, 7]), 2.)
x.index_fill(1, t.tensor([0, -5]), 2.)
x.index_fill(1, t.tensor([0.]), 2.)
x.index_fill(1, t.tensor([[0]]), 2.)
x.index_fill(1, t.tensor([0]), y[0])
x.take(t.tensor([12]))
x.take(t.tensor([-13]))
x.take(t.tensor([0.]))
x.take(t.tensor([0], dtype=t.int32))
x.take([0])
x[:0].take(t.tensor([0]))
"""


def tier(source):
    """The gradient of a value that was written in many places is a sum, which is not taken in PyTorch's order."""
    return "T3" if "fill" in source else None


@table(GATHER)
def test_program(source):
    f = program(source)
    beside(f, X, Y, I, order=0)
    beside(f, X, Y, I, tier=tier(source))
    beside(lambda t, x, y, z: f(t, x, y, z).is_contiguous(), X, Y, I)


@table(GATHER)
def test_other_dtypes(source):
    for dtype in DTYPES[1:]:
        if dtype[0] == "f" or not any(word in source for word in ("alpha", "2.5", "argsort")):
            beside(program(source), X.astype(dtype), Y.astype(dtype), I, order=1, tier=tier(source) or ("T3" if dtype == "float16" else None))


def test_larger_source():
    """The rest of a source that is larger than the index is left where it is. (PyTorch has no gradient then; ours is zero there.)"""
    for f in ("x.scatter(0, z, y)", "x.scatter(1, z[:1], y)", "x.scatter_add(0, z, y)", "x.scatter_add(1, z[:, :2], y)"):
        beside(program(f), X, Y, I, order=0)

        def gradient(t, x, y, z, f=f):
            n, m = (z[:1] if "[:1]" in f else z[:, :2] if ":2]" in f else z).shape
            if t is torch:
                f, y = f.replace(", y)", ", small)").replace("small", f"y[:{n}, :{m}]"), y
            return t.autograd.grad((program(f)(t, x, y, z) * y.detach()).sum(), y)

        beside(gradient, X, Y, I, order=0)


@table(ERRORS)
def test_error(source):
    beside(program(source), X, Y, I)


@pytest.mark.parametrize("source", ["x.gather(1, z)", "x.index_select(0, z[0])", "x[z[0]]", "x[z[0], z[1]]", "x.take(z)"])
def test_sums_of_repeated_places_in_order(source):
    """Many places that are the same: their gradients are summed one after the other, as PyTorch does it, in single precision."""
    index = np.random.default_rng(0).integers(0, 3, (3, 500))
    beside(program(source), draw(3, 4, dtype="float32"), None, index, order=1)


def test_reduce():
    for reduce in ("add", "multiply"):
        beside(lambda t, x, i: x.scatter(0, i, 2, reduce=reduce), X, I, order=0)
        beside(lambda t, x, y, i: x.scatter(0, i, y, reduce=reduce), X, Y, I, order=0)
        beside(lambda t, x, y, i: t.autograd.grad(x.scatter(0, i, y[:2], reduce=reduce).sum(), y), X, Y, I)


@pytest.mark.parametrize("dim", [0, 1, 2])
def test_three_dimensions(dim):
    index = np.random.default_rng(0).integers(0, 2, (2, 3, 2))
    beside(lambda t, x, i: x.gather(dim, i), draw(2, 3, 4), index)
    beside(lambda t, x, i, y: x.scatter(dim, i, y), draw(2, 3, 4), np.sort(index) * 0 if dim == 2 else index * 0, draw(2, 3, 2), order=1)
    beside(lambda t, x, i, y: x.scatter_add(dim, i, y), draw(2, 3, 4), index, draw(2, 3, 2))
    beside(lambda t, x, i: x.index_select(dim, i), draw(2, 3, 4), np.array([1, 0, 1]))
