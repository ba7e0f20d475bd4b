"""Adaptive pooling: so many windows, which cover a dimension as evenly as can be. And unpooling, which undoes a maximum in part."""
from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..autograd.rule import Rule, apply, on
from ..autograd.variable import wrap
from .family import refuse
from .places import add_at
from .pooling import MaxPool2DWithIndices, Space
from .reduce import mean
from .windows import Ints

if TYPE_CHECKING:
    from ..tensor import Tensor


def bounds(n: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the windows start and end."""
    i = np.arange(count)
    return i * n // max(count, 1), -(-(i + 1) * n // max(count, 1))


class AdaptiveAvgPool2D(Rule):
    """The means of windows that cover the last dimensions evenly."""

    tier = "T3"

    def forward(x, *, size):
        for dim, count in enumerate(size, -len(size)):
            start, end = bounds(x.shape[dim], count)
            if count:
                x = np.moveaxis(x, dim, -1)
                x = np.concatenate([x, np.zeros((*x.shape[:-1], 1), x.dtype)], -1)  # for an end is an index too
                total = np.add.reduceat(x, np.stack([start, end], 1).reshape(-1), -1)[..., ::2]
                x = np.moveaxis(total / (end - start).astype(x.dtype), -1, dim)
            else:
                x = np.take(x, [], dim)
        return np.ascontiguousarray(x)

    def grad_x(grad, x_shape, size):
        return on(AdaptiveAvgPoolSpread, grad, shape=x_shape, size=size)


class AdaptiveAvgPool3D(AdaptiveAvgPool2D):
    """The means of windows that cover the last dimensions evenly."""


class AdaptiveAvgPoolSpread(Rule):
    """x shared out among the elements of its window: the gradient of AdaptiveAvgPool."""

    node_name = "AdaptiveAvgPoolBackwardBackward0"
    tier = "T3"

    def forward(x, *, shape, size):
        for dim, count in enumerate(size, len(shape) - len(size)):
            total = np.zeros((*x.shape[:dim], shape[dim], *x.shape[dim + 1 :]), x.dtype)
            target, values = np.moveaxis(total, dim, 0), np.moveaxis(x, dim, 0)
            for i, (start, end) in enumerate(zip(*bounds(shape[dim], count))):
                target[start:end] += values[i] / x.dtype.type(end - start)
            x = total
        return x

    def grad_x(grad, size):
        return on(AdaptiveAvgPool2D, grad, size=size)


class AdaptiveMaxPool2D(Rule):
    """The elements at `indices` into the flattened last n dimensions."""

    def forward(x, indices, *, n):
        flat = x.reshape(*x.shape[:-n], math.prod(x.shape[-n:]))
        return np.take_along_axis(flat, indices.reshape(*x.shape[:-n], math.prod(indices.shape[-n:])), -1).reshape(indices.shape)

    def grad_x(grad, indices, x_shape, n):
        return on(AdaptiveMaxPoolSpread, grad, indices, size=x_shape[-n:])


class AdaptiveMaxPool3D(AdaptiveMaxPool2D):
    """The elements at `indices` into the flattened last n dimensions."""


class AdaptiveMaxPoolSpread(Rule):
    """x added up at `indices` into flattened zeros: the gradient of AdaptiveMaxPool."""

    node_name = "AdaptiveMaxPoolBackwardBackward0"
    tier = "T3"

    def forward(x, indices, *, size):
        lead, whole = x.shape[: x.ndim - len(size)], math.prod(size)
        start = np.arange(math.prod(lead)) * whole
        place = indices.reshape(len(start), math.prod(x.shape[len(lead) :])) + start[:, None]
        return add_at(np.zeros((*lead, *size), x.dtype), place, x)

    def grad_x(grad, indices, size):
        return on(AdaptiveMaxPool2D, grad, indices, n=len(size))


class MaxUnpool2D(Rule):
    """Zeros, with x at `indices` into the flattened image."""

    def forward(x, indices, *, size):
        lead = x.shape[: x.ndim - len(size)]
        total = np.zeros((*lead, math.prod(size)), x.dtype)
        np.put_along_axis(total, indices.reshape(*lead, math.prod(x.shape[len(lead) :])), x.reshape(*lead, math.prod(x.shape[len(lead) :])), -1)
        return total.reshape(*lead, *size)

    def grad_x(grad, indices, size):
        return on(AdaptiveMaxPool2D, grad, indices, n=len(size))


class MaxUnpool3D(MaxUnpool2D):
    """Zeros, with x at `indices` into the flattened volume."""


# ---- functions


def adaptive_avg_pool(input: Tensor, size: Ints) -> Tensor:
    """The means of windows that cover the last dimensions evenly."""
    shape, n = check_adaptive(input, size, "avg")
    if set(size) == {1}:
        return mean(input, tuple(range(-n, 0)), keepdim=True)
    refuse(f"adaptive_avg_pool{n}d", "biu", input.array)
    return apply(AdaptiveAvgPool2D if n == 2 else AdaptiveAvgPool3D, input, size=size)


def adaptive_max_pool(input: Tensor, size: Ints) -> tuple[Tensor, Tensor]:
    """The maxima of windows that cover the last dimensions evenly, and their indices into the flattened images.

    Windows that differ in size are made equal by repeating their last elements; where they are then regular.
    """
    shape, n = check_adaptive(input, size, "max")
    refuse(f"adaptive_max_pool{n}d", "biu", input.array)
    x, positions = input.array, np.arange(math.prod(shape[-n:])).reshape(shape[-n:])
    kernel: list[int] = []
    for dim, count in enumerate(size, -n):
        start, end = bounds(shape[dim], count)
        width = int((end - start).max(initial=1))
        take = np.minimum(start[:, None] + np.arange(width), end[:, None] - 1).reshape(-1)
        x, positions, kernel = np.take(x, take, dim), np.take(positions, take, dim), [*kernel, width]
    if x.size:
        space = Space(x.shape[-n:], tuple(kernel), tuple(kernel), (0,) * n, (1,) * n, False)
        indices = positions.reshape(-1)[space.indices(on(MaxPool2DWithIndices, x, space=space)[1])]
    else:
        indices = np.zeros((*shape[:-n], *size), np.int64)
    chosen = wrap(indices)
    return apply(AdaptiveMaxPool2D if n == 2 else AdaptiveMaxPool3D, input, chosen, n=n), chosen


def max_unpool(input: Tensor, indices: Tensor, size: Ints) -> Tensor:
    """Zeros of a size, with input at `indices` into the flattened images."""
    n = len(size)
    if indices.array.dtype != np.int64:
        raise RuntimeError(f"elements in indices should be type int64 but got: {indices.dtype.scalar_name}")
    if indices.array.shape != input.array.shape:
        raise RuntimeError(
            f"Expected shape of indices to be same as that of the input tensor ({list(input.array.shape)}) but got indices tensor with "
            f"shape: {list(indices.array.shape)}"
        )
    wrong = indices.array[(indices.array < 0) | (indices.array >= math.prod(size))]
    if wrong.size:
        volume = "x".join(map(str, size))
        raise RuntimeError(f"Found an invalid max index: {wrong[-1]} (output volumes are of size {volume})")
    return apply(MaxUnpool2D if n == 2 else MaxUnpool3D, input, indices, size=size)


def check_adaptive(input: Tensor, size: Ints, kind: str) -> tuple[Ints, int]:
    shape, n = input.array.shape, len(size)
    name = f"adaptive_{kind}_pool{n}d"
    if len(shape) not in (n + 1, n + 2):
        colon = ":" if kind == "max" else ""
        raise RuntimeError(f"{name}(): Expected {n + 1}D or {n + 2}D tensor, but got{colon} {list(shape)}")
    if min(size) < 0:
        if kind == "max":
            raise RuntimeError(f"Trying to create tensor with negative dimension {min(size)}: {[*shape[:-n], *size]}")
        told = ", ".join(map(str, size[:2])) + ("," + str(size[2]) if n == 3 else "")
        raise RuntimeError(f"{name}: elements of output_size must be greater than or equal to 0 but received {{{told}}}")
    for dim in range(len(shape) - n, len(shape)):
        if not shape[dim]:
            raise RuntimeError(
                f"{name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes {list(shape)} with "
                f"dimension {dim} being empty"
            )
    return shape, n
