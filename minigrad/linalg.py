"""Linear algebra: systems of equations, decompositions and norms. Mirrors torch.linalg."""
# ruff: noqa: F401 (imported to be found here)
from __future__ import annotations

from types import FunctionType
from typing import Any

from .ops.decompositions import (
    LinAlgError,
    cholesky,
    cholesky_ex,
    det,
    eigh,
    eigvalsh,
    inv,
    inv_ex,
    matrix_power,
    matrix_rank,
    multi_dot,
    pinv,
    qr,
    slogdet,
    solve,
    solve_ex,
    solve_triangular,
    svd,
    svdvals,
    tensorinv,
    tensorsolve,
    vecdot,
)
from .ops.least_squares import lstsq
from .ops.linalg import matmul
from .ops.norms import cond, matrix_norm, vector_norm
from .ops.norms import linalg_norm as norm
from .ops.out import with_out
from .ops.parts import diagonal as _diagonal
from .ops.products import linalg_cross as cross

for _name, _function in list(globals().items()):
    if isinstance(_function, FunctionType) and _function not in (_diagonal, with_out):
        globals()[_name] = with_out(_function)


def diagonal(A: Any, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """The diagonals of matrices, as a view. Mirrors torch.linalg.diagonal."""
    return _diagonal(A, offset, dim1, dim2)
