"""Taking elements out and putting them in: x[...], gather, scatter, index_select, one_hot, masks."""
from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.inplace import inplace
from ..autograd.rule import Rule, apply, on
from ..autograd.variable import TensorBase, wrap
from .family import cast, normalize_dim
from .shape import Alias, Slice, copy_, fill_, select, unsqueeze

if TYPE_CHECKING:
    from ..tensor import Tensor

# ---- rules


class Index(Rule):
    """x[index], where the index has arrays in it: a copy. `spec` has None where the arrays go."""

    def forward(x, *indices, spec):
        return x[filled(spec, indices)]

    def grad_x(grad, x_shape, spec, indices):
        return on(IndexScatter, grad, shape=x_shape, at=filled(spec, [getattr(index, "array", index) for index in indices]))


def filled(spec: tuple[Any, ...], arrays: Any) -> tuple[Any, ...]:
    """An index with its arrays in their places."""
    rest = iter(arrays)
    return tuple([next(rest) if part is None else part for part in spec])


class IndexScatter(Rule):
    """Zeros of a shape, with x added at an index: the gradient of Index."""

    node_name = "IndexPutBackward0"

    def forward(x, *, shape, at):
        total = np.zeros(shape, x.dtype)
        np.add.at(total, at, x)
        return total

    def grad_x(grad, at):
        return grad[at]


class IndexPut(Rule):
    """A copy of x with values written (or added) at an index."""

    def forward(x, values, *, at, accumulate):
        result = np.array(x)
        if accumulate:
            np.add.at(result, at, values)
        else:
            result[at] = values
        return result

    def grad_x(grad, at, accumulate):
        return grad if accumulate else on(IndexPut, grad, np.zeros((), grad_dtype(grad)), at=at, accumulate=False)

    def grad_values(grad, at):
        return grad[at]


def grad_dtype(grad: Any) -> np.dtype:
    return grad.array.dtype if isinstance(grad, TensorBase) else grad.dtype


class Gather(Rule):
    """x at `index` along a dimension, place by place."""

    def forward(x, index, *, dim):
        return x.reshape(-1)[flat(index, x.shape, dim)]

    def grad_x(grad, index, x_shape, dim):
        return on(GatherScatter, grad, index, shape=x_shape, dim=dim)


class GatherScatter(Rule):
    """Zeros of a shape, with x added at `index` along a dimension: the gradient of Gather."""

    node_name = "ScatterAddBackward0"

    def forward(x, index, *, shape, dim):
        at = flat(index, shape, dim).reshape(-1)
        return np.bincount(at, x.reshape(-1), math.prod(shape)).astype(x.dtype, copy=False).reshape(shape)

    def grad_x(grad, index, dim):
        return on(Gather, grad, index, dim=dim)


def flat(index: np.ndarray, shape: tuple[int, ...], dim: int) -> np.ndarray:
    """For each place of `index`, the position in a flat array of `shape` that it means: its own place, with `dim` replaced."""
    if not shape:
        return index
    position = index * math.prod(shape[dim + 1 :])
    for d, n in enumerate(index.shape):
        if d != dim:
            stride = math.prod(shape[d + 1 :])
            position = position + (np.arange(n) * stride).reshape([-1 if k == d else 1 for k in range(index.ndim)])
    return position


class Scatter(Rule):
    """A copy of x with the elements of src written at `index` along a dimension."""

    def forward(x, index, src, *, dim):
        result = x.copy("C")
        result.reshape(-1)[flat(index, x.shape, dim)] = region(src, index)
        return result

    def grad_x(grad, index, dim):
        return on(Scatter, grad, index, np.zeros(index.shape, grad_dtype(grad)), dim=dim)

    def grad_src(grad, index, src_shape, dim):
        return on(Corner, on(Gather, grad, index, dim=dim), shape=src_shape)


class ScatterAdd(Rule):
    """A copy of x with the elements of src added at `index` along a dimension."""

    def forward(x, index, src, *, dim):
        result = x.copy("C")
        np.add.at(result.reshape(-1), flat(index, x.shape, dim), region(src, index))
        return result

    def grad_x(grad):
        return grad

    def grad_src(grad, index, src_shape, dim):
        return on(Corner, on(Gather, grad, index, dim=dim), shape=src_shape)


def region(src: np.ndarray, index: np.ndarray) -> np.ndarray:
    """The part of src that index covers, which may be smaller."""
    return src[tuple([slice(n) for n in index.shape])] if src.ndim else src


class Corner(Rule):
    """x in the corner of a larger array of zeros."""

    def forward(x, *, shape):
        if x.shape == shape:
            return x
        total = np.zeros(shape, x.dtype)
        total[tuple([slice(n) for n in x.shape])] = x
        return total

    def grad_x(grad, x_shape):
        return grad[tuple([slice(n) for n in x_shape])]


class IndexSelect(Rule):
    """The slices at `index` along a dimension."""

    def forward(x, index, *, dim):
        return np.take(x, index, dim) if x.ndim else x.copy()

    def grad_x(grad, index, x_shape, dim):
        return on(IndexAdd, np.zeros(x_shape, grad_dtype(grad)), index, grad, dim=dim, alpha=1)


class IndexAdd(Rule):
    """A copy of x with alpha * source added at `index` along a dimension."""

    def forward(x, index, source, *, dim, alpha):
        result = np.array(x)
        np.add.at(result, (slice(None),) * dim + (index,), source if alpha == 1 else alpha * source)
        return result

    def grad_x(grad):
        return grad

    def grad_source(grad, index, dim, alpha):
        selected = on(IndexSelect, grad, index, dim=dim)
        return selected if alpha == 1 else selected * alpha


class MaskedSelect(Rule):
    """The elements of x where the mask is True, in one dimension."""

    def forward(x, mask):
        return x[mask]

    def grad_x(grad, mask, x_shape):
        return on(IndexScatter, grad, shape=x_shape, at=np.nonzero(getattr(mask, "array", mask)))


# ---- x[index]


def getitem(input: Tensor, index: Any) -> Tensor:
    """x[index]: numbers, slices, None and ... give views, step by step as PyTorch makes them; lists, masks and tensors copy."""
    if isinstance(index, slice):
        return take_slice(input, 0, index, always=True)
    view, arrays = basic(input, index)
    if arrays is None:
        return apply(Alias, input) if view is input else view
    return apply_index(view, arrays)


def apply_index(view: Tensor, arrays: list[Any]) -> Tensor:
    spec = tuple([None if a is not None else slice(None) for a in arrays])
    indices = [a for a in arrays if a is not None]
    check_bounds(view, arrays)
    return apply(Index, view, *indices, spec=spec)


def basic(input: Tensor, index: Any) -> tuple[Tensor, list[Any] | None]:
    """The view that numbers, slices, None and ... make of input; and, per dimension of it, the index tensor there, if any."""
    parts = index if isinstance(index, tuple) else (index,)
    ndim = input.array.ndim
    consumed = [width(part) for part in parts]
    if sum(consumed) > ndim:
        if not ndim and not any([isinstance(p, (TensorBase, list, np.ndarray)) for p in parts]):
            raise IndexError(
                "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim "
                "tensor to a number"
            )
        raise IndexError(f"too many indices for tensor of dimension {ndim}")
    dim, x = 0, input
    arrays: list[Any] = []
    for i, part in enumerate(parts):
        if isinstance(part, bool):
            x = unsqueeze(x, dim)
            arrays += [None] * (dim - len(arrays)) + [wrap(np.array([0] if part else [], np.int64))]
            dim += 1
        elif isinstance(part, slice):
            x = take_slice(x, dim, part)
            dim += 1
        elif part is None:
            x = unsqueeze(x, dim)
            dim += 1
        elif part is Ellipsis:
            dim += ndim - sum(consumed)
        elif isinstance(part, TensorBase) and part.array.ndim == 0 and part.array.dtype.kind in "iu" or hasattr(part, "__index__") and not isinstance(part, (TensorBase, np.ndarray)):
            x = take_one(x, dim, int(part), input)
        else:
            found = index_tensor(part)
            if found.array.dtype == bool:
                found_all = masked(found, x, dim)
            else:
                found_all = [found]
            arrays += [None] * (dim - len(arrays)) + found_all
            dim += len(found_all)
    return (x, arrays) if arrays else (x, None)


def width(part: Any) -> int:
    """How many dimensions one part of an index uses up."""
    if part is None or part is Ellipsis or isinstance(part, bool):
        return 0
    array = part.array if isinstance(part, TensorBase) else part
    if isinstance(array, np.ndarray) and array.dtype in (np.bool_, np.uint8):
        return array.ndim
    if isinstance(part, list) and np.asarray([p.item() if isinstance(p, TensorBase) else p for p in part] or [0]).dtype == bool:
        return np.asarray(part).ndim
    return 1


def index_tensor(part: Any) -> Tensor:
    """A list, array or tensor as a tensor of indices or a mask."""
    if isinstance(part, TensorBase):
        found = part
    elif isinstance(part, (list, tuple, range, np.ndarray)):
        array = np.asarray([p.array if isinstance(p, TensorBase) else p for p in part] if not isinstance(part, np.ndarray) else part)
        found = wrap(array if array.size else array.astype(np.int64))
    else:
        raise TypeError(
            f"only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got {type(part).__name__})"
        )
    if found.array.dtype == np.uint8:
        return cast(found, np.dtype(bool))
    if found.array.dtype.kind not in "bi":
        raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
    return found  # type: ignore[return-value]


def masked(mask: Tensor, x: Tensor, dim: int) -> list[Tensor]:
    """A mask as the indices where it is True, one tensor for each of its dimensions."""
    for d, n in enumerate(mask.array.shape):
        if n != x.array.shape[dim + d]:
            raise IndexError(
                f"The shape of the mask {list(mask.array.shape)} at index {d} does not match the shape of the indexed tensor "
                f"{list(x.array.shape)} at index {dim + d}"
            )
    return [wrap(indices) for indices in np.nonzero(mask.array)]


def take_one(x: Tensor, dim: int, index: int, original: Tensor) -> Tensor:
    n = x.array.shape[dim]
    if not -n <= index < n:
        raise IndexError(f"index {index} is out of bounds for dimension {dim} with size {n}")
    return select(x, dim, index)


def take_slice(x: Tensor, dim: int, part: slice, always: bool = False) -> Tensor:
    if not x.array.ndim:
        raise IndexError("slice() cannot be applied to a 0-dim tensor.")
    start, stop, step = part.start, part.stop, part.step
    if step is not None and step <= 0:
        raise ValueError("step must be greater than zero")
    n = x.array.shape[dim]
    whole = range(n)[slice(*[None if p is None else int(p) for p in (start, stop, step)])]
    if len(whole) == n and whole.step == 1 and not always:
        return x
    return apply(Slice, x, dim=dim, at=slice(whole.start, max(whole.stop, whole.start), whole.step))


def check_bounds(x: Tensor, arrays: list[Any]) -> None:
    """NumPy would refuse too, but in other words; and shapes that do not broadcast get PyTorch's."""
    for dim, index in enumerate(arrays):
        if index is not None and index.array.size:
            n = x.array.shape[dim]
            low, high = index.array.min(), index.array.max()
            if low < -n or high >= n:
                raise IndexError(f"index {low if low < -n else high} is out of bounds for dimension {dim} with size {n}")
    shapes = [a.array.shape for a in arrays if a is not None]
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        raise IndexError(
            f"shape mismatch: indexing tensors could not be broadcast together with shapes {', '.join(str(list(s)) for s in shapes)}"
        ) from None


def setitem(input: Tensor, index: Any, value: Any) -> None:
    """x[index] = value, in place. Into a view, the value is copied; at lists, masks and tensors it is put."""
    if isinstance(index, slice):
        view, arrays = take_slice(input, 0, index), None
    else:
        view, arrays = basic(input, index)
    if not isinstance(value, TensorBase):
        if arrays is None and isinstance(value, (bool, int, float)):
            fill_(view, value)
            return
        value = wrap(np.asarray(value, dtype=input.array.dtype))
    if arrays is None:
        while value.array.ndim > view.array.ndim and value.array.shape[0] == 1:
            value = value.squeeze(0)  # PyTorch drops leading dimensions of size 1
        copy_(view, value)
        return
    check_bounds(view, arrays)
    at = tuple([slice(None) if a is None else a.array.copy() for a in arrays])
    put(view, value, at, accumulate=False, words="shape mismatch: value tensor of shape {} cannot be broadcast to indexing result of shape {}")


def put(target: Tensor, value: Tensor, at: tuple[Any, ...], accumulate: bool, words: str) -> Tensor:
    if value.array.dtype != target.array.dtype and value.array.ndim:
        raise RuntimeError(
            f"Index put requires the source and destination dtypes match, got {dtypes.of_array(target.array).scalar_name} for the "
            f"destination and {dtypes.of_array(value.array).scalar_name} for the source."
        )
    try:
        return inplace(IndexPut, target, cast(value, target.array.dtype), at=at, accumulate=accumulate)
    except ValueError:
        region_shape = target.array[at].shape
        raise RuntimeError(words.format(list(value.array.shape), list(region_shape))) from None


def index_put_(input: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    """Write (or add) values at an index, in place. Mirrors torch.Tensor.index_put_."""
    at = tuple([slice(None) if i is None else i.array for i in indices])
    return put(input, values, at, accumulate, "shape mismatch: value tensor of shape {} cannot be broadcast to indexing result of shape {}")


def index_put(input: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    """`index_put_` on a copy."""
    return index_put_(input.clone(), indices, values, accumulate)


# ---- functions


def check_index(name: str, index: Any, dtype_words: str = "int32/int64") -> None:
    if index.array.dtype not in (np.int64, np.int32):
        raise RuntimeError(f"{name}(): Expected dtype {dtype_words} for index")


def check_places(name: str, input: Tensor, index: Tensor, dim: int) -> int:
    """PyTorch's conditions on gather and scatter: an index no larger than the input elsewhere, and within it along `dim`."""
    dim = normalize_dim(dim, input.array.ndim)
    check_index(name, index)
    shape, places = input.array.shape, index.array.shape
    if len(shape) != len(places) and index.array.size:
        raise RuntimeError(
            f"Index tensor must have the same number of dimensions as {'input' if name == 'gather' else 'self'} tensor"
        )
    if name == "gather" and any([d != dim and n > m for d, (n, m) in enumerate(zip(places, shape))]):
        d = next(d for d, (n, m) in enumerate(zip(places, shape)) if d != dim and n > m)
        raise RuntimeError(
            f"Size does not match at dimension {d} expected index {list(places)} to be no larger than self {list(shape)} apart from "
            f"dimension {dim}"
        )
    n = shape[dim] if shape else 1
    if index.array.size and (index.array.min() < 0 or index.array.max() >= n):
        wrong = next(i for i in index.array.reshape(-1).tolist() if not 0 <= i < n)
        raise RuntimeError(f"index {wrong} is out of bounds for dimension {dim} with size {n}")
    return dim


def gather(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False) -> Tensor:
    """out[i][j] = input[index[i][j]][j] for dim 0, and so on. Mirrors torch.gather."""
    return apply(Gather, input, index, dim=check_places("gather", input, index, dim))


def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    """`gather`, with the other dimensions broadcast. Mirrors torch.take_along_dim."""
    if dim is None:
        return gather(input.flatten(), 0, indices.flatten())
    d = normalize_dim(dim, input.array.ndim)
    shape = np.broadcast_shapes(*[(*x.array.shape[:d], 1, *x.array.shape[d + 1 :]) for x in (input, indices)])

    def fit(x: Tensor) -> Tensor:
        return x.expand(*shape[:d], x.array.shape[d], *shape[d + 1 :])

    return gather(fit(input), d, fit(indices))


def source(input: Tensor, src: Any, index: Tensor) -> Tensor:
    """What scatter writes: a tensor, or a number everywhere."""
    return src if isinstance(src, TensorBase) else wrap(np.full(index.array.shape, src, input.array.dtype))  # type: ignore[return-value]


def scatter(input: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None, reduce: str | None = None) -> Tensor:
    """A copy of input with src written at index along a dimension. Mirrors torch.scatter."""
    return scatter_(input.clone(), dim, index, src, value=value, reduce=reduce) if reduce else apply(
        Scatter, input, index, source(input, value if src is None else src, index), dim=check_places("scatter", input, index, dim)
    )


def scatter_(input: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None, reduce: str | None = None) -> Tensor:
    """`scatter`, in place; with reduce="add" or "multiply" the elements are combined."""
    dim = check_places("scatter", input, index, dim)
    src = source(input, value if src is None else src, index)
    if src.array.dtype != input.array.dtype:
        raise RuntimeError("scatter(): Expected self.dtype to be equal to src.dtype")
    if reduce is None:
        return inplace(Scatter, input, index, src, dim=dim)
    if reduce == "add":
        return inplace(ScatterAdd, input, index, src, dim=dim)
    raise NotImplementedError(f"scatter_(reduce={reduce!r}) is not supported; use scatter_add_, or multiply by hand")


def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """A copy of input with src added at index along a dimension. Mirrors torch.scatter_add."""
    return apply(ScatterAdd, input, index, src, dim=check_places("scatter_add", input, index, dim))


def scatter_add_(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """`scatter_add`, in place."""
    return inplace(ScatterAdd, input, index, src, dim=check_places("scatter_add", input, index, dim))


def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """The slices at index along a dimension. Mirrors torch.index_select."""
    dim = normalize_dim(dim, input.array.ndim)
    if index.array.ndim > 1:
        raise IndexError("index_select(): Index is supposed to be a vector")
    if index.array.dtype not in (np.int64, np.int32):
        raise RuntimeError("index_select(): Expected dtype int32 or int64 for index")
    n = input.array.shape[dim] if input.array.ndim else 1
    if index.array.size and (index.array.min() < 0 or index.array.max() >= n):
        raise IndexError("index out of range in self")
    return apply(IndexSelect, input, index.reshape(-1) if input.array.ndim else index, dim=dim)


def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Any = 1) -> Tensor:
    """A copy of input with alpha * source added at index along a dimension. Mirrors torch.index_add."""
    return apply(IndexAdd, input, index, source, dim=normalize_dim(dim, input.array.ndim), alpha=alpha)


def index_add_(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Any = 1) -> Tensor:
    """`index_add`, in place."""
    return inplace(IndexAdd, input, index, source, dim=normalize_dim(dim, input.array.ndim), alpha=alpha)


def index_fill_(input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    """Write one number at index along a dimension, in place. Mirrors torch.Tensor.index_fill_."""
    at = (slice(None),) * normalize_dim(dim, input.array.ndim) + (index.array,)
    return inplace(IndexPut, input, wrap(np.asarray(value, input.array.dtype)), at=at, accumulate=False)


def index_copy_(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """Write the slices of source at index along a dimension, in place. Mirrors torch.Tensor.index_copy_."""
    at = (slice(None),) * normalize_dim(dim, input.array.ndim) + (index.array,)
    return inplace(IndexPut, input, source, at=at, accumulate=False)


def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The elements where the mask is True. Mirrors torch.masked_select."""
    if mask.array.dtype != bool:
        raise RuntimeError("masked_select: expected BoolTensor for mask")
    shape = np.broadcast_shapes(input.array.shape, mask.array.shape)
    return apply(MaskedSelect, input if input.array.shape == shape else input.expand(shape), mask if mask.array.shape == shape else mask.expand(shape))


def take(input: Tensor, index: Tensor) -> Tensor:
    """Elements by their position in the flattened input. Mirrors torch.take."""
    return apply(Gather, input.reshape(-1), index.reshape(-1) % input.array.size, dim=0).reshape(index.array.shape)


def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """The indices of elements that are not zero: as rows, or one tensor per dimension. Mirrors torch.nonzero."""
    found = np.nonzero(np.atleast_1d(input.array))
    if as_tuple:
        return tuple([wrap(index) for index in found])
    return wrap(np.stack(found, 1) if input.array.ndim else np.zeros((len(found[0]), 0), np.int64))


argwhere = nonzero


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """A new last dimension, 1 at the class and 0 elsewhere. Mirrors torch.nn.functional.one_hot."""
    array = tensor.array
    if array.dtype != np.int64:
        raise RuntimeError(
            "one_hot is only applicable to index tensor of type LongTensor."
        )
    if not array.size:
        if num_classes <= 0:
            raise RuntimeError("Can not infer total number of classes from empty tensor.")
        return wrap(np.zeros((*array.shape, num_classes), np.int64))
    if array.min() < 0:
        raise RuntimeError("Class values must be non-negative.")
    if num_classes == -1:
        num_classes = int(array.max()) + 1
    elif num_classes < 1:
        raise RuntimeError("num_classes should be positive")
    elif array.max() >= num_classes:
        raise RuntimeError("Class values must be smaller than num_classes.")
    return wrap((array[..., None] == np.arange(num_classes)).astype(np.int64))


def unique(input: Tensor, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None) -> Any:
    """The different elements in order, and on request where each went and how many there were. Mirrors torch.unique."""
    values, inverse, counts = np.unique(input.array, return_inverse=True, return_counts=True, axis=dim)
    extra = [wrap(inverse.reshape(input.array.shape if dim is None else -1))] if return_inverse else []
    extra += [wrap(counts)] if return_counts else []
    return (wrap(values), *extra) if extra else wrap(values)


def searchsorted(sorted_sequence: Tensor, values: Any, *, right: bool = False) -> Tensor:
    """Where values would be inserted to keep the order. Mirrors torch.searchsorted, for a sequence of one dimension."""
    given = values.array if isinstance(values, TensorBase) else values
    if sorted_sequence.array.ndim == 1:
        return wrap(np.asarray(np.searchsorted(sorted_sequence.array, given, "right" if right else "left"), dtype=np.int64))
    rows = [np.searchsorted(s, v, "right" if right else "left") for s, v in zip(
        sorted_sequence.array.reshape(-1, sorted_sequence.array.shape[-1]), given.reshape(-1, given.shape[-1]))]
    return wrap(np.stack(rows).reshape(given.shape))


def bucketize(input: Any, boundaries: Tensor, *, right: bool = False) -> Tensor:
    """The bucket of each value. Mirrors torch.bucketize."""
    return searchsorted(boundaries, input, right=right)


def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often each non-negative integer occurs. Mirrors torch.bincount."""
    return wrap(np.bincount(input.array, None if weights is None else weights.array, minlength))

