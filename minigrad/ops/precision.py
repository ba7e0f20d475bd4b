"""Precision: where NumPy's own kernels are less accurate than PyTorch's, single precision is computed in double and rounded."""
from __future__ import annotations

from typing import Any

import numpy as np


def wide(ufunc: Any, *arrays: np.ndarray) -> np.ndarray:
    """A ufunc computed in double precision; the result is rounded to the inputs' dtype."""
    dtype = arrays[0].dtype
    if dtype == np.float64:
        return ufunc(*arrays)
    return ufunc(*arrays, dtype=np.float64).astype(dtype)
