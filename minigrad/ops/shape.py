"""Shapes and views: operations that rearrange elements and compute nothing. Views share memory with their input, as PyTorch's do."""
from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.inplace import inplace
from ..autograd.rule import Rule, apply, on
from ..autograd.variable import TensorBase, alias
from .family import check_tensors, normalize_dim, normalize_dims, promoted

if TYPE_CHECKING:
    from ..tensor import Tensor


class Size(tuple):
    """The shape of a tensor: a tuple that prints as torch.Size([2, 3]). Mirrors torch.Size."""

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"

    def numel(self) -> int:
        return math.prod(self)

    def __getitem__(self, index: Any) -> Any:
        found = tuple.__getitem__(self, index)
        return Size(found) if isinstance(index, slice) else found

    def __add__(self, other: Any) -> Size:
        return Size(tuple.__add__(self, tuple(other)))


# ---- rules: the same elements in another shape


class View(Rule):
    """The same elements in another shape."""

    view = True

    def forward(x, *, shape):
        return x.reshape(shape)

    def grad_x(grad, x_shape):
        return grad.reshape(x_shape)


class UnsafeView(View):
    """As View, for a fresh result that nobody else can see."""

    view = False


class Alias(Rule):
    """All of it: x[...], and what `view_as(self)` or a forward hook may return."""

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
        return grad.T


class Transpose(Rule):
    """Two dimensions exchanged."""

    view = True

    def forward(x, *, dim0, dim1):
        return x.swapaxes(dim0, dim1)

    def grad_x(grad, dim0, dim1):
        return grad.swapaxes(dim0, dim1)


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
        return np.expand_dims(x, dim)

    def grad_x(grad, dim):
        return grad.squeeze(dim)


class Squeeze(Rule):
    """Dimensions of size 1 removed."""

    view = True

    def forward(x, *, dims):
        return x.squeeze(dims)

    def grad_x(grad, x_shape):
        return grad.reshape(x_shape)


class SqueezeDim(Squeeze):
    """One dimension of size 1 removed."""

    node_name = "SqueezeBackward1"


class SqueezeDims(Squeeze):
    """Some dimensions of size 1 removed."""

    node_name = "SqueezeBackward2"


class Expand(Rule):
    """Dimensions of size 1 repeated, without a copy. The engine sums the gradient back."""

    view = True

    def forward(x, *, shape):
        return np.broadcast_to(x, shape)

    def grad_x(grad):
        return grad


class Select(Rule):
    """One index of one dimension."""

    view = True

    def forward(x, *, dim, index):
        return x[(slice(None),) * dim + (index, ...)]

    def grad_x(grad, x_shape, dim, index):
        return on(Embed, grad, shape=x_shape, at=(slice(None),) * dim + (index,))


class Slice(Rule):
    """A range of one dimension."""

    view = True

    def forward(x, *, dim, at):
        return x[(slice(None),) * dim + (at,)]

    def grad_x(grad, x_shape, dim, at):
        return on(Embed, grad, shape=x_shape, at=(slice(None),) * dim + (at,))


class Embed(Rule):
    """Zeros of a shape, with x in some region: the gradient of taking that region out."""

    node_name = "SliceBackwardBackward0"

    def forward(x, *, shape, at):
        total = np.zeros(shape, x.dtype)
        total[at] = x
        return total

    def grad_x(grad, at):
        return grad[at]


class Diagonal(Rule):
    """The diagonal over two dimensions, as the last dimension."""

    view = True

    def forward(x, *, offset, dim1, dim2):
        diagonal = x.diagonal(offset, dim1, dim2)
        diagonal.flags.writeable = x.flags.writeable
        return diagonal

    def grad_x(grad, x_shape, offset, dim1, dim2):
        return on(DiagonalScatter, grad, shape=x_shape, offset=offset, dim1=dim1, dim2=dim2)


class DiagonalScatter(Rule):
    """Zeros of a shape, with x on a diagonal."""

    node_name = "DiagonalBackwardBackward0"

    def forward(x, *, shape, offset, dim1, dim2):
        total = np.zeros(shape, x.dtype)
        diagonal = total.diagonal(offset, dim1, dim2)
        diagonal.flags.writeable = True
        diagonal[...] = x
        return total

    def grad_x(grad, offset, dim1, dim2):
        return on(Diagonal, grad, offset=offset, dim1=dim1, dim2=dim2)


class Unfold(Rule):
    """Windows of one dimension, as a new last dimension."""

    view = True

    def forward(x, *, dimension, size, step):
        windows = np.lib.stride_tricks.sliding_window_view(x, size, dimension, writeable=True)
        return windows[(slice(None),) * dimension + (slice(None, None, step),)]

    def grad_x(grad, x_shape, dimension, size, step):
        return on(Fold, grad, shape=x_shape, dimension=dimension, size=size, step=step)


class Fold(Rule):
    """Windows added up where they overlap: the gradient of Unfold."""

    node_name = "UnfoldBackwardBackward0"

    def forward(x, *, shape, dimension, size, step):
        total = np.zeros(shape, x.dtype)
        target = np.moveaxis(total, dimension, -1)
        for i in range(x.shape[dimension]):
            target[..., i * step : i * step + size] += np.moveaxis(x, dimension, -2)[..., i, :]
        return total

    def grad_x(grad, dimension, size, step):
        return on(Unfold, grad, dimension=dimension, size=size, step=step)


# ---- rules: copies


class Clone(Rule):
    """A copy."""

    def forward(x, *, order="K"):
        return x.copy(order)

    def grad_x(grad):
        return grad


class ToCopy(Rule):
    """A copy in another dtype. The engine converts the gradient back."""

    def forward(x, *, dtype):
        with np.errstate(all="ignore"):
            return x.astype(dtype)

    def grad_x(grad):
        return grad


class Copy(Rule):
    """Another tensor's values, in the shape and dtype of the first: what `copy_` leaves in the graph."""

    node_name = "CopyBackwards"

    def forward(x, src):
        with np.errstate(all="ignore"):
            return np.broadcast_to(src, x.shape).astype(x.dtype)

    def grad_x(grad):
        return grad * 0.0

    def grad_src(grad):
        return grad


class Fill(Rule):
    """A number everywhere."""

    def forward(x, *, value):
        return np.full(x.shape, value, x.dtype)

    def grad_x(grad):
        return grad * 0.0


class Zero(Fill):
    """Zero everywhere."""


class Cat(Rule):
    """Tensors joined along a dimension."""

    def forward(*tensors, dim):
        return np.concatenate(tensors, dim)

    def grad_tensors(grad, i, tensors_shape, dim):
        start = sum(shape[dim] for shape in tensors_shape[:i])
        return grad[(slice(None),) * dim + (slice(start, start + tensors_shape[i][dim]),)]


class Stack(Rule):
    """Tensors joined along a new dimension."""

    def forward(*tensors, dim):
        return np.stack(tensors, dim)

    def grad_tensors(grad, i, dim):
        return grad[(slice(None),) * dim + (i,)]


class Split(Rule):
    """Pieces along a dimension."""

    view = True

    def forward(x, *, sizes, dim):
        ends = np.cumsum(sizes).tolist()
        return tuple([x[(slice(None),) * dim + (slice(end - n, end),)] for n, end in zip(sizes, ends)])

    def grad_x(grads, dim):
        return on(Cat, *grads, dim=dim)


class SplitWithSizes(Split):
    """Pieces of given sizes along a dimension."""


class Unbind(Rule):
    """The slices along a dimension."""

    view = True

    def forward(x, *, dim):
        return tuple([x[(slice(None),) * dim + (i,)] for i in range(x.shape[dim])])

    def grad_x(grads, dim):
        return on(Stack, *grads, dim=dim)


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
        return np.flip(x, dims).copy()

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


def sizes(shape: tuple[Any, ...]) -> tuple[int, ...]:
    """A shape given as f(2, 3), f((2, 3)) or f(tensor.shape)."""
    if len(shape) == 1 and isinstance(shape[0], (tuple, list)):
        shape = tuple(shape[0])
    return tuple([n.item() if isinstance(n, TensorBase) else int(n.__index__()) for n in shape])


def infer(shape: tuple[int, ...], numel: int) -> tuple[int, ...]:
    """A shape with its -1 filled in, checked against the number of elements."""
    known = math.prod([n for n in shape if n != -1])
    if any(n < -1 for n in shape):
        raise RuntimeError(f"invalid shape dimension {min(shape)}")
    if shape.count(-1) > 1:
        raise RuntimeError("only one dimension can be inferred")
    if -1 in shape:
        if known == 0:
            raise RuntimeError(
                f"cannot reshape tensor of {numel} elements into shape {list(shape)} because the unspecified dimension size -1 can "
                "be any value and is ambiguous"
            )
        if numel % known == 0:
            return tuple([numel // known if n == -1 else n for n in shape])
    elif known == numel:
        return shape
    raise RuntimeError(f"shape '{list(shape)}' is invalid for input of size {numel}")


def can_view(array: np.ndarray, shape: tuple[int, ...]) -> bool:
    """Whether the elements can be seen in another shape without a copy."""
    if array.flags.c_contiguous:
        return True
    reshaped = array.reshape(shape)
    return reshaped.base is array or (array.base is not None and reshaped.base is array.base)


def view(input: Tensor, *shape: Any) -> Tensor:
    """The same memory in another shape, or (given a dtype) with its bits read anew. Mirrors torch.Tensor.view."""
    if len(shape) == 1 and hasattr(shape[0], "numpy") and not isinstance(shape[0], TensorBase):
        return alias(input, array=input.array.view(shape[0].numpy))
    goal = infer(sizes(shape), input.array.size)
    if not can_view(input.array, goal):
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous "
            "subspaces). Use .reshape(...) instead."
        )
    return apply(View, input, shape=goal)


def reshape(input: Tensor, *shape: Any) -> Tensor:
    """The same elements in another shape: a view where the memory allows it, else a copy. Mirrors torch.reshape."""
    goal = infer(sizes(shape), input.array.size)
    if can_view(input.array, goal):
        return apply(View, input, shape=goal)
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
    return flatten(input)


def unflatten(input: Tensor, dim: int, sizes: Any) -> Tensor:
    """One dimension as several. Mirrors torch.unflatten."""
    shape = input.array.shape
    dim = normalize_dim(dim, len(shape))
    try:
        inner = infer(tuple(sizes), shape[dim])
    except RuntimeError:
        raise RuntimeError(
            f"unflatten: Provided sizes {list(sizes)} don't multiply up to the size of dim {dim} ({shape[dim]}) in the input tensor"
        ) from None
    return view(input, *shape[:dim], *inner, *shape[dim + 1 :])


def t(input: Tensor) -> Tensor:
    """The transpose of a tensor with at most two dimensions. Mirrors torch.t."""
    if input.array.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input.array.ndim}D")
    return apply(T, input)


def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Two dimensions exchanged, as a view. Mirrors torch.transpose."""
    ndim = input.array.ndim
    dim0, dim1 = normalize_dim(dim0, ndim), normalize_dim(dim1, ndim)
    return apply(Transpose, input, dim0=dim0, dim1=dim1) if ndim else apply(Alias, input)


swapaxes = swapdims = transpose


def permute(input: Tensor, *dims: Any) -> Tensor:
    """The dimensions in another order, as a view. Mirrors torch.permute."""
    given = sizes(dims)
    ndim = input.array.ndim
    if len(given) != ndim:
        raise RuntimeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of "
            f"dimensions i.e. input.dim() = {ndim} is not equal to len(dims) = {len(given)}"
        )
    order = tuple([normalize_dim(d, ndim) for d in given])
    if len(set(order)) != ndim:
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    return apply(Permute, input, dims=order)


def matrix_transpose(input: Tensor) -> Tensor:
    """`x.mT`: the last two dimensions exchanged."""
    if input.array.ndim < 2:
        raise RuntimeError(
            f"tensor.mT is only supported on matrices or batches of matrices. Got {input.array.ndim}-D tensor."
        )
    return transpose(input, -2, -1)


def reverse_dims(input: Tensor) -> Tensor:
    """`x.T`: the dimensions in reverse order."""
    return apply(Permute, input, dims=tuple(range(input.array.ndim - 1, -1, -1)))


def movedim(input: Tensor, source: Any, destination: Any) -> Tensor:
    """Dimensions moved to other places. Mirrors torch.movedim."""
    ndim = input.array.ndim
    sources, goals = normalize_dims(source, ndim), normalize_dims(destination, ndim)
    if len(sources) != len(goals):
        raise RuntimeError(
            f"movedim: Invalid source or destination dims: source ({list(sources)} dims) should contain the same number of dims as "
            f"destination ({list(goals)} dims)"
        )
    order = [d for d in range(ndim) if d not in sources]
    for goal, dim in sorted(zip(goals, sources)):
        order.insert(goal, dim)
    return permute(input, order)


moveaxis = movedim


def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """A dimension of size 1 inserted at `dim`, as a view. Mirrors torch.unsqueeze."""
    return apply(Unsqueeze, input, dim=normalize_dim(dim, input.array.ndim + 1))


def squeeze(input: Tensor, dim: Any = None) -> Tensor:
    """Dimensions of size 1 removed: all, or those named. Mirrors torch.squeeze."""
    shape = input.array.shape
    dims = tuple([d for d in normalize_dims(dim, len(shape)) if shape and shape[d] == 1])
    rule = Squeeze if dim is None else SqueezeDims if isinstance(dim, (tuple, list)) else SqueezeDim
    return apply(rule, input, dims=dims)


def expand(input: Tensor, *shape: Any) -> Tensor:
    """Dimensions of size 1 repeated to a larger size, as a view; -1 keeps a size. Mirrors torch.Tensor.expand."""
    goal = sizes(shape)
    have = input.array.shape
    extra = len(goal) - len(have)
    if extra < 0:
        raise RuntimeError(
            f"expand({input.type()}{{{list(have)}}}, size={list(goal)}): the number of sizes provided ({len(goal)}) must be greater or equal to the "
            f"number of dimensions in the tensor ({len(have)})"
        )
    result = []
    for i, n in enumerate(goal):
        size = have[i - extra] if i >= extra else None
        if n == -1 and size is None:
            raise RuntimeError(
                f"The expanded size of the tensor ({n}) isn't allowed in a leading, non-existing dimension {i}"
            )
        if size not in (None, 1, n) and n != -1:
            raise RuntimeError(
                f"The expanded size of the tensor ({n}) must match the existing size ({size}) at non-singleton dimension {i}.  "
                f"Target sizes: {list(goal)}.  Tensor sizes: {list(have)}"
            )
        result.append(size if n == -1 else n)
    return apply(Expand, input, shape=tuple(result))


def expand_as(input: Tensor, other: Tensor) -> Tensor:
    """`expand` to the shape of another tensor."""
    return expand(input, other.array.shape)


def broadcast_to(input: Tensor, size: Any) -> Tensor:
    """`expand`, as a function. Mirrors torch.broadcast_to."""
    return expand(input, tuple(size))


def broadcast_tensors(*tensors: Any) -> tuple[Tensor, ...]:
    """Tensors expanded to their common shape. Mirrors torch.broadcast_tensors."""
    given = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else tensors
    shape = np.broadcast_shapes(*[x.array.shape for x in given])
    return tuple([expand(x, shape) for x in given])


def contiguous(input: Tensor, memory_format: Any = None) -> Tensor:
    """The tensor itself if its elements lie in order, else a copy in which they do. Mirrors torch.Tensor.contiguous."""
    return input if input.array.flags.c_contiguous else apply(Clone, input, order="C")


def clone(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """A differentiable copy. Mirrors torch.clone."""
    return apply(Clone, input)


def select(input: Tensor, dim: int, index: int) -> Tensor:
    """One index of one dimension, as a view. Mirrors torch.select."""
    ndim = input.array.ndim
    if not ndim:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    dim = normalize_dim(dim, ndim)
    n = input.array.shape[dim]
    if not -n <= index < n:
        raise IndexError(f"select(): index {index} out of range for tensor of size {list(input.array.shape)} at dimension {dim}")
    return apply(Select, input, dim=dim, index=int(index) % n)


def narrow(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """`length` elements of one dimension, from `start`, as a view. Mirrors torch.narrow."""
    dim = normalize_dim(dim, input.array.ndim)
    n = input.array.shape[dim]
    if length < 0:
        raise RuntimeError("narrow(): length must be non-negative.")
    if not -n <= start <= n:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-n}, {n}], but got {start})")
    start = start + n if start < 0 else start
    if start + length > n:
        raise RuntimeError(f"start ({start}) + length ({length}) exceeds dimension size ({n}).")
    return apply(Slice, input, dim=dim, at=slice(start, start + length, 1))


def cat(tensors: Any, dim: int = 0) -> Tensor:
    """Tensors joined along a dimension they have. Mirrors torch.cat."""
    tensors = list(tensors)
    if not tensors:
        raise ValueError("torch.cat(): expected a non-empty list of Tensors")
    check_tensors("cat", tensors)
    for i, x in enumerate(tensors):
        if not x.array.ndim:
            raise RuntimeError(f"zero-dimensional tensor (at position {i}) cannot be concatenated")
    tensors = [x for x in tensors if x.array.shape != (0,)] or tensors[:1]
    first = tensors[0].array.shape
    dim = normalize_dim(dim, len(first))
    for i, x in enumerate(tensors):
        shape = x.array.shape
        if len(shape) != len(first):
            raise RuntimeError(f"Tensors must have same number of dimensions: got {len(first)} and {len(shape)}")
        for d, (n, m) in enumerate(zip(first, shape)):
            if d != dim and n != m:
                raise RuntimeError(
                    f"Sizes of tensors must match except in dimension {dim}. Expected {n} in dimension {d} but got {m} for tensor "
                    f"number {i} in the list"
                )
    return apply(Cat, *same_dtype(tensors), dim=dim)


concat = concatenate = cat


def same_dtype(tensors: list[Tensor]) -> list[Tensor]:
    dtype = tensors[0].array.dtype
    return tensors if all([x.array.dtype is dtype for x in tensors]) else promoted(*tensors)


def stack(tensors: Any, dim: int = 0) -> Tensor:
    """Tensors of one shape joined along a new dimension. Mirrors torch.stack."""
    tensors = list(tensors)
    if not tensors:
        raise RuntimeError("stack expects a non-empty TensorList")
    check_tensors("stack", tensors)
    first = tensors[0].array.shape
    for i, x in enumerate(tensors):
        if x.array.shape != first:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(first)} at entry 0 and {list(x.array.shape)} at entry {i}"
            )
    return apply(Stack, *same_dtype(tensors), dim=normalize_dim(dim, len(first) + 1))


def hstack(tensors: Any) -> Tensor:
    """Tensors joined along their second dimension, or their first if they have one. Mirrors torch.hstack."""
    tensors = [x if x.array.ndim else reshape(x, 1) for x in tensors]
    return cat(tensors, 0 if tensors[0].array.ndim == 1 else 1)


def vstack(tensors: Any) -> Tensor:
    """Tensors joined as rows. Mirrors torch.vstack."""
    return cat([x if x.array.ndim > 1 else reshape(x, 1, -1) for x in tensors], 0)


def split(input: Tensor, split_size: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Pieces of one size (the last may be smaller), or of the sizes in a list, as views. Mirrors torch.split."""
    dim = normalize_dim(dim, input.array.ndim)
    n = input.array.shape[dim]
    if isinstance(split_size, (tuple, list)):
        pieces = [int(size) for size in split_size]
        if sum(pieces) != n or any(size < 0 for size in pieces):
            raise RuntimeError(
                f"split_with_sizes expects split_sizes to sum exactly to {n} (input tensor's size at dimension {dim}), but got "
                f"split_sizes={pieces}"
            )
        return several_views(apply(SplitWithSizes, input, sizes=pieces, dim=dim))
    if split_size <= 0 and (split_size < 0 or n):
        raise RuntimeError(
            f"split expects split_size be non-negative, but got split_size={split_size}"
            if split_size < 0
            else f"split_size can only be 0 if dimension size is 0, but got dimension size of {n}"
        )
    pieces = [min(split_size, n - start) for start in range(0, n, split_size)] if n else [0]
    return several_views(apply(Split, input, sizes=pieces, dim=dim))


def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """At most `chunks` pieces of equal size, as views. Mirrors torch.chunk."""
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    n = input.array.shape[normalize_dim(dim, input.array.ndim)]
    return split(input, max(-(-n // chunks), 1), dim)


def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """The slices along a dimension, as views. Mirrors torch.unbind."""
    return several_views(apply(Unbind, input, dim=normalize_dim(dim, input.array.ndim)))


def several_views(views: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Views that came together, and may therefore not be changed in place."""
    for x in views:
        x._view_note = "multi"
    return views


def repeat(input: Tensor, *repeats: Any) -> Tensor:
    """The tensor laid side by side, some times in each dimension, as a copy. Mirrors torch.Tensor.repeat."""
    times = sizes(repeats)
    if len(times) < input.array.ndim:
        raise RuntimeError(
            "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor"
        )
    return apply(Repeat, input, repeats=times)


def tile(input: Tensor, *dims: Any) -> Tensor:
    """`repeat`, with missing repeats taken as 1. Mirrors torch.tile."""
    times = sizes(dims)
    return repeat(input, (1,) * (input.array.ndim - len(times)) + times)


def repeat_interleave(input: Tensor, repeats: Any, dim: int | None = None) -> Tensor:
    """Each element repeated in place. Mirrors torch.repeat_interleave."""
    x = flatten(input) if dim is None else input
    d = normalize_dim(0 if dim is None else dim, x.array.ndim)
    counts = repeats.array if isinstance(repeats, TensorBase) else repeats
    index = np.repeat(np.arange(x.array.shape[d]), counts)
    from_numpy = alias(x, array=index)
    return x.index_select(d, from_numpy)


def flip(input: Tensor, *dims: Any) -> Tensor:
    """The order reversed in some dimensions, as a copy. Mirrors torch.flip."""
    return apply(Flip, input, dims=normalize_dims(sizes(dims), input.array.ndim))


def roll(input: Tensor, shifts: Any, dims: Any = None) -> Tensor:
    """The elements moved along dimensions, coming back at the start. Mirrors torch.roll."""
    moves = tuple(shifts) if isinstance(shifts, (tuple, list)) else (shifts,)
    if dims is None:
        return view(roll(flatten(input), moves[0], 0), input.array.shape)
    return apply(Roll, input, shifts=moves, dims=normalize_dims(dims, input.array.ndim))


def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """The lower triangle of matrices, zero elsewhere. Mirrors torch.tril."""
    return apply(Tril, input, diagonal=diagonal)


def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """The upper triangle of matrices, zero elsewhere. Mirrors torch.triu."""
    return apply(Triu, input, diagonal=diagonal)


def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """The diagonal over two dimensions, as a view. Mirrors torch.diagonal."""
    ndim = input.array.ndim
    return apply(Diagonal, input, offset=offset, dim1=normalize_dim(dim1, ndim), dim2=normalize_dim(dim2, ndim))


def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """The diagonal of a matrix, or the matrix of a diagonal. Mirrors torch.diag."""
    if input.array.ndim == 1:
        n = input.array.shape[0] + (diagonal if diagonal > 0 else -diagonal)
        return apply(DiagonalScatter, input, shape=(n, n), offset=diagonal, dim1=0, dim2=1)
    return clone(apply(Diagonal, input, offset=diagonal, dim1=0, dim2=1))


def unfold(input: Tensor, dimension: int, size: int, step: int) -> Tensor:
    """Windows of `size` elements every `step`, as a new last dimension, as a view. Mirrors torch.Tensor.unfold."""
    dimension = normalize_dim(dimension, input.array.ndim)
    n = input.array.shape[dimension]
    if size > n:
        raise RuntimeError(f"maximum size for tensor at dimension {dimension} is {n} but size is {size}")
    return apply(Unfold, input, dimension=dimension, size=size, step=step)


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Tensor, ...]:
    """Coordinates of a grid, from the coordinates of its axes. Mirrors torch.meshgrid."""
    axes = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else tensors
    if indexing == "xy":
        swapped = meshgrid(axes[1], axes[0], *axes[2:])
        return tuple([transpose(x, 0, 1) for x in (swapped[1], swapped[0], *swapped[2:])])
    shape = tuple([x.array.size for x in axes])
    return tuple([expand(view(x, *[-1 if j == i else 1 for j in range(len(axes))]), shape) for i, x in enumerate(axes)])


# ---- in place


def copy_(input: Tensor, src: Tensor, non_blocking: bool = False) -> Tensor:
    """Write another tensor's values into this one, broadcast and converted. Mirrors torch.Tensor.copy_."""
    try:
        return inplace(Copy, input, src)
    except ValueError:
        n, m = input.array.shape, src.array.shape
        dim = next((len(n) - i for i in range(1, len(m) + 1) if i > len(n) or (m[-i] not in (1, n[-i]))), 0)
        raise RuntimeError(
            f"The size of tensor a ({n[dim] if dim < len(n) else 1}) must match the size of tensor b "
            f"({m[dim - len(n)]}) at non-singleton dimension {dim}"
        ) from None


def fill_(input: Tensor, value: Any) -> Tensor:
    """Write one number everywhere. Mirrors torch.Tensor.fill_."""
    return inplace(Fill, input, value=value.item() if isinstance(value, TensorBase) else value)


def zero_(input: Tensor) -> Tensor:
    """Write zero everywhere. Mirrors torch.Tensor.zero_."""
    return inplace(Zero, input, value=0)


def in_place_view(name: str) -> Any:
    """`x.t_()` and its like: x itself becomes the view."""
    function = globals()[name]

    def in_place(input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        if input._requires_grad and input._edge is None:
            raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")
        result = function(input, *args, **kwargs)
        input.array, input._edge = result.array, result._edge
        return input

    in_place.__name__ = f"{name}_"
    in_place.__doc__ = f"`{name}`, in place: the tensor itself changes its shape."
    return in_place


t_, transpose_, squeeze_, unsqueeze_ = map(in_place_view, ("t", "transpose", "squeeze", "unsqueeze"))

