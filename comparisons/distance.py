"""How far apart two arrays are."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Distance:
    """Four ways to say it, from the coarsest to the finest."""

    absolute: float  # the largest difference of two elements
    relative: float  # that, over the largest element
    ulps: float  # the most floating-point numbers that two elements lie apart; infinite between a number and NaN
    equal: float  # the share of elements that are the same bit for bit: 0.0 and -0.0 are not


def distance(actual: np.ndarray, expected: np.ndarray) -> Distance:
    """The distance between two floating-point arrays of one shape and dtype. ValueError if they are not."""
    if actual.shape != expected.shape or actual.dtype != expected.dtype:
        raise ValueError(f"{actual.dtype}{list(actual.shape)} is no match for {expected.dtype}{list(expected.shape)}")
    if not actual.size:
        return Distance(0.0, 0.0, 0.0, 1.0)
    with np.errstate(all="ignore"):
        gap = np.where(actual == expected, 0, np.abs(actual - expected))  # inf - inf is no number
        largest = np.abs(expected).max()
        relative = float(gap.max() / largest) if gap.any() else 0.0
    steps, same = ulps(actual, expected), same_bits(actual, expected)
    return Distance(float(gap.max()), relative, float(steps.max()), float(same.mean()))


def same_bits(actual: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Where two arrays of one dtype have the same bits."""
    return bits(actual) == bits(expected)


def ulps(actual: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """How many steps from one floating-point number to the next lead from one element to the other."""
    here, there = ordered(bits(actual)), ordered(bits(expected))
    unsigned = here.dtype.str.replace("i", "u")  # in which even the widest gap has room
    steps = (np.maximum(here, there).view(unsigned) - np.minimum(here, there).view(unsigned)).astype(np.float64)
    nans = np.isnan(actual).astype(int) + np.isnan(expected)
    return np.select([nans == 2, nans == 1], [0.0, np.inf], steps)


def bits(array: np.ndarray) -> np.ndarray:
    """The bits of floats, as integers."""
    return np.asarray(array, order="C").view(f"i{array.itemsize}")


def ordered(bits: np.ndarray) -> np.ndarray:
    """The number of each float, counted from zero: those of negative floats fall as their bits rise."""
    return np.where(bits < 0, np.iinfo(bits.dtype).min - bits, bits)
