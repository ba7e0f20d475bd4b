"""PyTorch's exchange format for models, which minigrad does not write. Mirrors the name of torch.onnx."""
from __future__ import annotations

from typing import Any


def export(*args: Any, **kwargs: Any) -> Any:
    """Raises."""
    raise NotImplementedError("minigrad writes no ONNX: save the state_dict, load it into the same module in PyTorch, and export it there")
