"""Derivatives where functions have bends and poles, for gradients that are infinite or zero: PyTorch's 0, infinity or NaN."""
from __future__ import annotations

import numpy as np
import pytest
from beside import beside, program, table

POINTS = [-6.0, -3.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 3.0, 6.0, np.inf, -np.inf]
COTANGENTS = [1.0, -2.0, np.inf, 0.0]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@table("""
x.abs()
x.clamp(-1, 1)
x.sinc()
x.sqrt()
x.rsqrt()
x ** 0.5
x ** -1
x ** 0
0.0 ** x
t.atan2(x, x * 0)
t.copysign(x, -t.ones_like(x))
t.hypot(x, t.zeros_like(x))
t.maximum(x, t.ones_like(x))
t.xlogy(x, x.detach())
t.xlogy(x.detach(), x)
t.xlogy(x, 0.0)
t.xlogy(0.0, x)
t.nn.functional.hardshrink(x)
t.nn.functional.hardsigmoid(x)
t.nn.functional.hardswish(x)
t.nn.functional.hardtanh(x)
t.nn.functional.huber_loss(x, t.zeros_like(x), reduction='none')
t.nn.functional.l1_loss(x, t.zeros_like(x), reduction='none')
t.nn.functional.leaky_relu(x)
t.nn.functional.relu(x)
t.nn.functional.relu6(x)
t.nn.functional.smooth_l1_loss(x, t.zeros_like(x), reduction='none')
t.nn.functional.softshrink(x)
t.nn.functional.threshold(x, 1.0, -3.0)
""")
def test_bends_and_poles(source, dtype):
    function = program(source)

    def gradients(t, x, cotangents):
        y = function(t, x)
        return [t.autograd.grad(y, x, t.full_like(y, g), retain_graph=True)[0] for g in cotangents]

    beside(gradients, np.array(POINTS, dtype), COTANGENTS, tier="gradient", order=0)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@table("""
t.nn.functional.hardsigmoid(x)
t.nn.functional.leaky_relu(x)
t.nn.functional.relu(x)
t.nn.functional.threshold(x, 1.0, -3.0)
t.linalg.vector_norm(x, float('inf'))
x.clamp(-1, 1)
""")
def test_nan(source, dtype):
    """Of those whose derivative at NaN is the same in PyTorch's vectors and in the rest that fills none."""
    beside(program(source), np.array([np.nan, 1.0, -4.0], dtype), order=1)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("p", [np.inf, -np.inf])
def test_equal_extremes_share_the_gradient(p, dtype):
    x = np.array([[1, -1, 1, 0], [0, 0, 0, 0], [2, np.inf, -np.inf, 3], [np.nan, 1, 3, 3]], dtype)
    beside(lambda t, x: t.linalg.vector_norm(x, p, 1), x, order=1)


def test_second_derivatives_know_no_single_precision():
    """A third, and the logarithm of 3, as they are in double precision."""
    beside(lambda t, x: t.linalg.vector_norm(x, np.inf) ** 2, np.array([2.0, -2.0, 2.0, 1.0]))
    beside(lambda t, x: t.xlogy(x, 3.0) ** 2, np.array([0.5, 2.0, -1.0]))
