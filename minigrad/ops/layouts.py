"""How elements lie in memory. Mirrors torch.layout and torch.memory_format, of which there are here what applies to all tensors."""
from __future__ import annotations


class layout:
    """A kind of tensor; here all are strided."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"


class memory_format(layout):
    """An order of elements in memory."""


strided = layout("strided")
contiguous_format, preserve_format = memory_format("contiguous_format"), memory_format("preserve_format")
