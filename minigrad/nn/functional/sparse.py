"""Rows of a table looked up by index."""
from __future__ import annotations

from ...ops import embedding as lookup
from ...ops.arguments import check_tensor
from ...tensor import Tensor

__all__ = ["embedding"]


def embedding(input: Tensor, weight: Tensor, padding_idx: int | None = None, max_norm: float | None = None,
              norm_type: float = 2.0, scale_grad_by_freq: bool = False, sparse: bool = False) -> Tensor:
    """weight[input]: rows of (V, D) at integers (*), as (*, D). Mirrors torch.nn.functional.embedding.

    The row `padding_idx` gets no gradient. Looked-up rows longer than `max_norm` are first shortened, in place.
    """
    check_tensor("embedding", "weight", 1, weight)
    if sparse:
        raise NotImplementedError("embedding(): sparse gradients are not supported; use sparse=False, which trains the same")
    if padding_idx is not None:
        rows = weight.size(0)
        if not -rows <= padding_idx < rows:
            raise AssertionError("Padding_idx must be within num_embeddings")
        padding_idx %= rows
    if max_norm is not None:
        lookup.renormalize(weight, input, max_norm, norm_type)
    return lookup.embedding(input, weight, padding_idx, scale_grad_by_freq)
