"""Whatever is faster than the CPU: nothing is here. Mirrors torch.accelerator."""
from __future__ import annotations

from typing import Any

from .ops.devices import device

__all__ = ["current_accelerator", "current_device_index", "device_count", "is_available", "synchronize"]


def is_available() -> bool:
    """False."""
    return False


def current_accelerator(check_available: bool = False) -> device | None:
    """None."""
    return None


def device_count() -> int:
    """0."""
    return 0


def current_device_index() -> int:
    """Raises: there is none."""
    raise RuntimeError("Cannot access accelerator device when none is available.")


def synchronize(device: Any = None) -> None:
    """Raises: there is nothing to wait for."""
    raise RuntimeError("Cannot access accelerator device when none is available.")
