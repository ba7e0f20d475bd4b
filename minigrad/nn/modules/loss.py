"""Losses as modules; the formulas stand with the functions, in functional/loss.py. Mirrors torch.nn.modules.loss."""
from __future__ import annotations

from ...tensor import Tensor
from .. import functional as F
from .._reduction import legacy
from .function import FunctionModule

__all__ = [
    "BCELoss", "BCEWithLogitsLoss", "CTCLoss", "CrossEntropyLoss", "HuberLoss", "L1Loss", "MSELoss", "NLLLoss", "SmoothL1Loss",
]


class _Loss(FunctionModule):
    """A function of input and target."""

    def __init__(self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean") -> None:
        super().__init__()
        old = size_average is not None or reduce is not None
        self._set(reduction=legacy(size_average, reduce) if old else reduction)

    def _set_weights(self, **weights: Tensor | None) -> None:
        """Weights are buffers, and so in the state_dict."""
        for name, weight in weights.items():
            self.register_buffer(name, weight)
        self._settings += tuple(weights)

    def extra_repr(self) -> str:
        return ""


class _WeightedLoss(_Loss):
    """A loss with a weight for each class or element."""

    def __init__(self, weight: Tensor | None = None, size_average: bool | None = None, reduce: bool | None = None,
                 reduction: str = "mean") -> None:
        super().__init__(size_average, reduce, reduction)
        self._set_weights(weight=weight)


class L1Loss(_Loss):
    """|input - target|. Mirrors torch.nn.L1Loss."""

    function = staticmethod(F.l1_loss)


class MSELoss(_Loss):
    """(input - target)². Mirrors torch.nn.MSELoss."""

    function = staticmethod(F.mse_loss)


class SmoothL1Loss(_Loss):
    """Quadratic below `beta`, linear above: the Huber loss divided by beta. Mirrors torch.nn.SmoothL1Loss."""

    function = staticmethod(F.smooth_l1_loss)

    def __init__(self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
                 beta: float = 1.0) -> None:
        super().__init__(size_average, reduce, reduction)
        self._set(beta=beta)


class HuberLoss(_Loss):
    """Quadratic below `delta`, linear above. Mirrors torch.nn.HuberLoss."""

    function = staticmethod(F.huber_loss)

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        if not isinstance(delta, (float, int)):
            raise TypeError(f"delta must be a float or int, got: {type(delta)}")
        super().__init__(reduction=reduction)
        self._set(delta=delta)


class NLLLoss(_WeightedLoss):
    """-weight[t] input[t]: input are log-probabilities, the target t is a class. Mirrors torch.nn.NLLLoss."""

    function = staticmethod(F.nll_loss)

    def __init__(self, weight: Tensor | None = None, size_average: bool | None = None, ignore_index: int = -100,
                 reduce: bool | None = None, reduction: str = "mean") -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self._set(ignore_index=ignore_index)


class CrossEntropyLoss(_WeightedLoss):
    """NLLLoss of log_softmax(input); targets are classes or probabilities. Mirrors torch.nn.CrossEntropyLoss."""

    function = staticmethod(F.cross_entropy)

    def __init__(self, weight: Tensor | None = None, size_average: bool | None = None, ignore_index: int = -100,
                 reduce: bool | None = None, reduction: str = "mean", label_smoothing: float = 0.0) -> None:
        super().__init__(weight, size_average, reduce, reduction)
        self._set(ignore_index=ignore_index, label_smoothing=label_smoothing)


class BCELoss(_WeightedLoss):
    """-(t log x + (1 - t) log(1 - x)) for probabilities x. Mirrors torch.nn.BCELoss."""

    function = staticmethod(F.binary_cross_entropy)


class BCEWithLogitsLoss(_Loss):
    """BCELoss of sigmoid(input), computed without overflow. Mirrors torch.nn.BCEWithLogitsLoss."""

    function = staticmethod(F.binary_cross_entropy_with_logits)

    def __init__(self, weight: Tensor | None = None, size_average: bool | None = None, reduce: bool | None = None,
                 reduction: str = "mean", pos_weight: Tensor | None = None) -> None:
        super().__init__(size_average, reduce, reduction)
        self._set_weights(weight=weight, pos_weight=pos_weight)


class CTCLoss(_Loss):
    """-log p of a sequence that comes at unknown times. Mirrors torch.nn.CTCLoss."""

    function = staticmethod(F.ctc_loss)

    def __init__(self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False) -> None:
        super().__init__(reduction=reduction)
        self._set(blank=blank, zero_infinity=zero_infinity)
