"""Activation functions. Softmax and its kin are reductions; tanh and sigmoid are elementwise functions."""
from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .. import dtypes
from ..autograd.inplace import inplace
from ..autograd.rule import Rule, apply, on
from .elementary import Sigmoid
from .family import refuse, unary
from .masking import Kept, Where, Zero, kept
from .precision import wide

if TYPE_CHECKING:
    from ..tensor import Tensor


class Relu(Rule):
    """max(0, x). At 0 its derivative is 0; -0.0 and NaN stay as they are."""

    def forward(x):
        if x.dtype.kind == "b":
            raise RuntimeError("Boolean inputs not supported for relu")
        out = np.zeros(x.shape, x.dtype)
        return np.maximum(out, x, out=out)  # in this order: of 0.0 and -0.0, NumPy takes the second

    def grad_x(grad, out):
        return on(PassedRelu, grad, out)


class PassedRelu(Rule):
    """x where relu's output is not zero: the gradient of Relu. (It is never negative; where it is NaN, the gradient passes.)"""

    node_name = "ThresholdBackwardBackward0"

    def forward(x, out):
        return kept(x, out != dtypes.zero_d(0, out.dtype))

    def grad_x(grad, out):
        return on(PassedRelu, grad, out)

    def grad_out(grad):
        return on(Zero, grad)


class Leaky_Relu(Rule):
    """x where positive, negative_slope * x elsewhere."""

    node_name = "LeakyReluBackward0"

    def forward(x, *, negative_slope):
        refuse("leaky_relu_cpu", "biu", x)
        return np.where(x > 0, x, x * dtypes.factor(negative_slope, x.dtype))

    def grad_x(grad, x, negative_slope):
        return on(Where, x > 0, grad, grad * negative_slope)


class Elu(Rule):
    """x where positive, alpha * (exp(x) - 1) elsewhere; -0.0 stays, for of 0.0 and -0.0 np.minimum(0, x) takes the second."""

    tier = "T2"

    def forward(x, *, alpha):
        refuse("elu_cpu", "biu", x)
        return np.where(x > 0, x, wide(np.expm1, np.minimum(0, x)) * dtypes.factor(alpha, x.dtype))

    def grad_x(grad, x, alpha):
        return on(Where, x > 0, grad, grad * alpha * np.exp(on(Hardtanh, x, min_val=-np.inf, max_val=0.0)))


class Silu(Rule):
    """x * sigmoid(x)."""

    tier = "T2"

    def forward(x):
        refuse("silu_cpu", "biu", x)
        w = x.astype(np.float64, copy=False)
        return (w / (1 + np.exp(-w))).astype(x.dtype, copy=False)

    def grad_x(grad, x):
        s = on(Sigmoid, x)
        return grad * s * (1 + x * (1 - s))


class Softplus(Rule):
    """log(1 + exp(beta * x)) / beta; x itself where beta * x is above the threshold."""

    tier = "T3"

    def forward(x, *, beta, threshold):
        refuse("softplus_cpu", "biu", x)
        beta, threshold = dtypes.factor(beta, x.dtype), dtypes.factor(threshold, x.dtype)
        w = x.astype(np.float64, copy=False) * beta
        return np.where(w > threshold, x, np.log1p(np.exp(np.minimum(w, threshold))) / beta).astype(x.dtype)

    def grad_x(grad, x, beta, threshold):
        w = x * beta
        return on(Where, w > threshold, grad, grad * on(Sigmoid, on(Hardtanh, w, min_val=-np.inf, max_val=threshold)))


class Hardtanh(Rule):
    """x held within [min_val, max_val]. On the bounds its derivative is 0."""

    def forward(x, *, min_val, max_val):
        min_val, max_val = dtypes.zero_d(min_val, x.dtype), dtypes.zero_d(max_val, x.dtype)
        return np.minimum(max_val, np.maximum(min_val, x))  # in this order: of 0.0 and -0.0, NumPy takes the second

    def grad_x(grad, x, min_val, max_val):
        return on(Kept, grad, (x > min_val) & (x < max_val))


relu, relu_ = unary(Relu, floating=False)
silu, silu_ = unary(Silu, floating=False)


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
    if min_val > max_val:
        raise ValueError("min_val cannot be greater than max_val")
    if input.array.dtype == bool:
        raise RuntimeError("Bool inputs not supported for hardtanh")
    if input.array.dtype.kind == "u" and min_val < 0:
        raise RuntimeError("cannot do hardtanh on an unsigned type with negative limits")
    return apply(Hardtanh, input, min_val=min_val, max_val=max_val)
