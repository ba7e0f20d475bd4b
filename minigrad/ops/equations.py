"""Systems of linear equations: inv, solve, det. LAPACK computes them.

The gradients are those of "An extended collection of matrix derivative results", Giles 2008.
"""
from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.rule import Rule, apply, on
from ..autograd.variable import TensorBase, wrap
from .axes import matrix_transpose
from .copies import clone, copy_
from .family import broadcast_error
from .linalg import matmul
from .matrices import LinAlgError, attempted, check_matrices, columns, mT, result, rows, unit_matrix
from .rearrange import tril, triu
from .shape import reshape, squeeze, unsqueeze

if TYPE_CHECKING:
    from ..tensor import Tensor

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


# ---- functions


Inverted, Solved = result("linalg_inv_ex", "inverse info"), result("linalg_solve_ex", "result info")
SignLog = result("linalg_slogdet", "sign logabsdet")


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
