"""Activation functions. Softmax and its kin are reductions; tanh and sigmoid are elementwise functions."""
from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..autograd.inplace import inplace
from ..autograd.rule import Rule, apply, on
from .elementwise import Masked, keep, wide
from .family import unary

if TYPE_CHECKING:
    from ..tensor import Tensor


class Relu(Rule):
    """max(0, x). At 0 its derivative is 0; -0.0 and NaN stay as they are."""

    def forward(x):
        return keep(x, x < 0) if x.dtype.kind == "f" and x.flags.c_contiguous else np.where(x < 0, x.dtype.type(0), x)

    def grad_x(grad, out):
        return on(Masked, grad, out <= 0)


class Leaky_Relu(Rule):
    """x where positive, negative_slope * x elsewhere."""

    node_name = "LeakyReluBackward0"

    def forward(x, *, negative_slope):
        return np.where(x > 0, x, x * x.dtype.type(negative_slope))

    def grad_x(grad, x, negative_slope):
        return grad * ((x > 0) * (1 - negative_slope) + negative_slope)


class Elu(Rule):
    """x where positive, alpha * (exp(x) - 1) elsewhere."""

    tier = "T2"

    def forward(x, *, alpha):
        return np.where(x > 0, x, wide(np.expm1, np.minimum(x, 0)) * x.dtype.type(alpha))

    def grad_x(grad, x, alpha):
        return grad * ((x > 0) + (x <= 0) * np.exp(np.minimum(x, 0.0)) * alpha)


class Silu(Rule):
    """x * sigmoid(x)."""

    tier = "T2"

    def forward(x):
        with np.errstate(over="ignore"):
            w = x.astype(np.float64, copy=False)
            return (w / (1 + np.exp(-w))).astype(x.dtype, copy=False)

    def grad_x(grad, x):
        s = 1 / (1 + np.exp(-x))
        return grad * (s * (1 + x * (1 - s)))


class Softplus(Rule):
    """log(1 + exp(beta * x)) / beta; x itself where beta * x is above the threshold."""

    tier = "T2"

    def forward(x, *, beta, threshold):
        w = x.astype(np.float64, copy=False) * beta
        return np.where(w > threshold, x, np.log1p(np.exp(np.minimum(w, threshold))) / beta).astype(x.dtype)

    def grad_x(grad, x, beta, threshold):
        z = np.exp(np.minimum(x * beta, float(threshold)))
        return grad * ((x * beta > threshold) + (x * beta <= threshold) * (z / (z + 1)))


class Hardtanh(Rule):
    """x held within [min_val, max_val]."""

    def forward(x, *, min_val, max_val):
        return np.minimum(np.maximum(x, x.dtype.type(min_val)), x.dtype.type(max_val))

    def grad_x(grad, x, min_val, max_val):
        return on(Masked, grad, (x <= min_val) | (x >= max_val))


relu, relu_ = unary(Relu, floating=False)
silu, silu_ = unary(Silu)


def leaky_relu(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """x where positive, negative_slope * x elsewhere. Mirrors torch.nn.functional.leaky_relu."""
    return apply(Leaky_Relu, input, negative_slope=negative_slope)


def leaky_relu_(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """`leaky_relu`, in place."""
    return inplace(Leaky_Relu, input, negative_slope=negative_slope)


def elu(input: Tensor, alpha: float = 1.0) -> Tensor:
    """x where positive, alpha * (exp(x) - 1) elsewhere. Mirrors torch.nn.functional.elu."""
    return apply(Elu, input, alpha=alpha)


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """log(1 + exp(beta * x)) / beta. Mirrors torch.nn.functional.softplus."""
    return apply(Softplus, input, beta=beta, threshold=threshold)


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """x held within [min_val, max_val]. Mirrors torch.nn.functional.hardtanh."""
    return apply(Hardtanh, input, min_val=min_val, max_val=max_val)
