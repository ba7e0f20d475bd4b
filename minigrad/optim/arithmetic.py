"""The compound operations that PyTorch's optimizers are written in, with its order of arithmetic.

PyTorch rounds the last multiplication and addition of `add_`, `lerp_` and `addcmul_` only once, where the processor can
(FMA); here every operation rounds. Arrays have one shape and dtype, numbers are 0-d arrays; `scratch` is overwritten.
"""
from __future__ import annotations

from typing import TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray


def add_(x: Array, y: Array, alpha: Array, scratch: Array) -> None:
    """x ← x + alpha y"""
    np.multiply(y, alpha, out=scratch)
    x += scratch


def lerp_(x: Array, y: Array, weight: Array, scratch: Array) -> None:
    """x ← x + weight (y - x), computed from the nearer end, so that weight 1 gives exactly y."""
    np.subtract(y, x, out=scratch)
    if weight.item() < 0.5:
        scratch *= weight
        x += scratch
    else:
        scratch *= 1 - weight
        np.subtract(y, scratch, out=x)


def addcmul_(x: Array, y: Array, z: Array, value: Array, scratch: Array, out: Array | None = None) -> None:
    """x ← x + value y z"""
    np.multiply(y, value, out=scratch)
    scratch *= z
    np.add(x, scratch, out=x if out is None else out)
