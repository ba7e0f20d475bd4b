"""Sums over any dimensions, in the order in which PyTorch adds them: its iterator's order of dimensions, its kernel's of numbers.

Mirrors ATen's TensorIterator (TensorIterator.cpp) and cascade_sum (native/cpu/SumKernel.cpp), on one thread, for up to 65,536
numbers in a sum.
"""
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..ops.cascade import ACCUMULATORS, VECTOR, cascade, in_order, in_turn, row_sums


class Dim(NamedTuple):
    size: int
    stride: int  # in bytes
    out_stride: int  # of the result; 0 where it is summed over


def total(x: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """The sum of floats over some axes, which the result does not have."""
    shape = tuple([n for d, n in enumerate(x.shape) if d not in axes])
    if not x.size:
        return np.zeros(shape, x.dtype)
    dims = as_iterated(x, axes)
    summed = [dim for dim in dims if not dim.out_stride]
    if not summed:
        return x.reshape(shape) + 0  # PyTorch adds to zero: there is no -0.0
    inner, outer, *others = dims + [Dim(1, 0, 0)] * 2
    backwards = [*others[::-1], outer, inner]
    seen = np.lib.stride_tricks.as_strided(x, [dim.size for dim in backwards], [dim.stride for dim in backwards])
    sums = within(seen.reshape(-1, outer.size, inner.size), inner, outer)
    if len(summed) > 1:
        sums = in_order(sums.reshape(int(np.prod(shape)), -1))
    return sums.reshape(shape)


def within(x: np.ndarray, inner: Dim, outer: Dim) -> np.ndarray:
    """Over the last of three dimensions; how depends on how all lie in memory."""
    lanes = VECTOR // x.itemsize
    if inner.stride == x.itemsize and inner.size >= lanes:
        return row_sums(x)[..., 0]
    columns = x.swapaxes(1, 2)
    if outer.stride == x.itemsize and outer.size >= lanes:
        together = outer.size // (ACCUMULATORS * lanes) * (ACCUMULATORS * lanes)
    elif inner.stride < outer.stride:
        together = 0
    else:
        together = outer.size // ACCUMULATORS * ACCUMULATORS
    return np.concatenate([cascade(columns[..., :together]), in_turn(columns[..., together:])], 1)


def as_iterated(x: np.ndarray, axes: tuple[int, ...]) -> list[Dim]:
    """The dimensions from the innermost loop to the outermost; those that lie end to end in memory become one."""
    out_strides, step = [0] * x.ndim, 1
    for d in reversed(range(x.ndim)):
        if d not in axes:
            out_strides[d], step = step, step * x.shape[d]
    found = [Dim(*dim) for dim in zip(x.shape, x.strides, out_strides) if dim[0] > 1]
    order: list[Dim] = []
    for dim in reversed(found):
        at = len(order)
        for i in reversed(range(len(order))):
            before = comes_before(dim, order[i])
            if before:
                at = i
            elif before is not None:
                break
        order.insert(at, dim)
    joined = order[:1]
    for dim in order[1:]:
        size, stride, out_stride = last = joined[-1]
        if (size * stride, size * out_stride) == dim[1:]:
            joined[-1] = last._replace(size=size * dim.size)
        else:
            joined.append(dim)
    return joined


def comes_before(a: Dim, b: Dim) -> bool | None:
    """Whether a belongs further inside than b; None if it makes no difference."""
    if (a.out_stride == 0) != (b.out_stride == 0):
        return a.out_stride == 0
    for one, other in ((a.out_stride, b.out_stride), (a.stride, b.stride)):
        if one and other and one != other:
            return one < other
    return True if a.size < b.size and a.stride == b.stride else None
