"""What picks elements: the largest, the smallest, the median, the first k, or all of them in order."""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..autograd.rule import Rule, apply, on
from ..autograd.variable import TensorBase, wrap
from .arguments import must_be
from .family import invalid_combination, normalize_dim, normalize_dims, refuse
from .places import places
from .reduce import restore

if TYPE_CHECKING:
    from ..tensor import Tensor


class MinMax(NamedTuple):
    """What max(dim), min(dim), sort, topk, ... return: values and their indices. Prints as torch.return_types."""

    values: Any
    indices: Any

    def __repr__(self) -> str:
        return f"torch.return_types.{type(self).__name__}(\nvalues={self.values!r},\nindices={self.indices!r})"


def return_type(name: str) -> type[MinMax]:
    """The named tuple that an operation returns, under the operation's name."""
    return type(name, (MinMax,), {"__slots__": ()})


# ---- the largest and the smallest


class Amax(Rule):
    """The largest values over dimensions; equal ones share the gradient."""

    def forward(x, *, dim, keepdim):
        return np.maximum.reduce(x, axis=dim, keepdims=keepdim)

    def grad_x(grad, x, out, dim):
        x, out = plain(x), plain(out)
        return share(grad, x == restore(out, x.shape, dim), dim)


class Amin(Amax):
    """The smallest values over dimensions; equal ones share the gradient."""

    def forward(x, *, dim, keepdim):
        return np.minimum.reduce(x, axis=dim, keepdims=keepdim)


class MaxAll(Amax):
    """The largest value of all; equal ones, or the NaNs that it is, share the gradient."""

    node_name = "MaxBackward1"

    def grad_x(grad, x, out, dim):
        x, out = plain(x), plain(out)
        return share(grad, np.isnan(x) if np.isnan(out) else x == out, dim)


class MinAll(MaxAll):
    """The smallest value of all; equal ones, or the NaNs that it is, share the gradient."""

    node_name = "MinBackward1"
    forward = Amin.forward


def share(grad: Any, best: np.ndarray, dim: tuple[int, ...]) -> Any:
    """The gradient of an extreme, split evenly among the elements that are the best."""
    return restore(grad, best.shape, dim) * best / np.add.reduce(best, axis=dim, keepdims=True).astype(plain(grad).dtype)


def plain(x: Any) -> np.ndarray:
    """The array of a saved value, where the gradient does not depend on it."""
    return np.asarray(getattr(x, "array", x))


class MedianAll(MaxAll):
    """The lower median of all elements; equal ones, or the NaNs that it is, share the gradient."""

    node_name = "MedianBackward0"

    def forward(x, *, dim, keepdim):
        if not x.size:
            return np.asarray(np.nan if x.dtype.kind == "f" else np.iinfo(x.dtype).min, x.dtype)
        ordered = np.sort(x, axis=None)
        return ordered[-1 if x.dtype.kind == "f" and np.isnan(ordered[-1]) else (x.size - 1) // 2]


# ---- elements at chosen indices


class TakeIndex(Rule):
    """The elements at `indices` along a dimension, of which each place takes one: how max(dim) and sort look up their values."""

    def forward(x, indices, *, dim, keepdim):
        if not x.ndim:
            return x.copy()
        if not indices.size:
            return np.empty(indices.shape, x.dtype)
        found = x.reshape(-1).take(places(indices if keepdim else np.expand_dims(indices, dim), x.shape, dim))
        return found if keepdim else found.squeeze(dim)

    def grad_x(grad, indices, x_shape, dim, keepdim):
        return on(PutIndex, grad, indices, shape=x_shape, dim=dim, keepdim=keepdim)


class PutIndex(Rule):
    """Zeros of a shape, with x at `indices` along a dimension: the gradient of TakeIndex."""

    node_name = "ValueSelectingReductionBackwardBackward0"

    def forward(x, indices, *, shape, dim, keepdim):
        if not shape:
            return np.array(x)
        total = np.zeros(shape, x.dtype)
        x, indices = (x, indices) if keepdim else (np.expand_dims(x, dim), np.expand_dims(indices, dim))
        np.put_along_axis(total, indices, x, dim)
        return total

    def grad_x(grad, indices, dim, keepdim):
        return on(TakeIndex, grad, indices, dim=dim, keepdim=keepdim)


def selecting(name: str, node_name: str) -> type[Rule]:
    """TakeIndex under the name of the operation that chose the indices."""
    return type(name, (TakeIndex,), {"__qualname__": name, "node_name": node_name})


Max, Min = selecting("Max", "MaxBackward0"), selecting("Min", "MinBackward0")
Sort, Topk, Median = selecting("Sort", "SortBackward0"), selecting("Topk", "TopkBackward0"), selecting("Median", "MedianBackward1")


# ---- functions


def extreme(name: str, all_rule: type[Rule], dim_rule: type[Rule], pairwise: str, arg: Any) -> Callable[..., Any]:
    """max or min: of all elements, over a dimension with indices, or of two tensors."""
    result = return_type(name)

    def function(input: Tensor, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
        if not isinstance(input, TensorBase):
            raise must_be("Tensor", name, "input", 1, input) if dim is None else invalid_combination(name, input, dim)
        other = dim if isinstance(dim, TensorBase) else other
        if other is not None:
            return getattr(input, pairwise)(other)
        if dim is None:
            check_not_empty(name, input.array, ())
            return apply(all_rule, input, dim=tuple(range(input.array.ndim)), keepdim=False)
        dim = normalize_dim(dim, input.array.ndim, name)
        check_not_empty(name, input.array, (dim,))
        indices = wrap(np.asarray(first_index(arg, input.array, dim, keepdim)))
        return result(dim_rule.applied[2](input, indices, dim=dim, keepdim=keepdim), indices)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"The {name}imum: of all elements, along a dimension (values and indices), or of two tensors. Mirrors torch.{name}."
    return function


def check_not_empty(name: str, array: np.ndarray, dims: tuple[int, ...]) -> None:
    """There is no extreme of nothing. `dims` are those asked for; () means all."""
    if array.size:
        return
    if not dims:
        raise RuntimeError(
            f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument."
        )
    for dim in dims:
        if array.ndim and not array.shape[dim]:
            raise IndexError(f"{name}(): Expected reduction dim {dim} to have non-zero size.")


def first_index(arg: Any, array: np.ndarray, dim: int, keepdim: bool) -> np.ndarray:
    """ndarray's argmax or argmin along a dimension; of equal values the first, of NaN the first."""
    if not array.ndim:
        return np.zeros((), np.int64)
    return arg(array, dim, None, keepdims=keepdim)


max = extreme("max", MaxAll, Max, "maximum", np.ndarray.argmax)
min = extreme("min", MinAll, Min, "minimum", np.ndarray.argmin)


def over_dims(name: str, rule: type[Rule]) -> Callable[..., Tensor]:
    """amax or amin."""

    def function(input: Tensor, dim: Any = (), keepdim: bool = False) -> Tensor:
        dims = normalize_dims(dim, input.array.ndim, name)
        check_not_empty(name, input.array, () if dim == () else dims)
        return apply(rule, input, dim=dims, keepdim=keepdim)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{rule.__doc__} Mirrors torch.{name}."
    return function


amax, amin = over_dims("amax", Amax), over_dims("amin", Amin)


def index_of(name: str, arg: Any) -> Callable[..., Tensor]:
    """argmax or argmin."""

    def function(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
        array = input.array
        if array.dtype.kind == "b":
            raise RuntimeError(f"{name}(): does not support bool input")
        if dim is None:
            if not array.size:
                raise IndexError(f"{name}(): Expected reduction dim to be specified for input.numel() == 0.")
            found = np.asarray(arg(array))
            return wrap(found.reshape((1,) * array.ndim) if keepdim else found)
        dim = normalize_dim(dim, array.ndim, name)
        check_not_empty(name, array, (dim,))
        return wrap(np.asarray(first_index(arg, array, dim, keepdim)))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"The index of the {name[3:]}imum: of all elements, or along a dimension. Mirrors torch.{name}."
    return function


argmax, argmin = index_of("argmax", np.ndarray.argmax), index_of("argmin", np.ndarray.argmin)


def sort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> MinMax:
    """The elements in order along a dimension, and where they were. Equal elements keep their order. Mirrors torch.sort."""
    dim = normalize_dim(dim, input.array.ndim, "sort")
    indices = argsort(input, dim, descending)
    return _sort_result(apply(Sort, input, indices, dim=dim, keepdim=True), indices)


def argsort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> Tensor:
    """The indices that sort a dimension. Mirrors torch.argsort."""
    array = input.array
    dim = normalize_dim(dim, array.ndim, "argsort")
    if not array.ndim:
        return wrap(np.zeros((), np.int64))
    if not descending:
        return wrap(np.argsort(array, axis=dim, kind="stable"))
    backwards = np.argsort(np.flip(array, dim), axis=dim, kind="stable")  # flipped twice, so equal elements keep their order
    return wrap(array.shape[dim] - 1 - np.flip(backwards, dim))


def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> MinMax:
    """The k largest (or smallest) elements along a dimension, and where they are. Mirrors torch.topk."""
    d = normalize_dim(dim, input.array.ndim, "topk")
    if input.array.dtype == bool:
        raise RuntimeError("topk does not support bool dtypes on CPU")
    if not 0 <= k <= (input.array.shape[d] if input.array.ndim else 1):
        raise RuntimeError("selected index k out of range")
    order = argsort(input, dim, descending=largest).array
    indices = wrap(order[(slice(None),) * d + (slice(k),)].copy() if order.ndim else order)
    return _topk_result(apply(Topk, input, indices, dim=d, keepdim=True), indices)


def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The lower median: of all elements, or along a dimension with indices. Mirrors torch.median."""
    array = input.array
    if dim is None:
        refuse("median_cpu", "b", array)
        return apply(MedianAll, input, dim=tuple(range(array.ndim)), keepdim=False)
    d = normalize_dim(dim, array.ndim, "median")
    refuse("median_out", "b", array)
    check_not_empty("median", array, (d,))
    if array.ndim:
        index = np.take(np.argsort(array, axis=d, kind="stable"), [(array.shape[d] - 1) // 2], axis=d)
        if array.dtype.kind == "f":  # of NaNs the first
            nan = np.isnan(array)
            index = np.where(nan.any(axis=d, keepdims=True), nan.argmax(axis=d, keepdims=True), index)
    else:
        index = np.zeros((), np.int64)
    indices = wrap(index if keepdim or not array.ndim else index.squeeze(d))
    return _median_result(apply(Median, input, indices, dim=d, keepdim=keepdim), indices)


_sort_result, _topk_result, _median_result = map(return_type, ("sort", "topk", "median"))
