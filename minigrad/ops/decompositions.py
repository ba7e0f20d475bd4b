"""Systems of linear equations and matrix decompositions: inv, solve, det, cholesky, qr, svd, eigh, pinv. LAPACK computes them.

Every function takes batches: matrices are the last two dimensions. The gradients are those of "An extended collection of matrix
derivative results", Giles 2008, and for QR and the SVD of PyTorch's notes, in the same products.
"""
from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.rule import Rule, apply, on
from ..autograd.variable import TensorBase, wrap
from .arguments import must_be
from .copies import clone, copy_
from .family import broadcast_error
from .linalg import matmul
from .masking import masked_fill, where
from .rearrange import Tril, tril, triu
from .reduce import sum as total
from .shape import matrix_transpose, reshape, squeeze, unsqueeze

if TYPE_CHECKING:
    from ..tensor import Tensor


class LinAlgError(RuntimeError):
    """A matrix that has no inverse, or no such decomposition. Mirrors torch.linalg.LinAlgError."""


LinAlgError.__name__ = LinAlgError.__qualname__ = "_LinAlgError"


def result(name: str, fields: str) -> Any:
    """The named tuple that an operation returns; prints as torch.return_types."""

    def show(self: Any) -> str:
        return f"torch.return_types.{name}(\n" + ",\n".join([f"{key}={value!r}" for key, value in zip(self._fields, self)]) + ")"

    return type(name, (namedtuple(name, fields),), {"__slots__": (), "__repr__": show})


SVD, QR = result("linalg_svd", "U S Vh"), result("linalg_qr", "Q R")
Eigen, SignLog = result("linalg_eigh", "eigenvalues eigenvectors"), result("linalg_slogdet", "sign logabsdet")
Inverted, Factor, Solved = result("linalg_inv_ex", "inverse info"), result("linalg_cholesky_ex", "L info"), result("linalg_solve_ex", "result info")


def mT(x: Any) -> Any:
    return x.swapaxes(-2, -1)


def columns(s: Any) -> Any:
    """A row of factors, one for each column of a matrix."""
    return s.reshape((*s.shape[:-1], 1, s.shape[-1]))


def rows(s: Any) -> Any:
    """A column of factors, one for each row of a matrix."""
    return s.reshape((*s.shape, 1))


def unit_matrix(n: int, like: Any) -> np.ndarray:
    return np.eye(n, dtype=getattr(like, "array", like).dtype)


# ---- rules


class Inv(Rule):
    """The inverse."""

    node_name = "LinalgInvExBackward0"
    tier = "T3"

    def forward(x):
        return np.linalg.inv(x)

    def grad_x(grad, out):
        return -(mT(out) @ (grad @ mT(out)))


class Solve(Rule):
    """The solution X of A X = B."""

    node_name = "LinalgSolveExBackward0"
    tier = "T3"

    def forward(x, b):
        return np.linalg.solve(x, b)

    def grad_x(grad, x, out):
        return -(on(Solve, mT(x), grad) @ mT(out))

    def grad_b(grad, x):
        return on(Solve, mT(x), grad)


class Det(Rule):
    """The determinant. Its derivative is the transposed adjugate, which exists where the inverse does not."""

    node_name = "LinalgDetBackward0"
    tier = "T3"

    def forward(x):
        return np.linalg.det(x)

    def grad_x(grad, x, out):
        if isinstance(x, TensorBase):
            return rows(rows(grad * out)) * mT(on(Inv, x))
        return rows(rows(grad)) * cofactors(x)


def cofactors(x: np.ndarray) -> np.ndarray:
    """det(U) det(V) U diag(products of the other singular values) V."""
    u, s, vh = np.linalg.svd(x)
    n = s.shape[-1]
    others = np.stack([np.prod(np.delete(s, i, -1), -1) for i in range(n)], -1) if n else s
    return rows(rows(np.linalg.det(u) * np.linalg.det(vh))) * ((u * columns(others)) @ vh)


class Slogdet(Rule):
    """The determinant's sign, and the logarithm of its size."""

    node_name = "LinalgSlogdetBackward0"
    tier = "T3"

    def forward(x):
        return tuple(np.linalg.slogdet(x))

    def grad_x(grads, x):
        return rows(rows(grads[1])) * mT(on(Inv, x))


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


# ---- checks


def check_floating(name: str, *tensors: Tensor) -> None:
    for x in tensors:
        if x.array.dtype.kind != "f":
            raise RuntimeError(f"{name}: Expected a floating point or complex tensor as input. Got {x.dtype.scalar_name}")
        if x.array.dtype == np.float16:
            raise RuntimeError(f"{name}: Low precision dtypes not supported. Got Half")


def check_matrices(name: str, x: Tensor, square: bool = True, argument: str = "A") -> Tensor:
    """A batch of (square) matrices of floats."""
    if not isinstance(x, TensorBase):
        raise must_be("Tensor", name.replace(".", "_"), argument if name.startswith("linalg") else "input", 1, x)
    shape = x.array.shape
    if len(shape) < 2:
        raise RuntimeError(f"{name}: The input tensor {argument} must have at least 2 dimensions.")
    if square and shape[-1] != shape[-2]:
        raise RuntimeError(f"{name}: {argument} must be batches of square matrices, but they are {shape[-2]} by {shape[-1]} matrices")
    check_floating(name, x)
    return x


def batch_of(x: np.ndarray, info: np.ndarray) -> str:
    """How PyTorch names the first bad matrix of a batch."""
    return f"(Batch element {int(np.argmax(info > 0))}): " if x.ndim > 2 else ""


def attempted(run: Callable[[Tensor], Tensor], A: Tensor, stops: Callable[[np.ndarray], int], error: Callable[..., Exception] | None) -> Any:
    """What `run` makes of matrices, and for each where it stops, or 0. Where it stops the result is NaN, or an error is raised."""
    a = A.array
    try:
        return run(A), wrap(np.zeros(a.shape[:-2], np.int32))
    except np.linalg.LinAlgError:
        info = np.array([stops(matrix) for matrix in a.reshape(-1, *a.shape[-2:])], np.int32)
        if error is not None:
            raise error(batch_of(a, info), info[info > 0][0]) from None
        info = info.reshape(a.shape[:-2])
        bad = wrap(rows(rows(info > 0)))
        return masked_fill(run(where(bad, wrap(unit_matrix(a.shape[-1], a)), A)), bad, math.nan), wrap(info)


def zero_pivot(matrix: np.ndarray) -> int:
    """The number of the first pivot of Gaussian elimination that is zero, or 0."""
    try:
        np.linalg.inv(matrix)
        return 0
    except np.linalg.LinAlgError:
        u = matrix.copy()
    for i in range(len(u)):
        best = i + int(np.abs(u[i:, i]).argmax())
        if u[best, i] == 0:
            return i + 1
        u[[i, best]] = u[[best, i]]
        u[i + 1 :] -= np.outer(u[i + 1 :, i] / u[i, i], u[i])
    return len(u)  # rounding decides


def indefinite_minor(matrix: np.ndarray) -> int:
    """The size of the first leading part that is not positive definite, or 0."""
    for n in range(1, len(matrix) + 1):
        try:
            np.linalg.cholesky(matrix[:n, :n])
        except np.linalg.LinAlgError:
            return n
    return 0


# ---- functions


def inv(A: Tensor) -> Tensor:
    """The inverse of square matrices. Mirrors torch.linalg.inv."""
    return inverted("linalg.inv", A, True)[0]


def inv_ex(A: Tensor, *, check_errors: bool = False) -> Any:
    """The inverse (NaN where there is none), and per matrix 0 or the number of the pivot that is zero. Mirrors torch.linalg.inv_ex."""
    return Inverted(*inverted("linalg.inv_ex", A, check_errors))


def inverted(name: str, A: Tensor, check_errors: bool) -> Any:
    def error(batch: str, pivot: int) -> LinAlgError:
        why = "the inversion could not be completed because the input matrix is singular"
        return LinAlgError(f"{name}: {batch}The diagonal element {pivot} is zero, {why}.")

    return attempted(partial(apply, Inv), check_matrices("linalg.inv", A), zero_pivot, error if check_errors else None)


def solve(A: Tensor, B: Tensor, *, left: bool = True) -> Tensor:
    """The solution X of A X = B, or of X A = B; B may be a vector. Mirrors torch.linalg.solve."""
    return solved("linalg.solve", A, B, left, True)[0]


def solve_ex(A: Tensor, B: Tensor, *, left: bool = True, check_errors: bool = False) -> Any:
    """The solution of A X = B (NaN where there is none), and per matrix 0 or the number of the pivot that is zero. Mirrors
    torch.linalg.solve_ex."""
    return Solved(*solved("linalg.solve_ex", A, B, left, check_errors))


def solved(name: str, A: Tensor, B: Tensor, left: bool, check_errors: bool) -> Any:
    check_matrices("linalg.solve", A)
    a, b = A.array, B.array
    if a.dtype != b.dtype:
        raise RuntimeError(
            f"linalg.solve: Expected A and B to have the same dtype, but found A of type {A.dtype.scalar_name} and B of type "
            f"{B.dtype.scalar_name} instead"
        )
    vector = b.ndim == 1 or (b.ndim == a.ndim - 1 and b.shape == a.shape[:-1])
    if vector and not left:
        raise RuntimeError(
            "linalg.solve: Vector broadcasting of the left hand side is not supported for left=False. In this case linalg.solve is "
            "equivalent to B / A.squeeze(-1)"
        )
    right = unsqueeze(B, -1) if vector else B
    if right.array.ndim < 2:
        raise RuntimeError("linalg.solve: The input tensor B must have at least 2 dimensions.")
    if right.array.shape[-2 if left else -1] != a.shape[-1]:
        n, m = right.array.shape[-2:]
        equation = "AX = B" if left else "XA = B"
        raise RuntimeError(f"linalg.solve: Incompatible shapes of A and B for the equation {equation} ({a.shape[-2]}x{a.shape[-1]} and {n}x{m})")

    def error(batch: str, pivot: int) -> LinAlgError:
        return LinAlgError(f"torch.{name}: {batch}The solver failed because the input matrix is singular.")

    found, info = attempted(lambda A: quotient(A, right, left), A, zero_pivot, error if check_errors else None)
    return squeeze(found, -1) if vector else found, info


def quotient(A: Tensor, B: Tensor, left: bool) -> Tensor:
    """The solution X of A X = B, or of X A = B."""
    if not left:
        return matrix_transpose(quotient(matrix_transpose(A), matrix_transpose(B), True))
    try:
        return apply(Solve, A, B)
    except np.linalg.LinAlgError:  # which is a ValueError too
        raise
    except ValueError:
        raise broadcast_error(A.array.shape[:-2], B.array.shape[:-2]) from None


def solve_triangular(A: Tensor, B: Tensor, *, upper: bool, left: bool = True, unitriangular: bool = False) -> Tensor:
    """The solution X of A X = B, where only the upper or lower triangle of A counts. Mirrors torch.linalg.solve_triangular."""
    check_matrices("linalg.solve_triangular", A)
    triangle = (triu if upper else tril)(A, (1 if upper else -1) if unitriangular else 0)
    if unitriangular:
        triangle = triangle + wrap(unit_matrix(A.array.shape[-1], A))
    return quotient(triangle, B, left)


def det(A: Tensor) -> Tensor:
    """The determinant of square matrices. Mirrors torch.linalg.det."""
    return apply(Det, check_matrices("linalg.det", A))


def slogdet(A: Tensor) -> Any:
    """The sign of the determinant, and the logarithm of its size. Mirrors torch.linalg.slogdet."""
    return SignLog(*apply(Slogdet, check_matrices("linalg.slogdet", A)))


def logdet(input: Tensor) -> Tensor:
    """The logarithm of the determinant; NaN where that is negative. Mirrors torch.logdet."""
    sign, size = apply(Slogdet, check_matrices("logdet", input))
    return size.masked_fill(sign == -1, math.nan)


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


def matrix_power(input: Tensor, n: int) -> Tensor:
    """A matrix multiplied by itself n times; the inverse where n is negative. Mirrors torch.matrix_power."""
    check_matrices("linalg.matrix_power", input)
    if n < 0:
        return matrix_power(inv(input), -n)
    if not n:
        return copy_(clone(input), wrap(unit_matrix(input.array.shape[-1], input)))
    power, square = None, input
    while n:
        if n & 1:
            power = square if power is None else matmul(square, power)
        n >>= 1
        square = matmul(square, square) if n else square
    return clone(input) if power is input else power  # type: ignore[return-value]


def multi_dot(tensors: Any) -> Tensor:
    """The product of several matrices; the first and the last may be vectors. Mirrors torch.linalg.multi_dot."""
    if len(tensors) < 2:
        raise RuntimeError(f"multi_dot(): expected at least 2 tensors but got {len(tensors)}")
    for i, x in enumerate(tensors):
        wanted = (1, 2) if i in (0, len(tensors) - 1) else (2,)
        if x.array.ndim not in wanted:
            raise RuntimeError(f"multi_dot(): tensor {i} must be {'1D or 2D' if len(wanted) > 1 else 'two-dimensional'} but got {x.array.ndim}D")
    product = tensors[-1]
    for x in reversed(tensors[:-1]):
        product = matmul(x, product)
    return product


def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    """Products summed over one dimension. Mirrors torch.linalg.vecdot."""
    return total(x * y, dim)


def tensorinv(A: Tensor, ind: int = 2) -> Tensor:
    """The inverse of a tensor seen as a matrix, its first `ind` dimensions as rows. Mirrors torch.linalg.tensorinv."""
    if ind <= 0:
        raise RuntimeError("Expected a strictly positive integer for 'ind'")
    shape = A.array.shape
    n, m = math.prod(shape[:ind]), math.prod(shape[ind:])
    if n != m:
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got "
            f"{m} != {n}"
        )
    return reshape(inv(reshape(A, n, m)), (*shape[ind:], *shape[:ind]))


def tensorsolve(A: Tensor, B: Tensor, dims: Any = None) -> Tensor:
    """The solution X of tensordot(A, X) = B. Mirrors torch.linalg.tensorsolve."""
    x = A.movedim(tuple(dims), tuple(range(-len(dims), 0))) if dims is not None else A
    shape = x.array.shape[B.array.ndim :]
    n, m = math.prod(x.array.shape[: B.array.ndim]), math.prod(shape)
    if n != m:
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), but got "
            f"{m} != {n}"
        )
    return reshape(solve(reshape(x, n, m), reshape(B, -1)), shape)
