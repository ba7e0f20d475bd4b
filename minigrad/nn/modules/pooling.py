"""Pooling as modules; the formulas stand with the functions, in functional/pooling.py. Mirrors torch.nn.modules.pooling."""
from __future__ import annotations

from typing import Any

from ...tensor import Tensor
from .. import functional as F
from .function import FunctionModule
from .module import Module
from .utils import ntuple

__all__ = [
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d", "AvgPool1d", "AvgPool2d", "AvgPool3d", "LPPool1d", "LPPool2d", "LPPool3d", "MaxPool1d",
    "MaxPool2d", "MaxPool3d", "MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d",
]


class _Pool(FunctionModule):
    """Windows made one number each."""

    _shown: tuple[str, ...] = ("kernel_size", "stride", "padding")

    def extra_repr(self) -> str:
        return ", ".join([f"{name}={getattr(self, name)}" for name in self._shown])


class _MaxPoolNd(_Pool):
    _shown = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
                 return_indices: bool = False, ceil_mode: bool = False) -> None:
        super().__init__()
        self._set(kernel_size=kernel_size, stride=stride if stride is not None else kernel_size, padding=padding,
                  dilation=dilation, return_indices=return_indices, ceil_mode=ceil_mode)


class MaxPool1d(_MaxPoolNd):
    """The largest of each window. Mirrors torch.nn.MaxPool1d."""

    function = staticmethod(F.max_pool1d)


class MaxPool2d(_MaxPoolNd):
    """The largest of each window. Mirrors torch.nn.MaxPool2d."""

    function = staticmethod(F.max_pool2d)


class MaxPool3d(_MaxPoolNd):
    """The largest of each window. Mirrors torch.nn.MaxPool3d."""

    function = staticmethod(F.max_pool3d)


class _MaxUnpoolNd(Module):
    n: int

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        super().__init__()
        self.kernel_size = ntuple(kernel_size, self.n)
        self.stride = ntuple(stride if stride is not None else kernel_size, self.n)
        self.padding = ntuple(padding, self.n)

    def forward(self, input: Tensor, indices: Tensor, output_size: list[int] | None = None) -> Tensor:
        unpool = (F.max_unpool1d, F.max_unpool2d, F.max_unpool3d)[self.n - 1]
        return unpool(input, indices, self.kernel_size, self.stride, self.padding, output_size)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(_MaxUnpoolNd):
    """The partial inverse of MaxPool1d. Mirrors torch.nn.MaxUnpool1d."""

    n = 1


class MaxUnpool2d(_MaxUnpoolNd):
    """The partial inverse of MaxPool2d. Mirrors torch.nn.MaxUnpool2d."""

    n = 2


class MaxUnpool3d(_MaxUnpoolNd):
    """The partial inverse of MaxPool3d. Mirrors torch.nn.MaxUnpool3d."""

    n = 3


class AvgPool1d(_Pool):
    """The mean of each window. Mirrors torch.nn.AvgPool1d."""

    function = staticmethod(F.avg_pool1d)

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
                 count_include_pad: bool = True) -> None:
        super().__init__()
        self._set(kernel_size=ntuple(kernel_size, 1), stride=ntuple(stride if stride is not None else kernel_size, 1),
                  padding=ntuple(padding, 1), ceil_mode=ceil_mode, count_include_pad=count_include_pad)


class AvgPool2d(_Pool):
    """The mean of each window. Mirrors torch.nn.AvgPool2d."""

    function = staticmethod(F.avg_pool2d)

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
                 count_include_pad: bool = True, divisor_override: int | None = None) -> None:
        super().__init__()
        self._set(kernel_size=kernel_size, stride=stride if stride is not None else kernel_size, padding=padding,
                  ceil_mode=ceil_mode, count_include_pad=count_include_pad, divisor_override=divisor_override)


class AvgPool3d(AvgPool2d):
    """The mean of each window. Mirrors torch.nn.AvgPool3d."""

    function = staticmethod(F.avg_pool3d)


class _LPPoolNd(_Pool):
    _shown = ("norm_type", "kernel_size", "stride", "ceil_mode")

    def __init__(self, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> None:
        super().__init__()
        self._set(norm_type=norm_type, kernel_size=kernel_size, stride=stride, ceil_mode=ceil_mode)


class LPPool1d(_LPPoolNd):
    """The p-norm of each window. Mirrors torch.nn.LPPool1d."""

    function = staticmethod(F.lp_pool1d)


class LPPool2d(_LPPoolNd):
    """The p-norm of each window. Mirrors torch.nn.LPPool2d."""

    function = staticmethod(F.lp_pool2d)


class LPPool3d(_LPPoolNd):
    """The p-norm of each window. Mirrors torch.nn.LPPool3d."""

    function = staticmethod(F.lp_pool3d)


class _AdaptivePool(_Pool):
    _shown = ("output_size",)

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self._set(output_size=output_size)


class AdaptiveAvgPool1d(_AdaptivePool):
    """The means of `output_size` windows. Mirrors torch.nn.AdaptiveAvgPool1d."""

    function = staticmethod(F.adaptive_avg_pool1d)


class AdaptiveAvgPool2d(_AdaptivePool):
    """The means of `output_size` windows. Mirrors torch.nn.AdaptiveAvgPool2d."""

    function = staticmethod(F.adaptive_avg_pool2d)


class AdaptiveAvgPool3d(_AdaptivePool):
    """The means of `output_size` windows. Mirrors torch.nn.AdaptiveAvgPool3d."""

    function = staticmethod(F.adaptive_avg_pool3d)


class _AdaptiveMaxPoolNd(_AdaptivePool):
    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__(output_size)
        self._set(return_indices=return_indices)


class AdaptiveMaxPool1d(_AdaptiveMaxPoolNd):
    """The largest of `output_size` windows, with indices if wanted. Mirrors torch.nn.AdaptiveMaxPool1d."""

    function = staticmethod(F.adaptive_max_pool1d)


class AdaptiveMaxPool2d(_AdaptiveMaxPoolNd):
    """The largest of `output_size` windows, with indices if wanted. Mirrors torch.nn.AdaptiveMaxPool2d."""

    function = staticmethod(F.adaptive_max_pool2d)


class AdaptiveMaxPool3d(_AdaptiveMaxPoolNd):
    """The largest of `output_size` windows, with indices if wanted. Mirrors torch.nn.AdaptiveMaxPool3d."""

    function = staticmethod(F.adaptive_max_pool3d)
