"""Tensors from data: numbers, nested sequences, NumPy arrays, other tensors. Mirrors torch.tensor and its relatives."""
from __future__ import annotations

import functools
import itertools
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.grad_mode import modes
from ..autograd.variable import TensorBase, alias, wrap
from .arguments import check_long, ints, type_name
from .devices import check_device, device
from .layouts import strided

if TYPE_CHECKING:
    from ..tensor import Tensor


def tensor(data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False) -> Tensor:
    """A new tensor with a copy of the data: numbers, nested sequences, arrays. Mirrors torch.tensor.

    Python floats become the default dtype (float32), ints int64, bools bool; NumPy's numbers and arrays keep theirs. Raises
    ValueError for ragged sequences.
    """
    if isinstance(data, TensorBase):
        warn_of_copy("torch.tensor")
    return finish("tensor", from_data(data, dtype), requires_grad, device)


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """The data as a tensor, without a copy where that is possible. Mirrors torch.as_tensor."""
    check_device(device)
    if isinstance(data, TensorBase):
        return data if dtype is None else data.to(dtype)  # type: ignore[return-value, attr-defined]
    if isinstance(data, np.ndarray) and (dtype is None or data.dtype == dtypes.to_numpy(dtype, function="as_tensor")):
        return from_numpy(data)
    return wrap(from_data(data, dtype, "as_tensor"))


def asarray(obj: Any, *, dtype: Any = None, device: Any = None, copy: bool | None = None, requires_grad: bool = False) -> Tensor:
    """`as_tensor`, which copies always if `copy`, and never if that is False. Mirrors torch.asarray."""
    if copy is False and not isinstance(obj, (TensorBase, np.ndarray)):
        raise ValueError("can't alias arbitrary sequence into a tensor.")
    made = as_tensor(from_data(obj, dtype) if copy else obj, dtype, device)
    if copy is False and isinstance(obj, np.ndarray) and made.array is not obj:
        raise ValueError(f"can't alias tensor with dtype '{obj.dtype}' into dtype '{made.dtype}'.")
    return made.requires_grad_() if requires_grad else made


def from_numpy(ndarray: np.ndarray) -> Tensor:
    """A tensor over an array: both see each other's changes. Mirrors torch.from_numpy."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type_name(ndarray)})")
    return wrap(supported(ndarray))


def supported(array: np.ndarray) -> np.ndarray:
    """An array, if a tensor can hold its memory. PyTorch makes no difference between sharing it and copying it."""
    if not array.dtype.isnative:
        raise ValueError(
            "given numpy array has byte order different from the native byte order. Conversion between byte orders is currently "
            "not supported."
        )
    dtypes.of_array(array)
    if array.strides and min(array.strides) < 0:
        raise ValueError(
            "At least one stride in the given numpy array is negative, and tensors with negative strides are not currently "
            "supported. (You can probably work around this by making a copy of your array  with array.copy().) "
        )
    return array


def scalar_tensor(s: Any, *, dtype: Any = None, requires_grad: bool = False, **place: Any) -> Tensor:
    """A number as a 0-dim tensor. Mirrors torch.scalar_tensor."""
    return finish("scalar_tensor", from_data(s, dtype or dtypes.get_default_dtype()), requires_grad, **place)


def new_tensor(input: Tensor, data: Any, *, dtype: Any = None, requires_grad: bool = False, **place: Any) -> Tensor:
    """The data in the dtype of input. Mirrors torch.Tensor.new_tensor."""
    if isinstance(data, TensorBase):
        warn_of_copy("tensor.new_tensor")
    return finish("new_tensor", from_data(data, dtype or input.dtype), requires_grad, **place)


def is_floating_point(input: Tensor) -> bool:
    """Whether the dtype is a float. Mirrors torch.is_floating_point."""
    return input.array.dtype.kind == "f"


def finish(
    function: str, array: np.ndarray, requires_grad: bool = False, device: Any = None, layout: Any = None, pin_memory: bool = False,
    **unknown: Any,
) -> Tensor:  # fmt: skip
    """A new leaf over a new array. What else a creation function is given says where; only the CPU's strided memory is here."""
    if unknown:
        raise TypeError(f"{function}() got an unexpected keyword argument '{next(iter(unknown))}'")
    if device is not None:
        check_device(device, function)
    if layout not in (None, strided):
        raise RuntimeError(f"minigrad has strided tensors only, no {layout!r}")
    made = wrap(array)
    if requires_grad:
        if array.dtype.kind != "f":
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        made._requires_grad = True
    return made


def warn_of_copy(function: str) -> None:
    warnings.warn(
        "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
        f"sourceTensor.detach().clone().requires_grad_(True), rather than {function}(sourceTensor).",
        stacklevel=3,
    )


def warn_of_scalar() -> None:
    warnings.warn(
        "Converting a tensor with requires_grad=True to a scalar may lead to unexpected behavior.\nConsider using tensor.detach() "
        "first.",
        stacklevel=3,
    )


# ---- from data to a new array


def from_data(data: Any, dtype: Any, function: str = "tensor") -> np.ndarray:
    """A new array with PyTorch's choice of dtype, if none is given, and its errors.

    NumPy converts; only what it refuses, or understands in another way, is taken apart by `convert`.
    """
    goal = None if dtype is None else dtypes.to_numpy(dtype, function=function)
    if isinstance(data, (TensorBase, np.ndarray)):
        array = data.array if isinstance(data, TensorBase) else supported(data)
        return modes.mode.quietly(np.array, array, goal)
    if isinstance(data, (str, bytes)):
        raise TypeError(f"new(): invalid data type '{type_name(data)}'")
    kinds, shape = survey(data), shape_of(data)
    if goal is None:
        goal = functools.reduce(dtypes.promote, map(dtype_of, kinds))
    if 0 in shape:
        return np.empty(shape, goal)
    plain = [kind for kind in kinds if kind in PYTHON or isinstance(kind, type) and issubclass(kind, np.generic)]
    cut_off = goal.kind in "iu" and any([not issubclass(kind, (int, np.integer)) for kind in plain])
    if len(plain) < len(kinds) or cut_off:
        return np.array(convert(data, shape, goal), goal)
    try:
        return modes.mode.quietly(np.array, data, goal)
    except (OverflowError, TypeError, ValueError):
        return np.array(convert(data, shape, goal), goal)


PYTHON = (bool, int, float)
MOST_DIMENSIONS = 64


def survey(data: Any) -> set[Any]:
    """The types of the numbers in nested sequences, and the dtypes of the tensors and arrays among them.

    It goes level by level, so that the work is done in C also for long lists.
    """
    found: set[Any] = set()
    level: Any = (data,)
    for _ in range(MOST_DIMENSIONS + 1):
        kinds = set(map(type, level))
        nested = {kind for kind in kinds if is_sequence(kind)}
        for kind in kinds - nested:
            if issubclass(kind, (TensorBase, np.ndarray)):
                found |= {x.dtype for x in level if type(x) is kind}  # type: ignore[union-attr]
            else:
                found.add(kind)
        if not nested:
            return found
        sequences = level if kinds == nested else [x for x in level if type(x) in nested]
        if not all(map(len, sequences)):
            found.add(float)  # what holds nothing counts as a float
        level = list(itertools.chain.from_iterable(sequences))
    if isinstance(level[0], (list, tuple)):
        raise ValueError(f"too many dimensions '{type(level[0]).__name__}'")
    raise TypeError("new(): self-referential lists are incompatible")


def is_sequence(kind: type) -> bool:
    if kind is list or kind is tuple:
        return True
    others = (str, dict, TensorBase, np.ndarray, np.generic)
    return hasattr(kind, "__len__") and hasattr(kind, "__getitem__") and not issubclass(kind, others)


def shape_of(data: Any) -> tuple[int, ...]:
    """The shape of nested sequences, as the first element of each tells it; `convert` sees whether the others agree."""
    shape: list[int] = []
    while not isinstance(data, TensorBase):
        if isinstance(data, np.ndarray):
            return (*shape, *data.shape) if data.ndim else (*shape, len(data))  # which raises NumPy's TypeError
        if isinstance(data, str):
            raise ValueError("too many dimensions 'str'")
        if not is_sequence(type(data)):
            break
        shape.append(len(data))
        if not len(data):
            break
        data = data[0]
    return tuple(shape)


def dtype_of(kind: Any) -> np.dtype:
    """The dtype that numbers of a type are stored in."""
    if kind is float:
        return dtypes.get_default_dtype().numpy
    if isinstance(kind, dtypes.dtype):
        return kind.numpy
    if isinstance(kind, np.dtype) or issubclass(kind, np.generic):
        return dtypes.of_array(np.empty(0, kind)).numpy
    for python, dtype in ((bool, np.bool_), (int, np.int64)):
        if issubclass(kind, python):
            return np.dtype(dtype)
    if issubclass(kind, float):
        return dtypes.get_default_dtype().numpy
    if kind is str:
        raise TypeError("new(): invalid data type 'str'")
    if kind is complex:
        raise TypeError("complex numbers are not supported; minigrad has real dtypes only")
    raise RuntimeError(f"Could not infer dtype of {kind.__name__}")


def convert(data: Any, shape: tuple[int, ...], goal: np.dtype, dim: int = 0) -> Any:
    """Nested sequences as nested lists of numbers that the dtype holds. Raises where PyTorch does, and in its words."""
    if dim == len(shape):
        return number(data, goal)
    if not is_sequence(type(data)) and not isinstance(data, np.ndarray):
        raise TypeError("not a sequence")
    if len(data) != shape[dim]:
        raise ValueError(f"expected sequence of length {shape[dim]} at dim {dim} (got {len(data)})")
    return [convert(item, shape, goal, dim + 1) for item in data]


def number(x: Any, goal: np.dtype) -> Any:
    """A number as the dtype holds it: cut off after the point for integers, and negative ones wrapped around in uint8."""
    if isinstance(x, TensorBase):
        if x.array.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        if goal.kind != "f" and x.array.dtype.kind == "f":
            raise TypeError("only integer tensors of a single element can be converted to an index")
        if x.requires_grad:
            warn_of_scalar()
        x = x.array.item()
    if isinstance(x, np.generic):
        x = x.item()
    if not isinstance(x, PYTHON):
        raise TypeError(
            f"must be real number, not {type_name(x)}"
            if goal.kind == "f"
            else f"'{type_name(x)}' object cannot be interpreted as an integer"
        )
    if goal.kind == "f":
        return float(x)
    if goal.kind == "b":
        return bool(x)
    check_long(x)
    limit = np.iinfo(goal)
    wraps = goal.kind == "u" and isinstance(x, int)
    if not (-limit.max if wraps else limit.min) <= x <= limit.max:
        raise RuntimeError(f"value cannot be converted to type {goal.name} without overflow")
    return int(x) % (limit.max + 1) if wraps else int(x)


# ---- Tensor(...), FloatTensor(...), LongTensor(...): the constructors of old


def legacy_tensor(dtype: np.dtype | None, *data: Any, device: Any = None) -> Tensor:
    """From sizes an uninitialised tensor; from a sequence or an array one of the type's dtype; from a tensor an alias."""
    if device is not None and device_type(device) != "cpu":
        raise RuntimeError(
            f"legacy constructor expects device type: cpu but device type: {device_type(device)} was passed"
        )
    goal = dtype or dtypes.get_default_dtype().numpy
    if len(data) == 1 and not isinstance(data[0], int | np.integer) and not type(data[0]).__name__ == "Size":
        (given,) = data
        if isinstance(given, TensorBase):
            if dtype is not None and given.array.dtype != dtype:
                raise TypeError(
                    f"expected {options(dtype)} (got {options(given.array.dtype)})"
                )
            return alias(given)
        if isinstance(given, str) or not (is_sequence(type(given)) or isinstance(given, np.ndarray)):
            raise TypeError(
                "new(): invalid data type 'str'" if isinstance(given, str) else f"new(): data must be a sequence (got {type_name(given)})"
            )
        if isinstance(given, np.ndarray) and given.dtype == goal:
            return from_numpy(given)
        return wrap(from_data(given, dtypes.of_numpy(goal)))
    if len(data) == 1 and isinstance(data[0], bool):
        raise TypeError("new(): data must be a sequence (got bool)")
    return wrap(np.empty(shape_from(data, "new") if data else 0, goal))


def device_type(where: Any) -> str:
    return where.type if isinstance(where, device) else device(where).type


def options(dtype: np.dtype) -> str:
    return (
        f"TensorOptions(dtype={dtypes.of_numpy(dtype).c_name}, device=cpu, layout=Strided, requires_grad=false (default), "
        "pinned_memory=false (default), memory_format=(nullopt))"
    )


def shape_from(size: Any, function: str) -> tuple[int, ...]:
    """A shape for a new tensor."""
    shape = ints(size, function)
    for n in shape:
        if n < 0 and function == "zeros":
            raise RuntimeError("zeros: Dimension size must be non-negative.")
        if n < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: {list(shape)}")
    return shape


class TensorType:
    """torch.FloatTensor and its like: makes tensors of one dtype, and knows them (`isinstance(x, torch.FloatTensor)`)."""

    def __init__(self, dtype: dtypes.dtype) -> None:
        self.dtype = dtype

    def __call__(self, *data: Any, device: Any = None) -> Tensor:
        return legacy_tensor(self.dtype.numpy, *data, device=device)

    def __instancecheck__(self, x: Any) -> bool:
        return isinstance(x, TensorBase) and x.array.dtype == self.dtype.numpy

    def __repr__(self) -> str:
        return f"<class 'torch.{self.dtype.scalar_name}Tensor'>"


FloatTensor, DoubleTensor, HalfTensor = map(TensorType, (dtypes.float32, dtypes.float64, dtypes.float16))
LongTensor, IntTensor, ShortTensor, CharTensor = map(TensorType, (dtypes.int64, dtypes.int32, dtypes.int16, dtypes.int8))
ByteTensor, BoolTensor = map(TensorType, (dtypes.uint8, dtypes.bool_))
