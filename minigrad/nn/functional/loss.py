"""Loss functions. `reduction` is 'mean', 'sum' or 'none'; `size_average` and `reduce` are its old form."""
from __future__ import annotations

import warnings
from typing import Any

from ... import ops
from ...dtypes import int64, uint8
from ...ops.arguments import check_tensor
from ...tensor import Tensor
from .._reduction import resolve

__all__ = [
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy", "huber_loss", "l1_loss", "mse_loss",
    "nll_loss", "smooth_l1_loss",
]


def l1_loss(input: Tensor, target: Tensor, size_average: bool | None = None, reduce: bool | None = None,
            reduction: str = "mean", weight: Tensor | None = None) -> Tensor:
    """|input - target|. Mirrors torch.nn.functional.l1_loss."""
    input, target = same_size(input, target, weight)
    reduction = resolve(reduction, size_average, reduce)
    return reduced((input - target).abs(), reduction, weight)


def mse_loss(input: Tensor, target: Tensor, size_average: bool | None = None, reduce: bool | None = None,
             reduction: str = "mean", weight: Tensor | None = None) -> Tensor:
    """(input - target)². Mirrors torch.nn.functional.mse_loss."""
    input, target = same_size(input, target, weight)
    reduction = resolve(reduction, size_average, reduce)
    if weight is None:
        check_floating("mse_cpu", input, target)
        return ops.mse_loss(input, target, reduction)
    return reduced((input - target).pow(2), reduction, weight)


def smooth_l1_loss(input: Tensor, target: Tensor, size_average: bool | None = None, reduce: bool | None = None,
                   reduction: str = "mean", beta: float = 1.0) -> Tensor:
    """d²/(2 beta) where d = |input - target| < beta, else d - beta/2. Mirrors torch.nn.functional.smooth_l1_loss."""
    input, target = same_size(input, target)
    reduction = resolve(reduction, size_average, reduce)
    if beta == 0.0:
        return reduced((input - target).abs(), reduction)
    if beta < 0:
        raise RuntimeError("smooth_l1_loss does not support negative values for beta.")
    check_floating("smooth_l1_cpu", input, target)
    return ops.smooth_l1_loss(input, target, reduction, beta)


def huber_loss(input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0,
               weight: Tensor | None = None) -> Tensor:
    """d²/2 where d = |input - target| < delta, else delta (d - delta/2). Mirrors torch.nn.functional.huber_loss."""
    input, target = same_size(input, target, weight)
    reduction = resolve(reduction)
    if delta <= 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    check_floating("huber_cpu", input, target)
    if weight is None:
        return ops.huber_loss(input, target, reduction, delta)
    return reduced(ops.huber_loss(input, target, "none", delta) * weight, reduction)


def nll_loss(input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: bool | None = None,
             ignore_index: int = -100, reduce: bool | None = None, reduction: str = "mean") -> Tensor:
    """-weight[t] input[t] for t = target; input are log-probabilities (C), (N, C) or (N, C, d1, ...), target classes.

    The mean is over the weights of the targets; targets equal to `ignore_index` do not count.
    Mirrors torch.nn.functional.nll_loss.
    """
    reduction = resolve(reduction, size_average, reduce)
    check_tensors("nll_loss_nd", input, target, weight)
    check_classes(input, target, weight)
    return of_classes(input, target, weight, ignore_index, reduction)


def cross_entropy(input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: bool | None = None,
                  ignore_index: int = -100, reduce: bool | None = None, reduction: str = "mean",
                  label_smoothing: float = 0.0) -> Tensor:
    """nll_loss(log_softmax(input), target) for unnormalized scores (C), (N, C) or (N, C, d1, ...).

    `target` are classes, or (in the shape of input) probabilities of classes. With `label_smoothing` s every target is
    (1 - s) times itself plus s/C. Mirrors torch.nn.functional.cross_entropy.
    """
    reduction = resolve(reduction, size_average, reduce)
    check_tensors("cross_entropy_loss", input, target, weight)
    probabilities = input.shape == target.shape
    if probabilities:
        if not target.is_floating_point():
            raise RuntimeError(
                f"Expected floating point type for target with class probabilities, got {target.dtype.scalar_name}"
            )
        if ignore_index >= 0:
            raise RuntimeError("ignore_index is not supported for floating point target")
    if label_smoothing > 1.0:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    class_dim = 0 if input.dim() == 1 else 1
    log_probabilities = input.log_softmax(class_dim)
    if probabilities:
        return soft_target_loss(log_probabilities, target, weight, reduction, label_smoothing, class_dim)
    check_classes(input, target, weight)
    loss = of_classes(log_probabilities, target, weight, ignore_index, reduction)
    if label_smoothing <= 0.0:
        return loss
    uniform = uniform_target_loss(log_probabilities, target, weight, reduction, ignore_index, class_dim)
    return (1 - label_smoothing) * loss + uniform * (label_smoothing / input.shape[class_dim])


def of_classes(log_probabilities: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int, reduction: str) -> Tensor:
    """nll_loss, which PyTorch computes of vectors, matrices and images; scores of other dimensions become images one pixel high."""
    shape = log_probabilities.shape
    if len(shape) < 3 or len(shape) == 4:
        return ops.nll_loss(log_probabilities, target, weight, ignore_index, reduction)
    pixels = (1, -1) if log_probabilities.numel() else (0, 0)
    image = log_probabilities.contiguous().view(shape[0], shape[1], *pixels)
    labels = target.contiguous().view(shape[0], *pixels)
    loss = ops.nll_loss(image, labels, weight, ignore_index, reduction)
    return loss.view(target.shape) if reduction == "none" else loss


def soft_target_loss(log_probabilities: Tensor, target: Tensor, weight: Tensor | None, reduction: str,
                     label_smoothing: float, class_dim: int) -> Tensor:
    """-sum over classes of target * log_probabilities."""
    n_classes = log_probabilities.shape[class_dim]
    if weight is not None and (weight.dim() != 1 or weight.numel() != n_classes):
        raise RuntimeError(
            f"cross_entropy: weight tensor should be defined either for all {n_classes} classes or no classes but got "
            f"weight tensor of shape: {list(weight.shape)}"
        )
    if label_smoothing > 0.0:
        target = target * (1 - label_smoothing) + label_smoothing / n_classes
    terms = log_probabilities * target
    if weight is not None:
        terms = terms * along(weight, class_dim, terms.dim())
    if reduction == "none":
        return -terms.sum(class_dim)
    total = -terms.sum()
    if reduction == "sum":
        return total
    return total / (terms.numel() // n_classes) if terms.numel() else total.fill_(float("nan"))


def uniform_target_loss(log_probabilities: Tensor, target: Tensor, weight: Tensor | None, reduction: str,
                        ignore_index: int, class_dim: int) -> Tensor:
    """-sum over classes of log_probabilities: C times the loss if all classes were equally likely."""
    terms = log_probabilities
    if weight is not None:
        terms = terms * along(weight, class_dim, terms.dim())
    ignored = target == ignore_index
    loss = (-terms.sum(class_dim)).masked_fill_(ignored, 0.0)
    if reduction == "none":
        return loss
    if reduction == "sum":
        return loss.sum()
    counted = ~ignored
    return loss.sum() / (counted.sum() if weight is None else weight.gather(0, target.masked_select(counted)).sum())


def along(weight: Tensor, dim: int, n_dims: int) -> Tensor:
    """The weights of classes, shaped to be multiplied along dimension `dim` of `n_dims`."""
    return weight.view([-1 if d == dim else 1 for d in range(n_dims)]) if n_dims > 1 else weight


def binary_cross_entropy(input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: bool | None = None,
                         reduce: bool | None = None, reduction: str = "mean") -> Tensor:
    """-weight (t log x + (1 - t) log(1 - x)) for probabilities x = input, t = target; each log at least -100.

    Mirrors torch.nn.functional.binary_cross_entropy.
    """
    reduction = resolve(reduction, size_average, reduce)
    if target.size() != input.size():
        raise ValueError(
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}) is deprecated. "
            "Please ensure they have the same size."
        )
    if target.dtype != input.dtype:
        raise RuntimeError(
            f"Found dtype {target.dtype.scalar_name} but expected {input.dtype.scalar_name}"
        )
    if weight is not None:
        weight = weight.expand(ops.broadcast_shapes(target.size(), weight.size()))
    return ops.binary_cross_entropy(input, target, weight, reduction)


def binary_cross_entropy_with_logits(input: Tensor, target: Tensor, weight: Tensor | None = None,
                                     size_average: bool | None = None, reduce: bool | None = None,
                                     reduction: str = "mean", pos_weight: Tensor | None = None) -> Tensor:
    """binary_cross_entropy(sigmoid(input), target), computed without overflow; `pos_weight` multiplies t log(...).

    Mirrors torch.nn.functional.binary_cross_entropy_with_logits.
    """
    reduction = resolve(reduction, size_average, reduce)
    if target.size() != input.size():
        raise ValueError(f"Target size ({target.size()}) must be the same as input size ({input.size()})")
    for position, (name, x) in enumerate({"weight": weight, "pos_weight": pos_weight}.items(), 3):
        if x is not None:
            check_tensor("binary_cross_entropy_with_logits", name, position, x)
    if not target.is_floating_point():
        raise RuntimeError(
            f"result type {input.dtype.scalar_name} can't be cast to the desired output type {target.dtype.scalar_name}"
        )
    return ops.binary_cross_entropy_with_logits(input, target, weight, pos_weight, reduction)


# ---- what the losses share


def same_size(input: Tensor, target: Tensor, weight: Tensor | None = None) -> Any:
    """Both broadcast to one shape; with a warning, as that is seldom meant. A weight has to have the size of input."""
    if weight is not None and weight.shape != input.shape:
        raise ValueError("Weights and input must have the same size.")
    try:
        if target.array.shape == input.array.shape:
            return input, target
    except AttributeError:
        pass  # what is no tensor fails below, in PyTorch's words
    size = target.size()
    warnings.warn(
        f"Using a target size ({size}) that is different to the input size ({input.size()}). This will likely lead "
        "to incorrect results due to broadcasting. Please ensure they have the same size.",
        stacklevel=3,
    )
    return ops.broadcast_tensors(input, target)


def check_floating(kernel: str, input: Tensor, target: Tensor) -> None:
    if input.array.dtype.kind != "f" != target.array.dtype.kind:
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{input.dtype.scalar_name}'")


def check_tensors(function: str, input: Any, target: Any, weight: Any) -> None:
    check_tensor(function, "input", 1, input)
    check_tensor(function, "target", 2, target)
    if weight is not None:
        check_tensor(function, "weight", 3, weight)


def check_classes(input: Tensor, target: Tensor, weight: Tensor | None) -> None:
    """That targets are classes, one for each row of scores, and that a weight has one entry per class."""
    if weight is None and input.array.ndim == 2 and input.array.shape[:1] == target.array.shape:
        return
    shape, size = list(input.shape), list(target.shape)
    wanted = shape[:1] + shape[2:]
    if not shape:
        raise ValueError("Expected 1 or more dimensions (got 0)")
    if len(shape) > 1 and size[:1] != shape[:1]:
        raise ValueError(
            f"Expected input batch_size ({shape[0]}) to match target batch_size ({size[0] if size else 0})."
        )
    if len(shape) <= 2:
        if len(size) > 1:
            raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
        if len(shape) == 1 and size not in ([], [1]):
            raise ValueError(f"For 1D input, 1D target must have size 1, but got target size: {size[0]}")
    elif len(shape) == 4 and len(size) != 3:
        raise RuntimeError(
            f"only batches of spatial targets supported (3D tensors) but got targets of dimension: {len(size)}"
        )
    elif len(shape) == 4 and size != wanted:
        raise RuntimeError(f"size mismatch (got input: {shape} , target: {size}")
    elif size != wanted:
        raise RuntimeError(f"Expected target size {wanted}, got {size}")
    if target.dtype not in (int64, uint8):
        raise RuntimeError(f"expected target dtype to be Long or Byte, but got {target.dtype.scalar_name}")
    classes = shape[0] if len(shape) == 1 else shape[1]
    if weight is not None and list(weight.shape) != [classes]:
        if len(shape) > 2:
            raise RuntimeError("weight tensor should be defined either for all or no classes")
        raise RuntimeError(
            f"weight tensor should be defined either for all {classes} classes or no classes but got weight tensor of "
            f"shape: {list(weight.shape)}"
        )


def reduced(loss: Tensor, reduction: str, weight: Tensor | None = None) -> Tensor:
    """The elements of a loss, their mean or their sum; all weighted, if there is a weight."""
    if weight is not None:
        loss = loss * weight
    if reduction == "none":
        return loss
    if reduction == "sum":
        return loss.sum()
    return loss.mean() if weight is None else loss.sum() / weight.sum()
