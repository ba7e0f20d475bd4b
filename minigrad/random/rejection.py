"""Numbers that are drawn until one is accepted, one by one: gamma and Poisson."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from .generator import Generator
from .normal import one_normal

THIRD, SQUEEZE = float(np.float32(1) / np.float32(3)), float(np.float32(0.0331))  # PyTorch's are single too


def gamma(generator: Generator, shapes: np.ndarray) -> np.ndarray:
    """Gamma of scale 1, for each shape parameter: Marsaglia & Tsang 2000."""
    tiny = np.finfo(shapes.dtype).tiny
    drawn = [one_gamma(generator, shape) for shape in shapes.reshape(-1)]
    return np.fmax(np.array(drawn).astype(shapes.dtype), tiny).reshape(shapes.shape)


def one_gamma(generator: Generator, shape: Any) -> float:
    if not shape > 0:
        return 0.0 if shape == 0 else math.nan
    single = shape.dtype.type
    scale = 1.0
    if shape < 1:  # few would be accepted
        scale = (1 - generator.double()) ** float(single(1) / shape)
        shape += single(1)
    d = float(shape - single(THIRD))
    c = 1 / math.sqrt(9 * d)
    while True:
        x = one_normal(generator)
        y = 1 + c * x
        if y <= 0:
            continue
        v = y * y * y
        u = 1 - generator.double()
        square = x * x
        if u < 1 - SQUEEZE * square * square or math.log(u) < 0.5 * square + d * (1 - v + math.log(v)):
            return scale * d * v


def poisson(generator: Generator, rates: np.ndarray) -> np.ndarray:
    """Poisson, for each rate."""
    if not (rates >= 0).all():
        raise RuntimeError("invalid Poisson rate, expected rate to be non-negative")
    drawn = [one_poisson(generator, rate) if rate else 0 for rate in rates.reshape(-1).tolist()]
    return np.array(drawn).astype(rates.dtype).reshape(rates.shape)


def one_poisson(generator: Generator, rate: float) -> int:
    return transformed_poisson(generator, rate) if rate >= 10 else multiplied_poisson(generator, rate)


def multiplied_poisson(generator: Generator, rate: float) -> int:
    """How many uniform numbers it takes to bring their product to e^-rate: Knuth."""
    end, product, count = math.exp(-rate), generator.double(), 0
    while product > end:
        product *= generator.double()
        count += 1
    return count


def transformed_poisson(generator: Generator, rate: float) -> int:
    """By transformed rejection: Hörmann 1993, whose letters these are."""
    root, log_rate = math.sqrt(rate), math.log(rate)
    b = 0.931 + 2.53 * root
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    v_r = 0.9277 - 3.6224 / (b - 2)
    while True:
        u, v = generator.double() - 0.5, generator.double()
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + rate + 0.43)
        if us >= 0.07 and v <= v_r:
            return k
        if k < 0 or us < 0.013 and v > us:
            continue
        if math.log(v) + math.log(inverse_alpha) - math.log(a / (us * us) + b) <= k * log_rate - rate - math.lgamma(k + 1):
            return k


def binomial(generator: Generator, counts: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """Binomial, for each count and chance, of one float dtype."""
    drawn = [one_binomial(generator, n, p) for n, p in zip(counts.reshape(-1), chances.reshape(-1))]
    return np.array(drawn).astype(counts.dtype).reshape(counts.shape)


def one_binomial(generator: Generator, count: Any, chance: Any) -> float:
    if not (count > 0 and chance > 0):
        return math.nan if count > 0 and chance != chance else 0.0
    if chance >= 1:
        return float(count)
    if chance > 0.5:  # the failures are fewer
        return float(count) - one_binomial(generator, count, count.dtype.type(1 - float(chance)))
    draw = transformed_binomial if count * chance >= 10 else waiting_binomial
    return float(draw(generator, count, chance))


def waiting_binomial(generator: Generator, count: Any, chance: Any) -> int:
    """How many successes fit, from the waiting times between them."""
    log_failure, waited, successes = math.log1p(-float(chance)), 0.0, 0
    while True:
        waited += math.ceil(math.log(generator.double()) / log_failure)
        if waited > count:
            return successes
        successes += 1


def transformed_binomial(generator: Generator, count: Any, chance: Any) -> float:
    """By transformed rejection: Hörmann 1993, whose letters these are."""
    one = count.dtype.type(1)
    stddev = float(np.sqrt(count * chance * (one - chance)))
    n, p = float(count), float(chance)
    b = 1.15 + 2.53 * stddev
    a = -0.0873 + 0.0248 * b + 0.01 * p
    c = float(count * chance) + 0.5
    v_r = 0.92 - 4.2 / b
    r = float(chance / (one - chance))
    alpha = (2.83 + 5.1 / b) * stddev
    m = math.floor(float((count + one) * chance))
    while True:
        u, v = generator.double() - 0.5, generator.double()
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + c)
        if k < 0 or k > n:
            continue
        if us >= 0.07 and v <= v_r:
            return k
        bound = (
            (m + 0.5) * math.log((m + 1) / (r * (n - m + 1)))
            + (n + 1) * math.log((n - m + 1) / (n - k + 1))
            + (k + 0.5) * math.log(r * (n - k + 1) / (k + 1))
            + stirling_tail(m) + stirling_tail(n - m) - stirling_tail(k) - stirling_tail(n - k)
        )  # fmt: skip
        if math.log(v * alpha / (a / (us * us) + b)) <= bound:
            return k


def stirling_tail(k: float) -> float:
    """log k! without Stirling's formula for it."""
    if k <= 9:
        return math.lgamma(k + 1) - ((k + 0.5) * math.log(k + 1) - (k + 1) + 0.5 * math.log(2 * math.pi))
    square = (k + 1) * (k + 1)
    return (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / (k + 1)
