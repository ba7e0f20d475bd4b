"""Linear algebra: systems of equations, decompositions and norms. Mirrors torch.linalg."""
# ruff: noqa: F401 (imported to be found here)
from __future__ import annotations

from types import FunctionType
from typing import Any

from .ops.decompositions import cholesky, cholesky_ex, eigh, eigvalsh, matrix_rank, pinv, qr, svd, svdvals
from .ops.equations import (
    det,
    inv,
    inv_ex,
    matrix_power,
    slogdet,
    solve,
    solve_ex,
    solve_triangular,
    tensorinv,
    tensorsolve,
)
from .ops.least_squares import lstsq
from .ops.linalg import matmul
from .ops.matrices import LinAlgError
from .ops.norms import cond, matrix_norm, vector_norm
from .ops.norms import linalg_norm as norm
from .ops.out import with_out
from .ops.parts import diagonal as _diagonal
from .ops.products import linalg_cross as cross
from .ops.products import multi_dot, vecdot

for _name, _function in list(globals().items()):
    if isinstance(_function, FunctionType) and _function not in (_diagonal, with_out):
        globals()[_name] = with_out(_function)


def diagonal(A: Any, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """The diagonals of matrices, as a view. Mirrors torch.linalg.diagonal."""
    return _diagonal(A, offset, dim1, dim2)
