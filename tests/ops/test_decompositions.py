"""Matrices that have no inverse or no factor, least squares, and the names of arguments, beside PyTorch: ops/decompositions.py."""
from __future__ import annotations

import numpy as np
import pytest
import torch
from beside import beside, draw, program, table

import minigrad

GOOD, SINGULAR = draw(3, 3) + 3 * np.eye(3), np.array([[1.0, 2, 3], [2, 4, 6], [0, 1, 1]])
X, Y = np.stack([GOOD, SINGULAR]), draw(3, 2)
ERRORS = """
t.linalg.inv(x)
t.linalg.inv(x[1])
t.inverse(x)
t.linalg.inv_ex(x, check_errors=True)
t.linalg.solve(x, y)
t.linalg.solve(x[1], y[:, 0])
t.linalg.solve(x, y, left=False)
t.linalg.solve_ex(x, y, check_errors=True)
t.linalg.cholesky(x)
t.linalg.cholesky(-x[0])
t.linalg.cholesky_ex(-x[0], check_errors=True)
t.linalg.det(3)
t.det(3)
t.linalg.slogdet(y)
t.matrix_power(y, 2)
t.linalg.matrix_power(x, -1)
t.linalg.lstsq(x, y, driver='x')
t.linalg.lstsq(x, y[:2])
t.linalg.lstsq(x, y.float())
t.linalg.lstsq(y[0], y)
t.linalg.lstsq(x, y[0, 0])
"""
NAMED = """
t.linalg.det(A=x)
t.det(input=x)
t.linalg.slogdet(A=x).logabsdet
t.slogdet(input=x).sign
t.linalg.matrix_power(input=x, n=3)
t.matrix_power(input=x, n=3)
"""


@table(ERRORS)
def test_error(source):
    beside(program(source), X, Y)


@table(NAMED)
def test_names_of_arguments(source):
    beside(program(source), X[:1], Y, tier="T3", order=1)


@pytest.mark.parametrize("name", ["inv_ex", "solve_ex", "cholesky_ex"])
def test_info_tells_where(name):
    """Each bad matrix of a batch is told, and the good ones have their results."""
    sides = []
    for t in (torch, minigrad):
        x = t.tensor(np.stack([GOOD @ GOOD.T, SINGULAR, GOOD @ GOOD.T]))
        more = (t.tensor(Y),) if name == "solve_ex" else ()
        sides.append([part.numpy() for part in getattr(t.linalg, name)(x, *more)])
    (expected, info), (found, told) = sides
    assert told.dtype == info.dtype and told.tolist() == info.tolist()
    np.testing.assert_allclose(found[[0, 2]], expected[[0, 2]], rtol=1e-12)
    assert np.isnan(found[1]).all()


@pytest.mark.parametrize("driver", [None, "gels", "gelsy", "gelsd", "gelss"])
@pytest.mark.parametrize("shape", [(5, 3), (3, 3), (2, 3), (2, 5, 3)])
def test_least_squares(driver, shape):
    a, b = draw(*shape), draw(*shape[:-1], 2, seed=1)
    parts = [tuple(t.linalg.lstsq(t.tensor(a), t.tensor(b), driver=driver)) for t in (torch, minigrad)]
    for expected, found in zip(*parts, strict=True):
        assert str(found.dtype) == str(expected.dtype) and found.shape == expected.shape
        np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-11, atol=1e-12)  # which the condition of the matrix allows
    for f in ("t.linalg.lstsq(x, y).solution", "t.linalg.lstsq(x, y[..., 0]).solution"):
        grads = [gradients(t, program(f), a, b) for t in (torch, minigrad)]
        for expected, found in zip(*grads):
            np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-12)  # which the condition of the matrix allows


def gradients(t, f, *data):
    """First and second derivatives."""
    inputs = [t.tensor(x, requires_grad=True) for x in data]
    first = t.autograd.grad(f(t, *inputs).sin().sum(), inputs, create_graph=True)
    second = t.autograd.grad(sum(g.sin().sum() for g in first), inputs)
    return [g.detach().numpy() for g in (*first, *second)]


def test_residuals_have_gradients():
    beside(lambda t, a, b: t.linalg.lstsq(a, b, driver="gelsd").residuals, draw(5, 3), draw(5, 2), order=1)


def test_rank_deficient():
    """The shortest of many solutions."""
    beside(lambda t, a, b: t.linalg.lstsq(a, b), np.stack([SINGULAR, SINGULAR]), draw(2, 3, 2), order=0)
