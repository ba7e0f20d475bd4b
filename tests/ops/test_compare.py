"""Comparisons, logic and bits beside PyTorch's."""
from __future__ import annotations

import itertools
import math
import operator

import numpy as np
import pytest
from beside import DTYPES, FLOATS, beside, draw, edges

COMPARISONS = "eq ne lt le gt ge not_equal less less_equal greater greater_equal".split()
LOGIC = "logical_and logical_or logical_xor".split()
BITS = "bitwise_and bitwise_or bitwise_xor bitwise_left_shift bitwise_right_shift".split()
UNARY = "logical_not bitwise_not isnan isinf isfinite".split()
OPERATORS = "eq ne lt le gt ge and_ or_ xor lshift rshift iand ior ixor ilshift irshift".split()


@pytest.mark.parametrize("name", COMPARISONS + LOGIC + BITS)
def test_binary(name):
    for a, b in itertools.product(DTYPES, DTYPES):
        x, y = np.array([3, 1, 0, 0]).astype(a), np.array([2, 1, 1, 0]).astype(b)
        beside(lambda t, x, y: getattr(t, name)(x, y), x, y)
        beside(lambda t, x, y: getattr(x, name)(y), x, y)
        beside(lambda t, x, y: getattr(t, name)(x, y), x, y[1])
    if name not in BITS:
        for dtype in FLOATS:
            beside(lambda t, x, y: getattr(t, name)(x, y), *np.array(list(itertools.product(edges(dtype), edges(dtype)))).T)
    beside(lambda t, x, y: getattr(t, name)(x, y), np.arange(3).reshape(3, 1), np.arange(4))
    beside(lambda t, x, y: getattr(t, name)(x, y), np.arange(3), np.arange(4))


@pytest.mark.parametrize("name", COMPARISONS + LOGIC + BITS)
def test_numbers(name):
    for dtype, number in itertools.product(DTYPES, (True, 1, -2, 2.5, math.nan, None, "s")):
        if name in BITS and number == -2:  # a shift by less than nothing is undefined in C
            continue
        beside(lambda t, x: getattr(t, name)(x, number), np.array([3, 1, 0, 0]).astype(dtype))


@pytest.mark.parametrize("name", [name for name in COMPARISONS + LOGIC if name.split("_")[0] not in ("not", "less", "greater")])
def test_in_place(name):
    for a, b in itertools.product(DTYPES, DTYPES):
        beside(
            lambda t, x, y: getattr(x.detach().clone(), f"{name}_")(y.detach()),
            np.array([3, 1, 0, 0]).astype(a), np.array([2, 1, 1, 0]).astype(b),
        )  # fmt: skip
    beside(lambda t, x: getattr(x.detach().clone(), f"{name}_")("s"), draw(3))
    beside(lambda t, x, y: getattr(x.detach().clone(), f"{name}_")(y), draw(3), np.arange(4))


def test_in_place_bits():
    for name, (a, b) in itertools.product(BITS, itertools.product(DTYPES[3:], DTYPES[3:])):
        beside(lambda t, x, y: getattr(x.clone(), f"{name}_")(y), np.array([3, 1, 0]).astype(a), np.array([2, 1, 1]).astype(b))


def test_in_place_ends_the_history():
    def slope(t, x):
        y = x * 2
        y.gt_(0)
        return t.autograd.grad(y.sum(), x)

    beside(slope, draw(5))


@pytest.mark.parametrize("name", UNARY)
def test_unary(name):
    for dtype in DTYPES:
        beside(lambda t, x: getattr(t, name)(x), np.array([3, 1, 0, -1]).astype(dtype))
        beside(lambda t, x: getattr(x, name)(), np.array([3, 1, 0, -1]).astype(dtype))
        if name.endswith("not"):
            beside(lambda t, x: getattr(x.detach().clone(), f"{name}_")(), np.array([3, 1, 0, -1]).astype(dtype))
    if name != "bitwise_not":
        for dtype in FLOATS:
            beside(lambda t, x: getattr(t, name)(x), edges(dtype))
    beside(lambda t: getattr(t, name)([1.0]))


@pytest.mark.parametrize("name", OPERATORS)
def test_operators(name):
    f = getattr(operator, name)
    for dtype in ("float64", "int64", "bool"):
        x = np.array([3, 1, 0]).astype(dtype)
        beside(lambda t, x: f(x.detach().clone(), x), x)
        for other in (2, True, None, "s", [1, 2, 3]):
            beside(lambda t, x: f(x.detach().clone(), other), x)
            if not (name.startswith("i") or (dtype == "float64" and name in ("and_", "or_", "xor"))):
                beside(lambda t, x: f(other, x), x)


def test_invert():
    for dtype in DTYPES:
        beside(lambda t, x: ~x, np.array([3, 1, 0]).astype(dtype))


@pytest.mark.parametrize("name", ["isclose", "allclose", "equal"])
def test_closeness(name):
    x = np.array([1.0, 2, math.nan, math.inf, -math.inf, 0])
    for y in (x, x + 1e-9, x + 1e-3, x[::-1].copy(), x[:3], x[:1], x.astype("float32"), np.arange(6)):
        beside(lambda t, x, y: getattr(t, name)(x, y), x, y)
        beside(lambda t, x, y: getattr(x, name)(y), x, y)
        if name != "equal":
            beside(lambda t, x, y: getattr(t, name)(x, y, equal_nan=True), x, y)
            beside(lambda t, x, y: getattr(t, name)(x, y, 0.1, 0.1), x, y)
            beside(lambda t, x, y: getattr(t, name)(x, y, rtol=-0.1), x, y)
    beside(lambda t, x, y: getattr(t, name)(x, y), np.arange(4), np.array([0, 1, 2, 4]))
    beside(lambda t, x, y: getattr(t, name)(x, y), np.array([True, False]), np.array([True, True]))
    beside(lambda t, x: getattr(t, name)(x, 1), x)


def test_is_tensor():
    beside(lambda t, x: (t.is_tensor(x), t.is_tensor(x.detach()), t.is_tensor(1)), draw(2))
