"""Matrix decompositions: cholesky, qr, svd, eigh, and pinv, which is made from one. LAPACK computes them.

The gradients are those of "An extended collection of matrix derivative results", Giles 2008, and for QR and the SVD of PyTorch's notes,
in the same products.
"""
from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.rule import Rule, apply, on
from ..autograd.variable import TensorBase, wrap
from .axes import matrix_transpose
from .equations import Inv, Solve
from .matrices import LinAlgError, attempted, check_matrices, columns, mT, result, rows, unit_matrix
from .rearrange import Tril

if TYPE_CHECKING:
    from ..tensor import Tensor

# ---- rules


class Cholesky(Rule):
    """The lower triangular L with L Lᵀ = x, which is symmetric and positive definite."""

    node_name = "LinalgCholeskyExBackward0"
    tier = "T3"

    def forward(x):
        return np.linalg.cholesky(x)

    def grad_x(grad, out):
        inverse, phi = on(Inv, out), mT(out) @ grad
        phi = on(Tril, phi, diagonal=0) + mT(on(Tril, phi, diagonal=-1))
        return 0.5 * (mT(inverse) @ phi @ inverse)


class Qr(Rule):
    """x = Q R, with orthonormal columns in Q and an upper triangular R."""

    node_name = "LinalgQrBackward0"
    tier = "T3"

    def forward(x, *, mode):
        if mode == "r":
            return np.empty(0, x.dtype), np.linalg.qr(x, "r")
        return tuple(np.linalg.qr(x, mode))

    def grad_x(grads, x_shape, out0, out1, mode):
        m, n = x_shape[-2:]
        if mode == "r":
            raise RuntimeError(
                "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use linalg.qr(A, mode='reduced') "
                "if you are going to differentiate through linalg.qr."
            )
        if mode == "complete" and m > n:
            raise RuntimeError(
                "The QR decomposition is not differentiable when mode='complete' and nrows > ncols."
            )
        (g_q, g_r), q, r = grads, out0, out1
        if m >= n:
            return square_qr(g_q, g_r, q, r)
        rest = g_r[..., m:]  # R = [U, Qᵀ Y]: what is right of the square comes from Y alone
        left = square_qr(g_q + (q @ r[..., m:]) @ mT(rest), g_r[..., :m], q, r[..., :m])
        return np.concatenate([left, q @ rest], axis=-1)


def square_qr(g_q: Any, g_r: Any, q: Any, r: Any) -> Any:
    m = r @ mT(g_r) - mT(g_q) @ q
    m = on(Tril, m, diagonal=0) + mT(on(Tril, m, diagonal=-1))
    return mT(on(Solve, r, mT(g_q + q @ m)))


class Svd(Rule):
    """x = U diag(S) Vh, with the singular values S in descending order."""

    node_name = "LinalgSvdBackward0"
    tier = "T3"

    def forward(x, *, full_matrices):
        u, s, vh = np.linalg.svd(x, full_matrices)
        return u, s, vh

    def grad_x(grads, x_shape, out0, out1, out2):
        (m, n), k = x_shape[-2:], out1.shape[-1]
        (g_u, g_s, g_vh), s = grads, out1
        u, vh, g_u, g_vh = out0[..., :k], out2[..., :k, :], g_u[..., :k], g_vh[..., :k, :]
        u_part, v_part = mT(u) @ g_u, vh @ mT(g_vh)
        gaps = columns(s * s) - rows(s * s) + unit_matrix(k, s)
        middle = (u_part - mT(u_part)) / gaps * columns(s) + rows(s) * ((v_part - mT(v_part)) / gaps)
        inner = u @ (middle + unit_matrix(k, s) * columns(g_s)) @ vh
        if m > k:
            inner = inner + ((g_u - u @ u_part) / columns(s)) @ vh
        if n > k:
            inner = inner + u @ ((g_vh - mT(v_part) @ vh) / rows(s))
        return inner


class Svdvals(Rule):
    """The singular values, in descending order."""

    node_name = "LinalgSvdBackward0"
    tier = "T3"

    def forward(x):
        return np.linalg.svd(x, compute_uv=False)

    def grad_x(grad, x):
        u, _, vh = on(Svd, x, full_matrices=False)
        return (u * columns(grad)) @ vh


class Eigh(Rule):
    """The eigenvalues of symmetric matrices, in ascending order, and the eigenvectors as columns."""

    node_name = "LinalgEighBackward0"
    tier = "T3"

    def forward(x, *, uplo):
        return tuple(np.linalg.eigh(x, uplo))

    def grad_x(grads, out0, out1):
        (g_values, g_vectors), values, q = grads, out0, out1
        one = unit_matrix(values.shape[-1], values)
        middle = (mT(q) @ g_vectors) / (columns(values) - rows(values) + one)
        grad = q @ (middle * (1 - one) + one * columns(g_values)) @ mT(q)
        return (grad + mT(grad)) * 0.5


class Pinv(Rule):
    """The pseudoinverse; singular values up to a tolerance count as zero."""

    node_name = "LinalgPinvBackward0"
    tier = "T3"

    def forward(x, *, atol, rtol, hermitian):
        if not x.size:
            return np.zeros((*x.shape[:-2], x.shape[-1], x.shape[-2]), x.dtype)
        u, s, vh = np.linalg.svd(x, full_matrices=False, hermitian=hermitian)
        large = s > np.maximum(atol, rtol * s[..., :1])
        return (mT(vh) * columns(np.divide(1, s, where=large, out=np.zeros_like(s)))) @ mT(u)

    def grad_x(grad, x, out):
        outT, gradT = mT(out), mT(grad)
        left, right = gradT - x @ (out @ gradT), gradT - (gradT @ out) @ x
        return -(outT @ grad @ outT) + left @ (out @ outT) + (outT @ out) @ right


# ---- functions


SVD, QR, Eigen = result("linalg_svd", "U S Vh"), result("linalg_qr", "Q R"), result("linalg_eigh", "eigenvalues eigenvectors")
Factor = result("linalg_cholesky_ex", "L info")


def indefinite_minor(matrix: np.ndarray) -> int:
    """The size of the first leading part that is not positive definite, or 0."""
    for n in range(1, len(matrix) + 1):
        try:
            np.linalg.cholesky(matrix[:n, :n])
        except np.linalg.LinAlgError:
            return n
    return 0


def cholesky(A: Tensor, *, upper: bool = False) -> Tensor:
    """The triangular factor of symmetric positive definite matrices. Mirrors torch.linalg.cholesky."""
    return factored("linalg.cholesky", A, upper, True)[0]


def cholesky_ex(A: Tensor, *, upper: bool = False, check_errors: bool = False) -> Any:
    """The triangular factor (NaN where there is none), and per matrix 0 or the size of the leading part that is not positive
    definite. Mirrors torch.linalg.cholesky_ex."""
    return Factor(*factored("linalg.cholesky_ex", A, upper, check_errors))


def factored(name: str, A: Tensor, upper: bool, check_errors: bool) -> Any:
    def error(batch: str, order: int) -> LinAlgError:
        why = f"the leading minor of order {order} is not positive-definite"
        return LinAlgError(f"{name}: {batch}The factorization could not be completed because the input is not positive-definite ({why}).")

    check_matrices("linalg.cholesky", A)
    lower, info = attempted(partial(apply, Cholesky), A, indefinite_minor, error if check_errors else None)
    return matrix_transpose(lower) if upper else lower, info


def qr(A: Tensor, mode: str = "reduced") -> Any:
    """A = Q R. Modes: "reduced", "complete", "r". Mirrors torch.linalg.qr."""
    check_matrices("linalg.qr", A, square=False)
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or 'complete'")
    return QR(*apply(Qr, A, mode=mode))


def svd(A: Tensor, full_matrices: bool = True, *, driver: str | None = None) -> Any:
    """A = U diag(S) Vh. Mirrors torch.linalg.svd."""
    check_matrices("linalg.svd", A, square=False)
    check_driver(driver)
    return SVD(*apply(Svd, A, full_matrices=full_matrices))


def check_driver(driver: str | None) -> None:
    if driver is not None:
        raise RuntimeError("torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with cuSOLVER backend.")


def svdvals(A: Tensor, *, driver: str | None = None) -> Tensor:
    """The singular values of matrices, in descending order. Mirrors torch.linalg.svdvals."""
    check_driver(driver)
    return apply(Svdvals, check_matrices("linalg.svd", A, square=False))


def eigh(A: Tensor, UPLO: str = "L") -> Any:
    """The eigenvalues, ascending, and eigenvectors of symmetric matrices. Mirrors torch.linalg.eigh."""
    check_matrices("linalg.eigh", A)
    if UPLO.upper() not in ("U", "L"):
        raise RuntimeError(f"Expected UPLO argument to be 'L' or 'U', but got {UPLO}")
    return Eigen(*apply(Eigh, A, uplo=UPLO.upper()))


def eigvalsh(A: Tensor, UPLO: str = "L") -> Tensor:
    """The eigenvalues of symmetric matrices, ascending. Mirrors torch.linalg.eigvalsh."""
    return eigh(A, UPLO)[0]


def tolerances(x: np.ndarray, atol: Any, rtol: Any) -> tuple[Any, Any]:
    """What counts as zero among singular values: PyTorch's defaults."""
    atol, rtol = [t.array[..., None] if isinstance(t, TensorBase) else t for t in (atol, rtol)]
    if rtol is None:
        rtol = 0.0 if atol is not None and np.any(np.asarray(atol) > 0) else np.finfo(x.dtype).eps * max(x.shape[-2:])
    return 0.0 if atol is None else atol, rtol


def pinv(A: Tensor, rcond: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None) -> Tensor:
    """The pseudoinverse of matrices. Mirrors torch.linalg.pinv."""
    check_matrices("linalg.pinv", A, square=hermitian)
    absolute, relative = tolerances(A.array, atol, rcond if rtol is None else rtol)
    return apply(Pinv, A, atol=absolute, rtol=relative, hermitian=hermitian)


def matrix_rank(A: Tensor, tol: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None) -> Tensor:
    """How many singular values are not zero. Mirrors torch.linalg.matrix_rank."""
    x = check_matrices("linalg.matrix_rank", A, square=hermitian).array
    if tol is not None:
        atol, rtol = tol, 0.0
    absolute, relative = tolerances(x, atol, rtol)
    if not x.size:
        return wrap(np.zeros(x.shape[:-2], np.int64))
    s = np.abs(np.linalg.eigvalsh(x)) if hermitian else np.linalg.svd(x, compute_uv=False)
    return wrap(np.asarray((s > np.maximum(absolute, relative * s.max(-1, keepdims=True))).sum(-1)))
