"""Norms of vectors and matrices, under the names of torch.linalg."""
from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .. import dtypes
from ..autograd.rule import apply
from .axes import movedim
from .decompositions import svdvals
from .equations import inv
from .family import normalize_dim, normalize_dims
from .matrices import check_matrices
from .reduce import in_dtype, sum
from .selection import amax, amin
from .shape import flatten, unsqueeze
from .vector_norm import VectorNorm

if TYPE_CHECKING:
    from ..tensor import Tensor


def check_floating(name: str, input: Tensor) -> None:
    if input.array.dtype.kind != "f":
        raise RuntimeError(f"{name}: Expected a floating point or complex tensor as input. Got {dtypes.of_array(input.array).scalar_name}")


def vector_norm(x: Tensor, ord: Any = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """(sum |x|^ord)^(1/ord) of all elements, or over dimensions. Mirrors torch.linalg.vector_norm."""
    if not isinstance(ord, (int, float)):
        raise TypeError(f"linalg_vector_norm(): argument 'ord' (position 2) must be Number, not {type(ord).__name__}")
    check_floating("linalg.vector_norm", x)
    x = in_dtype(x, dtype)
    dims = normalize_dims(dim, x.array.ndim, "linalg_vector_norm")
    empty = [d for d in dims if not x.array.shape[d]]
    if empty and (ord < 0 or ord == math.inf):
        if dim is None or dim == () or dim == []:
            raise RuntimeError(
                f"linalg.vector_norm cannot compute the {ord:g} norm on an empty tensor because the operation does not have an identity"
            )
        raise RuntimeError(
            f"linalg.vector_norm cannot compute the {ord:g} norm on the dimension {empty[0]} because this dimension is empty and the "
            "operation does not have an identity"
        )
    return apply(VectorNorm, x, p=float(ord), dim=dims, keepdim=keepdim)


def matrix_norm(A: Tensor, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The norm of matrices: "fro", "nuc", or a number: ±1 and ±inf of columns and rows, ±2 of singular values. Mirrors
    torch.linalg.matrix_norm."""
    check_floating("linalg.matrix_norm", A)
    if A.array.ndim < 2:
        raise RuntimeError("linalg.matrix_norm: The input tensor A must have at least 2 dimensions.")
    if not isinstance(dim, (tuple, list)) or len(dim) != 2:
        raise RuntimeError(f"linalg.matrix_norm: dim must be a 2-tuple. Got {' '.join(map(str, dim))}")
    rows, columns = [normalize_dim(d, A.array.ndim) for d in dim]
    if rows == columns:
        raise RuntimeError(f"linalg.matrix_norm: dims must be different. Got ({dim[0]}, {dim[1]})")
    x = in_dtype(A, dtype)
    if ord == "fro":
        return vector_norm(x, 2, (rows, columns), keepdim)
    if ord == "nuc" or ord in (2, -2):
        values = svdvals(movedim(x, (rows, columns), (-2, -1)))
        result = sum(values, -1) if ord == "nuc" else amax(values, -1) if ord == 2 else amin(values, -1)
        for d in sorted((rows, columns)) if keepdim else ():
            result = unsqueeze(result, d)
        return result
    if isinstance(ord, str):
        raise RuntimeError(f"linalg.matrix_norm: Order {ord} not supported.")
    if abs(ord) not in (1, math.inf):
        raise RuntimeError(f"linalg.matrix_norm: Order {ord:g} not supported.")
    if abs(ord) == math.inf:
        rows, columns = columns, rows
    lines = vector_norm(x, 1, rows, True)
    result = (amax if ord > 0 else amin)(lines, columns, True)
    return result if keepdim else result.squeeze((rows, columns))


def linalg_norm(A: Tensor, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """`vector_norm`, or `matrix_norm` where `ord` and `dim` mean one. Mirrors torch.linalg.norm."""
    check_floating("linalg.norm", A)
    several = isinstance(dim, (tuple, list))
    if ord is None:
        x, axes = (flatten(A), 0) if dim is None and not keepdim else (A, dim)
        return vector_norm(x, 2, axes, keepdim, dtype=dtype)
    if isinstance(ord, str) or (several and len(dim) == 2) or (dim is None and A.array.ndim == 2):
        if dim is None and A.array.ndim not in (1, 2) or several and len(dim) not in (1, 2):
            raise RuntimeError(
                f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {A.array.ndim}D."
                if dim is None
                else f"linalg.norm: If dim is specified, it must be of length 1 or 2. Got {list(dim)}"
            )
        return matrix_norm(A, ord, (-2, -1) if dim is None else dim, keepdim, dtype=dtype)
    if dim is None and A.array.ndim > 2:
        raise RuntimeError(f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {A.array.ndim}D.")
    if several and len(dim) not in (1, 2):
        raise RuntimeError(f"linalg.norm: If dim is specified, it must be of length 1 or 2. Got {list(dim)}")
    return vector_norm(A, ord, dim, keepdim, dtype=dtype)


def cond(A: Tensor, p: Any = None) -> Tensor:
    """The condition number: the norm times that of the inverse. Mirrors torch.linalg.cond."""
    if p in (None, 2, -2):
        s = svdvals(check_matrices("linalg.cond", A, square=False))
        return amax(s, -1) / amin(s, -1) if p != -2 else amin(s, -1) / amax(s, -1)
    check_matrices("linalg.cond", A)
    return matrix_norm(A, p) * matrix_norm(inv(A), p)


def norm(input: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Tensor:
    """The p-norm of all elements, or over dimensions. Mirrors torch.norm."""
    if p == "nuc":
        if dim is None and input.array.ndim != 2:
            raise RuntimeError("linalg.matrix_norm: The input tensor A must have at least 2 dimensions.")
        return matrix_norm(input, "nuc", (-2, -1) if dim is None else dim, keepdim, dtype=dtype)
    x = in_dtype(input, dtype)
    if not isinstance(p, (int, float)) and p not in ("fro", None):
        raise TypeError(f"linalg_vector_norm(): argument 'ord' (position 2) must be Number, not {type(p).__name__}")
    if x.array.dtype.kind != "f":
        raise RuntimeError(
            "linalg.vector_norm: Expected a floating point or complex tensor as input. Got "
            f"{dtypes.of_array(x.array).scalar_name}"
        )
    if p == "fro" and isinstance(dim, (tuple, list)) and len(dim) > 2:
        raise RuntimeError(f"linalg.matrix_norm: dim must be a 2-tuple. Got {' '.join(map(str, dim))}")
    dims = normalize_dims(dim, x.array.ndim, "norm")
    return apply(VectorNorm, x, p=2.0 if p in ("fro", None) else float(p), dim=dims, keepdim=keepdim)
