"""Margins around a tensor: constant, or made of its own elements (reflected, replicated, circular)."""
from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.rule import Rule, apply, on

if TYPE_CHECKING:
    from ..tensor import Tensor

MODES = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}  # PyTorch's names, and NumPy's


class ConstantPadNd(Rule):
    """x with a margin of `value`, (left, right) from the last dimension on; a negative margin cuts off."""

    def forward(x, *, pad, value):
        sides = by_dimension(pad, x.ndim)
        shape = [n + left + right for n, (left, right) in zip(x.shape, sides)]
        out = np.full(shape, dtypes.converted(value, x.dtype), x.dtype)
        target = tuple([slice(max(left, 0), n - max(right, 0)) for n, (left, right) in zip(shape, sides)])
        source = tuple([slice(max(-left, 0), n - max(-right, 0)) for n, (left, right) in zip(x.shape, sides)])
        out[target] = x[source]
        return out

    def grad_x(grad, pad):
        return on(ConstantPadNd, grad, pad=tuple([-p for p in pad]), value=0)


def by_dimension(pad: Any, ndim: int) -> list[tuple[int, int]]:
    """(left, right) for each dimension, in order."""
    pairs = list(zip(pad[::2], pad[1::2]))[::-1]
    return [(0, 0)] * (ndim - len(pairs)) + pairs


def sources(n: int, left: int, right: int, mode: str) -> np.ndarray:
    """For each element of the padded dimension, which one of the n it is."""
    index, margin = np.arange(n), (max(left, 0), max(right, 0))
    if mode == "circular":  # what is cut off does not come around
        return np.pad(index[max(-left, 0) : n - max(-right, 0)], margin, "wrap")
    index = np.pad(index, margin, MODES[mode])  # type: ignore[call-overload]
    return index[max(-left, 0) : len(index) - max(-right, 0)]


class Pad(Rule):
    """x with a margin made of its own elements."""

    def forward(x, *, pad, mode):
        for dim, (left, right) in enumerate(by_dimension(pad, x.ndim)):
            if left or right:
                x = np.take(x, sources(x.shape[dim], left, right, mode), dim)
        return x

    def grad_x(grad, x_shape, pad, mode):
        return on(PadAdjoint, grad, shape=x_shape, pad=pad, mode=mode)


class PadAdjoint(Rule):
    """What flows back through a margin: each element gathers from all its copies."""

    tier = "T3"
    node_name = "PadBackwardBackward0"

    def forward(x, *, shape, pad, mode):
        for dim, (left, right) in enumerate(by_dimension(pad, x.ndim)):
            if left or right:
                total = np.zeros((*x.shape[:dim], shape[dim], *x.shape[dim + 1 :]), x.dtype)
                target, copies = np.moveaxis(total, dim, 0), np.moveaxis(x, dim, 0)
                for i, source in enumerate(sources(shape[dim], left, right, mode).tolist()):
                    target[source] += copies[i]
                x = total
        return x

    def grad_x(grad, pad, mode):
        return on(RULES[mode, len(pad) // 2], grad, pad=pad, mode=mode)


RULES = {
    (mode, n): type(f"{kind}Pad{n}D", (Pad,), {"__slots__": (), "__module__": __name__, "__doc__": Pad.__doc__})
    for mode, kind in (("reflect", "Reflection"), ("replicate", "Replication"), ("circular", "Circular"))
    for n in (1, 2, 3)
}


def constant_pad_nd(input: Tensor, pad: Any, value: Any = 0) -> Tensor:
    """`pad`, with a constant. Mirrors torch.constant_pad_nd."""
    pad, shape = tuple(pad), input.array.shape
    if len(pad) % 2:
        raise RuntimeError(f"Length of pad must be even but instead it equals {len(pad)}")
    for n, (left, right) in zip(shape, by_dimension(pad, len(shape))):
        if max(-left, 0) > n or n + left + right < 0:
            raise RuntimeError("narrow(): length must be non-negative.")
    return apply(ConstantPadNd, input, pad=pad, value=value)


def pad(input: Tensor, pad: Any, mode: str = "constant", value: Any = None) -> Tensor:
    """x with a margin, (left, right, top, bottom, ...) from the last dimension on. Mirrors torch.nn.functional.pad."""
    margins, ndim = tuple([int(p) for p in pad]), input.array.ndim
    if len(margins) % 2:
        raise RuntimeError("Padding length must be divisible by 2")
    if len(margins) > 2 * ndim:
        raise RuntimeError(
            "Padding length should be less than or equal to two times the input dimension but got padding length "
            f"{len(margins)} and input of dimension {ndim}"
        )
    if mode == "constant":
        return constant_pad_nd(input, margins, 0 if value is None else value)
    if value is not None and value != 0:
        raise RuntimeError(f'Padding mode "{mode}" doesn\'t take in value argument')
    if ndim - len(margins) // 2 not in (1, 2) or len(margins) not in (2, 4, 6):
        raise NotImplementedError(
            f"Padding size {len(margins)} is not supported for {ndim}D input tensor.\nSupported combinations for non-constant padding:\n"
            "  - 2D or 3D input: padding size = 2 (pads last dimension)\n"
            "  - 3D or 4D input: padding size = 4 (pads last 2 dimensions)\n"
            "  - 4D or 5D input: padding size = 6 (pads last 3 dimensions)"
        )
    if mode not in MODES:
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    check(input.array.shape, margins, mode)
    return apply(RULES[mode, len(margins) // 2], input, pad=margins, mode=mode)


def check(shape: tuple[int, ...], margins: tuple[int, ...], mode: str) -> None:
    padded = list(enumerate(by_dimension(margins, len(shape))))[-len(margins) // 2 :]
    for dim, (left, right) in reversed(padded):
        n = shape[dim]
        if mode == "circular":
            if max(left, right) > n:
                raise RuntimeError("Padding value causes wrapping around more than once.")
            if n + left + right < 0:
                raise RuntimeError("Negative padding value is resulting in an empty dimension")
        elif mode == "reflect" and max(left, right) >= n:
            raise RuntimeError(
                f"Argument #{2 * (len(shape) - dim) + 2}: Padding size should be less than the corresponding input dimension, but got: "
                f"padding ({left}, {right}) at dimension {dim} of input {list(shape)}"
            )
        elif n + left + right < 1 or (math.prod(shape[dim:]) == 0 and (left or right)):
            size = [m + a + b for m, (a, b) in zip(shape, by_dimension(margins, len(shape)))]
            raise RuntimeError(f"Trying to create tensor with negative dimension {n + left + right}: {size}")
