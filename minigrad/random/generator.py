"""A stream of random words: the Mersenne Twister of Matsumoto & Nishimura 1998, which NumPy and PyTorch both use."""
from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.variable import TensorBase, wrap

if TYPE_CHECKING:
    from ..tensor import Tensor

DEFAULT_SEED = 67280421310721
WORDS = 624  # which the twister makes at once
# PyTorch's layout of a state: seed, words left, whether seeded, place of the next word; the words; what older versions kept
# and, if there is one, the second of two normal numbers; the same for one in single precision, which nothing on the CPU draws.
LAYOUT = struct.Struct(f"<QiiQ{8 * WORDS}s3diif?3x")


class Generator:
    """A stream of random numbers with its own state. Mirrors torch.Generator; only the CPU has one here."""

    device: Any  # the CPU: ops/sampling.py, where devices are known, says so

    def __init__(self, device: Any = "cpu") -> None:
        if device is not None and str(device) != "cpu":
            raise RuntimeError(f"minigrad runs on the CPU only: there is no generator on {device}. Use device='cpu'.")
        self.manual_seed(DEFAULT_SEED)

    # ---- seeds

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream anew; the low 32 bits of the seed decide."""
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
            raise RuntimeError(f"manual_seed expected a long, but got {type(seed).__name__}")
        if not -(2**63) <= seed < 2**64:
            raise ValueError("Overflow when unpacking long long")
        self._seed = int(seed) % 2**64
        self._twister: Any = None  # made at the first draw, for numpy.random is slow to import
        self._untouched = True  # no word was drawn yet, which PyTorch's state tells from a whole block of them drawn
        self.spare_normal: float | None = None
        self._spare_float: float | None = None
        return self

    def seed(self) -> int:
        """Start the stream from a number that nobody can guess, and return it."""
        seed = int.from_bytes(os.urandom(8), "little")
        self.manual_seed(seed)
        return seed

    def initial_seed(self) -> int:
        """The seed that the stream started from."""
        return self._seed

    # ---- words

    def words(self, n: int) -> np.ndarray:
        """The next n 32-bit words, as int64."""
        twister = self._twister
        if twister is None:
            twister = self.make_twister()
        if n:
            self._untouched = False
        return twister.random_raw(n).view(np.int64)

    def words64(self, n: int) -> np.ndarray:
        """The next n 64-bit words, as uint64: two of 32 bits, the first one on top."""
        pairs = self.words(2 * n).view(np.uint64)
        return (pairs[0::2] << np.uint64(32)) | pairs[1::2]

    def double(self) -> float:
        """One number, uniform in [0, 1)."""
        upper, lower = self.words(2).tolist()
        return ((upper & 2**21 - 1) << 32 | lower) * 2.0**-53

    def make_twister(self) -> Any:
        self._twister = np.random.MT19937(0)
        self._twister._legacy_seeding(self._seed & 0xFFFFFFFF)
        return self._twister

    # ---- states

    def get_state(self) -> Tensor:
        """Where the stream is, as the 5056 bytes that PyTorch knows too."""
        state = (self._twister or self.make_twister()).state["state"]
        place = 0 if self._untouched else state["pos"]
        left = 1 if self._untouched else WORDS + 1 - place
        normal, single = self.spare_normal, self._spare_float
        packed = LAYOUT.pack(
            self._seed, left, 1, place, state["key"].astype("<u8").tobytes(),
            0.0, normal or 0.0, 0.0, normal is not None, 0, single or 0.0, single is not None,
        )  # fmt: skip
        return wrap(np.frombuffer(packed, np.uint8).copy())

    def set_state(self, new_state: Tensor) -> Generator:
        """Put the stream where it was at `get_state`, here or in PyTorch."""
        if not isinstance(new_state, TensorBase):
            raise TypeError(f"expected a torch.ByteTensor, but got {type(new_state).__name__}")
        if new_state.array.dtype != np.uint8:
            raise TypeError("RNG state must be a torch.ByteTensor")
        if new_state.array.size != LAYOUT.size:
            raise RuntimeError(
                f"Expected a CPUGeneratorImplState of size {LAYOUT.size} but found the input RNG state size to be {new_state.array.size}"
            )
        seed, left, seeded, place, words, _, normal, _, has_normal, _, single, has_single = LAYOUT.unpack(new_state.array.tobytes())
        if not (seeded == 1 and 0 < left <= WORDS and 0 <= place <= WORDS):
            raise RuntimeError("Invalid mt19937 state")
        self.manual_seed(seed)
        key = np.frombuffer(words, "<u8").astype(np.uint32)
        self._twister = np.random.MT19937(0)
        self._twister.state = {"bit_generator": "MT19937", "state": {"key": key, "pos": WORDS if left == 1 else place}}
        self._untouched = left == 1 and place == 0
        self.spare_normal = normal if has_normal else None
        self._spare_float = single if has_single else None
        return self

    def clone_state(self) -> Generator:
        """Another generator at the same place of the same stream."""
        return Generator().set_state(self.get_state())

    def graphsafe_get_state(self) -> Generator:
        """Raises: PyTorch has it on CUDA only."""
        raise NotImplementedError("graphsafe_get_state is not supported in this Generator")

    def graphsafe_set_state(self, state: Generator) -> Generator:
        """Raises: PyTorch has it on CUDA only."""
        raise NotImplementedError("graphsafe_set_state is not supported in this Generator")

    def get_offset(self) -> int:
        """Raises: PyTorch has it on CUDA only."""
        raise RuntimeError("CPU Generator does not use offset")

    def set_offset(self, offset: int) -> Generator:
        """Raises: PyTorch has it on CUDA only."""
        raise RuntimeError("CPU Generator does not use offset")

    def __reduce__(self) -> Any:
        return rebuild, (self.get_state(),)


def rebuild(state: Tensor) -> Generator:
    """What unpickling calls."""
    return Generator().set_state(state)
