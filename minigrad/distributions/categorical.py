"""The categorical distribution. Mirrors torch.distributions.Categorical."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..ops.creation import arange
from ..ops.shape import Size
from ..tensor import Tensor
from . import constraints
from .distribution import Distribution
from .utils import lazy_property, logits_to_probs, probs_to_logits


class Categorical(Distribution):
    """One of K events, numbered from 0, with the probabilities of the last dimension, of length K.

    Give either `probs`, relative probabilities, or `logits`, their logarithms up to a constant: both are normalised so
    that the probabilities sum to 1. The dimensions before the last are the batch.
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}
    has_enumerate_support = True

    def __init__(
        self, probs: Tensor | None = None, logits: Tensor | None = None, validate_args: bool | None = None
    ) -> None:
        if (probs is None) == (logits is None):
            raise ValueError("Either `probs` or `logits` must be specified, but not both.")
        if probs is not None:
            if probs.dim() < 1:
                raise ValueError("`probs` parameter must be at least one-dimensional.")
            self.probs = self._param = probs / probs.sum(-1, keepdim=True)
        elif logits is not None:
            if logits.dim() < 1:
                raise ValueError("`logits` parameter must be at least one-dimensional.")
            self.logits = self._param = logits - logits.logsumexp(dim=-1, keepdim=True)
        self._num_events = self._param.size(-1)
        super().__init__(self._param.shape[:-1], validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Categorical:
        new = self._get_checked_instance(Categorical, _instance)
        batch_shape = Size(batch_shape)
        for name in ("probs", "logits"):
            if name in self.__dict__:
                new._param = getattr(self, name).expand((*batch_shape, self._num_events))
                setattr(new, name, new._param)
        new._num_events = self._num_events
        super(Categorical, new).__init__(batch_shape, validate_args=False)
        new._validate_args = self._validate_args
        return new

    @constraints.dependent_property(is_discrete=True, event_dim=0)
    def support(self) -> constraints.Constraint:
        return constraints.integer_interval(0, self._num_events - 1)

    @lazy_property
    def logits(self) -> Tensor:
        return probs_to_logits(self.probs)

    @lazy_property
    def probs(self) -> Tensor:
        return logits_to_probs(self.logits)

    @property
    def param_shape(self) -> Size:
        """The shape of `probs` and of `logits`."""
        return self._param.size()

    @property
    def mean(self) -> Tensor:
        """NaN: the events are names, not numbers."""
        return self.probs.new_full(self._extended_shape(), np.nan)

    @property
    def mode(self) -> Tensor:
        return self.probs.argmax(dim=-1)

    @property
    def variance(self) -> Tensor:
        """NaN, as is the mean."""
        return self.mean

    def sample(self, sample_shape: Any = Size()) -> Tensor:  # noqa: B008
        """Draw int64 samples of shape `sample_shape + batch_shape`, with `multinomial`."""
        sample_shape = Size(sample_shape)
        probs = self.probs.reshape(-1, self._num_events)
        samples = probs.multinomial(sample_shape.numel(), True).T
        return samples.reshape(self._extended_shape(sample_shape))

    def log_prob(self, value: Tensor) -> Tensor:
        """log p(value): the logits, at the events in `value`."""
        if self._validate_args:
            self._validate_sample(value)
        batch_shape = np.broadcast_shapes(value.shape, self.logits.shape[:-1])
        event = value.long().unsqueeze(-1).expand((*batch_shape, 1))
        return self.logits.expand((*batch_shape, self._num_events)).gather(-1, event).squeeze(-1)

    def entropy(self) -> Tensor:
        """- Σ p log p, with 0 log 0 = 0."""
        logits = self.logits.clamp(min=float(np.finfo(self.logits.array.dtype).min))
        return -(logits * self.probs).sum(-1)

    def enumerate_support(self, expand: bool = True) -> Tensor:
        values = arange(self._num_events).view((-1,) + (1,) * len(self._batch_shape))
        return values.expand((-1, *self._batch_shape)) if expand else values
