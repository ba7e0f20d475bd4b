"""Images of another size."""
from __future__ import annotations

import math
from typing import Any

from ... import ops
from ...ops import resampling
from ...ops.arguments import checked
from ...tensor import Tensor
from .pooling import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d

__all__ = [
    "affine_grid", "channel_shuffle", "grid_sample", "interpolate", "pixel_shuffle", "pixel_unshuffle", "upsample", "upsample_bilinear",
    "upsample_nearest",
]  # fmt: skip

pixel_shuffle, pixel_unshuffle = [checked(f, home=__name__) for f in (resampling.pixel_shuffle, resampling.pixel_unshuffle)]
SMOOTH = {"linear": 3, "bilinear": 4, "bicubic": 4, "trilinear": 5}


def interpolate(input: Tensor, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None,
                recompute_scale_factor: bool | None = None, antialias: bool = False) -> Tensor:
    """(N, C, *) at another size, given or by a factor: 'nearest', 'nearest-exact', '(bi|tri)linear', 'bicubic' or 'area'.

    Mirrors torch.nn.functional.interpolate. Antialiasing is not supported.
    """
    if antialias:
        raise NotImplementedError("interpolate(): antialias is not supported; use mode='area' to make images smaller")
    if mode in ("nearest", "area", "nearest-exact"):
        if align_corners is not None:
            raise ValueError(
                "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear"
            )
    n = input.dim() - 2
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    scales: list[float | None] = [None] * n
    if size is not None:
        sizes = spread(size, n, "output", input)
    elif scale_factor is not None:
        factors = spread(scale_factor, n, "scale_factor", input)
        sizes = [math.floor(m * float(f)) for m, f in zip(input.shape[2:], factors)]
        scales = scales if recompute_scale_factor or mode == "area" else [float(f) for f in factors]
    else:
        raise ValueError("either size or scale_factor should be defined")
    if min(sizes) < 1 or n not in (1, 2, 3):
        raise RuntimeError(f"Input and output sizes should be greater than 0, but got input {list(input.shape)} and output {sizes}")
    if mode == "area":
        pool: Any = (adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d)[n - 1]
        return pool(input, sizes)
    if not mode.startswith("nearest") and SMOOTH.get(mode) != input.dim():
        if mode in SMOOTH and mode != "bicubic":
            raise NotImplementedError(f"Got {input.dim()}D input, but {mode} mode needs {SMOOTH[mode]}D input")
        raise NotImplementedError(
            "Input Error: Only 3D, 4D and 5D input Tensors supported"
            f" (got {input.dim()}D) for the modes: nearest | linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact"
            f" (got {mode})"
        )
    return resampling.upsample(input, sizes, scales, mode, bool(align_corners))


def spread(value: Any, n: int, name: str, input: Tensor) -> list[Any]:
    """One value for all dimensions of space, or one for each."""
    if not isinstance(value, (list, tuple)):
        return [value] * n
    if len(value) != n:
        if name == "output":
            raise ValueError(
                f"Input and output must have the same number of spatial dimensions, but got input with spatial dimensions of "
                f"{list(input.shape[2:])} and output size of {value}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and "
                "output size in (o1, o2, ...,oK) format."
            )
        raise ValueError(
            f"Input and scale_factor must have the same number of spatial dimensions, but got input with spatial dimensions of "
            f"{list(input.shape[2:])} and scale_factor of shape {value}. Please provide input tensor in (N, C, d1, d2, ...,dK) format "
            "and scale_factor in (s1, s2, ...,sK) format."
        )
    return list(value)


def upsample(input: Tensor, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None) -> Tensor:
    """The old name of `interpolate`. Mirrors torch.nn.functional.upsample."""
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """`interpolate` by the nearest pixel. Mirrors torch.nn.functional.upsample_nearest."""
    return interpolate(input, size, scale_factor, "nearest")


def upsample_bilinear(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """`interpolate` between the corners. Mirrors torch.nn.functional.upsample_bilinear."""
    return interpolate(input, size, scale_factor, "bilinear", align_corners=True)


@checked
def channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """(N, C, *): the channels as groups, dealt out in turn. Mirrors torch.nn.functional.channel_shuffle."""
    if input.dim() < 3:
        raise RuntimeError(f"channel_shuffle expects input with > 2 dims, but got input with sizes {list(input.shape)}")
    if groups <= 0:
        raise RuntimeError(f"Number of groups to divide channels in must be positive. Value of groups:{groups}")
    n, channels, *space = input.shape
    if channels % groups:
        raise RuntimeError(f"Number of channels must be divisible by groups. Got {channels} channels and {groups} groups.")
    return input.reshape(n, groups, channels // groups, *space).transpose(1, 2).reshape(input.shape)


# ---- images warped


@checked
def affine_grid(theta: Tensor, size: Any, align_corners: bool | None = None) -> Tensor:
    """The places (N, H, W, 2) that affine maps (N, 2, 3) send an image's pixels to, in coordinates from -1 to 1. Mirrors
    torch.nn.functional.affine_grid, for images.
    """
    if theta.dim() != 3 or theta.shape[1:] != (2, 3) or len(size) != 4:
        raise NotImplementedError(f"affine_grid(): only maps (N, 2, 3) for images (N, C, H, W), not {tuple(theta.shape)} for {tuple(size)}")
    n, _, h, w = size
    x, y = [centers(count, align_corners, theta) for count in (w, h)]
    base = ops.stack([x.expand(h, w), y.unsqueeze(1).expand(h, w), ops.ones(h, w, dtype=theta.dtype)], -1)
    return (base.view(1, h * w, 3) @ theta.transpose(1, 2)).view(n, h, w, 2)


def centers(count: int, align_corners: bool | None, like: Tensor) -> Tensor:
    if count <= 1:
        return ops.zeros(count, dtype=like.dtype)
    steps = ops.linspace(-1, 1, count, dtype=like.dtype)
    return steps if align_corners else steps * ((count - 1) / count)


@checked
def grid_sample(input: Tensor, grid: Tensor, mode: str = "bilinear", padding_mode: str = "zeros", align_corners: bool | None = None) -> Tensor:
    """An image (N, C, H, W) at places (N, H', W', 2), from -1 to 1; outside are zeros, or the border. Mirrors
    torch.nn.functional.grid_sample, for images, 'bilinear' and 'nearest'.
    """
    if mode not in ("bilinear", "nearest", "bicubic"):
        raise ValueError(f"nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '{mode}'")
    if padding_mode not in ("zeros", "border", "reflection"):
        raise ValueError(
            f"nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', but got: '{padding_mode}'"
        )
    if mode == "bicubic" or padding_mode == "reflection" or input.dim() != 4:
        raise NotImplementedError("grid_sample(): only images (N, C, H, W), mode 'bilinear' or 'nearest', and padding 'zeros' or 'border'")
    n, channels, h, w = input.shape
    places = []
    for size, place in zip((w, h), grid.unbind(-1)):
        place = (place + 1) / 2 * (size - 1) if align_corners else ((place + 1) * size - 1) / 2
        places.append(place.nan_to_num(0.0).clamp(0, size - 1) if padding_mode == "border" else place)
    x, y = places
    if mode == "nearest":
        still = (x.round() + y.round()).nan_to_num(0.0).unsqueeze(1) * 0  # as in PyTorch, the places have a gradient: zero
        return pixels(input, x.detach().round(), y.detach().round()) + still
    left, top = x.detach().floor(), y.detach().floor()
    total: Any = 0
    for column, row, weight in (
        (left, top, (left + 1 - x) * (top + 1 - y)),
        (left + 1, top, (x - left) * (top + 1 - y)),
        (left, top + 1, (left + 1 - x) * (y - top)),
        (left + 1, top + 1, (x - left) * (y - top)),
    ):
        total = total + pixels(input, column, row) * weight.unsqueeze(1)
    return total


def pixels(image: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """The pixels (N, C, H', W') in columns x and rows y; 0 outside."""
    n, channels, h, w = image.shape
    inside = (x >= 0) & (x < w) & (y >= 0) & (y < h)
    index = (y * w + x).masked_fill(~inside, 0).long().view(n, 1, -1).expand(n, channels, -1)
    found = image.reshape(n, channels, h * w).gather(2, index).view(n, channels, *x.shape[1:])
    return found * inside.unsqueeze(1)
