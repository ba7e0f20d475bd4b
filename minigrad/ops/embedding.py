"""Rows of a table looked up by index."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.rule import Rule, apply, grad_dtype, on
from ..autograd.variable import TensorBase, counter
from .arguments import must_be
from .places import add_at, largest, rows

if TYPE_CHECKING:
    from ..tensor import Tensor


class Embedding(Rule):
    """weight[indices]. The row `padding_idx` gets no gradient; with `by_freq`, each row's is divided by how often it was looked up."""

    def forward(weight, indices, *, padding_idx, by_freq):
        return weight.take(indices, 0)

    def grad_weight(grad, indices, weight_shape, padding_idx, by_freq):
        return on(EmbeddingDense, grad, indices, shape=weight_shape, padding_idx=padding_idx, by_freq=by_freq)


class EmbeddingDense(Rule):
    """Zeros of the table's shape, with x added up in the rows `indices`: the gradient of Embedding."""

    node_name = "EmbeddingDenseBackwardBackward0"

    def forward(x, indices, *, shape, padding_idx, by_freq):
        values = np.ascontiguousarray(x).reshape(indices.size, shape[1])
        share = shares(indices, shape[0], padding_idx, by_freq)
        if share is not None:
            values = values * share.reshape(-1, 1).astype(x.dtype)
        return add_at(np.zeros(shape, x.dtype), rows(indices, shape, 0), values)

    def grad_x(grad, indices, shape, padding_idx, by_freq):
        share = shares(indices, shape[0], padding_idx, by_freq)
        looked_up = on(Embedding, grad, indices, padding_idx=None, by_freq=False)
        return looked_up if share is None else looked_up * share[..., None].astype(grad_dtype(grad))


def shares(indices: Any, n: int, padding_idx: int | None, by_freq: bool) -> np.ndarray | None:
    """By what each looked-up row's gradient is multiplied, if that is not 1 for all."""
    index = indices.array if isinstance(indices, TensorBase) else indices
    if by_freq:
        share = 1 / np.bincount(index.reshape(-1), minlength=n)[index]
    elif padding_idx is None:
        return None
    else:
        share = np.ones(index.shape)
    return share if padding_idx is None else share * (index != padding_idx)


def embedding(input: Tensor, weight: Tensor, padding_idx: int | None, scale_grad_by_freq: bool) -> Tensor:
    """The rows of weight (V, D) at integer input (*), as (*, D)."""
    if not isinstance(input, TensorBase):
        raise must_be("Tensor", "embedding", "indices", 2, input)
    check_indices(input.array, weight.array)
    return apply(Embedding, weight, input, padding_idx=padding_idx, by_freq=scale_grad_by_freq)


def check_indices(index: np.ndarray, table: np.ndarray) -> None:
    if table.ndim != 2:
        raise RuntimeError("'weight' must be 2-D")
    if index.dtype not in (np.int64, np.int32):
        raise RuntimeError(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got "
            f"torch.{dtypes.of_array(index).scalar_name}Tensor instead (while checking arguments for embedding)"
        )
    if index.size and largest(index) >= len(table):
        raise IndexError("index out of range in self")


def renormalize(weight: Tensor, input: Tensor, max_norm: float, norm_type: float) -> None:
    """Shorten, in place, those looked-up rows that are longer than `max_norm`."""
    check_indices(input.array, weight.array)
    used = np.unique(input.array)
    norms = np.linalg.norm(weight.array[used].astype(np.float64), norm_type, axis=1)
    long = norms > max_norm
    weight.array[used[long]] *= (max_norm / (norms[long] + 1e-7))[:, None].astype(weight.array.dtype)
    counter(weight)[0] += 1
