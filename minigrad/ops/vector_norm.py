"""The p-norm over dimensions, and the distance that it measures."""
from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from .. import dtypes
from ..autograd.rule import Rule, apply, on
from .arithmetic import Sign, subtractable
from .family import broadcasting, of_tensors
from .masking import Kept
from .precision import wide
from .reduce import restore
from .selection import plain

if TYPE_CHECKING:
    from ..tensor import Tensor


class VectorNorm(Rule):
    """(sum |x|^p)^(1/p) over dimensions. Its derivative at 0 is 0."""

    node_name = "LinalgVectorNormBackward0"
    tier = "T3"

    def forward(x, *, p, dim, keepdim):
        if p == 2:
            return np.sqrt(np.add.reduce(x * x, axis=dim, keepdims=keepdim))
        size = np.abs(x)
        if p == 1:
            return np.add.reduce(size, axis=dim, keepdims=keepdim)
        if p == 0:
            return np.add.reduce(x != 0, axis=dim, keepdims=keepdim).astype(x.dtype)
        if math.isinf(p):
            extreme = np.maximum if p > 0 else np.minimum
            return extreme.reduce(size, axis=dim, keepdims=keepdim)
        return np.add.reduce(wide(np.power, size, x.dtype.type(p)), axis=dim, keepdims=keepdim) ** x.dtype.type(1 / p)

    def grad_x(grad, x, out, p, dim):
        grad, out = restore(grad, x.shape, dim), restore(out, x.shape, dim)
        if p == 0:
            return None  # a count; PyTorch passes no gradient, rather than zeros
        if p == 1:
            return grad * np.sign(x)
        if p == 2:
            return grad * on(Kept, x / out, out != 0)
        if math.isinf(p):
            best = (np.abs(plain(x)) == plain(out)) | np.isnan(plain(x))
            return grad / np.add.reduce(best, axis=dim, dtype=plain(x).dtype, keepdims=True) * best * on(Sign, x)
        out = out + (plain(out) == 0) * (p > 0)  # of nothing but zeros, so that the second derivative has none to divide by
        return grad * on(Kept, x * np.abs(x) ** (p - 2) / out ** (p - 1), x != 0)


class Dist(Rule):
    """The p-norm of input - other."""

    tier = "T3"

    def forward(a, b, *, p):
        d = a - b
        return VectorNorm.forward(d, p=p, dim=tuple(range(d.ndim)), keepdim=False)

    def grad_a(grad, a, b, out, p):
        d = a - b
        return VectorNorm.grad_x(grad, d, out, p, tuple(range(d.ndim)))

    def grad_b(grad, a, b, out, p):
        return -Dist.grad_a(grad, a, b, out, p)


def dist(input: Tensor, other: Tensor, p: float = 2) -> Tensor:
    """The p-norm of input - other. Mirrors torch.dist."""
    of_tensors(input, other, name="dist")
    a, b = subtractable(input, other)
    if a.array.dtype.kind != "f":
        name = dtypes.of_array(a.array).scalar_name
        raise RuntimeError(f"norm(): input dtype should be either floating point or complex. Got {name} instead.")
    return broadcasting(apply, Dist, a, b, p=float(p))
