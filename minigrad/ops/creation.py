"""Tensors from a shape: zeros, ones, full, arange, eye, ... Mirrors PyTorch's creation functions."""
from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.variable import TensorBase
from .arguments import check_tensor, must_be
from .data import finish, shape_from
from .family import Number, invalid_combination, refuse
from .layouts import contiguous_format

if TYPE_CHECKING:
    from ..tensor import Tensor


def float_dtype(dtype: Any, function: str) -> np.dtype:
    """The NumPy dtype behind a dtype, by default the default one."""
    return dtypes.get_default_dtype().numpy if dtype is None else dtypes.to_numpy(dtype, function=function)


def zeros(*sizes: Any, size: Any = None, dtype: Any = None, requires_grad: bool = False, **place: Any) -> Tensor:
    """A tensor of zeros. Mirrors torch.zeros."""
    shape = shape_from(sizes if size is None else (size,), "zeros")
    return finish("zeros", np.zeros(shape, float_dtype(dtype, "zeros")), requires_grad, **place)


def ones(*sizes: Any, size: Any = None, dtype: Any = None, requires_grad: bool = False, **place: Any) -> Tensor:
    """A tensor of ones. Mirrors torch.ones."""
    shape = shape_from(sizes if size is None else (size,), "ones")
    return finish("ones", np.ones(shape, float_dtype(dtype, "ones")), requires_grad, **place)


def empty(
    *sizes: Any, size: Any = None, dtype: Any = None, requires_grad: bool = False, memory_format: Any = None, **place: Any
) -> Tensor:
    """A tensor of whatever was in memory. Mirrors torch.empty."""
    shape = shape_from(sizes if size is None else (size,), "empty")
    return finish("empty", np.empty(shape, float_dtype(dtype, "empty")), requires_grad, **place)


def full(size: Any, fill_value: Any, *, dtype: Any = None, requires_grad: bool = False, **place: Any) -> Tensor:
    """A tensor of one number; its dtype is that of the number. Mirrors torch.full."""
    if not isinstance(size, (tuple, list)):
        raise must_be("tuple of ints", "full", "size", 1, size)
    value = as_number(fill_value, "full", 2)
    goal = dtypes.result_dtype(value) if dtype is None else dtypes.to_numpy(dtype, function="full")
    return finish("full", np.full(shape_from((size,), "full"), dtypes.converted(value, goal)), requires_grad, **place)


def as_number(x: Any, function: str, position: int, argument: str = "fill_value") -> Any:
    """A number that may be given as NumPy's, or as a 0-dim tensor."""
    if isinstance(x, np.generic) or isinstance(x, TensorBase) and not x.array.ndim:
        x = x.item()  # type: ignore[union-attr]
    if not isinstance(x, Number):
        raise must_be("Number", function, argument, position, x)
    return x


@np.errstate(all="ignore")  # PyTorch does not warn of infinities and NaN
def arange(*bounds: Any, start: Any = 0, end: Any = None, step: Any = 1, dtype: Any = None,
           requires_grad: bool = False, **place: Any) -> Tensor:  # fmt: skip
    """start, start + step, ... below end. Mirrors torch.arange."""
    if len(bounds) == 1 and end is None:
        (end,) = bounds
    elif bounds:
        start, end, step = (*bounds, *(end, step)[len(bounds) - 1 :])
    start, end, step = [as_number(x, "arange", 1, "end") for x in (start, end, step)]
    if not (math.isfinite(start) and math.isfinite(end)):
        raise RuntimeError(f"unsupported range: {start:g} -> {end:g}")
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    real = any([isinstance(x, float) for x in (start, end, step)])
    goal = float_dtype(dtype, "arange") if dtype is not None or real else np.dtype(np.int64)
    refuse("arange_cpu", "b", np.empty(0, goal))
    computed_in = np.int64 if goal.kind != "f" else np.float32 if goal == np.float16 else np.float64
    for x in (start, end, step):
        dtypes.converted(x, np.dtype(computed_in))  # which raises if it does not fit
    if goal == np.int64:
        start, end, step = int(start), int(end), int(step)
    if goal.kind != "f" and not int(step):
        raise ValueError("step must be nonzero")
    n = math.ceil((end - start) / step)
    if goal.kind != "f":
        start, step = int(start), int(step)
    return finish("arange", (start + np.arange(n) * step).astype(goal), requires_grad, **place)


def linspace(start: Any, end: Any, steps: int, *, dtype: Any = None, requires_grad: bool = False, **place: Any) -> Tensor:
    """`steps` numbers from start to end, evenly spaced; counted from both ends, as PyTorch does. Mirrors torch.linspace."""
    first, last = ends("linspace", start, end, steps)
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    return finish("linspace", evenly(first, last, steps, float_dtype(dtype, "linspace")), requires_grad, **place)


def ends(name: str, start: Any, end: Any, steps: Any) -> list[Any]:
    """The first and the last number, given as numbers or as tensors without dimensions."""
    if not isinstance(steps, int):
        raise invalid_combination(name, start, end, steps)
    dims = [x.array.ndim if isinstance(x, TensorBase) else 0 for x in (start, end)]
    if any(dims):
        raise RuntimeError(
            f"{name} only supports 0-dimensional start and end tensors, but got start with {dims[0]} dimension(s) and end with "
            f"{dims[1]} dimension(s)."
        )
    return [as_number(x, name, i, which) for i, which, x in ((1, "start", start), (2, "end", end))]


@np.errstate(all="ignore")  # PyTorch does not warn of infinities and NaN
def evenly(first: Any, last: Any, steps: int, goal: np.dtype) -> np.ndarray:
    work = goal if goal.kind == "f" else np.dtype(np.float64)
    first, last = [work.type(dtypes.converted(x, goal)) for x in (first, last)]
    if steps == 1:
        return np.full(1, first).astype(goal)
    step = (last - first) / work.type(max(steps - 1, 1))
    i = np.arange(steps)
    from_start = i < steps // 2
    return np.where(from_start, first + step * i.astype(work), last - step * (steps - 1 - i).astype(work)).astype(goal)


@np.errstate(all="ignore")  # PyTorch does not warn of infinities and NaN
def logspace(start: Any, end: Any, steps: int, base: float = 10.0, *, dtype: Any = None,
             requires_grad: bool = False, **place: Any) -> Tensor:  # fmt: skip
    """base to the power of evenly spaced numbers. Mirrors torch.logspace."""
    start, end = ends("logspace", start, end, steps)
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    goal = float_dtype(dtype, "logspace")
    for x in (start, end):
        dtypes.converted(x, goal)  # which raises if it does not fit
    exponents = evenly(start, end, steps, np.dtype(np.float64))
    return finish("logspace", (float(base) ** exponents).astype(goal), requires_grad, **place)


def eye(n: int, m: int | None = None, *, dtype: Any = None, requires_grad: bool = False, **place: Any) -> Tensor:
    """Ones on the diagonal, zeros elsewhere. Mirrors torch.eye."""
    for name, size in (("n", n), ("m", n if m is None else m)):
        if not isinstance(size, int):
            raise must_be("int", "eye", name, 1 if name == "n" else 2, size)
        if size < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {size}")
    return finish("eye", np.eye(n, m, dtype=float_dtype(dtype, "eye")), requires_grad, **place)


def tril_indices(row: int, col: int, offset: int = 0, *, dtype: Any = dtypes.int64, **place: Any) -> Tensor:
    """The indices of the lower triangle. Mirrors torch.tril_indices."""
    return triangle(np.tril_indices, row, col, offset, dtype, place)


def triu_indices(row: int, col: int, offset: int = 0, *, dtype: Any = dtypes.int64, **place: Any) -> Tensor:
    """The indices of the upper triangle. Mirrors torch.triu_indices."""
    return triangle(np.triu_indices, row, col, offset, dtype, place)


def triangle(indices: Any, row: int, col: int, offset: int, dtype: Any, place: Any) -> Tensor:
    for name, n in (("row", row), ("col", col)):
        if n < 0:
            raise RuntimeError(f"{name} must be non-negative, got{n}")
    return finish(indices.__name__, np.stack(indices(row, offset, col)).astype(dtypes.to_numpy(dtype)), **place)


# ---- like another tensor: its dtype, and for the functions its shape too


def zeros_like(input: Tensor, *, dtype: Any = None, requires_grad: bool = False, memory_format: Any = None, **place: Any) -> Tensor:
    """Zeros in the shape and dtype of input. Mirrors torch.zeros_like."""
    return finish("zeros_like", np.zeros_like(*like("zeros_like", input, dtype, memory_format)), requires_grad, **place)


def ones_like(input: Tensor, *, dtype: Any = None, requires_grad: bool = False, memory_format: Any = None, **place: Any) -> Tensor:
    """Ones in the shape and dtype of input. Mirrors torch.ones_like."""
    return finish("ones_like", np.ones_like(*like("ones_like", input, dtype, memory_format)), requires_grad, **place)


def empty_like(input: Tensor, *, dtype: Any = None, requires_grad: bool = False, memory_format: Any = None, **place: Any) -> Tensor:
    """Whatever was in memory, in the shape and dtype of input. Mirrors torch.empty_like."""
    return finish("empty_like", np.empty_like(*like("empty_like", input, dtype, memory_format)), requires_grad, **place)


def full_like(
    input: Tensor, fill_value: Any, *, dtype: Any = None, requires_grad: bool = False, memory_format: Any = None, **place: Any
) -> Tensor:
    """One number in the shape and dtype of input. Mirrors torch.full_like."""
    array, goal, order = like("full_like", input, dtype, memory_format)
    value = dtypes.converted(as_number(fill_value, "full_like", 2), goal)
    return finish("full_like", np.full_like(array, value, goal, order), requires_grad, **place)


def like(function: str, input: Tensor, dtype: Any, memory_format: Any) -> tuple[np.ndarray, np.dtype, Any]:
    """What NumPy's functions of the same names want: an array, a dtype, and the order of the elements."""
    check_tensor(function, "input", 1, input)
    array = input.array
    in_order = memory_format is contiguous_format or 0 in array.strides
    return array, array.dtype if dtype is None else dtypes.to_numpy(dtype), "C" if in_order else "K"


def new_zeros(input: Tensor, *size: Any, dtype: Any = None, requires_grad: bool = False, **place: Any) -> Tensor:
    """Zeros in the dtype of input. Mirrors torch.Tensor.new_zeros."""
    shape = shape_from(size, "new_zeros")
    return zeros(shape, dtype=dtype or input.dtype, requires_grad=requires_grad, **place)


def new_ones(input: Tensor, *size: Any, dtype: Any = None, requires_grad: bool = False, **place: Any) -> Tensor:
    """Ones in the dtype of input. Mirrors torch.Tensor.new_ones."""
    return ones(*size, dtype=dtype or input.dtype, requires_grad=requires_grad, **place)


def new_empty(input: Tensor, *size: Any, dtype: Any = None, requires_grad: bool = False, **place: Any) -> Tensor:
    """Whatever was in memory, in the dtype of input. Mirrors torch.Tensor.new_empty."""
    return empty(*size, dtype=dtype or input.dtype, requires_grad=requires_grad, **place)


def new_full(input: Tensor, size: Any, fill_value: Any, *, dtype: Any = None, requires_grad: bool = False, **place: Any) -> Tensor:
    """One number in the dtype of input. Mirrors torch.Tensor.new_full."""
    value = as_number(fill_value, "new_full", 2)
    return full(size, value, dtype=dtype or input.dtype, requires_grad=requires_grad, **place)
