"""Elements repeated, reversed, moved around, or cut off: repeat, tile, flip, roll, tril, triu. All of them copy."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.rule import Rule, apply, on
from ..autograd.variable import TensorBase, wrap
from .arguments import ints
from .broadcast import expand
from .copies import Clone
from .family import normalize_dim, normalize_dims, refuse
from .shape import flatten, unsqueeze
from .slices import index_select

if TYPE_CHECKING:
    from ..tensor import Tensor

# ---- rules


class Repeat(Rule):
    """The tensor laid side by side, some times in each dimension."""

    def forward(x, *, repeats):
        return np.tile(x, repeats)

    def grad_x(grad, x_shape, repeats):
        padded = (1,) * (len(repeats) - len(x_shape)) + x_shape
        split = [n for pair in zip(repeats, padded) for n in pair]
        return np.add.reduce(grad.reshape(split), axis=tuple(range(0, len(split), 2))).reshape(x_shape)


class Flip(Rule):
    """The order reversed in some dimensions."""

    def forward(x, *, dims):
        return np.flip(x, dims).copy("K")

    def grad_x(grad, dims):
        return on(Flip, grad, dims=dims)


class Roll(Rule):
    """The elements moved along dimensions; what leaves at the end comes back at the start."""

    def forward(x, *, shifts, dims):
        return np.roll(x, shifts, dims)

    def grad_x(grad, shifts, dims):
        return on(Roll, grad, shifts=tuple([-s for s in shifts]), dims=dims)


class Tril(Rule):
    """The lower triangle of matrices, zero elsewhere."""

    def forward(x, *, diagonal):
        return np.tril(x, diagonal)

    def grad_x(grad, diagonal):
        return on(Tril, grad, diagonal=diagonal)


class Triu(Rule):
    """The upper triangle of matrices, zero elsewhere."""

    def forward(x, *, diagonal):
        return np.triu(x, diagonal)

    def grad_x(grad, diagonal):
        return on(Triu, grad, diagonal=diagonal)


# ---- functions


def repeat(input: Tensor, *repeats: Any) -> Tensor:
    """The tensor laid side by side, some times in each dimension, as a copy. Mirrors torch.Tensor.repeat."""
    times = ints(repeats, "repeat", "repeats")
    shape = input.array.shape
    if len(times) < len(shape):
        raise RuntimeError(
            "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor"
        )
    result = [n * m for n, m in zip(times, (1,) * (len(times) - len(shape)) + shape)]
    for n in result:
        if n < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: {result}")
    return apply(Repeat, input, repeats=times)


def tile(input: Tensor, *dims: Any) -> Tensor:
    """`repeat`, with missing repeats taken as 1. Mirrors torch.tile."""
    times = ints(dims, "tile", "dims")
    return repeat(input, (1,) * (input.array.ndim - len(times)) + times)


def repeat_interleave(
    input: Tensor, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None
) -> Tensor:
    """Each element (or slice) repeated on the spot, as often as `repeats` says. Mirrors torch.repeat_interleave."""
    if repeats is None:  # the function of one argument: the numbers 0, 1, ... as often as the argument says
        input, repeats = wrap(np.arange(input.array.size)), input
    x = flatten(input) if dim is None else input
    d = normalize_dim(0 if dim is None else dim, x.array.ndim)
    n = x.array.shape[d]
    counts = repeats.array if isinstance(repeats, TensorBase) else np.asarray(repeats)
    refuse("repeat_interleave_cpu", "fb", counts)
    if (counts < 0).any():
        raise RuntimeError("Repeats must be non-negative")
    if not isinstance(repeats, TensorBase):
        repeated = expand(unsqueeze(x, d + 1), *x.array.shape[: d + 1], counts.item(), *x.array.shape[d + 1 :])
        return flatten(apply(Clone, repeated, order="C"), d, d + 1)
    if counts.size == 1:
        counts = np.full(n, counts)
    if counts.size != n:
        raise RuntimeError(
            "repeats must have the same size as input along dim, but got "
            f"repeats.size(0) = {counts.size} and input.size({d}) = {n}"
        )
    return index_select(x, d, wrap(np.repeat(np.arange(n), counts)))


def flip(input: Tensor, *positional: Any, dims: Any = None) -> Tensor:
    """The order reversed in some dimensions, as a copy. Mirrors torch.flip."""
    axes = ints(positional if dims is None else (dims,), "flip", "dims")
    return apply(Flip, input, dims=normalize_dims(axes, input.array.ndim) if axes else ())


def roll(input: Tensor, shifts: Any, dims: Any = None) -> Tensor:
    """The elements moved along dimensions, coming back at the start. Mirrors torch.roll."""
    if shifts == ():
        raise RuntimeError("`shifts` required")
    if dims is not None and not input.array.ndim:
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    moves = tuple(shifts) if isinstance(shifts, (tuple, list)) else (shifts,)
    axes = () if dims is None else tuple(dims) if isinstance(dims, (tuple, list)) else (dims,)
    if len(moves) != len(axes) and (axes or len(moves) > 1):
        raise RuntimeError(f"shifts and dimensions must align. shifts: {len(moves)}, dims:{len(axes)}")
    return apply(Roll, input, shifts=moves, dims=tuple([normalize_dim(d, input.array.ndim) for d in axes]) or None)


def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """The lower triangle of matrices, zero elsewhere. Mirrors torch.tril."""
    return apply(Tril, matrices("tril", input), diagonal=diagonal)


def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """The upper triangle of matrices, zero elsewhere. Mirrors torch.triu."""
    return apply(Triu, matrices("triu", input), diagonal=diagonal)


def matrices(name: str, input: Tensor) -> Tensor:
    if input.array.ndim < 2:
        raise RuntimeError(f"{name}: input tensor must have at least 2 dimensions")
    return input
