"""Losses that PyTorch records as one node. Each is a mean (or sum, or nothing) of a term per element, with the rule of that term.

Means are divided as PyTorch divides: mse, smooth l1 and huber scale by 1/n first, the cross-entropies divide last.
"""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.rule import Rule, apply, on
from ..autograd.variable import wrap
from .indexing import grad_dtype

if TYPE_CHECKING:
    from ..tensor import Tensor


def reduced(terms: np.ndarray, reduction: str) -> np.ndarray:
    """The terms of a loss as "none", "sum" or "mean" has it."""
    if reduction == "none":
        return terms
    total = np.add.reduce(terms, axis=None)
    with np.errstate(invalid="ignore"):
        return total if reduction == "sum" else total / terms.dtype.type(terms.size)


def share(size: int, reduction: str) -> float:
    """What each term contributes to the loss."""
    return 1.0 / size if reduction == "mean" and size else 1.0


class MseLoss(Rule):
    """The squared difference."""

    tier = "T3"

    def forward(a, b, *, reduction):
        d = a - b
        return reduced(d * d, reduction)

    def grad_a(grad, a, b, reduction):
        return (a - b) * (2.0 * share(a.size, reduction)) * grad

    def grad_b(grad, a, b, reduction):
        return (b - a) * (2.0 * share(a.size, reduction)) * grad


class SmoothL1Loss(Rule):
    """d² / (2 beta) where |d| < beta, |d| - beta / 2 elsewhere."""

    tier = "T3"

    def forward(a, b, *, reduction, beta):
        size = np.abs(a - b)
        return reduced(np.where(size < beta, 0.5 * size * size / beta, size - 0.5 * beta), reduction)

    def grad_a(grad, a, b, reduction, beta):
        return np.clip((a - b) / beta, -1.0, 1.0) * share(a.size, reduction) * grad

    def grad_b(grad, a, b, reduction, beta):
        return np.clip((b - a) / beta, -1.0, 1.0) * share(a.size, reduction) * grad


class HuberLoss(Rule):
    """d² / 2 where |d| <= delta, delta * (|d| - delta / 2) elsewhere."""

    tier = "T3"

    def forward(a, b, *, reduction, delta):
        size = np.abs(a - b)
        return reduced(np.where(size <= delta, 0.5 * size * size, delta * (size - 0.5 * delta)), reduction)

    def grad_a(grad, a, b, reduction, delta):
        return np.clip(a - b, -delta, delta) * share(a.size, reduction) * grad

    def grad_b(grad, a, b, reduction, delta):
        return np.clip(b - a, -delta, delta) * share(a.size, reduction) * grad


class BinaryCrossEntropy(Rule):
    """-(t log p + (1 - t) log(1 - p)), with the logarithms held above -100."""

    tier = "T3"

    def forward(p, t, *, weight, reduction):
        with np.errstate(divide="ignore"):
            terms = (t - 1) * np.maximum(np.log1p(-p), -100) - t * np.maximum(np.log(p), -100)
        return reduced(terms if weight is None else terms * weight, reduction)

    def grad_p(grad, p, t, weight, reduction):
        slope = grad * (p - t) / np.maximum((1.0 - p) * p, 1e-12)
        slope = slope if weight is None else slope * weight
        return slope / p.size if reduction == "mean" else slope

    def grad_t(grad, p, t, weight, reduction):
        slope = grad * (np.log(1.0 - p) - np.log(p))
        slope = slope if weight is None else slope * weight
        return slope / p.size if reduction == "mean" else slope


class BinaryCrossEntropyWithLogits(Rule):
    """-(w t log σ(x) + (1 - t) log(1 - σ(x))), computed from min(0, x) so that nothing overflows. w is pos_weight."""

    tier = "T3"

    def forward(x, t, *, weight, pos_weight, reduction):
        log_weight = 1 if pos_weight is None else (pos_weight - 1) * t + 1
        log_sigmoid = np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))
        terms = (1 - t) * x - log_weight * log_sigmoid
        return reduced(terms if weight is None else terms * weight, reduction)

    def grad_x(grad, x, t, weight, pos_weight, reduction):
        s = 1 / (1 + np.exp(-x))
        if pos_weight is None:
            slope = (s - t) * grad
        else:
            slope = ((t * pos_weight + 1 - t) * s - t * pos_weight) * grad
        slope = slope if weight is None else slope * weight
        return slope / x.size if reduction == "mean" else slope

    def grad_t(grad, x, t, weight, pos_weight, reduction):
        if pos_weight is None:
            slope = -x * grad
        else:
            log_s = np.log(1 / (1 + np.exp(-x)))
            slope = (-x - (pos_weight - 1) * log_s) * grad
        slope = slope if weight is None else slope * weight
        return slope / x.size if reduction == "mean" else slope


class NllLoss(Rule):
    """-weight[t] * x[t], the mean being weighted too. `x` has one row per sample, (N, C)."""

    tier = "T3"

    def forward(x, t, weight, *, ignore_index, reduction):
        rows, columns, scale = picked(t, weight, x.shape, ignore_index, x.dtype)
        terms = -x[rows, columns] * scale
        if reduction == "none":
            return terms
        total = np.add.reduce(terms)
        with np.errstate(invalid="ignore"):
            return total if reduction == "sum" else total / np.add.reduce(scale)

    def grad_x(grad, x_shape, t, weight, ignore_index, reduction):
        t, weight = [getattr(v, "array", v) for v in (t, weight)]
        rows, columns, scale = picked(t, weight, x_shape, ignore_index, grad_dtype(grad))
        if reduction == "mean":
            with np.errstate(invalid="ignore"):
                scale = scale / np.add.reduce(scale)
        return on(RowScatter, grad * -scale, shape=x_shape, at=(rows, columns))


class NllLoss2D(NllLoss):
    """NllLoss over (N, C, d1, ...), flattened to rows."""


class RowScatter(Rule):
    """Zeros of a shape, with x at one place of each row: the gradient of NllLoss."""

    node_name = "NllLossBackwardBackward0"

    def forward(x, *, shape, at):
        total = np.zeros(shape, x.dtype)
        total[at] = x
        return total

    def grad_x(grad, at):
        return grad[at]


def picked(t: np.ndarray, weight: np.ndarray, shape: tuple[int, ...], ignore: int, dtype: Any) -> tuple[Any, Any, np.ndarray]:
    """The row and column of each target, and its weight: 0 where it is to be ignored."""
    used = t != ignore
    columns = np.where(used, t, 0)
    scale = weight[columns] if weight.ndim else np.ones(t.shape, dtype)
    return np.arange(shape[0]), columns, np.where(used, scale, 0).astype(dtype, copy=False)


_NO_WEIGHT = np.ones((), np.float32)


def mse_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """The squared difference. Mirrors torch.nn.functional.mse_loss."""
    return apply(MseLoss, input, target, reduction=reduction)


def smooth_l1_loss(input: Tensor, target: Tensor, reduction: str = "mean", beta: float = 1.0) -> Tensor:
    """Squared below beta, absolute above (Fast R-CNN). Mirrors torch.nn.functional.smooth_l1_loss."""
    return apply(SmoothL1Loss, input, target, reduction=reduction, beta=beta)


def huber_loss(input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0) -> Tensor:
    """Squared below delta, linear above. Mirrors torch.nn.functional.huber_loss."""
    return apply(HuberLoss, input, target, reduction=reduction, delta=delta)


def binary_cross_entropy(input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean") -> Tensor:
    """Cross-entropy of probabilities with targets in [0, 1]. Mirrors torch.nn.functional.binary_cross_entropy."""
    array = input.array
    if not ((array >= 0) & (array <= 1)).all():
        raise RuntimeError("all elements of input should be between 0 and 1")
    return apply(BinaryCrossEntropy, input, target, weight=None if weight is None else weight.array, reduction=reduction)


def binary_cross_entropy_with_logits(
    input: Tensor, target: Tensor, weight: Tensor | None = None, pos_weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    """Cross-entropy of logits with targets in [0, 1]. Mirrors torch.nn.functional.binary_cross_entropy_with_logits."""
    weights = [None if w is None else w.array for w in (weight, pos_weight)]
    return apply(
        BinaryCrossEntropyWithLogits, input, target, weight=weights[0], pos_weight=weights[1], reduction=reduction
    )


def nll_loss(
    input: Tensor, target: Tensor, weight: Tensor | None = None, ignore_index: int = -100, reduction: str = "mean"
) -> Tensor:
    """-input[target], for log-probabilities (N, C), (C) or (N, C, d1, ...). Mirrors torch.nn.functional.nll_loss."""
    x, t = input, target
    shape = x.array.shape
    if len(shape) > 2:  # rows of classes
        x = x.movedim(1, -1).reshape(-1, shape[1])
        t = t.reshape(-1)
    elif len(shape) == 1:
        x, t = x.reshape(1, -1), t.reshape(1)
    check_targets(t.array, x.array.shape[1], ignore_index)
    rule = NllLoss2D if len(shape) > 2 else NllLoss
    loss = apply(
        rule, x, t, wrap(_NO_WEIGHT) if weight is None else weight, ignore_index=ignore_index, reduction=reduction
    )
    return loss.reshape(target.array.shape) if reduction == "none" and loss.array.shape != target.array.shape else loss


def check_targets(t: np.ndarray, classes: int, ignore: int) -> None:
    if t.dtype.kind not in "iu":
        raise RuntimeError(f"expected scalar type Long but found {wrap(t).dtype.scalar_name}")
    wrong = (t != ignore) & ((t < 0) | (t >= classes))
    if wrong.any():
        raise IndexError(f"Target {t[wrong][0]} is out of bounds.")
