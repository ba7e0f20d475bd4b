"""A larger shape, in which elements are seen many times: expand, broadcast_tensors, meshgrid. Memory is shared."""
from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.rule import Rule, apply
from .arguments import check_elements, ints
from .family import broadcast_error
from .shape import Size, strided, view

if TYPE_CHECKING:
    from ..tensor import Tensor


class Expand(Rule):
    """Dimensions of size 1 repeated, without a copy. The engine sums the gradient back."""

    view = True

    def forward(x, *, shape):
        extra = len(shape) - x.ndim
        strides = [s if n == m else 0 for s, n, m in zip(x.strides, x.shape, shape[extra:])]
        expanded = strided(x, shape, (*[0] * extra, *strides))
        if expanded.size > x.size:  # elements that lie in one place cannot be changed one by one
            expanded.flags.writeable = False
        return expanded

    def grad_x(grad):
        return grad


def expand(input: Tensor, *shape: Any, size: Any = None) -> Tensor:
    """Dimensions of size 1 repeated to a larger size, as a view; -1 keeps a size. Mirrors torch.Tensor.expand."""
    goal = ints(shape if size is None else (size,), "expand")
    have = input.array.shape
    extra = len(goal) - len(have)
    if extra < 0:
        raise RuntimeError(
            f"expand({input.type()}{{{list(have)}}}, size={list(goal)}): the number of sizes provided ({len(goal)}) must be greater "
            f"or equal to the number of dimensions in the tensor ({len(have)})"
        )
    result = []
    for i, n in enumerate(goal):
        old = have[i - extra] if i >= extra else None
        if n < -1 or n == -1 and old is None:
            raise RuntimeError(f"The expanded size of the tensor ({n}) isn't allowed in a leading, non-existing dimension {i}")
        if old not in (None, 1, n) and n != -1:
            raise RuntimeError(
                f"The expanded size of the tensor ({n}) must match the existing size ({old}) at non-singleton dimension {i}.  "
                f"Target sizes: {list(goal)}.  Tensor sizes: {list(have)}"
            )
        result.append(old if n == -1 else n)
    return apply(Expand, input, shape=tuple(result))


def expand_as(input: Tensor, other: Tensor) -> Tensor:
    """`expand` to the shape of another tensor."""
    return expand(input, other.array.shape)


def broadcast_to(input: Tensor, *size: Any) -> Tensor:
    """`expand`, as a function. Mirrors torch.broadcast_to."""
    return expand(input, *size)


def broadcast_tensors(*tensors: Any) -> tuple[Tensor, ...]:
    """Tensors expanded to their common shape. Mirrors torch.broadcast_tensors."""
    check_elements(tensors)
    shapes = [x.array.shape for x in tensors]
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        raise broadcast_error(*shapes) from None
    return tuple([x if x.array.shape == shape else expand(x, shape) for x in tensors])


def broadcast_shapes(*shapes: Any) -> Size:
    """The shape to which shapes broadcast. Mirrors torch.broadcast_shapes."""
    result: tuple[int, ...] = ()
    for i, shape in enumerate(shapes):
        shape = (shape,) if isinstance(shape, int) else tuple(shape)
        for dim in range(-min(len(shape), len(result)), 0):
            if shape[dim] != result[dim] and 1 not in (shape[dim], result[dim]):
                raise RuntimeError(
                    f"Attempting to broadcast a dimension of length {shape[dim]} at {dim}! Mismatching argument at index {i} had "
                    f"{shapes[i]}; but expected shape should be broadcastable to {list(result)}"
                )
        result = np.broadcast_shapes(result, shape)
    return Size(result)


def meshgrid(*tensors: Any, indexing: str | None = None) -> tuple[Tensor, ...]:
    """Coordinates of a grid, from the coordinates of its axes: indexing "ij", or "xy" for columns first. Mirrors torch.meshgrid."""
    if indexing is None:
        warnings.warn(
            "torch.meshgrid: in an upcoming release, it will be required to pass the indexing argument.", stacklevel=2
        )
        indexing = "ij"
    axes = list(tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else tensors)
    if not axes:
        raise RuntimeError("meshgrid expects a non-empty TensorList")
    check_elements(axes)
    for x in axes:
        if x.array.ndim > 1:
            raise RuntimeError(f"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {x}")
        if x.array.dtype != axes[0].array.dtype:
            raise RuntimeError("meshgrid expects all tensors to have the same dtype")
    if indexing not in ("xy", "ij"):
        raise RuntimeError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    swapped = indexing == "xy" and len(axes) > 1
    if swapped:
        axes[:2] = axes[1::-1]
    shape = tuple([x.array.size for x in axes])
    grids = [expand(view(x, *[-1 if j == i else 1 for j in range(len(axes))]), shape) for i, x in enumerate(axes)]
    if swapped:
        grids[:2] = grids[1::-1]
    return tuple(grids)
