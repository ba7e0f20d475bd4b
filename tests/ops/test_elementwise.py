"""Elementwise operations beside PyTorch's: values, promotion, gradients, edges, in place, operators, errors."""
from __future__ import annotations

import itertools
import math
import operator

import numpy as np
import pytest
from beside import DTYPES, FLOATS, beside, draw, edges

UNARY = {  # the interval to draw from
    "neg": (-3, 3), "abs": (-3, 3), "sign": (-3, 3), "reciprocal": (-3, 3), "square": (-3, 3), "sqrt": (0.1, 9), "rsqrt": (0.1, 9),
    "exp": (-9, 9), "expm1": (-9, 9), "log": (0.01, 99), "log1p": (-0.9, 9), "log2": (0.01, 99), "log10": (0.01, 99),
    "sin": (-9, 9), "cos": (-9, 9), "tan": (-1.5, 1.5), "atan": (-9, 9), "tanh": (-4, 4), "sigmoid": (-9, 9),
    "floor": (-9, 9), "ceil": (-9, 9), "trunc": (-9, 9), "round": (-9, 9),
}  # fmt: skip
BINARY = ["add", "sub", "mul", "div", "remainder", "fmod", "pow", "maximum", "minimum", "rsub", "floor_divide"]


# ---- one operand


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
def test_unary_on_other_types(name):
    for dtype in DTYPES[2:]:
        beside(lambda t, x: getattr(t, name)(x), np.array([1, 0, 3, 100, -7]).astype(dtype), tier="T2", order=0)
    beside(lambda t: getattr(t, name)(2.0))
    beside(lambda t: getattr(t, name)([1.0]))


def test_round_to_decimals():
    for dtype, decimals in itertools.product(FLOATS, (-2, -1, 1, 3)):
        beside(lambda t, x: t.round(x, decimals=decimals), draw(20, dtype=dtype, low=-900, high=900))
        beside(lambda t, x: x.clone().round_(decimals=decimals), draw(20, dtype=dtype, low=-900, high=900))
    beside(lambda t, x: t.round(x, decimals=1), np.arange(3))


# ---- two operands


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", BINARY)
def test_binary(name, dtype):
    def f(t, x, y):
        return getattr(t, name)(x, y)

    order = 0 if name == "floor_divide" else 2  # which PyTorch does not differentiate
    low = 0.1 if name == "pow" else -3
    x, y = draw(4, 5, low=low, dtype=dtype), draw(4, 5, seed=2, dtype=dtype)
    beside(f, x, y, order=order)
    beside(lambda t, x, y: f(t, x.t(), y.t()), x, y, order=order)
    for shape in [(5,), (4, 1), (1, 1, 5), (3, 1, 1), (), (0, 1, 1)]:
        other = draw(*shape, seed=3, low=low, dtype=dtype)
        beside(f, x, other, order=order)
        beside(f, other, y, order=order)
    if name != "rsub":  # which names the two shapes the other way round
        beside(f, x, y[:3])
    special = edges(dtype)
    if name in ("maximum", "minimum"):  # which of two zeros is the larger depends on PyTorch's kernel
        special = special + 0.0
    if name in ("remainder", "fmod"):  # and so does what remains of infinities
        special = special[(np.abs(special) > 1e-9) & (np.abs(special) < 9)]
    beside(f, *np.array(list(itertools.product(special, special))).T, order=min(order, 1))


@pytest.mark.parametrize("name", BINARY)
def test_promotion(name):
    values = np.array([3, 1, 2]), np.array(2)
    for a, b in itertools.product(DTYPES, DTYPES):
        for x, y in itertools.product(values, values) if name in ("add", "div") else [(values[0], values[0])]:
            beside(lambda t, x, y: getattr(t, name)(x, y), x.astype(a), y.astype(b), order=0)


@pytest.mark.parametrize("number", [True, 2, -3, 2.5, 0.0, math.inf])
@pytest.mark.parametrize("name", BINARY)
def test_numbers(name, number):
    for dtype in DTYPES:
        for x in (np.array([1, 5, 3]).astype(dtype), np.array(3).astype(dtype)):
            beside(lambda t, x: getattr(t, name)(x, number), x, order=0)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 4, -1, -2, -3, 0.5, -0.5, 1.5, 2.0, -2.5])
def test_powers(exponent, dtype):
    exact = "T0" if exponent in (0, 1, 2, 3, -1) else None  # of -2, the result is exact, but not the derivative
    beside(lambda t, x: x**exponent, draw(7, low=0.2, dtype=dtype), tier=exact)
    beside(lambda t, x: x**exponent, edges(dtype), tier=exact, order=1)
    beside(lambda t, x: x.clone().pow_(exponent), draw(7, low=0.2, dtype=dtype), tier=exact)
    beside(lambda t, x: exponent**x, draw(7, dtype=dtype), order=2 if exponent > 0 else 1)


def test_integer_powers():
    x = np.array([3, 1, -1, 2, 0, -2])
    for exponents in ([2, 3, 5, 1, 0, 4], [-1, -2, -3, -1, -1, 0]):
        beside(lambda t, x, y: x**y, x, np.array(exponents))
    for exponent in (-1, -2):
        beside(lambda t, x: x**exponent, x)
        beside(lambda t, x: exponent**x, np.abs(x))


@pytest.mark.parametrize("name", ["add", "sub", "rsub"])
def test_alpha(name):
    for a, b in itertools.product(["float64", "float32", "int64", "bool"], repeat=2):
        x, y = draw(3, 4).astype(a), draw(4, seed=2).astype(b)
        for alpha in (2, -1.5, True, 0, "x"):
            if name != "rsub":
                beside(lambda t, x, y: getattr(t, name)(x, y, alpha=alpha), x, y)
                beside(lambda t, x: getattr(t, name)(x, 2.5, alpha=alpha), x)
                beside(lambda t, x, y: getattr(x.clone(), f"{name}_")(y, alpha=alpha), x, y)
            elif b == a != "bool":  # recorded as a SubBackward0: the numbers alone
                beside(lambda t, x, y: t.rsub(x.detach(), y.detach(), alpha=alpha), x, y, tier="T3")


@pytest.mark.parametrize("mode", ["floor", "trunc", "up"])
def test_rounded_division(mode):
    for a, b in itertools.product(["float64", "float32", "int64", "uint8", "bool"], repeat=2):
        x, y = np.array([7, -7, 5, 9, 0]).astype(a), np.array([2, 2, -3, 1, 4]).astype(b)
        beside(lambda t, x, y: t.div(x, y, rounding_mode=mode), x, y)
        beside(lambda t, x, y: x.clone().div_(y, rounding_mode=mode), x, y)
    for name in ("remainder", "fmod", "floor_divide"):
        beside(lambda t, x: getattr(t, name)(x, x), np.array([2, 0]))


def test_floor_divide_has_no_derivative():
    for sides in itertools.product((True, False), repeat=2):
        beside(lambda t, x, y: t.autograd.grad((x.requires_grad_(sides[0]) // y.requires_grad_(sides[1])).sum(), x), *draw(2, 3))
        beside(lambda t, x, y: (x.requires_grad_(sides[0]) // y.requires_grad_(sides[1])).sum().backward(), *draw(2, 3))


@pytest.mark.parametrize("name", ["remainder", "fmod"])
@pytest.mark.parametrize("number", [2, -2, 0.7])
def test_remainder_by_a_number(name, number):
    beside(lambda t, x: getattr(t, name)(x, number), draw(3, 4))
    beside(lambda t, x: getattr(x * 1, f"{name}_")(number), draw(3, 4))


# ---- choices


BOUNDS = [(-1, 1), (None, 1), (-1, None), (-0.5, 1.5), (1, -1), (None, None), (math.nan, 1), (300, None), (-300, 2), ("a", 1)]


@pytest.mark.parametrize("bounds", BOUNDS, ids=str)
def test_clamp(bounds):
    for dtype in ("float64", "float32", "int64", "uint8"):
        x = np.array([-2, -1, -0.7, 0, 0.5, 1, 2.5]).astype(dtype)
        beside(lambda t, x: t.clamp(x, *bounds), x)
        beside(lambda t, x: x.clip(min=bounds[0], max=bounds[1]), x)
        if dtype[0] == "f":
            beside(lambda t, x: x.clone().clamp_(*bounds), x)
    beside(lambda t, x: t.clamp(x, *bounds), edges("float32"), order=1)


def test_clamp_between_tensors():
    x, low, high = [np.round(draw(*shape, seed=i)) + 0.0 for i, shape in enumerate([(4, 5), (5,), (4, 1)])]
    beside(lambda t, x, low, high: t.clamp(x, low, high), x, low, high)
    beside(lambda t, x, low: t.clamp(x, low), x, low)
    beside(lambda t, x, high: t.clamp(x, max=high), x, high)
    beside(lambda t, x, low, high: x.clone().clamp_(low, high), x, low, high)
    beside(lambda t, x, low: t.clamp(x, low, 1), x, low)
    beside(lambda t, x, low: t.clamp(x, low), x.astype(int), low)
    beside(lambda t, x, low: t.clamp(x, low), x, low[:3])
    beside(lambda t, x, low, high: t.clamp(x, low, high), *np.array(list(itertools.product(edges("float64")[:5] + 0.0, repeat=3))).T, order=1)


def test_where():
    x, y, yes = draw(3, 4), draw(4, seed=2), draw(3, 1) > 0
    for a, b in itertools.product(["float64", "float32", "int64", "bool"], repeat=2):
        beside(lambda t, c, x, y: t.where(c, x, y), yes, x.astype(a), y.astype(b))
        beside(lambda t, c, x: t.where(c, x, 2.5), yes, x.astype(a))
        beside(lambda t, c, y: t.where(c, 2, y), yes, y.astype(b))
        beside(lambda t, c, x, y: x.where(c, y), yes, x.astype(a), y.astype(b))
    beside(lambda t, c: t.where(c, 2, 3.5), yes)
    beside(lambda t, c: t.where(c), yes)
    beside(lambda t, c, x: t.where(c, x, x), yes.astype("uint8"), x, order=0)
    for bad in (1, 1.5, None, "s"):
        beside(lambda t, x: t.where(x, x, bad), x)
        beside(lambda t, x: t.where(bad, x, x), x)
    beside(lambda t, c, x, y: t.where(c, x, y), yes, x, y[:3])


def test_masked_fill():
    for dtype in ("float64", "int64", "uint8"):
        x, mask = draw(3, 4).astype(dtype), draw(4, seed=2) > 0
        for value in (2, 2.5, -1, 300, math.nan):
            beside(lambda t, x, mask: x.masked_fill(mask, value), x, mask)
            beside(lambda t, x, mask: x.clone().masked_fill_(mask, value), x, mask)
    x = draw(3, 4)
    for value in (draw(), draw(1), draw(2)):
        beside(lambda t, x, mask, value: x.masked_fill(mask, value), x, mask, value)
        beside(lambda t, x, mask, value: x.clone().masked_fill_(mask, value), x, mask, value)
    beside(lambda t, x: x.masked_fill(x, 1), x)
    beside(lambda t, x, mask: x.masked_fill(mask, 1), x, mask[:3])


# ---- three operands


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("value", [0.3, 0.5, 0.7, -2, 1])
def test_three_operands(value, dtype):
    x, y, z = draw(3, 4, dtype=dtype), draw(4, seed=2, dtype=dtype), draw(3, 1, seed=3, low=0.5, dtype=dtype)
    for f in [
        lambda t, x, y, z: t.lerp(x, y, value),
        lambda t, x, y, z: t.lerp(x, y, z),
        lambda t, x, y, z: t.addcmul(x, y, z, value=value),
        lambda t, x, y, z: t.addcdiv(x, y, z, value=value),
        lambda t, x, y, z: x.clone().lerp_(y, value),
        lambda t, x, y, z: x.clone().lerp_(y, z),
        lambda t, x, y, z: x.clone().addcmul_(y, z, value=value),
        lambda t, x, y, z: x.clone().addcdiv_(y, z, value=value),
    ]:
        beside(f, x, y, z)


def test_three_operands_of_other_types():
    i, x = np.arange(1, 4), draw(3)
    for a, b, c in itertools.product((i, x, i > 1), repeat=3):
        for f in [
            lambda t, a, b, c: t.addcmul(a, b, c, value=2),
            lambda t, a, b, c: t.addcdiv(a, b, c, value=2),
            lambda t, a, b, c: t.lerp(a, b, c),
            lambda t, a, b, c: t.lerp(a, b, 0.3),
            lambda t, a, b, c: a.clone().addcmul_(b, c),
        ]:
            beside(f, a, b, c, order=0)
    for f in [
        lambda t, x: t.addcmul(x, 2, x),
        lambda t, x: t.addcdiv(x, x, 2),
        lambda t, x: t.lerp(x, 2, 0.5),
        lambda t, x: t.lerp(x, x, "s"),
        lambda t, x: t.addcmul(x, x[:2], x),
        lambda t, x: t.lerp(x, x[:2], 0.5),
    ]:
        beside(f, x)


# ---- operators


OPERATORS = "add sub mul truediv floordiv mod pow".split()
IN_PLACE = ["i" + name for name in OPERATORS]


@pytest.mark.parametrize("dtype", ["float64", "int64", "uint8", "bool"])
@pytest.mark.parametrize("name", OPERATORS + IN_PLACE)
def test_operators(name, dtype):
    f = getattr(operator, name)
    order = 0 if name.endswith("floordiv") else 2
    a, b = draw(3, 4, low=1).astype(dtype), draw(4, seed=2, low=0.5)
    for other in (b, b.astype("float32"), b.astype(int) + 1):
        beside(lambda t, x, y: f(x.clone(), y), a, other, order=order if other is b else 0)
    for number in (2, -2.5, True, None, "s", [1]):
        if number is True and name.endswith("pow"):  # PyTorch cannot save this number
            continue
        beside(lambda t, x: f(x.clone(), number), a, order=order)
        if name in OPERATORS and name != "mod":  # PyTorch does not differentiate a number % a tensor
            beside(lambda t, x: f(number, x), a, order=order)


@pytest.mark.parametrize("name", ["neg", "pos", "abs"])
def test_unary_operators(name):
    for dtype in ("float64", "int64", "uint8", "bool"):
        beside(lambda t, x: getattr(operator, name)(x), np.array([1, 0, 3]).astype(dtype))


def test_modulo_of_a_number():
    for number in (2, -2.5):
        beside(lambda t, x: number % x.detach(), draw(3, 4))


# ---- operands that are none


BAD = {
    "text": lambda t, x: t.add(x, "s"),
    "none": lambda t, x: t.mul(x, None),
    "no tensor": lambda t, x: t.sub("s", x),
    "in place": lambda t, x: x.clone().div_("s"),
    "list": lambda t, x: t.pow(x, [1]),
    "maximum of a number": lambda t, x: t.maximum(x, 2),
    "minimum of a number": lambda t, x: t.minimum(2, x),
    "large": lambda t, x: x.long() + 2**64,
    "small": lambda t, x: x.long() + (-(2**63) - 1),
    "in place, broadcast": lambda t, x: x.clone().add_(t.ones(2, 4)),
    "in place, shape": lambda t, x: x.clone().mul_(t.ones(3)),
    "in place, kind": lambda t, x: x.long().add_(2.5),
    "in place, kind of power": lambda t, x: x.long().pow_(0.5),
    "in place, bool": lambda t, x: (x > 0).mul_(2),
    "leaf in place": lambda t, x: x.add_(1),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_operands(name):
    beside(BAD[name], draw(4))


def test_integers_wrap_around():
    for number in (-3, 300, 2**40, 2**63):
        for dtype in ("int64", "int8", "uint8"):
            beside(lambda t, x: x + number, np.array([1, 2, 255]).astype(dtype))
