"""Normal numbers from uniform ones: Box & Muller 1958. Two uniform numbers make a radius and an angle, and so two normal ones."""
from __future__ import annotations

import math

import numpy as np

from . import vectorised
from .fused import multiply_add
from .generator import Generator
from .uniform import BLOCK, DOUBLE, each, uniform


def normal(generator: Generator, n: int, dtype: np.dtype, mean: float = 0.0, std: float = 1.0) -> np.ndarray:
    """Normal, at least 16, in blocks of 16. If some are left over, PyTorch draws the last 16 anew."""
    work = np.promote_types(dtype, np.float32)
    whole = n - n % 16
    values = uniform(generator, n if work == dtype else whole, work)
    for start in range(0, whole, BLOCK):
        end = min(start + BLOCK, whole)
        values[start:end] = box_muller(values[start:end], mean, std)
    if n % 16:
        values = np.concatenate([values[: n - 16], box_muller(uniform(generator, 16, work), mean, std)])
    return values.astype(dtype, copy=False)


def box_muller(u: np.ndarray, mean: float, std: float) -> np.ndarray:
    """Normal numbers from blocks of 16 uniform ones: eight radii with eight angles; cosines come first, then sines."""
    work = u.dtype
    blocks = u.reshape(-1, 2, 8)
    one_minus, angle = 1 - blocks[:, 0], blocks[:, 1] * work.type(2 * math.pi)
    if work == DOUBLE:
        log, cos, sin = each(math.log, one_minus), each(math.cos, angle), each(math.sin, angle)
    else:
        log = vectorised.log(one_minus)
        sin, cos = vectorised.sin_cos(angle)
    radius = np.sqrt(log * work.type(-2))
    made = np.stack([radius * cos, radius * sin], 1).reshape(-1)
    return made if (mean, std) == (0, 1) else multiply_add(made, work.type(std), work.type(mean), work)


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
    return each(math.exp, normal_pairs(generator, n, mean, std))


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
