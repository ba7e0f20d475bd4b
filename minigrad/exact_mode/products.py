"""Matrix products in MKL's compatible order: each sum one product after the other, every step rounded.

With MKL_CBWR=COMPATIBLE, Intel's library takes a kernel that is the same on all processors, and the only one whose order of
additions can be told: over the inner dimension in blocks of 128.
"""
from __future__ import annotations

import numpy as np

BLOCK = 128


def in_sequence(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The product of two matrices, or stacks of them."""
    size = a.shape[-1]
    block = size // 2 if BLOCK < size < 2 * BLOCK else BLOCK
    first, *others = [
        of_block(a[..., start : start + block], b[..., start : start + block, :]) for start in range(0, size or 1, block)
    ]
    for product in others:
        first += product
    return first


def of_block(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    shape = *np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), a.shape[-2], b.shape[-1]
    total, product = np.zeros(shape), np.empty(shape)
    columns = np.ascontiguousarray(np.moveaxis(a, -1, 0))[..., None]
    for k in range(a.shape[-1]):
        total += np.multiply(columns[k], b[..., k : k + 1, :], out=product)
    return total


def product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """As np.matmul. Of doubles in matrices only: for vectors and singles MKL keeps to no order that could be named."""
    if a.dtype == b.dtype == np.float64 and a.ndim > 1 and b.ndim > 1 and a.shape[-1] == b.shape[-2]:
        return in_sequence(a, b)
    return np.matmul(a, b)
