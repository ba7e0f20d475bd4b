"""What programs ask before they use a GPU; here there is none. Mirrors torch.cuda of a build without CUDA."""
from __future__ import annotations

from typing import Any


def is_available() -> bool:
    """False: minigrad computes with NumPy, on the CPU."""
    return False


def device_count() -> int:
    """0."""
    return 0


def manual_seed(seed: int) -> None:
    """Nothing to seed."""


def manual_seed_all(seed: int) -> None:
    """Nothing to seed."""


def empty_cache() -> None:
    """Nothing to free."""


def __getattr__(name: str) -> Any:
    raise AttributeError(f"minigrad runs on the CPU only and has no cuda.{name}; ask cuda.is_available() first")
