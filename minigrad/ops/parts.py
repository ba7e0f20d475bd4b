"""Parts of a tensor, as views (select, narrow, split, unbind, diagonal, unfold), and parts put together (cat, stack)."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.rule import Rule, apply, on
from ..autograd.variable import TensorBase
from .arguments import check_tensors
from .family import normalize_dim, promoted
from .shape import reshape, strided, unsqueeze

if TYPE_CHECKING:
    from ..tensor import Tensor


def along(dim: int, *at: Any) -> tuple[Any, ...]:
    """The NumPy index that takes `at` in one dimension."""
    return (slice(None),) * dim + at


# ---- rules: parts


class Embed(Rule):
    """Zeros of a shape, with x in some region: the gradient of taking that region out."""

    node_name = "SliceBackwardBackward0"

    def forward(x, *, shape, at):
        total = np.zeros(shape, x.dtype)
        total[at] = x
        return total

    def grad_x(grad, at):
        return grad[at]


class Select(Rule):
    """One index of one dimension."""

    view = True

    def forward(x, *, dim, index):
        return x[along(dim, index, ...)]

    def grad_x(grad, x_shape, dim, index):
        return on(Embed, grad, shape=x_shape, at=along(dim, index))


class Slice(Rule):
    """A range of one dimension."""

    view = True

    def forward(x, *, dim, at):
        return x[along(dim, at)]

    def grad_x(grad, x_shape, dim, at):
        return on(Embed, grad, shape=x_shape, at=along(dim, at))


class Split(Rule):
    """Pieces along a dimension."""

    view = True

    def forward(x, *, sizes, dim):
        ends = np.cumsum(sizes).tolist()
        return tuple([x[along(dim, slice(end - n, end))] for n, end in zip(sizes, ends)])

    def grad_x(grads, dim):
        return on(Cat, *grads, dim=dim)


class SplitWithSizes(Split):
    """Pieces of given sizes along a dimension."""


class Unbind(Rule):
    """The slices along a dimension."""

    view = True

    def forward(x, *, dim):
        return tuple([x[along(dim, i, ...)] for i in range(x.shape[dim])])

    def grad_x(grads, dim):
        return on(Stack, *grads, dim=dim)


class Diagonal(Rule):
    """The diagonal over two dimensions, as the last dimension."""

    view = True

    def forward(x, *, offset, dim1, dim2):
        diagonal = x.diagonal(offset, dim1, dim2)
        diagonal.flags.writeable = x.flags.writeable
        return diagonal

    def grad_x(grad, x_shape, offset, dim1, dim2):
        return on(DiagonalScatter, grad, shape=x_shape, offset=offset, dim1=dim1, dim2=dim2)


class DiagonalCopy(Diagonal):
    """The diagonal of a matrix, as a copy."""

    node_name = "DiagonalBackward0_copy"
    view = False

    def forward(x, *, offset, dim1, dim2):
        return x.diagonal(offset, dim1, dim2).copy()


class DiagonalScatter(Rule):
    """Zeros of a shape, with x on a diagonal."""

    node_name = "DiagonalBackwardBackward0"

    def forward(x, *, shape, offset, dim1, dim2):
        total = np.zeros(shape, x.dtype)
        Diagonal.forward(total, offset=offset, dim1=dim1, dim2=dim2)[...] = x
        return total

    def grad_x(grad, offset, dim1, dim2):
        return on(Diagonal, grad, offset=offset, dim1=dim1, dim2=dim2)


class DiagEmbed(DiagonalScatter):
    """Matrices of zeros, with x on a diagonal."""

    node_name = "DiagEmbedBackward0"


class Unfold(Rule):
    """Windows of one dimension, as a new last dimension."""

    view = True

    def forward(x, *, dimension, size, step):
        if not x.ndim:
            return strided(x, (size,), (x.itemsize,))
        count = (x.shape[dimension] - size) // step + 1
        shape, strides = list(x.shape), list(x.strides)
        shape[dimension], strides[dimension] = count, strides[dimension] * step
        return strided(x, (*shape, size), (*strides, x.strides[dimension]))

    def grad_x(grad, x_shape, dimension, size, step):
        return on(Fold, grad, shape=x_shape, dimension=dimension, size=size, step=step)


class Fold(Rule):
    """Windows added up where they overlap: the gradient of Unfold."""

    node_name = "UnfoldBackwardBackward0"

    def forward(x, *, shape, dimension, size, step):
        total = np.zeros(shape, x.dtype)
        target = np.moveaxis(total, dimension, -1) if shape else total[None]
        windows = np.moveaxis(x, dimension, -2) if shape else x[None]
        for i in range(windows.shape[-2]):
            target[..., i * step : i * step + size] += windows[..., i, :]
        return total

    def grad_x(grad, dimension, size, step):
        return on(Unfold, grad, dimension=dimension, size=size, step=step)


# ---- rules: the whole


class Cat(Rule):
    """Tensors joined along a dimension. Those of shape (0,) do not count, whatever the shape of the others."""

    def forward(*tensors, dim):
        return np.ascontiguousarray(np.concatenate([x for x in tensors if x.shape != (0,)] or tensors, dim))

    def grad_tensors(grad, i, tensors_shape, dim):
        if tensors_shape[i] == (0,):
            return grad.reshape((-1,))[:0]
        start = sum([shape[dim] for shape in tensors_shape[:i] if shape != (0,)])
        return grad[along(dim, slice(start, start + tensors_shape[i][dim]))]


class Stack(Rule):
    """Tensors joined along a new dimension."""

    def forward(*tensors, dim):
        return np.array(tensors) if dim == 0 else np.stack(tensors, dim)  # np.stack makes a view of each tensor first

    def grad_tensors(grad, i, dim):
        return grad[along(dim, i, ...)]


# ---- parts


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


def narrow(input: Tensor, dim: int, start: Any, length: int) -> Tensor:
    """`length` elements of one dimension, from `start`, as a view. Mirrors torch.narrow."""
    if not input.array.ndim:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    dim = normalize_dim(dim, input.array.ndim)
    if isinstance(start, TensorBase) and (start.array.ndim or start.array.dtype.kind not in "iu"):
        raise RuntimeError("start must be an 0-dim integral Tensor.")
    n, start = input.array.shape[dim], int(start)
    if length < 0:
        raise RuntimeError("narrow(): length must be non-negative.")
    if not -n <= start <= n:
        raise IndexError(f"start out of range (expected to be in range of [{-n}, {n}], but got {start})")
    start = start + n if start < 0 else start
    if start + length > n:
        raise RuntimeError(f"start ({start}) + length ({length}) exceeds dimension size ({n}).")
    return apply(Slice, input, dim=dim, at=slice(start, start + length, 1))


def split(input: Tensor, split_size_or_sections: Any = None, dim: int = 0, *, split_size: Any = None) -> tuple[Tensor, ...]:
    """Pieces of one size (the last may be smaller), or of the sizes in a list, as views. Mirrors torch.split."""
    size = split_size_or_sections if split_size is None else split_size
    if isinstance(size, (tuple, list)):
        return split_with_sizes(input, size, dim)
    if not input.array.ndim:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    dim = normalize_dim(dim, input.array.ndim)
    n = input.array.shape[dim]
    if size < 0:
        raise RuntimeError(f"split expects split_size be non-negative, but got split_size={size}")
    if not size and n:
        raise RuntimeError(f"split_size can only be 0 if dimension size is 0, but got dimension size of {n}")
    sizes = [min(size, n - start) for start in range(0, n, size)] if n else [0]
    return together(apply(Split, input, sizes=sizes, dim=dim))


def split_with_sizes(input: Tensor, split_sizes: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Pieces of given sizes, as views. Mirrors torch.split_with_sizes."""
    if not input.array.ndim:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    dim = normalize_dim(dim, input.array.ndim)
    n, sizes = input.array.shape[dim], [int(size) for size in split_sizes]
    if any([size < 0 for size in sizes]):
        raise RuntimeError(f"split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes={sizes}")
    if sum(sizes) != n:
        raise RuntimeError(
            f"split_with_sizes expects split_sizes to sum exactly to {n} (input tensor's size at dimension {dim}), but got "
            f"split_sizes={sizes}"
        )
    return together(apply(SplitWithSizes, input, sizes=sizes, dim=dim))


def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """At most `chunks` pieces of equal size, as views. Mirrors torch.chunk."""
    if not input.array.ndim:
        raise RuntimeError("chunk expects at least a 1-dimensional tensor")
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    n = input.array.shape[normalize_dim(dim, input.array.ndim)]
    return split(input, -(-n // chunks), dim) if n else split_with_sizes(input, [0] * chunks, dim)


def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """The slices along a dimension, as views. Mirrors torch.unbind."""
    return together(apply(Unbind, input, dim=existing(dim, input.array.ndim)))


def existing(dim: int, ndim: int) -> int:
    """`normalize_dim`, where a tensor without dimensions has not even the one."""
    if not ndim:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    return normalize_dim(dim, ndim)


def together(views: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Views that came together, and may therefore not be changed in place."""
    for x in views:
        x._view_note = "multi"
    return views


def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """The diagonal over two dimensions, as a view. Mirrors torch.diagonal."""
    ndim = input.array.ndim
    first, second = normalize_dim(dim1, ndim), normalize_dim(dim2, ndim)
    if first == second:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    return apply(Diagonal, input, offset=offset, dim1=first, dim2=second)


def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """The diagonal of a matrix, or the matrix of a diagonal. Mirrors torch.diag."""
    ndim = input.array.ndim
    if ndim not in (1, 2):
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {ndim}D")
    if ndim == 2:
        return apply(DiagonalCopy, input, offset=diagonal, dim1=0, dim2=1)
    n = input.array.shape[0] + abs(diagonal)
    return apply(DiagEmbed, input, shape=(n, n), offset=diagonal, dim1=0, dim2=1)


def unfold(input: Tensor, dimension: int, size: int, step: int) -> Tensor:
    """Windows of `size` elements every `step`, as a new last dimension, as a view. Mirrors torch.Tensor.unfold."""
    dimension = normalize_dim(dimension, input.array.ndim)
    n = input.array.shape[dimension] if input.array.ndim else 1
    if size < 0:
        raise RuntimeError(f"size is {size} but must be >= 0")
    if size > n:
        raise RuntimeError(f"maximum size for tensor at dimension {dimension} is {n} but size is {size}")
    if step <= 0:
        raise RuntimeError(f"step is {step} but must be > 0")
    return apply(Unfold, input, dimension=dimension, size=size, step=step)


# ---- the whole


def cat(tensors: Any, dim: int = 0, *, axis: int | None = None) -> Tensor:
    """Tensors joined along a dimension they have. Mirrors torch.cat."""
    check_tensors("cat", tensors)
    if not tensors:
        raise ValueError("torch.cat(): expected a non-empty list of Tensors")
    shapes = [x.array.shape for x in tensors]
    first = next((shape for shape in shapes if shape != (0,)), shapes[0])
    dim = normalize_dim(dim if axis is None else axis, len(first))
    for i, shape in enumerate(shapes):
        if not shape:
            raise RuntimeError(f"zero-dimensional tensor (at position {i}) cannot be concatenated")
        if shape == first or shape == (0,):
            continue
        if len(shape) != len(first):
            raise RuntimeError(f"Tensors must have same number of dimensions: got {len(first)} and {len(shape)}")
        for d, (n, m) in enumerate(zip(first, shape)):
            if d != dim and n != m:
                raise RuntimeError(
                    f"Sizes of tensors must match except in dimension {dim}. Expected size {n} but got size {m} for tensor number "
                    f"{i} in the list."
                )
    return apply(Cat, *same_dtype(tensors), dim=dim)


concat = concatenate = cat


def same_dtype(tensors: Any) -> Any:
    dtype = tensors[0].array.dtype
    return tensors if all([x.array.dtype is dtype for x in tensors]) else promoted(*tensors)


def stack(tensors: Any, dim: int = 0, *, axis: int | None = None) -> Tensor:
    """Tensors of one shape joined along a new dimension. Mirrors torch.stack."""
    check_tensors("stack", tensors)
    if not tensors:
        raise RuntimeError("stack expects a non-empty TensorList")
    first = tensors[0].array.shape
    for i, x in enumerate(tensors):
        if x.array.shape != first:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(first)} at entry 0 and {list(x.array.shape)} at entry {i}"
            )
    return apply(Stack, *same_dtype(tensors), dim=normalize_dim(dim if axis is None else axis, len(first) + 1))


def hstack(tensors: Any) -> Tensor:
    """Tensors joined along their second dimension, or their first if they have one. Mirrors torch.hstack."""
    check_tensors("hstack", tensors)
    if not tensors:
        raise RuntimeError("hstack expects a non-empty TensorList")
    tensors = [x if x.array.ndim else reshape(x, 1) for x in tensors]
    return cat(tensors, 0 if tensors[0].array.ndim == 1 else 1)


def vstack(tensors: Any) -> Tensor:
    """Tensors joined as rows. Mirrors torch.vstack."""
    check_tensors("vstack", tensors)
    if not tensors:
        raise RuntimeError("vstack expects a non-empty TensorList")
    return cat([as_rows(x) for x in tensors], 0)


def as_rows(x: Tensor) -> Tensor:
    """A vector as a matrix of one row."""
    return x if x.array.ndim > 1 else unsqueeze(x, 0) if x.array.ndim else reshape(x, 1, 1)
