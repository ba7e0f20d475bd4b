"""The loss of sequences that come at unknown times."""
from __future__ import annotations

from typing import Any

import numpy as np

from ... import ops
from ...ops import ctc
from ...ops.arguments import checked
from ...tensor import Tensor

__all__ = ["ctc_loss"]


@checked
def ctc_loss(log_probs: Tensor, targets: Tensor, input_lengths: Any, target_lengths: Any, blank: int = 0, reduction: str = "mean",
             zero_infinity: bool = False) -> Tensor:
    """-log p(targets), of log-probabilities (T, N, C) or (T, C). The targets are (N, S), or all of them one after the other; 'mean'
    divides each by its length. Mirrors torch.nn.functional.ctc_loss.
    """
    unbatched = log_probs.dim() == 2
    if unbatched:
        log_probs = log_probs.unsqueeze(1)
    (time, count, classes), given = log_probs.shape, targets.array.astype(np.int64)
    steps, lengths = [np.atleast_1d(np.asarray(getattr(x, "array", x), np.int64)) for x in (input_lengths, target_lengths)]
    if not 0 <= blank < classes:
        raise RuntimeError("blank must be in label range")
    for name, x in (("input_lengths", steps), ("target_lengths", lengths)):
        if len(x) != count:
            raise RuntimeError(f"{name} must be of size batch_size")
    where = "(while checking arguments for ctc_loss_allocate_outputs)"
    if steps.max() > time:
        raise RuntimeError(f"Expected input_lengths to have value at most {time}, but got value {steps.max()} {where}")
    if unbatched and given.ndim == 1:
        given = given[None]
    dim, needed = (1, lengths.max()) if given.ndim == 2 else (0, lengths.sum())
    if given.shape[dim] < needed:
        least = "at least " if dim else ""
        raise RuntimeError(
            f"Expected tensor to have size {least}{needed} at dimension {dim}, but got size {given.shape[dim]} for argument #2 "
            f"'targets' {where}"
        )
    starts = np.cumsum(lengths) - lengths
    padded = np.full((count, int(lengths.max())), blank)
    for row, length in enumerate(lengths):
        padded[row, :length] = given[row, :length] if given.ndim == 2 else given[starts[row] : starts[row] + length]
    loss = ctc.ctc_loss(log_probs, padded, steps, lengths, blank)
    if zero_infinity:
        loss = ops.where(loss == float("inf"), 0.0, loss)
    if reduction == "mean":
        return (loss / ops.from_numpy(np.maximum(lengths, 1)).type_as(loss)).mean()
    if reduction == "sum":
        return loss.sum()
    return loss.squeeze(0) if unbatched else loss
