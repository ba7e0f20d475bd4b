"""Random numbers, bit for bit PyTorch's. Mirrors torch.random, and torch.Generator.

`generator.py` holds a stream of 32-bit words; `uniform.py`, `normal.py`, `integers.py` and `rejection.py` make numbers of them,
as one-dimensional arrays; `fused.py` and `vectorised.py` do the arithmetic that PyTorch leaves to the processor.
"""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .generator import Generator

if TYPE_CHECKING:
    from ..tensor import Tensor

default_generator = Generator()
default_generator.seed()


def manual_seed(seed: Any) -> Generator:
    """Start the default stream anew. Mirrors torch.manual_seed."""
    return default_generator.manual_seed(int(seed))


def seed() -> int:
    """Start the default stream from a number that nobody can guess, and return it. Mirrors torch.seed."""
    return default_generator.seed()


def initial_seed() -> int:
    """The seed of the default stream. Mirrors torch.initial_seed."""
    return default_generator.initial_seed()


def get_rng_state() -> Tensor:
    """Where the default stream is, as bytes. Mirrors torch.get_rng_state."""
    return default_generator.get_state()


def set_rng_state(new_state: Tensor) -> None:
    """Put the default stream where it was at `get_rng_state`. Mirrors torch.set_rng_state."""
    default_generator.set_state(new_state)


@contextmanager
def fork_rng(devices: Any = None, enabled: bool = True, device_type: str = "cuda") -> Iterator[None]:
    """What is drawn within does not count: the default stream then goes on from where it was. Mirrors torch.random.fork_rng."""
    if devices and any([str(device) != "cpu" for device in devices]):
        raise RuntimeError(f"minigrad runs on the CPU only; there is no random number generator of {list(devices)} to fork.")
    state = get_rng_state() if enabled else None
    try:
        yield
    finally:
        if state is not None:
            set_rng_state(state)
