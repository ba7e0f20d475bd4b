"""Exponentials of a whole dimension: softmax, log_softmax, logsumexp."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.rule import Rule, apply, on
from .family import floated, normalize_dim, normalize_dims, refuse
from .reduce import SumDim, restore, short, turned

if TYPE_CHECKING:
    from ..tensor import Tensor


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
        return weighted - out * totals(weighted, dim)


class LogSoftmax(Rule):
    """x - log(sum(exp(x))) along a dimension, computed from x - max(x)."""

    tier = "T3"

    def forward(x, *, dim):
        if short(x, dim):
            return turned(LogSoftmax.forward(turned(x), dim=0))
        x = shifted(x, dim)
        return x - np.log(np.add.reduce(np.exp(x), axis=dim, keepdims=True))

    def grad_x(grad, out, dim):
        return grad - np.exp(out) * totals(grad, dim)


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


def kept(shape: tuple[int, ...], dim: tuple[int, ...], keepdim: bool) -> tuple[int, ...]:
    return tuple([1 if d in dim else n for d, n in enumerate(shape) if keepdim or d not in dim])


def shifted(x: np.ndarray, dim: int | None) -> np.ndarray:
    """x - max(x)."""
    return x - np.maximum.reduce(x, axis=dim, keepdims=True) if x.size else x


def totals(x: Any, dim: Any) -> Any:
    """The sums along a dimension, to multiply by; where it is short, one for each element: with columns NumPy takes twice as long."""
    total = on(SumDim, x, dim=(dim,) if x.ndim else (), keepdim=True)
    return total.repeat(x.shape[dim], dim) if x.__class__ is np.ndarray and short(x, dim) else total


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
