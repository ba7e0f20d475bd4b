"""log, sin and cos in single precision, with the bits that PyTorch's AVX2 kernel for normal numbers has.

The kernel evaluates the polynomials of the Cephes library (Moshier 1992), eight numbers at a time, with fused multiply-adds;
each `fma` below is one of its instructions. The numbers are singles, kept as doubles.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .fused import Quick, multiply_add_single, rounded


def log(x: np.ndarray) -> np.ndarray:
    """Of positive singles."""
    return evaluated(log_with, x)


def sin_cos(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of singles from 0 up to some thousands."""
    return evaluated(sin_cos_with, x)


def evaluated(function: Callable[..., Any], x: np.ndarray) -> Any:
    """A function computed with quick multiply-adds, and if one of these was rounded wrongly, with slow ones."""
    quick = Quick()
    result = function(quick, x)
    return result if quick.exact() else function(multiply_add_single, x)


def constants(*values: float) -> list[np.ndarray]:
    """Numbers rounded to single precision."""
    return [rounded(np.array(value)) for value in values]


LOG = constants(7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
                2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1)  # fmt: skip
LN2_HIGH, LN2_LOW = constants(0.693359375, -2.12194440e-4)  # their sum is ln 2
SIN = constants(-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)
COS = constants(2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2)
QUARTER_PI = constants(-0.78515625, -2.4187564849853515625e-4, -3.77489497744594108e-8)  # in three parts, whose sum is -pi / 4
ROOT_HALF, FOUR_OVER_PI, MINUS_HALF = constants(0.707106781186547524, 1.27323954473516, -0.5)


def polynomial(fma: Callable[..., np.ndarray], coefficients: list[np.ndarray], x: np.ndarray) -> np.ndarray:
    """By Horner's rule, the highest power first."""
    value = coefficients[0]
    for coefficient in coefficients[1:]:
        value = fma(value, x, coefficient)
    return value


def log_with(fma: Callable[..., np.ndarray], x: np.ndarray) -> np.ndarray:
    """x = 2^e (1 + f), with 1 + f between sqrt(1/2) and sqrt(2)."""
    f, e = np.frexp(x)
    low = f < ROOT_HALF
    e = (e - low).astype(np.float64)
    f = np.ldexp(f, low) - 1
    square = rounded(f * f)
    y = fma(rounded(polynomial(fma, LOG, f) * f), square, rounded(e * LN2_LOW))
    y = fma(square, MINUS_HALF, y)
    return fma(e, LN2_HIGH, rounded(f + y))


def sin_cos_with(fma: Callable[..., np.ndarray], x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Reduced to at most pi / 4, where one polynomial gives the sine and one the cosine."""
    octant = rounded(x * FOUR_OVER_PI).astype(np.int32) + 1 & ~1
    turns = octant.astype(np.float64)
    for part in QUARTER_PI:
        x = fma(turns, part, x)
    square = rounded(x * x)
    sine = fma(rounded(polynomial(fma, SIN, square) * square), x, x)
    cosine = rounded(fma(rounded(polynomial(fma, COS, square) * square), square, square * MINUS_HALF) + 1)
    swapped = octant & 2 != 0
    sines, cosines = np.where(swapped, cosine, sine), np.where(swapped, sine, cosine)
    return sines * signs(octant), cosines * signs(octant + 2)


def signs(octant: np.ndarray) -> np.ndarray:
    """Minus in the lower half of the circle."""
    return 1.0 - (octant >> 1 & 2)
