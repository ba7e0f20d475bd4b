"""More losses as modules; the formulas stand with the functions, in functional/margin.py. Mirrors torch.nn.modules.loss."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...tensor import Tensor
from .. import functional as F
from .distance import PairwiseDistance
from .loss import _Loss
from .module import Module

__all__ = [
    "CosineEmbeddingLoss", "GaussianNLLLoss", "HingeEmbeddingLoss", "KLDivLoss", "MarginRankingLoss", "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss", "MultiMarginLoss", "PoissonNLLLoss", "SoftMarginLoss", "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
]

Old = bool | None  # size_average and reduce


class KLDivLoss(_Loss):
    """target (log target - input), for log-probabilities input. Mirrors torch.nn.KLDivLoss."""

    function = staticmethod(F.kl_div)

    def __init__(self, size_average: Old = None, reduce: Old = None, reduction: str = "mean", log_target: bool = False) -> None:
        super().__init__(size_average, reduce, reduction)
        self._set(log_target=log_target)


class PoissonNLLLoss(_Loss):
    """e^input - target input. Mirrors torch.nn.PoissonNLLLoss."""

    function = staticmethod(F.poisson_nll_loss)

    def __init__(self, log_input: bool = True, full: bool = False, size_average: Old = None, eps: float = 1e-8,
                 reduce: Old = None, reduction: str = "mean") -> None:
        super().__init__(size_average, reduce, reduction)
        self._set(log_input=log_input, full=full, eps=eps)


class GaussianNLLLoss(_Loss):
    """(log var + (input - target)² / var) / 2. Mirrors torch.nn.GaussianNLLLoss."""

    function = staticmethod(F.gaussian_nll_loss)

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self._set(full=full, eps=eps)


class _MarginLoss(_Loss):
    def __init__(self, margin: float = 0.0, size_average: Old = None, reduce: Old = None, reduction: str = "mean") -> None:
        super().__init__(size_average, reduce, reduction)
        self._set(margin=margin)


class MarginRankingLoss(_MarginLoss):
    """max(0, -target (input1 - input2) + margin). Mirrors torch.nn.MarginRankingLoss."""

    function = staticmethod(F.margin_ranking_loss)


class CosineEmbeddingLoss(_MarginLoss):
    """1 - cos where target is 1, max(0, cos - margin) where -1. Mirrors torch.nn.CosineEmbeddingLoss."""

    function = staticmethod(F.cosine_embedding_loss)


class HingeEmbeddingLoss(_MarginLoss):
    """input where target is 1, max(0, margin - input) where -1. Mirrors torch.nn.HingeEmbeddingLoss."""

    function = staticmethod(F.hinge_embedding_loss)

    def __init__(self, margin: float = 1.0, size_average: Old = None, reduce: Old = None, reduction: str = "mean") -> None:
        super().__init__(margin, size_average, reduce, reduction)


class SoftMarginLoss(_Loss):
    """log(1 + e^(-target input)). Mirrors torch.nn.SoftMarginLoss."""

    function = staticmethod(F.soft_margin_loss)


class MultiLabelMarginLoss(_Loss):
    """Margins between targets and other classes. Mirrors torch.nn.MultiLabelMarginLoss."""

    function = staticmethod(F.multilabel_margin_loss)


class MultiLabelSoftMarginLoss(_Loss):
    """A binary cross-entropy for each class. Mirrors torch.nn.MultiLabelSoftMarginLoss."""

    function = staticmethod(F.multilabel_soft_margin_loss)

    def __init__(self, weight: Tensor | None = None, size_average: Old = None, reduce: Old = None, reduction: str = "mean") -> None:
        super().__init__(size_average, reduce, reduction)
        self._set_weights(weight=weight)


class MultiMarginLoss(_Loss):
    """Margins between the target and other classes. Mirrors torch.nn.MultiMarginLoss."""

    function = staticmethod(F.multi_margin_loss)

    def __init__(self, p: int = 1, margin: float = 1.0, weight: Tensor | None = None, size_average: Old = None,
                 reduce: Old = None, reduction: str = "mean") -> None:
        super().__init__(size_average, reduce, reduction)
        if p not in (1, 2):
            raise ValueError("only p == 1 and p == 2 supported")
        if weight is not None and weight.dim() != 1:
            raise ValueError(f"MultiMarginLoss: expected weight to be None or 1D tensor, got {weight.dim()}D instead")
        self._set_weights(weight=weight)
        self._set(p=p, margin=margin)


class TripletMarginLoss(_Loss):
    """max(0, ‖a - p‖ - ‖a - n‖ + margin). Mirrors torch.nn.TripletMarginLoss."""

    function = staticmethod(F.triplet_margin_loss)

    def __init__(self, margin: float = 1.0, p: float = 2.0, eps: float = 1e-6, swap: bool = False, size_average: Old = None,
                 reduce: Old = None, reduction: str = "mean") -> None:
        if margin <= 0:
            raise ValueError(f"TripletMarginLoss: expected margin to be greater than 0, got {margin} instead")
        super().__init__(size_average, reduce, reduction)
        self._set(margin=margin, p=p, eps=eps, swap=swap)


class TripletMarginWithDistanceLoss(_Loss):
    """max(0, d(a, p) - d(a, n) + margin). Mirrors torch.nn.TripletMarginWithDistanceLoss."""

    function = staticmethod(F.triplet_margin_with_distance_loss)

    def __init__(self, *, distance_function: Callable[[Tensor, Tensor], Tensor] | None = None, margin: float = 1.0,
                 swap: bool = False, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        if margin <= 0:
            raise ValueError(f"TripletMarginWithDistanceLoss: expected margin to be greater than 0, got {margin} instead")
        distance: Any = PairwiseDistance() if distance_function is None else distance_function
        if isinstance(distance, Module):
            self.distance_function = distance
            self._settings += ("distance_function",)
        else:
            self._set(distance_function=distance)
        self._set(margin=margin, swap=swap)
