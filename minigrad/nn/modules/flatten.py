"""Flattening dimensions, and the reverse. Mirrors torch.nn.modules.flatten."""
from __future__ import annotations

from typing import Any

from ... import ops
from .function import FunctionModule

__all__ = ["Flatten", "Unflatten"]


class Flatten(FunctionModule):
    """Dimensions start_dim to end_dim made one; by default all but the batch's. Mirrors torch.nn.Flatten."""

    function = staticmethod(ops.flatten)

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self._set(start_dim=start_dim, end_dim=end_dim)


class Unflatten(FunctionModule):
    """Dimension `dim` made into those of `unflattened_size`. Mirrors torch.nn.Unflatten."""

    def __init__(self, dim: int, unflattened_size: Any) -> None:
        if not isinstance(unflattened_size, (tuple, list)):
            kind = type(unflattened_size).__name__
            raise TypeError(f"unflattened_size must be a tuple of ints, but found type {kind}")
        for i, size in enumerate(unflattened_size):
            if not isinstance(size, int):
                kind = type(size).__name__
                raise TypeError(f"unflattened_size must be tuple of ints, but found element of type {kind} at pos {i}")
        super().__init__()
        self._set(dim=dim, unflattened_size=unflattened_size)

    @staticmethod
    def function(input: Any, dim: int, unflattened_size: Any) -> Any:
        return input.unflatten(dim, unflattened_size)
