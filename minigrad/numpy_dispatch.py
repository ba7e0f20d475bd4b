"""NumPy's functions on tensors: what lets a gradient rule run on them, and np.sin(x) in a student's code.

NumPy asks the class of its arguments first (`__array_ufunc__`, `__array_function__`). A function that tensors have too runs as
theirs, and is recorded. Any other runs on their arrays, which tensors that require a gradient refuse to become.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .autograd.variable import TensorBase, wrap
from .ops import arithmetic, compare, elementary, extremes, linalg, masking, parts, powers, reduce, rounding
from .ops import shape as shapes
from .ops.family import promoted


def array_ufunc(self: Any, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """What np.sin(x), np.ones(3) * x or np.add.reduce(x, axis=0) do with a tensor."""
    if method == "reduce" and ufunc is np.add:
        return reduce.sum(inputs[0], kwargs.get("axis"), kwargs.get("keepdims", False))
    operation = UFUNCS.get(ufunc.__name__)
    if method == "__call__" and operation is not None and not kwargs:
        return operation(*[wrap(x) if isinstance(x, np.ndarray) else x for x in inputs])
    result = getattr(ufunc, method)(*map(to_array, inputs), **kwargs)
    return wrap(np.asarray(result)) if isinstance(result, (np.ndarray, np.generic)) else result


def array_function(self: Any, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """What np.sum(x), np.where(mask, x, y) or np.concatenate([x, y]) do with a tensor."""
    operation = FUNCTIONS.get(function.__name__)
    if operation is None:
        return function(*map(to_array, args), **{key: to_array(value) for key, value in kwargs.items()})
    return operation(*args, **kwargs)


def to_array(x: Any) -> Any:
    """Tensors as arrays, also in lists and tuples."""
    if isinstance(x, (list, tuple)):
        return type(x)([to_array(item) for item in x])
    return x.numpy() if isinstance(x, TensorBase) else x  # type: ignore[attr-defined]


def of_one_dtype(operation: Callable[..., Any]) -> Callable[..., Any]:
    """An operation that takes tensors of one dtype only, for operands that NumPy would promote."""
    return lambda a, b: operation(*promoted(a, b))


def joined(ours: Callable[..., Any], numpys: Callable[..., Any]) -> Callable[..., Any]:
    """NumPy's concatenate and stack make an array also of tensors, except where that would cut the graph."""

    def join(arrays: Any, axis: int = 0) -> Any:
        if any([isinstance(x, TensorBase) and x.requires_grad for x in arrays]):
            return ours([x if isinstance(x, TensorBase) else wrap(np.asarray(x)) for x in arrays], axis)
        return numpys([to_array(x) for x in arrays], axis)

    return join


UFUNCS: dict[str, Callable[..., Any]] = {
    "add": arithmetic.add,
    "subtract": arithmetic.sub,
    "multiply": arithmetic.mul,
    "divide": arithmetic.div,
    "floor_divide": arithmetic.floor_divide,
    "remainder": arithmetic.remainder,
    "power": powers.pow,
    "negative": arithmetic.neg,
    "absolute": arithmetic.abs,
    "sign": arithmetic.sign,
    "sqrt": powers.sqrt,
    "square": powers.square,
    "reciprocal": arithmetic.reciprocal,
    "exp": elementary.exp,
    "expm1": elementary.expm1,
    "log": elementary.log,
    "log1p": elementary.log1p,
    "log2": elementary.log2,
    "log10": elementary.log10,
    "sin": elementary.sin,
    "cos": elementary.cos,
    "tan": elementary.tan,
    "arctan": elementary.atan,
    "tanh": elementary.tanh,
    "floor": rounding.floor,
    "ceil": rounding.ceil,
    "trunc": rounding.trunc,
    "maximum": of_one_dtype(extremes.maximum),
    "minimum": of_one_dtype(extremes.minimum),
    "matmul": of_one_dtype(linalg.matmul),
    "equal": compare.eq,
    "not_equal": compare.ne,
    "less": compare.lt,
    "less_equal": compare.le,
    "greater": compare.gt,
    "greater_equal": compare.ge,
    "logical_and": compare.logical_and,
    "logical_or": compare.logical_or,
    "logical_not": compare.logical_not,
    "invert": compare.bitwise_not,
    "bitwise_and": compare.bitwise_and,
    "bitwise_or": compare.bitwise_or,
    "isnan": compare.isnan,
    "isinf": compare.isinf,
    "isfinite": compare.isfinite,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sum": lambda x, axis=None, keepdims=False, **_: reduce.sum(x, axis, keepdims),
    "mean": lambda x, axis=None, keepdims=False, **_: reduce.mean(x, axis, keepdims),
    "where": masking.where,
    "clip": lambda x, a_min=None, a_max=None, **_: extremes.clamp(x, a_min, a_max),
    "concatenate": joined(parts.cat, np.concatenate),
    "stack": joined(parts.stack, np.stack),
    "reshape": lambda x, shape, **_: shapes.reshape(x, shape),
    "transpose": lambda x, axes=None: shapes.permute(x, axes or tuple(range(x.ndim)[::-1])),
    "squeeze": lambda x, axis=None: shapes.squeeze(x, axis),
    "shape": lambda x: x.shape,
    "ndim": lambda x: x.ndim,
}
