"""What describes a sample: differences of neighbours, covariances, correlations, and histograms."""
from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.variable import wrap
from .axes import t
from .compare import logical_xor
from .copies import copy_
from .extremes import clamp
from .family import normalize_dim, refuse
from .linalg import mm
from .parts import cat, diagonal, narrow
from .powers import sqrt
from .reduce import sum as total
from .shape import squeeze, unsqueeze, view

if TYPE_CHECKING:
    from ..tensor import Tensor


def diff(input: Tensor, n: int = 1, dim: int = -1, prepend: Tensor | None = None, append: Tensor | None = None) -> Tensor:
    """The n-th differences of neighbours along a dimension. Mirrors torch.diff."""
    shape = input.array.shape
    if not shape:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    d = normalize_dim(dim, len(shape))
    for end in (prepend, append):
        if end is None:
            continue
        if end.array.ndim != len(shape):
            raise RuntimeError("diff expects prepend or append to be the same dimension as input")
        for i, (have, given) in enumerate(zip(shape, end.array.shape)):
            if have != given and i != d:
                raise RuntimeError(
                    "diff expects the shape of tensor to prepend or append to match that of input except along the differencing "
                    f"dimension; input.size({i}) = {have}, but got tensor.size({i}) = {given}"
                )
    if not n:
        return copy_(wrap(np.zeros_like(input.array)), input)
    ends = [x for x in (prepend, input, append) if x is not None]
    x = cat(ends, d) if len(ends) > 1 else input
    for _ in range(min(n, x.array.shape[d])):
        count = max(x.array.shape[d] - 1, 0)
        later, earlier = narrow(x, d, 1, count), narrow(x, d, 0, count)
        x = logical_xor(later, earlier) if x.array.dtype == bool else later - earlier
    return x


def cov(input: Tensor, *, correction: Any = 1, fweights: Tensor | None = None, aweights: Tensor | None = None) -> Tensor:
    """The covariances of variables (rows) over observations (columns), which may count several times (fweights) or be of
    different weight (aweights). Mirrors torch.cov."""
    check_sample("cov", input)
    if input.array.dtype == bool:
        raise RuntimeError("cov(): bool dtype is not supported for input")
    x = view(input, 1, -1) if input.array.ndim < 2 else input
    count = x.array.shape[1]
    weights: Any = None
    for name, given, kinds, wanted in (("fweights", fweights, "iu", "integral"), ("aweights", aweights, "f", "floating point")):
        if given is None:
            continue
        w = given.array
        if w.ndim > 1:
            raise RuntimeError(f"cov(): expected {name} to have one or fewer dimensions but got {name} with {w.ndim} dimensions")
        if w.dtype.kind not in kinds:
            raise RuntimeError(f"cov(): expected {name} to have {wanted} dtype but got {name} with {given.dtype.scalar_name} dtype")
        if w.size != count:
            raise RuntimeError(f"cov(): expected {name} to have the same numel as there are observations in the input but got {w.size} != {count}")
        if (w < 0).any():
            raise RuntimeError(f"cov(): {name} cannot be negative")
        weights = given if weights is None else weights * given
    whole: Any = count if weights is None else total(weights)
    if weights is not None and not whole.array:
        raise RuntimeError("cov(): weights sum to zero, can't be normalized")

    def weighted(y: Tensor) -> Tensor:
        return y if weights is None else y * weights

    mean = total(weighted(x), 1) / whole
    freedom = whole - correction
    if aweights is not None and correction:
        freedom = whole - correction * total(weights * aweights) / whole
    if freedom <= 0:
        warnings.warn(
            "cov(): degrees of freedom is <= 0. Correction should be strictly less than the number of observations.", stacklevel=2
        )
        freedom = freedom * 0
    x = x - unsqueeze(mean, 1)
    return squeeze(mm(x, t(weighted(x))) / freedom)


def corrcoef(input: Tensor) -> Tensor:
    """The correlations of variables (rows) over observations (columns). Mirrors torch.corrcoef."""
    check_sample("corrcoef", input)
    c = cov(input)
    if not c.array.ndim:
        return c / c
    deviation = sqrt(diagonal(c))
    return clamp(c / view(deviation, -1, 1) / view(deviation, 1, -1), -1, 1)


def check_sample(name: str, input: Tensor) -> None:
    if input.array.ndim > 2:
        raise RuntimeError(f"{name}(): expected input to have two or fewer dimensions but got an input with {input.array.ndim} dimensions")


def histc(input: Tensor, bins: int = 100, min: Any = 0, max: Any = 0) -> Tensor:
    """How many elements lie in each of `bins` equal parts of [min, max], or of the input's own range. Mirrors torch.histc."""
    x = input.array
    refuse("histogram_cpu", "biu", x)
    if bins <= 0:
        raise RuntimeError(f"torch.histogram(): bins must be > 0, but got {bins} for dimension 0")
    low, high = [x.dtype.type(bound) for bound in (min, max)]
    if low == high and x.size:
        low, high = x.min(), x.max()
    if low == high:
        low, high = low - 1, high + 1
    if not (np.isfinite(low) and np.isfinite(high)):
        raise RuntimeError(f"torch.histc: range of [{low}, {high}] is not finite")
    if low > high:
        raise RuntimeError("torch.histc: max must be larger than min")
    inside = x[(x >= low) & (x <= high)]
    place = ((inside - low) * x.dtype.type(bins) / (high - low)).astype(np.int64)
    return wrap(np.bincount(np.minimum(place, bins - 1), minlength=bins).astype(x.dtype))
