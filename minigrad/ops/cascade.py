"""The sum of each row, with the bits that PyTorch's has: added up in the order in which its AVX2 kernel does.

A row is cut into vectors of 32 bytes, which four accumulators take in turn; what each of them has to add, it adds in groups of
16, then the groups' sums in groups of 16, and so on.
"""
from __future__ import annotations

import numpy as np

LANES, ACCUMULATORS, GROUP = 4, 4, 16


def row_sums(x: np.ndarray) -> np.ndarray:
    """Over the last dimension of doubles, which is kept."""
    rows = x.reshape(-1, x.shape[-1])
    whole = rows.shape[1] // LANES
    vectors = rows[:, : whole * LANES].reshape(len(rows), whole, LANES)
    turns = whole // ACCUMULATORS
    sums = cascade(vectors[:, : turns * ACCUMULATORS].reshape(len(rows), turns, ACCUMULATORS, LANES))
    first = in_order(np.concatenate([sums[:, :1], vectors[:, turns * ACCUMULATORS :], sums[:, 1:]], 1))
    rest = in_order(rows[:, whole * LANES :])
    return in_order(np.concatenate([rest[:, None], first], 1)).reshape(*x.shape[:-1], 1)


def cascade(x: np.ndarray) -> np.ndarray:
    """The sum over the second dimension."""
    total = np.zeros((len(x), *x.shape[2:]))
    while x.shape[1]:
        groups = x.shape[1] // GROUP
        total = total + in_order(x[:, groups * GROUP :])
        grouped = x[:, : groups * GROUP].reshape(len(x), groups, GROUP, *x.shape[2:])
        x = in_order(grouped.swapaxes(1, 2))
    return total


def in_order(x: np.ndarray) -> np.ndarray:
    """The sum over the second dimension, one after the other."""
    total = np.zeros((len(x), *x.shape[2:]))
    for k in range(x.shape[1]):
        total = total + x[:, k]
    return total
