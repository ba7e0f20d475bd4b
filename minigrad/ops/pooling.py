"""Pooling: the maximum or the mean of each window of (N, C, *size), in 1, 2 or 3 dimensions.

Each is a loop over the places in the window, not over windows: at each place, one strided slice of the array serves all windows.
"""
from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.rule import Rule, apply, on
from ..autograd.variable import wrap
from .family import refuse
from .masking import Kept
from .selection import plain
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
    def apart(self) -> bool:
        """Whether no element is in two windows."""
        return all([s >= k and d == 1 for s, k, d in zip(self.stride, self.kernel, self.dilation)])

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


class MaxPool2DWithIndices(Rule):
    """The largest of each window, and its place in the window: of equal ones the first, of NaNs the last."""

    def forward(x, *, space):
        lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
        slices = [values.copy() for values in space.slices(space.around(x, lowest))]  # strided they are read once, not thrice
        best = slices[0]
        place = np.zeros(best.shape, np.uint8 if len(slices) <= 256 else np.intp)
        for k, values in enumerate(slices[1:], 1):
            np.maximum(place, (values > best) * place.dtype.type(k), out=place)  # a later place has a higher number
            best = np.maximum(values, best)  # in this order: of 0.0 and -0.0, NumPy takes the second
        if x.dtype.kind == "f" and np.isnan(best).any():
            for k, values in enumerate(slices):
                place[np.isnan(values)] = k
        return best, place

    def grad_x(grads, out1, space):
        return on(MaxPoolSpread, grads[0], plain(out1), space=space)


class MaxPool3DWithIndices(MaxPool2DWithIndices):
    """The largest of each window, and its place in the window."""


class MaxPoolSpread(Rule):
    """x put at the chosen places of the windows, and added up where windows overlap: the gradient of maximum pooling."""

    node_name = "MaxPoolWithIndicesBackwardBackward0"

    def forward(x, place, *, space):
        total = space.empty(x)
        for k, target in reversed(list(enumerate(space.slices(total)))):  # so each element hears from its windows in order
            np.add(Kept.forward(x, place == k), 0.0 if space.apart else target, out=target)
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


# ---- functions


def max_pool(input: Tensor, kernel: Ints, stride: Ints, padding: Ints, dilation: Ints, ceil_mode: bool) -> tuple[Tensor, Indices]:
    """The maxima of windows, and where they were."""
    n, shape = len(kernel), input.array.shape
    check(kernel, stride, padding, dilation)
    if n == 3 and len(shape) in (4, 5) and 0 in shape[-4:]:
        raise RuntimeError(
            "max_pool3d_with_indices_out_cpu_template(): Expected input's non-batch dimensions to have positive length, but input has a "
            f"shape of {list(shape)} and non-batch dimension 0 has length zero!"
        )
    check_image(shape, n)
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
    check(kernel, stride, padding, (1,) * n)
    if len(shape) < n + 1 and n == 2:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-len(shape)}, {len(shape) - 1}], but got -3)")
    check_image(shape, n)
    space = Space(shape[-n:], kernel, stride, padding, (1,) * n, ceil_mode)
    if n == 3 and any([size + 2 * p < k for size, p, k in zip(space.size, padding, kernel)]):
        told = [" ".join([f"{prefix}{name}: {v}" for name, v in zip("THW", values)]) for prefix, values in (("", space.size), ("k", kernel))]
        raise RuntimeError(f"input image ({told[0]}) smaller than kernel size ({told[1]})")
    check_output(shape, space)
    refuse(f"avg_pool{n}d", "b", input.array)
    divisor = space.divisor(count_include_pad) if divisor_override is None else np.asarray(divisor_override)
    kind = np.int64 if input.array.dtype.kind in "iu" else input.array.dtype
    return apply(AvgPool2D if n == 2 else AvgPool3D, input, space=space, divisor=divisor.astype(kind))


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
    if any([p > k // 2 for p, k in zip(space.padding, space.kernel)]):
        if n == 2:
            (p_h, p_w), (k_h, k_w) = space.padding, space.kernel
            told = f"padW = {p_w}, padH = {p_h}, kW = {k_w}, kH = {k_h}"
        else:
            told = " ".join([f"{key}{d}: {values[i]}" for key, values in (("k", space.kernel), ("pad", space.padding)) for i, d in zip((0, 2, 1), "TWH")])
        raise RuntimeError(f"pad should be smaller than or equal to half of kernel size, but got {told}")
    if min(space.count) < 1:
        given, got = [f"({'x'.join(map(str, (shape[-n - 1], *size)))})" for size in (space.size, space.count)]
        raise RuntimeError(f"Given input size: {given}. Calculated output size: {got}. Output size is too small")
