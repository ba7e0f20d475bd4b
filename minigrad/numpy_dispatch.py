"""NumPy's functions on tensors: what lets a gradient rule run on them, and np.sin(x) in a student's code.

NumPy asks the class of its arguments first (`__array_ufunc__`, `__array_function__`). A function that tensors have too runs as
theirs, and is recorded. Any other runs on their arrays, which tensors that require a gradient refuse to become.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import ops
from .autograd.variable import TensorBase, wrap
from .ops.family import promoted


def array_ufunc(self: Any, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """What np.sin(x), np.ones(3) * x or np.add.reduce(x, axis=0) do with a tensor."""
    if method == "reduce" and ufunc is np.add:
        return ops.sum(inputs[0], kwargs.get("axis"), kwargs.get("keepdims", False))
    name = UFUNCS.get(ufunc.__name__)
    if method == "__call__" and name is not None and not kwargs:
        operands = [wrap(x) if isinstance(x, np.ndarray) else x for x in inputs]
        return getattr(ops, name)(*(promoted(*operands) if name in OF_ONE_DTYPE else operands))
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


def joined(name: str, numpys: Callable[..., Any]) -> Callable[..., Any]:
    """NumPy's concatenate and stack make an array also of tensors, except where that would cut the graph."""

    def join(arrays: Any, axis: int = 0) -> Any:
        if any([isinstance(x, TensorBase) and x.requires_grad for x in arrays]):
            return getattr(ops, name)([x if isinstance(x, TensorBase) else wrap(np.asarray(x)) for x in arrays], axis)
        return numpys([to_array(x) for x in arrays], axis)

    return join


# NumPy's universal functions, by the names that they have here.
UFUNCS = {name: name for name in """
    add negative sign sqrt square reciprocal exp expm1 log log1p log2 log10 sin cos tan tanh floor ceil trunc maximum minimum matmul
    floor_divide remainder logical_and logical_or logical_not bitwise_and bitwise_or isnan isinf isfinite""".split()} | {
    "subtract": "sub", "multiply": "mul", "divide": "div", "power": "pow", "absolute": "abs", "arctan": "atan", "equal": "eq",
    "not_equal": "ne", "less": "lt", "less_equal": "le", "greater": "gt", "greater_equal": "ge", "invert": "bitwise_not",
}  # fmt: skip
OF_ONE_DTYPE = ("maximum", "minimum", "matmul")  # which promote nothing here, as NumPy does

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sum": lambda x, axis=None, keepdims=False, **_: ops.sum(x, axis, keepdims),
    "mean": lambda x, axis=None, keepdims=False, **_: ops.mean(x, axis, keepdims),
    "where": lambda *args: ops.where(*args),
    "clip": lambda x, a_min=None, a_max=None, **_: ops.clamp(x, a_min, a_max),
    "concatenate": joined("cat", np.concatenate),
    "stack": joined("stack", np.stack),
    "reshape": lambda x, shape, **_: ops.reshape(x, shape),
    "transpose": lambda x, axes=None: ops.permute(x, axes or tuple(range(x.ndim)[::-1])),
    "squeeze": lambda x, axis=None: ops.squeeze(x, axis),
    "shape": lambda x: x.shape,
    "ndim": lambda x: x.ndim,
}
