"""Dropout: noise that a tensor is multiplied with. Mirrors torch.dropout, feature_dropout, alpha_dropout, feature_alpha_dropout."""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import random
from ..autograd.variable import wrap
from ..dtypes import get_default_dtype
from .arithmetic import add_, mul, mul_
from .family import check_holds
from .filling import with_bernoulli

if TYPE_CHECKING:
    from ..tensor import Tensor

SELU_ALPHA = 1.7580993408473766  # minus the value that SELU tends to: what alpha dropout drops to


def make(name: str, doc: str, per_feature: bool, alpha: bool) -> tuple[Callable[..., Tensor], Callable[..., Tensor]]:
    """The function and its in-place form."""

    def apply(input: Tensor, p: float, train: bool, times: Callable[..., Tensor]) -> Tensor:
        array = input.array
        if not 0 <= p <= 1:
            raise RuntimeError(f"dropout probability has to be between 0 and 1, but got {p:g}")
        if not train or p == 0 or not array.size:
            return input
        if p == 1:
            return times(input, wrap(np.zeros((), array.dtype)))
        if array.dtype.kind != "f":
            check_holds(array.dtype, get_default_dtype().numpy)
        kept = with_bernoulli(noise_for(array, per_feature), random.default_generator, 1 - p)
        number = np.promote_types(array.dtype, np.float32).type
        if not alpha:
            return times(input, wrap(np.asarray(kept / number(1 - p), array.dtype)))
        scale = 1 / math.sqrt((SELU_ALPHA**2 * p + 1) * (1 - p))
        dropped = ((kept - 1) * number(SELU_ALPHA * scale)).astype(array.dtype)
        shift = np.asarray(dropped + number(SELU_ALPHA * scale * p), array.dtype)
        return add_(times(input, wrap(np.asarray(kept * number(scale), array.dtype))), wrap(shift))

    def function(input: Tensor, p: float, train: bool) -> Tensor:
        return apply(input, p, train, mul)

    def in_place(input: Tensor, p: float, train: bool) -> Tensor:
        return apply(input, p, train, mul_)

    for made, its_name in ((function, name), (in_place, f"{name}_")):
        made.__name__, made.__doc__ = its_name, f"{doc} Mirrors torch.{its_name}."
    return function, in_place


def noise_for(array: np.ndarray, per_feature: bool) -> Any:
    """Room for the noise: one number for each element, or for each channel, the second dimension."""
    if not per_feature:
        return np.empty_like(array, order="C" if 0 in array.strides else "K")
    if array.ndim < 2:
        raise RuntimeError("Feature dropout requires at least 2 dimensions in the input")
    return np.empty((*array.shape[:2], *[1] * (array.ndim - 2)), array.dtype)


dropout, dropout_ = make("dropout", "In training, zero each element with probability p and divide the rest by 1 - p.", False, False)
feature_dropout, feature_dropout_ = make("feature_dropout", "`dropout` of whole channels.", True, False)
alpha_dropout, alpha_dropout_ = make(
    "alpha_dropout", "In training, set elements to SELU's lower limit, and scale and shift all so that mean and variance stay.", False, True
)
feature_alpha_dropout, feature_alpha_dropout_ = make("feature_alpha_dropout", "`alpha_dropout` of whole channels.", True, True)
