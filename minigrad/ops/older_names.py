"""What torch.linalg has, under the names from before it, which call the matrix `input`: torch.det, torch.qr, torch.inverse ..."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.variable import TensorBase, wrap
from . import decompositions, equations
from .arguments import must_be
from .axes import matrix_transpose
from .matrices import result

if TYPE_CHECKING:
    from ..tensor import Tensor


def inverse(input: Tensor) -> Tensor:
    """`linalg.inv`, under its older name. Mirrors torch.inverse."""
    if not isinstance(input, TensorBase):
        raise must_be("Tensor", "inverse", "input", 1, input)
    return equations.inv(input)


def det(input: Tensor) -> Tensor:
    """`linalg.det`, under its older name. Mirrors torch.det."""
    return equations.det(input)


def slogdet(input: Tensor) -> Any:
    """`linalg.slogdet`, under its older name. Mirrors torch.slogdet."""
    return result("slogdet", "sign logabsdet")(*equations.slogdet(input))


def cholesky(input: Tensor, upper: bool = False) -> Tensor:
    """`linalg.cholesky`, under its older name. Mirrors torch.cholesky."""
    return decompositions.factored("cholesky", input, upper, True)[0]


def qr(input: Tensor, some: bool = True) -> Any:
    """`linalg.qr`, under its older name. Mirrors torch.qr."""
    return result("qr", "Q R")(*decompositions.qr(input, "reduced" if some else "complete"))


def svd(input: Tensor, some: bool = True, compute_uv: bool = True) -> Any:
    """input = U diag(S) Vᵀ: `linalg.svd` under its older name. Mirrors torch.svd."""
    found = result("svd", "U S V")
    if not compute_uv:
        m, n = input.array.shape[-2:]
        u, v = [wrap(np.zeros((*input.array.shape[:-2], k, k), input.array.dtype)) for k in (m, n)]
        return found(u, decompositions.svdvals(input), v)
    u, s, vh = decompositions.svd(input, not some)
    return found(u, s, matrix_transpose(vh))


def pinverse(input: Tensor, rcond: float = 1e-15) -> Tensor:
    """`linalg.pinv`, under its older name. Mirrors torch.pinverse."""
    return decompositions.pinv(input, rcond)
