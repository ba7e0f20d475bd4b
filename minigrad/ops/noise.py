"""Noise that a tensor is multiplied with: dropout and its kin, and the randomised leaky ReLU (Xu et al. 2015).

Mirrors torch.dropout, feature_dropout, alpha_dropout, feature_alpha_dropout, and torch.rrelu.
"""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import random
from ..autograd.inplace import inplace
from ..autograd.rule import Rule, apply
from ..autograd.variable import wrap
from ..dtypes import get_default_dtype
from ..random import Generator
from ..random.uniform import DOUBLE, uniform
from .arithmetic import add_, mul, mul_
from .family import check_holds, refuse
from .filling import stream, with_bernoulli

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


class RRelu(Rule):
    """x times a slope, which is 1 where x is positive."""

    node_name = "RreluWithNoiseBackward0"

    def forward(x, *, slopes):
        return x * slopes

    def grad_x(grad, slopes):
        return grad * slopes


class RReluInPlace(RRelu):
    """The same node under another name."""

    node_name = "RreluWithNoiseBackward1"

    def forward(x, *, slopes):
        return x * slopes


def slopes_for(x: np.ndarray, lower: float, upper: float, training: bool, generator: Generator) -> np.ndarray:
    """In training drawn between the bounds for each number that is not positive, else the bounds' mean."""
    for name, bound in (("lower", lower), ("upper", upper)):
        if not math.isfinite(bound):
            raise RuntimeError(f"rrelu: {name} bound must be finite, got {bound:g}")
    if lower > upper:
        raise RuntimeError("Lower bound should be less than or equal to the upper bound")
    refuse("rrelu_with_noise_out_cpu" if training else "leaky_relu_cpu", "biu", x)
    slopes = np.ones(x.shape, x.dtype)
    if training:
        flat = x <= 0
        low, high = float(x.dtype.type(lower)), float(x.dtype.type(upper))
        slopes[flat] = low + uniform(generator, int(flat.sum()), DOUBLE) * (high - low)
    else:
        slopes[~(x > 0)] = (lower + upper) / 2
    return slopes


def rrelu(
    input: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False, generator: Generator | None = None
) -> Tensor:
    """x where positive, else x times a random slope, in training, or the bounds' mean. Mirrors torch.rrelu."""
    return apply(RRelu, input, slopes=slopes_for(input.array, lower, upper, training, stream(generator, "rrelu")))


def rrelu_(
    input: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False, generator: Generator | None = None
) -> Any:
    """`rrelu` in place. Mirrors torch.rrelu_."""
    return inplace(RReluInPlace, input, slopes=slopes_for(input.array, lower, upper, training, stream(generator, "rrelu_")))
