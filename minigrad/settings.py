"""Settings that programs make at their beginning. Those that could not change a result here are checked, kept, and have no effect."""
from __future__ import annotations

import warnings
from typing import Any

from .dtypes import ALL, set_default_dtype
from .ops.devices import CPU, check_device, device

PRECISIONS = ("highest", "high", "medium")
_kept: dict[str, Any] = {"threads": 1, "deterministic": False, "precision": "highest"}


def compile(model: Any = None, *, fullgraph: bool = False, dynamic: bool | None = None, backend: Any = "inductor",
            mode: str | None = None, options: Any = None, disable: bool = False, **limits: Any) -> Any:
    """The function or module itself, for minigrad computes at once; without one, a decorator. Mirrors torch.compile."""
    return model if model is not None else lambda given: given


def set_num_threads(num: int) -> None:
    """Kept for `get_num_threads`: NumPy's library decides for itself, before it is imported (OPENBLAS_NUM_THREADS)."""
    if not isinstance(num, int) or isinstance(num, bool):
        raise RuntimeError(f"set_num_threads expects an int, but got {type(num).__name__}")
    if num <= 0:
        raise RuntimeError("set_num_threads expects a positive integer")
    _kept["threads"] = num


def set_num_interop_threads(num: int) -> None:
    """There is one thread, whatever the number."""


def get_num_threads() -> int:
    """What `set_num_threads` was given; 1 before."""
    return _kept["threads"]


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Everything is deterministic here, whatever the mode."""
    _kept["deterministic"] = bool(mode)


def are_deterministic_algorithms_enabled() -> bool:
    """What `use_deterministic_algorithms` was given."""
    return _kept["deterministic"]


def set_float32_matmul_precision(precision: str) -> None:
    """Accepts "highest", "high" and "medium"; matrices are always multiplied in full float32, as by PyTorch on a CPU."""
    if precision in PRECISIONS:
        _kept["precision"] = precision
    else:
        warnings.warn(f"{precision} is not one of 'highest', 'high', or 'medium'; nothing changes", stacklevel=2)


def get_float32_matmul_precision() -> str:
    """What `set_float32_matmul_precision` was given."""
    return _kept["precision"]


def set_default_device(device: Any) -> None:
    """Accepts the CPU only."""
    check_device(device, "set_default_device")


def get_default_device() -> device:
    """The CPU."""
    return CPU


def set_default_tensor_type(t: Any) -> None:
    """The dtype of new floating-point tensors, by the name of a tensor type: FloatTensor, "torch.DoubleTensor"."""
    kind = {f"torch.{d.scalar_name}Tensor": d for d in ALL.values()}.get(t) if isinstance(t, str) else getattr(t, "dtype", None)
    if kind is None:
        raise TypeError(f"invalid type object: {t!r} is no type of tensors")
    set_default_dtype(kind)
