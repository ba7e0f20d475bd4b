"""More losses: of distributions, of margins, of rankings. `reduction` is 'mean', 'sum' or 'none'; the older ones also take its old form."""
from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

from ... import ops
from ...autograd.grad_mode import no_grad
from ...dtypes import int64
from ...tensor import Tensor
from .._reduction import legacy, resolve
from .distance import pairwise_distance
from .loss import reduced
from .units import logsigmoid

__all__ = [
    "cosine_embedding_loss", "gaussian_nll_loss", "hinge_embedding_loss", "kl_div", "margin_ranking_loss", "multi_margin_loss",
    "multilabel_margin_loss", "multilabel_soft_margin_loss", "poisson_nll_loss", "soft_margin_loss", "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
]

Old = bool | None  # size_average and reduce

# ---- of distributions


def kl_div(input: Tensor, target: Tensor, size_average: Old = None, reduce: Old = None, reduction: str = "mean",
           log_target: bool = False) -> Tensor:
    """target (log target - input), for log-probabilities input; 'batchmean' is the divergence. Mirrors torch.nn.functional.kl_div."""
    if size_average is not None or reduce is not None:
        reduction = legacy(size_average, reduce)
    elif reduction == "mean":
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size.'batchmean' divides only by the "
            "batch size, and aligns with the KL div math definition.'mean' will be changed to behave the same as 'batchmean' in "
            "the next major release.",
            stacklevel=2,
        )
    batchmean = reduction == "batchmean"
    terms = target.exp() * (target - input) if log_target else ops.xlogy(target, target) - target * input
    out = reduced(terms, "sum" if batchmean else resolve(reduction))
    return out / input.size(0) if batchmean and input.dim() else out


def poisson_nll_loss(input: Tensor, target: Tensor, log_input: bool = True, full: bool = False, size_average: Old = None,
                     eps: float = 1e-8, reduce: Old = None, reduction: str = "mean") -> Tensor:
    """e^input - target input (or input - target log input); `full` adds Stirling's log target!. Mirrors torch.nn.functional.poisson_nll_loss."""
    reduction = resolve(reduction, size_average, reduce)
    loss = input.exp() - target * input if log_input else input - target * (input + eps).log()
    if full:
        stirling = target * target.log() - target + 0.5 * (2 * math.pi * target).log()
        loss = loss + stirling.masked_fill(target <= 1, 0)
    return reduced(loss, reduction)


def gaussian_nll_loss(input: Tensor, target: Tensor, var: Any, full: bool = False, eps: float = 1e-6,
                      reduction: str = "mean") -> Tensor:
    """(log var + (input - target)² / var) / 2, var being at least eps. Mirrors torch.nn.functional.gaussian_nll_loss."""
    if isinstance(var, float):
        if var < 0:
            raise ValueError("var has negative entry/entries")
        var = var * ops.ones_like(input)
    elif (var < 0).any():
        raise ValueError("var has negative entry/entries")
    if var.size() != input.size():
        if input.size()[:-1] == var.size():
            var = var.unsqueeze(-1)
        elif not (input.dim() == var.dim() and sum([n for m, n in zip(input.size(), var.size()) if m != n]) == 1):
            raise ValueError("var is of incorrect size")
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(reduction + " is not valid")
    var = var.clone()
    with no_grad():
        var.clamp_(min=eps)
    loss = 0.5 * (var.log() + (input - target) ** 2 / var)
    if full:
        loss += 0.5 * math.log(2 * math.pi)
    return reduced(loss, reduction)


# ---- of two or three inputs


def margin_ranking_loss(input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0, size_average: Old = None,
                        reduce: Old = None, reduction: str = "mean") -> Tensor:
    """max(0, -target (input1 - input2) + margin). Mirrors torch.nn.functional.margin_ranking_loss."""
    reduction = resolve(reduction, size_average, reduce)
    if not input1.dim() == input2.dim() == target.dim():
        raise RuntimeError(
            f"margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: {input1.size()}, "
            f"input2: {input2.size()}, target: {target.size()} "
        )
    return reduced((-target * (input1 - input2) + margin).clamp(min=0), reduction)


def cosine_embedding_loss(input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0, size_average: Old = None,
                          reduce: Old = None, reduction: str = "mean") -> Tensor:
    """1 - cos where target is 1, max(0, cos - margin) where -1. Mirrors torch.nn.functional.cosine_embedding_loss."""
    reduction = resolve(reduction, size_average, reduce)
    dims = target.dim()
    if dims not in (0, 1):
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    if dims == 1 and not (input1.dim() == input2.dim() == 2):
        raise RuntimeError(
            f"1D target tensor expects 2D input tensors, but found inputs with sizes {list(input1.shape)} and {list(input2.shape)}."
        )
    if dims == 0 and not (input1.dim() == input2.dim() == 1):
        raise RuntimeError(
            f"0D target tensor expects 1D input tensors, but found inputs with sizes {list(input1.shape)} and {list(input2.shape)}."
        )
    product, square1, square2 = [(a * b).sum(dims) for a, b in ((input1, input2), (input1, input1), (input2, input2))]
    cosine = product / ((square1 + 1e-12) * (square2 + 1e-12)).sqrt()
    zeros = ops.zeros_like(cosine)
    alike = ops.where(target == 1, 1 - cosine, zeros)
    unlike = ops.where(target == -1, (cosine - margin).clamp(min=0), zeros)
    return reduced(alike + unlike, reduction)


def triplet_margin_loss(anchor: Tensor, positive: Tensor, negative: Tensor, margin: float = 1.0, p: float = 2, eps: float = 1e-6,
                        swap: bool = False, size_average: Old = None, reduce: Old = None, reduction: str = "mean") -> Tensor:
    """max(0, ‖a - p‖ - ‖a - n‖ + margin): Balntas et al. 2016. Mirrors torch.nn.functional.triplet_margin_loss."""
    reduction = resolve(reduction, size_average, reduce)
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    check_triplet(anchor, positive, negative)
    near, far = pairwise_distance(anchor, positive, p, eps), pairwise_distance(anchor, negative, p, eps)
    if swap:
        far = ops.minimum(far, pairwise_distance(positive, negative, p, eps))
    return reduced((margin + near - far).clamp(min=0), reduction)


def check_triplet(anchor: Tensor, positive: Tensor, negative: Tensor) -> None:
    dims = anchor.dim(), positive.dim(), negative.dim()
    if len(set(dims)) != 1:
        raise RuntimeError(
            "The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: anchor "
            f"{dims[0]}D, positive {dims[1]}D, and negative {dims[2]}D inputs"
        )


def triplet_margin_with_distance_loss(anchor: Tensor, positive: Tensor, negative: Tensor, *,
                                      distance_function: Callable[[Tensor, Tensor], Tensor] | None = None, margin: float = 1.0,
                                      swap: bool = False, reduction: str = "mean") -> Tensor:
    """max(0, d(a, p) - d(a, n) + margin), for any distance d. Mirrors torch.nn.functional.triplet_margin_with_distance_loss."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    check_triplet(anchor, positive, negative)
    distance = pairwise_distance if distance_function is None else distance_function
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = ops.minimum(far, distance(positive, negative))
    return reduced((margin + near - far).clamp(min=0), reduction)


# ---- of scores and classes


def hinge_embedding_loss(input: Tensor, target: Tensor, margin: float = 1.0, size_average: Old = None, reduce: Old = None,
                         reduction: str = "mean") -> Tensor:
    """input where target is 1, max(0, margin - input) where -1. Mirrors torch.nn.functional.hinge_embedding_loss."""
    reduction = resolve(reduction, size_average, reduce)
    zeros = ops.zeros_like(input)
    far = ops.where(target != 1, (margin - input).clamp(min=0), zeros)
    near = ops.where(target != -1, input, zeros)
    return reduced(far + near, reduction)


def soft_margin_loss(input: Tensor, target: Tensor, size_average: Old = None, reduce: Old = None, reduction: str = "mean") -> Tensor:
    """log(1 + e^(-target input)), for targets 1 and -1. Mirrors torch.nn.functional.soft_margin_loss."""
    reduction = resolve(reduction, size_average, reduce)
    if target.requires_grad:
        raise RuntimeError(
            "The function 'soft_margin_loss' is not differentiable with respect to argument 'target'. This input cannot have "
            "requires_grad True."
        )
    return reduced((-input * target).exp().log1p(), reduction)


def check_scores(input: Tensor) -> None:
    if input.dim() > 2 or 0 in input.shape[-1:]:
        raise RuntimeError(f"Expected non-empty vector or matrix with optional 0-dim batch size, but got: {list(input.shape)}")


def check_labels(target: Tensor) -> None:
    if target.dtype is not int64:
        raise RuntimeError(f"expected scalar type Long but found {target.dtype.scalar_name}")


def multi_margin_loss(input: Tensor, target: Tensor, p: int = 1, margin: float = 1.0, weight: Tensor | None = None,
                      size_average: Old = None, reduce: Old = None, reduction: str = "mean") -> Tensor:
    """The sum over classes i other than the target t of max(0, margin - input[t] + input[i])^p, over C. Mirrors torch.nn.functional.multi_margin_loss."""
    reduction = resolve(reduction, size_average, reduce)
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    if weight is not None and weight.dim() != 1:
        raise ValueError("weight must be one-dimensional")
    check_scores(input)
    scores = input if input.dim() == 2 else input.reshape(1, -1)
    labels = target.reshape(-1)
    if target.dim() > 1 or len(labels) != len(scores) or target.dim() == 0 and input.dim() == 2:
        raise RuntimeError(
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples (batch size). Expected target "
            f"size [{len(scores)}], but got {list(target.shape)}. Input has shape {list(input.shape)}."
        )
    if weight is not None and weight.numel() != scores.size(1):
        raise RuntimeError(f"inconsistent weight size, expected {scores.size(1)} but got {list(weight.shape)}")
    check_labels(labels)
    if ((labels < 0) | (labels >= scores.size(1))).any():
        raise RuntimeError("target out of range")
    at = labels.unsqueeze(1)
    short = (margin - scores.gather(1, at) + scores).clamp(min=0)
    terms = short if p == 1 else short * short
    if weight is not None:
        terms = terms * weight[labels].unsqueeze(1)
    loss = terms.scatter(1, at, 0.0).sum(1) / scores.size(1)
    return reduced(loss.reshape(target.shape), reduction)


def multilabel_margin_loss(input: Tensor, target: Tensor, size_average: Old = None, reduce: Old = None,
                           reduction: str = "mean") -> Tensor:
    """The sum of max(0, 1 - input[t] + input[i]) over targets t (up to the first -1) and other classes i, over C.

    Mirrors torch.nn.functional.multilabel_margin_loss.
    """
    reduction = resolve(reduction, size_average, reduce)
    check_scores(input)
    if input.shape != target.shape:
        raise RuntimeError(f"inconsistent target size: {list(target.shape)} for input of size: {list(input.shape)}")
    check_labels(target)
    scores, labels = [x if x.dim() == 2 else x.reshape(1, -1) for x in (input, target)]
    if ((labels < -1) | (labels >= scores.size(1))).any():
        raise RuntimeError("argument #2 'target' is out of range")
    counted = (labels < 0).cumsum(1) == 0
    at = labels.masked_fill(~counted, 0)
    chosen = ops.zeros_like(scores).detach().scatter_add(1, at, counted.to(scores.dtype)) > 0
    short = (1 - scores.gather(1, at).unsqueeze(2) + scores.unsqueeze(1)).clamp(min=0)
    pairs = counted.unsqueeze(2) & ~chosen.unsqueeze(1)
    loss = short.masked_fill(~pairs, 0.0).sum((1, 2)) / scores.size(1)
    return reduced(loss if input.dim() == 2 else loss.squeeze(0), reduction)


def multilabel_soft_margin_loss(input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: Old = None,
                                reduce: Old = None, reduction: str = "mean") -> Tensor:
    """-(t log σ(x) + (1 - t) log σ(-x)), the mean over classes. Mirrors torch.nn.functional.multilabel_soft_margin_loss."""
    reduction = resolve(reduction, size_average, reduce)
    loss = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    if weight is not None:
        loss = loss * weight
    return reduced(loss.sum(-1) / input.size(-1), reduction)
