"""Rows of a table looked up by index."""
from __future__ import annotations

import numpy as np

from ... import ops
from ...ops import embedding as lookup
from ...ops.arguments import check_tensor
from ...tensor import Tensor

__all__ = ["embedding", "embedding_bag"]


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


def embedding_bag(input: Tensor, weight: Tensor, offsets: Tensor | None = None, max_norm: float | None = None, norm_type: float = 2,
                  scale_grad_by_freq: bool = False, mode: str = "mean", sparse: bool = False, per_sample_weights: Tensor | None = None,
                  include_last_offset: bool = False, padding_idx: int | None = None) -> Tensor:
    """The 'sum', 'mean' or 'max' of the rows that a bag of integers looks up. Bags are the rows of a matrix (B, N), or begin in a
    vector at `offsets` (B). Mirrors torch.nn.functional.embedding_bag.
    """
    if per_sample_weights is not None and per_sample_weights.shape != input.shape:
        raise ValueError(
            f"embedding_bag: If per_sample_weights ({per_sample_weights.shape}) is not None, then it must have the same shape as the "
            f"input ({input.shape})"
        )
    if mode not in ("sum", "mean", "max"):
        raise ValueError("mode has to be one of sum, mean or max")
    if per_sample_weights is not None and mode != "sum":
        raise NotImplementedError(
            "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got mode="
            f"'{mode}'). Please open a feature request on GitHub."
        )
    if input.dim() == 2:
        if offsets is not None:
            raise ValueError(f"if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length sequences. "
                             f"However, found offsets of type {type(offsets)}")
        bags = np.repeat(np.arange(input.shape[0]), input.shape[1])
        count = input.shape[0]
    elif input.dim() == 1:
        if offsets is None:
            raise ValueError("offsets has to be a 1D Tensor but got None")
        if offsets.dim() != 1:
            raise ValueError("offsets has to be a 1D Tensor")
        starts = offsets.array[:-1] if include_last_offset else offsets.array
        bags = np.searchsorted(starts, np.arange(len(input)), "right") - 1
        count = len(starts)
    else:
        raise ValueError(f"input has to be 1D or 2D Tensor, but got Tensor of dimension {input.dim()}")
    flat = input.reshape(-1)
    if padding_idx is not None:
        kept = np.flatnonzero(flat.array != padding_idx % weight.size(0))
        flat, bags = flat[ops.from_numpy(kept)], bags[kept]
        per_sample_weights = per_sample_weights if per_sample_weights is None else per_sample_weights.reshape(-1)[ops.from_numpy(kept)]
    rows = embedding(flat, weight, None, max_norm, norm_type, scale_grad_by_freq, sparse)
    empty = ops.zeros((count, weight.size(1)), dtype=weight.dtype)
    if mode == "max":
        highest = [rows[ops.from_numpy(np.flatnonzero(bags == bag))].max(0).values if (bags == bag).any() else empty[0] for bag in range(count)]
        return ops.stack(highest) if highest else empty
    if per_sample_weights is not None:
        rows = rows * per_sample_weights.reshape(-1, 1)
    total = empty.index_add(0, ops.from_numpy(bags), rows)
    if mode == "sum":
        return total
    sizes = np.maximum(np.bincount(bags, minlength=count), 1)
    return total / ops.from_numpy(sizes).type_as(total).unsqueeze(1)
