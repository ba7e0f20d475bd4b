"""Distributions whose density is an exponential of parameters times statistics. Mirrors torch.distributions.ExponentialFamily."""
from __future__ import annotations

from ..autograd import grad
from ..tensor import Tensor
from .distribution import Distribution


class ExponentialFamily(Distribution):
    """p(x) = h(x) exp(θ·t(x) - A(θ)), with natural parameters θ and log-normaliser A.

    If the subclass says what these are, and the mean of log h, the entropy follows: A - θ·∇A - E[log h] (Nielsen & Nock 2010).
    """

    @property
    def _natural_params(self) -> tuple[Tensor, ...]:
        """θ, as functions of the parameters."""
        raise NotImplementedError

    def _log_normalizer(self, *natural_params: Tensor) -> Tensor:
        """A(θ)."""
        raise NotImplementedError

    @property
    def _mean_carrier_measure(self) -> float:
        """E[log h(x)]."""
        raise NotImplementedError

    def entropy(self) -> Tensor:
        carrier = self._mean_carrier_measure
        params = [param.detach().requires_grad_() for param in self._natural_params]
        normalizer = self._log_normalizer(*params)
        entropy = normalizer - carrier
        for param, slope in zip(params, grad(normalizer.sum(), params, create_graph=True)):
            entropy = entropy - (param * slope).reshape((*self._batch_shape, -1)).sum(-1)
        return entropy
