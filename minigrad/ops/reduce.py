"""Sums, means and products over dimensions, and whether all or any elements are true.

A rule reduces over the axes `dim` (a tuple). `restore` gives them back to a gradient, once for all.
"""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.rule import Rule, apply, on
from ..autograd.variable import wrap
from .broadcast import Expand
from .family import cast, normalize_dim, normalize_dims

if TYPE_CHECKING:
    from ..tensor import Tensor


def restore(x: Any, shape: tuple[int, ...], dim: tuple[int, ...]) -> Any:
    """A reduced value (or its gradient), with its reduced axes back as size 1."""
    return x.reshape([1 if d in dim else n for d, n in enumerate(shape)])


def short(x: np.ndarray, dim: int | None) -> bool:
    """Whether a dimension is the last and short: NumPy is several times as fast on the transpose, and adds in the same order."""
    return dim == 1 and x.ndim == 2 and x.shape[1] < 8 < x.shape[0] and x.dtype.itemsize > 2


def turned(x: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(x.T)


def in_dtype(input: Tensor, dtype: Any) -> Tensor:
    """The input, converted if a dtype was asked for."""
    return input if dtype is None else cast(input, dtypes.to_numpy(dtype))


def slices(x: Any, dim: int) -> list[Any]:
    """x cut along a dimension into pieces of length 1."""
    return [x[(slice(None),) * dim + (slice(i, i + 1),)] for i in range(x.shape[dim])]


# ---- rules


class SumDim(Rule):
    """The sum over dimensions."""

    node_name = "SumBackward1"
    tier = "T3"

    def forward(x, *, dim, keepdim):
        if len(dim) == 1 and short(x, dim[0]):
            total = np.add.reduce(turned(x), axis=0, dtype=x.dtype)
            return total[:, None] if keepdim else total
        return np.add.reduce(x, dim, x.dtype, None, keepdim)

    def grad_x(grad, x_shape, dim):
        return on(Expand, restore(grad, x_shape, dim), shape=x_shape)


class Sum(SumDim):
    """The sum of all elements."""


class MeanDim(Rule):
    """The mean over dimensions."""

    node_name = "MeanBackward1"
    tier = "T3"

    def forward(x, *, dim, keepdim):
        return np.add.reduce(x, dim, None, None, keepdim) / x.dtype.type(count(x.shape, dim))

    def grad_x(grad, x_shape, dim):
        return on(Expand, restore(grad, x_shape, dim), shape=x_shape) / (count(x_shape, dim) or 1)


class Mean(MeanDim):
    """The mean of all elements."""


class ProdDim(Rule):
    """The product over one dimension, or over all."""

    node_name = "ProdBackward1"
    tier = "T3"

    def forward(x, *, dim, keepdim):
        return np.multiply.reduce(x, dim, x.dtype, None, keepdim)

    def grad_x(grad, x, dim):
        if len(dim) > 1:
            flat = x.reshape((-1,))
            return (grad * others(flat, 0)).reshape(x.shape)
        return restore(grad, x.shape, dim) * (others(x, dim[0]) if dim else 1)


class Prod(ProdDim):
    """The product of all elements."""

    node_name = "ProdBackward0"


def others(x: Any, dim: int) -> Any:
    """For each element the product of the others along `dim`, without dividing, so that zeros need no special case."""
    columns, n = slices(x, dim), x.shape[dim]
    before, after = [columns[0] * 0 + 1] if n else [], [columns[0] * 0 + 1] if n else []
    for i in range(n - 1):
        before.append(before[-1] * columns[i])
        after.append(after[-1] * columns[n - 1 - i])
    return np.concatenate([b * a for b, a in zip(before, reversed(after))], axis=dim) if n else x


def count(shape: tuple[int, ...], dim: tuple[int, ...]) -> int:
    """How many elements are reduced to one."""
    return math.prod([shape[d] for d in dim])


# ---- functions


def sum(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The sum of all elements, or over dimensions; integers add up as int64. Mirrors torch.sum."""
    if dtype is None and input.array.dtype.kind in "biu":
        dtype = dtypes.int64
    x = in_dtype(input, dtype)
    rule = Sum if dim is None and not keepdim else SumDim
    return apply(rule, x, dim=normalize_dims(dim, x.array.ndim, "sum"), keepdim=keepdim)


def mean(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The mean of all elements, or over dimensions. Mirrors torch.mean."""
    x = in_dtype(input, dtype)
    if x.array.dtype.kind != "f":
        raise RuntimeError(
            f"mean(): could not infer output dtype. {'Input' if dtype is None else 'Optional'} dtype must be either a floating point "
            f"or complex dtype. Got: {dtypes.of_array(x.array).scalar_name}"
        )
    rule = Mean if dim is None and not keepdim else MeanDim
    return apply(rule, x, dim=normalize_dims(dim, x.array.ndim, "mean"), keepdim=keepdim)


def prod(input: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The product of all elements, or over one dimension. Mirrors torch.prod."""
    if dtype is None and input.array.dtype.kind in "biu":
        dtype = dtypes.int64
    x = in_dtype(input, dtype)
    dims = normalize_dims(dim if dim is None else normalize_dim(dim, x.array.ndim, "prod"), x.array.ndim)
    return apply(Prod if dim is None else ProdDim, x, dim=dims, keepdim=keepdim)


def quantifier(name: str, ufunc: np.ufunc, doc: str) -> Callable[..., Tensor]:
    """all or any."""

    def function(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
        array = input.array
        found = np.asarray(ufunc.reduce(array, axis=normalize_dims(dim, array.ndim, name), keepdims=keepdim))
        return wrap(found.astype(np.uint8) if array.dtype == np.uint8 else found)  # uint8 once was PyTorch's bool

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{doc} Mirrors torch.{name}."
    return function


all = quantifier("all", np.logical_and, "Whether all elements are true.")
any = quantifier("any", np.logical_or, "Whether any element is true.")


def count_nonzero(input: Tensor, dim: Any = None) -> Tensor:
    """How many elements are not zero. Mirrors torch.count_nonzero."""
    return wrap(np.asarray(np.count_nonzero(input.array, axis=normalize_dims(dim, input.array.ndim, "count_nonzero")), dtype=np.int64))
