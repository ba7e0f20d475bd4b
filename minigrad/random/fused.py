"""a * b + c, rounded once: the fused multiply-add of processors, with which PyTorch scales its random numbers.

In single precision the product is exact in double. In double precision it is kept as a sum of two numbers (Dekker 1971), which
is added to c without error (Boldo & Melquiond, "Emulation of a FMA and correctly rounded sums", 2008).
"""
from __future__ import annotations

from typing import Any

import numpy as np


def multiply_add(a: Any, b: Any, c: Any, dtype: Any) -> np.ndarray:
    """a * b + c for finite numbers of a dtype, float32 or float64."""
    a, b, c = [np.asarray(x, np.float64) for x in (a, b, c)]
    if dtype == np.float64:
        return multiply_add_double(a, b, c)
    quick = Quick()
    result = quick(a, b, c)
    return (result if quick.exact() else multiply_add_single(a, b, c)).astype(dtype)


class Quick:
    """Multiply-adds of singles, kept as doubles: rounded twice. `exact` tells whether that went well every time.

    It can only go wrong where the first rounding changed the sum, to the middle between two singles.
    """

    def __init__(self) -> None:
        self.sums: list[tuple[np.ndarray, np.ndarray]] = []
        self.totals: list[np.ndarray] = []

    def __call__(self, a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
        product = a * b
        total = product + c
        self.sums.append((product, c))
        self.totals.append(total)
        return rounded(total)

    def exact(self) -> bool:
        bits = np.array(self.totals).view(np.int64)
        bits &= 0x1FFFFFFF
        middle = bits == 0x10000000
        return not middle.any() or not any(exact_sum(*self.sums[i])[1][middle[i]].any() for i in np.flatnonzero(middle.reshape(len(middle), -1).any(1)))


def rounded(x: np.ndarray) -> np.ndarray:
    """Doubles rounded to singles, and kept as doubles. What + - * / and sqrt make of singles may be rounded twice: Figueroa 1995."""
    return x.astype(np.float32).astype(np.float64)


def multiply_add_single(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    return rounded(rounded_to_odd(*exact_sum(a * b, c)))


def multiply_add_double(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    product, rest = exact_product(a, b)
    high, low = exact_sum(c, rest)
    total, left = exact_sum(product, high)
    return total + rounded_to_odd(*exact_sum(low, left))


def exact_sum(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rounded sum, and the error of rounding it."""
    total = x + y
    part = total - x
    return total, (x - (total - part)) + (y - part)


def exact_product(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rounded product, and the error of rounding it."""
    product = x * y
    (a, b), (c, d) = halves(x), halves(y)
    return product, ((a * c - product) + a * d + b * c) + b * d


def halves(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A number as the sum of two of 26 bits, whose products are exact."""
    scaled = x * 134217729.0  # 2^27 + 1
    high = scaled - (scaled - x)
    return high, x - high


def rounded_to_odd(total: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """total + rest as a double whose last bit says that there was a rest, so that the next rounding cannot mistake it for a tie."""
    bits = np.array(total).view(np.int64)
    even = (rest != 0) & (bits & 1 == 0)
    away = (rest > 0) == (total > 0)
    return (bits + np.where(even, np.where(away, 1, -1), 0)).view(np.float64)
