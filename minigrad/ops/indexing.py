"""x[index] and x[index] = value, for every index that PyTorch knows.

Numbers, slices, None and ... make a view, step by step as PyTorch makes it. Lists, masks and tensors among them then take (or
write) elements of that view: each stands for one dimension of it, or a mask for as many as it has.
"""
from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.inplace import inplace
from ..autograd.rule import Rule, apply, grad_dtype, on
from ..autograd.variable import TensorBase, wrap
from .arguments import check_long, type_name
from .broadcast import expand
from .copies import copy_, fill_
from .data import from_data
from .family import Number, broadcast_error, cast
from .parts import Select, Slice
from .places import add_at
from .shape import Alias, unsqueeze, view

if TYPE_CHECKING:
    from ..tensor import Tensor

# ---- rules. `dims` says which dimensions of x the indices are for


class Index(Rule):
    """x[index], where there are arrays in the index: a copy."""

    def forward(x, *indices, dims):
        if len(dims) == 1:
            return x.take(indices[0], dims[0])
        return np.ascontiguousarray(x[at(dims, indices)])

    def grad_x(grad, x_shape, indices, dims):
        return on(IndexScatter, grad, *indices, shape=x_shape, dims=dims)


class IndexScatter(Rule):
    """Zeros of a shape, with x added at an index: the gradient of Index."""

    node_name = "IndexPutBackward0"

    def forward(x, *indices, shape, dims):
        return add_into(np.zeros(shape, x.dtype), dims, indices, x)

    def grad_x(grad, indices, dims):
        return on(Index, grad, *indices, dims=dims)


class IndexPut(Rule):
    """A copy of x with values written at an index, or added."""

    def forward(x, values, *indices, dims, accumulate):
        if accumulate:
            return add_into(x.copy("C"), dims, indices, np.broadcast_to(values, x[at(dims, indices)].shape))
        result = x.copy("C")
        result[at(dims, indices)] = values
        return result

    def grad_x(grad, indices, dims, accumulate):
        if accumulate:
            return grad
        return on(IndexPut, grad, np.zeros((), grad_dtype(grad)), *indices, dims=dims, accumulate=False)

    def grad_values(grad, indices, dims):
        return on(Index, grad, *indices, dims=dims)


class MaskedSelect(Rule):
    """The elements of x where the mask is True, in one dimension."""

    def forward(x, mask):
        if x.shape != mask.shape:
            x, mask = np.broadcast_arrays(x, mask)
        return x[mask]

    def grad_x(grad, x_shape, mask):
        return on(MaskedScatter, grad, mask, shape=np.broadcast_shapes(x_shape, mask.shape))


class MaskedScatter(Rule):
    """Zeros of a shape, with the elements of x where the mask is True."""

    def forward(x, mask, *, shape):
        total = np.zeros(shape, x.dtype)
        total[np.broadcast_to(mask, shape)] = x
        return total

    def grad_x(grad, mask):
        return on(MaskedSelect, grad, mask)


def at(dims: tuple[int, ...], indices: Any) -> tuple[Any, ...]:
    """A NumPy index with an array for each of some dimensions."""
    places: list[Any] = [slice(None)] * (dims[-1] + 1)
    for dim, index in zip(dims, indices):
        places[dim] = index
    return tuple(places)


def add_into(total: np.ndarray, dims: tuple[int, ...], indices: Any, values: np.ndarray) -> np.ndarray:
    """total[index] += values, where places may repeat."""
    if not values.size:
        return total
    # The flat place of each element: steps along the indexed dimensions, laid out as x[index] is, and along the others.
    steps = [s // total.itemsize for s in total.strides]
    place: Any = sum(i % total.shape[dim] * steps[dim] for dim, i in zip(dims, indices))
    others = [d for d in range(total.ndim) if d not in dims]
    in_front = dims[0] if dims[-1] - dims[0] + 1 == len(dims) else 0  # what the indices stand behind
    for d in others[in_front:]:
        place = place[..., None] + np.arange(0, total.shape[d] * steps[d], steps[d])
    for d in reversed(others[:in_front]):
        place = np.arange(0, total.shape[d] * steps[d], steps[d]).reshape((-1,) + (1,) * place.ndim) + place
    return add_at(total, place, values)


# ---- from an index to a view and tensors


def getitem(input: Tensor, index: Any) -> Tensor:
    """x[index]"""
    kind = type(index)
    if kind is int and input.array.ndim:
        return take_one(input, 0, index, 0)
    if kind is slice:
        return take_slice(input, 0, index, always=True)
    part, tensors = parse(input, as_parts(index))
    if tensors:
        return take_elements(part, tensors)
    return apply(Alias, input) if part is input else part


def setitem(input: Tensor, index: Any, value: Any) -> None:
    """x[index] = value, in place."""
    if not isinstance(value, (TensorBase, *Number, np.integer)):
        raise TypeError(f"can't assign a {type_name(value)} to a {input.type()}")
    if index is False:
        return
    parts = as_parts(None if index is True else index)
    part, tensors = parse(input, parts)
    if not isinstance(value, TensorBase):
        value = wrap(np.asarray(assignable(value, input.array.dtype)))
    elif not value.array.ndim and any([is_mask(part) and part.array.ndim for part in parts]):
        value = cast(value, input.array.dtype)
    shape = part.array.shape
    if tensors:
        put(inplace, part, tensors, without_leading_ones(value) if value.array.shape[:1] == (1,) else value)
    elif value.array.shape == shape:
        copy_(part, value)
    elif not value.array.ndim:
        fill_(part, value)
    else:
        value = without_leading_ones(value)
        copy_(part, value if value.array.shape == shape else expand(value, shape))


def assignable(value: Any, dtype: np.dtype) -> Any:
    """A number as one of a dtype, if it fits; to float16, PyTorch assigns also what is too large."""
    check_long(value)
    if dtype != np.float16:
        return dtypes.converted(value, dtype)
    with np.errstate(over="ignore"):
        return dtype.type(value)


def without_leading_ones(value: Tensor) -> Tensor:
    """PyTorch drops leading dimensions of size 1 of what is assigned."""
    shape = value.array.shape
    return view(value, shape[next((i for i, n in enumerate(shape) if n != 1), len(shape)) :])


def parse(input: Tensor, parts: list[Any]) -> tuple[Tensor, dict[int, Tensor]]:
    """The view that numbers, slices, None and ... make of a tensor, and the index tensors, by the dimension they are for."""
    ndim = input.array.ndim
    used = [width(part) for part in parts]
    if sum(used) > ndim:
        if not ndim and len(parts) == 1 and isinstance(parts[0], (int, np.integer)):
            raise IndexError(
                "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim "
                "tensor to a number"
            )
        raise IndexError(f"too many indices for tensor of dimension {ndim}")
    x, dim = input, 0
    tensors: dict[int, Tensor] = {}
    for i, part in enumerate(parts):
        if isinstance(part, slice):
            x = take_slice(x, dim, part)
            dim += 1
        elif part is Ellipsis:
            dim += ndim - sum(used)
        elif part is None:
            x = unsqueeze(x, dim)
            dim += 1
        elif not isinstance(part, TensorBase):
            x = take_one(x, dim, int(part), i)
        elif part.array.ndim or part.array.dtype.kind == "f":
            tensors[dim] = part  # type: ignore[assignment]
            dim += width(part)
        elif is_mask(part):
            x = unsqueeze(x, dim)
            tensors[dim] = wrap(np.zeros(int(part.array != 0), np.int64))
            dim += 1
        else:
            x = take_one(x, dim, int(part.array), i)
    return x, {d: index for dim, part in tensors.items() for d, index in enumerate(index_tensors(part, x, dim), dim)}


def as_parts(index: Any) -> list[Any]:
    """The parts of an index: numbers, slices, None, ..., and tensors in place of truth values, lists and arrays."""
    if isinstance(index, tuple):
        return [as_part(part) for part in index]
    if not is_like_tuple(index):
        return [as_part(index)]
    warnings.warn(
        "Using a non-tuple sequence for multidimensional indexing is deprecated and will be changed in pytorch 2.9; use "
        "x[tuple(seq)] instead of x[seq]. In pytorch 2.9 this will be interpreted as tensor index, x[torch.tensor(seq)], which will "
        "result either in an error or a different result",
        stacklevel=3,
    )
    return [as_part(part) for part in index]


def is_like_tuple(index: Any) -> bool:
    """PyTorch's rule (once NumPy's) for lists that mean a tuple: short ones with a slice, None, ... or a sequence in them."""
    sequences = (slice, list, tuple, range, str, TensorBase, np.ndarray)
    return (
        isinstance(index, (list, range, str))
        and len(index) < 32
        and any([part is None or part is Ellipsis or isinstance(part, sequences) for part in index])
    )


def as_part(part: Any) -> Any:
    if isinstance(part, (slice, TensorBase)) or part is None or part is Ellipsis:
        return part
    if isinstance(part, bool):
        return wrap(np.asarray(part))
    if isinstance(part, np.ndarray):
        return wrap(part if part.dtype.kind in "biu" else part.astype(np.int64))
    if hasattr(part, "__index__"):
        return part
    if isinstance(part, (list, tuple, range, str)):
        found = from_data(part, None)
        return wrap(found if found.dtype.type in (np.bool_, np.uint8) else found.astype(np.int64))
    raise IndexError(
        "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got "
        f"{type_name(part)})"
    )


def width(part: Any) -> int:
    """How many dimensions a part of an index is for."""
    if part is None or part is Ellipsis:
        return 0
    return part.array.ndim if is_mask(part) else 1


def is_mask(part: Any) -> bool:
    return isinstance(part, TensorBase) and part.array.dtype.type in (np.bool_, np.uint8)


def take_one(x: Tensor, dim: int, index: int, place: int) -> Tensor:
    n = x.array.shape[dim]
    if not -n <= index < n:
        check_long(index)
        raise IndexError(f"index {index} is out of bounds for dimension {place} with size {n}")
    return apply(Select, x, dim=dim, index=index + n if index < 0 else index)


def take_slice(x: Tensor, dim: int, part: slice, always: bool = False) -> Tensor:
    """x itself for `:`, unless a view is wanted in any case."""
    if not x.array.ndim:
        raise IndexError("slice() cannot be applied to a 0-dim tensor.")
    n = x.array.shape[dim]
    start, stop, step = part.indices(n)
    if step < 0:
        raise ValueError("step must be greater than zero")
    if not always and step == 1 and part.start in (None, 0) and (part.stop is None or part.stop >= n):
        return x
    return apply(Slice, x, dim=dim, at=slice(start, max(start, stop), step))


def index_tensors(index: Tensor, x: Tensor, dim: int) -> list[Tensor]:
    """An index tensor; for a mask, the indices of its True elements, a tensor for each of its dimensions."""
    if is_mask(index):
        if index.array.dtype == np.uint8:
            warnings.warn(
                "indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool instead.", stacklevel=4
            )
        for d, n in enumerate(index.array.shape):
            if n != x.array.shape[dim + d]:
                raise IndexError(
                    f"The shape of the mask {list(index.array.shape)} at index {d} does not match the shape of the indexed tensor "
                    f"{list(x.array.shape)} at index {dim + d}"
                )
        return [wrap(indices) for indices in index.array.nonzero()]
    if index.array.dtype.type not in (np.int64, np.int32):
        raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
    return [index]


def take_elements(x: Tensor, tensors: dict[int, Tensor]) -> Tensor:
    """The elements (or slices) of a tensor at its index tensors."""
    try:
        return apply(Index, x, *tensors.values(), dims=tuple(tensors))
    except (IndexError, ValueError):
        raise wrong_index(x, tensors) from None


def wrong_index(x: Tensor, tensors: dict[int, Tensor]) -> IndexError:
    """What PyTorch says where NumPy refuses an index."""
    shapes = [index.array.shape for index in tensors.values()]
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        listed = ", ".join([str(list(shape)) for shape in shapes])
        return IndexError(f"shape mismatch: indexing tensors could not be broadcast together with shapes {listed}")
    for i, (dim, index) in enumerate(tensors.items()):
        n = x.array.shape[dim]
        if not n and index.array.size:
            return IndexError("index is out of bounds for dimension with size 0")
        for number in index.array.reshape(-1).tolist():
            if not -n <= number < n:
                return IndexError(f"index {number} is out of bounds for dimension {i} with size {n}")
    raise AssertionError("only called when there is something wrong")


# ---- writing at index tensors


def index_put(input: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    """A copy with values written (or added) at an index. Mirrors torch.index_put."""
    return put(apply, input, by_dimension(input, indices), values, accumulate)


def index_put_(input: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    """`index_put`, in place."""
    return put(inplace, input, by_dimension(input, indices), values, accumulate)


def by_dimension(input: Tensor, indices: Any) -> dict[int, Tensor]:
    """Index tensors, each for the next dimension of a tensor, or a mask for as many as it has."""
    if len(indices) > input.array.ndim:
        raise IndexError(f"too many indices for tensor of dimension {input.array.ndim} (got {len(indices)})")
    found: list[Tensor] = []
    for index in indices:
        found += index_tensors(index, input, len(found))
    return dict(enumerate(found))


def put(run: Any, x: Tensor, tensors: dict[int, Tensor], values: Tensor, accumulate: bool = False) -> Tensor:
    """Write values at the index tensors of a tensor, or of a copy."""
    if values.array.dtype != x.array.dtype and fits(values, region(x, tensors)):
        names = [dtypes.of_array(array).scalar_name for array in (x.array, values.array)]
        raise RuntimeError(
            f"Index put requires the source and destination dtypes match, got {names[0]} for the destination and {names[1]} for the "
            "source."
        )
    try:
        return run(IndexPut, x, values, *tensors.values(), dims=tuple(tensors), accumulate=accumulate)
    except IndexError:
        raise wrong_index(x, tensors) from None
    except ValueError:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(values.array.shape)} cannot be broadcast to indexing result of shape "
            f"{list(region(x, tensors))}"
        ) from None


def region(x: Tensor, tensors: dict[int, Tensor]) -> tuple[int, ...]:
    """The shape of what lies at the index tensors."""
    return x.array[at(tuple(tensors), [index.array for index in tensors.values()])].shape


def fits(values: Tensor, shape: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(values.array.shape, shape) == shape
    except ValueError:
        return False


def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The elements where the mask is True. Mirrors torch.masked_select."""
    if mask.array.dtype != bool:
        raise RuntimeError("masked_select: expected BoolTensor for mask")
    try:
        return apply(MaskedSelect, input, mask)
    except ValueError:
        raise broadcast_error(mask.array.shape, input.array.shape) from None
