"""Losses that PyTorch records as one node. Each is a mean (or sum, or nothing) of a term per element, with the rule of that term.

Means are divided as PyTorch divides: mse, smooth l1 and huber scale by 1/n first, the cross-entropies divide last.
"""
from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.grad_mode import modes
from ..autograd.rule import Rule, apply, on
from .activation import Hardtanh
from .elementary import Sigmoid
from .family import broadcast_error, broadcasting, constant, refuse
from .places import largest, places

if TYPE_CHECKING:
    from ..tensor import Tensor


def reduced(terms: np.ndarray, reduction: str) -> np.ndarray:
    """The terms of a loss as "none", "sum" or "mean" has it."""
    if reduction == "none":
        return terms
    total = np.add.reduce(terms, axis=None)
    return total if reduction == "sum" else total / terms.size


def share(shape: tuple[int, ...], reduction: str) -> float:
    """What each term contributes to the loss."""
    return 1.0 / (math.prod(shape) or 1) if reduction == "mean" else 1.0


class MseLoss(Rule):
    """The squared difference."""

    tier = "T3"

    def forward(x, target, *, reduction):
        d = x - target
        return reduced(d * d, reduction)

    def grad_x(grad, x, target, reduction):
        return (x - target) * (2.0 * share(x.shape, reduction)) * grad

    def grad_target(grad, x, target, reduction):
        return (target - x) * (2.0 * share(x.shape, reduction)) * grad


class SmoothL1Loss(Rule):
    """d² / (2 beta) where |d| < beta, |d| - beta / 2 elsewhere."""

    tier = "T3"

    def forward(x, target, *, reduction, beta):
        size = np.abs(x - target)
        held = np.minimum(size, dtypes.zero_d(beta, x.dtype))
        terms = held * (size - held * dtypes.zero_d(0.5, x.dtype))
        return reduced(terms if beta == 1 else terms / beta, reduction)

    def grad_x(grad, x, target, reduction, beta):
        return on(Hardtanh, x - target, min_val=-beta, max_val=beta) * (share(x.shape, reduction) / beta) * grad

    def grad_target(grad, x, target, reduction, beta):
        return on(Hardtanh, target - x, min_val=-beta, max_val=beta) * (share(x.shape, reduction) / beta) * grad


class HuberLoss(Rule):
    """d² / 2 where |d| <= delta, delta * (|d| - delta / 2) elsewhere."""

    tier = "T3"

    def forward(x, target, *, reduction, delta):
        size = np.abs(x - target)
        held = np.minimum(size, dtypes.zero_d(delta, x.dtype))
        return reduced(held * (size - held * dtypes.zero_d(0.5, x.dtype)), reduction)

    def grad_x(grad, x, target, reduction, delta):
        return on(Hardtanh, x - target, min_val=-delta, max_val=delta) * share(x.shape, reduction) * grad

    def grad_target(grad, x, target, reduction, delta):
        return on(Hardtanh, target - x, min_val=-delta, max_val=delta) * share(x.shape, reduction) * grad


TINY = float(np.float32(1e-12))  # PyTorch's, in whatever dtype


class BinaryCrossEntropy(Rule):
    """-weight * (t log x + (1 - t) log(1 - x)) for the target t, with the logarithms held above -100."""

    tier = "T3"

    def forward(x, target, weight, *, reduction):
        return reduced(((target - 1) * np.maximum(np.log1p(-x), -100) - target * np.maximum(np.log(x), -100)) * weight, reduction)

    def grad_x(grad, x, target, weight, reduction):
        return grad * (x - target) / np.clip((1 - x) * x, TINY, None) * weight * share(x.shape, reduction)

    def grad_target(grad, x, target, weight, reduction):
        return grad * (np.log(1 - x) - np.log(x)) * weight * share(x.shape, reduction)


class BinaryCrossEntropyWithLogits(Rule):
    """-weight * (w t log σ(x) + (1 - t) log(1 - σ(x))), where t is the target and w pos_weight, computed from -|x| so that nothing overflows."""

    tier = "T3"

    def forward(x, target, weight, pos_weight, *, reduction):
        w = x.astype(np.float64, copy=False)
        losses = ((1 - target) * w - ((pos_weight - 1) * target + 1) * log_sigmoid(w)) * weight
        return reduced(losses.astype(x.dtype, copy=False), reduction)

    def grad_x(grad, x, target, weight, pos_weight, reduction):
        slope = ((pos_weight - 1) * target + 1) * on(Sigmoid, x) - target * pos_weight
        return slope * grad * weight * share(x.shape, reduction)

    def grad_target(grad, x, target, weight, pos_weight, reduction):
        return ((1 - pos_weight) * log_sigmoid(x) - x) * grad * weight * share(x.shape, reduction)


def log_sigmoid(x: Any) -> Any:
    return np.clip(x, None, 0.0) - np.log1p(np.exp(-np.abs(x)))


class NllLoss(Rule):
    """-weight[t] * x[t] for the target t, the mean being weighted too, for x of (C), (N, C) or (N, C, d1, ...)."""

    tier = "T3"

    def forward(x, target, weight, *, ignore_index, reduction):
        at, scale = picked(target, weight, ignore_index, x.shape)
        terms = -x.reshape(-1).take(at)
        if scale is not None:
            terms *= scale
        if reduction == "none":
            return terms
        total = np.add.reduce(terms, axis=None)
        return total if reduction == "sum" else total / (target.size if scale is None else np.add.reduce(scale, axis=None))

    def grad_x(grad, x_shape, target, weight, ignore_index, reduction):
        target, weight = [getattr(v, "array", v) for v in (target, weight)]
        at, scale = picked(target, weight, ignore_index, x_shape)
        if scale is None:
            return on(PutAtClasses, grad / -target.size if reduction == "mean" else -grad, shape=x_shape, at=at)
        if reduction == "mean":
            share = scale / np.add.reduce(scale, axis=None)
            scale = share if ignore_index is None else np.where(target == ignore_index, scale, share)  # 0 also if all are ignored
        return on(PutAtClasses, grad * -scale, shape=x_shape, at=at)


class NllLoss2D(NllLoss):
    """NllLoss over (N, C, d1, ...)."""


class PutAtClasses(Rule):
    """Zeros of a shape, with x at one class of each sample: the gradient of NllLoss."""

    node_name = "NllLossBackwardBackward0"

    def forward(x, *, shape, at):
        total = np.zeros(shape, x.dtype)
        total.reshape(-1)[at] = x
        return total

    def grad_x(grad, at):
        return on(TakeAtClasses, grad, at=at)


class TakeAtClasses(Rule):
    """One class of each sample."""

    def forward(x, *, at):
        return x.reshape(-1).take(at)

    def grad_x(grad, x_shape, at):
        return on(PutAtClasses, grad, shape=x_shape, at=at)


def picked(t: np.ndarray, weight: np.ndarray, ignore: int | None, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray | None]:
    """Where in the flattened scores those of the targets are, and the targets' weights, if not all are 1: 0 for an ignored one."""
    used = None if ignore is None else t != ignore
    classes = t if used is None else np.where(used, t, 0)
    scale = weight[classes] if weight.ndim else None
    if used is not None:
        scale = np.where(used, weight if scale is None else scale, weight.dtype.type(0))
    dim, index = (1, classes[:, None]) if len(shape) > 1 else (0, classes[None])
    return places(index, shape, dim).reshape(t.shape), scale


# ---- functions


def mse_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """The squared difference. Mirrors torch.nn.functional.mse_loss."""
    return MseLoss.applied[2](input, target, reduction=reduction)


def smooth_l1_loss(input: Tensor, target: Tensor, reduction: str = "mean", beta: float = 1.0) -> Tensor:
    """Squared below beta, absolute above (Fast R-CNN). Mirrors torch.nn.functional.smooth_l1_loss."""
    return SmoothL1Loss.applied[2](input, target, reduction=reduction, beta=beta)


def huber_loss(input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0) -> Tensor:
    """Squared below delta, linear above. Mirrors torch.nn.functional.huber_loss."""
    return apply(HuberLoss, input, target, reduction=reduction, delta=delta)


def weight_of(name: str, input: Tensor, weight: Tensor | None, argument: str = "weight") -> Tensor:
    """The weight of a loss, by which it is not differentiated; 1 where there is none."""
    if weight is None:
        return constant(1.0, input.array.dtype)
    if weight._requires_grad and modes.mode.enabled:
        raise RuntimeError(
            f"The function '{name}' is not differentiable with respect to argument '{argument}'. This input cannot have requires_grad True."
        )
    return weight


def binary_cross_entropy(input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean") -> Tensor:
    """Cross-entropy of probabilities with targets in [0, 1]. Mirrors torch.nn.functional.binary_cross_entropy."""
    array = input.array
    if not ((array >= 0) & (array <= 1)).all():
        raise RuntimeError("all elements of input should be between 0 and 1")
    weight = weight_of("binary_cross_entropy", input, weight)
    return broadcasting(apply, BinaryCrossEntropy, input, target, weight, reduction=reduction)


def binary_cross_entropy_with_logits(
    input: Tensor, target: Tensor, weight: Tensor | None = None, pos_weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    """Cross-entropy of logits with targets in [0, 1]. Mirrors torch.nn.functional.binary_cross_entropy_with_logits."""
    name = "binary_cross_entropy_with_logits"
    w, pos_w = weight_of(name, input, weight), weight_of(name, input, pos_weight, "pos_weight")
    try:
        return apply(BinaryCrossEntropyWithLogits, input, target, w, pos_w, reduction=reduction)
    except ValueError:
        raise broadcast_error(*[x.array.shape for x in (pos_w, target, input, w)]) from None


def nll_loss(
    input: Tensor, target: Tensor, weight: Tensor | None = None, ignore_index: int = -100, reduction: str = "mean"
) -> Tensor:
    """-input[target], for log-probabilities (C), (N, C) or (N, C, d1, ...). Mirrors torch.nn.functional.nll_loss."""
    shape = input.array.shape
    refuse(f"nll_loss{'2d_forward' if len(shape) > 2 else ''}_out_frame", "biu", input.array)
    ignored = check_targets(target, shape[min(len(shape) - 1, 1)], ignore_index)
    if len(shape) == 1:
        target = target.reshape(())
    rule = NllLoss2D if len(shape) > 2 else NllLoss
    weight = weight_of("nll_loss_forward", input, weight)
    if weight.array.dtype != input.array.dtype:
        wanted, found = [dtypes.of_array(x.array).scalar_name for x in (input, weight)]
        raise RuntimeError(f"expected scalar type {wanted} but found {found}")
    return rule.applied[3](input, target, weight, ignore_index=ignore_index if ignored else None, reduction=reduction)


def check_targets(target: Tensor, classes: int, ignore: int) -> bool:
    """That targets are classes, or to be ignored; and whether any of them is."""
    t = target.array
    if t.dtype.type not in (np.int64, np.uint8):
        raise RuntimeError(f"expected target dtype to be Long or Byte, but got {target.dtype.scalar_name}")
    if t.size and largest(t) < classes and not 0 <= ignore < classes:
        return False
    ignored = t == ignore
    wrong = ~ignored & ((t < 0) | (t >= classes))
    if wrong.any():
        raise IndexError(f"Target {t[wrong][0]} is out of bounds.")
    return bool(ignored.any())
