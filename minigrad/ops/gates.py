"""Activation functions with a parameter (PReLU) or a gate (GLU)."""
from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..autograd.rule import Rule, apply, on
from .elementary import Sigmoid
from .family import normalize_dim, refuse
from .masking import Kept, Where
from .shape import view

if TYPE_CHECKING:
    from ..tensor import Tensor


class PreluKernel(Rule):
    """x where positive, weight * x elsewhere."""

    def forward(x, weight):
        return np.where(x > 0, x, weight * x)

    def grad_x(grad, x, weight):
        return on(Where, x > 0, grad, weight * grad)

    def grad_weight(grad, x):
        return on(Kept, x * grad, x <= 0)


class Glu(Rule):
    """a σ(b), for the two halves a and b of a dimension."""

    tier = "T3"

    def forward(x, *, dim):
        refuse("glu_cpu", "biu", x)
        a, b = np.split(x, 2, dim)
        return a * Sigmoid.forward(b)

    def grad_x(grad, x, dim, x_shape):
        n = x_shape[dim] // 2
        a, b = [x[(slice(None),) * dim + (part,)] for part in (slice(0, n), slice(n, None))]
        gate = on(Sigmoid, b)
        return np.concatenate([grad * gate, grad * a * gate * (1 - gate)], dim)


# ---- functions


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """x where positive, weight * x elsewhere; one weight, or one per channel: He et al. 2015. Mirrors torch.nn.functional.prelu."""
    shape, n = input.array.shape, weight.array.size
    if weight.array.ndim > 1:
        raise RuntimeError(f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {weight.array.ndim}")
    if n != 1:
        if not shape:
            raise RuntimeError("Not allow zero-dim input tensor.")
        channels = shape[1] if len(shape) > 1 else 1
        if channels != n:
            raise RuntimeError(
                f"Mismatch of parameter numbers and input channel size. Found parameter numbers = {n} and channel size = {channels}."
            )
    lined_up = [n if d == 1 else 1 for d in range(len(shape))] if len(shape) > 1 else [n] * len(shape)
    return apply(PreluKernel, input, view(weight, lined_up) if weight.array.shape != tuple(lined_up) else weight)


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """a σ(b), for the two halves of a dimension: Dauphin et al. 2017. Mirrors torch.nn.functional.glu."""
    if not input.array.ndim:
        raise RuntimeError("glu does not support scalars because halving size must be even")
    d = normalize_dim(dim, input.array.ndim, "glu")
    if input.array.shape[d] % 2:
        raise RuntimeError(f"Halving dimension must be even, but dimension {d} is size {input.array.shape[d]}")
    return apply(Glu, input, dim=d)
