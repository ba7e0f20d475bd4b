"""Images as columns of their windows, and back. Mirrors torch.nn.modules.fold."""
from __future__ import annotations

from typing import Any

from .. import functional as F
from .function import FunctionModule

__all__ = ["Fold", "Unfold"]


class Fold(FunctionModule):
    """Columns (N, C kH kW, L) added up to images (N, C, H, W). Mirrors torch.nn.Fold."""

    function = staticmethod(F.fold)

    def __init__(self, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> None:
        super().__init__()
        self._set(output_size=output_size, kernel_size=kernel_size, dilation=dilation, padding=padding, stride=stride)


class Unfold(FunctionModule):
    """The windows of images (N, C, H, W) as columns (N, C kH kW, L). Mirrors torch.nn.Unfold."""

    function = staticmethod(F.unfold)

    def __init__(self, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> None:
        super().__init__()
        self._set(kernel_size=kernel_size, dilation=dilation, padding=padding, stride=stride)
