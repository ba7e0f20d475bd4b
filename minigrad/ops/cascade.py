"""Sums with the bits that PyTorch's have: added up in the order in which its AVX2 kernel does.

Numbers are added in groups of 16, the groups' sums in groups of 16, and so on. A row of numbers one behind the other is cut into
vectors of 32 bytes, which four accumulators take in turn.
"""
from __future__ import annotations

import numpy as np

VECTOR, ACCUMULATORS, GROUP = 32, 4, 16


def row_sums(x: np.ndarray) -> np.ndarray:
    """Over the last dimension, which is kept."""
    rows = x.reshape(-1, x.shape[-1])
    lanes = VECTOR // x.itemsize
    whole = rows.shape[1] // lanes
    first = in_turn(rows[:, : whole * lanes].reshape(len(rows), whole, lanes))
    rest = in_order(rows[:, whole * lanes :])
    return in_order(np.concatenate([rest[:, None], first], 1)).reshape(*x.shape[:-1], 1)


def in_turn(x: np.ndarray) -> np.ndarray:
    """The sum over the second dimension, by four accumulators, which are then added up."""
    turns = x.shape[1] // ACCUMULATORS
    sums = cascade(x[:, : turns * ACCUMULATORS].reshape(len(x), turns, ACCUMULATORS, *x.shape[2:]))
    return in_order(np.concatenate([sums[:, :1], x[:, turns * ACCUMULATORS :], sums[:, 1:]], 1))


def cascade(x: np.ndarray) -> np.ndarray:
    """The sum over the second dimension."""
    total = np.zeros((len(x), *x.shape[2:]), x.dtype)
    while x.shape[1]:
        groups = x.shape[1] // GROUP
        total = total + in_order(x[:, groups * GROUP :])
        grouped = x[:, : groups * GROUP].reshape(len(x), groups, GROUP, *x.shape[2:])
        x = in_order(grouped.swapaxes(1, 2))
    return total


def in_order(x: np.ndarray) -> np.ndarray:
    """The sum over the second dimension, one after the other."""
    total = np.zeros((len(x), *x.shape[2:]), x.dtype)
    for k in range(x.shape[1]):
        total = total + x[:, k]
    return total
