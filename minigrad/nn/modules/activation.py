"""Activations as modules; the formulas stand with the functions, in functional/activation.py.

Mirrors torch.nn.modules.activation.
"""
from __future__ import annotations

import warnings
from typing import Any

from ... import ops
from ...tensor import Tensor
from .. import functional as F
from .function import FunctionModule

__all__ = [
    "ELU", "Hardtanh", "LeakyReLU", "LogSoftmax", "RReLU", "ReLU", "ReLU6", "SiLU", "Sigmoid", "Softmax", "Softmin",
    "Softplus", "Softsign", "Tanh", "Tanhshrink",
]


class Sigmoid(FunctionModule):
    """1 / (1 + e^-x). Mirrors torch.nn.Sigmoid."""

    function = staticmethod(ops.sigmoid)


class Tanh(FunctionModule):
    """(e^x - e^-x) / (e^x + e^-x). Mirrors torch.nn.Tanh."""

    function = staticmethod(ops.tanh)


class Softsign(FunctionModule):
    """x / (1 + |x|). Mirrors torch.nn.Softsign."""

    function = staticmethod(F.softsign)


class Tanhshrink(FunctionModule):
    """x - tanh(x). Mirrors torch.nn.Tanhshrink."""

    function = staticmethod(F.tanhshrink)


class ReLU(FunctionModule):
    """max(x, 0). Mirrors torch.nn.ReLU."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self._set(inplace=inplace)

    def forward(self, input: Tensor) -> Tensor:  # in so many networks that it is worth the short way
        return F.relu(input, self.inplace)


class SiLU(FunctionModule):
    """x sigmoid(x). Mirrors torch.nn.SiLU."""

    function = staticmethod(F.silu)

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self._set(inplace=inplace)


class LeakyReLU(FunctionModule):
    """x where x > 0, else negative_slope x. Mirrors torch.nn.LeakyReLU."""

    function = staticmethod(F.leaky_relu)

    def __init__(self, negative_slope: float = 1e-2, inplace: bool = False) -> None:
        super().__init__()
        self._set(negative_slope=negative_slope, inplace=inplace)


class RReLU(FunctionModule):
    """x where x > 0, else a x, with a from U(lower, upper) in training, else their mean. Mirrors torch.nn.RReLU."""

    def __init__(self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False) -> None:
        super().__init__()
        self._set(lower=lower, upper=upper, inplace=inplace)

    def forward(self, input: Tensor) -> Tensor:
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)


class ELU(FunctionModule):
    """x where x > 0, else alpha (e^x - 1). Mirrors torch.nn.ELU."""

    function = staticmethod(F.elu)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self._set(alpha=alpha, inplace=inplace)


class Softplus(FunctionModule):
    """log(1 + e^(beta x)) / beta, and x itself where beta x > threshold. Mirrors torch.nn.Softplus."""

    function = staticmethod(F.softplus)

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self._set(beta=beta, threshold=threshold)


class Hardtanh(FunctionModule):
    """x clipped to [min_val, max_val]. Mirrors torch.nn.Hardtanh."""

    function = staticmethod(F.hardtanh)

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False,
                 min_value: float | None = None, max_value: float | None = None) -> None:
        for name, old in (("min", min_value), ("max", max_value)):
            if old is not None:
                warnings.warn(
                    f"keyword argument `{name}_value` is deprecated and renamed to `{name}_val`",
                    FutureWarning,
                    stacklevel=2,
                )
        min_val = min_val if min_value is None else min_value
        max_val = max_val if max_value is None else max_value
        if max_val <= min_val:
            raise AssertionError(f"max_val ({max_val}) must be greater than min_val ({min_val})")
        super().__init__()
        self._set(min_val=min_val, max_val=max_val, inplace=inplace)


class ReLU6(Hardtanh):
    """min(max(x, 0), 6). Mirrors torch.nn.ReLU6."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(0.0, 6.0, inplace)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


class _AlongDim(FunctionModule):
    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self._set(dim=dim)

    def forward(self, input: Tensor) -> Any:
        return self.function(input, self.dim, _stacklevel=5)  # a warning shall show the line that calls the module


class Softmax(_AlongDim):
    """e^x / sum over dim of e^x. Mirrors torch.nn.Softmax."""

    function = staticmethod(F.softmax)


class Softmin(_AlongDim):
    """softmax(-x). Mirrors torch.nn.Softmin."""

    function = staticmethod(F.softmin)


class LogSoftmax(_AlongDim):
    """x - log(sum over dim of e^x). Mirrors torch.nn.LogSoftmax."""

    function = staticmethod(F.log_softmax)
