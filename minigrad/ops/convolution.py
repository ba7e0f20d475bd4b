"""Convolution, and its transpose. One node for all: in 1, 2 or 3 dimensions, with groups, either way round.

The three arrays of a convolution, x (N, C, *size), weight (O, C / groups, *kernel) and y (N, O, *count), are tied by one
trilinear form, the sum of x weight y over all windows. `correlate`, `spread` and `overlap` are its derivatives by y, x and weight,
and so each has the other two as its gradients. Each is a few matrix products per image with the image's windows as columns
(lowering.py); these are copied for some images at a time, so that they stay in the processor's cache.
"""
from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.rule import Rule, apply, on
from ..autograd.variable import TensorBase
from .arguments import must_be
from .convolution_errors import check
from .family import constant
from .lowering import Whole, lowering
from .padding import constant_pad_nd
from .shape import squeeze, unsqueeze
from .windows import Ints, counts, inner, padded, tupled

if TYPE_CHECKING:
    from ..tensor import Tensor

BLOCK = 1 << 17  # elements

# ---- the trilinear form


def correlate(x: np.ndarray, weight: np.ndarray, count: Ints | None, stride: Ints, padding: Ints, dilation: Ints, groups: int) -> np.ndarray:
    """y from x and weight."""
    x, out, kernel = padded(x, padding), len(weight), weight.shape[2:]
    count = counts(x.shape[2:], kernel, stride, dilation) if count is None else count
    lay = lowering(groups, weight.shape[1], x.shape[2:], kernel, stride, dilation, count)
    y, filters = np.empty((len(x), groups, out // groups, math.prod(count)), x.dtype), lay.filters(weight)
    for images in blocks(len(x), lay):
        lay.correlate(x[images], filters, y[images])
    return y.reshape(len(x), out, *count)


def overlap(x: np.ndarray, y: np.ndarray, kernel: Ints, stride: Ints, padding: Ints, dilation: Ints, groups: int) -> np.ndarray:
    """weight from x and y."""
    x, out, count = padded(x, padding), y.shape[1], y.shape[2:]
    lay = lowering(groups, x.shape[1] // groups, x.shape[2:], kernel, stride, dilation, count)
    y = y.reshape(len(y), groups, out // groups, math.prod(count))
    return lay.weight(reduce(np.add, [lay.overlap(x[images], y[images]) for images in blocks(len(x), lay)]))


def spread(y: np.ndarray, weight: np.ndarray, size: Ints, stride: Ints, padding: Ints, dilation: Ints, groups: int) -> np.ndarray:
    """x, of a size, from y and weight."""
    out, channels, *kernel = weight.shape
    count, around = y.shape[2:], tuple([s + 2 * p for s, p in zip(size, padding)])
    lay = lowering(groups, channels, around, tuple(kernel), stride, dilation, count)
    x, filters = np.empty((len(y), groups * channels, *size), y.dtype), lay.filters(weight)
    y = y.reshape(len(y), groups, out // groups, math.prod(count))
    for images in blocks(len(y), lay):
        x[images] = lay.spread(y[images], filters)[inner(size, padding)]
    return x


def blocks(n: int, lay: Whole) -> Iterator[slice]:
    """So many images at a time that their columns stay in the processor's cache."""
    step = max(1, BLOCK // max(1, lay.elements))
    for start in range(0, max(1, n), step):
        yield slice(start, start + step)


# ---- rules


NO_BIAS = np.ones(())


class Convolution(Rule):
    """y = weight * x + bias; transposed, it takes y to x, of `size`."""

    tier = "T3"

    def forward(x, weight, bias, *, size, stride, padding, dilation, transposed, groups):
        if x.dtype.itemsize < 4 and x.dtype.kind == "f":  # half precision is summed in single, and rounded once
            x, weight, half = x.astype(np.float32), weight.astype(np.float32), x.dtype
        else:
            half = None
        run = spread if transposed else correlate
        out = run(x, weight, size, stride, padding, dilation, groups)
        if bias.ndim:  # in the place of a bias that there is not stands a number
            out += bias.reshape(-1, *[1] * len(stride))
        return out if half is None else out.astype(half)

    def grad_x(grad, weight, x_shape, stride, padding, dilation, transposed, groups):
        return on(Convolution, grad, weight, NO_BIAS, size=x_shape[2:], stride=stride, padding=padding, dilation=dilation,
                  transposed=not transposed, groups=groups)

    def grad_weight(grad, x, weight_shape, stride, padding, dilation, transposed, groups):
        x, y = (grad, x) if transposed else (x, grad)
        return on(ConvolutionWeight, x, y, kernel=weight_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups)

    def grad_bias(grad):
        return np.sum(grad, axis=(0, *range(2, grad.ndim)))


class ConvolutionWeight(Rule):
    """The gradient of a convolution's weight."""

    node_name = "ConvolutionBackwardBackward0"
    tier = "T3"

    def forward(x, y, *, kernel, stride, padding, dilation, groups):
        return overlap(x, y, kernel, stride, padding, dilation, groups)

    def grad_x(grad, y, x_shape, stride, padding, dilation, groups):
        return on(Convolution, y, grad, NO_BIAS, size=x_shape[2:], stride=stride, padding=padding, dilation=dilation, transposed=True, groups=groups)

    def grad_y(grad, x, y_shape, stride, padding, dilation, groups):
        return on(Convolution, x, grad, NO_BIAS, size=y_shape[2:], stride=stride, padding=padding, dilation=dilation, transposed=False, groups=groups)


# ---- functions


def conv1d(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
           groups: int = 1) -> Tensor:
    """(N, C, L) and (O, C / groups, K) to (N, O, L'). Mirrors torch.nn.functional.conv1d."""
    return convolution("conv1d", 1, input, weight, bias, stride, padding, 0, dilation, groups)


def conv2d(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
           groups: int = 1) -> Tensor:
    """(N, C, H, W) and (O, C / groups, kH, kW) to (N, O, H', W'). Mirrors torch.nn.functional.conv2d."""
    return convolution("conv2d", 2, input, weight, bias, stride, padding, 0, dilation, groups)


def conv3d(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
           groups: int = 1) -> Tensor:
    """(N, C, D, H, W) and (O, C / groups, kD, kH, kW) to (N, O, D', H', W'). Mirrors torch.nn.functional.conv3d."""
    return convolution("conv3d", 3, input, weight, bias, stride, padding, 0, dilation, groups)


def conv_transpose1d(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0,
                     output_padding: Any = 0, groups: int = 1, dilation: Any = 1) -> Tensor:
    """The gradient of conv1d, with weight (C, O / groups, K). Mirrors torch.nn.functional.conv_transpose1d."""
    return convolution("conv_transpose1d", 1, input, weight, bias, stride, padding, output_padding, dilation, groups, True)


def conv_transpose2d(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0,
                     output_padding: Any = 0, groups: int = 1, dilation: Any = 1) -> Tensor:
    """The gradient of conv2d, with weight (C, O / groups, kH, kW). Mirrors torch.nn.functional.conv_transpose2d."""
    return convolution("conv_transpose2d", 2, input, weight, bias, stride, padding, output_padding, dilation, groups, True)


def conv_transpose3d(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0,
                     output_padding: Any = 0, groups: int = 1, dilation: Any = 1) -> Tensor:
    """The gradient of conv3d, with weight (C, O / groups, kD, kH, kW). Mirrors torch.nn.functional.conv_transpose3d."""
    return convolution("conv_transpose3d", 3, input, weight, bias, stride, padding, output_padding, dilation, groups, True)


def convolution(name: str, n: int, input: Tensor, weight: Tensor, bias: Tensor | None, stride: Any, padding: Any, output_padding: Any,
                dilation: Any, groups: int, transposed: bool = False) -> Tensor:
    for position, (argument, x) in enumerate({"input": input, "weight": weight, "bias": bias}.items(), 1):
        if not isinstance(x, TensorBase) and (x is not None or position < 3):
            raise must_be("Tensor", name, argument, position, x)
    shape = input.array.shape
    if len(shape) not in (n + 1, n + 2):
        raise RuntimeError(f"Expected {n + 1}D (unbatched) or {n + 2}D (batched) input to {name}, but got input of size: {list(shape)}")
    if len(shape) == n + 1:
        images = unsqueeze(input, 0)
        return squeeze(convolution(name, n, images, weight, bias, stride, padding, output_padding, dilation, groups, transposed), 0)
    if weight.array.ndim < 3:
        raise RuntimeError("weight should have at least three dimensions")
    space = {"stride": stride, "padding": padding, "output_padding": output_padding, "dilation": dilation}
    margin = isinstance(padding, str) and (padding, space.update(padding=0))[0]
    space = {key: tupled(value, n, name, key) for key, value in space.items()}
    if margin:
        if margin not in ("same", "valid"):
            raise RuntimeError(f"Invalid padding string: '{margin}'")
        if margin == "same":
            input, space["padding"] = padded_to_same(input, weight, space)
    check(input.array, weight.array, bias, space, groups, transposed)
    size, kernel = input.array.shape[2:], weight.array.shape[2:]
    moves = list(zip(size, kernel, *space.values()))
    if transposed:
        size = tuple([(m - 1) * s - 2 * p + d * (k - 1) + extra + 1 for m, k, s, p, extra, d in moves])
    else:
        size = counts(tuple([m + 2 * p for m, k, s, p, *_ in moves]), kernel, space["stride"], space["dilation"])
    del space["output_padding"]
    return apply(Convolution, input, weight, constant(1, weight.array.dtype) if bias is None else bias, size=size, transposed=transposed, groups=groups, **space)


def padded_to_same(input: Tensor, weight: Tensor, space: dict[str, Any]) -> tuple[Tensor, Ints]:
    """The margin that keeps the size. Where it is odd, one more zero goes to the end."""
    n, k = input.array.ndim, weight.array.ndim
    if n != k:
        raise RuntimeError(
            f"Expected {k}-dimensional input for {k}-dimensional weight{list(weight.array.shape)}, but got {n}-dimensional input of size "
            f"{list(input.array.shape)} instead"
        )
    if any([s != 1 for s in space["stride"]]):
        raise RuntimeError("padding='same' is not supported for strided convolutions")
    totals = [d * (k - 1) for k, d in zip(weight.array.shape[2:], space["dilation"])]
    if any([total % 2 for total in totals]):
        warnings.warn(
            "Using padding='same' with even kernel lengths and odd dilation may require a zero-padded copy of the input be created",
            stacklevel=4,
        )
        input = constant_pad_nd(input, [side for total in reversed(totals) for side in (0, total % 2)])
    return input, tuple([total // 2 for total in totals])
