"""Normalization: what is made to have mean 0 and variance 1. The formulas stand in ops/normalization.py."""
from __future__ import annotations

import math
from typing import Any

from ...ops import normalization
from ...ops.arguments import checked
from ...tensor import Tensor
from .pooling import avg_pool2d, avg_pool3d
from .spatial import pad

__all__ = ["batch_norm", "group_norm", "instance_norm", "layer_norm", "local_response_norm", "rms_norm"]


def batch_norm(input: Tensor, running_mean: Tensor | None, running_var: Tensor | None, weight: Tensor | None = None,
               bias: Tensor | None = None, training: bool = False, momentum: float = 0.1, eps: float = 1e-5) -> Tensor:
    """Each channel of (N, C, *) normalized: Ioffe & Szegedy 2015. Mirrors torch.nn.functional.batch_norm."""
    if training:
        check_size(input.size())
        if eps <= 0.0:
            raise ValueError(f"batch_norm eps must be positive during training, but got {eps}")
    return normalization.batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)


@checked
def instance_norm(input: Tensor, running_mean: Tensor | None = None, running_var: Tensor | None = None,
                  weight: Tensor | None = None, bias: Tensor | None = None, use_input_stats: bool = True,
                  momentum: float = 0.1, eps: float = 1e-5) -> Tensor:
    """Each channel of each example normalized: Ulyanov et al. 2016. Mirrors torch.nn.functional.instance_norm."""
    if use_input_stats and math.prod(input.shape[2:]) == 1:
        raise ValueError(f"Expected more than 1 spatial element when training, got input size {input.size()}")
    return normalization.instance_norm(input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps)


@checked
def layer_norm(input: Tensor, normalized_shape: Any, weight: Tensor | None = None, bias: Tensor | None = None,
               eps: float = 1e-5) -> Tensor:
    """The last dimensions normalized: Ba et al. 2016. Mirrors torch.nn.functional.layer_norm."""
    return normalization.layer_norm(input, normalized_shape, weight, bias, eps)


@checked
def rms_norm(input: Tensor, normalized_shape: Any, weight: Tensor | None = None, eps: float | None = None) -> Tensor:
    """x / sqrt(mean x² + eps) over the last dimensions: Zhang & Sennrich 2019. Mirrors torch.nn.functional.rms_norm."""
    return normalization.rms_norm(input, normalized_shape, weight, eps)


@checked
def group_norm(input: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None,
               eps: float = 1e-5) -> Tensor:
    """The channels of (N, C, *) normalized in groups: Wu & He 2018. Mirrors torch.nn.functional.group_norm."""
    if input.dim() < 2:
        raise RuntimeError(f"Expected at least 2 dimensions for input tensor but received {input.dim()}")
    size = input.size()
    check_size([size[0] * size[1] // num_groups, num_groups, *size[2:]], list(size))
    return normalization.group_norm(input, num_groups, weight, bias, eps)


def check_size(size: Any, told: Any = None) -> None:
    """Of one value there is no variance."""
    if len(size) > 1 and size[0] * math.prod(size[2:]) == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {told or size}")


def local_response_norm(input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Tensor:
    """x / (k + alpha mean x² over `size` channels)^beta: Krizhevsky et al. 2012. Mirrors torch.nn.functional.local_response_norm."""
    if input.dim() < 3:
        raise ValueError(
            f"Expected 3D or higher dimensionality                          input (got {input.dim()} dimensions)"
        )
    if input.numel() == 0:
        return input
    squares, margin = input.mul(input), (size // 2, (size - 1) // 2)
    if input.dim() == 3:
        means = avg_pool2d(pad(squares.unsqueeze(1), (0, 0, *margin)), (size, 1), stride=1).squeeze(1)
    else:
        n, c, first, *_ = shape = input.size()
        volume = pad(squares.view(n, 1, c, first, -1), (0, 0, 0, 0, *margin))
        means = avg_pool3d(volume, (size, 1, 1), stride=1).squeeze(1).view(shape)
    return input / means.mul(alpha).add(k).pow(beta)
