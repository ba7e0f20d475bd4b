"""Dropout, of elements and of whole channels."""
from __future__ import annotations

import warnings

from ... import ops
from ...ops.arguments import checked
from ...tensor import Tensor

__all__ = ["alpha_dropout", "dropout", "dropout1d", "dropout2d", "dropout3d", "feature_alpha_dropout"]


@checked
def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """x times a mask, in training: 0 with probability p, else 1 / (1 - p). Mirrors torch.nn.functional.dropout."""
    check(p)
    return ops.dropout_(input, p, training) if inplace else ops.dropout(input, p, training)


@checked
def alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """Elements at SELU's lower limit, then scaled and shifted to the old mean and variance. Mirrors torch.nn.functional.alpha_dropout."""
    check(p)
    return ops.alpha_dropout_(input, p, training) if inplace else ops.alpha_dropout(input, p, training)


@checked
def feature_alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """`alpha_dropout` of whole channels. Mirrors torch.nn.functional.feature_alpha_dropout."""
    check(p)
    return ops.feature_alpha_dropout_(input, p, training) if inplace else ops.feature_alpha_dropout(input, p, training)


def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """`dropout` of whole channels: (N, C, L) or (C, L). Mirrors torch.nn.functional.dropout1d."""
    check(p)
    dims = input.dim()
    if dims not in (2, 3):
        raise RuntimeError(
            f"dropout1d: Expected 2D or 3D input, but received a {dims}D input. Note that dropout1d exists to provide channel-wise "
            "dropout on inputs with 1 spatial dimension, a channel dimension, and an optional batch dimension (i.e. 2D or 3D inputs)."
        )
    return of_channels(input, p, training, inplace, batched=dims == 3)


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """`dropout` of whole channels: (N, C, H, W), or (N, C, L) with a warning. Mirrors torch.nn.functional.dropout2d."""
    check(p)
    dims = input.dim()
    if dims not in (3, 4):
        warn_of(dims, "2")
    if dims == 3:
        warnings.warn(
            "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior is desired - input is "
            "interpreted as shape (N, C, L), where C is the channel dim. This behavior will change in a future release to interpret "
            "the input as one without a batch dimension, i.e. shape (C, H, W). To maintain the 1D channel-wise dropout behavior, "
            "please switch to using dropout1d instead.",
            stacklevel=2,
        )
    return of_channels(input, p, training, inplace, batched=True)


def dropout3d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """`dropout` of whole channels: (N, C, D, H, W) or (C, D, H, W). Mirrors torch.nn.functional.dropout3d."""
    check(p)
    dims = input.dim()
    if dims not in (4, 5):
        warn_of(dims, "3")
    return of_channels(input, p, training, inplace, batched=dims == 5)


def of_channels(input: Tensor, p: float, training: bool, inplace: bool, batched: bool) -> Tensor:
    if batched:
        return ops.feature_dropout_(input, p, training) if inplace else ops.feature_dropout(input, p, training)
    if inplace:
        return ops.feature_dropout_(input.unsqueeze_(0), p, training).squeeze_(0)
    return ops.feature_dropout(input.unsqueeze(0), p, training).squeeze(0)


def check(p: float) -> None:
    if p < 0.0 or p > 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def warn_of(dims: int, spatial: str) -> None:
    name, n = f"dropout{spatial}d", int(spatial)
    warnings.warn(
        f"{name}: Received a {dims}-D input to {name}, which is deprecated and will result in an error in a future release. To retain "
        f"the behavior and silence this warning, please use dropout instead. Note that {name} exists to provide channel-wise dropout "
        f"on inputs with {n} spatial dimensions, a channel dimension, and an optional batch dimension (i.e. {n + 1}D or {n + 2}D inputs).",
        stacklevel=3,
    )
