"""Reductions: sums, means, extremes, cumulative sums, softmax.

A rule reduces over the axes `dim` (a tuple) and keeps them as size 1, so gradients broadcast back by themselves; the functions drop
those axes afterwards where `keepdim` is False. `restore` gives them back to a gradient, once for all.
"""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .. import dtypes
from ..autograd.rule import Rule, apply, on
from ..autograd.variable import TensorBase, wrap
from .elementwise import Masked, wide
from .family import cast, floated, normalize_dim, normalize_dims
from .shape import Expand, stack

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


# ---- sums


class SumDim(Rule):
    """The sum over dimensions."""

    node_name = "SumBackward1"
    tier = "T3"

    def forward(x, *, dim, keepdim):
        return np.add.reduce(x, axis=dim, keepdims=keepdim)

    def grad_x(grad, x_shape, dim):
        return on(Expand, restore(grad, x_shape, dim), shape=x_shape)


class Sum(SumDim):
    """The sum of all elements."""


class MeanDim(Rule):
    """The mean over dimensions."""

    node_name = "MeanBackward1"
    tier = "T3"

    def forward(x, *, dim, keepdim):
        n = math.prod([x.shape[d] for d in dim])
        with np.errstate(all="ignore"):
            return np.add.reduce(x, axis=dim, keepdims=keepdim) / x.dtype.type(n)

    def grad_x(grad, x_shape, dim):
        n = math.prod([x_shape[d] for d in dim])
        return on(Expand, restore(grad, x_shape, dim), shape=x_shape) / (n or 1)


class Mean(MeanDim):
    """The mean of all elements."""


class Var(Rule):
    """The variance over dimensions: squared distances from the mean, over n - correction."""

    tier = "T3"

    def forward(x, *, dim, keepdim, correction):
        return variance(x, dim, keepdim, correction)

    def grad_x(grad, x, dim, correction):
        n = math.prod([x.shape[d] for d in dim])
        mean = np.add.reduce(x, axis=dim, keepdims=True) / n
        return restore(grad, x.shape, dim) * ((x - mean) * (2 / free(n, correction)))


class Std(Rule):
    """The standard deviation over dimensions."""

    tier = "T3"

    def forward(x, *, dim, keepdim, correction):
        return np.sqrt(variance(x, dim, keepdim, correction))

    def grad_x(grad, x, out, dim, correction):
        n = math.prod([x.shape[d] for d in dim])
        mean = np.add.reduce(x, axis=dim, keepdims=True) / n
        slope = on(Masked, grad / (2 * out), out == 0)
        return restore(slope, x.shape, dim) * ((x - mean) * (2 / free(n, correction)))


def free(n: int, correction: float) -> float:
    """Degrees of freedom; none left makes the variance NaN or infinite, as in PyTorch."""
    return n - correction if n > correction else math.nan


def variance(x: np.ndarray, dim: tuple[int, ...], keepdim: bool, correction: float) -> np.ndarray:
    """In double precision, rounded once: as accurate as PyTorch's, whose algorithm is Welford's."""
    wide_x = x.astype(np.float64)
    with np.errstate(all="ignore"):
        mean = np.add.reduce(wide_x, axis=dim, keepdims=True) / math.prod([x.shape[d] for d in dim])
        total = np.add.reduce((wide_x - mean) ** 2, axis=dim, keepdims=keepdim)
        n = math.prod([x.shape[d] for d in dim])
        return np.asarray(total / np.float64(n - correction if n > correction else 0)).astype(x.dtype)


class ProdDim(Rule):
    """The product over one dimension, or over all."""

    node_name = "ProdBackward1"
    tier = "T3"

    def forward(x, *, dim, keepdim):
        return np.multiply.reduce(x, axis=dim, keepdims=keepdim)

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
    n = x.shape[dim]
    columns = [x[(slice(None),) * dim + (slice(i, i + 1),)] for i in range(n)]
    before, after = [columns[0] * 0 + 1] if n else [], [columns[0] * 0 + 1] if n else []
    for i in range(n - 1):
        before.append(before[-1] * columns[i])
        after.append(after[-1] * columns[n - 1 - i])
    return np.concatenate([b * a for b, a in zip(before, reversed(after))], axis=dim) if n else x


class Cumsum(Rule):
    """Sums up to each element along a dimension; float32 is added up in double, as in PyTorch."""

    def forward(x, *, dim):
        return np.add.accumulate(x, axis=dim, dtype=np.float64 if x.dtype.kind == "f" else None).astype(x.dtype)

    def grad_x(grad, dim):
        return on(CumsumReverse, grad, dim=dim)


class CumsumReverse(Rule):
    """Sums from each element to the end along a dimension: the gradient of Cumsum."""

    node_name = "FlipBackward0"

    def forward(x, *, dim):
        reverse = (slice(None),) * dim + (slice(None, None, -1),)
        return Cumsum.forward(x[reverse], dim=dim)[reverse]

    def grad_x(grad, dim):
        return on(Cumsum, grad, dim=dim)


class Cumprod(Rule):
    """Products up to each element along a dimension."""

    tier = "T3"

    def forward(x, *, dim):
        return np.multiply.accumulate(x, axis=dim, dtype=np.float64 if x.dtype.kind == "f" else None).astype(x.dtype)


# ---- extremes


class Amax(Rule):
    """The largest values over dimensions; equal ones share the gradient."""

    def forward(x, *, dim, keepdim):
        return np.maximum.reduce(x, axis=dim, keepdims=keepdim)

    def grad_x(grad, x, out, dim):
        return share(grad, x, out, dim)


class Amin(Amax):
    """The smallest values over dimensions; equal ones share the gradient."""

    def forward(x, *, dim, keepdim):
        return np.minimum.reduce(x, axis=dim, keepdims=keepdim)


class MaxAll(Amax):
    """The largest value of all; equal ones share the gradient."""

    node_name = "MaxBackward1"


class MinAll(Amin):
    """The smallest value of all; equal ones share the gradient."""

    node_name = "MinBackward1"


def share(grad: Any, x: Any, out: Any, dim: tuple[int, ...]) -> Any:
    """The gradient of an extreme, split evenly among the elements that are equal to it."""
    x = getattr(x, "array", x)
    best = x == restore(np.asarray(getattr(out, "array", out)), x.shape, dim)
    count = np.add.reduce(best, axis=dim, keepdims=True)
    return on(Masked, on(Expand, restore(grad, x.shape, dim) / count.astype(x.dtype), shape=x.shape), ~best)


class TakeIndex(Rule):
    """The elements at `index` along a dimension, of which each place takes one: how max(dim) and sort look up their values."""

    def forward(x, index, *, dim, keepdim):
        found = np.take_along_axis(x, index if keepdim else np.expand_dims(index, dim), dim) if x.ndim else x.copy()
        return found if keepdim else found.squeeze(dim) if x.ndim else found

    def grad_x(grad, index, x_shape, dim, keepdim):
        return on(PutIndex, grad, index, shape=x_shape, dim=dim, keepdim=keepdim)


class PutIndex(Rule):
    """Zeros of a shape, with x at `index` along a dimension: the gradient of TakeIndex."""

    node_name = "ValueSelectingReductionBackwardBackward0"

    def forward(x, index, *, shape, dim, keepdim):
        if not shape:
            return np.array(x)
        total = np.zeros(shape, x.dtype)
        x, index = (x, index) if keepdim else (np.expand_dims(x, dim), np.expand_dims(index, dim))
        np.put_along_axis(total, index, x, dim)
        return total

    def grad_x(grad, index, dim, keepdim):
        return on(TakeIndex, grad, index, dim=dim, keepdim=keepdim)


def selecting(name: str) -> type[Rule]:
    """TakeIndex under the node name of the operation that chose the indices."""
    return type(name, (TakeIndex,), {"__qualname__": name})


Max, Min, Median, Sort, Topk, Mode, Cummax, Cummin, Kthvalue = map(
    selecting, ("Max", "Min", "Median", "Sort", "Topk", "Mode", "Cummax", "Cummin", "Kthvalue")
)


# ---- exponentials of a whole dimension


class Softmax(Rule):
    """exp(x) / sum(exp(x)) along a dimension, computed from x - max(x)."""

    tier = "T2"

    def forward(x, *, dim):
        e = np.exp(shifted(x, dim))
        return e / np.add.reduce(e, axis=dim, keepdims=True)

    def grad_x(grad, out, dim):
        weighted = grad * out
        return weighted - out * np.add.reduce(weighted, axis=dim, keepdims=True)


class LogSoftmax(Rule):
    """x - log(sum(exp(x))) along a dimension, computed from x - max(x)."""

    tier = "T2"

    def forward(x, *, dim):
        x = shifted(x, dim)
        return x - np.log(np.add.reduce(np.exp(x), axis=dim, keepdims=True))

    def grad_x(grad, out, dim):
        return grad - np.exp(out) * np.add.reduce(grad, axis=dim, keepdims=True)


class Logsumexp(Rule):
    """log(sum(exp(x))) over dimensions, computed from x - max(x)."""

    tier = "T2"

    def forward(x, *, dim, keepdim):
        top = np.maximum.reduce(x, axis=dim, keepdims=True)
        top = np.where(np.isinf(top), 0, top).astype(x.dtype)
        with np.errstate(divide="ignore"):
            total = np.log(np.add.reduce(np.exp(x - top), axis=dim, keepdims=True)) + top
        return total.reshape(kept(x.shape, dim, keepdim))

    def grad_x(grad, x, out, dim):
        return restore(grad, x.shape, dim) * np.exp(x - restore(out, x.shape, dim))


def shifted(x: np.ndarray, dim: int) -> np.ndarray:
    """x - max(x). The maximum over a short last dimension is taken on the transpose, where NumPy is ten times as fast."""
    if x.ndim == 2 and dim == 1 and x.shape[1] < 16 < x.shape[0]:
        return x - np.maximum.reduce(np.ascontiguousarray(x.T), axis=0)[:, None]
    return x - np.maximum.reduce(x, axis=dim, keepdims=True)


class VectorNorm(Rule):
    """(sum |x|^p)^(1/p) over dimensions. Its derivative at 0 is 0."""

    node_name = "LinalgVectorNormBackward0"
    tier = "T3"

    def forward(x, *, p, dim, keepdim):
        with np.errstate(all="ignore"):
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
            return grad * 0.0 * x
        if p == 1:
            return grad * np.sign(x)
        if p == 2:
            return grad * on(Masked, x / out, out == 0)
        if math.isinf(p):
            best = np.abs(x) == out
            return grad * np.sign(x) * (best / np.add.reduce(best * 1.0, axis=dim, keepdims=True))
        return grad * on(Masked, x * np.abs(x) ** (p - 2) / out ** (p - 1), x == 0)


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
    return apply(rule, x, dim=normalize_dims(dim, x.array.ndim), keepdim=keepdim)


def mean(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The mean of all elements, or over dimensions. Mirrors torch.mean."""
    x = in_dtype(input, dtype)
    if x.array.dtype.kind != "f":
        raise RuntimeError(
            "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: "
            f"{dtypes.of_array(x.array).scalar_name}"
        )
    rule = Mean if dim is None and not keepdim else MeanDim
    return apply(rule, x, dim=normalize_dims(dim, x.array.ndim), keepdim=keepdim)


def spread(name: str, rule: type[Rule]) -> Callable[..., Tensor]:
    """var or std: `f(x, unbiased)`, `f(x, dim, unbiased, keepdim)`, or with `correction=`."""

    def function(
        input: Tensor, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: float | None = None
    ) -> Tensor:
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        if input.array.dtype.kind != "f":
            raise RuntimeError(f"{name} only support floating point and complex dtypes")
        if correction is None:
            correction = 0 if unbiased is False else 1
        return apply(rule, input, dim=normalize_dims(dim, input.array.ndim), keepdim=keepdim, correction=correction)

    function.__name__ = name
    function.__doc__ = rule.__doc__
    return function


var, std = spread("var", Var), spread("std", Std)


def var_mean(input: Tensor, dim: Any = None, *, correction: float = 1, keepdim: bool = False) -> tuple[Tensor, Tensor]:
    """The variance and the mean. Mirrors torch.var_mean."""
    return var(input, dim, correction=correction, keepdim=keepdim), mean(input, dim, keepdim)


def std_mean(input: Tensor, dim: Any = None, *, correction: float = 1, keepdim: bool = False) -> tuple[Tensor, Tensor]:
    """The standard deviation and the mean. Mirrors torch.std_mean."""
    return std(input, dim, correction=correction, keepdim=keepdim), mean(input, dim, keepdim)


def prod(input: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The product of all elements, or over one dimension. Mirrors torch.prod."""
    if dtype is None and input.array.dtype.kind in "biu":
        dtype = dtypes.int64
    x = in_dtype(input, dtype)
    return apply(Prod if dim is None else ProdDim, x, dim=normalize_dims(dim, x.array.ndim), keepdim=keepdim)


def cumsum(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """Sums up to each element along a dimension. Mirrors torch.cumsum."""
    if dtype is None and input.array.dtype.kind in "biu":
        dtype = dtypes.int64
    x = in_dtype(input, dtype)
    return apply(Cumsum, x, dim=normalize_dim(dim, x.array.ndim)) if x.array.ndim else x.clone()


def cumprod(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """Products up to each element along a dimension. Mirrors torch.cumprod."""
    if dtype is None and input.array.dtype.kind in "biu":
        dtype = dtypes.int64
    x = in_dtype(input, dtype)
    if not x._requires_grad:
        return apply(Cumprod, x, dim=normalize_dim(dim, x.array.ndim))
    dim = normalize_dim(dim, x.array.ndim)
    parts = x.unbind(dim)
    products = [parts[0]]
    for part in parts[1:]:
        products.append(products[-1] * part)
    return stack(products, dim)


def extreme(name: str, all_rule: type[Rule], dim_rule: type[Rule], pairwise: str, arg: Any) -> Callable[..., Any]:
    """max or min: of all elements, over a dimension with indices, or of two tensors."""
    result = return_type(name)

    def function(input: Tensor, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
        other = dim if isinstance(dim, TensorBase) else other
        if other is not None:
            return getattr(input, pairwise)(other)
        if dim is None:
            if not input.array.size:
                raise RuntimeError(
                    f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the "
                    "'dim' argument."
                )
            return apply(all_rule, input, dim=tuple(range(input.array.ndim)), keepdim=False)
        dim = normalize_dim(dim, input.array.ndim)
        if input.array.ndim and not input.array.shape[dim]:
            raise IndexError(f"{name}(): Expected reduction dim {dim} to have non-zero size.")
        indices = wrap(np.asarray(first_index(arg, input.array, dim, keepdim)))
        return result(apply(dim_rule, input, indices, dim=dim, keepdim=keepdim), indices)

    function.__name__ = name
    function.__doc__ = f"The {name}imum: of all elements, along a dimension (values and indices), or of two tensors. Mirrors torch.{name}."
    return function


def first_index(arg: Any, array: np.ndarray, dim: int, keepdim: bool) -> np.ndarray:
    """np.argmax or np.argmin along a dimension; of equal values the first, of NaN the first."""
    if not array.ndim:
        return np.zeros((), np.int64)
    return arg(array, axis=dim, keepdims=keepdim)


max = extreme("max", MaxAll, Max, "maximum", np.argmax)
min = extreme("min", MinAll, Min, "minimum", np.argmin)


def amax(input: Tensor, dim: Any = (), keepdim: bool = False) -> Tensor:
    """The largest values over dimensions. Mirrors torch.amax."""
    return apply(Amax, input, dim=normalize_dims(dim, input.array.ndim), keepdim=keepdim)


def amin(input: Tensor, dim: Any = (), keepdim: bool = False) -> Tensor:
    """The smallest values over dimensions. Mirrors torch.amin."""
    return apply(Amin, input, dim=normalize_dims(dim, input.array.ndim), keepdim=keepdim)


def index_of(name: str, arg: Any) -> Callable[..., Tensor]:
    """argmax or argmin."""

    def function(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
        array = input.array
        if not array.size and dim is None:
            raise IndexError(f"{name}(): Expected reduction dim to be specified for input.numel() == 0.")
        if dim is None:
            found = np.asarray(arg(array))
            return wrap(found.reshape((1,) * array.ndim) if keepdim else found)
        dim = normalize_dim(dim, array.ndim)
        if array.ndim and not array.shape[dim]:
            raise IndexError(f"{name}(): Expected reduction dim {dim} to have non-zero size.")
        return wrap(np.asarray(first_index(arg, array, dim, keepdim)))

    function.__name__ = name
    function.__doc__ = f"The index of the {name[3:]}imum: of all elements, or along a dimension. Mirrors torch.{name}."
    return function


argmax, argmin = index_of("argmax", np.argmax), index_of("argmin", np.argmin)


def all(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Whether all elements are true. Mirrors torch.all."""
    return wrap(np.asarray(np.logical_and.reduce(input.array, axis=normalize_dims(dim, input.array.ndim), keepdims=keepdim)))


def any(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Whether any element is true. Mirrors torch.any."""
    return wrap(np.asarray(np.logical_or.reduce(input.array, axis=normalize_dims(dim, input.array.ndim), keepdims=keepdim)))


def count_nonzero(input: Tensor, dim: Any = None) -> Tensor:
    """How many elements are not zero. Mirrors torch.count_nonzero."""
    return wrap(np.asarray(np.count_nonzero(input.array, axis=normalize_dims(dim, input.array.ndim)), dtype=np.int64))


def softmax(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """exp(x) / sum(exp(x)) along a dimension. Mirrors torch.softmax."""
    return over_dim(Softmax, "softmax_lastdim_kernel_impl", in_dtype(input, dtype), dim)


def log_softmax(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """log(softmax(x)) along a dimension. Mirrors torch.log_softmax."""
    return over_dim(LogSoftmax, "log_softmax_lastdim_kernel_impl", in_dtype(input, dtype), dim)


def over_dim(rule: type[Rule], kernel: str, x: Tensor, dim: int) -> Tensor:
    if x.array.dtype.kind != "f":
        raise RuntimeError(f"\"{kernel}\" not implemented for '{dtypes.of_array(x.array).scalar_name}'")
    dim = normalize_dim(dim, x.array.ndim)
    return apply(rule, x, dim=dim) if x.array.ndim else apply(rule, x.reshape(1), dim=0).reshape(())


def logsumexp(input: Tensor, dim: Any, keepdim: bool = False) -> Tensor:
    """log(sum(exp(x))) over dimensions. Mirrors torch.logsumexp."""
    x = floated(input)
    return apply(Logsumexp, x, dim=normalize_dims(dim, x.array.ndim), keepdim=keepdim)


def norm(input: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Tensor:
    """The p-norm of all elements, or over dimensions. Mirrors torch.norm."""
    x = in_dtype(input, dtype)
    if x.array.dtype.kind != "f":
        raise RuntimeError(
            "linalg.vector_norm: Expected a floating point or complex tensor as input. Got "
            f"{dtypes.of_array(x.array).scalar_name}"
        )
    order = 2.0 if p in ("fro", None) else float(p)
    return apply(VectorNorm, x, p=order, dim=normalize_dims(dim, x.array.ndim), keepdim=keepdim)


def dist(input: Tensor, other: Tensor, p: float = 2) -> Tensor:
    """The p-norm of input - other. Mirrors torch.dist."""
    return norm(input - other, p)


# ---- order


def sort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> MinMax:
    """The elements in order along a dimension, and where they were. Equal elements keep their order. Mirrors torch.sort."""
    indices = argsort(input, dim, descending)
    dim = normalize_dim(dim, input.array.ndim)
    return _sort_result(apply(Sort, input, indices, dim=dim, keepdim=True), indices)


def argsort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> Tensor:
    """The indices that sort a dimension. Mirrors torch.argsort."""
    array = input.array
    dim = normalize_dim(dim, array.ndim)
    if not array.ndim:
        return wrap(np.zeros((), np.int64))
    if not descending:
        return wrap(np.argsort(array, axis=dim, kind="stable"))
    backwards = np.argsort(np.flip(array, dim), axis=dim, kind="stable")  # flipped twice, so equal elements keep their order
    return wrap(array.shape[dim] - 1 - np.flip(backwards, dim))


def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> MinMax:
    """The k largest (or smallest) elements along a dimension, and where they are. Mirrors torch.topk."""
    d = normalize_dim(dim, input.array.ndim)
    n = input.array.shape[d] if input.array.ndim else 1
    if not 0 <= k <= n:
        raise RuntimeError("selected index k out of range")
    order = argsort(input, dim, descending=largest).array
    indices = wrap(np.ascontiguousarray(order[(slice(None),) * d + (slice(k),)]))
    return _topk_result(apply(Topk, input, indices, dim=d, keepdim=True), indices)


def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The lower median: of all elements, or along a dimension with indices. Mirrors torch.median."""
    if dim is None:
        return median(input.flatten(), 0).values
    d = normalize_dim(dim, input.array.ndim)
    order = argsort(input, d).array
    middle = (order.shape[d] - 1) // 2
    index = order[(slice(None),) * d + (slice(middle, middle + 1),)]
    indices = wrap(np.ascontiguousarray(index if keepdim else index.squeeze(d)))
    return _median_result(apply(Median, input, indices, dim=d, keepdim=keepdim), indices)


_sort_result, _topk_result, _median_result = map(return_type, ("sort", "topk", "median"))
