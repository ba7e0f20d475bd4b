"""Elementwise operations beside PyTorch's."""
from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from beside import beside, draw

UNARY = {  # the interval to draw from
    "neg": (-3, 3), "abs": (-3, 3), "sign": (-3, 3), "reciprocal": (-3, 3), "square": (-3, 3), "sqrt": (0.1, 9), "rsqrt": (0.1, 9),
    "exp": (-9, 9), "expm1": (-9, 9), "log": (0.01, 99), "log1p": (-0.9, 9), "log2": (0.01, 99), "log10": (0.01, 99),
    "sin": (-9, 9), "cos": (-9, 9), "tan": (-1.5, 1.5), "atan": (-9, 9), "tanh": (-4, 4), "sigmoid": (-9, 9),
    "floor": (-9, 9), "ceil": (-9, 9), "trunc": (-9, 9), "round": (-9, 9),
}  # fmt: skip
BINARY = ["add", "sub", "mul", "div", "floor_divide", "remainder", "fmod", "pow", "maximum", "minimum", "rsub"]
ROUNDED = {"floor_divide"}
FLOATS = ["float64", "float32"]
DTYPES = ["float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"]


def edges(dtype: str) -> np.ndarray:
    """Numbers at which functions behave in a special way."""
    info = np.finfo(dtype)
    positive = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 7.25, 1e-3, info.tiny, info.smallest_subnormal, info.max, math.inf]
    return np.array([s * x for x in positive for s in (1, -1)] + [math.nan], dtype)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", UNARY)
def test_unary(name, dtype):
    low, high = UNARY[name]
    for shape in [(37,), (2, 3), (), (0, 3)]:
        x = draw(*shape, dtype=dtype, low=low, high=high)
        beside(lambda t, x: getattr(t, name)(x), x)
        beside(lambda t, x: getattr(x.t() if x.ndim == 2 else x, name)(), x)
    beside(lambda t, x: getattr(t, name)(x), edges(dtype), order=1)


@pytest.mark.parametrize("name", [name for name in UNARY if name != "square"])
def test_unary_in_place(name):
    x = draw(3, 5, low=UNARY[name][0], high=UNARY[name][1])
    beside(lambda t, x: getattr(x.clone(), f"{name}_")(), x)
    beside(lambda t, x: getattr(x, f"{name}_")(), x)
    for dtype in ("int64", "bool", "uint8"):
        beside(lambda t, x: getattr(x, f"{name}_")(), np.array([1, 0, 3], dtype))


@pytest.mark.parametrize("name", UNARY)
def test_unary_on_integers(name):
    for dtype in DTYPES[3:]:
        beside(lambda t, x: getattr(t, name)(x), np.array([1, 0, 3, 100, -7]).astype(dtype), tier="T2")


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", BINARY)
def test_binary(name, dtype):
    def f(t, x, y):
        return getattr(t, name)(x, y)

    low = 0.1 if name == "pow" else -3
    x, y = draw(4, 5, low=low, dtype=dtype), draw(4, 5, seed=2, dtype=dtype)
    order = 0 if name in ROUNDED else 2
    beside(f, x, y, order=order)
    for shape in [(5,), (4, 1), (1, 1, 5), (3, 1, 1), (), (0, 1, 1)]:
        other = draw(*shape, seed=3, low=low, dtype=dtype)
        beside(f, x, other, order=order)
        beside(f, other, y, order=order)
    grid = np.array(list(itertools.product(edges(dtype), edges(dtype)))).T
    beside(f, *grid, order=min(order, 1))


@pytest.mark.parametrize("name", BINARY)
def test_promotion(name):
    values = {rank: np.array([3, 1, 2]) if rank else np.array(2) for rank in (0, 1)}
    for a, b in itertools.product(DTYPES, DTYPES):
        for rank in itertools.product((1, 0), (1, 0)):
            beside(lambda t, x, y: getattr(t, name)(x, y), values[rank[0]].astype(a), values[rank[1]].astype(b), order=0)


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("number", [True, 2, -3, 2.5, 0.0, math.inf])
def test_numbers(name, number):
    for dtype in DTYPES:
        for x in (np.array([1, 5, 3]).astype(dtype), np.array(3).astype(dtype)):
            beside(lambda t, x: getattr(t, name)(x, number), x, order=0)
