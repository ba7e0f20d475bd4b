"""Arrays whose arithmetic rounds as PyTorch's does. NumPy asks them how to compute, so the formulas above need not know.

A C++ compiler makes one instruction of a multiplication and an addition: the product is not rounded before it is added. That is
where PyTorch's elementwise kernels part from the same formula in NumPy. So an array here remembers of every product what rounding
took from it; when the product is added to something within the same formula, that is given back, and the sum rounded once.
"""
from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from ..random.fused import exact_product, exact_sum, rounded_to_odd
from . import products, sums

KERNELS = {f"{__package__.partition('.')[0]}.{room}.": room for room in ("ops", "optim")}


class Mode:
    """How arrays compute now."""

    depth = 0  # how many `with exact():` there are around; with none, arrays compute as NumPy does
    # Within an optimizer's update that is one kernel in PyTorch: the last elements of each parameter, which fill no vector.
    ends: np.ndarray | None = None


class ExactArray(np.ndarray):
    """A view of memory that holds the numbers; beside it, only the last view of a chain remembers what was lost in them."""

    plain: np.ndarray | None = None  # of a tensor's array: the one that the tensor holds in truth
    lost: np.ndarray | None = None  # of all memory that this array shows: the errors of products, in bytes

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = (), **options: Any) -> Any:
        arrays = [plain(x) for x in inputs]
        if not Mode.depth or options.keys() - {"axis", "dtype", "keepdims"}:
            if out:
                options["out"] = tuple([plain(x) for x in out])
            result = getattr(ufunc, method)(*arrays, **options)
            for target in out:
                remember(target, None)
            return (out[0] if len(out) == 1 else out) if out else result
        result, error = computed(ufunc, method, inputs, arrays, options)
        if isinstance(result, tuple):
            return tuple([delivered(r, None, *target) for r, target in zip(result, zip(out) if out else [()] * len(result))])
        return delivered(result, error, *out)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        if function is np.dot and not options:
            return dot(*args)
        if function is np.copyto:
            remember(args[0], None)
        return super().__array_function__(function, types, args, options)

    def __setitem__(self, key: Any, value: Any) -> None:
        plain(self)[key] = plain(value)
        found = place(self)
        if found is not None:
            found[key] = 0

    def dot(self, b: Any, out: Any = None) -> Any:
        return dot(self, b) if out is None else super().dot(b, out)


def computed(ufunc: Any, method: str, inputs: Any, arrays: list[Any], options: dict[str, Any]) -> tuple[Any, Any]:
    """What a ufunc makes of the inputs, and what rounding took from it, if it is a product."""
    if method == "__call__" and not options:
        if ufunc is np.matmul:
            return products.product(*arrays), None
        kernel = formula_in()
        if kernel and ufunc in CONTRACTED:
            result = ufunc(*arrays)
            if result.dtype in (np.float32, np.float64):
                return CONTRACTED[ufunc](kernel, result, inputs, arrays)
            return result, None
    elif method == "reduce" and ufunc is np.add and arrays[0].dtype in (np.float32, np.float64):
        if options.get("dtype") in (None, arrays[0].dtype):
            return summed(arrays[0], options.get("axis", 0), options.get("keepdims", False)), None
    return getattr(ufunc, method)(*arrays, **options), None


def formula_in() -> str | None:
    """The room of the formula that is computed, if it is one of those that are kernels in PyTorch."""
    module = sys._getframe(3).f_globals.get("__name__", "")
    for prefix, room in KERNELS.items():
        if module.startswith(prefix):
            return room
    return None


# ---- products, and what is added to them


def multiplied(kernel: str, result: Any, inputs: Any, arrays: list[Any]) -> tuple[Any, Any]:
    """A product, and what is missing to the exact one."""
    a, b = [np.asarray(x, result.dtype).astype(np.float64, copy=False) for x in arrays]
    if result.dtype == np.float32:
        error = a * b - result
    else:
        size = np.abs(result)
        error = np.where((size > 2.0**-900) & (size < 2.0**990), exact_product(a, b)[1], 0.0)
    return result, np.where(np.isfinite(error), error, 0).astype(result.dtype)


def negated(kernel: str, result: Any, inputs: Any, arrays: list[Any]) -> tuple[Any, Any]:
    error = errors(inputs[0])
    return result, None if error is None else -error


def added(kernel: str, result: Any, inputs: Any, arrays: list[Any], sign: int = 1) -> tuple[Any, None]:
    """A sum, of which one term may be a product: the second, and in a formula without memory the first if the second is none."""
    (x, y), (first, second) = arrays, [errors(x) for x in inputs]
    if second is not None:
        fused = once_rounded(x, sign * y, sign * second, result)
        if Mode.ends is not None and first is not None:
            fused = np.where(Mode.ends, once_rounded(sign * y, x, first, result), fused)
        return fused, None
    if first is not None and kernel == "ops":
        return once_rounded(sign * y, x, first, result), None
    return result, None


def subtracted(kernel: str, result: Any, inputs: Any, arrays: list[Any]) -> tuple[Any, None]:
    return added(kernel, result, inputs, arrays, -1)


def once_rounded(x: Any, product: Any, error: Any, twice: Any) -> Any:
    """x + (product + error), where that makes a difference to `twice`, x + product."""
    wide = [np.asarray(term, twice.dtype).astype(np.float64, copy=False) for term in (x, product, error)]
    x, product, error = wide
    if twice.dtype == np.float32:
        once = rounded_to_odd(*exact_sum(product + error, x)).astype(np.float32)
    else:
        high, low = exact_sum(x, error)
        total, left = exact_sum(product, high)
        once = total + rounded_to_odd(*exact_sum(low, left))
    return np.where((error != 0) & np.isfinite(once), once, twice)


CONTRACTED: dict[Any, Callable[..., tuple[Any, Any]]] = {
    np.multiply: multiplied,
    np.negative: negated,
    np.add: added,
    np.subtract: subtracted,
}


# ---- what was lost


def owner(x: ExactArray) -> ExactArray:
    """The array that remembers for all that show its memory."""
    while isinstance(x.base, ExactArray):
        x = x.base
    return x


def errors(x: Any) -> np.ndarray | None:
    """What rounding took from the elements of an array; None if it took nothing."""
    found = place(x) if isinstance(x, ExactArray) else None
    return found if found is not None and found.any() else None


def remember(x: Any, error: Any) -> None:
    """That this was lost in the elements of an array; None: nothing."""
    if isinstance(x, ExactArray):
        found = place(x, error is not None and error.any())
        if found is not None:
            found[...] = 0 if error is None else error


def place(x: ExactArray, make: bool = False) -> np.ndarray | None:
    """Where it is remembered what was lost in these elements."""
    keeper = owner(x)
    if keeper.lost is None and not make:
        return None
    low, high = np.lib.array_utils.byte_bounds(keeper)
    if keeper.lost is None:
        keeper.lost = np.zeros(high - low, np.uint8)
    return np.ndarray(x.shape, x.dtype, keeper.lost, address(x) - low, x.strides)


def forget(x: Any) -> None:
    """A kernel has ended: its results are numbers like any others."""
    x = x if isinstance(x, ExactArray) else getattr(x, "base", None)
    if isinstance(x, ExactArray):
        owner(x).lost = None


# ---- the rest


def address(x: np.ndarray) -> int:
    return x.__array_interface__["data"][0]


def plain(x: Any) -> Any:
    return x.view(np.ndarray) if isinstance(x, ExactArray) else x


def exact_view(x: Any) -> Any:
    """The same memory, computing exactly, if it holds floats for which that is defined."""
    return x.view(ExactArray) if x.__class__ is np.ndarray and x.dtype.kind == "f" and x.itemsize > 2 else x


def delivered(result: Any, error: Any, target: Any = None) -> Any:
    """A result, in the array it was asked for."""
    if target is None:
        if result is None or result.dtype.kind != "f":
            return result
        target = exact_view(np.asarray(result))
    else:
        np.copyto(plain(target), result, casting="same_kind")
    remember(target, error)
    return target


def dot(a: Any, b: Any) -> Any:
    a, b = plain(a), plain(b)
    return exact_view(np.asarray(products.product(a, b) if Mode.depth and np.ndim(a) == np.ndim(b) == 2 else np.dot(a, b)))


def summed(x: np.ndarray, axis: Any, keepdims: bool) -> np.ndarray:
    axes = range(x.ndim) if axis is None else np.atleast_1d(axis)
    dims = tuple([int(d) % x.ndim for d in axes]) if x.ndim else ()
    total = sums.total(x, dims)
    return total.reshape([1 if d in dims else n for d, n in enumerate(x.shape)]) if keepdims else total
