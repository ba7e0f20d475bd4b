"""Places in a flat array: which element of the flattened x an index along one dimension means."""
from __future__ import annotations

import math

import numpy as np

_UNSIGNED = {1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint64}


def places(index: np.ndarray, shape: tuple[int, ...], dim: int) -> np.ndarray:
    """For each element of `index`, the place in a flat array of `shape` that it means: its own, with `index` in `dim`."""
    stride = math.prod(shape[dim + 1 :])
    place = index if stride == 1 else index * stride
    for d, n in enumerate(index.shape):
        if d != dim and n > 1:
            stride = math.prod(shape[d + 1 :])
            line = [1] * index.ndim
            line[d] = n
            place = place + np.arange(0, n * stride, stride).reshape(line)
    return place


def rows(index: np.ndarray, shape: tuple[int, ...], dim: int) -> np.ndarray:
    """The places in a flat array of `shape` of the slices at `index` in `dim`."""
    outer, n, inner = math.prod(shape[:dim]), math.prod(shape[dim : dim + 1]), math.prod(shape[dim + 1 :])
    place = index.reshape(-1)
    if inner > 1:
        place = place[:, None] * inner + np.arange(inner)
    if outer > 1:
        place = np.arange(0, outer * n * inner, n * inner).reshape((-1,) + (1,) * place.ndim) + place
    return place.reshape(-1)


def add_at(total: np.ndarray, place: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Add values at places of an array whose elements lie in order; one after the other where places repeat."""
    np.add.at(total.reshape(-1), place.reshape(-1), values.reshape(-1))
    return total


def largest(index: np.ndarray) -> int:
    """The largest index, where a negative one counts as larger than any: so one comparison finds both that are out of range."""
    return np.maximum.reduce(index.view(_UNSIGNED[index.dtype.itemsize]), axis=None)
