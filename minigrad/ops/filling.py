"""Arrays filled with random numbers, in the order in which their elements lie in memory, as PyTorch fills a tensor."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import random
from ..random import Generator
from ..random.integers import integers
from ..random.normal import normal, normal_pairs
from ..random.uniform import bernoulli, uniform
from .arguments import type_name
from .devices import CPU
from .family import refuse
from .ranges import checked_range

Generator.device = CPU


def stream(generator: Generator | None, function: str) -> Generator:
    if generator is None:
        return random.default_generator
    if not isinstance(generator, Generator):
        raise TypeError(f"{function}(): argument 'generator' must be torch.Generator, not {type_name(generator)}")
    return generator


def filled(array: np.ndarray, draw: Callable[[int], np.ndarray]) -> np.ndarray:
    """n = array.size numbers in the shape and dtype of an array: the first for the element that lies first in memory, and so on."""
    values = draw(array.size)
    if values.dtype == np.float64 and array.dtype == np.float16:
        values = values.astype(np.float32)  # as C++ converts
    values = values.astype(array.dtype, copy=False)
    if array.flags.c_contiguous:
        return values.reshape(array.shape)
    order = memory_order(array)
    return values.reshape([array.shape[d] for d in order]).transpose(np.argsort(order))


def memory_order(array: np.ndarray) -> list[int]:
    """The dimensions, the one with the longest way from element to element first."""
    return sorted(range(array.ndim), key=lambda d: -array.strides[d])


def with_uniform(array: np.ndarray, generator: Generator, low: float = 0.0, high: float = 1.0) -> np.ndarray:
    refuse("check_uniform_bounds", "biu", array)
    return filled(array, lambda n: uniform(generator, n, array.dtype, low, high))


def with_normal(array: np.ndarray, generator: Generator, mean: float = 0.0, std: float = 1.0) -> np.ndarray:
    """Normal numbers: in blocks, if there are at least 16 that lie in order, else pair by pair."""
    refuse("normal_kernel_cpu", "biu" if array.size else "", array)
    if array.size >= 16 and array.flags.c_contiguous:
        return normal(generator, array.size, array.dtype, mean, std).reshape(array.shape)
    return filled(array, lambda n: normal_pairs(generator, n, mean, std))


def with_bernoulli(array: np.ndarray, generator: Generator, p: Any) -> np.ndarray:
    """Ones with probability p, a number or an array of the same shape, and zeros."""
    if not isinstance(p, np.ndarray):
        return filled(array, lambda n: bernoulli(generator, n, p))
    refuse("bernoulli_tensor_cpu_p_", "biu" if array.size else "", p)
    return filled(array, lambda n: bernoulli(generator, n, p.transpose(memory_order(array)).reshape(-1), p.dtype))


def with_integers(array: np.ndarray, generator: Generator, low: int, high: int | None) -> np.ndarray:
    limits = checked_range(low, high, array.dtype)
    return filled(array, lambda n: integers(generator, n, *limits))


# ---- what parameters must satisfy


def check_std(std: Any) -> None:
    if isinstance(std, np.ndarray):
        if std.size and not std.min() >= 0:
            raise RuntimeError("normal expects all elements of std >= 0.0")
    elif not std >= 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")


def check_chance(p: Any) -> None:
    if isinstance(p, np.ndarray):
        if p.dtype.kind == "f" and not ((p >= 0) & (p <= 1)).all():
            raise RuntimeError(
                "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message be improved?  If so, please "
                "report an enhancement request to PyTorch.)"
            )
    elif not 0 <= p <= 1:
        raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p:g}")
