"""The gamma distribution. Mirrors torch.distributions.Gamma."""
from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from ..ops.shape import Size
from ..tensor import Tensor
from . import constraints
from .elementwise import Elementwise
from .exp_family import ExponentialFamily


class Gamma(Elementwise, ExponentialFamily):
    """The density rate^a x^(a - 1) exp(-rate x) / Γ(a) on x > 0, with a the `concentration`."""

    arg_constraints = {"concentration": constraints.positive, "rate": constraints.positive}
    support = constraints.nonnegative
    has_rsample = True
    _mean_carrier_measure = 0
    _parameters = ("concentration", "rate")
    concentration: Tensor
    rate: Tensor

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        self._start(validate_args, concentration=concentration, rate=rate)

    @property
    def mean(self) -> Tensor:
        return self.concentration / self.rate

    @property
    def mode(self) -> Tensor:
        return ((self.concentration - 1) / self.rate).clamp(min=0)

    @property
    def variance(self) -> Tensor:
        return self.concentration / self.rate.pow(2)

    def rsample(self, sample_shape: Any = Size()) -> Tensor:  # noqa: B008
        shape = self._extended_shape(sample_shape)
        value = ops.standard_gamma(self.concentration.expand(shape)) / self.rate.expand(shape)
        value.detach().clamp_(min=float(np.finfo(value.array.dtype).tiny))  # without a trace in the graph
        return value

    def log_prob(self, value: Tensor) -> Tensor:
        value = self._checked(ops.as_tensor(value, dtype=self.rate.dtype))
        powers = ops.xlogy(self.concentration, self.rate) + ops.xlogy(self.concentration - 1, value)
        return powers - self.rate * value - self.concentration.lgamma()

    def entropy(self) -> Tensor:
        a = self.concentration
        return a - self.rate.log() + a.lgamma() + (1.0 - a) * a.digamma()

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        return self.concentration - 1, -self.rate

    def _log_normalizer(self, x: Tensor, y: Tensor) -> Tensor:  # type: ignore[override]
        return (x + 1).lgamma() + (x + 1) * (-y.reciprocal()).log()
