"""Which integers a dtype can hold, and PyTorch's checks of the bounds of random ones."""
from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import numpy as np

from .. import dtypes
from ..autograd.variable import TensorBase
from .arguments import check_long, type_name

DIGITS = {"e": 11, "f": 24, "d": 53}  # bits of the mantissa: up to so many, a float is every integer


@cache
def natural_range(dtype: np.dtype) -> tuple[int, int]:
    """0, and the first integer that is too large: what `random_()` draws from."""
    return 0, (2 ** DIGITS[dtype.char] if dtype.kind == "f" else limits(dtype)[1]) + 1


@cache
def limits(dtype: np.dtype) -> tuple[int, int]:
    """The smallest and the largest integer of a dtype."""
    if dtype.kind == "b":
        return 0, 1
    if dtype.kind == "f":
        largest = int(np.finfo(dtype).max)
        return -largest, largest
    info = np.iinfo(dtype)
    return int(info.min), int(info.max)


def long(function: str, argument: str, x: Any) -> int:
    """An argument that must be an integer of 64 bits."""
    if isinstance(x, TensorBase) and x.array.size == 1:
        x = x.array.item()
    if isinstance(x, bool) or not isinstance(x, (int, np.integer)):
        raise TypeError(f"{function}(): argument '{argument}' must be int, not {type_name(x)}")
    check_long(int(x))
    return int(x)


def checked_range(low: int, high: int | None, dtype: np.dtype) -> tuple[int, int]:
    """The bounds of random integers, if the dtype holds all that lie between; None stands for no upper bound."""
    if high is None:
        if low == -(2**63):
            return low, 2**63
        high = natural_range(dtype)[1]
        low = inward(low, high, dtype)[0]
        if low >= high:
            raise RuntimeError(
                f"random_ expects 'from' casted to dtype to be less than or equal to 'to_inc' casted to dtype, but got from={low} > "
                f"to_inc={high - 1}"
            )
    else:
        if low >= high:
            raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
        low, high = inward(low, high, dtype)
        if low >= high:
            raise RuntimeError(
                f"random_ expects 'from' casted to dtype to be less than 'to' casted to dtype, but got from={low} >= to={high}"
            )
    least, most = limits(dtype)
    for name, bound in (("from", low), ("to - 1", high - 1)):
        if not least <= bound <= most:
            raise RuntimeError(f"{name} is out of bounds for {dtypes.of_numpy(dtype).c_name}")
        if dtype.kind == "f" and abs(bound) > 2 ** (digits := DIGITS[dtype.char]):
            warnings.warn(
                f"{name} is out of bounds [-(2^{digits}), 2^{digits}]. Due to precision limitations {dtypes.of_numpy(dtype).c_name} can "
                "support discrete uniform distribution only within this range. This warning will become an error in version 1.7 "
                "release, please fix the code in advance",
                stacklevel=4,
            )
    return low, high


def inward(low: int, high: int, dtype: np.dtype) -> tuple[int, int]:
    """The bounds moved to numbers of a float dtype, so that rounding does not lead out of them."""
    if dtype.kind != "f":
        return low, high
    digits = DIGITS[dtype.char]
    with np.errstate(over="ignore"):
        above, below = dtype.type(low + 1), dtype.type(high - 1)
    if np.isfinite(above) and int(above) < low:
        low = int(above) + (1 << (abs(low + 1).bit_length() - digits))
    if np.isfinite(below) and int(below) >= high:
        high = int(below) - (1 << (abs(high - 1).bit_length() - digits))
    return low, high
