"""Images of another size: by the nearest pixel, or by linear interpolation; and pixels shuffled between channels and space."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.rule import Rule, apply, on
from .family import refuse

if TYPE_CHECKING:
    from ..tensor import Tensor

Blend = list[tuple[np.ndarray, np.ndarray]]  # for each output: from which pixel, and with which weight; several times


class Upsample(Rule):
    """Each of the last dimensions resampled: every output is a blend of one, two or four inputs."""

    tier = "T3"

    def forward(x, *, blends):
        for dim, blend in enumerate(blends, -len(blends)):
            lined_up = (-1,) + (1,) * (-dim - 1)
            x = sum([np.take(x, index, dim) * weight.reshape(lined_up).astype(x.dtype) for index, weight in blend[1:]],
                    np.take(x, blend[0][0], dim) * blend[0][1].reshape(lined_up).astype(x.dtype))
        return x

    def grad_x(grad, x_shape, blends):
        return on(UpsampleAdjoint, grad, shape=x_shape, blends=blends)


class UpsampleAdjoint(Rule):
    """What flows back through a blend: each input gathers from all outputs that it is in."""

    node_name = "UpsampleBackwardBackward0"
    tier = "T3"

    def forward(x, *, shape, blends):
        for dim, blend in enumerate(blends, -len(blends)):
            moved = np.moveaxis(x, dim, 0)
            total = np.zeros((shape[dim], *moved.shape[1:]), x.dtype)
            for index, weight in blend:
                np.add.at(total, index, moved * weight.reshape(-1, *[1] * (x.ndim - 1)).astype(x.dtype))
            x = np.moveaxis(total, 0, dim)
        return np.ascontiguousarray(x)

    def grad_x(grad, blends):
        return on(RULES["nearest", 1], grad, blends=blends)


KINDS = {"nearest": (1, 2, 3), "nearest-exact": (1, 2, 3), "linear": (1,), "bilinear": (2,), "trilinear": (3,), "bicubic": (2,)}
RULES = {
    (mode, n): type(
        f"Upsample{mode.title().replace('-', '')}{n}D", (Upsample,),
        {"__slots__": (), "__module__": __name__, "__doc__": Upsample.__doc__, "tier": "T0" if mode.startswith("nearest") else "T3"},
    )
    for mode, dimensions in KINDS.items()
    for n in dimensions
}  # fmt: skip


def nearest(n: int, count: int, scale: float | None, exact: bool) -> Blend:
    """The pixel in which each output begins; or, `exact`, the one in which its center lies. In single precision, as in PyTorch."""
    step = np.float32(n / count if scale is None else 1 / scale)
    place = (np.arange(count, dtype=np.float32) + np.float32(0.5 if exact else 0)) * step
    return [(np.minimum(place.astype(np.int64), n - 1), np.ones(count))]


def centers(n: int, count: int, scale: float | None, align_corners: bool, dtype: Any) -> np.ndarray:
    """Where each output's center lies among the inputs'."""
    if align_corners:
        return np.arange(count, dtype=dtype) * dtype((n - 1) / (count - 1) if count > 1 else 0)
    step = dtype(n / count if scale is None else 1 / scale)
    return (np.arange(count, dtype=dtype) + dtype(0.5)) * step - dtype(0.5)


def linear(n: int, count: int, scale: float | None, align_corners: bool, dtype: Any) -> Blend:
    """The two pixels around each output's center."""
    place = np.maximum(centers(n, count, scale, align_corners, dtype), 0)
    low = np.minimum(place.astype(np.int64), n - 1)
    weight = np.clip(place - low, 0, 1)
    return [(low, 1 - weight), (np.minimum(low + 1, n - 1), weight)]


def cubic(n: int, count: int, scale: float | None, align_corners: bool, dtype: Any) -> Blend:
    """The four pixels around each output's center, weighted by Keys' convolution (1981) with a = -3/4."""
    place = centers(n, count, scale, align_corners, dtype)
    low = np.floor(place)
    t, a = place - low, dtype(-0.75)

    def near(x: np.ndarray) -> np.ndarray:
        return ((a + 2) * x - (a + 3)) * x * x + 1

    def far(x: np.ndarray) -> np.ndarray:
        return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a

    weights = far(t + 1), near(t), near(1 - t), far(2 - t)
    return [(np.clip(low.astype(np.int64) + k, 0, n - 1), weight) for k, weight in enumerate(weights, -1)]


def upsample(input: Tensor, size: list[int], scales: list[float | None], mode: str, align_corners: bool) -> Tensor:
    """(N, C, *) resampled to `size`; the scales say how, where they are given."""
    refuse(f"upsample_{mode}_out_frame", "bi", input.array)
    n = len(size)
    dtype = np.float64 if input.array.dtype == np.float64 else np.float32
    blends = []
    for old, new, scale in zip(input.array.shape[-n:], size, scales):
        if mode.startswith("nearest"):
            blends.append(nearest(old, new, scale, mode == "nearest-exact"))
        else:
            blends.append((cubic if mode == "bicubic" else linear)(old, new, scale, align_corners, dtype))
    return apply(RULES[mode, n], input, blends=blends)


class PixelShuffle(Rule):
    """(*, C r², H, W) to (*, C, H r, W r)."""

    def forward(x, *, r):
        *lead, c, h, w = x.shape
        return np.moveaxis(x.reshape(*lead, c // r**2, r, r, h, w), (-4, -3), (-3, -1)).copy().reshape(*lead, c // r**2, h * r, w * r)

    def grad_x(grad, r):
        return on(PixelUnshuffle, grad, r=r)


class PixelUnshuffle(Rule):
    """(*, C, H r, W r) to (*, C r², H, W)."""

    def forward(x, *, r):
        *lead, c, h, w = x.shape
        return np.moveaxis(x.reshape(*lead, c, h // r, r, w // r, r), (-3, -1), (-4, -3)).copy().reshape(*lead, c * r**2, h // r, w // r)

    def grad_x(grad, r):
        return on(PixelShuffle, grad, r=r)


def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """(*, C r², H, W) to (*, C, H r, W r): Shi et al. 2016. Mirrors torch.nn.functional.pixel_shuffle."""
    shape = input.array.shape
    if len(shape) < 3:
        raise RuntimeError(f"pixel_shuffle expects input to have at least 3 dimensions, but got input with {len(shape)} dimension(s)")
    if upscale_factor <= 0:
        raise RuntimeError(f"pixel_shuffle expects a positive upscale_factor, but got {upscale_factor}")
    if shape[-3] % upscale_factor**2:
        raise RuntimeError(
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but "
            f"input.size(-3)={shape[-3]} is not divisible by {upscale_factor**2}"
        )
    return apply(PixelShuffle, input, r=upscale_factor)


def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """(*, C, H r, W r) to (*, C r², H, W). Mirrors torch.nn.functional.pixel_unshuffle."""
    shape, r = input.array.shape, downscale_factor
    if len(shape) < 3:
        raise RuntimeError(f"pixel_unshuffle expects input to have at least 3 dimensions, but got input with {len(shape)} dimension(s)")
    if r <= 0:
        raise RuntimeError(f"pixel_unshuffle expects a positive downscale_factor, but got {r}")
    for name, d in (("height", -2), ("width", -1)):
        if shape[d] % r:
            raise RuntimeError(
                f"pixel_unshuffle expects {name} to be divisible by downscale_factor, but input.size({d})={shape[d]} is not divisible by {r}"
            )
    return apply(PixelUnshuffle, input, r=r)
