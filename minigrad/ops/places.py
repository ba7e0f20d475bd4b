"""Places in a flat array: which element of the flattened x an index along one dimension means."""
from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

_UNSIGNED = {1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint64}


def places(index: np.ndarray, shape: tuple[int, ...], dim: int) -> np.ndarray:
    """For each element of `index`, the place in a flat array of `shape` that it means: its own, with `index` in `dim`."""
    stride, lines = layout(index.shape, shape, dim)
    place = index if stride == 1 else index * stride
    for line in lines:
        place = place + line
    return place


@lru_cache(maxsize=64)  # a training step asks for the same ones again and again
def layout(wanted: tuple[int, ...], shape: tuple[int, ...], dim: int) -> tuple[int, list[np.ndarray]]:
    """How far apart neighbours in `dim` lie in a flat array of `shape`; and for every other dimension, where its slices begin."""
    strides = [math.prod(shape[d + 1 :]) for d in range(len(wanted))]
    lines = []
    for d, n in enumerate(wanted):
        if d != dim and n > 1:
            lines.append(np.arange(0, n * strides[d], strides[d]).reshape((n,) + (1,) * (len(wanted) - d - 1)))
    return strides[dim] if wanted else 1, lines


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
    unsigned = index.view(_UNSIGNED[index.dtype.itemsize])
    return unsigned.item(unsigned.argmax())  # a reduction takes four times as long to begin
