"""Slices of a tensor, by their indices along one dimension: index_select, index_add, index_copy, index_fill."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.inplace import inplace
from ..autograd.rule import Rule, apply, grad_dtype, on
from ..autograd.variable import TensorBase
from .arguments import check_tensor
from .family import cast, normalize_dim
from .gathering import check_range, scalar_name
from .places import add_at, largest, rows

if TYPE_CHECKING:
    from ..tensor import Tensor

# ---- rules


class IndexSelect(Rule):
    """The slices at `index` along a dimension."""

    def forward(x, index, *, dim):
        return x.take(index.reshape(-1), dim) if x.ndim else x.copy()

    def grad_x(grad, index, x_shape, dim):
        return on(IndexAdd, np.zeros(x_shape, grad_dtype(grad)), index, grad, dim=dim, alpha=1)


class IndexAdd(Rule):
    """A copy of x with alpha * source added at `index` along a dimension."""

    def forward(x, index, source, *, dim, alpha):
        return add_at(x.copy("C"), rows(index, x.shape, dim), source if alpha == 1 else source.dtype.type(alpha) * source)

    def grad_x(grad):
        return grad

    def grad_source(grad, index, source_shape, dim, alpha):
        selected = on(IndexSelect, grad, index, dim=dim).reshape(source_shape)
        return selected if alpha == 1 else selected * alpha


class IndexCopy(Rule):
    """A copy of x with the slices of source written at `index` along a dimension."""

    def forward(x, index, source, *, dim):
        result = x.copy("C")
        result.reshape(-1)[rows(index, x.shape, dim)] = source.reshape(-1)
        return result

    def grad_x(grad, index, dim):
        return on(IndexFill, grad, index, dim=dim, value=0)

    def grad_source(grad, index, source_shape, dim):
        return on(IndexSelect, grad, index, dim=dim).reshape(source_shape)


class IndexFill(Rule):
    """A copy of x with a number written at `index` along a dimension."""

    def forward(x, index, *, dim, value):
        result = x.copy("C")
        result.reshape(-1)[rows(index % size_of(x, dim), x.shape, dim)] = value
        return result

    def grad_x(grad, index, dim):
        return on(IndexFill, grad, index, dim=dim, value=0)


class IndexFillTensor(Rule):
    """A copy of x with the only element of a tensor written at `index` along a dimension."""

    node_name = "IndexFillBackward1"

    def forward(x, index, value, *, dim):
        return IndexFill.forward(x, index, dim=dim, value=value)

    def grad_x(grad, index, dim):
        return on(IndexFill, grad, index, dim=dim, value=0)

    def grad_value(grad, index, dim):
        return on(IndexSelect, grad, np.unique(np.asarray(index)), dim=dim)


# ---- functions


def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """The slices at index along a dimension. Mirrors torch.index_select."""
    check_tensor("index_select", "index", 2, index)
    dim = normalize_dim(dim, input.array.ndim)
    at = index.array
    if at.ndim > 1:
        raise IndexError("index_select(): Index is supposed to be a vector")
    if at.dtype.type not in (np.int64, np.int32):
        raise RuntimeError("index_select(): Expected dtype int32 or int64 for index")
    if not input.array.ndim and at.size != 1:
        raise RuntimeError(f"index_select(): Index to scalar can have only 1 value, got {at.size} value(s)")
    n = input.array.shape[dim] if input.array.ndim else 1
    if at.size and largest(at) >= n:
        raise IndexError("index out of range in self")
    return apply(IndexSelect, input, index, dim=dim)


def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Any = 1) -> Tensor:
    """A copy of input with alpha * source added at index along a dimension. Mirrors torch.index_add."""
    return apply(IndexAdd, input, index, source, dim=checked_for_add(input, dim, index, source), alpha=alpha)


def index_add_(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Any = 1) -> Tensor:
    """`index_add`, in place."""
    return inplace(IndexAdd, input, index, source, dim=checked_for_add(input, dim, index, source), alpha=alpha)


def checked_for_add(input: Tensor, dim: int, index: Tensor, source: Tensor) -> int:
    x, at, s = input.array, index.array, source.array
    dim = normalize_dim(dim, x.ndim)
    if at.ndim > 1:
        raise IndexError(
            f"index_add_(): Index is supposed to be a vector, but got dim: {at.ndim} with type: {scalar_name(at)} and size: "
            f"{list(at.shape)}"
        )
    if at.dtype.type not in (np.int64, np.int32):
        raise RuntimeError(f"index_add_(): Expected dtype int32/int64 for index but got: {scalar_name(at)}")
    if x.dtype != s.dtype:
        raise RuntimeError(
            f"index_add_(): self ({scalar_name(x)}) and source ({scalar_name(s)}) must have the same scalar type"
        )
    if s.ndim and dim >= s.ndim:
        raise RuntimeError(f"index_add_(): Indexing dim {dim} is out of bounds of the source tensor with dim {s.ndim}")
    if at.size != size_of(s, dim):
        raise RuntimeError(
            f"index_add_(): Number of indices ({at.size}) should be equal to source.size(dim): ({size_of(s, dim)}), for dim: {dim}"
        )
    if x.ndim != s.ndim and x.ndim or slice_shape(x, dim) != slice_shape(s, dim):
        raise RuntimeError(
            "source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = "
            f"{list(x.shape)} source.shape = {list(s.shape)}"
        )
    check_range(at, dim, size_of(x, dim))
    return dim


def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """A copy of input with the slices of source written at index along a dimension. Mirrors torch.index_copy."""
    return apply(IndexCopy, input, index, source, dim=checked_for_copy(input, dim, index, source))


def index_copy_(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """`index_copy`, in place."""
    return inplace(IndexCopy, input, index, source, dim=checked_for_copy(input, dim, index, source))


def checked_for_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> int:
    x, at, s = input.array, index.array, source.array
    dim = normalize_dim(dim, x.ndim)
    if at.ndim > 1:
        raise IndexError(f"index_copy_(): Index should have dimension 1 or 0 (got {at.ndim})")
    if s.ndim and x.ndim and s.ndim != x.ndim:
        raise IndexError(
            "index_copy_(): When source and destination are not scalars, their dimensionality must match. Source dimensionality "
            f"({s.ndim}), destination dimensionality ({x.ndim})"
        )
    if at.dtype != np.int64:
        raise RuntimeError(f"index_copy_(): Expected a long tensor for index, but got {scalar_name(at)}")
    if x.dtype != s.dtype:
        raise RuntimeError(
            f"index_copy_(): self and source expected to have the same dtype, but got (self) {scalar_name(x)} and (source) "
            f"{scalar_name(s)}"
        )
    if slice_shape(x, dim) != slice_shape(s, dim):
        n, m = [" ".join(map(str, slice_shape(array, dim))) for array in (x, s)]
        raise RuntimeError(
            f"index_copy_(): Source/destination tensor must have same slice shapes. Destination slice shape: {n} at dimension {dim} and "
            f"source slice shape: {m} at dimension 0."
        )
    if at.size != size_of(s, dim):
        raise IndexError(
            f"index_copy_(): Number of indices ({at.size}) should be equal to source.size(dim) ({size_of(s, dim)})"
        )
    check_range(at, dim, size_of(x, dim), IndexError, "index_copy_(): ")
    return dim


def index_fill(input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    """A copy of input with a number written at index along a dimension. Mirrors torch.index_fill."""
    rule, tensors, settings = fill_rule(input, dim, index, value)
    return apply(rule, input, *tensors, **settings)


def index_fill_(input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    """`index_fill`, in place."""
    rule, tensors, settings = fill_rule(input, dim, index, value)
    return inplace(rule, input, *tensors, **settings)


def fill_rule(input: Tensor, dim: int, index: Tensor, value: Any) -> tuple[Any, ...]:
    """The rule that writes a number, or a tensor's only element; the tensors that it takes after the input; its settings."""
    at = index.array
    dim = normalize_dim(dim, input.array.ndim)
    if at.dtype != np.int64:
        raise IndexError("index_fill_(): Expected dtype int64 for index.")
    if at.ndim > 1:
        raise RuntimeError("Index has to be a vector/scalar")
    n = size_of(input.array, dim)
    if at.size and (at.min() < -n or at.max() >= n):
        wrong = next(i for i in at.reshape(-1).tolist() if not -n <= i < n)
        raise IndexError(f"index {wrong} is out of bounds for dimension {dim} with size {n}")
    if not isinstance(value, TensorBase):
        return IndexFill, (index,), {"dim": dim, "value": dtypes.converted(value, input.array.dtype)}
    if value.array.ndim:
        raise RuntimeError(
            f"index_fill_ only supports a 0-dimensional value tensor, but got tensor with {value.array.ndim} dimension(s)."
        )
    return IndexFillTensor, (index, cast(value, input.array.dtype)), {"dim": dim}


def size_of(array: np.ndarray, dim: int) -> int:
    return array.shape[dim] if array.ndim else 1


def slice_shape(array: np.ndarray, dim: int) -> tuple[int, ...]:
    """The shape of an array's slices along a dimension."""
    return array.shape[:dim] + array.shape[dim + 1 :]
