"""a * b + c, rounded once: the fused multiply-add of processors, with which PyTorch scales its random numbers.

In single precision the product is exact in double. In double precision it is kept as a sum of two numbers (Dekker 1971), which
is added to c without error (Boldo & Melquiond, "Emulation of a FMA and correctly rounded sums", 2008).
"""
from __future__ import annotations

from typing import Any

import numpy as np


def multiply_add(a: Any, b: Any, c: Any, dtype: Any) -> np.ndarray:
    """a * b + c for numbers of a dtype, float32 or float64."""
    a, b, c = [np.asarray(x, np.float64) for x in (a, b, c)]
    if dtype == np.float64:
        return multiply_add_double(a, b, c)
    product = a * b
    total = product + c
    if misrounded(product, c, total):
        total = rounded_to_odd(*exact_sum(product, c))
    return total.astype(dtype)


def misrounded(product: np.ndarray, c: np.ndarray, total: np.ndarray) -> bool:
    """Whether rounding the total again, to single precision, may be wrong: it lies in the middle between two singles, and the exact
    sum does not."""
    middle = in_the_middle(total)
    return bool(middle.any() and exact_sum(product, c)[1][middle].any())


def in_the_middle(x: np.ndarray) -> np.ndarray:
    """Which doubles lie in the middle between two singles: of the 29 bits that these do not have, the first is set alone."""
    return x.view(np.int64) & 0x1FFFFFFF == 0x10000000


class Quick:
    """Multiply-adds of singles, kept as doubles: rounded twice. `exact` tells whether that went well every time."""

    def __init__(self) -> None:
        self.sums: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []

    def __call__(self, a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
        product = a * b
        total = product + c
        self.sums.append((product, c, total))
        return rounded(total)

    def exact(self) -> bool:
        totals = np.array([total for _, _, total in self.sums])
        return not in_the_middle(totals).any() or not any([misrounded(*one) for one in self.sums])


def rounded(x: np.ndarray) -> np.ndarray:
    """Doubles rounded to singles, and kept as doubles. What + - * / and sqrt make of singles may be rounded twice: Figueroa 1995."""
    return x.astype(np.float32).astype(np.float64)


def multiply_add_single(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    return rounded(rounded_to_odd(*exact_sum(a * b, c)))


def multiply_add_double(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    product, rest = exact_product(a, b)
    high, low = exact_sum(c, rest)
    total, left = exact_sum(product, high)
    result = np.asarray(total + rounded_to_odd(*exact_sum(low, left)))
    size = np.abs(product)
    extreme = (size < 2.0**-900) & (product != 0) | ~(size < 2.0**990) | ~(np.abs(c) < 2.0**990)
    if extreme.any():  # where the error of a product is no number, or infinite
        result[extreme] = [multiply_add_one(*abc) for abc in np.stack(np.broadcast_arrays(a, b, c), -1)[extreme].tolist()]
    return result


def multiply_add_one(a: float, b: float, c: float) -> float:
    """By integers, which Python divides with one rounding."""
    try:
        (p, x), (q, y), (r, z) = [number.as_integer_ratio() for number in (a, b, c)]
        return (p * q * z + r * x * y) / (x * y * z)
    except (OverflowError, ValueError):  # what is infinite, or becomes so, or is no number
        return a * b + c


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
