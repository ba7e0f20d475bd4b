"""More activations as modules; the formulas stand in ops/units.py. Mirrors torch.nn.modules.activation."""
from __future__ import annotations

from typing import Any

from ... import ops
from ...tensor import Tensor
from .. import functional as F
from .. import init
from ..parameter import Parameter
from .function import FunctionModule
from .module import Module

__all__ = [
    "CELU", "GELU", "GLU", "Hardshrink", "Hardsigmoid", "Hardswish", "LogSigmoid", "Mish", "PReLU", "SELU", "Softmax2d",
    "Softshrink", "Threshold",
]


class _InPlace(FunctionModule):
    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self._set(inplace=inplace)


class SELU(_InPlace):
    """scale * ELU(x, alpha), which keeps mean 0 and variance 1. Mirrors torch.nn.SELU."""

    function = staticmethod(F.selu)


class Mish(_InPlace):
    """x tanh(softplus(x)). Mirrors torch.nn.Mish."""

    function = staticmethod(F.mish)


class Hardswish(_InPlace):
    """x relu6(x + 3) / 6. Mirrors torch.nn.Hardswish."""

    function = staticmethod(F.hardswish)

    def extra_repr(self) -> str:
        return ""


class Hardsigmoid(Hardswish):
    """relu6(x + 3) / 6. Mirrors torch.nn.Hardsigmoid."""

    function = staticmethod(F.hardsigmoid)


class CELU(FunctionModule):
    """x where positive, else alpha (e^(x / alpha) - 1). Mirrors torch.nn.CELU."""

    function = staticmethod(F.celu)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self._set(alpha=alpha, inplace=inplace)


class GELU(FunctionModule):
    """x Φ(x), or nearly so with approximate='tanh'. Mirrors torch.nn.GELU."""

    function = staticmethod(F.gelu)

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self._set(approximate=approximate)


class GLU(FunctionModule):
    """a σ(b), for the two halves of a dimension. Mirrors torch.nn.GLU."""

    function = staticmethod(F.glu)

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self._set(dim=dim)


class LogSigmoid(FunctionModule):
    """log σ(x). Mirrors torch.nn.LogSigmoid."""

    function = staticmethod(F.logsigmoid)


class Threshold(FunctionModule):
    """x where above the threshold, `value` elsewhere. Mirrors torch.nn.Threshold."""

    function = staticmethod(F.threshold)

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__()
        self._set(threshold=threshold, value=value, inplace=inplace)


class _Shrink(FunctionModule):
    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self._set(lambd=lambd)

    def extra_repr(self) -> str:
        return str(self.lambd)


class Hardshrink(_Shrink):
    """0 within [-lambd, lambd], x outside. Mirrors torch.nn.Hardshrink."""

    function = staticmethod(F.hardshrink)


class Softshrink(_Shrink):
    """x moved towards 0 by lambd, and no further. Mirrors torch.nn.Softshrink."""

    function = staticmethod(F.softshrink)


class PReLU(Module):
    """x where positive, else weight x, the weight being learned, one for all or one per channel. Mirrors torch.nn.PReLU."""

    weight: Parameter

    def __init__(self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.init = init
        self.weight = Parameter(ops.empty(num_parameters, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Begin anew."""
        init.constant_(self.weight, self.init)

    def forward(self, input: Tensor) -> Tensor:
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


class Softmax2d(Module):
    """softmax over the channels of (N, C, H, W) or (C, H, W). Mirrors torch.nn.Softmax2d."""

    def forward(self, input: Tensor) -> Tensor:
        if input.dim() not in (3, 4):
            raise ValueError(f"Softmax2d: expected input to be 3D or 4D, got {input.dim()}D instead")
        return F.softmax(input, -3, _stacklevel=5)
