"""The multivariate normal distribution. Mirrors torch.distributions.MultivariateNormal."""
from __future__ import annotations

import math
from typing import Any

from .. import ops
from ..ops.broadcast import broadcast_shapes
from ..ops.decompositions import cholesky
from ..ops.equations import solve_triangular
from ..ops.shape import Size
from ..tensor import Tensor
from . import constraints
from .distribution import Distribution
from .utils import lazy_property

MATRICES = ("covariance_matrix", "precision_matrix", "scale_tril")


class MultivariateNormal(Distribution):
    """The normal distribution of vectors with mean `loc`, and one of these: `covariance_matrix` Σ, `precision_matrix` Σ⁻¹, or
    `scale_tril`, the lower triangular L with positive diagonal and L Lᵀ = Σ.
    """

    arg_constraints = {
        "loc": constraints.real_vector,
        "covariance_matrix": constraints.positive_definite,
        "precision_matrix": constraints.positive_definite,
        "scale_tril": constraints.lower_cholesky,
    }
    support = constraints.real_vector
    has_rsample = True

    def __init__(self, loc: Tensor, covariance_matrix: Tensor | None = None, precision_matrix: Tensor | None = None,
                 scale_tril: Tensor | None = None, validate_args: bool | None = None) -> None:
        if loc.dim() < 1:
            raise ValueError("loc must be at least one-dimensional.")
        matrices = zip(MATRICES, (covariance_matrix, precision_matrix, scale_tril))
        given = [(name, matrix) for name, matrix in matrices if matrix is not None]
        if len(given) != 1:
            raise ValueError("Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified.")
        ((name, matrix),) = given
        if matrix.dim() < 2:
            kind = "scale_tril matrix" if name == "scale_tril" else name
            raise ValueError(f"{kind} must be at least two-dimensional, with optional leading batch dimensions")
        batch_shape = Size(broadcast_shapes(matrix.shape[:-2], loc.shape[:-1]))
        setattr(self, name, matrix.expand((*batch_shape, -1, -1)))
        self.loc = loc.expand((*batch_shape, -1))
        super().__init__(batch_shape, self.loc.shape[-1:], validate_args=validate_args)
        self._tril = matrix if name == "scale_tril" else cholesky(matrix) if name == "covariance_matrix" else of_precision(matrix)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = self._get_checked_instance(MultivariateNormal, _instance)
        batch_shape = Size(batch_shape)
        event_shape = self.event_shape
        for name in MATRICES:
            if name in self.__dict__:
                setattr(new, name, getattr(self, name).expand(batch_shape + event_shape + event_shape))
        new.loc = self.loc.expand(batch_shape + event_shape)
        new._tril = self._tril
        Distribution.__init__(new, batch_shape, event_shape, validate_args=False)
        new._validate_args = self._validate_args
        return new

    def _expanded(self, matrix: Tensor) -> Tensor:
        return matrix.expand(self._batch_shape + self._event_shape + self._event_shape)

    @lazy_property
    def scale_tril(self) -> Tensor:
        return self._expanded(self._tril)

    @lazy_property
    def covariance_matrix(self) -> Tensor:
        return self._expanded(self._tril @ self._tril.mT)

    @lazy_property
    def precision_matrix(self) -> Tensor:
        inverse = solve_triangular(self._tril, ops.eye(self._event_shape[0], dtype=self.loc.dtype), upper=False)
        return self._expanded(inverse.mT @ inverse)

    @property
    def mean(self) -> Tensor:
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        return self._tril.pow(2).sum(-1).expand(self._batch_shape + self._event_shape)

    def rsample(self, sample_shape: Any = Size()) -> Tensor:  # noqa: B008
        noise = ops.randn(self._extended_shape(sample_shape), dtype=self.loc.dtype)
        return self.loc + (self._tril @ noise.unsqueeze(-1)).squeeze(-1)

    def log_prob(self, value: Tensor) -> Tensor:
        if self._validate_args:
            self._validate_sample(value)
        distance = squared_distance(self._tril, value - self.loc)
        return -0.5 * (self._event_shape[0] * math.log(2 * math.pi) + distance) - half_log_det(self._tril)

    def entropy(self) -> Tensor:
        entropy = 0.5 * self._event_shape[0] * (1.0 + math.log(2 * math.pi)) + half_log_det(self._tril)
        return entropy.expand(self._batch_shape) if self._batch_shape else entropy


def of_precision(precision: Tensor) -> Tensor:
    """L with L Lᵀ = P⁻¹: the inverse of the triangle that a Cholesky factor of P makes when it begins at the other end."""
    backwards = cholesky(precision.flip((-2, -1)))
    return solve_triangular(backwards.flip((-2, -1)).mT, ops.eye(precision.shape[-1], dtype=precision.dtype), upper=False)


def squared_distance(tril: Tensor, vector: Tensor) -> Tensor:
    """vᵀ (L Lᵀ)⁻¹ v, the square of Mahalanobis's distance."""
    return solve_triangular(tril, vector.unsqueeze(-1), upper=False).pow(2).sum(-2).squeeze(-1)


def half_log_det(tril: Tensor) -> Tensor:
    """log det L."""
    return tril.diagonal(dim1=-2, dim2=-1).log().sum(-1)
