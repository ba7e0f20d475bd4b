"""Convolutions and transposed convolutions. Mirrors torch.nn.modules.conv."""
from __future__ import annotations

import math
from typing import Any

from ... import ops
from ...tensor import Tensor
from .. import functional as F
from .. import init
from ..parameter import Parameter
from .module import Module
from .utils import ntuple, reverse_repeat

__all__ = ["Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"]

PADDING_MODES = {"zeros", "reflect", "replicate", "circular"}


class _ConvNd(Module):
    """weight * input + bias. Both start as U(-1/sqrt(fan_in), 1/sqrt(fan_in))."""

    weight: Parameter
    bias: Parameter | None
    n: int  # dimensions of space
    transposed = False

    def _build(self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any, padding: Any, dilation: Any,
               output_padding: Any, groups: int, bias: bool, padding_mode: str, device: Any, dtype: Any) -> None:
        Module.__init__(self)
        stride, dilation = ntuple(stride, self.n), ntuple(dilation, self.n)
        if groups <= 0:
            raise ValueError("groups must be a positive integer")
        if in_channels % groups != 0:
            raise ValueError("in_channels must be divisible by groups")
        if out_channels % groups != 0:
            raise ValueError("out_channels must be divisible by groups")
        if isinstance(padding, str):
            if padding not in ("same", "valid"):
                valid = {"same", "valid"}
                raise ValueError(f"Invalid padding string {padding!r}, should be one of {valid}")
            if padding == "same" and any(s != 1 for s in stride):
                raise ValueError("padding='same' is not supported for strided convolutions")
        if padding_mode not in PADDING_MODES:
            raise ValueError(f"padding_mode must be one of {PADDING_MODES}, but got padding_mode='{padding_mode}'")
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = ntuple(kernel_size, self.n)
        self.stride = stride
        self.padding: Any = padding if isinstance(padding, str) else ntuple(padding, self.n)
        self.dilation = dilation
        self.output_padding = ntuple(output_padding, self.n)
        self.groups = groups
        self.padding_mode = padding_mode
        self._reversed_padding_repeated_twice = self._margins()
        channels = (in_channels, out_channels // groups) if self.transposed else (out_channels, in_channels // groups)
        self.weight = Parameter(ops.empty((*channels, *self.kernel_size), device=device, dtype=dtype))
        if bias:
            self.bias = Parameter(ops.empty(out_channels, device=device, dtype=dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def _margins(self) -> list[int]:
        """The padding as F.pad takes it, for modes other than zeros."""
        if self.padding == "valid":
            return [0, 0] * self.n
        if self.padding != "same":
            return reverse_repeat(self.padding)
        totals = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size)]
        return [side for total in reversed(totals) for side in (total // 2, total - total // 2)]

    def reset_parameters(self) -> None:
        """Draw new weights."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))  # its bound is then 1/sqrt(fan_in)
        if self.bias is not None:
            fan_in, _ = init._calculate_fan_in_and_fan_out(self.weight)
            bound = 1 / math.sqrt(fan_in) if fan_in > 0 else 0
            init.uniform_(self.bias, -bound, bound)

    def extra_repr(self) -> str:
        shown = [str(self.in_channels), str(self.out_channels), f"kernel_size={self.kernel_size}", f"stride={self.stride}"]
        nothing, ones = (0,) * self.n, (1,) * self.n
        for name, default in (("padding", nothing), ("dilation", ones), ("output_padding", nothing), ("groups", 1)):
            if getattr(self, name) != default:
                shown.append(f"{name}={getattr(self, name)}")
        if self.bias is None:
            shown.append("bias=False")
        if self.padding_mode != "zeros":
            shown.append(f"padding_mode={self.padding_mode}")
        return ", ".join(shown)


class _Conv(_ConvNd):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0,
                 dilation: Any = 1, groups: int = 1, bias: bool = True, padding_mode: str = "zeros", device: Any = None,
                 dtype: Any = None) -> None:
        self._build(in_channels, out_channels, kernel_size, stride, padding, dilation, 0, groups, bias, padding_mode,
                    device, dtype)

    def forward(self, input: Tensor) -> Tensor:
        padding: Any = self.padding
        if self.padding_mode != "zeros":
            input = F.pad(input, self._reversed_padding_repeated_twice, mode=self.padding_mode)
            padding = 0
        return self.function(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)


class Conv1d(_Conv):
    """(N, C, L) to (N, O, L'). Mirrors torch.nn.Conv1d."""

    n, function = 1, staticmethod(F.conv1d)


class Conv2d(_Conv):
    """(N, C, H, W) to (N, O, H', W'). Mirrors torch.nn.Conv2d."""

    n, function = 2, staticmethod(F.conv2d)


class Conv3d(_Conv):
    """(N, C, D, H, W) to (N, O, D', H', W'). Mirrors torch.nn.Conv3d."""

    n, function = 3, staticmethod(F.conv3d)


class _ConvTransposeNd(_ConvNd):
    transposed = True

    def __init__(self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0,
                 output_padding: Any = 0, groups: int = 1, bias: bool = True, dilation: Any = 1,
                 padding_mode: str = "zeros", device: Any = None, dtype: Any = None) -> None:
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        self._build(in_channels, out_channels, kernel_size, stride, padding, dilation, output_padding, groups, bias,
                    padding_mode, device, dtype)

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:
        output_padding = self.output_padding if output_size is None else self._output_padding(input, output_size)
        return self.function(input, self.weight, self.bias, self.stride, self.padding, output_padding, self.groups,
                             self.dilation)

    def _output_padding(self, input: Tensor, output_size: list[int]) -> list[int]:
        """What is to be added at the end to reach an output size."""
        channels = input.dim() - self.n
        if len(output_size) == channels + self.n:
            output_size = output_size[channels:]
        if len(output_size) != self.n:
            raise ValueError(
                f"ConvTranspose{self.n}D: for {input.dim()}D input, output_size must have {self.n} or {channels + self.n} "
                f"elements (got {len(output_size)})"
            )
        settings = zip(input.shape[channels:], self.kernel_size, self.stride, self.padding, self.dilation)
        least = [(m - 1) * s - 2 * p + d * (k - 1) + 1 for m, k, s, p, d in settings]
        most = [size + s - 1 for size, s in zip(least, self.stride)]
        if any([not low <= size <= high for low, size, high in zip(least, output_size, most)]):
            raise ValueError(
                f"requested an output size of {output_size}, but valid sizes range from {least} to {most} (for an input of "
                f"{input.size()[2:]})"
            )
        return [size - low for size, low in zip(output_size, least)]


class ConvTranspose1d(_ConvTransposeNd):
    """The gradient of a Conv1d: (N, C, L) to (N, O, L'). Mirrors torch.nn.ConvTranspose1d."""

    n, function = 1, staticmethod(F.conv_transpose1d)


class ConvTranspose2d(_ConvTransposeNd):
    """The gradient of a Conv2d: (N, C, H, W) to (N, O, H', W'). Mirrors torch.nn.ConvTranspose2d."""

    n, function = 2, staticmethod(F.conv_transpose2d)


class ConvTranspose3d(_ConvTransposeNd):
    """The gradient of a Conv3d: (N, C, D, H, W) to (N, O, D', H', W'). Mirrors torch.nn.ConvTranspose3d."""

    n, function = 3, staticmethod(F.conv_transpose3d)
