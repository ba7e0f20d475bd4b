"""What error messages call an object's type. Mirrors torch.typename."""
from __future__ import annotations

from typing import Any

from ..tensor import Tensor


def typename(obj: Any) -> str:
    """'torch.FloatTensor', 'minigrad.nn.modules.linear.Linear', 'numpy.ndarray', 'int'."""
    if isinstance(obj, Tensor):
        return str(obj.type())
    cls = obj if isinstance(obj, type) else type(obj)
    return cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"
