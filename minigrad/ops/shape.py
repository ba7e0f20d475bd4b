"""Another shape: view, reshape, flatten, squeeze, unsqueeze. Nothing is computed, and memory is shared as in PyTorch."""
from __future__ import annotations

import math
from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.inplace import address
from ..autograd.rule import Rule, apply
from ..autograd.variable import alias
from .arguments import check_tensor, ints
from .copies import Clone
from .family import normalize_dim, normalize_dims

if TYPE_CHECKING:
    from ..tensor import Tensor


class Size(tuple[int, ...]):
    """The shape of a tensor: a tuple that prints as torch.Size([2, 3]). Mirrors torch.Size."""

    __slots__ = ()

    def __new__(cls, sizes: Any = ()) -> Size:
        sizes = tuple(sizes)
        try:
            return tuple.__new__(cls, map(index, sizes))
        except TypeError:
            i, wrong = next((i, n) for i, n in enumerate(sizes) if not hasattr(n, "__index__"))
            raise TypeError(f"torch.Size() takes an iterable of 'int' (item {i} is '{type(wrong).__name__}')") from None

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"

    def numel(self) -> int:
        """The number of elements of such a tensor."""
        return math.prod(self)

    def __getitem__(self, index: Any) -> Any:
        found = tuple.__getitem__(self, index)
        return Size(found) if isinstance(index, slice) else found

    def __add__(self, other: Any) -> Size:
        return Size(tuple.__add__(self, other))

    def __radd__(self, other: Any) -> Size:
        return Size(tuple.__add__(other, self))

    def __mul__(self, times: Any) -> Size:
        return Size(tuple.__mul__(self, times))

    __rmul__ = __mul__


def numel(input: Tensor) -> int:
    """The number of elements. Mirrors torch.numel."""
    return input.array.size


# ---- rules


class View(Rule):
    """The same elements in another shape."""

    view = True

    def forward(x, *, shape):
        return x.reshape(shape)

    def grad_x(grad, x_shape):
        return grad.reshape(x_shape)


class ReshapeAlias(View):
    """As View, of elements that do not lie in order, but can be seen in that shape all the same."""


class UnsafeView(View):
    """As View, of a fresh result that nobody else can see."""

    view = False


class Alias(Rule):
    """All of it: x[...]."""

    view = True

    def forward(x):
        return x[...]

    def grad_x(grad):
        return grad


class Unsqueeze(Rule):
    """A dimension of size 1 inserted."""

    view = True

    def forward(x, *, dim):
        return x.reshape((*x.shape[:dim], 1, *x.shape[dim:]))

    def grad_x(grad, dim):
        return grad.squeeze(dim)


class Squeeze(Rule):
    """All dimensions of size 1 removed."""

    view = True

    def forward(x, *, dims):
        return x.squeeze(dims) if dims else x[...]

    def grad_x(grad, x_shape):
        return grad.reshape(x_shape)


class SqueezeDim(Squeeze):
    """One dimension removed if it is of size 1."""

    node_name = "SqueezeBackward1"


class SqueezeDims(Squeeze):
    """Some dimensions removed if they are of size 1."""

    node_name = "SqueezeBackward2"


def strided(x: np.ndarray, shape: tuple[int, ...], strides: tuple[int, ...]) -> np.ndarray:
    """The memory of x from its first element on, with another shape and other strides (in bytes)."""
    if x.flags.c_contiguous:
        return np.ndarray(shape, x.dtype, x, 0, strides)
    owner = x.base if isinstance(x.base, np.ndarray) else x
    return np.ndarray(shape, x.dtype, in_order(owner), address(x) - address(owner), strides)


def in_order(owner: np.ndarray) -> np.ndarray:
    """An array that fills its memory, with its dimensions in the order in which the elements lie there."""
    return owner.transpose(sorted(range(owner.ndim), key=lambda d: -owner.strides[d]))


# ---- functions


def infer(shape: tuple[int, ...], numel: int) -> tuple[int, ...]:
    """A shape with its -1 filled in, checked against the number of elements."""
    if not shape or min(shape) >= 0:
        if math.prod(shape) == numel:
            return shape
    else:
        for i, n in enumerate(shape):
            if n < -1:
                raise RuntimeError(f"invalid shape dimension {n} at index {i} of shape {list(shape)}")
        if shape.count(-1) > 1:
            raise RuntimeError("only one dimension can be inferred")
        known = -math.prod(shape)
        if known and numel % known == 0:
            return tuple([numel // known if n == -1 else n for n in shape])
        if not known and not numel:
            raise RuntimeError(
                f"cannot reshape tensor of 0 elements into shape {list(shape)} because the unspecified dimension size -1 can be "
                "any value and is ambiguous"
            )
    raise RuntimeError(f"shape '{list(shape)}' is invalid for input of size {numel}")


def viewable(array: np.ndarray, shape: tuple[int, ...]) -> bool:
    """Whether the elements can be seen in another shape without a copy."""
    if array.flags.c_contiguous:
        return True
    reshaped = array.reshape(shape)
    return reshaped.base is array or (array.base is not None and reshaped.base is array.base)


def view(input: Tensor, *size: Any) -> Tensor:
    """The same memory in another shape, or (given a dtype) with its bits read anew. Mirrors torch.Tensor.view."""
    if len(size) == 1 and isinstance(size[0], dtypes.dtype):
        return alias(input, array=input.array.view(size[0].numpy))
    shape = infer(ints(size, "view"), input.array.size)
    if not viewable(input.array, shape):
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous "
            "subspaces). Use .reshape(...) instead."
        )
    return apply(View, input, shape=shape)


def reshape(input: Tensor, *size: Any, shape: Any = None) -> Tensor:
    """The same elements in another shape: a view where the memory allows it, else a copy. Mirrors torch.reshape."""
    goal = infer(ints(size if shape is None else (shape,), "reshape", "shape"), input.array.size)
    if input.array.flags.c_contiguous:
        return apply(View, input, shape=goal)
    if viewable(input.array, goal):
        return apply(ReshapeAlias, input, shape=goal)
    return apply(UnsafeView, apply(Clone, input, order="C"), shape=goal)


def view_as(input: Tensor, other: Tensor) -> Tensor:
    """`view` in the shape of another tensor."""
    return view(input, other.array.shape)


def reshape_as(input: Tensor, other: Tensor) -> Tensor:
    """`reshape` to the shape of another tensor."""
    return reshape(input, other.array.shape)


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """The dimensions from start_dim to end_dim as one. Mirrors torch.flatten."""
    shape = input.array.shape
    start, end = normalize_dim(start_dim, len(shape)), normalize_dim(end_dim, len(shape))
    if start > end:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if not shape:
        return reshape(input, 1)
    return input if start == end else reshape(input, *shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :])


def ravel(input: Tensor) -> Tensor:
    """All elements in one dimension. Mirrors torch.ravel."""
    return view(contiguous(input), -1)


def unflatten(input: Tensor, dim: int, sizes: Any) -> Tensor:
    """One dimension as several. Mirrors torch.unflatten."""
    shape = input.array.shape
    dim = normalize_dim(dim, len(shape))
    if not len(sizes):
        raise RuntimeError("unflatten: sizes must be non-empty")
    try:
        inner = infer(tuple(sizes), shape[dim])
    except RuntimeError:
        raise RuntimeError(
            f"unflatten: Provided sizes {list(sizes)} don't multiply up to the size of dim {dim} ({shape[dim]}) in the input tensor"
        ) from None
    return view(input, *shape[:dim], *inner, *shape[dim + 1 :])


def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """A dimension of size 1 inserted at `dim`, as a view. Mirrors torch.unsqueeze."""
    return apply(Unsqueeze, input, dim=normalize_dim(dim, input.array.ndim + 1))


def squeeze(input: Tensor, dim: Any = None) -> Tensor:
    """Dimensions of size 1 removed: all, or those named. Mirrors torch.squeeze."""
    rule, dims = removed(input, dim, Squeeze, SqueezeDim, SqueezeDims)
    return apply(rule, input, dims=dims)


def removed(input: Tensor, dim: Any, *rules: Any) -> Any:
    """Which dimensions a squeeze removes, and which of its three rules does it."""
    shape = input.array.shape
    several = isinstance(dim, (tuple, list))
    asked = () if several and not dim else normalize_dims(dim, len(shape))
    return rules[0 if dim is None else 2 if several else 1], tuple([d for d in asked if shape and shape[d] == 1])


def contiguous(input: Tensor, memory_format: Any = None) -> Tensor:
    """The tensor itself if its elements lie in order, else a copy in which they do. Mirrors torch.Tensor.contiguous."""
    return input if input.array.flags.c_contiguous else apply(Clone, input, order="C")


def real(input: Tensor) -> Tensor:
    """The tensor itself: there are no complex numbers here. Mirrors torch.real, and torch.conj."""
    check_tensor("real", "input", 1, input)
    return input


conj = resolve_conj = resolve_neg = real
