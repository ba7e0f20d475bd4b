"""Tensors arranged: at least so many dimensions, stacked in columns or blocks, split, mirrored; and windows of memory (as_strided)."""
from __future__ import annotations

from collections.abc import Callable
from itertools import combinations as choices
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.rule import apply
from ..autograd.variable import TensorBase, wrap
from .arguments import check_tensors
from .axes import transpose
from .broadcast import meshgrid
from .copies import clone
from .family import invalid_combination, normalize_dim
from .parts import (
    DiagEmbed,
    as_rows,
    cat,
    narrow,
    split_with_sizes,
    stack,
)
from .rearrange import flip
from .shape import flatten, reshape, unsqueeze

if TYPE_CHECKING:
    from ..tensor import Tensor


# ---- at least so many dimensions


def at_least(name: str, raised: Callable[[Tensor], Tensor]) -> Callable[..., Any]:
    """atleast_1d, atleast_2d or atleast_3d: of a tensor, or of several."""

    def function(*tensors: Any) -> Any:
        if len(tensors) == 1 and isinstance(tensors[0], TensorBase):
            return raised(tensors[0])  # type: ignore[arg-type]
        given = tensors[0] if len(tensors) == 1 else tensors
        check_tensors(name, given)
        return tuple(map(raised, given))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Tensors with dimensions of size 1 added, where they have less than {name[-2]}. Mirrors torch.{name}."
    return function


def as_line(x: Tensor) -> Tensor:
    return x if x.array.ndim else reshape(x, 1)


def as_box(x: Tensor) -> Tensor:
    return x if x.array.ndim > 2 else unsqueeze(as_rows(x), -1)


atleast_1d, atleast_2d, atleast_3d = at_least("atleast_1d", as_line), at_least("atleast_2d", as_rows), at_least("atleast_3d", as_box)


# ---- put together


def dstack(tensors: Any) -> Tensor:
    """Tensors joined along their third dimension. Mirrors torch.dstack."""
    check_tensors("dstack", tensors)
    if not tensors:
        raise RuntimeError("dstack expects a non-empty TensorList")
    return cat([as_box(x) for x in tensors], 2)


def column_stack(tensors: Any) -> Tensor:
    """Tensors joined as columns. Mirrors torch.column_stack."""
    check_tensors("column_stack", tensors)
    if not tensors:
        raise RuntimeError("column_stack expects a non-empty TensorList")
    return cat([x if x.array.ndim > 1 else reshape(x, -1, 1) for x in tensors], 1)


def block_diag(*tensors: Tensor) -> Tensor:
    """Matrices as blocks on the diagonal of a larger one. Mirrors torch.block_diag."""
    for i, x in enumerate(tensors):
        if x.array.ndim > 2:
            raise RuntimeError(
                f"torch.block_diag: Input tensors must have 2 or fewer dimensions. Input {i} has {x.array.ndim} dimensions"
            )
    blocks = [as_rows(x) for x in tensors]
    width, rows, start = sum([x.array.shape[1] for x in blocks]), [], 0
    for x in blocks:
        n, m = x.array.shape
        left, right = [wrap(np.zeros((n, k), x.array.dtype)) for k in (start, width - start - m)]
        rows.append(cat([left, x, right], 1))
        start += m
    return cat(rows, 0)


def cartesian_prod(*tensors: Tensor) -> Tensor:
    """All combinations of one element of each vector, as rows. Mirrors torch.cartesian_prod."""
    for x in tensors:
        if x.array.ndim != 1:
            raise RuntimeError(f"Expect a 1D vector, but got shape {list(x.array.shape)}")
    if len(tensors) == 1:
        return tensors[0]
    return stack([flatten(grid) for grid in meshgrid(*tensors, indexing="ij")], 1)


def combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    """All choices of r elements of a vector, as rows. Mirrors torch.combinations."""
    if input.array.ndim != 1:
        raise RuntimeError(f"Expect a 1D vector, but got shape {list(input.array.shape)}")
    if r < 0:
        raise RuntimeError(f"Expect a non-negative number, but got {r}")
    if not r:
        return wrap(np.empty(0, input.array.dtype))
    chosen = (combinations_with_replacement if with_replacement else choices)(range(input.array.size), r)
    return input[wrap(np.array(list(chosen), np.int64).reshape(-1, r))]


def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Matrices with the last dimension on a diagonal. Mirrors torch.diag_embed."""
    ndim = input.array.ndim + 1
    first, second = normalize_dim(dim1, ndim), normalize_dim(dim2, ndim)
    if first == second:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    n = input.array.shape[-1] + abs(offset)
    shape = list(input.array.shape[:-1])
    for d in sorted((first, second)):
        shape.insert(d, n)
    return apply(DiagEmbed, input, shape=tuple(shape), offset=offset, dim1=first, dim2=second)


def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    """The matrix whose diagonal has all elements. Mirrors torch.diagflat."""
    return diag_embed(flatten(input), offset)


# ---- taken apart


def tensor_split(input: Tensor, indices_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """That many pieces, as equal as can be, or pieces that end at indices; as views. Mirrors torch.tensor_split."""
    if not input.array.ndim:
        raise RuntimeError(f"tensor_split expected at least a 1-dimensional tensor, but got a tensor with {input.array.ndim} dims")
    dim = normalize_dim(dim, input.array.ndim)
    n, at = input.array.shape[dim], indices_or_sections
    if isinstance(at, TensorBase):
        if at.array.dtype != np.int64:
            raise RuntimeError("tensor_split expected tensor_indices_or_sections to be on cpu and of dtype long")
        if at.array.ndim > 1:
            raise RuntimeError(
                "tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional tensor, but got a tensor "
                f"with {at.array.ndim} dims"
            )
        at = at.array.tolist()
    if isinstance(at, int):
        if at <= 0:
            raise RuntimeError(f"number of sections must be larger than 0, got {at}")
        return split_with_sizes(input, [n // at + (i < n % at) for i in range(at)], dim)
    ends = [min(max(end + n if end < 0 else end, 0), n) for end in at]
    starts = [0, *ends]
    return tuple([narrow(input, dim, start, max(end - start, 0)) for start, end in zip(starts, [*ends, n])])


def split_along(name: str, needed: int, dim: int) -> Callable[..., tuple[Tensor, ...]]:
    """hsplit, vsplit or dsplit."""

    def function(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
        shape = input.array.shape
        if len(shape) < needed:
            raise RuntimeError(
                f"torch.{name} requires a tensor with at least {needed} dimension, but got a tensor with "
                f"{len(shape)} dimensions!"
            )
        if not isinstance(indices_or_sections, (int, tuple, list)):
            raise invalid_combination(name, input, indices_or_sections)
        d = 0 if len(shape) == 1 else dim
        if isinstance(indices_or_sections, int) and (not indices_or_sections or shape[d] % indices_or_sections):
            raise RuntimeError(
                f"torch.{name} attempted to split along dimension {d}, but the size of the dimension {shape[d]} is not divisible by "
                f"the split_size {indices_or_sections}!"
            )
        return tensor_split(input, indices_or_sections, d)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"`tensor_split` along one dimension, into equal pieces or at indices. Mirrors torch.{name}."
    return function


hsplit, vsplit, dsplit = split_along("hsplit", 1, 1), split_along("vsplit", 2, 0), split_along("dsplit", 3, 2)


# ---- mirrored and turned


def fliplr(input: Tensor) -> Tensor:
    """The second dimension reversed. Mirrors torch.fliplr."""
    if input.array.ndim < 2:
        raise RuntimeError("Input must be >= 2-d.")
    return flip(input, 1)


def flipud(input: Tensor) -> Tensor:
    """The first dimension reversed. Mirrors torch.flipud."""
    if input.array.ndim < 1:
        raise RuntimeError("Input must be >= 1-d.")
    return flip(input, 0)


def rot90(input: Tensor, k: int = 1, dims: Any = (0, 1)) -> Tensor:
    """Turned by k right angles, from the first of two dimensions towards the second. Mirrors torch.rot90."""
    ndim = input.array.ndim
    if len(dims) != 2:
        raise RuntimeError(f"expected total rotation dims == 2, but got dims = {len(dims)}")
    if ndim < 2:
        raise RuntimeError(f"expected total dims >= 2, but got total dims = {ndim}")
    a, b = dims
    if a == b or abs(a - b) == ndim:
        raise RuntimeError(f"expected rotation dims to be different, but got dim0 = {a} and dim1 = {b}")
    for dim, which in ((a, 0), (b, 1)):
        if not -ndim <= dim < ndim:
            raise RuntimeError(f"Rotation dim{which} out of range, dim{which} = {dim}")
    if k % 4 == 1:
        return transpose(flip(input, b), a, b)
    if k % 4 == 2:
        return flip(input, a, b)
    return transpose(flip(input, a), a, b) if k % 4 else clone(input)


def sum_to_size(input: Tensor, *size: Any) -> Tensor:
    """Summed down to a shape that expands to this one. Mirrors torch.Tensor.sum_to_size."""
    goal = tuple(size[0]) if len(size) == 1 and isinstance(size[0], (tuple, list)) else size
    shape = input.array.shape
    if not goal:
        return input.sum()
    extra = len(shape) - len(goal)
    if extra < 0 or any(n not in (1, m) for n, m in zip(goal, shape[extra:])):
        raise RuntimeError(f"size {{{list(goal)}}} is not expandable to size {{{list(shape)}}}.")
    dims = [d for d, n in enumerate(shape) if d < extra or (goal[d - extra] == 1 and n != 1)]
    return reshape(input.sum(dims, keepdim=True), goal) if dims else input
