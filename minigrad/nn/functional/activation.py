"""Activation functions."""
from __future__ import annotations

import warnings
from typing import Any

from ... import ops
from ...autograd.inplace import inplace as in_place
from ...ops.activation import Elu, Hardtanh
from ...ops.arguments import checked
from ...ops.layouts import contiguous_format
from ...tensor import Tensor

__all__ = [
    "elu", "gumbel_softmax", "hardtanh", "leaky_relu", "log_softmax", "relu", "relu6", "rrelu", "sigmoid", "silu", "softmax",
    "softmin", "softplus", "softsign", "tanh", "tanhshrink",
]


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """max(x, 0). Mirrors torch.nn.functional.relu."""
    return input.relu_() if inplace else ops.relu(input)


@checked
def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """x where x > 0, else negative_slope x. Mirrors torch.nn.functional.leaky_relu."""
    return ops.leaky_relu_(input, negative_slope) if inplace else ops.leaky_relu(input, negative_slope)


@checked
def rrelu(
    input: Tensor, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False, inplace: bool = False
) -> Tensor:
    """x where x > 0, else a x, with a from U(lower, upper) in training, else their mean. Mirrors torch.nn.functional.rrelu."""
    return ops.rrelu_(input, lower, upper, training) if inplace else ops.rrelu(input, lower, upper, training)


@checked
def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """x where x > 0, else alpha (e^x - 1). Mirrors torch.nn.functional.elu."""
    return in_place(Elu, input, alpha=alpha) if inplace else ops.elu(input, alpha)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """x sigmoid(x). Mirrors torch.nn.functional.silu."""
    return ops.silu_(input) if inplace else ops.silu(input)


@checked
def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """log(1 + e^(beta x)) / beta, and x itself where beta x > threshold. Mirrors torch.nn.functional.softplus."""
    return ops.softplus(input, beta, threshold)


@checked
def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """x clipped to [min_val, max_val]. Mirrors torch.nn.functional.hardtanh."""
    if inplace:
        return in_place(Hardtanh, input, min_val=min_val, max_val=max_val)
    return ops.hardtanh(input, min_val, max_val)


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """min(max(x, 0), 6). Mirrors torch.nn.functional.relu6."""
    return hardtanh(input, 0.0, 6.0, inplace)


def tanh(input: Tensor) -> Tensor:
    """(e^x - e^-x) / (e^x + e^-x). Mirrors torch.nn.functional.tanh."""
    return input.tanh()


def sigmoid(input: Tensor) -> Tensor:
    """1 / (1 + e^-x). Mirrors torch.nn.functional.sigmoid."""
    return input.sigmoid()


def softsign(input: Tensor) -> Tensor:
    """x / (1 + |x|). Mirrors torch.nn.functional.softsign."""
    return input / (input.abs() + 1)


def tanhshrink(input: Tensor) -> Tensor:
    """x - tanh(x). Mirrors torch.nn.functional.tanhshrink."""
    return input - input.tanh()


def softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """e^x / sum over dim of e^x. Mirrors torch.nn.functional.softmax."""
    if dim is None:
        dim = _implicit_dim("softmax", input.dim(), _stacklevel)
    return input.softmax(dim) if dtype is None else input.softmax(dim, dtype=dtype)


def softmin(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """softmax(-x). Mirrors torch.nn.functional.softmin."""
    if dim is None:
        dim = _implicit_dim("softmin", input.dim(), _stacklevel)
    return (-input).softmax(dim) if dtype is None else (-input).softmax(dim, dtype=dtype)


def log_softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """x - log(sum over dim of e^x). Mirrors torch.nn.functional.log_softmax."""
    if dim is None:
        dim = _implicit_dim("log_softmax", input.dim(), _stacklevel)
    return input.log_softmax(dim) if dtype is None else input.log_softmax(dim, dtype=dtype)


def gumbel_softmax(logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1) -> Tensor:
    """softmax((logits + Gumbel noise) / tau): Jang et al. 2016. `hard` gives one-hot samples with the soft gradient.

    Mirrors torch.nn.functional.gumbel_softmax.
    """
    if eps != 1e-10:
        warnings.warn("`eps` parameter is deprecated and has no effect.", stacklevel=2)
    gumbels = -ops.empty_like(logits, memory_format=contiguous_format).exponential_().log()
    soft = ((logits + gumbels) / tau).softmax(dim)
    if not hard:
        return soft
    one_hot = ops.zeros_like(logits).scatter_(dim, soft.max(dim, keepdim=True)[1], 1.0)
    return one_hot - soft.detach() + soft


def _implicit_dim(name: str, ndim: int, stacklevel: int) -> int:
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument.",
        stacklevel=stacklevel,
    )
    return 0 if ndim in (0, 1, 3) else 1
