"""More products of vectors and matrices: inner, vdot, cross, kron, trace, addmv, addr, addbmm, multi_dot, and distances of rows (cdist)."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.rule import Rule, apply, on
from .broadcast import expand
from .contraction import tensordot
from .family import broadcast_error, broadcasting, normalize_dim, promoted
from .linalg import bmm, dot, matmul, mv, outer, scalar_name
from .parts import DiagonalScatter
from .reduce import sum as total
from .shape import reshape, unsqueeze
from .vector_norm import VectorNorm

if TYPE_CHECKING:
    from ..tensor import Tensor


class Cross(Rule):
    """The cross product over a dimension of size 3."""

    node_name = "LinalgCrossBackward0"
    tier = "T3"

    def forward(a, b, *, dim):
        return np.cross(a, b, axis=dim)

    def grad_a(grad, b, dim):
        return on(Cross, b, grad, dim=dim)

    def grad_b(grad, a, dim):
        return on(Cross, grad, a, dim=dim)


class Trace(Rule):
    """The sum of the diagonal of a matrix."""

    tier = "T3"

    def forward(x):
        return np.add.reduce(x.diagonal(), dtype=x.dtype if x.dtype.kind == "f" else np.int64)

    def grad_x(grad, x_shape):
        return on(DiagonalScatter, on(Spread, grad, n=min(x_shape)), shape=x_shape, offset=0, dim1=0, dim2=1)


class Spread(Rule):
    """A number, n times."""

    node_name = "ExpandBackward0"

    def forward(x, *, n):
        return np.full(n, x)

    def grad_x(grad):
        return np.add.reduce(grad, axis=0)


def vdot(input: Tensor, other: Tensor) -> Tensor:
    """The dot product of two vectors. Mirrors torch.vdot."""
    return dot(input, other)


def inner(input: Tensor, other: Tensor) -> Tensor:
    """Products summed over the last dimension of both. Mirrors torch.inner."""
    a, b = input.array, other.array
    if not a.ndim or not b.ndim:
        return input * other
    if a.shape[-1] != b.shape[-1]:
        raise RuntimeError(
            f"inner() the last dimension must match on both input tensors but got shapes {list(a.shape)} and {list(b.shape)}"
        )
    return tensordot(input, other, ([-1], [-1]))


def cross(input: Tensor, other: Tensor, dim: int | None = None) -> Tensor:
    """The cross product over a dimension of size 3: the one given, or the first there is. Mirrors torch.cross."""
    if dim is None:
        sizes = [d for d, n in enumerate(input.array.shape) if n == 3]
        if not sizes:
            raise RuntimeError("no dimension of size 3 in input")
        dim = sizes[0]
    return linalg_cross(input, other, dim=dim)


def linalg_cross(input: Tensor, other: Tensor, *, dim: int = -1) -> Tensor:
    """The cross product over a dimension of size 3. Mirrors torch.linalg.cross."""
    a, b = input.array, other.array
    if a.ndim != b.ndim:
        raise RuntimeError("linalg.cross: inputs must have the same number of dimensions.")
    d = normalize_dim(dim, a.ndim)
    if a.shape[d] != 3 or b.shape[d] != 3:
        raise RuntimeError(f"linalg.cross: inputs dimension {dim} must have length 3. Got {a.shape[d]} and {b.shape[d]}")
    try:
        shape = np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        raise broadcast_error(a.shape, b.shape) from None
    return apply(Cross, *[expand(x, shape) for x in promoted(input, other)], dim=d)


def kron(input: Tensor, other: Tensor) -> Tensor:
    """The Kronecker product: a copy of `other` for each element of input, times that element. Mirrors torch.kron."""
    a, b = input.array.shape, other.array.shape
    n = max(len(a), len(b))
    a, b = (1,) * (n - len(a)) + a, (1,) * (n - len(b)) + b
    left = reshape(input, [k for size in a for k in (size, 1)])
    right = reshape(other, [k for size in b for k in (1, size)])
    return reshape(left * right, [i * j for i, j in zip(a, b)])


def trace(input: Tensor) -> Tensor:
    """The sum of the diagonal of a matrix. Mirrors torch.trace."""
    if input.array.ndim != 2:
        raise RuntimeError(f"trace: expected a matrix, but got tensor with dim {input.array.ndim}")
    return apply(Trace, input)


class ScaledSum(Rule):
    """beta * input + alpha * product; with beta = 0 nothing of input, not even its NaNs."""

    node_name = "AddrBackward0"
    tier = "T3"

    def forward(x, product, *, beta, alpha):
        if x.dtype.kind == "b":
            return (x & bool(beta)) | (product & bool(alpha))
        product = product * x.dtype.type(alpha)
        return product + x.dtype.type(beta) * x if beta else np.broadcast_to(product, np.broadcast_shapes(x.shape, product.shape))

    def grad_x(grad, beta):
        return grad * beta

    def grad_product(grad, alpha):
        return grad * alpha


class Cdist(VectorNorm):
    """`VectorNorm` of differences; of the 0-norm the gradient is zero."""

    node_name = "CdistBackward0"

    def grad_x(grad, x, out, p, dim):
        return x * 0 if p == 0 else VectorNorm.grad_x(grad, x, out, p, dim)


def scaled_sum(input: Tensor, product: Tensor, beta: Any, alpha: Any) -> Tensor:
    return broadcasting(apply, ScaledSum, *promoted(input, product), beta=beta, alpha=alpha)


def addmv(input: Tensor, mat: Tensor, vec: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """beta * input + alpha * (mat @ vec). Mirrors torch.addmv."""
    if mat.array.ndim != 2 or vec.array.ndim != 1 or input.array.ndim > 1:
        raise RuntimeError(
            f"vector + matrix @ vector expected, got {input.array.ndim}, {mat.array.ndim}, {vec.array.ndim}"
        )
    return scaled_sum(input, mv(mat, vec), beta, alpha)


def addr(input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """beta * input + alpha * outer(vec1, vec2). Mirrors torch.addr."""
    for name, x in (("vec1", vec1), ("vec2", vec2)):
        if x.array.ndim != 1:
            raise RuntimeError(f"addr: Expected 1-D argument {name}, but got {x.array.ndim}-D")
    shape = (vec1.array.size, vec2.array.size)
    return scaled_sum(expand(input, shape), outer(vec1, vec2), beta, alpha)


def addbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """beta * input + alpha * the sum of bmm(batch1, batch2) over the batch. Mirrors torch.addbmm."""
    return scaled_sum(input, bmm(batch1, batch2).sum(0), beta, alpha)


def cdist(x1: Tensor, x2: Tensor, p: float = 2.0, compute_mode: str = "use_mm_for_euclid_dist_if_necessary") -> Tensor:
    """The p-norm distances between the rows of two tensors, each with each. Mirrors torch.cdist."""
    a, b = x1.array, x2.array
    for name, x in (("X1", a), ("X2", b)):
        if x.dtype.kind != "f":
            raise RuntimeError(f"cdist only supports floating-point dtypes, {name} got: {scalar_name(x1 if x is a else x2)}")
    for name, x in (("X1", a), ("X2", b)):
        if x.ndim < 2:
            raise RuntimeError(f"cdist only supports at least 2D tensors, {name} got: {x.ndim}D")
    if a.shape[-1] != b.shape[-1]:
        raise RuntimeError(f"X1 and X2 must have the same number of columns. X1: {a.shape[-1]} X2: {b.shape[-1]}")
    if p < 0:
        raise RuntimeError("cdist only supports non-negative p values")
    difference = unsqueeze(x1, -2) - unsqueeze(x2, -3)
    return apply(Cdist, difference, p=float(p), dim=(difference.array.ndim - 1,), keepdim=False)


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
