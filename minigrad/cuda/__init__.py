"""What programs ask before they use a GPU; here there is none. Mirrors torch.cuda of a build without CUDA."""
from __future__ import annotations

from typing import Any

from . import amp as amp

NO_CUDA = "Torch not compiled with CUDA enabled"


def is_available() -> bool:
    """False: minigrad computes with NumPy, on the CPU."""
    return False


is_initialized = is_available


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """False."""
    return False


def device_count() -> int:
    """0."""
    return 0


def memory_allocated(device: Any = None) -> int:
    """0."""
    return 0


max_memory_allocated = memory_reserved = max_memory_reserved = memory_allocated


def manual_seed(seed: int) -> None:
    """Nothing to seed."""


def manual_seed_all(seed: int) -> None:
    """Nothing to seed."""


def empty_cache() -> None:
    """Nothing to free."""


def synchronize(device: Any = None) -> None:
    """Raises, as all that needs a GPU does in a PyTorch without CUDA."""
    raise AssertionError(NO_CUDA)


init = current_device = get_device_name = get_device_properties = get_device_capability = set_device = synchronize


def __getattr__(name: str) -> Any:
    raise AttributeError(f"minigrad runs on the CPU only and has no cuda.{name}; ask cuda.is_available() first")
