"""Sums and products of all elements up to each."""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.rule import Rule, apply, on
from .family import normalize_dim
from .reduce import in_dtype, slices

if TYPE_CHECKING:
    from ..tensor import Tensor


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
