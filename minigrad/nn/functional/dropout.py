"""Dropout."""
from __future__ import annotations

from ... import ops
from ...tensor import Tensor

__all__ = ["dropout"]


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """x times a mask, in training: 0 with probability p, else 1 / (1 - p). Mirrors torch.nn.functional.dropout."""
    if not inplace:
        return ops.dropout(input, p, training)
    mask = ops.dropout(ops.ones_like(input), p, training)
    return input.mul_(mask) if training and p > 0 else input
