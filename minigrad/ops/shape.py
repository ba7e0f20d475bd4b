"""Shapes and views: the same elements seen in another shape or order. Nothing is computed, and memory is shared as in PyTorch."""
from __future__ import annotations

import math
import warnings
from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.grad_mode import modes
from ..autograd.inplace import address
from ..autograd.rule import Rule, apply, on
from ..autograd.variable import alias, counter
from .arguments import check_elements, check_tensor, ints
from .copies import Clone
from .family import broadcast_error, normalize_dim, normalize_dims

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


class T(Rule):
    """The transpose of a matrix."""

    view = True

    def forward(x):
        return x.T

    def grad_x(grad):
        return on(T, grad)


class Transpose(Rule):
    """Two dimensions exchanged."""

    view = True

    def forward(x, *, dim0, dim1):
        return x.swapaxes(dim0, dim1) if x.ndim else x[...]

    def grad_x(grad, dim0, dim1):
        return on(Transpose, grad, dim0=dim0, dim1=dim1)


class Permute(Rule):
    """The dimensions in another order."""

    view = True

    def forward(x, *, dims):
        return x.transpose(dims)

    def grad_x(grad, dims):
        return on(Permute, grad, dims=tuple(np.argsort(dims).tolist()))


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


class Expand(Rule):
    """Dimensions of size 1 repeated, without a copy. The engine sums the gradient back."""

    view = True

    def forward(x, *, shape):
        extra = len(shape) - x.ndim
        strides = [s if n == m else 0 for s, n, m in zip(x.strides, x.shape, shape[extra:])]
        expanded = strided(x, shape, (*[0] * extra, *strides))
        if expanded.size > x.size:  # elements that lie in one place cannot be changed one by one
            expanded.flags.writeable = False
        return expanded

    def grad_x(grad):
        return grad


def strided(x: np.ndarray, shape: tuple[int, ...], strides: tuple[int, ...]) -> np.ndarray:
    """The memory of x from its first element on, with another shape and other strides (in bytes)."""
    if x.flags.c_contiguous:
        return np.ndarray(shape, x.dtype, x, 0, strides)
    owner = x.base if isinstance(x.base, np.ndarray) else x
    return np.ndarray(shape, x.dtype, in_order(owner), address(x) - address(owner), strides)


def in_order(owner: np.ndarray) -> np.ndarray:
    """An array that fills its memory, with its dimensions in the order in which the elements lie there."""
    return owner.transpose(sorted(range(owner.ndim), key=lambda d: -owner.strides[d]))


# ---- another shape


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


# ---- another order


def t(input: Tensor) -> Tensor:
    """The transpose of a tensor with at most two dimensions. Mirrors torch.t."""
    if input.array.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input.array.ndim}D")
    return apply(T, input)


def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Two dimensions exchanged, as a view. Mirrors torch.transpose."""
    ndim = input.array.ndim
    return apply(Transpose, input, dim0=normalize_dim(dim0, ndim), dim1=normalize_dim(dim1, ndim))


swapaxes = swapdims = transpose


def permute(input: Tensor, *order: Any, dims: Any = None) -> Tensor:
    """The dimensions in another order, as a view. Mirrors torch.permute."""
    given = ints(order if dims is None else (dims,), "permute", "dims")
    ndim = input.array.ndim
    if len(given) != ndim:
        raise RuntimeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of "
            f"dimensions i.e. input.dim() = {ndim} is not equal to len(dims) = {len(given)}"
        )
    normalized = tuple([normalize_dim(d, ndim) for d in given])
    if len(set(normalized)) != ndim:
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    return apply(Permute, input, dims=normalized)


def matrix_transpose(input: Tensor) -> Tensor:
    """`x.mT`: the last two dimensions exchanged."""
    if input.array.ndim < 2:
        raise RuntimeError(
            f"tensor.mT is only supported on matrices or batches of matrices. Got {input.array.ndim}-D tensor."
        )
    return transpose(input, -2, -1)


def matrix_adjoint(input: Tensor) -> Tensor:
    """`x.mH`: of real matrices, `x.mT`."""
    if input.array.ndim < 2:
        raise RuntimeError(
            f"tensor.adjoint() is only supported on matrices or batches of matrices. Got {input.array.ndim}-D tensor."
        )
    return transpose(input, -2, -1)


def adjoint(input: Tensor) -> Tensor:
    """`x.H`: of a real matrix, `x.T`."""
    if input.array.ndim not in (0, 2):
        raise RuntimeError(f"tensor.H is only supported on matrices (2-D tensors). Got {input.array.ndim}-D tensor.")
    return transpose(input, 0, 1) if input.array.ndim else input


def real(input: Tensor) -> Tensor:
    """The tensor itself: there are no complex numbers here. Mirrors torch.real, and torch.conj."""
    check_tensor("real", "input", 1, input)
    return input


conj = resolve_conj = resolve_neg = real

def reverse_dims(input: Tensor) -> Tensor:
    """`x.T`: the transpose of a matrix. PyTorch is about to give up what it did to others: the dimensions in reverse order."""
    if input.array.ndim != 2:
        warnings.warn(
            "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is deprecated and it will throw an error in a "
            "future release. Consider `x.mT` to transpose batches of matrices or `x.permute(*torch.arange(x.ndim - 1, -1, -1))` to "
            "reverse the dimensions of a tensor."
            if input.array.ndim
            else "Tensor.T is deprecated on 0-D tensors. This function is the identity in these cases.",
            stacklevel=2,
        )
    return apply(Permute, input, dims=tuple(range(input.array.ndim - 1, -1, -1)))


def movedim(input: Tensor, source: Any, destination: Any) -> Tensor:
    """Dimensions moved to other places. Mirrors torch.movedim."""
    ndim = input.array.ndim
    given = {"source": source, "destination": destination}
    dims = {name: dim if isinstance(dim, (tuple, list)) else (dim,) for name, dim in given.items()}
    if len(dims["source"]) != len(dims["destination"]):
        raise RuntimeError(
            f"movedim: Invalid source or destination dims: source ({list(dims['source'])} dims) should contain the same number of "
            f"dims as destination ({list(dims['destination'])} dims)"
        )
    moves = {name: [normalize_dim(d, ndim) for d in dim] for name, dim in dims.items()}
    for name, dim in moves.items():
        if len(set(dim)) != len(dim):
            raise RuntimeError(f"movedim: repeated dim in `{name}` ({list(dims[name])})")
    order = [d for d in range(ndim) if d not in moves["source"]]
    for goal, d in sorted(zip(moves["destination"], moves["source"])):
        order.insert(goal, d)
    return permute(input, order)


moveaxis = movedim


# ---- a larger shape


def expand(input: Tensor, *shape: Any, size: Any = None) -> Tensor:
    """Dimensions of size 1 repeated to a larger size, as a view; -1 keeps a size. Mirrors torch.Tensor.expand."""
    goal = ints(shape if size is None else (size,), "expand")
    have = input.array.shape
    extra = len(goal) - len(have)
    if extra < 0:
        raise RuntimeError(
            f"expand({input.type()}{{{list(have)}}}, size={list(goal)}): the number of sizes provided ({len(goal)}) must be greater "
            f"or equal to the number of dimensions in the tensor ({len(have)})"
        )
    result = []
    for i, n in enumerate(goal):
        old = have[i - extra] if i >= extra else None
        if n < -1 or n == -1 and old is None:
            raise RuntimeError(f"The expanded size of the tensor ({n}) isn't allowed in a leading, non-existing dimension {i}")
        if old not in (None, 1, n) and n != -1:
            raise RuntimeError(
                f"The expanded size of the tensor ({n}) must match the existing size ({old}) at non-singleton dimension {i}.  "
                f"Target sizes: {list(goal)}.  Tensor sizes: {list(have)}"
            )
        result.append(old if n == -1 else n)
    return apply(Expand, input, shape=tuple(result))


def expand_as(input: Tensor, other: Tensor) -> Tensor:
    """`expand` to the shape of another tensor."""
    return expand(input, other.array.shape)


def broadcast_to(input: Tensor, *size: Any) -> Tensor:
    """`expand`, as a function. Mirrors torch.broadcast_to."""
    return expand(input, *size)


def broadcast_tensors(*tensors: Any) -> tuple[Tensor, ...]:
    """Tensors expanded to their common shape. Mirrors torch.broadcast_tensors."""
    check_elements(tensors)
    shapes = [x.array.shape for x in tensors]
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        raise broadcast_error(*shapes) from None
    return tuple([x if x.array.shape == shape else expand(x, shape) for x in tensors])


def broadcast_shapes(*shapes: Any) -> Size:
    """The shape to which shapes broadcast. Mirrors torch.broadcast_shapes."""
    result: tuple[int, ...] = ()
    for i, shape in enumerate(shapes):
        shape = (shape,) if isinstance(shape, int) else tuple(shape)
        for dim in range(-min(len(shape), len(result)), 0):
            if shape[dim] != result[dim] and 1 not in (shape[dim], result[dim]):
                raise RuntimeError(
                    f"Attempting to broadcast a dimension of length {shape[dim]} at {dim}! Mismatching argument at index {i} had "
                    f"{shapes[i]}; but expected shape should be broadcastable to {list(result)}"
                )
        result = np.broadcast_shapes(result, shape)
    return Size(result)


def meshgrid(*tensors: Any, indexing: str | None = None) -> tuple[Tensor, ...]:
    """Coordinates of a grid, from the coordinates of its axes: indexing "ij", or "xy" for columns first. Mirrors torch.meshgrid."""
    if indexing is None:
        warnings.warn(
            "torch.meshgrid: in an upcoming release, it will be required to pass the indexing argument.", stacklevel=2
        )
        indexing = "ij"
    axes = list(tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else tensors)
    if not axes:
        raise RuntimeError("meshgrid expects a non-empty TensorList")
    check_elements(axes)
    for x in axes:
        if x.array.ndim > 1:
            raise RuntimeError(f"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {x}")
        if x.array.dtype != axes[0].array.dtype:
            raise RuntimeError("meshgrid expects all tensors to have the same dtype")
    if indexing not in ("xy", "ij"):
        raise RuntimeError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    swapped = indexing == "xy" and len(axes) > 1
    if swapped:
        axes[:2] = axes[1::-1]
    shape = tuple([x.array.size for x in axes])
    grids = [expand(view(x, *[-1 if j == i else 1 for j in range(len(axes))]), shape) for i, x in enumerate(axes)]
    if swapped:
        grids[:2] = grids[1::-1]
    return tuple(grids)


# ---- in place: x.t_() and its like, where x itself becomes the view


class TInPlace(T):
    """`t`, of the tensor itself."""

    node_name = "TBackward1"


class TransposeInPlace(Transpose):
    """`transpose`, of the tensor itself."""

    node_name = "TransposeBackward1"


class UnsqueezeInPlace(Unsqueeze):
    """`unsqueeze`, of the tensor itself."""

    node_name = "UnsqueezeBackward1"


class SqueezeInPlace(Squeeze):
    """`squeeze`, of the tensor itself."""

    node_name = "SqueezeBackward3"


class SqueezeDimInPlace(SqueezeDim):
    """`squeeze` of one dimension, of the tensor itself."""

    node_name = "SqueezeBackward4"


class SqueezeDimsInPlace(SqueezeDims):
    """`squeeze` of some dimensions, of the tensor itself."""

    node_name = "SqueezeBackward5"


def check_no_leaf(input: Tensor) -> int:
    """PyTorch's refusal of a leaf, before it looks at anything else; for others, the number of dimensions."""
    if modes.mode.enabled and input._requires_grad and input.is_leaf:
        raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")
    return input.array.ndim


def become(rule: type[Rule], input: Tensor, **settings: Any) -> Tensor:
    """Let a tensor turn into a view of what it was."""
    result = apply(rule, input, **settings)
    input.array, input._edge = result.array, result._edge
    counter(input)[0] += 1
    if input._base is not None:
        input._seen_version = input._counter[0]
    return input


def t_(input: Tensor) -> Tensor:
    """`t`, in place."""
    ndim = check_no_leaf(input)
    if ndim > 2:
        raise RuntimeError(f"t_() expects a tensor with <= 2 dimensions, but self is {ndim}D")
    return become(TInPlace, input)


def transpose_(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """`transpose`, in place."""
    ndim = check_no_leaf(input)
    return become(TransposeInPlace, input, dim0=normalize_dim(dim0, ndim), dim1=normalize_dim(dim1, ndim))


swapaxes_ = swapdims_ = transpose_


def unsqueeze_(input: Tensor, dim: int) -> Tensor:
    """`unsqueeze`, in place."""
    return become(UnsqueezeInPlace, input, dim=normalize_dim(dim, check_no_leaf(input) + 1))


def squeeze_(input: Tensor, dim: Any = None) -> Tensor:
    """`squeeze`, in place."""
    check_no_leaf(input)
    rule, dims = removed(input, dim, SqueezeInPlace, SqueezeDimInPlace, SqueezeDimsInPlace)
    return become(rule, input, dims=dims)
