"""Mixed precision, for programs that can do without: what is for a GPU is disabled here, as PyTorch disables it. Mirrors torch.amp."""
from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

from .ops.devices import device

__all__ = ["GradScaler", "autocast", "is_autocast_available", "is_autocast_enabled"]

REFUSED = "minigrad computes in the dtypes that its tensors have; mixed precision on the CPU is not supported: use enabled=False"


def is_autocast_available(device_type: str) -> bool:
    """False."""
    return False


def is_autocast_enabled(device_type: str | None = None) -> bool:
    """False."""
    return False


class autocast:
    """A context manager and decorator that changes nothing. For a GPU, it warns as PyTorch does where there is none; for the CPU, where
    PyTorch would compute in bfloat16, it raises unless `enabled` is False. Mirrors torch.autocast.
    """

    def __init__(self, device_type: str, dtype: Any = None, enabled: bool = True, cache_enabled: bool | None = None) -> None:
        if not isinstance(device_type, str):
            raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
        self.device = device(device_type).type
        if enabled and self.device == "cpu":
            raise NotImplementedError(REFUSED)
        if enabled and self.device == "cuda":
            warnings.warn("CUDA is not available or torch_xla is imported. Disabling autocast.", stacklevel=2)

    def __enter__(self) -> autocast:
        return self

    def __exit__(self, *exception: Any) -> None:
        pass

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs)

        return call


class GradScaler:
    """Scales nothing: of a GPU there is none, and for the CPU it raises unless `enabled` is False. Mirrors torch.amp.GradScaler."""

    def __init__(self, device: str = "cuda", init_scale: float = 2.0**16, growth_factor: float = 2.0, backoff_factor: float = 0.5,
                 growth_interval: int = 2000, enabled: bool = True) -> None:
        if enabled and device == "cpu":
            raise NotImplementedError(REFUSED)
        if enabled and device == "cuda":
            warnings.warn("torch.cuda.amp.GradScaler is enabled, but CUDA is not available.  Disabling.", stacklevel=2)

    def scale(self, outputs: Any) -> Any:
        """The outputs themselves."""
        return outputs

    def unscale_(self, optimizer: Any) -> None:
        """Nothing was scaled."""

    def step(self, optimizer: Any, *args: Any, **kwargs: Any) -> float | None:
        """`optimizer.step()`."""
        return optimizer.step(*args, **kwargs)

    def update(self, new_scale: Any = None) -> None:
        """There is no scale to adapt."""

    def get_scale(self) -> float:
        """1."""
        return 1.0

    def is_enabled(self) -> bool:
        """False."""
        return False

    def state_dict(self) -> dict[str, Any]:
        """Empty."""
        return {}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """There is no state."""
