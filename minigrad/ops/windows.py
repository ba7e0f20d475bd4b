"""Windows sliding over the last dimensions of an array: what convolution, pooling and unfold have in common.

A window has the shape `kernel`; its elements lie `dilation` apart, and windows `stride` apart. Arrays are (N, C, *size).
"""
from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from .arguments import must_be
from .shape import strided

Ints = tuple[int, ...]


def tupled(value: Any, n: int, function: str, name: str) -> Ints:
    """One integer for all dimensions, or one for each."""
    if isinstance(value, int):
        return (value,) * n
    try:
        values = tuple([int(v) for v in value])
    except TypeError:
        raise must_be("tuple of ints", function, name, 1, value) from None
    return values * n if len(values) == 1 else values


def counts(size: Ints, kernel: Ints, stride: Ints, dilation: Ints) -> Ints:
    """How many windows fit into each dimension."""
    return tuple([(n - d * (k - 1) - 1) // s + 1 for n, k, s, d in zip(size, kernel, stride, dilation)])


def padded(x: np.ndarray, padding: Ints, value: Any = 0, after: Ints | None = None) -> np.ndarray:
    """x with a margin around its last dimensions, the same on both sides unless `after` differs. x itself if there is none."""
    after = padding if after is None else after
    if not any(padding) and not any(after):
        return x
    lead = x.ndim - len(padding)
    shape = x.shape[:lead] + tuple([n + left + right for n, left, right in zip(x.shape[lead:], padding, after)])
    out = np.zeros(shape, x.dtype) if isinstance(value, int) and value == 0 else np.full(shape, value, x.dtype)
    out[inner(x.shape[lead:], padding)] = x
    return out


def inner(size: Ints, padding: Ints) -> Any:
    """What is within the margin."""
    return (..., *[slice(p, p + n) for n, p in zip(size, padding)])


def windows(x: np.ndarray, kernel: Ints, stride: Ints, dilation: Ints, count: Ints | None = None) -> np.ndarray:
    """The windows, as a view (N, C, *kernel, *count)."""
    n = len(kernel)
    count = counts(x.shape[-n:], kernel, stride, dilation) if count is None else count
    steps = x.strides[-n:]
    within = tuple([step * d for step, d in zip(steps, dilation)])
    between = tuple([step * s for step, s in zip(steps, stride)])
    shape = x.shape[:-n] + kernel + count
    if not x.size:
        return np.empty(shape, x.dtype)
    return strided(x, shape, x.strides[:-n] + within + between)


def corners(kernel: Ints, stride: Ints, dilation: Ints, count: Ints) -> Iterator[tuple[Ints, Any]]:
    """For each place in the window: the place, and where in the array it lies, over all windows."""
    for place in product(*map(range, kernel)):
        yield place, (..., *[slice(i * d, i * d + (m - 1) * s + 1, s) for i, d, s, m in zip(place, dilation, stride, count)])


def add_windows(total: np.ndarray, values: np.ndarray, kernel: Ints, stride: Ints, dilation: Ints) -> None:
    """Add values (N, C, *kernel, *count) where the windows lie in total: the transpose of `windows`."""
    n = len(kernel)
    if values.size:
        for place, where in corners(kernel, stride, dilation, values.shape[-n:]):
            total[where] += values[(slice(None), slice(None)) + place]
