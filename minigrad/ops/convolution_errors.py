"""What can be wrong with a convolution, in PyTorch's words."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from .family import refuse

if TYPE_CHECKING:
    from ..tensor import Tensor


def check(x: np.ndarray, weight: np.ndarray, bias: Tensor | None, space: dict[str, Any], groups: int, transposed: bool) -> None:
    n, shape, size = weight.ndim - 2, list(weight.shape), list(x.shape)
    for key, values in space.items():
        if len(values) != n:
            raise RuntimeError(
                f"expected {key} to be a single integer value or a list of {n} values to match the convolution dimensions, but got "
                f"{key}={list(values)}"
            )
        if key != "dilation" and min(values) < (0 if "padding" in key else 1):
            kind = "negative" if "padding" in key else "non-positive"
            raise RuntimeError(f"{kind} {key} is not supported")
    if groups <= 0:
        raise RuntimeError("non-positive groups is not supported")
    if shape[0] < groups or shape[0] % groups:
        wanted, listed = ("at least", shape) if shape[0] < groups else ("divisible by", [shape])
        raise RuntimeError(f"Given groups={groups}, expected weight to be {wanted} {groups} at dimension 0, but got weight of size {listed} instead")
    channels = shape[0] if transposed else shape[1] * groups
    given = "transposed=1" if transposed else f"groups={groups}"
    if size[1] != channels:
        raise RuntimeError(
            f"Given {given}, weight of size {shape}, expected input{size} to have {channels} channels, but got {size[1]} channels instead"
        )
    out = shape[1] * groups if transposed else shape[0]
    if bias is not None and bias.array.shape != (out,):
        raise RuntimeError(
            f"Given {'transposed=1, ' * transposed}weight of size {shape}, expected bias to be 1-dimensional with {out} elements, but "
            f"got bias of size {list(bias.array.shape)} instead"
        )
    if min(space["dilation"]) < 1:
        raise RuntimeError("dilation should be greater than zero")
    check_sizes(size[2:], shape[2:], space, transposed)
    refuse("slow_conv2d_cpu", "b", x)
    names = [dtypes.of_array(a).scalar_name for a in (x, weight)]
    if bias is not None and bias.array.dtype != x.dtype:
        raise RuntimeError(
            f"Input type ({dtypes.of_array(x).c_name}) and bias type ({dtypes.of_array(bias.array).c_name}) should be the same"
        )
    if names[0] != names[1]:
        raise RuntimeError(f"expected scalar type {names[0]} but found {names[1]}")


def check_sizes(size: list[int], kernel: list[int], space: dict[str, Any], transposed: bool) -> None:
    if not transposed:
        inside = [m + 2 * p for m, p in zip(size, space["padding"])]
        if any([m < d * (k - 1) + 1 for m, k, d in zip(inside, kernel, space["dilation"])]):
            reach = [d * (k - 1) + 1 for k, d in zip(kernel, space["dilation"])]
            raise RuntimeError(
                f"Calculated padded input size per channel: ({' x '.join(map(str, inside))}). Kernel size: "
                f"({' x '.join(map(str, reach))}). Kernel size can't be greater than actual input size"
            )
    elif any([e >= max(s, d) for e, s, d in zip(space["output_padding"], space["stride"], space["dilation"])]):
        names = ("depth", "height", "width")[-max(2, len(size)) :]
        told = [
            f"{key}_{name}: {value}"
            for key in ("output_padding", "stride", "dilation")
            for name, value in zip(names, (space[key] if len(size) > 1 else ({"output_padding": 0}.get(key, 1), *space[key])))
        ]
        raise RuntimeError(f"output padding must be smaller than either stride or dilation, but got {' '.join(told)}")
