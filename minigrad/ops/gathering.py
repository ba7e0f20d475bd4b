"""Elements by their indices along one dimension: gather, scatter, take.

What several indices share is summed one after the other, in PyTorch's order, so sums agree with PyTorch's to the last bit.
"""
from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.inplace import inplace
from ..autograd.rule import Rule, apply, grad_dtype, on
from ..autograd.variable import TensorBase, wrap
from .arguments import check_tensor, no_tensor
from .broadcast import expand
from .family import broadcast_error, normalize_dim
from .places import add_at, largest, places
from .shape import flatten

if TYPE_CHECKING:
    from ..tensor import Tensor

# ---- rules


class Gather(Rule):
    """x at `index` along a dimension, place by place."""

    def forward(x, index, *, dim):
        return x.reshape(-1).take(places(index, x.shape, dim))

    def grad_x(grad, index, x_shape, dim):
        return on(GatherScatter, grad, index, shape=x_shape, dim=dim)


class GatherScatter(Rule):
    """Zeros of a shape, with x added at `index` along a dimension: the gradient of Gather."""

    node_name = "ScatterAddBackward0"

    def forward(x, index, *, shape, dim):
        total, place = np.zeros(shape, x.dtype), places(index, shape, dim)
        if index.shape[dim : dim + 1] == (1,):  # one place per line: none can repeat
            total.reshape(-1)[place] = x
            return total
        return add_at(total, place, x)

    def grad_x(grad, index, dim):
        return on(Gather, grad, index, dim=dim)


class Scatter(Rule):
    """A copy of x with the elements of src written at `index` along a dimension."""

    def forward(x, index, src, *, dim):
        result = x.copy("C")
        result.reshape(-1)[places(index, x.shape, dim)] = region(src, index.shape)
        return result

    def grad_x(grad, index, dim):
        return on(ScatterNumber, grad, index, dim=dim, value=0)

    def grad_src(grad, index, src_shape, dim):
        return on(Corner, on(Gather, grad, index, dim=dim), shape=src_shape)


class ScatterNumber(Rule):
    """A copy of x with a number written at `index` along a dimension."""

    node_name = "ScatterBackward1"

    def forward(x, index, *, dim, value):
        result = np.array(x, order="C")  # which may be one of NumPy's scalars: of those `reshape` is a copy
        result.reshape(-1)[places(index, x.shape, dim)] = value
        return result

    def grad_x(grad, index, dim):
        return on(ScatterNumber, grad, index, dim=dim, value=0)


class ScatterAdd(Rule):
    """A copy of x with the elements of src added at `index` along a dimension."""

    def forward(x, index, src, *, dim):
        return add_at(x.copy("C"), places(index, x.shape, dim), region(src, index.shape))

    def grad_x(grad):
        return grad

    def grad_src(grad, index, src_shape, dim):
        return on(Corner, on(Gather, grad, index, dim=dim), shape=src_shape)


class ScatterCombine(Rule):
    """A copy of x with the elements of src added to it, or multiplied with it, at `index`. PyTorch has no derivative of it."""

    node_name = "NotImplemented"

    def forward(x, index, src, *, dim, reduce):
        return combine(getattr(np, reduce), x.copy("C"), index, src, dim)

    def grad_x(grad):
        raise RuntimeError("derivative for aten::scatter is not implemented")

    grad_src = grad_x


def combine(function: np.ufunc, total: np.ndarray, index: np.ndarray, src: np.ndarray, dim: int) -> np.ndarray:
    """Combine the elements of src, one after the other, with those of `total` at `index` along a dimension."""
    function.at(total.reshape(-1), places(index, total.shape, dim).reshape(-1), region(src, index.shape).reshape(-1))
    return total


def region(x: Any, shape: tuple[int, ...]) -> Any:
    """The corner of x that has a shape, which is x itself if it has that shape."""
    return x if x.shape == shape else x[tuple([slice(n) for n in shape])]


class Corner(Rule):
    """x in the corner of zeros of a shape."""

    def forward(x, *, shape):
        if x.shape == shape:
            return x
        total = np.zeros(shape, x.dtype)
        region(total, x.shape)[...] = x
        return total

    def grad_x(grad, x_shape):
        return region(grad, x_shape)


class Take(Rule):
    """The elements of the flattened x at `index`."""

    def forward(x, index):
        return x.reshape(-1).take(index)

    def grad_x(grad, index, x_shape):
        return on(Put, np.zeros(x_shape, grad_dtype(grad)), index, grad)


class Put(Rule):
    """A copy of x with the elements of source added at `index` of the flattened x."""

    def forward(x, index, source):
        return add_at(x.copy("C"), index, source)

    def grad_source(grad, index):
        return on(Take, grad, index)


# ---- functions


def checked_places(name: str, input: Tensor, dim: int, index: Any, src: Any = None) -> int:
    """PyTorch's conditions on gather and scatter: as many dimensions, an index no larger than input and src, and in range."""
    try:
        at, shape = index.array, input.array.shape
    except AttributeError:
        raise no_tensor(name, input=input, index=index) from None
    wanted, dim = at.shape, normalize_dim(dim, len(shape))
    if not at.size:
        return dim
    if at.dtype.type not in (np.int64, np.int32):
        raise RuntimeError(f"{'gather' if name == 'gather' else 'scatter'}(): Expected dtype int32/int64 for index")
    if len(shape or (1,)) != len(wanted or (1,)):
        whose = "input" if name == "gather" else "self"
        raise RuntimeError(f"Index tensor must have the same number of dimensions as {whose} tensor")
    if src is not None and len(src.array.shape or (1,)) != len(wanted or (1,)):
        raise RuntimeError("Index tensor must have the same number of dimensions as src tensor")
    rest, room = wanted[:dim] + wanted[dim + 1 :], shape[:dim] + shape[dim + 1 :]
    beyond_input = [] if rest == room else [d for d, (n, m) in enumerate(zip(wanted, shape)) if d != dim and n > m]
    if name == "gather":
        if beyond_input:
            raise RuntimeError(
                f"Size does not match at dimension {beyond_input[0]} expected index {list(wanted)} to be no larger than self "
                f"{list(shape)} apart from dimension {dim}"
            )
    elif beyond_input or src is not None and any([n > m for n, m in zip(wanted, src.array.shape)]):
        than_src = "" if src is None else f" and to be no larger size than src {list(src.array.shape)}"
        raise RuntimeError(f"Expected index {list(wanted)} to be no larger than self {list(shape)} apart from dimension {dim}{than_src}")
    check_range(at, dim, shape[dim] if shape else 1)
    return dim


def check_range(index: np.ndarray, dim: int, n: int, error: type[Exception] = RuntimeError, prefix: str = "") -> None:
    """Refuse an index of which an element is not between 0 and n."""
    if index.size and largest(index) >= n:
        wrong = next(i for i in index.reshape(-1).tolist() if not 0 <= i < n)
        raise error(f"{prefix}index {wrong} is out of bounds for dimension {dim} with size {n}")


def scalar_name(array: np.ndarray) -> str:
    return dtypes.of_array(array).scalar_name


def gather(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False) -> Tensor:
    """out[i][j] = input[index[i][j]][j] for dim 0, and so on. Mirrors torch.gather."""
    return Gather.applied[2](input, index, dim=checked_places("gather", input, dim, index))


def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    """`gather`, with the other dimensions broadcast. Mirrors torch.take_along_dim."""
    if dim is None:
        return gather(flatten(input), 0, flatten(indices))
    a, b = input.array.shape, indices.array.shape
    if len(a) != len(b):
        raise RuntimeError(
            f"torch.take_along_dim(): input and indices should have the same number of dimensions, but got {len(a)} dimensions for "
            f"input, and {len(b)} dimensions for indices"
        )
    if indices.array.dtype != np.int64:
        raise RuntimeError(f"torch.take_along_dim(): dtype of indices should be Long but got {scalar_name(indices.array)}")
    d = normalize_dim(dim, len(a))
    try:
        shape = np.broadcast_shapes((*a[:d], 1, *a[d + 1 :]), (*b[:d], 1, *b[d + 1 :]))
    except ValueError:
        raise broadcast_error((*a[:d], 1, *a[d + 1 :]), (*b[:d], 1, *b[d + 1 :])) from None

    def fit(x: Tensor) -> Tensor:
        return expand(x, *shape[:d], x.array.shape[d], *shape[d + 1 :])

    if indices.array.size and indices.array.min() < 0:
        indices = wrap(np.where(indices.array < 0, indices.array + a[d], indices.array))
    return gather(fit(input), d, fit(indices))


def scatter_rule(name: str, input: Tensor, dim: int, index: Any, src: Any, value: Any, reduce: str | None) -> tuple[Any, ...]:
    """The rule that a scatter stands for, the tensors that it takes after the input, and its settings."""
    given = src if src is not None else value
    if not isinstance(given, TensorBase):
        number = dtypes.converted(given, input.array.dtype)
        dim = checked_places(name, input, dim, index)
        if reduce is None:
            return ScatterNumber, (index,), {"dim": dim, "value": number}
        given = wrap(np.full(index.array.shape, number))
    elif reduce is not None:
        warnings.warn(
            "The reduce argument of torch.scatter with Tensor src is deprecated and will be removed in a future PyTorch release. Use "
            "torch.scatter_reduce instead for more reduction options.",
            stacklevel=3,
        )
    dim = checked_sources(name, input, dim, index, given)
    if reduce is None:
        return Scatter, (index, given), {"dim": dim}
    if reduce not in ("add", "multiply"):
        raise RuntimeError("reduce argument must be either add or multiply.")
    return ScatterCombine, (index, given), {"dim": dim, "reduce": reduce}


def checked_sources(name: str, input: Tensor, dim: int, index: Any, src: Tensor) -> int:
    """`checked_places`, and a source of the same dtype."""
    dim = checked_places(name, input, dim, index, src)
    if src.array.dtype != input.array.dtype:
        raise RuntimeError("scatter(): Expected self.dtype to be equal to src.dtype")
    return dim


def scatter(input: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None, reduce: str | None = None) -> Tensor:
    """A copy of input with src (or a number) written at index along a dimension; with reduce="add" or "multiply", combined
    with what is there. Mirrors torch.scatter."""
    rule, tensors, settings = scatter_rule("scatter", input, dim, index, src, value, reduce)
    return apply(rule, input, *tensors, **settings)


def scatter_(input: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None, reduce: str | None = None) -> Tensor:
    """`scatter`, in place."""
    rule, tensors, settings = scatter_rule("scatter", input, dim, index, src, value, reduce)
    return inplace(rule, input, *tensors, **settings)


def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """A copy of input with src added at index along a dimension. Mirrors torch.scatter_add."""
    check_tensor("scatter_add", "src", 3, src)
    return apply(ScatterAdd, input, index, src, dim=checked_sources("scatter_add", input, dim, index, src))


def scatter_add_(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """`scatter_add`, in place."""
    check_tensor("scatter_add_", "src", 3, src)
    return inplace(ScatterAdd, input, index, src, dim=checked_sources("scatter_add_", input, dim, index, src))


def take(input: Tensor, index: Tensor) -> Tensor:
    """Elements by their position in the flattened input. Mirrors torch.take."""
    check_tensor("take", "index", 1, index)
    at, n = index.array, input.array.size
    if at.dtype != np.int64:
        raise RuntimeError(f"take(): Expected a long tensor for index, but got {dtypes.of_array(at).scalar_name}")
    if at.size and not n:
        raise IndexError("take(): tried to take from an empty tensor")
    if at.size and (at.min() < -n or at.max() >= n):
        wrong = next(i for i in at.reshape(-1).tolist() if not -n <= i < n)
        raise IndexError(f"out of range: tried to access index {wrong} on a tensor of {n} elements.")
    return apply(Take, input, index)
