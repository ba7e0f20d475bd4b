"""Apple's GPU, absent. Mirrors torch.mps."""
from __future__ import annotations

from .backends.mps import is_available as is_available


def device_count() -> int:
    """0."""
    return 0


def manual_seed(seed: int) -> None:
    """Nothing to seed."""
