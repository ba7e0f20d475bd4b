"""What works on images, signals and volumes: (N, C, *size). The operations themselves: no layer between them and their callers."""
from __future__ import annotations

from ...ops.convolution import conv1d, conv2d, conv3d, conv_transpose1d, conv_transpose2d, conv_transpose3d
from ...ops.folding import fold, unfold
from ...ops.padding import pad

__all__ = [
    "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "fold", "pad", "unfold",
]
