"""What error messages call an object's type."""
from __future__ import annotations

from typing import Any

from .tensor import Tensor


def typename(obj: Any) -> str:
    """'torch.FloatTensor', 'minigrad.nn.modules.linear.Linear', 'numpy.ndarray', 'int'. Mirrors torch.typename."""
    if isinstance(obj, Tensor):
        return str(obj.type())
    named = obj if hasattr(obj, "__qualname__") or hasattr(obj, "__name__") else type(obj)
    module, name = getattr(named, "__module__", None), getattr(named, "__qualname__", None) or named.__name__
    return name if module in (None, "", "builtins") else f"{module}.{name}"
