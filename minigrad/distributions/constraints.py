"""What values a distribution's parameters and samples may have. Mirrors torch.distributions.constraints.

A constraint is a predicate on arrays, `holds`; its public face is `check`, on tensors.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..autograd import wrap
from ..tensor import Tensor


class Constraint:
    """A region of values. `event_dim` of the rightmost dimensions together are one event, valid or not as a whole."""

    is_discrete = False
    event_dim = 0

    def check(self, value: Tensor) -> Tensor:
        """A bool tensor: for each event, whether it lies in the region."""
        return wrap(np.asarray(self.holds(value.array)))

    def holds(self, value: np.ndarray) -> Any:
        """The same of an array."""
        raise NotImplementedError

    def __repr__(self) -> str:
        bounds = ", ".join(f"{name}={value}" for name, value in vars(self).items())
        return f"{type(self).__name__[1:]}({bounds})"


class _Dependent(Constraint):
    """A region that depends on other parameters, and so cannot be checked by itself."""

    def holds(self, value: np.ndarray) -> Any:
        raise ValueError("Cannot determine validity of dependent constraint")


class _DependentProperty(property, _Dependent):
    """A property whose value is a constraint; read from the class, a dependent constraint itself."""

    def __init__(
        self, fget: Callable[..., Any] | None = None, *, is_discrete: bool = False, event_dim: int = 0
    ) -> None:
        super().__init__(fget)
        self.is_discrete = is_discrete
        self.event_dim = event_dim

    def __call__(self, fget: Callable[..., Any]) -> _DependentProperty:
        return _DependentProperty(fget, is_discrete=self.is_discrete, event_dim=self.event_dim)


class _IndependentConstraint(Constraint):
    """`base_constraint` for all entries of an event, whose last `reinterpreted_batch_ndims` dimensions were a batch."""

    def __init__(self, base_constraint: Constraint, reinterpreted_batch_ndims: int) -> None:
        self.base_constraint = base_constraint
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims
        self.is_discrete = base_constraint.is_discrete
        self.event_dim = base_constraint.event_dim + reinterpreted_batch_ndims

    def holds(self, value: np.ndarray) -> Any:
        entries = np.asarray(self.base_constraint.holds(value))
        batch_ndims = entries.ndim - self.reinterpreted_batch_ndims
        if batch_ndims < 0:
            raise ValueError(f"Expected value.dim() >= {self.event_dim} but got {value.ndim}")
        return entries.all(axis=tuple(range(batch_ndims, entries.ndim)))

    def __repr__(self) -> str:
        return f"IndependentConstraint({self.base_constraint!r}, {self.reinterpreted_batch_ndims})"


class _IntegerInterval(Constraint):
    """The integers from `lower_bound` to `upper_bound`, both included."""

    is_discrete = True

    def __init__(self, lower_bound: Any, upper_bound: Any) -> None:
        self.lower_bound = lower_bound
        self.upper_bound = upper_bound

    def holds(self, value: np.ndarray) -> Any:
        low, high = [getattr(bound, "array", bound) for bound in (self.lower_bound, self.upper_bound)]
        within = (low <= value) & (value <= high)
        return within & (np.trunc(value) == value) if value.dtype.kind == "f" else within


class _Boolean(Constraint):
    """0 and 1."""

    is_discrete = True

    def holds(self, value: np.ndarray) -> Any:
        return (value == 0) | (value == 1)


class _IntegerGreaterThan(Constraint):
    """The integers from `lower_bound` on."""

    is_discrete = True

    def __init__(self, lower_bound: int) -> None:
        self.lower_bound = lower_bound

    def holds(self, value: np.ndarray) -> Any:
        return (value % 1 == 0) & (value >= self.lower_bound)


class _Bounded(Constraint):
    """Numbers within bounds, which may be tensors."""

    def __init__(self, **bounds: Any) -> None:
        vars(self).update(bounds)

    def arrays(self) -> list[Any]:
        return [getattr(bound, "array", bound) for bound in vars(self).values()]


class _GreaterThan(_Bounded):
    """Numbers above `lower_bound`."""

    def __init__(self, lower_bound: Any) -> None:
        super().__init__(lower_bound=lower_bound)

    def holds(self, value: np.ndarray) -> Any:
        return value > self.arrays()[0]


class _GreaterThanEq(_Bounded):
    """Numbers from `lower_bound` on."""

    def __init__(self, lower_bound: Any) -> None:
        super().__init__(lower_bound=lower_bound)

    def holds(self, value: np.ndarray) -> Any:
        return value >= self.arrays()[0]


class _LessThan(_Bounded):
    """Numbers below `upper_bound`."""

    def __init__(self, upper_bound: Any) -> None:
        super().__init__(upper_bound=upper_bound)

    def holds(self, value: np.ndarray) -> Any:
        return value < self.arrays()[0]


class _Interval(_Bounded):
    """Numbers from `lower_bound` to `upper_bound`, both included."""

    def __init__(self, lower_bound: Any, upper_bound: Any) -> None:
        super().__init__(lower_bound=lower_bound, upper_bound=upper_bound)

    def holds(self, value: np.ndarray) -> Any:
        low, high = self.arrays()
        return (value >= low) & (value <= high)


class _HalfOpenInterval(_Interval):
    """Numbers from `lower_bound` up to, but not including, `upper_bound`."""

    def holds(self, value: np.ndarray) -> Any:
        low, high = self.arrays()
        return (value >= low) & (value < high)


class _Real(Constraint):
    """Every number, infinities included; not NaN."""

    def holds(self, value: np.ndarray) -> Any:
        return value == value


class _Simplex(Constraint):
    """Vectors of numbers that are not negative and sum to 1 (within 1e-6)."""

    event_dim = 1

    def holds(self, value: np.ndarray) -> Any:
        return (value >= 0).all(-1) & (np.abs(value.sum(-1) - 1) < 1e-6)


class _OneHot(Constraint):
    """Vectors with a 1, and 0 elsewhere."""

    is_discrete = True
    event_dim = 1

    def holds(self, value: np.ndarray) -> Any:
        return ((value == 0) | (value == 1)).all(-1) & (value.sum(-1) == 1)


class _Multinomial(Constraint):
    """Vectors of numbers that are not negative, and sum to `upper_bound`."""

    is_discrete = True
    event_dim = 1

    def __init__(self, upper_bound: int) -> None:
        self.upper_bound = upper_bound

    def holds(self, value: np.ndarray) -> Any:
        return (value >= 0).all(-1) & (value.sum(-1) == self.upper_bound)

    def __repr__(self) -> str:
        return "Multinomial()"


class _LowerTriangular(Constraint):
    """Matrices without entries above the diagonal."""

    event_dim = 2

    def holds(self, value: np.ndarray) -> Any:
        return (np.tril(value) == value).all((-2, -1))


class _LowerCholesky(_LowerTriangular):
    """The same, with a positive diagonal."""

    def holds(self, value: np.ndarray) -> Any:
        return super().holds(value) & (np.diagonal(value, axis1=-2, axis2=-1) > 0).all(-1)


class _PositiveDefinite(Constraint):
    """Symmetric matrices (within 1e-6) whose eigenvalues are all positive."""

    event_dim = 2

    def holds(self, value: np.ndarray) -> Any:
        symmetric = np.isclose(value, value.swapaxes(-2, -1), atol=1e-6).all((-2, -1))
        return symmetric & (np.linalg.eigvalsh(value) > 0).all(-1) if symmetric.all() else symmetric


def is_dependent(constraint: Any) -> bool:
    """Whether a constraint depends on other parameters."""
    return isinstance(constraint, _Dependent)


dependent = _Dependent()
dependent_property = _DependentProperty
independent = _IndependentConstraint
boolean = _Boolean()
integer_interval = _IntegerInterval
nonnegative_integer = _IntegerGreaterThan(0)
positive_integer = _IntegerGreaterThan(1)
real = _Real()
real_vector = independent(real, 1)
greater_than = _GreaterThan
greater_than_eq = _GreaterThanEq
less_than = _LessThan
positive = _GreaterThan(0.0)
nonnegative = _GreaterThanEq(0.0)
interval = _Interval
half_open_interval = _HalfOpenInterval
unit_interval = _Interval(0.0, 1.0)
simplex = _Simplex()
one_hot = _OneHot()
multinomial = _Multinomial
lower_triangular = _LowerTriangular()
lower_cholesky = _LowerCholesky()
positive_definite = _PositiveDefinite()

__all__ = [
    "Constraint",
    "boolean",
    "dependent",
    "dependent_property",
    "greater_than",
    "greater_than_eq",
    "half_open_interval",
    "independent",
    "integer_interval",
    "interval",
    "is_dependent",
    "less_than",
    "lower_cholesky",
    "lower_triangular",
    "multinomial",
    "nonnegative",
    "nonnegative_integer",
    "one_hot",
    "positive",
    "positive_definite",
    "positive_integer",
    "real",
    "real_vector",
    "simplex",
    "unit_interval",
]
