"""Linear algebra: systems of equations, decompositions and norms. Mirrors torch.linalg."""
from __future__ import annotations

from types import FunctionType
from typing import Any

from .ops.out import with_out
from .ops.parts import diagonal as _diagonal

for _name, _function in list(globals().items()):
    if isinstance(_function, FunctionType) and _function not in (_diagonal, with_out):
        globals()[_name] = with_out(_function)


def diagonal(A: Any, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """The diagonals of matrices, as a view. Mirrors torch.linalg.diagonal."""
    return _diagonal(A, offset, dim1, dim2)
