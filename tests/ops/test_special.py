"""ops/special.py beside PyTorch: erf, erfinv, lgamma, digamma, polygamma, xlogy."""
from __future__ import annotations

import numpy as np
import pytest
import torch
from beside import beside, draw, edges, program, table

import minigrad

UNARY = {"erf": (-5, 5), "erfinv": (-0.99, 0.99), "lgamma": (-5, 30), "digamma": (0.01, 30)}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", UNARY)
def test_unary(name, dtype):
    low, high = UNARY[name]
    # PyTorch's trigamma, the derivative of digamma, has only nine digits.
    beside(lambda t, x: getattr(t, name)(x), draw(200, low=low, high=high, dtype=dtype), order=0 if name == "digamma" else 1)
    beside(lambda t, x: getattr(x, name)(), draw(3, 4, low=low, high=high, dtype=dtype), order=0)
    beside(lambda t, x: getattr(x * 1, f"{name}_")(), draw(3, low=low, high=high, dtype=dtype), order=0)


@pytest.mark.parametrize("name", UNARY)
def test_edges(name):
    x = edges("float64")
    ours, theirs = [getattr(t, name)(t.tensor(x)).numpy() for t in (minigrad, torch)]
    np.testing.assert_allclose(ours, theirs, rtol=1e-13)
    beside(lambda t: getattr(t, name)(t.tensor([1, 2, 3])), order=0, tier="T3")


@table("""
t.xlogy(x, y)
t.xlogy(2., y)
t.xlogy(x.detach(), 2.)
t.xlogy(x * 0, y)
t.xlogy(x[:, None], y)
t.xlogy(t.tensor([0., 0, 1, 0]), t.tensor([0., float('nan'), 0., -1]))
t.xlogy(t.tensor([1, 2]), 3), t.xlogy(t.tensor([1, 2]), t.tensor([1., 2]))
t.polygamma(0, y.detach())
t.polygamma(2, y)
t.polygamma(3, y)
t.polygamma(-1, y)
t.erf(2)
t.xlogy('a', y)
""")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_others(source, dtype):
    tier = "T3" if "polygamma" in source else "T1" if "detach" in source else None  # where no node is left to declare it
    beside(program(source), draw(20, dtype=dtype), draw(20, low=0.1, high=9, dtype=dtype), order=1, tier=tier)


def test_xlogy_by_a_number():
    """In whose gradient PyTorch computes the logarithm in single precision."""
    x = minigrad.tensor([0.0, 1.5], dtype=minigrad.float64, requires_grad=True)
    y = minigrad.xlogy(x, 2.0)
    y.sum().backward()
    assert repr(y.grad_fn).startswith("<XlogyBackward2")
    np.testing.assert_allclose(x.grad.numpy(), np.log(2.0), rtol=1e-15)


def test_trigamma():
    """Of which PyTorch's has nine digits: the recurrence and a known value are sharper."""
    x = minigrad.linspace(0.1, 20, 50, dtype=minigrad.float64)
    difference = minigrad.polygamma(1, x) - minigrad.polygamma(1, x + 1)
    np.testing.assert_allclose(difference.numpy(), (1 / (x * x)).numpy(), rtol=1e-12)
    assert minigrad.polygamma(1, minigrad.tensor(1.0, dtype=minigrad.float64)).item() == pytest.approx(np.pi**2 / 6, rel=1e-15)
    beside(lambda t: t.polygamma(1, t.linspace(0.1, 20, 50, dtype=t.float32)), order=0, tier="T3")
