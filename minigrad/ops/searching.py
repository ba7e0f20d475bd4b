"""Where elements are, and how many: nonzero, one_hot, unique, searchsorted, bincount. No gradient flows through them."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.rule import Rule, apply
from ..autograd.variable import TensorBase, wrap
from .arguments import check_tensor
from .family import refuse

if TYPE_CHECKING:
    from ..tensor import Tensor


class Unique(Rule):
    """The different elements in order, where each went, and how many there were. PyTorch has no derivative of it."""

    node_name = "Unique2Backward0"

    def forward(x, *, dim=None):
        values, inverse, counts = np.unique(x, return_inverse=True, return_counts=True, axis=dim, equal_nan=False)
        return values, inverse.reshape(x.shape if dim is None else -1), counts

    def grad_x(grads):
        raise NotImplementedError("the derivative for '_unique2' is not implemented.")


class UniqueDim(Unique):
    """The different slices along a dimension."""

    node_name = "UniqueDimBackward0"

    def grad_x(grads):
        raise NotImplementedError("the derivative for 'unique_dim' is not implemented.")


class Bincount(Rule):
    """The sums of weights with the same index. PyTorch has no derivative of it."""

    node_name = "NotImplemented"

    def forward(x, *, index, minlength):
        return np.bincount(index, x, minlength).astype(x.dtype if x.dtype == np.float32 else np.float64)

    def grad_x(grad):
        raise RuntimeError("derivative for aten::bincount is not implemented")


def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """The indices of elements that are not zero: as rows, or one tensor per dimension. Mirrors torch.nonzero."""
    check_tensor("nonzero", "input", 1, input)
    ndim = input.array.ndim
    found = np.array(np.nonzero(np.atleast_1d(input.array)))
    return tuple(map(wrap, found)) if as_tuple else wrap(found[:ndim].T)


def argwhere(input: Tensor) -> Tensor:
    """The indices of elements that are not zero, as rows. Mirrors torch.argwhere."""
    return nonzero(input)


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """A new last dimension, 1 at the class and 0 elsewhere. Mirrors torch.nn.functional.one_hot."""
    check_tensor("one_hot", "input", 1, tensor)
    array = tensor.array
    if array.dtype != np.int64:
        raise RuntimeError("one_hot is only applicable to index tensor of type LongTensor.")
    if not array.size:
        if num_classes <= 0:
            raise RuntimeError("Can not infer total number of classes from empty tensor.")
        return wrap(np.zeros((*array.shape, num_classes), np.int64))
    if array.min() < 0:
        raise RuntimeError("Class values must be non-negative.")
    if num_classes == -1:
        num_classes = int(array.max()) + 1
    elif array.max() >= num_classes:
        raise RuntimeError("Class values must be smaller than num_classes.")
    return wrap((array[..., None] == np.arange(num_classes)).astype(np.int64))


def unique(
    input: Tensor, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """The different elements in order, and on request where each went and how many there were. Mirrors torch.unique."""
    values, inverse, counts = apply(Unique, input) if dim is None else apply(UniqueDim, input, dim=dim)
    found = (values, *[inverse] * return_inverse, *[counts] * return_counts)
    return found if len(found) > 1 else values


def searchsorted(
    sorted_sequence: Tensor, input: Any, *, out_int32: bool = False, right: bool = False, side: str | None = None,
    sorter: Tensor | None = None
) -> Tensor:
    """Where values would be inserted to keep the order, row by row. Mirrors torch.searchsorted."""
    if side not in (None, "left", "right"):
        raise RuntimeError(f"torch.searchsorted(): side can only be 'left' or 'right' but got {side}")
    if side == "left" and right:
        raise RuntimeError("torch.searchsorted(): side and right can't be set to opposites, got side of left while right was True")
    edges = sorted_sequence.array
    if sorter is not None:
        if sorter.array.shape != edges.shape:
            raise RuntimeError(
                "torch.searchsorted(): boundary and sorter must have the same size, but got boundary tensor "
                f"{list(edges.shape)}and got sorter tensor {list(sorter.array.shape)}"
            )
        edges = np.take_along_axis(edges, sorter.array, -1)
    values = input.array if isinstance(input, TensorBase) else np.asarray(input)
    if edges.ndim != 1 and edges.shape[:-1] != values.shape[:-1]:
        raise RuntimeError(
            "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and "
            f"input value tensor must match, but we got boundaries tensor {list(edges.shape)} and input value tensor "
            f"{list(values.shape)}"
        )
    where: Any = side or ("right" if right else "left")
    if edges.ndim == 1:
        found = np.searchsorted(edges, values, where)
    else:
        rows = zip(edges.reshape(-1, edges.shape[-1]), values.reshape(-1, values.shape[-1]))
        found = np.stack([np.searchsorted(row, v, where) for row, v in rows]).reshape(values.shape)
    return wrap(np.asarray(found, np.int32 if out_int32 else np.int64))


def bucketize(input: Any, boundaries: Tensor, *, out_int32: bool = False, right: bool = False) -> Tensor:
    """The number of the interval between boundaries in which each value lies. Mirrors torch.bucketize."""
    if boundaries.array.ndim != 1:
        raise RuntimeError(f"boundaries tensor must be 1 dimension, but got dim({boundaries.array.ndim})")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often each non-negative integer occurs, or the sum of its weights. Mirrors torch.bincount."""
    array = input.array
    refuse("bincount_cpu", "fb", array)
    if minlength < 0:
        raise RuntimeError("minlength should be >= 0")
    if array.ndim != 1 or (array.size and array.min() < 0):
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    if weights is not None and weights.array.shape != array.shape:
        raise RuntimeError("weights should be 1-d and have the same length as input")
    if weights is None:
        return wrap(np.bincount(array, minlength=minlength).astype(np.int64))
    return apply(Bincount, weights, index=array, minlength=minlength)
