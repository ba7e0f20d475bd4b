"""What distributions of single numbers share: parameters that are numbers or tensors, broadcast against each other."""
from __future__ import annotations

from typing import Any

from ..ops.family import Number
from ..ops.shape import Size
from ..tensor import Tensor
from .distribution import Distribution
from .utils import broadcast_all, lazy_property, logits_to_probs, probs_to_logits


class Elementwise(Distribution):
    """Sets the parameters as attributes; the batch has their common shape."""

    _parameters: tuple[str, ...]

    def _start(self, validate_args: bool | None, **given: Any) -> None:
        for name, value in zip(given, broadcast_all(*given.values())):
            setattr(self, name, value)
        scalar = all([isinstance(value, Number) for value in given.values()])
        super().__init__(Size() if scalar else getattr(self, next(iter(given))).shape, validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        family = next(cls for cls in type(self).__mro__ if "_parameters" in cls.__dict__)
        new = self._get_checked_instance(family, _instance)
        for name in self._parameters:
            if name in self.__dict__:
                setattr(new, name, getattr(self, name).expand(batch_shape))
        Distribution.__init__(new, Size(batch_shape), validate_args=False)
        new._validate_args = self._validate_args
        return new

    def _checked(self, value: Tensor) -> Tensor:
        if self._validate_args:
            self._validate_sample(value)
        return value


class ProbsOrLogits(Elementwise):
    """Elementwise distributions of one parameter: a probability, or its log odds."""

    _parameters: tuple[str, ...] = ("probs", "logits")

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        if (probs is None) == (logits is None):
            raise ValueError("Either `probs` or `logits` must be specified, but not both.")
        if probs is not None:
            self._start(validate_args, probs=probs)
        else:
            self._start(validate_args, logits=logits)

    @property
    def _param(self) -> Tensor:
        return self.__dict__["probs" if "probs" in self.__dict__ else "logits"]

    @lazy_property
    def logits(self) -> Tensor:
        return probs_to_logits(self.probs, is_binary=True)

    @lazy_property
    def probs(self) -> Tensor:
        return logits_to_probs(self.logits, is_binary=True)

    @property
    def param_shape(self) -> Size:
        """The shape of `probs` and of `logits`."""
        return self._param.size()
