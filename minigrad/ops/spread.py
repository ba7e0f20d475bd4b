"""How far elements lie from their mean: variance and standard deviation."""
from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.rule import Rule, apply, on
from .family import normalize_dims
from .masking import Kept
from .reduce import MeanDim, count, restore

if TYPE_CHECKING:
    from ..tensor import Tensor


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


def variance(x: np.ndarray, dim: tuple[int, ...], keepdim: bool, correction: float) -> np.ndarray:
    """In double precision: as accurate as PyTorch's, whose algorithm is Welford's."""
    x_wide, n = x.astype(np.float64), count(x.shape, dim)
    mean = np.add.reduce(x_wide, axis=dim, keepdims=True) / n
    total: Any = np.add.reduce((x_wide - mean) ** 2, axis=dim, keepdims=keepdim)  # type: ignore[call-overload]
    return total / np.float64(n - correction if n > correction else 0)


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
