"""Infinities, NaN and what is too large, beside PyTorch's: no warning, the same numbers, and the same refusals."""
from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from beside import FLOATS, beside, edges, program, table

import minigrad


def pairs(dtype):
    """All pairs of infinities, NaN, and numbers that multiply, divide or add up to such."""
    special = np.array([np.inf, -np.inf, np.nan, 0.0, 2.0, np.finfo(dtype).max, np.finfo(dtype).smallest_subnormal], dtype)
    return np.array(list(itertools.product(special, special))).T


@pytest.mark.parametrize("dtype", FLOATS)
def test_subtraction(dtype):
    """inf - inf is NaN, and so is its gradient; nobody is told."""
    for f in [
        lambda t, x, y: x - y,
        lambda t, x, y: t.sub(x, y),
        lambda t, x, y: t.sub(x, y, alpha=0.5),
        lambda t, x, y: t.rsub(x.detach(), y.detach()),
        lambda t, x, y: x.clone().sub_(y),
        lambda t, x, y: x.clone().sub_(y, alpha=0.5),
        lambda t, x, y: x.detach().clone().sub_(y.detach()),
        lambda t, x, y: x.clone().__isub__(y),
        lambda t, x, y: x.clone()[1:].sub_(y[1:]),
        lambda t, x, y: x.sum() - y.sum(),
        lambda t, x, y: (x - x).backward(y),
        lambda t, x, y: (x * y - x).backward(x),
    ]:
        beside(f, *pairs(dtype))
    for number in (float("inf"), float("-inf")):
        beside(lambda t, x: x - number, edges(dtype))
        beside(lambda t, x: number - x, edges(dtype))
        beside(lambda t, x: x.clone().sub_(number), edges(dtype))


MADE = """
t.linspace(0, t.inf, 5), t.linspace(-t.inf, t.inf, 4), t.linspace(-3e38, 3e38, 5)
t.linspace(0, 1e300, 5)
t.linspace(0, 1e30, 5, dtype=t.float16)
t.linspace(0, 1e30, 5, dtype=t.int64)
t.linspace(0, 300, 5, dtype=t.int8)
t.linspace(0.5, 10.5, 5, dtype=t.int64)
t.logspace(0, 100, 5), t.logspace(-t.inf, t.inf, 5), t.logspace(0, 100, 3, dtype=t.float16)
t.logspace(0, 1e300, 5)
t.arange(0, 1e300, 1e299)
t.arange(0, 1e300, 5e299, dtype=t.float16)
t.arange(0, 10**30)
t.arange(2**63, 2**63 + 3)
t.empty(3).uniform_(-t.inf, t.inf)
t.empty(3).uniform_(0, t.nan)
t.empty(3).uniform_(-1e300, 1e300)
t.empty(3).uniform_(-3e38, 3e38)
t.empty(3, dtype=t.float64).uniform_(-1.7e308, 1.7e308)
t.empty(3, dtype=t.float16).uniform_(-1e30, 1e30)
t.manual_seed(0); t.empty(3).normal_(t.inf, t.inf), t.empty(3).normal_(0, 1e300), t.empty(3, dtype=t.float16).normal_(1e300, 1)
t.manual_seed(0); t.normal(t.tensor([3e38, t.inf]), t.tensor([3e38, t.inf]))
"""
WRITTEN = """
x = t.ones(3); x[0] = 1e300; x
x = t.ones(3); x[x > 0] = 1e300; x
x = t.ones(3); x[0] = t.inf; x[x == 1] = t.nan; x[2:] = -t.inf; x
x = t.ones(3).half(); x[0] = 1e300; x[x == 1] = 70000; x
x = t.ones(2).int(); x[0] = t.inf; x
x = t.ones(2).int(); x[x > 0] = t.nan; x
x = t.ones(2).int(); x[0] = 2**40; x
x = t.ones(2).int(); x[t.tensor([0])] = 2**40; x
x = t.ones(2).int(); x[0] = 2**70; x
x = t.ones(2).byte(); x[:] = 300; x
x = t.ones(2).byte(); x[:] = -1; x[0] = 2.9; x
x = t.ones(2).bool(); x[0] = t.nan; x[1:] = 0; x
"""
COMPUTED = """
t.addcmul(x, x, x, value=1e300)
t.addcdiv(x, x, x, value=1e300)
t.addcmul(x.half(), x.half(), x.half(), value=1e30)
t.lerp(x, x, 1e300)
t.addmm(x[:, None], x[:, None], x[None], beta=1e300)
t.addmm(x[:, None], x[:, None], x[None], alpha=1e300)
t.addmm(x[:, None].half(), x[:, None].half(), x[None].half(), beta=1e30)
t.isclose(x.half() * 6e4, -x.half() * 6e4)
t.isclose(x / 0, x / 0), t.isclose(x / 0, x), t.isclose(x, x * 2, rtol=t.inf), t.isclose(x, x * 2, atol=t.inf)
x.grad = x.detach() / 0; t.nn.utils.clip_grad_value_(x, 2.0); x.grad
x.grad = x.detach() / 0; t.nn.utils.clip_grad_value_(x, 1e300); x.grad
x.grad = x.detach() / 0; t.nn.utils.clip_grad_norm_(x, 1.0), x.grad
"""


@table(MADE + WRITTEN)
def test_made_and_written(source):
    beside(program(source))


@table(COMPUTED)
def test_computed(source):
    beside(program(source), np.array([1.0, 2.0], "float32"))


def test_gradients_of_logcumsumexp_stay_in_range():
    """Sums that are far apart: e to the power of their difference is no number. (PyTorch's gradients have fewer digits there.)"""
    for x in ([0.0, 10000.0], [-1000.0, 0.0, 1000.0, 5.0], [800.0, -800.0, 0.0]):
        sides = []
        for t in (torch, minigrad):
            leaf = t.tensor(x, dtype=t.float64, requires_grad=True)
            (t.logcumsumexp(leaf, 0) * t.arange(1.0, len(x) + 1, dtype=t.float64)).sum().backward()
            sides.append(leaf.grad.numpy())
        np.testing.assert_allclose(sides[1], sides[0], rtol=1e-9)


# Twice, to fill PyTorch's vectors: what is left over goes through other code, which takes NaN for a large number here and there.
SPECIAL = 2 * [np.inf, -np.inf, np.nan, 0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, 1e-40, 3e38, -3e38, 0.25, 0.25, 0.25]
FUNCTIONS = """asin acos atan sinh cosh tanh asinh acosh atanh exp exp2 expm1 log log2 log10 log1p sqrt rsqrt square reciprocal abs sign
floor ceil round trunc frac sin cos tan sigmoid relu erf erfc erfinv nan_to_num neg logit lgamma sinc deg2rad""".split()
UNITS = """relu6 elu selu celu silu mish softplus softsign tanhshrink logsigmoid hardsigmoid hardswish hardtanh leaky_relu
hardshrink""".split()  # not gelu, of which PyTorch's AVX-512 kernel makes NaN at infinity; nor softshrink, see its rule


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", FUNCTIONS + UNITS)
def test_gradients_at_special_values(name, dtype):
    """NaN where PyTorch has NaN, infinities and zeros of its sign, and elsewhere its numbers, for special gradients too."""
    for cotangent in (1.0, np.inf, -np.inf, np.nan, 0.0, -0.0):
        sides = []
        for t in (torch, minigrad):
            x = t.tensor(np.array(SPECIAL, dtype), requires_grad=True)
            y = getattr(t if name in FUNCTIONS else t.nn.functional, name)(x)
            y.backward(t.full_like(x, cotangent))
            sides.append((y.detach().numpy(), x.grad.numpy()))
        for theirs, ours in zip(*sides):
            np.testing.assert_allclose(ours, theirs, rtol=16 * np.finfo(dtype).eps, atol=1e-37)  # tells infinities and NaN apart
            zero = theirs == 0
            assert (np.signbit(ours[zero]) == np.signbit(theirs[zero])).all()
