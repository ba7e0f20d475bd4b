"""Distances and norms."""
from __future__ import annotations

from ... import ops
from ...autograd.grad_mode import no_grad
from ...ops.arguments import check_tensor, checked
from ...tensor import Tensor

__all__ = ["cosine_similarity", "normalize", "pairwise_distance"]


def normalize(input: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12, out: Tensor | None = None) -> Tensor:
    """x / max(‖x‖ₚ, eps), the norm taken along dim. Mirrors torch.nn.functional.normalize."""
    norm = input.norm(p, dim, keepdim=True).clamp(min=eps).expand_as(input)
    return input / norm if out is None else out.copy_(input / norm)


@checked
def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """x1·x2 / (max(‖x1‖, eps) max(‖x2‖, eps)) along dim. Mirrors torch.nn.functional.cosine_similarity."""
    if x1.shape != x2.shape:
        shape = ops.broadcast_tensors(x1, x2)[0].shape
        x1, x2 = x1.expand(shape), x2.expand(shape)
    units = []
    for x in (x1, x2):
        norm = x.norm(2, dim, keepdim=True).clone()
        with no_grad():
            norm.clamp_(min=eps)
        units.append(x / norm)
    return (units[0] * units[1]).sum(dim)


def pairwise_distance(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    """‖x1 - x2 + eps‖ₚ along the last dimension. Mirrors torch.nn.functional.pairwise_distance."""
    check_tensor("pairwise_distance", "x1", 1, x1)
    check_tensor("pairwise_distance", "x2", 2, x2)
    return (x1 - x2 + eps).norm(p, -1, keepdim=keepdim)
