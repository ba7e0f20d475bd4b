"""Margins as modules: one class per kind and number of dimensions. Mirrors torch.nn.modules.padding."""
from __future__ import annotations

from typing import Any

from ...tensor import Tensor
from .. import functional as F
from .module import Module
from .utils import ntuple

__all__ = [
    "CircularPad1d", "CircularPad2d", "CircularPad3d", "ConstantPad1d", "ConstantPad2d", "ConstantPad3d",
    "ReflectionPad1d", "ReflectionPad2d", "ReflectionPad3d", "ReplicationPad1d", "ReplicationPad2d",
    "ReplicationPad3d", "ZeroPad1d", "ZeroPad2d", "ZeroPad3d",
]


class _PadNd(Module):
    """A margin (left, right, top, bottom, front, back), or the same on all sides."""

    n: int
    mode: str

    def __init__(self, padding: Any) -> None:
        super().__init__()
        self.padding = ntuple(padding, 2 * self.n)

    def forward(self, input: Tensor) -> Tensor:
        return F.pad(input, self.padding, self.mode)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class _CircularPadNd(_PadNd):
    """The margin continues at the other end."""

    mode = "circular"

    def forward(self, input: Tensor) -> Tensor:
        if input.dim() not in (self.n + 1, self.n + 2):
            raise ValueError(f"expected {self.n + 1}D or {self.n + 2}D input (got {input.dim()}D input)")
        return super().forward(input)


class CircularPad1d(_CircularPadNd):
    """Mirrors torch.nn.CircularPad1d."""

    n = 1


class CircularPad2d(_CircularPadNd):
    """Mirrors torch.nn.CircularPad2d."""

    n = 2


class CircularPad3d(_CircularPadNd):
    """Mirrors torch.nn.CircularPad3d."""

    n = 3


class _ConstantPadNd(_PadNd):
    """The margin is `value`."""

    def __init__(self, padding: Any, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPadNd):
    """Mirrors torch.nn.ConstantPad1d."""

    n = 1


class ConstantPad2d(_ConstantPadNd):
    """Mirrors torch.nn.ConstantPad2d."""

    n = 2


class ConstantPad3d(_ConstantPadNd):
    """Mirrors torch.nn.ConstantPad3d."""

    n = 3


class _ZeroPadNd(_ConstantPadNd):
    """The margin is 0."""

    def __init__(self, padding: Any) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class ZeroPad1d(_ZeroPadNd):
    """Mirrors torch.nn.ZeroPad1d."""

    n = 1


class ZeroPad2d(_ZeroPadNd):
    """Mirrors torch.nn.ZeroPad2d."""

    n = 2


class ZeroPad3d(_ZeroPadNd):
    """Mirrors torch.nn.ZeroPad3d."""

    n = 3


class _ReflectionPadNd(_PadNd):
    """The margin is the mirror image."""

    mode = "reflect"


class ReflectionPad1d(_ReflectionPadNd):
    """Mirrors torch.nn.ReflectionPad1d."""

    n = 1


class ReflectionPad2d(_ReflectionPadNd):
    """Mirrors torch.nn.ReflectionPad2d."""

    n = 2


class ReflectionPad3d(_ReflectionPadNd):
    """Mirrors torch.nn.ReflectionPad3d."""

    n = 3


class _ReplicationPadNd(_PadNd):
    """The margin repeats the last element."""

    mode = "replicate"


class ReplicationPad1d(_ReplicationPadNd):
    """Mirrors torch.nn.ReplicationPad1d."""

    n = 1


class ReplicationPad2d(_ReplicationPadNd):
    """Mirrors torch.nn.ReplicationPad2d."""

    n = 2


class ReplicationPad3d(_ReplicationPadNd):
    """Mirrors torch.nn.ReplicationPad3d."""

    n = 3
