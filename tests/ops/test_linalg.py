"""Products of vectors and matrices beside PyTorch: ops/linalg.py."""
from __future__ import annotations

import itertools

import numpy as np
import pytest
from beside import DTYPES, beside, draw, program, table

import minigrad

X, Y, Z = draw(3, 4), draw(4, 5, seed=2), draw(5, seed=3)
PROGRAMS = """
t.dot(y[0], z)
y[0].dot(z)
t.mv(y, z)
x.mv(y[:, 0])
t.mm(x, y)
y.mT.mm(x.mT)
x.mT.mm(x)
t.outer(x[0], z)
x[0].ger(z)
t.addmm(z, x, y)
t.addmm(z, x, y, beta=2, alpha=3)
t.addmm(z[:1], x, y, beta=0.5)
t.addmm(x @ y, x, y, alpha=-0.5)
t.addmm(z / 0., x, y, beta=0)
z.addmm(x, y, beta=t.tensor(2.))
t.addmm(z[0], x, y)
t.bmm(x[None], y[None])
t.bmm(x.expand(2, 3, 4), y.expand(2, 4, 5))
t.baddbmm(z, x[None], y[None])
t.baddbmm(z, x[None], y[None], beta=2, alpha=0.5)
t.baddbmm(z / 0., x[None], y[None], beta=0)
x @ y
x @ y[:, 0]
x[0] @ y
x[0] @ y[:, 0]
t.matmul(x, y)
x.matmul(y).__matmul__(z)
t.nn.functional.linear(x, y.mT)
t.nn.functional.linear(x, y.mT, z)
t.nn.functional.linear(x[0], y.mT, z)
t.nn.functional.linear(x[0], y.mT)
t.nn.functional.linear(x[0], y[:, 0])
t.nn.functional.linear(x, y[:, 0])
t.nn.functional.linear(x.expand(2, 3, 4), y[:, 0], z[0])
t.nn.functional.linear(x.view(3, 1, 4), y.mT, z)
t.nn.functional.linear(x.view(3, 1, 1, 4), y.mT, z)
t.nn.functional.linear(x.view(3, 1, 4), y.mT)
t.nn.functional.linear(x.mT.mT.expand(2, 3, 4), y.mT, z)
t.nn.functional.linear(x.view(3, 2, 2).transpose(0, 1), y[:2].mT, z)
t.nn.functional.linear(x[:0], y.mT, z)
"""
ERRORS = """
t.nn.functional.linear(x, y.mT, [1.0])
t.nn.functional.linear(x, y.mT, z.detach().numpy())
t.nn.functional.linear(x, 1.0)
t.dot(x[0], z)
t.dot(x, z)
t.dot(x[0], x[0].float())
t.dot(x[0], [1, 2])
t.dot(t.ones(2, dtype=t.bool), t.ones(2, dtype=t.bool))
t.mv(x, z)
t.mv(x[0], z)
t.mv(x, y)
t.mv(x, x[0].float())
t.mv(x, 3)
t.mm(x, x)
t.mm(x, z)
t.mm(z, x)
t.mm(x, y.float())
t.mm(x, y.long())
t.mm(x, 5)
t.mm(x, np.ones((4, 2)))
t.mm(t.ones(2, 2, dtype=t.bool), t.ones(2, 2, dtype=t.bool))
t.outer(x, z)
t.outer(z, x)
t.outer(z, [1])
t.addmm(z[:4], x, y)
t.addmm(x, x, y)
t.addmm(z, x, x)
t.addmm(z, z, y)
t.addmm(z, x, z)
t.addmm(z, x, y.float())
t.addmm(z, x.float(), y)
t.addmm(z.float(), x, y)
t.addmm(z.expand(2, 3, 5), x, y)
t.bmm(x, y)
t.bmm(x[None], y)
t.bmm(x[None], y.expand(2, 4, 5))
t.bmm(x[None], x[None])
t.bmm(x[None], y[None].float())
t.baddbmm(z[:4], x[None], y[None])
t.baddbmm(z, x, y[None])
t.baddbmm(z, x[None], x[None])
t.baddbmm(z.float(), x[None], y[None])
x @ x
x @ z
z @ x
z @ x[0]
x[0, 0] @ z
z @ x[0, 0]
x @ 5
5 @ x
x @ [1]
t.matmul(x, 5)
t.matmul(5, x)
x @ y.float()
t.nn.functional.linear(x, y)
t.nn.functional.linear(x, y, z)
t.nn.functional.linear(x, y.mT, z[:4])
t.nn.functional.linear(x, y.mT.float(), z)
t.nn.functional.linear(x.long(), y.mT, z)
t.nn.functional.linear(x[0, 0], y.mT, z)
t.nn.functional.linear([1.], y.mT, z)
t.nn.functional.linear(x, z, z)
"""
SHAPES = [(4,), (3, 4), (2, 3, 4), (1, 3, 4), (5, 2, 3, 4), (5, 1, 3, 4), (0, 3, 4)]
OTHERS = [(4,), (4, 5), (2, 4, 5), (1, 4, 5), (5, 2, 4, 5), (1, 2, 4, 5), (3, 4, 5), (4, 1)]


@table(PROGRAMS)
def test_program(source):
    beside(program(source), X, Y, Z)


@table(PROGRAMS)
def test_integers(source):
    if "/" not in source:
        integers = [np.round(a).astype("int64") for a in (X, Y, Z)]
        beside(program(source), *integers)
        beside(program(source), *[a.astype("int32") for a in integers])


@table(PROGRAMS)
def test_single_precision(source):
    beside(program(source), *[a.astype("float32") for a in (X, Y, Z)])


@table(ERRORS)
def test_error(source):
    beside(program(source), X, Y, Z)


@pytest.mark.parametrize("shapes", list(itertools.product(SHAPES, OTHERS)), ids=str)
def test_matmul(shapes):
    """Every pair of shapes: vectors, matrices, stacks of them that are broadcast, and such as do not fit."""
    x, y = [draw(*shape) for shape in shapes]
    for program_ in ("x @ y", "x.detach() @ y", "x @ y.detach()"):
        beside(program(program_), x, y)
    if min(map(len, shapes)) > 1:
        for program_ in ("x.mT.contiguous().mT @ y", "x @ y.mT.contiguous().mT", "y.mT @ x.mT"):
            beside(program(program_), x, y, order=1)


@pytest.mark.parametrize("shapes", [((3, 0), (0, 5)), ((0, 4), (4, 5)), ((3, 4), (4, 0)), ((0,), (0,)), ((3, 0), (0,)), ((2, 3, 0), (0, 5))])
def test_empty(shapes):
    beside(program("x @ y"), *[draw(*shape) for shape in shapes])


def test_with_arrays():
    """x @ array is computed in the common dtype, as the array would. (array @ x, which PyTorch refuses, works too.)"""
    for a, b in itertools.product(["float32", "float64"], ["float32", "float64"]):
        for y in (np.ones((4, 2), b), np.ones(4, b)):
            x = minigrad.tensor(X.astype(a), requires_grad=True)
            product = x @ y
            assert isinstance(product, minigrad.Tensor) and product.grad_fn is not None
            assert product.array.dtype == (X.astype(a) @ y).dtype
            np.testing.assert_allclose(product.detach().numpy(), X.astype(a) @ y)
            np.testing.assert_allclose((y.T @ x.mT).detach().numpy(), y.T @ X.astype(a).T)


def test_dtypes():
    for dtype in DTYPES[2:-1]:
        beside(lambda t, x: x @ x.mT, np.arange(6).reshape(2, 3).astype(dtype), order=0)
