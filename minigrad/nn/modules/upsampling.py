"""Images of another size, as modules. Mirrors torch.nn.modules.upsampling, .pixelshuffle and .channelshuffle."""
from __future__ import annotations

from typing import Any

from ...tensor import Tensor
from .. import functional as F
from .function import FunctionModule
from .module import Module

__all__ = ["ChannelShuffle", "PixelShuffle", "PixelUnshuffle", "Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d"]


class Upsample(Module):
    """(N, C, *) at another size, given or by a factor. Mirrors torch.nn.Upsample."""

    def __init__(self, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None,
                 recompute_scale_factor: bool | None = None) -> None:
        super().__init__()
        self.name = type(self).__name__
        self.size = size
        if isinstance(scale_factor, tuple):
            self.scale_factor: Any = tuple([float(factor) for factor in scale_factor])
        else:
            self.scale_factor = float(scale_factor) if scale_factor else None
        self.mode = mode
        self.align_corners = align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, input: Tensor) -> Tensor:
        return F.interpolate(input, self.size, self.scale_factor, self.mode, self.align_corners, self.recompute_scale_factor)

    def extra_repr(self) -> str:
        how = f"scale_factor={self.scale_factor!r}" if self.scale_factor is not None else f"size={self.size!r}"
        return f"{how}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """By the nearest pixel. Mirrors torch.nn.UpsamplingNearest2d."""

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, mode="nearest")


class UpsamplingBilinear2d(Upsample):
    """By linear interpolation between the corners. Mirrors torch.nn.UpsamplingBilinear2d."""

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)


class PixelShuffle(FunctionModule):
    """(*, C r², H, W) to (*, C, H r, W r). Mirrors torch.nn.PixelShuffle."""

    function = staticmethod(F.pixel_shuffle)

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        self._set(upscale_factor=upscale_factor)


class PixelUnshuffle(FunctionModule):
    """(*, C, H r, W r) to (*, C r², H, W). Mirrors torch.nn.PixelUnshuffle."""

    function = staticmethod(F.pixel_unshuffle)

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        self._set(downscale_factor=downscale_factor)


class ChannelShuffle(FunctionModule):
    """(N, C, *) with the channels dealt out in turn. Mirrors torch.nn.ChannelShuffle."""

    function = staticmethod(F.channel_shuffle)

    def __init__(self, groups: int) -> None:
        super().__init__()
        self._set(groups=groups)
