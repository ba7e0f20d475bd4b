"""Images of another size."""
from __future__ import annotations

import math
from typing import Any

from ...ops import resampling
from ...ops.arguments import checked
from ...tensor import Tensor
from .pooling import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d

__all__ = ["interpolate", "pixel_shuffle", "pixel_unshuffle", "upsample"]

pixel_shuffle, pixel_unshuffle = [checked(f, home=__name__) for f in (resampling.pixel_shuffle, resampling.pixel_unshuffle)]
SMOOTH = {"linear": 3, "bilinear": 4, "bicubic": 4, "trilinear": 5}


def interpolate(input: Tensor, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None,
                recompute_scale_factor: bool | None = None, antialias: bool = False) -> Tensor:
    """(N, C, *) at another size, given or by a factor: 'nearest', 'nearest-exact', '(bi|tri)linear', 'bicubic' or
    'area'.

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
