"""Order statistics beyond sort and topk: kthvalue, mode, quantile, nanmedian; and the extremes met so far, cummax and cummin."""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..autograd.rule import Rule, apply, on
from ..autograd.variable import TensorBase, wrap
from .axes import movedim
from .family import normalize_dim, normalize_dims, refuse
from .masking import Kept
from .multiply_add import lerp
from .parts import along
from .places import add_at, places
from .reduce import SumDim, restore, sum
from .selection import MedianAll, TakeIndex, amax, amin, argsort, check_not_empty, median, return_type, selecting, sort
from .shape import flatten, reshape, squeeze, unsqueeze

if TYPE_CHECKING:
    from ..tensor import Tensor

Kthvalue, Mode = selecting("Kthvalue", "KthvalueBackward0"), selecting("Mode", "ModeBackward0")
NanmedianDim = selecting("NanmedianDim", "NanmedianBackward1")
results = {name: return_type(name) for name in ("kthvalue", "mode", "nanmedian", "cummax", "cummin")}


class Nanmedian(MedianAll):
    """The lower median of all elements that are not NaN; equal ones share the gradient."""

    node_name = "NanmedianBackward0"

    def forward(x, *, dim, keepdim):
        kept = x[~np.isnan(x)]
        return MedianAll.forward(kept if kept.size else x, dim=dim, keepdim=keepdim)


class SumAtIndex(Rule):
    """Zeros like the indices, with x added at `indices` along a dimension: the gradient of a look-up that repeats."""

    def forward(x, indices, *, dim):
        total = np.zeros(indices.shape, x.dtype)
        return add_at(total, places(indices, indices.shape, dim), x) if indices.ndim else np.array(x)

    def grad_x(grad, indices, dim):
        return on(TakeIndex, grad, indices, dim=dim, keepdim=True)


class Cummax(Rule):
    """The elements at `indices`, which say where the largest so far is."""

    def forward(x, indices, *, dim):
        return TakeIndex.forward(x, indices, dim=dim, keepdim=True)

    def grad_x(grad, indices, dim):
        return on(SumAtIndex, grad, indices, dim=dim)


class Cummin(Cummax):
    """The elements at `indices`, which say where the smallest so far is."""


class Logcumsumexp(Rule):
    """log(sum(exp(x))) up to each element along a dimension."""

    tier = "T3"

    def forward(x, *, dim):
        return np.logaddexp.accumulate(np.atleast_1d(x).astype(np.float64), axis=dim).astype(x.dtype).reshape(x.shape)

    def grad_x(grad, x, out, dim):
        # x reaches every later sum: the sum over them of grad exp(x - out), from the last on, where no exponent is above zero.
        if not x.ndim or not x.shape[dim]:
            return grad
        place = [along(dim, slice(k, k + 1), ...) for k in range(x.shape[dim])]
        parts = [grad[place[-1]]]
        for here, later in zip(place[-2::-1], place[:0:-1]):
            parts.append(grad[here] + parts[-1] * np.exp(out[here] - out[later]))
        return np.exp(x - out) * np.concatenate(parts[::-1], axis=dim)


# ---- functions


def looked_up(rule: type[Rule], name: str, input: Tensor, index: np.ndarray, dim: int, keepdim: bool) -> Any:
    """Values and indices, of an operation that chose one element of each line."""
    indices = wrap(index if keepdim or not input.array.ndim else index.squeeze(dim))
    return results[name](apply(rule, input, indices, dim=dim, keepdim=keepdim), indices)


def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """The k-th smallest element along a dimension, and where it is. Mirrors torch.kthvalue."""
    array, d = input.array, normalize_dim(dim, input.array.ndim, "kthvalue")
    check_not_empty("kthvalue", array, (d,))
    if not 1 <= k <= (array.shape[d] if array.ndim else 1):
        raise RuntimeError("kthvalue(): selected number k out of range for dimension " + str(d))
    order = argsort(input, d).array
    return looked_up(Kthvalue, "kthvalue", input, np.take(order, [k - 1], axis=d) if array.ndim else order, d, keepdim)


def mode(input: Tensor, dim: int = -1, keepdim: bool = False) -> Any:
    """The most frequent element along a dimension, of several the smallest, and the last place where it is. Mirrors torch.mode."""
    array, d = input.array, normalize_dim(dim, input.array.ndim, "mode")
    check_not_empty("mode", array, (d,))
    lines = np.moveaxis(np.atleast_1d(array), d, -1)
    index = np.empty(lines.shape[:-1], np.int64)
    for place in np.ndindex(index.shape):
        values, counts = np.unique(lines[place], return_counts=True)
        index[place] = np.flatnonzero(lines[place] == values[counts.argmax()])[-1]
    return looked_up(Mode, "mode", input, np.expand_dims(index, d) if array.ndim else index, d, keepdim)


def nanmedian(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The lower median of the elements that are not NaN. Mirrors torch.nanmedian."""
    array = input.array
    if array.dtype.kind != "f":
        return median(input, dim, keepdim) if dim is None else results["nanmedian"](*median(input, dim, keepdim))
    if dim is None:
        return apply(Nanmedian, input, dim=tuple(range(array.ndim)), keepdim=False)
    d = normalize_dim(dim, array.ndim, "nanmedian")
    check_not_empty("nanmedian", array, (d,))
    if not array.ndim:
        return looked_up(NanmedianDim, "nanmedian", input, np.zeros((), np.int64), d, keepdim)
    known = array.shape[d] - np.isnan(array).sum(d, keepdims=True)
    index = np.take_along_axis(argsort(input, d).array, np.maximum(known - 1, 0) // 2, d)
    return looked_up(NanmedianDim, "nanmedian", input, index, d, keepdim)


def msort(input: Tensor) -> Tensor:
    """The elements in order along the first dimension. Mirrors torch.msort."""
    return sort(input, 0)[0]


def running_extreme(name: str, rule: type[Rule], ufunc: np.ufunc) -> Callable[..., Any]:
    """cummax or cummin."""

    def function(input: Tensor, dim: int) -> Any:
        array, d = input.array, normalize_dim(dim, input.array.ndim, name)
        x = np.atleast_1d(array)
        so_far = ufunc.accumulate(x, axis=d) if x.size else x
        steps = np.arange(x.shape[d]).reshape([-1 if i == d else 1 for i in range(x.ndim)])
        here = (x == so_far) | (x != x)
        index = np.maximum.accumulate(np.where(here, steps, 0), axis=d).reshape(array.shape) if x.size else np.zeros(array.shape, np.int64)
        indices = wrap(index)
        return results[name](apply(rule, input, indices, dim=d), indices)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"The largest or smallest elements so far along a dimension, and where they are. Mirrors torch.{name}."
    return function


cummax, cummin = running_extreme("cummax", Cummax, np.maximum), running_extreme("cummin", Cummin, np.minimum)


def logcumsumexp(input: Tensor, dim: int) -> Tensor:
    """log(sum(exp(input))) up to each element along a dimension. Mirrors torch.logcumsumexp."""
    refuse("logcumsumexp_out_cpu", "biu", input.array)
    return apply(Logcumsumexp, input, dim=normalize_dim(dim, input.array.ndim, "logcumsumexp"))


class AMinMax(NamedTuple):
    """What aminmax returns."""

    min: Tensor
    max: Tensor

    def __repr__(self) -> str:
        return f"torch.return_types.aminmax(\nmin={self.min!r},\nmax={self.max!r})"


def aminmax(input: Tensor, *, dim: int | None = None, keepdim: bool = False) -> Any:
    """The smallest and the largest element, of all or along a dimension. Mirrors torch.aminmax."""
    dims = () if dim is None else dim
    if not input.array.size:
        if dim is None:
            raise RuntimeError("aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.")
        if not input.array.shape[normalize_dim(dim, input.array.ndim, "aminmax")]:
            raise IndexError(f"aminmax: Expected reduction dim {dim} to have non-zero size.")
    return AMinMax(amin(input, dims, keepdim), amax(input, dims, keepdim))


def nansum(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The sum of the elements that are not NaN. Mirrors torch.nansum."""
    if input.array.dtype.kind != "f":
        return sum(input, dim, keepdim, dtype=dtype)
    x = input if dtype is None else input.to(dtype)
    return apply(Nansum, x, dim=normalize_dims(dim, x.array.ndim, "nansum"), keepdim=keepdim)


class Nansum(Rule):
    """The sum over dimensions of the elements that are not NaN."""

    tier = "T3"

    def forward(x, *, dim, keepdim):
        return SumDim.forward(np.where(np.isnan(x), x.dtype.type(0), x), dim=dim, keepdim=keepdim)

    def grad_x(grad, x, dim):
        return on(Kept, restore(grad, x.shape, dim), ~np.isnan(x))


def nanmean(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The mean of the elements that are not NaN. Mirrors torch.nanmean."""
    if input.array.dtype.kind != "f":
        raise RuntimeError(f"nanmean(): expected input to have floating point or complex dtype but got {input.dtype.scalar_name}")
    known = wrap(~np.isnan(input.array))
    return nansum(input, dim, keepdim, dtype=dtype) / sum(known, dim, keepdim)


def quantile_of(name: str, skip_nan: bool) -> Callable[..., Tensor]:
    """quantile or nanquantile."""

    def function(
        input: Tensor, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
    ) -> Tensor:
        if input.array.dtype not in (np.float32, np.float64):
            raise RuntimeError(f"{name}() input tensor must be either float or double dtype")
        fractions = q if isinstance(q, TensorBase) else wrap(np.asarray(q, input.array.dtype))
        check_quantile(name, input, fractions, not isinstance(q, TensorBase), interpolation)
        shape = input.array.shape
        d = 0 if dim is None else normalize_dim(dim, len(shape), name)
        x = sort(flatten(input) if dim is None or not shape else movedim(input, d, -1))[0]
        nan, top = np.isnan(x.array), x.array.shape[-1] - 1
        if skip_nan:
            rank = fractions.array * np.maximum(top - nan.sum(-1, keepdims=True), 0)
        else:
            rank = np.where(nan.any(-1, keepdims=True), top, fractions.array * top)
        rank = np.asarray(ROUNDED.get(interpolation, np.asarray)(rank), x.array.dtype)
        below = np.floor(rank)
        value = take_last(x, below)
        if interpolation in ("linear", "midpoint"):
            weight = np.full_like(rank, 0.5) if interpolation == "midpoint" else rank - below
            value = lerp(value, take_last(x, np.ceil(rank)), wrap(weight))
        value = movedim(value, -1, 0)
        if keepdim and shape:
            value = reshape(value, -1, *[1] * len(shape)) if dim is None else unsqueeze(value, d + 1)
        return value if fractions.array.ndim else squeeze(value, 0)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"The q-th quantiles of all elements, or along a dimension{', NaN left out' * skip_nan}. Mirrors torch.{name}."
    return function


ROUNDED: dict[str, Any] = {"lower": np.floor, "higher": np.ceil, "nearest": np.round}


def take_last(x: Tensor, index: np.ndarray) -> Tensor:
    return x.gather(-1, wrap(index.astype(np.int64)))


def check_quantile(name: str, input: Tensor, q: TensorBase, is_number: bool, interpolation: str) -> None:
    if not input.array.size:
        raise RuntimeError(f"{name}() input tensor must be non-empty")
    if q.array.ndim > 1:
        raise RuntimeError(f"{name}() q must be a scalar or 1D tensor")
    if q.array.dtype != input.array.dtype:
        raise RuntimeError(f"{name}() q tensor must be same dtype as the input tensor")
    if interpolation not in ("linear", "lower", "higher", "midpoint", "nearest"):
        raise RuntimeError(f"{name}() interpolation must be one of linear, lower, higher, midpoint or nearest, but got {interpolation}")
    if not ((q.array >= 0) & (q.array <= 1)).all():
        which = f"q must be in the range [0, 1] but got {q.array.item():g}" if is_number else "q values must be in the range [0, 1]"
        raise RuntimeError(f"{name}() {which}")


quantile, nanquantile = quantile_of("quantile", False), quantile_of("nanquantile", True)
