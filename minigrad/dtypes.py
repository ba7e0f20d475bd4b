"""PyTorch's dtypes under their names, and its rules of promotion. Mirrors torch.dtype, torch.promote_types and torch.result_type.

NumPy promotes int64 with float32 to float64, and lets a 0-d array count as much as a large one; PyTorch does neither.
Three rooms of rank decide there: tensors with dimensions, then 0-dim tensors, then Python numbers. A lower rank changes
the result only if its kind (bool < int < float) is higher.
"""
from __future__ import annotations

from typing import Any

import numpy as np


class dtype:
    """A torch.dtype: a name, and the NumPy dtype that stores it. One object for each, so `is` and `==` agree."""

    __slots__ = ("name", "scalar_name", "c_name", "numpy", "is_floating_point", "itemsize")
    is_complex = False

    def __init__(self, name: str, numpy_name: str, scalar_name: str, c_name: str) -> None:
        self.name = name
        self.scalar_name = scalar_name  # as in FloatTensor, and in most of PyTorch's messages
        self.c_name = c_name  # as in its other messages
        self.numpy = np.dtype(numpy_name)
        self.is_floating_point = self.numpy.kind == "f"
        self.itemsize = self.numpy.itemsize

    @property
    def is_signed(self) -> bool:
        return self.numpy.kind in "if"

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> tuple:
        return named, (self.name,)


float64 = double = dtype("float64", "f8", "Double", "double")
float32 = float_ = dtype("float32", "f4", "Float", "float")
float16 = half = dtype("float16", "f2", "Half", "c10::Half")
int64 = long = dtype("int64", "i8", "Long", "long int")
int32 = int_ = dtype("int32", "i4", "Int", "int")
int16 = short = dtype("int16", "i2", "Short", "short int")
int8 = dtype("int8", "i1", "Char", "signed char")
uint8 = dtype("uint8", "u1", "Byte", "unsigned char")
bool_ = dtype("bool", "?", "Bool", "bool")


class Unstored(dtype):
    """A dtype that NumPy does not have. Programs may name it, and be told when they ask for a tensor."""

    __slots__ = ()

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_floating_point = True

    @property
    def numpy(self) -> np.dtype:  # type: ignore[override]
        raise TypeError(f"NumPy has no {self.name}: use float16 to store and float32 to compute")


bfloat16 = Unstored("bfloat16")

ALL = {d.name: d for d in (float64, float32, float16, int64, int32, int16, int8, uint8, bool_)}
_OF_NUMPY = {d.numpy: d for d in ALL.values()}
_OF_PYTHON = {float: float64, int: int64, bool: bool_}
_KIND = {"b": 0, "u": 1, "i": 1, "f": 2}


def named(name: str) -> dtype:
    """The dtype of that name."""
    return ALL[name]


_default = float32


def get_default_dtype() -> dtype:
    """The dtype of new floating-point tensors; float32 unless `set_default_dtype` changed it."""
    return _default


def set_default_dtype(d: dtype) -> None:
    """Change the dtype that Python floats get. Only floating-point dtypes are accepted, as in PyTorch."""
    global _default
    if not isinstance(d, dtype):
        raise TypeError("invalid dtype object: only floating-point types are supported as the default type")
    if not d.is_floating_point:
        raise TypeError("only floating-point types are supported as the default type")
    _default = d


def of_array(array: Any) -> dtype:
    """The dtype object of a NumPy array (or NumPy scalar). Raises TypeError for what no tensor can hold."""
    found = _OF_NUMPY.get(array.dtype)
    if found is None:
        raise TypeError(
            f"can't convert np.ndarray of type numpy.{array.dtype.type.__name__}. The only supported types are: "
            "float64, float32, float16, int64, int32, int16, int8, uint8, and bool."
        )
    return found


def of_numpy(d: np.dtype) -> dtype:
    """The dtype object for a NumPy dtype."""
    return _OF_NUMPY[d]


def to_numpy(d: Any, what: str = "argument 'dtype'", function: str = "") -> np.dtype:
    """The NumPy dtype behind a torch dtype (or a Python type, which PyTorch accepts too); `what` names it in the complaint, and
    `function` who asks for it."""
    if isinstance(d, dtype):
        return d.numpy
    if isinstance(d, type) and d in _OF_PYTHON:
        return _OF_PYTHON[d].numpy
    raise TypeError(f"{function and function + '(): '}{what} must be torch.dtype, not {type(d).__name__}")


def promote(a: np.dtype, b: np.dtype) -> np.dtype:
    """The smallest dtype that holds both, in PyTorch's table: an integer never widens a float."""
    if a == b:
        return a
    if a.kind == "f" or b.kind == "f":
        if a.kind != "f":
            return b
        return a if b.kind != "f" or a.itemsize >= b.itemsize else b
    return np.promote_types(a, b)


def promote_types(type1: dtype, type2: dtype) -> dtype:
    """The dtype with the smallest size and kind that both convert to. Mirrors torch.promote_types."""
    a = to_numpy(type1, "promote_types(): argument 'type1' (position 1)")
    b = to_numpy(type2, "promote_types(): argument 'type2' (position 2)")
    return _OF_NUMPY[promote(a, b)]


def result_dtype(*operands: Any) -> np.dtype:
    """The NumPy dtype of an elementwise result. Operands: arrays, or Python numbers."""
    ranks: list[np.dtype | None] = [None, None, None]  # with dimensions, 0-dim, Python numbers
    for x in operands:
        if isinstance(x, np.ndarray):
            rank, found = (0 if x.ndim else 1), x.dtype
        elif isinstance(x, (bool, int, float)):
            rank, found = 2, (_default.numpy if isinstance(x, float) else _OF_PYTHON[type(x)].numpy)
        else:
            raise TypeError(f"unsupported operand type: '{type(x).__name__}'")
        known = ranks[rank]
        ranks[rank] = found if known is None else promote(known, found)
    result: np.dtype | None = None
    for found_ in ranks:
        if found_ is not None and (result is None or _KIND[found_.kind] > _KIND[result.kind]):
            result = found_ if result is None else promote(result, found_)
    assert result is not None
    return result


def result_type(tensor1: Any, tensor2: Any) -> dtype:
    """The dtype of an operation on two tensors or numbers. Mirrors torch.result_type."""
    return _OF_NUMPY[result_dtype(*[getattr(x, "array", x) for x in (tensor1, tensor2)])]


def can_cast(from_: dtype, to: dtype) -> bool:
    """Whether a result of dtype `from_` may be written into a tensor of dtype `to`. Mirrors torch.can_cast."""
    source = to_numpy(from_, "can_cast(): argument 'from_' (position 1)")
    return _KIND[source.kind] <= _KIND[to_numpy(to, "can_cast(): argument 'to' (position 2)").kind]


def converted(value: Any, d: np.dtype) -> Any:
    """A Python number as a NumPy scalar, if it fits. Negative integers wrap around in unsigned types, as in C."""
    return zero_d(value, d)[()]


def zero_d(value: Any, d: np.dtype) -> np.ndarray:
    """`converted`, as a 0-d array that nobody may change: NumPy reads those faster than its scalars, and those faster than
    Python's numbers. The common ones are made once."""
    known = value or value.__class__ is int  # 0.0 and -0.0 would be equal keys
    array = _numbers.get((value, d)) if known else None
    if array is None:
        array = np.asarray(fitting(value, d))
        array.flags.writeable = False
        if known and isinstance(value, (int, float)) and len(_numbers) < 1024:
            _numbers[value, d] = array
    return array


_numbers: dict[tuple[Any, np.dtype], np.ndarray] = {}


def fitting(value: Any, d: np.dtype) -> Any:
    if isinstance(value, complex):
        raise RuntimeError(f"value cannot be converted to type {_OF_NUMPY[d].c_name} without overflow")
    if d.kind == "b":
        return d.type(value)
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        raise OverflowError("int too big to convert")
    low, high = _LIMITS[d]
    if not low <= value <= high and not (d.kind == "f" and value - value != 0):  # infinities and NaN fit any float
        if not (d.kind == "u" and isinstance(value, int) and -high <= value < 0):
            kind = _OF_NUMPY[d].c_name if d.kind == "f" or d == np.int32 else f"{d.name}_t"
            raise RuntimeError(f"value cannot be converted to type {kind} without overflow")
    return np.asarray(int(value), np.int64).astype(d)[()] if d.kind in "iu" else d.type(value)


def factor(value: Any, d: np.dtype) -> Any:
    """A number to multiply elements of a dtype by. What multiplies float16 may be as large as a float32."""
    return converted(value, np.dtype(np.float32) if d == np.float16 else d).item()


_LIMITS = {d: (float(i.min), float(i.max)) if d.kind == "f" else (int(i.min), int(i.max))
           for d in _OF_NUMPY if d.kind != "b" for i in [np.finfo(d) if d.kind == "f" else np.iinfo(d)]}  # fmt: skip


class finfo:
    """Limits of a floating-point dtype: bits, eps, max, min, tiny, smallest_normal, resolution. Mirrors torch.finfo."""

    def __init__(self, type: dtype | None = None) -> None:
        d = _OF_NUMPY[_default.numpy if type is None else to_numpy(type, "finfo(): argument 'type' (position 1)")]
        if not d.is_floating_point:
            raise TypeError("torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'")
        limits = np.finfo(d.numpy)
        self.bits, self.dtype = int(limits.bits), d.name
        self.eps, self.max, self.min = float(limits.eps), float(limits.max), float(limits.min)
        self.tiny = self.smallest_normal = float(limits.tiny)
        self.resolution = 10.0**-limits.precision

    def __repr__(self) -> str:
        return (f"finfo(resolution={self.resolution:g}, min={self.min:g}, max={self.max:g}, eps={self.eps:g}, "
                f"smallest_normal={self.smallest_normal:g}, tiny={self.tiny:g}, dtype={self.dtype})")


class iinfo:
    """Limits of an integer dtype: bits, max, min. Mirrors torch.iinfo."""

    def __init__(self, type: dtype) -> None:
        d = _OF_NUMPY[to_numpy(type, "iinfo(): argument 'type' (position 1)")]
        if d.is_floating_point:
            raise TypeError("torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'")
        if d is bool_:
            raise TypeError("torch.bool is not supported by torch.iinfo")
        limits = np.iinfo(d.numpy)
        self.bits, self.max, self.min, self.dtype = int(limits.bits), int(limits.max), int(limits.min), d.name

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"
