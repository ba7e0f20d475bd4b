"""The error function, the logarithm of the gamma function and its derivatives, and x log y: what probability densities need.

NumPy has none of them: `erfc` and `lgamma` are Python's, element by element; the others are computed in double precision.
"""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.rule import Rule, apply, on
from ..autograd.variable import TensorBase
from . import error_function
from .family import Number, broadcasting, check_operands, floated, floating, unary
from .masking import Kept, Where
from .precision import wide

if TYPE_CHECKING:
    from ..tensor import Tensor


def each(function: Callable[[float], float], x: np.ndarray) -> np.ndarray:
    """A function of Python's, of every element."""
    return np.fromiter(map(function, x.reshape(-1).tolist()), np.float64, x.size).reshape(x.shape).astype(x.dtype)


class Erf(Rule):
    """2 / sqrt(pi) times the integral of exp(-t²) from 0 to the input."""

    tier = "T1"

    def forward(x):
        return error_function.erf(x, x.dtype)

    def grad_x(grad, x):
        return grad * (np.exp(-(x * x)) * (2 / math.sqrt(math.pi)))


class Erfc(Rule):
    """1 - erf(input), accurate where that is small."""

    tier = "T1"

    def forward(x):
        return each(math.erfc, x)

    def grad_x(grad, x):
        return grad * (np.exp(-(x * x)) * (-2 / math.sqrt(math.pi)))


class Sinc(Rule):
    """sin(πx) / (πx), which is 1 at 0."""

    tier = "T3"

    def forward(x):
        angle = x * x.dtype.type(math.pi)  # rounded before the sine is taken, as PyTorch's
        return np.where(x == 0, x.dtype.type(1), wide(np.sin, angle) / angle)

    def grad_x(grad, x):
        angle, square = x * math.pi, x * x * math.pi
        return on(Kept, grad * ((angle * np.cos(angle) - np.sin(angle)) / square), square != 0)


class Logit(Rule):
    """log(x / (1 - x)), of x held within [eps, 1 - eps]."""

    tier = "T3"

    def forward(x, *, eps):
        x_wide = x.astype(np.float64, copy=False)
        if eps is not None:
            x_wide = np.clip(x_wide, x.dtype.type(eps), x.dtype.type(1) - x.dtype.type(eps))
        return np.log(x_wide / (1 - x_wide)).astype(x.dtype)

    def grad_x(grad, x, eps):
        sloped = grad / (x * (1 - x))
        if eps is None:
            return on(Where, (x >= 0) & (x <= 1), sloped, np.float32(math.nan))
        return on(Kept, sloped, ~((x < eps) | (x > 1 - eps)))


class Erfinv(Rule):
    """The inverse of erf on (-1, 1)."""

    tier = "T2"

    def forward(x):
        return inverse_erf(x.astype(np.float64)).astype(x.dtype)

    def grad_x(grad, out):
        return grad * (np.exp(out * out) * (math.sqrt(math.pi) / 2))


class Lgamma(Rule):
    """log |Γ(input)|."""

    tier = "T3"

    def forward(x):
        return each(log_gamma, x)

    def grad_x(grad, x):
        return grad * on(Digamma, x)


class Digamma(Rule):
    """ψ(input), the derivative of log Γ."""

    tier = "T3"

    def forward(x):
        return digammas(x.astype(np.float64)).astype(x.dtype)

    def grad_x(grad, x):
        return grad * on(Polygamma, x, n=1)


class Polygamma(Rule):
    """The n-th derivative of digamma."""

    tier = "T3"

    def forward(x, *, n):
        return (polygammas(n, x.astype(np.float64)) if n else digammas(x.astype(np.float64))).astype(x.dtype)

    def grad_x(grad, x, n):
        return grad * on(Polygamma, x, n=n + 1)


class Xlogy(Rule):
    """x log y, which is 0 where x is 0, unless y is NaN."""

    tier = "T1"

    def forward(x, y):
        wide_x, wide_y = x.astype(np.float64, copy=False), y.astype(np.float64, copy=False)
        return np.where((x == 0) & (y == y), 0, wide_x * np.log(wide_y)).astype(x.dtype)

    def grad_x(grad, x, y):
        return on(Kept, on(Xlogy, grad, y), ~((x == 0) & (y <= 0)))

    def grad_y(grad, x, y):
        return grad * x / y


class XlogyOfNumber(Rule):
    """`Xlogy` where x is a number."""

    node_name = "XlogyBackward1"
    tier = "T1"

    def forward(y, *, x):
        return Xlogy.forward(np.asarray(x, y.dtype), y)

    grad_y = Xlogy.grad_y


class XlogyByNumber(Rule):
    """`Xlogy` where y is a number."""

    node_name = "XlogyBackward2"
    tier = "T1"

    def forward(x, *, y):
        return Xlogy.forward(x, np.asarray(y, x.dtype))

    def grad_x(grad, x, y):
        found = on(XlogyByNumber, grad, y=y)
        return found if y > 0 else on(Kept, found, x != 0)


# ---- the mathematics


def inverse_erf(y: np.ndarray) -> np.ndarray:
    """Winitzki's approximation (2008), and Newton's method with the second derivative: Halley's."""
    log = np.log1p(-y * y)
    a = 0.147
    b = 2 / (math.pi * a) + log / 2
    with np.errstate(invalid="ignore"):
        x = np.copysign(np.sqrt(np.sqrt(b * b - log / a) - b), y)
    inside = np.isfinite(x)
    for _ in range(3):
        near = x[inside]
        tail = np.abs(y[inside]) > 0.5  # where 1 - |y| is exact, and erfc keeps the digits that erf loses
        error = np.where(tail, np.sign(near) * ((1 - np.abs(y[inside])) - each(math.erfc, np.abs(near))), each(math.erf, near) - y[inside])
        step = error / (2 / math.sqrt(math.pi) * np.exp(-near * near))
        x[inside] = near - step / (1 + near * step)
    return np.where(np.abs(y) > 1, math.nan, x)


def log_gamma(x: float) -> float:
    infinite = x == -math.inf or x > 2.5e305 or x <= 0 and x == math.floor(x)
    return math.inf if infinite else math.lgamma(x)


BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510]  # the numbers B2, B4, ...


def digammas(x: np.ndarray) -> np.ndarray:
    """By the reflection formula to x > 0, by the recurrence to x >= 10, and there by the asymptotic series."""
    pole, at_pole = (x <= 0) & (x == np.floor(x)), np.where(x == 0, -np.copysign(math.inf, x), math.nan)
    reflected = (x < 0) & ~pole
    below = np.where(reflected, np.pi / np.tan(np.pi * (x - np.round(x))), 0.0)
    x = np.where(pole, 1.0, np.where(reflected, 1 - x, x))
    steps = [x + k for k in range(10)]
    total = np.zeros_like(x)
    for step in reversed(steps):  # the smallest terms first
        total -= np.where(step < 10, 1 / step, 0.0)
    x = x + sum([step < 10 for step in steps], 0)
    inverse = 1 / (x * x)
    series = np.zeros_like(x)
    for k in range(len(BERNOULLI), 0, -1):
        series = (series + BERNOULLI[k - 1] / (2 * k)) * inverse
    value = total + np.log(x) - 0.5 / x - series - below
    return np.where(pole, at_pole, value)


def polygammas(n: int, x: np.ndarray) -> np.ndarray:
    """By the reflection formula, of which the cotangent's derivatives are polynomials in it, to x > 0; there by the zeta function."""
    negative = (x < 0) & (x != np.floor(x))
    value = (-1) ** (n + 1) * math.factorial(n) * hurwitz_zeta(n + 1, np.where(negative, 1 - x, x))
    if not negative.any():
        return value
    polynomial = np.polynomial.Polynomial([0, 1])
    for _ in range(n):
        polynomial = polynomial.deriv() * np.polynomial.Polynomial([-1, 0, -1])
    cotangent = 1 / np.tan(np.pi * (x - np.round(x)))
    return np.where(negative, (-1) ** n * value - np.pi ** (n + 1) * polynomial(cotangent), value)


def hurwitz_zeta(s: int, x: np.ndarray) -> np.ndarray:
    """The sum of (x + k)^-s over k >= 0, by Euler and Maclaurin's formula."""
    terms = 12
    total = sum([(x + k) ** -float(s) for k in range(terms)])
    end = x + terms
    total += end ** (1.0 - s) / (s - 1) + 0.5 * end ** -float(s)
    factor: Any = float(s) * end ** -(s + 1.0)
    for k, number in enumerate(BERNOULLI, 1):
        total += number / math.factorial(2 * k) * factor
        factor = factor * (s + 2 * k - 1) * (s + 2 * k) / (end * end)
    return np.where((x <= 0) & (x == np.floor(x)), math.inf, total)


# ---- functions

erf, erf_ = unary(Erf)
erfc, erfc_ = unary(Erfc)
erfinv, erfinv_ = unary(Erfinv)
sinc, sinc_ = unary(Sinc)
lgamma, lgamma_ = unary(Lgamma)
digamma, digamma_ = unary(Digamma)


def xlogy(input: Any, other: Any) -> Tensor:
    """input * log(other), of tensors or numbers. Mirrors torch.xlogy."""
    if isinstance(input, Number) and isinstance(other, TensorBase):
        return apply(XlogyOfNumber, floated(other), x=input)
    if isinstance(other, Number) and isinstance(input, TensorBase):
        return apply(XlogyByNumber, floated(input), y=other)
    check_operands("xlogy", input, other, "one")
    return broadcasting(apply, Xlogy, *floating(input, other, name="xlogy"))


def logit(input: Tensor, eps: float | None = None) -> Tensor:
    """log(input / (1 - input)), of input held within [eps, 1 - eps]. Mirrors torch.logit."""
    return apply(Logit, floated(input), eps=eps)


def polygamma(n: int, input: Tensor) -> Tensor:
    """The n-th derivative of digamma. Mirrors torch.polygamma."""
    if n < 0:
        raise RuntimeError("polygamma(n, x) does not support negative n.")
    return apply(Polygamma, floated(input), n=n)
