"""Whose numbers are nearer to the truth? Both engines against the exact value, computed by mpmath with 40 digits.

Of a function of one element the error is counted in units in the last place (ULP) of the exact value: a correctly rounded result is
within 0.5. Where terms are summed, the terms may cancel and nearly nothing of the sum be left; there it is counted in those of the
sum of the terms' absolute values.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import torch
from mpmath import mpf

import minigrad

from .record import Record

TITLE = "Accuracy"
ABOUT = "Both engines' errors against the exact value (mpmath, 40 digits): the worst and the mean, in units in the last place."
# By so much errors over a sample of random numbers may differ without one engine being worse: a tenth, and in ULP
SLACK = {"worst": 0.05, "mean": 0.02}
# Where minigrad's numbers are worse than PyTorch's, and why.
REASONS = {
    "sinh": "NumPy's kernel for float64",
    "cosh": "NumPy's kernel for float64",
    "tanh": "NumPy's kernel for float64",
    "atanh": "NumPy's kernel for float64",
    "pow": "NumPy's kernel for float64",
    "hypot": "NumPy's kernel for float64",
    "nn.functional.mish": "two of NumPy's kernels, one after the other",
    "nn.functional.softplus": "two of NumPy's kernels, one after the other",
    "nn.functional.gelu, tanh": "NumPy's tanh; left of 0 its last bit is all that 1 + tanh leaves",
    "nn.functional.gelu": "Python's erf; left of 0 its last bit is all that 1 + erf leaves, in PyTorch too",
    "erf": "Python's, which calls the C library's; NumPy has none",
    "erfc": "Python's, which calls the C library's; NumPy has none",
    "erfinv": "two steps of Newton's method from Python's erf; NumPy has none",
    "lgamma": "Python's, Lanczos' approximation; NumPy has none",
    "softmax": "the sum of 100 numbers in another order, and NumPy's exp",
    "log_softmax": "the sum of 100 numbers in another order, and NumPy's exp and log",
    "sum": "PyTorch adds in more parallel chains",
    "mean": "PyTorch adds in more parallel chains",
    "prod": "another order",
    "linalg.vector_norm": "another order",
    "nn.functional.layer_norm": "another order",
    "nn.functional.mse_loss": "another order",
    "matmul, inner size 1000": "OpenBLAS splits the sum into fewer blocks than MKL",
}
DIGITS = 40
DTYPES = ("float64", "float32")

Draw = Callable[[np.random.Generator, int], Sequence[np.ndarray]]


@dataclass(frozen=True)
class Case:
    """An operation, where to try it, and what it ought to be."""

    call: Callable[..., Any]  # (library, *tensors)
    exact: Callable[..., Any]  # (*object arrays of mpf) -> the exact values; for a sum, those and the sums of absolute values
    draw: Draw
    sums: bool = False
    slow: bool = False  # a reference that takes long: fewer numbers


# ---- where to try


def between(low: float, high: float) -> Draw:
    """Numbers between two, and as many near 0 of every magnitude, if 0 is among them."""

    def draw(rng: np.random.Generator, n: int) -> list[np.ndarray]:
        spread = rng.uniform(low, high, n)
        if low <= 0 <= high:
            tiny = 10.0 ** rng.uniform(-6, 0, n // 2) * min(abs(low) or high, high or -low)
            spread[: n // 2] = tiny if low == 0 else np.where(rng.random(n // 2) < 0.5, -tiny, tiny)
        return [spread]

    return draw


def positive(rng: np.random.Generator, n: int) -> list[np.ndarray]:
    """Positive numbers of many magnitudes, half of them near 1."""
    return [np.concatenate([10.0 ** rng.uniform(-30, 30, n // 2), rng.uniform(0.5, 2, n - n // 2)])]


def both(first: Draw, second: Draw) -> Draw:
    return lambda rng, n: [*first(rng, n), *second(rng, n)]


def normal(*shapes: tuple[int, ...]) -> Draw:
    """Standard normal arrays of given shapes."""
    return lambda rng, n: [rng.standard_normal(shape) for shape in shapes]


# ---- what it ought to be: on arrays of mpf, NumPy calls Python's operators


def each(function: Callable[..., Any]) -> Callable[..., Any]:
    return np.vectorize(function, otypes=[object])


def exactly(x: np.ndarray) -> Any:
    """Floats as mpf."""
    return each(mpf)(np.asarray(x, np.float64).astype(object))


def integers(x: Any) -> tuple[Any, int]:
    """As multiples of one power of two, and its exponent: their sums and products are exact, and ten times as fast as those of mpf."""
    low = min([value.exp for value in x.flat])
    sizes = [int(value.man) << (value.exp - low) for value in x.flat]
    return np.array([-size if value < 0 else size for size, value in zip(sizes, x.flat)], object).reshape(x.shape), low


def multiples(digits: Any, exponent: int) -> Any:
    return each(lambda n: mpmath.ldexp(mpf(n), exponent))(digits)


exp, log, tanh, sqrt = [each(f) for f in (mpmath.exp, mpmath.log, mpmath.tanh, mpmath.sqrt)]


def sigmoid(x: Any) -> Any:
    return 1 / (1 + mpmath.exp(-x))


def gelu(x: Any) -> Any:
    return x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2


def gelu_tanh(x: Any) -> Any:
    return x * (1 + mpmath.tanh(mpmath.sqrt(2 / mpmath.pi) * (x + mpf(0.044715) * x**3))) / 2


def softmax(x: Any) -> Any:
    e = exp(x)
    return e / e.sum(-1, keepdims=True)


def logsumexp(x: Any) -> Any:
    return log(exp(x).sum(-1))


def total(x: Any) -> tuple[Any, Any]:
    digits, exponent = integers(x)
    return multiples(digits.sum(-1), exponent), multiples(abs(digits).sum(-1), exponent)


def average(x: Any) -> tuple[Any, Any]:
    found, scale = total(x)
    return found / x.shape[-1], scale / x.shape[-1]


def squares(x: Any) -> Any:
    """The sum of squares."""
    digits, exponent = integers(x)
    return multiples((digits * digits).sum(-1), 2 * exponent)


def variance(x: Any) -> Any:
    n = x.shape[-1]
    return (squares(x) - total(x)[0] ** 2 / n) / (n - 1)  # cancels next to nothing of 40 digits


def product(a: Any, b: Any) -> tuple[Any, Any]:
    (m, i), (n, j) = integers(a), integers(b)
    return multiples(m @ n, i + j), multiples(abs(m) @ abs(n), i + j)


def affine(x: Any, w: Any, b: Any) -> tuple[Any, Any]:
    found, scale = product(x, w.T)
    return found + b, scale + abs(b)


def convolution(x: Any, w: Any) -> tuple[Any, Any]:
    """Both of one sample: (channels, height, width) and (outputs, channels, 3, 3)."""
    height, width = x.shape[1] - 2, x.shape[2] - 2
    columns = np.stack([x[:, i : i + height, j : j + width] for i in range(3) for j in range(3)], 1).reshape(-1, height * width)
    found, scale = product(w.reshape(len(w), -1), columns)
    return found.reshape(len(w), height, width), scale.reshape(len(w), height, width)


def layer_norm(x: Any) -> Any:
    n = x.shape[-1]
    spread = sqrt(variance(x) * (n - 1) / n + mpf(1e-5))[..., None]
    largest = abs(x).max(-1, keepdims=True) / spread
    return (x - average(x)[0][..., None]) / spread, np.broadcast_to(largest, x.shape)


def cross_entropy(x: Any) -> tuple[Any, Any]:
    """Of the classes 0, 1, 0, 1, ..., each loss by itself."""
    chosen, rest = x[np.arange(len(x)), np.arange(len(x)) % 2], logsumexp(x)
    return rest - chosen, abs(rest) + abs(chosen)


def logits_loss(x: Any, y: Any) -> tuple[Any, Any]:
    losses = each(lambda x, y: mpmath.log(1 + mpmath.exp(x)) - x * abs(y))(x, y)
    return losses, abs(losses) + abs(x)


def classes(t: Any, x: Any) -> Any:
    return t.arange(len(x)) % 2


ROWS = normal((100, 100))
UNARY: dict[str, tuple[Callable[..., Any], Draw]] = {
    "exp": (mpmath.exp, between(-80, 80)),
    "exp2": (lambda x: mpf(2) ** x, between(-100, 100)),
    "expm1": (mpmath.expm1, between(-10, 10)),
    "log": (mpmath.log, positive),
    "log1p": (lambda x: mpmath.log1p(x), between(-0.9, 10)),
    "log2": (lambda x: mpmath.log(x) / mpmath.log(2), positive),
    "log10": (mpmath.log10, positive),
    "sin": (mpmath.sin, between(-20, 20)),
    "cos": (mpmath.cos, between(-20, 20)),
    "tan": (mpmath.tan, between(-20, 20)),
    "asin": (mpmath.asin, between(-1, 1)),
    "acos": (mpmath.acos, between(-1, 1)),
    "atan": (mpmath.atan, between(-20, 20)),
    "sinh": (mpmath.sinh, between(-20, 20)),
    "cosh": (mpmath.cosh, between(-20, 20)),
    "tanh": (mpmath.tanh, between(-10, 10)),
    "asinh": (mpmath.asinh, between(-20, 20)),
    "acosh": (mpmath.acosh, between(1, 20)),
    "atanh": (mpmath.atanh, between(-1, 1)),
    "sqrt": (mpmath.sqrt, positive),
    "rsqrt": (lambda x: 1 / mpmath.sqrt(x), positive),
    "sigmoid": (sigmoid, between(-30, 30)),
    "logit": (lambda x: mpmath.log(x / (1 - x)), between(0.001, 0.4)),
    "erf": (mpmath.erf, between(-4, 4)),
    "erfc": (mpmath.erfc, between(-4, 8)),
    "erfinv": (mpmath.erfinv, between(-0.99, 0.99)),
    "lgamma": (lambda x: mpmath.loggamma(x).real, between(3, 60)),
    "digamma": (mpmath.digamma, between(2, 60)),
    "nn.functional.silu": (lambda x: x * sigmoid(x), between(-30, 30)),
    "nn.functional.softplus": (lambda x: mpmath.log1p(mpmath.exp(x)), between(-30, 15)),
    "nn.functional.logsigmoid": (lambda x: -mpmath.log1p(mpmath.exp(-x)), between(-30, 15)),
    "nn.functional.gelu": (gelu, between(-3, 10)),
    "nn.functional.elu": (lambda x: x if x > 0 else mpmath.expm1(x), between(-10, 5)),
    "nn.functional.mish": (lambda x: x * mpmath.tanh(mpmath.log1p(mpmath.exp(x))), between(-10, 10)),
}


def named(name: str) -> Callable[..., Any]:
    """The function of that name in a library."""

    def call(t: Any, *tensors: Any) -> Any:
        found = t
        for part in name.split("."):
            found = getattr(found, part)
        return found(*tensors)

    return call


CASES = {name: Case(named(name), each(exact), draw, slow=name == "erfinv") for name, (exact, draw) in UNARY.items()} | {
    "pow": Case(lambda t, x, y: t.pow(x, y), each(lambda x, y: x**y), both(between(0.1, 20), between(-8, 8))),
    "atan2": Case(lambda t, x, y: t.atan2(x, y), each(mpmath.atan2), both(between(-5, 5), between(-5, 5))),
    "hypot": Case(lambda t, x, y: t.hypot(x, y), each(mpmath.hypot), both(between(-5, 5), between(-5, 5))),
    "nn.functional.gelu, tanh": Case(lambda t, x: t.nn.functional.gelu(x, approximate="tanh"), each(gelu_tanh), between(-2, 10)),
    "softmax": Case(lambda t, x: t.softmax(x, -1), softmax, ROWS),
    "log_softmax": Case(lambda t, x: t.log_softmax(x, -1), lambda x: x - logsumexp(x)[:, None], ROWS),
    "logsumexp": Case(lambda t, x: t.logsumexp(x, -1), logsumexp, ROWS),
    "var": Case(lambda t, x: t.var(x, -1), variance, ROWS),
    "std": Case(lambda t, x: t.std(x, -1), lambda x: sqrt(variance(x)), ROWS),
    "linalg.vector_norm": Case(lambda t, x: t.linalg.vector_norm(x, dim=-1), lambda x: sqrt(squares(x)), ROWS),
    "prod": Case(lambda t, x: t.prod(x, -1), lambda x: x.prod(-1), ROWS),
    "sum": Case(lambda t, x: t.sum(x, -1), total, normal((20, 1000)), sums=True),
    "mean": Case(lambda t, x: t.mean(x, -1), average, normal((20, 1000)), sums=True),
    "matmul, inner size 4": Case(lambda t, a, b: a @ b, product, normal((64, 4), (4, 60)), sums=True),
    "matmul, inner size 120": Case(lambda t, a, b: a @ b, product, normal((32, 120), (120, 42)), sums=True),
    "matmul, inner size 1000": Case(lambda t, a, b: a @ b, product, normal((8, 1000), (1000, 10)), sums=True),
    "nn.functional.linear": Case(named("nn.functional.linear"), affine, normal((32, 84), (21, 84), (21,)), sums=True),
    "nn.functional.conv2d": Case(
        lambda t, x, w: t.nn.functional.conv2d(x[None], w)[0], convolution, normal((3, 10, 10), (5, 3, 3, 3)), sums=True
    ),
    "nn.functional.layer_norm": Case(lambda t, x: t.nn.functional.layer_norm(x, (100,)), layer_norm, ROWS, sums=True),
    "nn.functional.cross_entropy": Case(
        lambda t, x: t.nn.functional.cross_entropy(x, classes(t, x), reduction="none"), cross_entropy, ROWS, sums=True
    ),
    "nn.functional.mse_loss": Case(
        lambda t, x, y: t.stack([t.nn.functional.mse_loss(a, b) for a, b in zip(x, y)]),
        lambda x, y: squares(x - y) / x.shape[-1], normal((100, 100), (100, 100)),
    ),
    "nn.functional.binary_cross_entropy_with_logits": Case(
        lambda t, x, y: t.nn.functional.binary_cross_entropy_with_logits(x, y.abs(), reduction="none"), logits_loss,
        normal((64, 20), (64, 20)), sums=True,
    ),
}  # fmt: skip


def jobs(quick: bool) -> list[str]:
    return list(CASES)


def measure(job: str, quick: bool) -> list[Record]:
    return [compare(job, CASES[job], dtype, quick) for dtype in DTYPES]


def compare(name: str, case: Case, dtype: str, quick: bool) -> Record:
    count = (40 if quick else 4000) // (10 if case.slow else 1)
    inputs = [np.asarray(x, dtype) for x in case.draw(np.random.default_rng(0), count)]
    with mpmath.workdps(DIGITS):
        exact = case.exact(*[exactly(x) for x in inputs])
        exact, scale = exact if case.sums else (exact, exact)
        unit = np.spacing(np.abs(np.asarray(scale, np.float64).astype(dtype))).astype(np.float64)
        errors = {}
        for engine, t in (("minigrad", minigrad), ("PyTorch", torch)):
            found = case.call(t, *[t.from_numpy(x) for x in inputs]).numpy()
            off = np.asarray(abs(exactly(found) - exact), np.float64) / unit
            errors[engine] = [float(off.max()), float(off.mean())]
    (worst, mean), (their_worst, their_mean) = errors.values()
    worse = worst > 1.1 * their_worst + SLACK["worst"] or mean > 1.1 * their_mean + SLACK["mean"]
    note = "; ".join(filter(None, (worse and REASONS.get(name), case.sums and "in ULP of the sum of the absolute values")))
    return Record(
        "accuracy", name, "error", dtype, samples=1, numbers=int(np.size(exact)), tier="no worse", kept=not worse, errors=errors, note=note,
        equal=float("nan"),
    )  # fmt: skip
