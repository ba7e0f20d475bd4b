"""Random numbers: one generator, and the draws from it as NumPy arrays. Mirrors torch.Generator and torch.random.

PyTorch's CPU generator is a Mersenne Twister, and NumPy has the same one; how its words become floats follows PyTorch.
"""
from __future__ import annotations

import math
import os
import time
from typing import Any

import numpy as np

_DEFAULT_SEED = 67280421310721


class Generator:
    """A stream of random numbers with its own state. Mirrors torch.Generator; only the CPU has one here."""

    def __init__(self, device: Any = "cpu") -> None:
        if str(device) != "cpu":
            raise RuntimeError(f"Device type {str(device).partition(':')[0]} is not supported for torch.Generator() api.")
        self.manual_seed(_DEFAULT_SEED)

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream anew; the low 32 bits of the seed decide."""
        seed = int(seed)
        if not -(2**63) <= seed < 2**64:
            raise RuntimeError("Overflow when unpacking long long")
        self._seed = seed % 2**64
        self._twister: np.random.MT19937 | None = None  # made at the first draw: numpy.random is slow to import
        self._spare_normal: float | None = None
        return self

    def seed(self) -> int:
        """Start the stream from a number that nobody can guess, and return it."""
        seed = int.from_bytes(os.urandom(8), "little") ^ time.time_ns() % 2**63
        self.manual_seed(seed)
        return seed

    def initial_seed(self) -> int:
        """The seed that the stream started from."""
        return self._seed

    @property
    def device(self) -> str:
        return "cpu"

    # ---- words

    def words(self, n: int) -> np.ndarray:
        """The next n 32-bit words."""
        if self._twister is None:
            self._twister = np.random.MT19937()
            self._twister._legacy_seeding(self._seed & 0xFFFFFFFF)
        return self._twister.random_raw(n).astype(np.uint64)

    def words64(self, n: int) -> np.ndarray:
        """The next n 64-bit words: two of 32 bits, the first one on top."""
        pairs = self.words(2 * n)
        return (pairs[0::2] << np.uint64(32)) | pairs[1::2]

    # ---- draws, as arrays

    def uniform(self, shape: tuple[int, ...], dtype: np.dtype, low: float = 0.0, high: float = 1.0) -> np.ndarray:
        """Uniform in [low, high): 24 random bits for float32, 53 for float64."""
        n = math.prod(shape)
        if dtype == np.float64:
            u = (self.words64(n) & np.uint64(2**53 - 1)) * 2.0**-53
        else:
            bits = 24 if dtype == np.float32 else 11
            u = (self.words(n) & np.uint64(2**bits - 1)) * 2.0**-bits
        # In double precision this rounds once for float32, as PyTorch's fused multiply-add does.
        return (u * float(dtype.type(high) - dtype.type(low)) + float(dtype.type(low))).astype(dtype).reshape(shape)

    def normal(self, shape: tuple[int, ...], dtype: np.dtype, mean: float = 0.0, std: float = 1.0) -> np.ndarray:
        """Normal, by Box and Muller's transform: pair by pair below 16 values, in blocks of 16 from there on."""
        n = math.prod(shape)
        if n < 16:
            values = np.array([self._normal_pairwise() for _ in range(n)])
        else:
            values = box_muller(self.uniform((n,), dtype).astype(np.float64))
            if n % 16:
                values[-16:] = box_muller(self.uniform((16,), dtype).astype(np.float64))
        return (values * std + mean).astype(dtype).reshape(shape)

    def _normal_pairwise(self) -> float:
        if self._spare_normal is not None:
            value, self._spare_normal = self._spare_normal, None
            return value
        u1, u2 = ((self.words64(2) & np.uint64(2**53 - 1)) * 2.0**-53).tolist()
        radius, angle = math.sqrt(-2.0 * math.log1p(-u2)), 2.0 * math.pi * u1
        self._spare_normal = radius * math.sin(angle)
        return radius * math.cos(angle)

    def integers(self, shape: tuple[int, ...], low: int, high: int) -> np.ndarray:
        """Integers in [low, high)."""
        n, span = math.prod(shape), high - low
        words = self.words64(n) if span >= 2**28 else self.words(n)
        return ((words % np.uint64(span)).astype(np.int64) + low).reshape(shape)

    def permutation(self, n: int) -> np.ndarray:
        """The numbers below n in random order, by Fisher and Yates."""
        order = np.arange(n)
        items = order.tolist()
        for i, word in enumerate(self.words(max(n - 1, 0)).tolist()):
            j = i + word % (n - i)
            items[i], items[j] = items[j], items[i]
        return np.array(items, np.int64) if n else order

    def chances(self, shape: tuple[int, ...]) -> np.ndarray:
        """Uniform doubles in [0, 1), to be compared with probabilities."""
        return self.uniform(shape, np.dtype(np.float64))

    def exponential(self, shape: tuple[int, ...], dtype: np.dtype, rate: float = 1.0) -> np.ndarray:
        """Exponential with a rate."""
        return (-1.0 / rate * np.log1p(-self.chances(shape))).astype(dtype)


def box_muller(u: np.ndarray) -> np.ndarray:
    """Normal values from uniform ones, in blocks of 16: eight radii with eight angles, cosines first. A rest is left as it is."""
    whole = u[: u.size // 16 * 16].reshape(-1, 2, 8)
    radius, angle = np.sqrt(-2.0 * np.log(1.0 - whole[:, 0])), 2.0 * np.pi * whole[:, 1]
    blocks = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).reshape(-1)
    return np.concatenate([blocks, u[blocks.size :]])


default_generator = Generator()


def manual_seed(seed: int) -> Generator:
    """Start the default stream anew. Mirrors torch.manual_seed."""
    return default_generator.manual_seed(seed)


def seed() -> int:
    """Start the default stream from a number that nobody can guess. Mirrors torch.seed."""
    return default_generator.seed()


def initial_seed() -> int:
    """The seed of the default stream. Mirrors torch.initial_seed."""
    return default_generator.initial_seed()
