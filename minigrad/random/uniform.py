"""Uniform numbers from words, and what one uniform number is turned into: Bernoulli, exponential, geometric, Cauchy.

`each` applies the functions of Python's math module, which are those of the C library, as PyTorch's are; NumPy's round another
way here and there.
"""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .fused import multiply_add
from .generator import Generator

BLOCK = 1 << 14  # how many numbers are made at a time: they stay in the processor's cache
SINGLE, DOUBLE = np.dtype(np.float32), np.dtype(np.float64)


def uniform(generator: Generator, n: int, dtype: np.dtype, low: float = 0.0, high: float = 1.0) -> np.ndarray:
    """Uniform in [low, high): the last 24 bits of a word for float32, the last 53 of two for float64."""
    work, fill = (DOUBLE, fill_double) if dtype == DOUBLE else (SINGLE, fill_single)
    start, end = work.type(low), work.type(high)
    values = np.empty(n, work)
    for first in range(0, n, BLOCK):
        block = values[first : first + BLOCK]
        fill(generator, block)
        if (low, high) != (0.0, 1.0):
            block[...] = multiply_add(block, end - start, start, work)
            block[block == end] = start  # where the product was rounded up
    if work == dtype:
        return values
    rounded = values.astype(dtype)
    rounded[rounded == dtype.type(high)] = dtype.type(low)
    return rounded


def fill_single(generator: Generator, values: np.ndarray) -> None:
    words = generator.words(values.size)
    words &= 2**24 - 1
    values[...] = words
    values *= np.float32(2.0**-24)


def fill_double(generator: Generator, values: np.ndarray) -> None:
    words = generator.words(2 * values.size)
    upper = words[0::2] & 2**21 - 1
    upper <<= 32
    upper |= words[1::2]
    np.multiply(upper, 2.0**-53, out=values)


def bernoulli(generator: Generator, n: int, p: Any, dtype: np.dtype = DOUBLE) -> np.ndarray:
    """True with probability p: a number, or n of them, of a dtype."""
    return uniform(generator, n, dtype) < p


def exponential(generator: Generator, n: int, rate: float = 1.0) -> np.ndarray:
    """Exponential with a rate."""
    return -1.0 / rate * each(math.log1p, -uniform(generator, n, DOUBLE))


def geometric(generator: Generator, n: int, p: float) -> np.ndarray:
    """How often to try until something of probability p happens."""
    return np.ceil(each(math.log, uniform(generator, n, DOUBLE)) / math.log1p(-p))


def cauchy(generator: Generator, n: int, median: float = 0.0, sigma: float = 1.0) -> np.ndarray:
    """Cauchy's distribution."""
    tangents = each(math.tan, np.pi * (uniform(generator, n, DOUBLE) - 0.5))
    return multiply_add(sigma, tangents, median, DOUBLE)


def each(function: Callable[[float], float], x: np.ndarray) -> np.ndarray:
    """A function of Python's math module, of every element."""
    return np.fromiter(map(function, x.reshape(-1).tolist()), np.float64, x.size).reshape(x.shape)
