"""Pooling: the maximum or the mean of each window of (N, C, *size), in 1, 2 or 3 dimensions.

Each is a loop over the places in the window, not over windows: at each place, one strided slice of the array serves all windows.
"""
from __future__ import annotations

import math
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.rule import Rule, apply, on
from ..autograd.variable import wrap
from .family import refuse
from .masking import Kept
from .places import add_at
from .reduce import mean, plain
from .windows import Ints, corners, inner, padded

if TYPE_CHECKING:
    from ..tensor import Tensor

# ---- regular windows


class Space:
    """Where the windows lie."""

    __slots__ = ("size", "kernel", "stride", "padding", "dilation", "count")

    def __init__(self, size: Ints, kernel: Ints, stride: Ints, padding: Ints, dilation: Ints, ceil_mode: bool) -> None:
        self.size, self.kernel, self.stride, self.padding, self.dilation = size, kernel, stride, padding, dilation
        self.count = tuple([self.fitting(*one, ceil_mode) for one in zip(size, kernel, stride, padding, dilation)])

    def fitting(self, n: int, k: int, s: int, p: int, d: int, ceil_mode: bool) -> int:
        room = n + 2 * p - d * (k - 1) - 1
        count = (room + (s - 1 if ceil_mode else 0)) // s + 1
        return count - 1 if ceil_mode and (count - 1) * s >= n + p else count  # the last must start within input or left margin

    @property
    def after(self) -> Ints:
        """How far the windows reach over the end."""
        reach = [(m - 1) * s + d * (k - 1) + 1 for m, s, d, k in zip(self.count, self.stride, self.dilation, self.kernel)]
        return tuple([max(0, r - n - p) for r, n, p in zip(reach, self.size, self.padding)])

    def around(self, x: np.ndarray, value: Any) -> np.ndarray:
        """x with its margins."""
        return padded(x, self.padding, value, self.after)

    def slices(self, x: np.ndarray) -> Any:
        """For each place in the window, the elements of x that are there."""
        return [x[where] for _, where in corners(self.kernel, self.stride, self.dilation, self.count)]

    def empty(self, values: np.ndarray) -> np.ndarray:
        """Zeros of the size with margins, to add to."""
        size = [n + p + a for n, p, a in zip(self.size, self.padding, self.after)]
        return np.zeros(values.shape[: -len(size)] + tuple(size), values.dtype)

    def within(self, total: np.ndarray) -> np.ndarray:
        """Without the margins."""
        return np.ascontiguousarray(total[inner(self.size, self.padding)])

    def indices(self, place: np.ndarray) -> np.ndarray:
        """The chosen places in the window as indices into the flattened image."""
        index: Any = 0
        offsets = np.unravel_index(place, self.kernel)
        for d, (offset, n, m) in enumerate(zip(offsets, self.size, self.count)):
            start = np.arange(m) * self.stride[d] - self.padding[d]
            index = index * n + start.reshape([-1 if e == d else 1 for e in range(len(self.size))]) + offset * self.dilation[d]
        return index

    def divisor(self, include_pad: bool) -> Any:
        """How many elements the mean of each window is over; the margin counts, unless told otherwise, what is beyond it does not."""
        lengths = []
        for n, k, s, p, m in zip(self.size, self.kernel, self.stride, self.padding, self.count):
            start = np.arange(m) * s - p
            end = np.minimum(start + k, n + p)
            lengths.append(end - start if include_pad else np.minimum(end, n) - np.maximum(start, 0))
        return reduce(np.multiply.outer, lengths)


class MaxPool(Rule, abstract=True):
    """The largest of each window, and its place in the window: of equal ones the first, of NaNs the last."""

    def forward(x, *, space):
        lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
        slices = space.slices(space.around(x, lowest))
        best = reduce(np.maximum, slices[1:], slices[0].copy())
        place = np.zeros(best.shape, np.uint8 if len(slices) <= 256 else np.intp)
        for k in range(len(slices) - 1, -1, -1):
            place -= (place - place.dtype.type(k)) * (slices[k] == best)
        if x.dtype.kind == "f" and np.isnan(best).any():
            for k, values in enumerate(slices):
                place[np.isnan(values)] = k
        return best, place

    def grad_x(grads, out1, space):
        return on(MaxPoolSpread, grads[0], plain(out1), space=space)


def max_pool_rule(name: str) -> type[Rule]:
    body = {key: MaxPool.__dict__[key] for key in ("__doc__", "forward", "grad_x")}
    return type(name, (Rule,), {"__slots__": (), "__module__": __name__, "node_name": f"{name}Backward0", **body})


MaxPool2DWithIndices, MaxPool3DWithIndices = [max_pool_rule(f"MaxPool{n}DWithIndices") for n in (2, 3)]


class MaxPoolSpread(Rule):
    """x put at the chosen places of the windows, and added up where windows overlap: the gradient of MaxPool."""

    node_name = "MaxPoolWithIndicesBackwardBackward0"

    def forward(x, place, *, space):
        total = space.empty(x)
        for k, target in reversed(list(enumerate(space.slices(total)))):  # so each element hears from its windows in order
            target += Kept.forward(x, place == k)
        return space.within(total)

    def grad_x(grad, place, space):
        return on(MaxPoolPick, grad, place, space=space)


class MaxPoolPick(Rule):
    """The elements of x at the chosen places of the windows."""

    def forward(x, place, *, space):
        picked = [Kept.forward(values, place == k) for k, values in enumerate(space.slices(space.around(x, 0)))]
        return reduce(np.add, picked)

    def grad_x(grad, place, space):
        return on(MaxPoolSpread, grad, place, space=space)


class AvgPool2D(Rule):
    """The mean of each window."""

    tier = "T3"

    def forward(x, *, space, divisor):
        slices = space.slices(space.around(x, 0))
        total = reduce(np.add, slices[1:], slices[0])
        return (total / divisor).astype(x.dtype, copy=False)

    def grad_x(grad, space, divisor):
        return on(AvgPoolSpread, grad, space=space, divisor=divisor)


class AvgPool3D(AvgPool2D):
    """The mean of each window."""


class AvgPoolSpread(Rule):
    """x shared out among the elements of its window: the gradient of AvgPool."""

    node_name = "AvgPoolBackwardBackward0"
    tier = "T3"

    def forward(x, *, space, divisor):
        share, total = (x / divisor).astype(x.dtype), space.empty(x)
        for target in space.slices(total):
            target += share
        return space.within(total)

    def grad_x(grad, space, divisor):
        return on(AvgPool2D, grad, space=space, divisor=divisor)


# ---- adaptive windows: `count` of them, which cover a dimension as evenly as can be


def bounds(n: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the windows start and end."""
    i = np.arange(count)
    return i * n // max(count, 1), -(-(i + 1) * n // max(count, 1))


class AdaptiveAvgPool2D(Rule):
    """The means of windows that cover the last dimensions evenly."""

    tier = "T3"

    def forward(x, *, size):
        for dim, count in enumerate(size, -len(size)):
            start, end = bounds(x.shape[dim], count)
            if count:
                x = np.moveaxis(x, dim, -1)
                x = np.concatenate([x, np.zeros((*x.shape[:-1], 1), x.dtype)], -1)  # for an end is an index too
                total = np.add.reduceat(x, np.stack([start, end], 1).reshape(-1), -1)[..., ::2]
                x = np.moveaxis(total / (end - start).astype(x.dtype), -1, dim)
            else:
                x = np.take(x, [], dim)
        return np.ascontiguousarray(x)

    def grad_x(grad, x_shape, size):
        return on(AdaptiveAvgPoolSpread, grad, shape=x_shape, size=size)


class AdaptiveAvgPool3D(AdaptiveAvgPool2D):
    """The means of windows that cover the last dimensions evenly."""


class AdaptiveAvgPoolSpread(Rule):
    """x shared out among the elements of its window: the gradient of AdaptiveAvgPool."""

    node_name = "AdaptiveAvgPoolBackwardBackward0"
    tier = "T3"

    def forward(x, *, shape, size):
        for dim, count in enumerate(size, len(shape) - len(size)):
            total = np.zeros((*x.shape[:dim], shape[dim], *x.shape[dim + 1 :]), x.dtype)
            target, values = np.moveaxis(total, dim, 0), np.moveaxis(x, dim, 0)
            for i, (start, end) in enumerate(zip(*bounds(shape[dim], count))):
                target[start:end] += values[i] / x.dtype.type(end - start)
            x = total
        return x

    def grad_x(grad, size):
        return on(AdaptiveAvgPool2D, grad, size=size)


class AdaptiveMaxPool2D(Rule):
    """The elements at `indices` into the flattened last n dimensions."""

    def forward(x, indices, *, n):
        flat = x.reshape(*x.shape[:-n], math.prod(x.shape[-n:]))
        return np.take_along_axis(flat, indices.reshape(*x.shape[:-n], math.prod(indices.shape[-n:])), -1).reshape(indices.shape)

    def grad_x(grad, indices, x_shape, n):
        return on(AdaptiveMaxPoolSpread, grad, indices, size=x_shape[-n:])


class AdaptiveMaxPool3D(AdaptiveMaxPool2D):
    """The elements at `indices` into the flattened last n dimensions."""


class AdaptiveMaxPoolSpread(Rule):
    """x added up at `indices` into flattened zeros: the gradient of AdaptiveMaxPool."""

    node_name = "AdaptiveMaxPoolBackwardBackward0"
    tier = "T3"

    def forward(x, indices, *, size):
        lead, whole = x.shape[: x.ndim - len(size)], math.prod(size)
        start = np.arange(math.prod(lead)) * whole
        place = indices.reshape(len(start), math.prod(x.shape[len(lead) :])) + start[:, None]
        return add_at(np.zeros((*lead, *size), x.dtype), place, x)

    def grad_x(grad, indices, size):
        return on(AdaptiveMaxPool2D, grad, indices, n=len(size))


class MaxUnpool2D(Rule):
    """Zeros, with x at `indices` into the flattened image."""

    def forward(x, indices, *, size):
        lead = x.shape[: x.ndim - len(size)]
        total = np.zeros((*lead, math.prod(size)), x.dtype)
        np.put_along_axis(total, indices.reshape(*lead, math.prod(x.shape[len(lead) :])), x.reshape(*lead, math.prod(x.shape[len(lead) :])), -1)
        return total.reshape(*lead, *size)

    def grad_x(grad, indices, size):
        return on(AdaptiveMaxPool2D, grad, indices, n=len(size))


class MaxUnpool3D(MaxUnpool2D):
    """Zeros, with x at `indices` into the flattened volume."""


# ---- functions


def max_pool(input: Tensor, kernel: Ints, stride: Ints, padding: Ints, dilation: Ints, ceil_mode: bool) -> tuple[Tensor, Indices]:
    """The maxima of windows, and where they were."""
    n, shape = len(kernel), input.array.shape
    check_image(shape, n)
    check(kernel, stride, padding, dilation)
    space = Space(shape[-n:], kernel, stride, padding, dilation, ceil_mode)
    check_output(shape, space)
    refuse(f"max_pool{n}d", "b", input.array)
    out, place = apply(MaxPool2DWithIndices if n == 2 else MaxPool3DWithIndices, input, space=space)
    return out, Indices(space, place.array)


class Indices:
    """Where the maxima were, for who asks."""

    __slots__ = ("space", "place")

    def __init__(self, space: Space, place: np.ndarray) -> None:
        self.space, self.place = space, place

    def tensor(self) -> Tensor:
        """As indices into the flattened images."""
        return wrap(np.asarray(self.space.indices(self.place), np.int64))


def avg_pool(input: Tensor, kernel: Ints, stride: Ints, padding: Ints, ceil_mode: bool, count_include_pad: bool,
             divisor_override: int | None) -> Tensor:
    """The means of windows."""
    n, shape = len(kernel), input.array.shape
    if divisor_override == 0:
        raise RuntimeError("divisor must be not zero")
    if len(shape) < n + 1 and n == 2:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-len(shape)}, {len(shape) - 1}], but got -3)")
    check_image(shape, n)
    check(kernel, stride, padding, (1,) * n)
    space = Space(shape[-n:], kernel, stride, padding, (1,) * n, ceil_mode)
    if n == 3 and any([size + 2 * p < k for size, p, k in zip(space.size, padding, kernel)]):
        told = [" ".join([f"{prefix}{name}: {v}" for name, v in zip("THW", values)]) for prefix, values in (("", space.size), ("k", kernel))]
        raise RuntimeError(f"input image ({told[0]}) smaller than kernel size ({told[1]})")
    check_output(shape, space)
    refuse(f"avg_pool{n}d", "b", input.array)
    divisor = space.divisor(count_include_pad) if divisor_override is None else np.asarray(divisor_override)
    kind = np.int64 if input.array.dtype.kind in "iu" else input.array.dtype
    return apply(AvgPool2D if n == 2 else AvgPool3D, input, space=space, divisor=divisor.astype(kind))


def adaptive_avg_pool(input: Tensor, size: Ints) -> Tensor:
    """The means of windows that cover the last dimensions evenly."""
    shape, n = check_adaptive(input, size, "avg")
    if set(size) == {1}:
        return mean(input, tuple(range(-n, 0)), keepdim=True)
    refuse(f"adaptive_avg_pool{n}d", "biu", input.array)
    return apply(AdaptiveAvgPool2D if n == 2 else AdaptiveAvgPool3D, input, size=size)


def adaptive_max_pool(input: Tensor, size: Ints) -> tuple[Tensor, Tensor]:
    """The maxima of windows that cover the last dimensions evenly, and their indices into the flattened images.

    Windows that differ in size are made equal by repeating their last elements; where they are then regular.
    """
    shape, n = check_adaptive(input, size, "max")
    refuse(f"adaptive_max_pool{n}d", "biu", input.array)
    x, positions = input.array, np.arange(math.prod(shape[-n:])).reshape(shape[-n:])
    kernel: list[int] = []
    for dim, count in enumerate(size, -n):
        start, end = bounds(shape[dim], count)
        width = int((end - start).max(initial=1))
        take = np.minimum(start[:, None] + np.arange(width), end[:, None] - 1).reshape(-1)
        x, positions, kernel = np.take(x, take, dim), np.take(positions, take, dim), [*kernel, width]
    if x.size:
        space = Space(x.shape[-n:], tuple(kernel), tuple(kernel), (0,) * n, (1,) * n, False)
        indices = positions.reshape(-1)[space.indices(MaxPool.__dict__["forward"](x, space=space)[1])]
    else:
        indices = np.zeros((*shape[:-n], *size), np.int64)
    chosen = wrap(indices)
    return apply(AdaptiveMaxPool2D if n == 2 else AdaptiveMaxPool3D, input, chosen, n=n), chosen


def max_unpool(input: Tensor, indices: Tensor, size: Ints) -> Tensor:
    """Zeros of a size, with input at `indices` into the flattened images."""
    n = len(size)
    if indices.array.dtype != np.int64:
        raise RuntimeError(f"elements in indices should be type int64 but got: {indices.dtype.scalar_name}")
    if indices.array.shape != input.array.shape:
        raise RuntimeError(
            f"Expected shape of indices to be same as that of the input tensor ({list(input.array.shape)}) but got indices tensor with "
            f"shape: {list(indices.array.shape)}"
        )
    wrong = indices.array[(indices.array < 0) | (indices.array >= math.prod(size))]
    if wrong.size:
        volume = "x".join(map(str, size))
        raise RuntimeError(f"Found an invalid max index: {wrong[-1]} (output volumes are of size {volume})")
    return apply(MaxUnpool2D if n == 2 else MaxUnpool3D, input, indices, size=size)


# ---- what can be wrong


def check(kernel: Ints, stride: Ints, padding: Ints, dilation: Ints) -> None:
    if 0 in stride:
        raise RuntimeError("stride should not be zero")
    for p, k, d in zip(padding, kernel, dilation):
        if p < 0:
            raise RuntimeError(f"pad must be non-negative, but got pad: {p}")
        if d > 0 and p > ((k - 1) * d + 1) // 2:
            raise RuntimeError(
                f"pad should be at most half of effective kernel size, but got pad={p}, kernel_size={k} and dilation={d}"
            )
    if min(dilation) < 1:
        told = " ".join([f"dilation{name}: {d}" for name, d in zip("HW" if len(dilation) == 2 else "THW", dilation)])
        raise RuntimeError(f"dilation should be greater than zero, but got {told}")


def check_image(shape: Ints, n: int) -> None:
    if len(shape) not in (n + 1, n + 2):
        raise RuntimeError(f"non-empty {n + 1}D or {n + 2}D (batch mode) tensor expected for input")
    if 0 in shape[len(shape) - n - 1 :]:
        raise RuntimeError(
            f"Expected {n + 1}D or {n + 2}D (batch mode) tensor with optional 0 dim batch size for input, but got:{list(shape)}"
        )


def check_output(shape: Ints, space: Space) -> None:
    n = len(space.size)
    if min(space.count) < 1:
        given, got = [f"({'x'.join(map(str, (shape[-n - 1], *size)))})" for size in (space.size, space.count)]
        raise RuntimeError(f"Given input size: {given}. Calculated output size: {got}. Output size is too small")


def check_adaptive(input: Tensor, size: Ints, kind: str) -> tuple[Ints, int]:
    shape, n = input.array.shape, len(size)
    name = f"adaptive_{kind}_pool{n}d"
    if len(shape) not in (n + 1, n + 2):
        colon = ":" if kind == "max" else ""
        raise RuntimeError(f"{name}(): Expected {n + 1}D or {n + 2}D tensor, but got{colon} {list(shape)}")
    if min(size) < 0:
        told = ", ".join(map(str, size))
        raise RuntimeError(f"{name}: elements of output_size must be greater than or equal to 0 but received {{{told}}}")
    for dim in range(len(shape) - n, len(shape)):
        if not shape[dim]:
            raise RuntimeError(
                f"{name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes {list(shape)} with "
                f"dimension {dim} being empty"
            )
    return shape, n
