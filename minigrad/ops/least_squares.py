"""Least squares: the X that comes nearest to A X = B where there is no solution, or the shortest where there are many."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.rule import Rule, apply, on
from ..autograd.variable import wrap
from .broadcast import expand
from .decompositions import Pinv
from .matrices import check_floating, columns, mT, result, rows

if TYPE_CHECKING:
    from ..tensor import Tensor

LeastSquares = result("linalg_lstsq", "solution residuals rank singular_values")


class Lstsq(Rule):
    """The solution X of least squares, and the sums of (A X - B)² over rows."""

    node_name = "LinalgLstsqBackward0"
    tier = "T3"

    def forward(x, b, *, rcond, with_residuals):
        rhs = as_matrix(b, x)
        solutions = [np.linalg.lstsq(*one, rcond)[0] for one in zip(x.reshape(-1, *x.shape[-2:]), rhs.reshape(-1, *rhs.shape[-2:]))]
        solution = np.array(solutions, x.dtype).reshape(*x.shape[:-2], x.shape[-1], rhs.shape[-1])
        residuals = ((x @ solution - rhs) ** 2).sum(-2) if with_residuals else np.zeros(0, x.dtype)
        return solution.reshape(solution.shape[: b.ndim]), residuals

    def grad_x(grads, x, b, out0, rcond, with_residuals):
        rhs, solution = as_matrix(b, x), as_matrix(out0, x)
        through = Pinv.grad_x(as_matrix(grads[0], x) @ mT(rhs), x, on(Pinv, x, atol=0.0, rtol=rcond, hermitian=False))
        return through + 2 * ((x @ solution - rhs) * columns(grads[1])) @ mT(solution) if with_residuals else through

    def grad_b(grads, x, b, out0, b_shape, rcond, with_residuals):
        through = mT(on(Pinv, x, atol=0.0, rtol=rcond, hermitian=False)) @ as_matrix(grads[0], x)
        if with_residuals:
            through = through - 2 * (x @ as_matrix(out0, x) - as_matrix(b, x)) * columns(grads[1])
        return through.reshape(b_shape)


def as_matrix(b: Any, x: Any) -> Any:
    """A vector as a matrix of one column."""
    return b if b.ndim == x.ndim else rows(b)


def lstsq(A: Tensor, B: Tensor, rcond: float | None = None, *, driver: str | None = None) -> Any:
    """The least-squares solution of A X = B; where A has not full rank, the shortest one. Mirrors torch.linalg.lstsq.

    `driver` says what comes with it: the rank (all but "gels") and the singular values ("gelsd" and "gelss").
    """
    a, b = A.array, B.array
    for name, ndim, least in (("input", a.ndim, 2), ("other", b.ndim, 1)):
        if ndim < least:
            raise RuntimeError(f"torch.linalg.lstsq: {name} must have at least {least} dimension{'s' * (least > 1)}.")
    if not 0 <= a.ndim - b.ndim <= 1:
        raise RuntimeError(
            "torch.linalg.lstsq: input.dim() must be greater or equal to other.dim() and (input.dim() - other.dim()) <= 1"
        )
    vector = b.ndim == 1 or b.shape == a.shape[:-1]
    if a.shape[-2] != b.shape[-1 if vector else -2]:
        raise RuntimeError(f"torch.linalg.lstsq: input.size(-2) should match other.size({-1 if vector else -2})")
    if a.dtype != b.dtype:
        raise RuntimeError(
            f"torch.linalg.lstsq: Expected input and other to have the same dtype, but got input's dtype {A.dtype.scalar_name} and other's "
            f"dtype {B.dtype.scalar_name}"
        )
    check_floating("torch.linalg.lstsq", A)
    driver = driver or "gelsy"
    if driver not in ("gels", "gelsy", "gelsd", "gelss"):
        raise RuntimeError("torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)")
    (m, n), batch = a.shape[-2:], np.broadcast_shapes(a.shape[:-2], b.shape[: -1 if vector else -2])
    cutoff = np.finfo(a.dtype).eps * max(m, n) if rcond is None else rcond
    x = A if a.shape[:-2] == batch else expand(A, *batch, m, n)
    y = B if vector or b.shape[:-2] == batch else expand(B, *batch, *b.shape[-2:])
    values = np.linalg.svd(x.array, compute_uv=False) if a.size else np.zeros((*batch, min(m, n)), a.dtype)
    rank = (values > cutoff * values[..., :1]).sum(-1)
    told = m > n and driver != "gelsy" and (driver == "gels" or bool((rank == n).all()))
    solution, residuals = apply(Lstsq, x, y, rcond=cutoff, with_residuals=told)
    return LeastSquares(
        solution,
        residuals,
        wrap(np.zeros(0, np.int64) if driver == "gels" else np.asarray(rank)),
        wrap(values if driver in ("gelsd", "gelss") else np.zeros(0, a.dtype)),
    )
