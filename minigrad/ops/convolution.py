"""Convolution, and its transpose. One node for all: in 1, 2 or 3 dimensions, with groups, either way round.

The three arrays of a convolution, x (N, C, *size), weight (O, C / groups, *kernel) and y (N, O, *count), are tied by one
trilinear form, the sum of x weight y over all windows. `correlate`, `spread` and `overlap` are its derivatives by y, x and weight,
and so each has the other two as its gradients. Each is one matrix product per image with the image's windows as columns; these are
copied for some images at a time, so that they stay in the processor's cache.
"""
from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.rule import Rule, apply, on
from ..autograd.variable import TensorBase
from .arguments import must_be
from .convolution_errors import check
from .family import constant
from .padding import constant_pad_nd
from .shape import squeeze, unsqueeze
from .windows import Ints, add_windows, counts, inner, padded, tupled, windows

if TYPE_CHECKING:
    from ..tensor import Tensor

BLOCK = 1 << 18  # elements
MANY = 32  # images

# ---- the trilinear form


def correlate(x: np.ndarray, weight: np.ndarray, count: Ints | None, stride: Ints, padding: Ints, dilation: Ints, groups: int) -> np.ndarray:
    """y from x and weight."""
    x, out, kernel = padded(x, padding), len(weight), weight.shape[2:]
    count = counts(x.shape[2:], kernel, stride, dilation) if count is None else count
    lay = Layout(len(x), groups, x.shape[1] // groups * math.prod(kernel), count)
    y = np.empty((len(x), groups, out // groups, lay.windows), x.dtype)
    filters = weight.reshape(groups, out // groups, lay.height)
    for images in lay.blocks():
        column = lay.columns(windows(lay.laid(x[images]), kernel, stride, dilation, count), lay.height)
        if lay.together:
            y[images] = lay.as_images(product(filters, column), y[images].shape)
        else:
            np.matmul(filters, column, out=y[images])
    return y.reshape(len(x), out, *count)


def overlap(x: np.ndarray, y: np.ndarray, kernel: Ints, stride: Ints, padding: Ints, dilation: Ints, groups: int) -> np.ndarray:
    """weight from x and y."""
    x, out, count = padded(x, padding), y.shape[1], y.shape[2:]
    lay = Layout(len(x), groups, x.shape[1] // groups * math.prod(kernel), count)
    weight = np.zeros((groups, out // groups, lay.height), x.dtype)
    for images in lay.blocks():
        column = lay.columns(windows(lay.laid(x[images]), kernel, stride, dilation, count), lay.height)
        found = product(lay.columns(y[images], out // groups), column.swapaxes(-1, -2))
        weight += found if lay.together else np.add.reduce(found)
    return weight.reshape(out, x.shape[1] // groups, *kernel)


def spread(y: np.ndarray, weight: np.ndarray, size: Ints, stride: Ints, padding: Ints, dilation: Ints, groups: int) -> np.ndarray:
    """x, of a size, from y and weight."""
    out, channels, *kernel = weight.shape
    count, around = y.shape[2:], [s + 2 * p for s, p in zip(size, padding)]
    lay = Layout(len(y), groups, channels * math.prod(kernel), count)
    filters = weight.reshape(groups, out // groups, lay.height).swapaxes(1, 2)
    x = np.empty((len(y), groups * channels, *size), y.dtype)
    for images in lay.blocks():
        rows = lay.columns(y[images], out // groups)
        total = lay.zeros((len(y[images]), groups * channels, *around), y.dtype)
        values = lay.as_images(np.matmul(filters, rows), (len(total), groups * channels, *kernel, *count))
        add_windows(total, values, tuple(kernel), stride, dilation)
        x[images] = total[inner(size, padding)]
    return x


def product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a b, as (bᵀ aᵀ)ᵀ: a has few rows, and OpenBLAS takes up to twice as long when the matrix with few rows comes first."""
    return np.matmul(b.swapaxes(-1, -2), a.swapaxes(-1, -2)).swapaxes(-1, -2)


class Layout:
    """How windows are laid out as columns of matrices, for some images at a time, so that they stay in the cache.

    A matrix for each image, (images, groups, height, windows). Or, where images are many and rows of windows short, a matrix for
    these images `together`, (groups, height, windows x images): with images innermost in memory, all that is copied and added
    is in long pieces.
    """

    def __init__(self, n: int, groups: int, height: int, count: Ints) -> None:
        self.n, self.groups, self.height, self.windows = n, groups, height, math.prod(count)
        self.step = max(1, BLOCK // max(1, groups * height * self.windows))
        self.together = n >= 4 * count[-1] and n >= MANY
        if self.together:
            self.step = max(self.step, MANY)

    def blocks(self) -> Iterator[slice]:
        for start in range(0, self.n, self.step):
            yield slice(start, start + self.step)

    def laid(self, x: np.ndarray) -> np.ndarray:
        """The same images, innermost in memory if these are taken together."""
        return np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 0, -1)), -1, 0) if self.together else x

    def zeros(self, shape: Ints, dtype: np.dtype) -> np.ndarray:
        return np.moveaxis(np.zeros((*shape[1:], shape[0]), dtype), -1, 0) if self.together else np.zeros(shape, dtype)

    def columns(self, values: np.ndarray, high: int) -> np.ndarray:
        """(N, channels, ..., *windows) as matrices, so many rows high."""
        n, groups = len(values), self.groups
        if self.together:
            return np.moveaxis(values, 0, -1).reshape(groups, high, self.windows * n)
        return values.reshape(n, groups, high, self.windows)

    def as_images(self, matrices: np.ndarray, shape: Ints) -> np.ndarray:
        """The other way round."""
        return np.moveaxis(matrices.reshape(*shape[1:], shape[0]), -1, 0) if self.together else matrices.reshape(shape)


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
