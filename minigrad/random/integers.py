"""Integers from words: in a range, and in random order."""
from __future__ import annotations

import numpy as np

from .generator import Generator

WIDE = 2**28  # a range from which on a word of 32 bits would be noticeably uneven


def integers(generator: Generator, n: int, low: int, high: int, wide: bool | None = None) -> np.ndarray:
    """Integers in [low, high), as int64; from words of 64 bits if `wide`, by default if the range is."""
    span = high - low
    if wide or wide is None and span >= WIDE:
        words = generator.words64(n)
        if span == 2**64:
            return words.view(np.int64)
        words = (words % np.uint64(span)).view(np.int64)
    else:
        words = generator.words(n) % span
    return words + low if low else words


def permutation(generator: Generator, n: int) -> np.ndarray:
    """The numbers below n in random order, by Fisher & Yates."""
    words = generator.words if n < 2**32 // 20 else generator.words64
    place = np.arange(max(n - 1, 0), dtype=np.uint64)
    other = place + words(place.size).view(np.uint64) % (np.uint64(n) - place)  # itself, or one further on
    items = list(range(n))
    for i, j in enumerate(other.tolist()):
        items[i], items[j] = items[j], items[i]
    return np.array(items, np.int64)
