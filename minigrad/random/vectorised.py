"""log, sin and cos in single precision, with the bits that PyTorch's AVX2 kernel for normal numbers has.

The kernel evaluates the polynomials of the Cephes library (Moshier 1992), eight numbers at a time, with fused multiply-adds;
each `multiply_add` below is one of its instructions.
"""
from __future__ import annotations

import numpy as np

from .fused import multiply_add

single = np.float32


def fma(a: np.ndarray, b: np.ndarray | float, c: np.ndarray | float) -> np.ndarray:
    return multiply_add(a, b, c, single)


def constants(*values: float) -> list[float]:
    """Numbers rounded to single precision."""
    return [float(single(value)) for value in values]


LOG = constants(7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
                2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1)  # fmt: skip
LN2_HIGH, LN2_LOW = constants(0.693359375, -2.12194440e-4)  # their sum is ln 2
SIN = constants(-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)
COS = constants(2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2)
QUARTER_PI = constants(0.78515625, 2.4187564849853515625e-4, 3.77489497744594108e-8)  # in three parts, whose sum is pi / 4


def polynomial(coefficients: list[float], x: np.ndarray) -> np.ndarray:
    """By Horner's rule, the highest power first."""
    value = fma(x, coefficients[0], coefficients[1])
    for coefficient in coefficients[2:]:
        value = fma(value, x, coefficient)
    return value


def log(x: np.ndarray) -> np.ndarray:
    """Of positive singles: x = 2^e (1 + f), with 1 + f between sqrt(1/2) and sqrt(2)."""
    fraction, e = np.frexp(x)
    low = fraction < single(0.707106781186547524)
    exponent = (e - low).astype(single)
    f = fraction - single(1) + np.where(low, fraction, single(0))
    square = f * f
    y = fma(polynomial(LOG, f) * f, square, exponent * single(LN2_LOW))
    y = fma(square, -0.5, y)
    return fma(exponent, LN2_HIGH, f + y)


def sin_cos(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of singles from 0 up to some thousands: reduced to at most pi / 4, where one polynomial gives the sine, one the cosine."""
    octant = (x * single(4 / np.pi)).astype(np.int32) + 1 & ~1
    turns = octant.astype(single)
    for part in QUARTER_PI:
        x = fma(turns, -part, x)
    square = x * x
    sine = fma(polynomial(SIN, square) * square, x, x)
    cosine = fma(polynomial(COS, square) * square, square, square * single(-0.5)) + single(1)
    swapped = octant & 2 != 0
    sines, cosines = np.where(swapped, cosine, sine), np.where(swapped, sine, cosine)
    return np.where(octant & 4, -sines, sines), np.where(octant + 2 & 4, -cosines, cosines)
