"""Normal numbers from uniform ones: Box & Muller 1958. Two uniform numbers make a radius and an angle, and so two normal ones."""
from __future__ import annotations

import math

import numpy as np

from . import vectorised
from .fused import multiply_add
from .generator import Generator
from .uniform import DOUBLE, SINGLE, each, uniform

BLOCK = 1 << 13  # how many numbers are made at a time: what is computed on the way stays in the processor's cache


def normal(generator: Generator, n: int, dtype: np.dtype, mean: float = 0.0, std: float = 1.0) -> np.ndarray:
    """Normal, at least 16, in blocks of 16. If some are left over, PyTorch draws the last 16 anew."""
    work = DOUBLE if dtype == DOUBLE else SINGLE
    left = n % 16
    values = uniform(generator, n if work == dtype else n - left, work)
    if left:
        values = np.concatenate([values[: n - left], uniform(generator, 16, work)])
    for start in range(0, values.size, BLOCK):
        block = values[start : start + BLOCK]
        block[...] = box_muller(block, mean, std)
    if left:
        values = np.concatenate([values[: n - 16], values[-16:]])
    return values.astype(dtype, copy=False)


def box_muller(u: np.ndarray, mean: float, std: float) -> np.ndarray:
    """Normal numbers from blocks of 16 uniform ones: eight radii with eight angles; cosines come first, then sines."""
    blocks = u.astype(np.float64).reshape(-1, 2, 8)
    one_minus, turns = 1 - blocks[:, 0], blocks[:, 1]
    if u.dtype == DOUBLE:
        angle = turns * (2 * math.pi)
        log, cos, sin = each(math.log, one_minus), each(math.cos, angle), each(math.sin, angle)
    else:
        log = vectorised.log(one_minus)
        sin, cos = vectorised.sin_cos((turns * np.float32(2 * math.pi)).astype(np.float32).astype(np.float64))
    radius = np.sqrt((log * -2).astype(u.dtype))
    made = np.stack([radius * cos.astype(u.dtype), radius * sin.astype(u.dtype)], 1).reshape(-1)
    return made if (mean, std) == (0, 1) else multiply_add(made, u.dtype.type(std), u.dtype.type(mean), u.dtype)


def normal_pairs(generator: Generator, n: int, mean: float = 0.0, std: float = 1.0) -> np.ndarray:
    """Normal doubles, pair by pair; the generator keeps the second of a pair that is not yet needed."""
    spare = generator.spare_normal
    if n == 0:
        return np.empty(0)
    have = [] if spare is None else [spare]
    pairs = (n - len(have) + 1) // 2
    u = uniform(generator, 2 * pairs, DOUBLE)
    radius = np.sqrt(-2.0 * each(math.log1p, -u[1::2]))
    angle = 2.0 * math.pi * u[0::2]
    made = np.stack([radius * each(math.cos, angle), radius * each(math.sin, angle)], 1).reshape(-1)
    made = np.concatenate([have, made])
    generator.spare_normal = float(made[n]) if made.size > n else None
    return made[:n] if (mean, std) == (0, 1) else multiply_add(made[:n], std, mean, DOUBLE)


def log_normal(generator: Generator, n: int, mean: float = 1.0, std: float = 2.0) -> np.ndarray:
    """e to the power of normal numbers."""
    return each(exp, normal_pairs(generator, n, mean, std))


def exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def one_normal(generator: Generator) -> float:
    """The next of `normal_pairs`."""
    value = generator.spare_normal
    if value is not None:
        generator.spare_normal = None
        return value
    u, v = generator.double(), generator.double()
    radius, angle = math.sqrt(-2.0 * math.log1p(-v)), 2.0 * math.pi * u
    generator.spare_normal = radius * math.sin(angle)
    return radius * math.cos(angle)
