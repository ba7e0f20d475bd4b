"""The randomised leaky ReLU: Xu et al. 2015."""
from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.inplace import inplace
from ..autograd.rule import Rule, apply
from ..random import Generator
from ..random.uniform import DOUBLE, uniform
from .family import refuse
from .filling import stream

if TYPE_CHECKING:
    from ..tensor import Tensor


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
