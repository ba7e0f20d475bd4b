"""Tensors from data, from a shape, and at random. Mirrors PyTorch's creation functions, with `dtype`, `device`, `requires_grad`."""
from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.inplace import inplace
from ..autograd.rule import Rule
from ..autograd.variable import TensorBase, wrap
from ..random import Generator, default_generator
from .shape import sizes

if TYPE_CHECKING:
    from ..tensor import Tensor


class device:
    """Where a tensor lives; here always the CPU. Mirrors torch.device."""

    def __init__(self, type: Any, index: int | None = None) -> None:
        name, _, number = str(type).partition(":")
        if name not in DEVICES:
            raise RuntimeError(
                f"Expected one of {', '.join(DEVICES)} device type at start of device string: {name}"
            )
        self.type = name
        self.index = int(number) if number else index

    def __repr__(self) -> str:
        return f"device(type='{self.type}'" + (")" if self.index is None else f", index={self.index})")

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))


DEVICES = ("cpu", "cuda", "ipu", "xpu", "mkldnn", "opengl", "opencl", "ideep", "hip", "ve", "fpga", "maia", "xla", "lazy", "vulkan",
           "mps", "meta", "hpu", "mtia", "privateuseone")
CPU = device("cpu")


def check_device(where: Any) -> None:
    """Only the CPU is here; another device gets PyTorch's error of a build without it."""
    if where is None or where == "cpu" or where is CPU:
        return
    if isinstance(where, int):
        where = f"cuda:{where}"
    asked = where if isinstance(where, device) else device(where)
    if asked.type == "cuda":
        raise AssertionError("Torch not compiled with CUDA enabled")
    if asked.type != "cpu":
        raise RuntimeError(f"minigrad runs on the CPU only; device {str(asked)!r} does not exist here. Use device='cpu'.")


def finish(array: np.ndarray, device: Any, requires_grad: bool) -> Tensor:
    """A new leaf over a new array."""
    check_device(device)
    tensor = wrap(array)
    if requires_grad:
        tensor.requires_grad_()
    return tensor


def floating(dtype: Any) -> np.dtype:
    return dtypes.get_default_dtype().numpy if dtype is None else dtypes.to_numpy(dtype)


# ---- from data


def from_data(data: Any, dtype: Any) -> np.ndarray:
    """Nested sequences, numbers, arrays and tensors as a new array, with PyTorch's choice of dtype and its errors."""
    goal = None if dtype is None else dtypes.to_numpy(dtype)
    if isinstance(data, TensorBase):
        return data.array.astype(goal or data.array.dtype)
    if isinstance(data, (np.ndarray, np.generic)):
        dtypes.of_array(np.asarray(data))
        return np.array(data, dtype=goal)
    if isinstance(data, (str, bytes)) or data is None:
        raise TypeError(f"new(): invalid data type '{type(data).__name__}'")
    shape = check_nested(data)
    leaves: list[Any] = []
    flatten_data(data, leaves)
    for leaf in leaves:
        if not isinstance(leaf, (bool, int, float, np.generic)):
            if isinstance(leaf, complex):
                raise TypeError("complex numbers are not supported; minigrad has real dtypes only")
            raise TypeError(f"new(): invalid data type '{type(leaf).__name__}'" if isinstance(leaf, (str, bytes))
                            else f"must be real number, not {type(leaf).__name__}" if leaves
                            else f"Could not infer dtype of {type(leaf).__name__}")
    if goal is None:
        if not leaves or any([isinstance(leaf, (float, np.floating)) for leaf in leaves]):
            doubles = bool(leaves) and all([isinstance(leaf, np.float64) for leaf in leaves]) and not isinstance(leaves[0], list)
            goal = np.dtype(np.float64) if doubles and has_numpy(data) else dtypes.get_default_dtype().numpy
        elif all([isinstance(leaf, (bool, np.bool_)) for leaf in leaves]):
            goal = np.dtype(bool)
        else:
            goal = np.dtype(np.int64)
    try:
        return np.array(leaves, dtype=goal).reshape(shape)
    except OverflowError:
        raise RuntimeError("Overflow when unpacking long long") from None


def has_numpy(data: Any) -> bool:
    while isinstance(data, (list, tuple)) and data:
        data = data[0]
    return isinstance(data, (np.ndarray, np.generic, TensorBase))


def is_sequence(data: Any) -> bool:
    return isinstance(data, (list, tuple, range)) or (
        hasattr(data, "__len__") and hasattr(data, "__getitem__") and not isinstance(data, (str, bytes, dict))
        and (not isinstance(data, (np.ndarray, TensorBase)) or bool(np.ndim(getattr(data, "array", data))))
    )


def check_nested(data: Any, depth: int = 0) -> tuple[int, ...]:
    """The shape of nested sequences, as the first elements tell it; all others must agree."""
    if not is_sequence(data):
        return ()
    if isinstance(data, (np.ndarray, TensorBase)):
        return tuple(getattr(data, "array", data).shape)
    if not len(data):
        return (0,)
    shape = check_nested(data[0], depth + 1)
    for item in data[1:]:
        if bool(shape) != is_sequence(item):
            if shape:
                raise TypeError("not a sequence")
            raise TypeError(f"must be real number, not {type(item).__name__}")
        found = check_nested(item, depth + 1)
        for d, (n, m) in enumerate(zip(shape, found), depth + 1):
            if n != m:
                raise ValueError(f"expected sequence of length {n} at dim {d} (got {m})")
    return (len(data), *shape)


def flatten_data(data: Any, leaves: list[Any]) -> None:
    if isinstance(data, TensorBase):
        leaves.extend(data.array.reshape(-1).tolist())
    elif isinstance(data, np.ndarray):
        leaves.extend(data.reshape(-1).tolist() if data.dtype != np.float64 else data.reshape(-1))
    elif is_sequence(data):
        for item in data:
            flatten_data(item, leaves)
    else:
        leaves.append(data)


def tensor(data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False) -> Tensor:
    """A new tensor with a copy of the data: numbers, nested sequences, arrays. Mirrors torch.tensor.

    Python floats become the default dtype (float32), ints int64, bools bool; NumPy arrays keep theirs. Raises ValueError for
    ragged sequences.
    """
    return finish(from_data(data, dtype), device, requires_grad)


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """The data as a tensor, without a copy where that is possible. Mirrors torch.as_tensor."""
    check_device(device)
    goal = None if dtype is None else dtypes.to_numpy(dtype)
    if isinstance(data, TensorBase):
        return data if goal is None else data.to(dtypes.of_numpy(goal))  # type: ignore[return-value,attr-defined]
    if isinstance(data, np.ndarray) and (goal is None or data.dtype == goal):
        return from_numpy(data)
    return tensor(data, dtype=dtype)


asarray = as_tensor


def from_numpy(ndarray: np.ndarray) -> Tensor:
    """A tensor over an array: both see each other's changes. Mirrors torch.from_numpy."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    dtypes.of_array(ndarray)
    return wrap(ndarray)


def scalar_tensor(s: Any, *, dtype: Any = None) -> Tensor:
    """A number as a 0-dim tensor. Mirrors torch.scalar_tensor."""
    return tensor(s, dtype=dtype or dtypes.get_default_dtype())


# ---- from a shape


def zeros(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, out: Any = None) -> Tensor:
    """A tensor of zeros. Mirrors torch.zeros."""
    return finish(np.zeros(checked(size), floating(dtype)), device, requires_grad)


def ones(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor of ones. Mirrors torch.ones."""
    return finish(np.ones(checked(size), floating(dtype)), device, requires_grad)


def empty(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor of whatever was in memory. Mirrors torch.empty."""
    return finish(np.empty(checked(size), floating(dtype)), device, requires_grad)


def checked(size: tuple[Any, ...]) -> tuple[int, ...]:
    shape = sizes(size)
    for n in shape:
        if n < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: {list(shape)}")
    return shape


def full(size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor of one number; its dtype is that of the number. Mirrors torch.full."""
    value = fill_value.item() if isinstance(fill_value, TensorBase) else fill_value
    goal = dtypes.to_numpy(dtype) if dtype is not None else dtypes.result_dtype(value)
    return finish(np.full(checked((size,)) if not isinstance(size, int) else (size,), value, goal), device, requires_grad)


def arange(*bounds: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """start, start + step, ... below end. Mirrors torch.arange."""
    values = [b.item() if isinstance(b, TensorBase) else b for b in bounds]
    start, end, step = (0, values[0], 1) if len(values) == 1 else (*values, 1)[:3]
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    if dtype is None:
        dtype = dtypes.get_default_dtype() if any([isinstance(v, float) for v in (start, end, step)]) else dtypes.int64
    n = math.ceil((end - start) / step)
    goal = dtypes.to_numpy(dtype)
    return finish((start + np.arange(n) * step).astype(goal), device, requires_grad)


def linspace(start: Any, end: Any, steps: int, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """`steps` numbers from start to end, evenly spaced; counted from both ends, as PyTorch does. Mirrors torch.linspace."""
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    goal = floating(dtype)
    work = goal if goal.kind == "f" else np.dtype(np.float64)
    first, last = work.type(start), work.type(end)
    step = (last - first) / work.type(steps - 1) if steps > 1 else work.type(0)
    i = np.arange(steps).astype(work)
    values = np.where(np.arange(steps) < steps // 2, first + step * i, last - step * (steps - 1 - i)) if steps > 1 else np.full(steps, first)
    return finish(values.astype(goal), device, requires_grad)


def logspace(start: Any, end: Any, steps: int, base: float = 10.0, *, dtype: Any = None) -> Tensor:
    """base to the power of evenly spaced numbers. Mirrors torch.logspace."""
    return wrap((base ** linspace(start, end, steps, dtype=dtypes.float64).array).astype(floating(dtype)))


def eye(n: int, m: int | None = None, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones on the diagonal, zeros elsewhere. Mirrors torch.eye."""
    return finish(np.eye(n, m, dtype=floating(dtype)), device, requires_grad)


def tril_indices(row: int, col: int, offset: int = 0) -> Tensor:
    """The indices of the lower triangle. Mirrors torch.tril_indices."""
    return wrap(np.stack(np.tril_indices(row, offset, col)))


def triu_indices(row: int, col: int, offset: int = 0) -> Tensor:
    """The indices of the upper triangle. Mirrors torch.triu_indices."""
    return wrap(np.stack(np.triu_indices(row, offset, col)))


# ---- like another tensor


def like(input: Tensor, dtype: Any) -> tuple[tuple[int, ...], np.dtype]:
    return input.array.shape, input.array.dtype if dtype is None else dtypes.to_numpy(dtype)


def zeros_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, memory_format: Any = None) -> Tensor:
    """Zeros in the shape and dtype of input. Mirrors torch.zeros_like."""
    return finish(np.zeros(*like(input, dtype)), device, requires_grad)


def ones_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, memory_format: Any = None) -> Tensor:
    """Ones in the shape and dtype of input. Mirrors torch.ones_like."""
    return finish(np.ones(*like(input, dtype)), device, requires_grad)


def empty_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, memory_format: Any = None) -> Tensor:
    """Whatever was in memory, in the shape and dtype of input. Mirrors torch.empty_like."""
    return finish(np.empty(*like(input, dtype)), device, requires_grad)


def full_like(input: Tensor, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """One number in the shape and dtype of input. Mirrors torch.full_like."""
    shape, goal = like(input, dtype)
    return finish(np.full(shape, fill_value, goal), device, requires_grad)


def new_zeros(input: Tensor, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Zeros in the dtype of input."""
    return finish(np.zeros(checked(size), like(input, dtype)[1]), device, requires_grad)


def new_ones(input: Tensor, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones in the dtype of input."""
    return finish(np.ones(checked(size), like(input, dtype)[1]), device, requires_grad)


def new_empty(input: Tensor, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Whatever was in memory, in the dtype of input."""
    return finish(np.empty(checked(size), like(input, dtype)[1]), device, requires_grad)


def new_full(input: Tensor, size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """One number in the dtype of input."""
    return finish(np.full(checked((size,)), fill_value, like(input, dtype)[1]), device, requires_grad)


def new_tensor(input: Tensor, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """The data in the dtype of input."""
    return finish(from_data(data, dtype or input.dtype), device, requires_grad)


# ---- at random


def stream(generator: Generator | None) -> Generator:
    return default_generator if generator is None else generator


def rand(*size: Any, generator: Generator | None = None, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Uniform in [0, 1). Mirrors torch.rand."""
    return finish(stream(generator).uniform(checked(size), floating(dtype)), device, requires_grad)


def randn(*size: Any, generator: Generator | None = None, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Normal with mean 0 and standard deviation 1. Mirrors torch.randn."""
    return finish(stream(generator).normal(checked(size), floating(dtype)), device, requires_grad)


def randint(*bounds: Any, size: Any = None, generator: Generator | None = None, dtype: Any = None, device: Any = None,
            requires_grad: bool = False) -> Tensor:
    """Integers in [low, high): randint(high, size) or randint(low, high, size). Mirrors torch.randint."""
    if size is None:
        *bounds_, size = bounds
    else:
        bounds_ = list(bounds)
    low, high = (0, *bounds_)[-2:]
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    values = stream(generator).integers(checked((size,)), low, high)
    return finish(values.astype(np.int64 if dtype is None else dtypes.to_numpy(dtype)), device, requires_grad)


def randperm(n: int, *, generator: Generator | None = None, dtype: Any = None, device: Any = None) -> Tensor:
    """The numbers below n in random order. Mirrors torch.randperm."""
    if n < 0:
        raise RuntimeError(f"n must be non-negative, got{n}")
    return finish(stream(generator).permutation(n).astype(np.int64 if dtype is None else dtypes.to_numpy(dtype)), device, False)


def rand_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """`rand` in the shape and dtype of input. Mirrors torch.rand_like."""
    return finish(default_generator.uniform(*like(input, dtype)), device, requires_grad)


def randn_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """`randn` in the shape and dtype of input. Mirrors torch.randn_like."""
    return finish(default_generator.normal(*like(input, dtype)), device, requires_grad)


def randint_like(input: Tensor, *bounds: int, dtype: Any = None) -> Tensor:
    """`randint` in the shape and dtype of input. Mirrors torch.randint_like."""
    low, high = (0, *bounds)[-2:]
    shape, goal = like(input, dtype)
    return wrap(default_generator.integers(shape, low, high).astype(goal))


def normal(mean: Any, std: Any = 1.0, size: Any = None, *, generator: Generator | None = None) -> Tensor:
    """Normal with the given means and standard deviations, numbers or tensors. Mirrors torch.normal."""
    if size is not None:
        return wrap(stream(generator).normal(checked((size,)), dtypes.get_default_dtype().numpy, mean, std))
    m, s = [x.array if isinstance(x, TensorBase) else x for x in (mean, std)]
    shape = np.broadcast_shapes(np.shape(m), np.shape(s))
    dtype = next(x.dtype for x in (m, s) if isinstance(x, np.ndarray))
    return wrap((stream(generator).normal(shape, dtype) * s + m).astype(dtype))


def bernoulli(input: Tensor, *, generator: Generator | None = None) -> Tensor:
    """1 with the probability that input gives, else 0. Mirrors torch.bernoulli."""
    p = input.array
    if ((p < 0) | (p > 1)).any():
        raise RuntimeError("Expected p_in >= 0 && p_in <= 1 to be true, but got false.")
    return wrap((stream(generator).uniform(p.shape, p.dtype) < p).astype(p.dtype))


def multinomial(input: Tensor, num_samples: int, replacement: bool = False, *, generator: Generator | None = None) -> Tensor:
    """Indices drawn by the weights in the rows of input. Mirrors torch.multinomial, and its two ways of drawing.

    One draw, or draws without replacement: the largest p / q with q exponential. Draws with replacement: by the cumulative sum.
    """
    p = input.array
    if p.ndim not in (1, 2):
        raise RuntimeError("prob_dist must be 1 or 2 dim")
    if p.dtype.kind != "f":
        raise RuntimeError(
            f"multinomial only supports floating-point dtypes for input, got: {dtypes.of_array(p).scalar_name}"
        )
    if num_samples <= 0:
        raise RuntimeError("cannot sample n_sample <= 0 samples")
    if not replacement and num_samples > p.shape[-1]:
        raise RuntimeError("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
    if not np.isfinite(p).all() or (p < 0).any():
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    if (np.add.reduce(p, axis=-1) == 0).any():
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
    if not replacement or num_samples == 1:
        with np.errstate(divide="ignore"):
            scores = p / stream(generator).exponential(p.shape, p.dtype)
        return wrap(np.ascontiguousarray(np.argsort(-scores, axis=-1, kind="stable")[..., :num_samples]))
    rows = np.atleast_2d(p)
    cumulative = np.add.accumulate(rows, axis=-1)
    cumulative = cumulative / cumulative[:, -1:]
    cumulative[:, -1] = 1
    chances = stream(generator).chances((len(rows), num_samples))
    drawn = np.stack([np.searchsorted(c, u) for c, u in zip(cumulative, chances)])
    return wrap(drawn.reshape((*p.shape[:-1], num_samples)))


# ---- at random, in place


class Random(Rule):
    """Random values in place of x, on which they do not depend."""

    node_name = "UniformBackward0"

    def forward(x, *, values):
        return values.astype(x.dtype)

    def grad_x(grad):
        return grad * 0.0


class RandomNormal(Random):
    """Normal values in place of x."""

    node_name = "NormalBackward0"


def uniform_(input: Tensor, a: float = 0.0, b: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Write uniform values in [a, b). Mirrors torch.Tensor.uniform_."""
    if a > b:
        raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={a} > to={b}")
    return inplace(Random, input, values=stream(generator).uniform(input.array.shape, input.array.dtype, a, b))


def normal_(input: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Write normal values. Mirrors torch.Tensor.normal_."""
    if std < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std}")
    return inplace(RandomNormal, input, values=stream(generator).normal(input.array.shape, input.array.dtype, mean, std))


def bernoulli_(input: Tensor, p: Any = 0.5, *, generator: Generator | None = None) -> Tensor:
    """Write 1 with probability p, else 0. Mirrors torch.Tensor.bernoulli_."""
    chance = p.array if isinstance(p, TensorBase) else p
    if np.any((np.asarray(chance) < 0) | (np.asarray(chance) > 1)):
        raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p}")
    return inplace(Random, input, values=stream(generator).chances(input.array.shape) < chance)


def exponential_(input: Tensor, lambd: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Write exponential values of a rate. Mirrors torch.Tensor.exponential_."""
    if lambd <= 0:
        raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={lambd}")
    return inplace(Random, input, values=stream(generator).exponential(input.array.shape, input.array.dtype, lambd))


def random_(input: Tensor, *bounds: int, generator: Generator | None = None) -> Tensor:
    """Write integers in [low, high). Mirrors torch.Tensor.random_."""
    mantissa = {"float32": 24, "float64": 53, "float16": 11}.get(input.array.dtype.name)
    largest = 2**mantissa + 1 if mantissa else np.iinfo(input.array.dtype).max
    low, high = (0, *(bounds or (largest,)))[-2:]
    return inplace(Random, input, values=stream(generator).integers(input.array.shape, low, high))


def dropout(input: Tensor, p: float, train: bool) -> Tensor:
    """In training, zero each element with probability p and scale the rest by 1 / (1 - p). Mirrors torch.dropout."""
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not train or p == 0 or not input.array.size:
        return input
    if p == 1:
        return input * zeros_like(input)
    noise = (default_generator.chances(input.array.shape) < 1 - p).astype(input.array.dtype)
    noise /= noise.dtype.type(1 - p)
    return input * wrap(noise)

