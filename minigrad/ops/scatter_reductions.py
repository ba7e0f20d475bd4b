"""scatter_reduce: the sum, product, mean, largest or smallest of the elements that are sent to the same place."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.inplace import inplace
from ..autograd.rule import Rule, apply, on
from .arguments import check_tensor
from .extremes import limits
from .family import refuse
from .gathering import Corner, Gather, ScatterNumber, checked_sources, combine, region
from .masking import MaskedFill, Where
from .places import places

if TYPE_CHECKING:
    from ..tensor import Tensor

FUNCTIONS = {"sum": np.add, "prod": np.multiply, "mean": np.add, "amax": np.maximum, "amin": np.minimum}


class ScatterReduce(Rule):
    """A copy of x in which each place that `index` names is the sum, ... of what src sends there (and of x, with include_self).

    Equal extremes share the gradient. Of a larger src, the corner counts that the index has places for.
    """

    tier = "T3"

    def forward(x, index, src, *, dim, reduce, include_self):
        total = x.copy("C")
        if not include_self:
            total.reshape(-1)[places(index, x.shape, dim)] = neutral(reduce, x.dtype)
        combine(FUNCTIONS[reduce], total, index, src, dim)
        if reduce != "mean":
            return total
        count = sent(x, index, dim, include_self).astype(x.dtype)
        return total / count if x.dtype.kind == "f" else total // count

    def grad_x(grad, x, index, src, out, dim, reduce, include_self):
        src = region(src, index.shape)
        if reduce == "mean":
            grad = grad / sent(x, index, dim, include_self)
        elif reduce == "prod":
            one = on(MaskedFill, x, x == 0, value=1)
            grad = grad * on(ScatterReduce, one, index, src, dim=dim, reduce=reduce, include_self=include_self) / one
        elif reduce != "sum":
            grad = grad * (x == out) / ways_of(x, index, src, out, dim)
        return grad if include_self else on(ScatterNumber, grad, index, dim=dim, value=0)

    def grad_src(grad, x, index, src, out, src_shape, dim, reduce, include_self):
        src = region(src, index.shape)
        if reduce == "prod":
            return on(Corner, grad_of_factors(grad, x, index, src, out, dim, include_self), shape=src_shape)
        if reduce == "mean":
            grad = grad / sent(x, index, dim, include_self)
        elif reduce != "sum":
            grad = grad / ways_of(x, index, src, out, dim)
        share = on(Gather, grad, index, dim=dim)
        if reduce in ("amax", "amin"):
            share = share * (src == on(Gather, out, index, dim=dim))
        return on(Corner, share, shape=src_shape)


class TwiceUndefined(Rule):
    """The gradient of factors of which several are zero. It is right, but its own derivative is not."""

    node_name = "DelayedError"

    def forward(x):
        return x

    def grad_x(grad):
        raise RuntimeError(
            "scatter_reduce(): Double backward is unsupported for src when >1 zeros in src are scattered to the same position in self"
        )


def grad_of_factors(grad: Any, x: Any, index: Any, src: Any, out: Any, dim: int, include_self: bool) -> Any:
    """Each factor's is the product of the others: the whole divided by it, or, of the only zero, the product without it."""
    zero = np.asarray(src == 0)
    zeros = counts(np.zeros(x.shape, bool), index, zero, dim, least=0)
    many = on(Gather, zeros, np.asarray(index), dim=dim)
    only = zero & (many == 1)
    others = on(ScatterReduce, x, index, on(MaskedFill, src, only, value=1), dim=dim, reduce="prod", include_self=include_self)
    found = on(Where, only, on(Gather, grad * others, index, dim=dim), on(Gather, grad * out, index, dim=dim) / on(MaskedFill, src, zero, value=1))
    return on(TwiceUndefined, found) if (many > 1).any() else found


def neutral(reduce: str, dtype: np.dtype) -> Any:
    """The number that changes nothing in a sum, a product, ..."""
    if reduce in ("amax", "amin"):
        return limits(dtype)[reduce == "amin"].array
    return int(reduce == "prod")


def counts(start: np.ndarray, index: Any, sent: np.ndarray, dim: int, least: int = 1) -> np.ndarray:
    """How many are sent to each place, with those that are there, but at least so many."""
    return np.maximum(combine(np.add, start.astype(np.float64), np.asarray(index), sent, dim), least)


def sent(x: Any, index: Any, dim: int, include_self: bool) -> np.ndarray:
    """How many elements each place is the mean of."""
    return counts(np.full(x.shape, include_self), index, np.ones(index.shape), dim)


def ways_of(x: Any, index: Any, src: Any, out: Any, dim: int) -> np.ndarray:
    """How many elements are as large as the largest of their place."""
    theirs = np.asarray(src == on(Gather, out, index, dim=dim))
    return counts(np.asarray(x == out), index, theirs, dim)


# ---- functions


def arguments(input: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, include_self: bool) -> tuple[Any, dict[str, Any]]:
    """The tensors and the settings of the rule."""
    check_tensor("scatter_reduce", "src", 4, src)
    if reduce not in FUNCTIONS:
        raise RuntimeError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
    if reduce == "mean":
        refuse("scatter_gather_tensor_cpu_reduce_mean", "b", input.array)
    dim = checked_sources("scatter_reduce", input, dim, index, src)
    return (input, index, src), {"dim": dim, "reduce": reduce, "include_self": include_self}


def scatter_reduce(input: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self: bool = True) -> Tensor:
    """A copy of input with src combined into it at index: "sum", "prod", "mean", "amax", "amin". Mirrors torch.scatter_reduce."""
    tensors, settings = arguments(input, dim, index, src, reduce, include_self)
    return apply(ScatterReduce, *tensors, **settings)


def scatter_reduce_(input: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self: bool = True) -> Tensor:
    """`scatter_reduce`, in place."""
    tensors, settings = arguments(input, dim, index, src, reduce, include_self)
    return inplace(ScatterReduce, *tensors, **settings)
