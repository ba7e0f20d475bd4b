"""A copy of a tensor with a part of it replaced (select_scatter and its like), windows of memory (as_strided), and membership."""
from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.inplace import AsStridedScatter, address
from ..autograd.rule import Rule, apply, on
from ..autograd.variable import TensorBase, wrap
from .broadcast import expand
from .family import broadcast_error, normalize_dim
from .indexing import MaskedSelect, index_put
from .masking import Kept
from .parts import Diagonal, Embed, along
from .shape import flatten, in_order, view_as
from .shape_in_place import become, check_no_leaf

if TYPE_CHECKING:
    from ..tensor import Tensor


class Scattered(Rule):
    """A copy of x in which `src` is the part that `part` picks out."""

    node_name = "SliceScatterBackward0"

    def forward(x, src, *, part):
        result = x.copy()
        part(result)[...] = src
        return result

    def grad_x(grad, src_shape, part):
        return on(Scattered, grad, np.zeros(src_shape), part=part)

    def grad_src(grad, part):
        return part(grad)


class MaskedScatter(Rule):
    """input with the elements of source, in order, where the mask holds."""

    def forward(x, source, *, mask):
        result = np.array(np.broadcast_to(x, np.broadcast_shapes(x.shape, mask.shape)))
        result[np.broadcast_to(mask, result.shape)] = source.reshape(-1)[: int(np.broadcast_to(mask, result.shape).sum())]
        return result

    def grad_x(grad, mask):
        return on(Kept, grad, ~mask)

    def grad_source(grad, source_shape, mask):
        chosen = on(MaskedSelect, grad, np.array(np.broadcast_to(mask, grad.shape)))
        return on(Embed, chosen, shape=(math.prod(source_shape),), at=slice(chosen.shape[0])).reshape(source_shape)


class AsStrided(Rule):
    """The memory of x, seen with other sizes and strides. `at` says which element of x each place shows, or -1."""

    view = True

    def forward(x, *, size, stride, offset, at):
        return window(x, size, stride, offset)

    def grad_x(grad, x_shape, at):
        return on(AsStridedScatter, on(Kept, grad, at >= 0), at=np.maximum(at, 0), shape=x_shape)


def window(x: np.ndarray, size: tuple[int, ...], stride: tuple[int, ...], offset: int) -> np.ndarray:
    """The memory that x lies in, from its `offset`-th element on, with sizes and strides counted in elements."""
    owner = x.base if isinstance(x.base, np.ndarray) else x
    end = offset + sum([(n - 1) * s for n, s in zip(size, stride)]) + 1 if 0 not in size else 0
    if end * x.itemsize > owner.nbytes:
        raise RuntimeError(
            f"setStorage: sizes {list(size)}, strides {list(stride)}, storage offset {offset}, and itemsize {x.itemsize} requiring a "
            f"storage size of {end * x.itemsize} are out of bounds for storage of size {owner.nbytes}"
        )
    buffer = owner if owner.flags.c_contiguous else in_order(owner)
    return np.ndarray(size, x.dtype, buffer, offset * x.itemsize, [s * x.itemsize for s in stride])


def elements(x: Tensor, size: tuple[int, ...], stride: tuple[int, ...], offset: int) -> np.ndarray:
    """For each place of a window, the number of the element of x that lies there, or -1."""
    owner = x.array.base if isinstance(x.array.base, np.ndarray) else x.array
    numbers = np.full(owner.size, -1, np.intp)
    start = (address(x.array) - address(owner)) // x.array.itemsize
    window(numbers, x.array.shape, x.stride(), start)[...] = np.arange(x.array.size).reshape(x.array.shape)
    return window(numbers, size, stride, offset).copy()


# ---- functions


def as_strided(input: Tensor, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """The memory of a tensor seen with other sizes and strides, as a view. Mirrors torch.as_strided."""
    return apply(AsStrided, input, **seen(input, size, stride, storage_offset))


def seen(input: Tensor, size: Any, stride: Any, storage_offset: int | None) -> dict[str, Any]:
    """The settings of AsStrided."""
    size, stride = tuple(size), tuple(stride)
    if len(size) != len(stride):
        raise RuntimeError("mismatch in length of strides and shape")
    if any([s < 0 for s in stride]):
        raise RuntimeError(f"as_strided: Negative strides are not supported at the moment, got strides: {list(stride)}")
    offset = input.storage_offset() if storage_offset is None else storage_offset
    window(input.array, size, stride, offset)
    at = elements(input, size, stride, offset) if input.requires_grad else None
    return {"size": size, "stride": stride, "offset": offset, "at": at}


def as_strided_(input: Tensor, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """`as_strided`, in place: the tensor itself becomes the view."""
    check_no_leaf(input)
    return become(AsStrided, input, **seen(input, size, stride, storage_offset))


def diagonal_scatter(input: Tensor, src: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """A copy with `src` on a diagonal. Mirrors torch.diagonal_scatter."""
    first, second = normalize_dim(dim1, input.array.ndim), normalize_dim(dim2, input.array.ndim)
    return with_part(input, src, "diagonal", lambda x: on(Diagonal, x, offset=offset, dim1=first, dim2=second))


def select_scatter(input: Tensor, src: Tensor, dim: int, index: int) -> Tensor:
    """A copy with `src` at one index of one dimension. Mirrors torch.select_scatter."""
    at = along(normalize_dim(dim, input.array.ndim), index, ...)
    return with_part(input, src, "select", lambda x: x[at])


def slice_scatter(
    input: Tensor, src: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Tensor:
    """A copy with `src` in a range of one dimension. Mirrors torch.slice_scatter."""
    at = along(normalize_dim(dim, input.array.ndim), slice(start, end, step), ...)
    return with_part(input, src, "slice", lambda x: x[at])


def as_strided_scatter(input: Tensor, src: Tensor, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """A copy with `src` in a part of the memory, seen with other sizes and strides. Mirrors torch.as_strided_scatter."""
    if input.requires_grad and not input.is_contiguous():
        raise RuntimeError("as_strided_scatter is currently only supported for contiguous inputs")
    settings = seen(input, size, stride, storage_offset)

    def part(x: Any) -> Any:
        offset = settings["offset"]
        return window(x, size, stride, offset) if isinstance(x, np.ndarray) else as_strided(x, size, stride, offset)

    return with_part(input, src, "as_strided", part)


def with_part(input: Tensor, src: Tensor, name: str, part: Any) -> Tensor:
    place = part(input.array)
    if src.array.shape != place.shape:
        raise RuntimeError(
            "expected src to have a size equal to the slice of self. src size = "
            f"{list(src.array.shape)}, slice size = {list(place.shape)}"
        )
    return apply(Scattered, input, src.to(input.dtype), part=part)


def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """input with the elements of `source`, in order, where the mask is True. Mirrors torch.Tensor.masked_scatter."""
    if source.array.dtype != input.array.dtype:
        names = [dtypes.of_array(x.array).scalar_name for x in (input, source)]
        raise RuntimeError(f"masked_scatter_: expected self and source to have same dtypes but got{names[0]} and {names[1]}")
    if mask.array.dtype != bool:
        raise RuntimeError(f"masked_scatter_ only supports boolean masks, but got mask with dtype {mask.dtype.scalar_name}")
    try:
        shape = np.broadcast_shapes(input.array.shape, mask.array.shape)
    except ValueError:
        raise broadcast_error(mask.array.shape, input.array.shape) from None
    if np.broadcast_to(mask.array, shape).sum() > source.array.size:
        raise RuntimeError("Number of elements of source < number of ones in mask")
    return apply(MaskedScatter, expand(input, shape), source, mask=mask.array)


def put(input: Tensor, index: Tensor, source: Tensor, accumulate: bool = False) -> Tensor:
    """A copy with `source` written at, or added to, places counted in the flattened tensor. Mirrors torch.Tensor.put."""
    if index.array.dtype != np.int64:
        raise RuntimeError(f"put_(): Expected a long tensor for index, but got {index.dtype.scalar_name}")
    if source.array.dtype != input.array.dtype:
        raise RuntimeError(
            f"put_(): self and source expected to have the same dtype, but got self.dtype = {input.dtype.scalar_name} and source.dtype "
            f"= {source.dtype.scalar_name}"
        )
    if index.array.size != source.array.size:
        raise RuntimeError(
            "put_(): Expected source and index to have the same number of elements, but got source.numel() = "
            f"{source.array.size}, index.numel() = {index.array.size}"
        )
    written = index_put(flatten(input), (flatten(index),), flatten(source), accumulate)
    return view_as(written, input)


def unravel_index(indices: Tensor, shape: Any) -> tuple[Tensor, ...]:
    """Places in a flat tensor as indices per dimension. Mirrors torch.unravel_index."""
    if indices.array.dtype.kind != "i":
        raise ValueError(f"expected 'indices' to be integer dtype, but got {indices.dtype}")
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    return tuple([wrap(np.asarray(found, np.int64)) for found in np.unravel_index(indices.array % math.prod(sizes), sizes)])


def isin(elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Which elements are among the test elements. Mirrors torch.isin."""
    a, b = [x.array if isinstance(x, TensorBase) else np.asarray(x) for x in (elements, test_elements)]
    return wrap(np.asarray(np.isin(a, b, invert=invert)))


def unique_consecutive(
    input: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """The elements (or slices) without those equal to the one before. Mirrors torch.unique_consecutive."""
    lines = input.array.reshape(-1, 1) if dim is None else np.moveaxis(input.array, dim, 0).reshape(input.array.shape[dim], -1)
    new = np.ones(len(lines), bool)
    new[1:] = (lines[1:] != lines[:-1]).any(1)
    starts = np.flatnonzero(new)
    values = input.array.reshape(-1)[starts] if dim is None else input.array.take(starts, dim)
    inverse = np.cumsum(new) - 1
    found = [values]
    if return_inverse:
        found.append(inverse.reshape(input.array.shape) if dim is None else inverse)
    if return_counts:
        found.append(np.diff(np.append(starts, len(lines))))
    results = tuple([wrap(np.asarray(x)) for x in found])
    return results if len(results) > 1 else results[0]
