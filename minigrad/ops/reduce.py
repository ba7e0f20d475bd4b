"""Reductions: sums, means, extremes, cumulative sums, softmax.

A rule reduces over the axes `dim` (a tuple) and keeps them as size 1, so gradients broadcast back by themselves; the functions drop
those axes afterwards where `keepdim` is False. `restore` gives them back to a gradient, once for all.
"""
from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .. import dtypes
from ..autograd.rule import Rule, apply, on
from ..autograd.variable import TensorBase, wrap
from .arguments import must_be
from .arithmetic import Sign, subtractable
from .family import broadcasting, cast, floated, invalid_combination, normalize_dim, normalize_dims, of_tensors, refuse
from .masking import Kept
from .places import places
from .precision import wide
from .shape import Expand

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


def restore(x: Any, shape: tuple[int, ...], dim: tuple[int, ...]) -> Any:
    """A reduced value (or its gradient), with its reduced axes back as size 1."""
    return x.reshape([1 if d in dim else n for d, n in enumerate(shape)])


def kept(shape: tuple[int, ...], dim: tuple[int, ...], keepdim: bool) -> tuple[int, ...]:
    return tuple([1 if d in dim else n for d, n in enumerate(shape) if keepdim or d not in dim])


def short(x: np.ndarray, dim: int | None) -> bool:
    """Whether a dimension is the last and short: NumPy is several times as fast on the transpose, and adds in the same order."""
    return dim == 1 and x.ndim == 2 and x.shape[1] < 8 < x.shape[0] and x.dtype.itemsize > 2


def turned(x: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(x.T)


# ---- sums


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


class Var(Rule):
    """The variance over dimensions: squared distances from the mean, over n - correction."""

    tier = "T3"

    def forward(x, *, dim, keepdim, correction):
        return variance(x, dim, keepdim, correction).astype(x.dtype)

    def grad_x(grad, x, dim, correction):
        n = count(x.shape, dim)
        mean = np.add.reduce(x, axis=dim, keepdims=True) / n
        return restore(grad, x.shape, dim) * (x - mean) * (2 / (n - correction) if n != correction else math.inf)


class Std(Rule):
    """The standard deviation over dimensions."""

    tier = "T3"

    def forward(x, *, dim, keepdim, correction):
        return np.sqrt(variance(x, dim, keepdim, correction)).astype(x.dtype)

    def grad_x(grad, x, out, dim, correction):
        return Var.grad_x(on(Kept, grad / (2 * out), out != 0), x, dim, correction)


class VarMean(Rule):
    """The variance and the mean."""

    node_name = "VarMeanBackward0"
    tier = "T3"

    def forward(x, *, dim, keepdim, correction):
        return Var.forward(x, dim=dim, keepdim=keepdim, correction=correction), MeanDim.forward(x, dim=dim, keepdim=keepdim)

    def grad_x(grads, x, dim, correction):
        return Var.grad_x(grads[0], x, dim, correction) + MeanDim.grad_x(grads[1], x.shape, dim)


class StdMean(Rule):
    """The standard deviation and the mean."""

    node_name = "StdMeanBackward0"
    tier = "T3"

    def forward(x, *, dim, keepdim, correction):
        return Std.forward(x, dim=dim, keepdim=keepdim, correction=correction), MeanDim.forward(x, dim=dim, keepdim=keepdim)

    def grad_x(grads, x, out0, dim, correction):
        return Std.grad_x(grads[0], x, out0, dim, correction) + MeanDim.grad_x(grads[1], x.shape, dim)


def count(shape: tuple[int, ...], dim: tuple[int, ...]) -> int:
    """How many elements are reduced to one."""
    return math.prod([shape[d] for d in dim])


def variance(x: np.ndarray, dim: tuple[int, ...], keepdim: bool, correction: float) -> np.ndarray:
    """In double precision: as accurate as PyTorch's, whose algorithm is Welford's."""
    x_wide, n = x.astype(np.float64), count(x.shape, dim)
    mean = np.add.reduce(x_wide, axis=dim, keepdims=True) / n
    total: Any = np.add.reduce((x_wide - mean) ** 2, axis=dim, keepdims=keepdim)  # type: ignore[call-overload]
    return total / np.float64(n - correction if n > correction else 0)


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


class Cumsum(Rule):
    """Sums up to each element along a dimension; float32 is added up in double, as in PyTorch."""

    def forward(x, *, dim):
        return accumulated(np.add, x, dim)

    def grad_x(grad, dim):
        return on(CumsumReverse, grad, dim=dim)


class CumsumReverse(Rule):
    """Sums from each element to the end along a dimension: the gradient of Cumsum."""

    node_name = "FlipBackward0"

    def forward(x, *, dim):
        return np.flip(accumulated(np.add, np.flip(np.atleast_1d(x), dim), dim), dim).reshape(x.shape)

    def grad_x(grad, dim):
        return on(Cumsum, grad, dim=dim)


class Cumprod(Rule):
    """Products up to each element along a dimension; float32 is multiplied in double, as in PyTorch."""

    tier = "T1"

    def forward(x, *, dim):
        return accumulated(np.multiply, x, dim)

    def grad_x(grad, x, out, dim):
        if not x.shape or 0 in x.shape:
            return grad
        # out[i + 1] = out[i] * x[i + 1]: the chain rule, from the last product to the first.
        (x, out, grad), n = [slices(v, dim) for v in (x, out, grad)], x.shape[dim]
        slopes = [grad[-1]]
        for i in range(n - 2, -1, -1):
            slopes.append(grad[i] + slopes[-1] * x[i + 1])
        slopes.reverse()
        return np.concatenate([slopes[0]] + [slopes[i] * out[i - 1] for i in range(1, n)], axis=dim)


def accumulated(ufunc: np.ufunc, x: np.ndarray, dim: int) -> np.ndarray:
    wide_dtype = np.float64 if x.dtype.kind == "f" else None
    return ufunc.accumulate(np.atleast_1d(x), axis=dim, dtype=wide_dtype).astype(x.dtype).reshape(x.shape)


def slices(x: Any, dim: int) -> list[Any]:
    """x cut along a dimension into pieces of length 1."""
    return [x[(slice(None),) * dim + (slice(i, i + 1),)] for i in range(x.shape[dim])]


# ---- extremes


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


# ---- exponentials of a whole dimension


class Softmax(Rule):
    """exp(x) / sum(exp(x)) along a dimension, computed from x - max(x)."""

    tier = "T3"

    def forward(x, *, dim):
        if short(x, dim):
            return turned(Softmax.forward(turned(x), dim=0))
        e = np.exp(shifted(x, dim))
        return e / np.add.reduce(e, axis=dim, keepdims=True)

    def grad_x(grad, out, dim):
        weighted = grad * out
        return weighted - out * np.add.reduce(weighted, axis=dim, keepdims=True)


class LogSoftmax(Rule):
    """x - log(sum(exp(x))) along a dimension, computed from x - max(x)."""

    tier = "T3"

    def forward(x, *, dim):
        if short(x, dim):
            return turned(LogSoftmax.forward(turned(x), dim=0))
        x = shifted(x, dim)
        return x - np.log(np.add.reduce(np.exp(x), axis=dim, keepdims=True))

    def grad_x(grad, out, dim):
        return grad - np.exp(out) * on(SumDim, grad, dim=(dim,) if grad.ndim else (), keepdim=True)


class Logsumexp(Rule):
    """log(sum(exp(x))) over dimensions, computed from x - max(x)."""

    tier = "T3"

    def forward(x, *, dim, keepdim):
        top = np.maximum.reduce(x, axis=dim, keepdims=True, initial=-np.inf)
        top = np.where(np.isinf(top), 0, top).astype(x.dtype)
        total = np.log(np.add.reduce(np.exp(x - top), axis=dim, keepdims=True)) + top
        return total.reshape(kept(x.shape, dim, keepdim))

    def grad_x(grad, x, out, dim):
        return restore(grad, x.shape, dim) * np.exp(x - restore(out, x.shape, dim))


def shifted(x: np.ndarray, dim: int) -> np.ndarray:
    """x - max(x)."""
    return x - np.maximum.reduce(x, axis=dim, keepdims=True) if x.size else x


class VectorNorm(Rule):
    """(sum |x|^p)^(1/p) over dimensions. Its derivative at 0 is 0."""

    node_name = "LinalgVectorNormBackward0"
    tier = "T3"

    def forward(x, *, p, dim, keepdim):
        if p == 2:
            return np.sqrt(np.add.reduce(x * x, axis=dim, keepdims=keepdim))
        size = np.abs(x)
        if p == 1:
            return np.add.reduce(size, axis=dim, keepdims=keepdim)
        if p == 0:
            return np.add.reduce(x != 0, axis=dim, keepdims=keepdim).astype(x.dtype)
        if math.isinf(p):
            extreme = np.maximum if p > 0 else np.minimum
            return extreme.reduce(size, axis=dim, keepdims=keepdim)
        return np.add.reduce(wide(np.power, size, x.dtype.type(p)), axis=dim, keepdims=keepdim) ** x.dtype.type(1 / p)

    def grad_x(grad, x, out, p, dim):
        grad, out = restore(grad, x.shape, dim), restore(out, x.shape, dim)
        if p == 0:
            return None  # a count; PyTorch passes no gradient, rather than zeros
        if p == 1:
            return grad * np.sign(x)
        if p == 2:
            return grad * on(Kept, x / out, out != 0)
        if math.isinf(p):
            best = (np.abs(plain(x)) == plain(out)) | np.isnan(plain(x))
            return grad / np.add.reduce(best, axis=dim, dtype=plain(x).dtype, keepdims=True) * best * on(Sign, x)
        out = out + (plain(out) == 0) * (p > 0)  # of nothing but zeros, so that the second derivative has none to divide by
        return grad * on(Kept, x * np.abs(x) ** (p - 2) / out ** (p - 1), x != 0)


class Dist(Rule):
    """The p-norm of input - other."""

    tier = "T3"

    def forward(a, b, *, p):
        d = a - b
        return VectorNorm.forward(d, p=p, dim=tuple(range(d.ndim)), keepdim=False)

    def grad_a(grad, a, b, out, p):
        d = a - b
        return VectorNorm.grad_x(grad, d, out, p, tuple(range(d.ndim)))

    def grad_b(grad, a, b, out, p):
        return -Dist.grad_a(grad, a, b, out, p)


# ---- functions


def in_dtype(input: Tensor, dtype: Any) -> Tensor:
    """The input, converted if a dtype was asked for."""
    return input if dtype is None else cast(input, dtypes.to_numpy(dtype))


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


def spread(name: str, rule: type[Rule]) -> Callable[..., Any]:
    """var, std, var_mean or std_mean: `f(x, unbiased)`, `f(x, dim, unbiased, keepdim)`, or with `correction=`."""

    def function(
        input: Tensor, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: float | None = None
    ) -> Any:
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        array = input.array
        if array.dtype.kind != "f":
            raise RuntimeError(f"{name if '_' in name else 'std and var'} only support floating point and complex dtypes")
        dims = normalize_dims(dim, array.ndim, name)
        if correction is None:
            correction = 0 if unbiased is False else 1
        if (count(array.shape, dims) if array.size else 0) <= correction:
            warnings.warn(
                f"{name}(): degrees of freedom is <= 0. Correction should be strictly less than the reduction factor (input numel "
                "divided by output numel).",
                stacklevel=2,
            )
        return apply(rule, input, dim=dims, keepdim=keepdim, correction=correction)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{rule.__doc__} Mirrors torch.{name}."
    return function


var, std = spread("var", Var), spread("std", Std)
var_mean, std_mean = spread("var_mean", VarMean), spread("std_mean", StdMean)


def prod(input: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The product of all elements, or over one dimension. Mirrors torch.prod."""
    if dtype is None and input.array.dtype.kind in "biu":
        dtype = dtypes.int64
    x = in_dtype(input, dtype)
    dims = normalize_dims(dim if dim is None else normalize_dim(dim, x.array.ndim, "prod"), x.array.ndim)
    return apply(Prod if dim is None else ProdDim, x, dim=dims, keepdim=keepdim)


def running(name: str, rule: type[Rule]) -> Callable[..., Tensor]:
    """cumsum or cumprod."""

    def function(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
        if dtype is None and input.array.dtype.kind in "biu":
            dtype = dtypes.int64
        return apply(rule, in_dtype(input, dtype), dim=normalize_dim(dim, input.array.ndim, name))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{rule.__doc__} Mirrors torch.{name}."
    return function


cumsum, cumprod = running("cumsum", Cumsum), running("cumprod", Cumprod)


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


def softmax(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """exp(x) / sum(exp(x)) along a dimension. Mirrors torch.softmax."""
    return over_dim(Softmax, "softmax", input, dim, dtype)


def log_softmax(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """log(softmax(x)) along a dimension. Mirrors torch.log_softmax."""
    return over_dim(LogSoftmax, "log_softmax", input, dim, dtype)


def over_dim(rule: type[Rule], name: str, input: Tensor, dim: int, dtype: Any) -> Tensor:
    x = input if dtype is None else input.to(dtype)
    ndim = x.array.ndim
    dim = normalize_dim(dim, ndim, name)
    if x.array.dtype.kind != "f":
        refuse(f"{name}{'_lastdim' if dim >= ndim - 1 else ''}_kernel_impl", "biu", x.array)
    return apply(rule, x, dim=dim if ndim else None)


def logsumexp(input: Tensor, dim: Any, keepdim: bool = False) -> Tensor:
    """log(sum(exp(x))) over dimensions. Mirrors torch.logsumexp."""
    x = floated(input)
    return apply(Logsumexp, x, dim=normalize_dims(dim, x.array.ndim, "logsumexp"), keepdim=keepdim)


def dist(input: Tensor, other: Tensor, p: float = 2) -> Tensor:
    """The p-norm of input - other. Mirrors torch.dist."""
    of_tensors(input, other, name="dist")
    a, b = subtractable(input, other)
    if a.array.dtype.kind != "f":
        name = dtypes.of_array(a.array).scalar_name
        raise RuntimeError(f"norm(): input dtype should be either floating point or complex. Got {name} instead.")
    return broadcasting(apply, Dist, a, b, p=float(p))


# ---- order


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
