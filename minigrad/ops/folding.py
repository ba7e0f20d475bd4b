"""Images as columns of their windows, and back: `unfold` and `fold`, each the transpose of the other."""
from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.rule import Rule, apply, on
from .family import refuse
from .windows import Ints, add_windows, counts, inner, padded, windows

if TYPE_CHECKING:
    from ..tensor import Tensor


class Im2Col(Rule):
    """The windows of (N, C, H, W) as columns (N, C x kernel, windows)."""

    def forward(x, *, kernel, stride, padding, dilation):
        seen = windows(padded(x, padding), kernel, stride, dilation)
        count = math.prod(seen.shape[-2:])
        return seen.reshape(*x.shape[:-3], x.shape[-3] * math.prod(kernel), count)

    def grad_x(grad, x_shape, kernel, stride, padding, dilation):
        return on(Col2Im, grad, size=x_shape[-2:], kernel=kernel, stride=stride, padding=padding, dilation=dilation)


class Col2Im(Rule):
    """Columns added up where their windows overlap."""

    def forward(x, *, size, kernel, stride, padding, dilation):
        lead, channels = x.shape[:-2], x.shape[-2] // math.prod(kernel)
        count = counts(tuple([s + 2 * p for s, p in zip(size, padding)]), kernel, stride, dilation)
        total = np.zeros((math.prod(lead), channels, *[s + 2 * p for s, p in zip(size, padding)]), x.dtype)
        add_windows(total, x.reshape(len(total), channels, *kernel, *count), kernel, stride, dilation)
        return np.ascontiguousarray(total[inner(size, padding)]).reshape(*lead, channels, *size)

    def grad_x(grad, kernel, stride, padding, dilation):
        return on(Im2Col, grad, kernel=kernel, stride=stride, padding=padding, dilation=dilation)


def unfold(input: Tensor, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    """The windows of (N, C, H, W) or (C, H, W) as columns (N, C kH kW, L). Mirrors torch.nn.functional.unfold."""
    space = pairs(kernel_size=kernel_size, dilation=dilation, padding=padding, stride=stride)
    kernel, dilation, padding, stride = space.values()
    shape = input.array.shape
    refuse("im2col_out_cpu", "iu", input.array)
    for dim in range(1, 3):
        if len(shape) <= dim:
            raise IndexError(f"Dimension out of range (expected to be in range of [{-len(shape)}, {len(shape) - 1}], but got {dim})")
    if len(shape) not in (3, 4) or 0 in shape[1:]:
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: "
            f"{list(shape)}"
        )
    count = counts(tuple([s + 2 * p for s, p in zip(shape[-2:], padding)]), kernel, stride, dilation)
    if min(count) < 1:
        raise RuntimeError(
            f"Given input with spatial size {shape[-2:]}, kernel_size={kernel}, dilation={dilation}, padding={padding}, calculated "
            f"shape of the array of sliding blocks as {count}, but its components must be at least one."
        )
    return apply(Im2Col, input, kernel=kernel, stride=stride, padding=padding, dilation=dilation)


def fold(input: Tensor, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    """Columns (N, C kH kW, L) added up to (N, C, H, W). Mirrors torch.nn.functional.fold."""
    space = pairs(output_size=output_size, kernel_size=kernel_size, dilation=dilation, padding=padding, stride=stride)
    size, kernel, dilation, padding, stride = space.values()
    shape = input.array.shape
    refuse("col2im_out_cpu", "iu", input.array)
    if len(shape) not in (2, 3) or 0 in shape[-2:]:
        raise RuntimeError(
            "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for input, but got: "
            f"{list(shape)}"
        )
    d = len(shape) - 2
    if shape[d] % math.prod(kernel):
        raise RuntimeError(
            f"Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)={shape[d]} and "
            f"kernel_size={kernel}."
        )
    count = counts(tuple([s + 2 * p for s, p in zip(size, padding)]), kernel, stride, dilation)
    if shape[d + 1] != math.prod(count):
        raise RuntimeError(
            f"Given output_size={size}, kernel_size={kernel}, dilation={dilation}, padding={padding}, stride={stride}, expected size of "
            f"input's dimension 2 to match the calculated number of sliding blocks {count[0]} * {count[1]} = {math.prod(count)}, but got "
            f"input.size(2)={shape[d + 1]}."
        )
    return apply(Col2Im, input, size=size, kernel=kernel, stride=stride, padding=padding, dilation=dilation)


def pairs(**given: Any) -> dict[str, Ints]:
    """Each setting as (height, width)."""
    both = {name: (value, value) if isinstance(value, int) else tuple(value) for name, value in given.items()}
    for name, pair in both.items():
        if len(pair) != 2:
            raise RuntimeError(f"It is expected {name} equals to 2, but got size {len(pair)}")
    for name, short in (("kernel_size", "kernel"), ("dilation", "dilation"), ("padding", "pad"), ("stride", "stride")):
        if min(both[name]) < (name != "padding"):
            bound = "should be non-negative" if name == "padding" else "should be greater than zero"
            h, w = both[name]
            raise RuntimeError(f"{name.replace('_', ' ')} {bound}, but got {short}_height: {h} {short}_width: {w}")
    return both
