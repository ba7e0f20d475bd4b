"""Gamma and Dirichlet samples with gradients: how a sample would move if its parameter did, at the same quantile.

With the cumulative distribution F and the density f, that is dx/dα = -(∂F/∂α) / f at x: "Implicit reparameterization gradients",
Figurnov et al. 2018. PyTorch has approximations of it, good to three or four digits; here it is an integral, computed to ten.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.function import Function, once_differentiable
from ..autograd.grad_mode import quiet
from ..autograd.rule import Rule, apply, on
from ..autograd.variable import wrap
from ..random import Generator
from ..random.rejection import gamma
from .cascade import row_sums
from .family import refuse
from .filling import stream
from .special import digammas

if TYPE_CHECKING:
    from ..tensor import Tensor


class StandardGamma(Rule):
    """Gamma numbers of scale 1 with the shape parameters x."""

    def forward(x, *, draw):
        return draw(np.asarray(x, order="C"))

    def grad_x(grad, x, out):
        return grad * on(GammaGradient, x, out)


class GammaGradient(Rule):
    """How gamma samples move with their shape parameters."""

    def forward(shape, sample):
        return gamma_gradient(*[a.astype(np.float64) for a in (shape, sample)]).astype(shape.dtype)

    def grad_shape(grad):
        raise NotImplementedError("the derivative for '_standard_gamma_grad' is not implemented.")

    def grad_sample(grad):
        raise NotImplementedError("the derivative for '_standard_gamma_grad' is not implemented.")


class _Dirichlet(Function):
    """Dirichlet numbers with the concentrations in the last dimension."""

    @staticmethod
    def forward(ctx: Any, concentration: Any, source: Generator) -> Any:
        shares = gamma(source, np.asarray(concentration.array, np.float64, order="C"))
        dtype = concentration.array.dtype
        shares = (shares / row_sums(shares)).astype(dtype)
        sample = wrap(np.clip(shares, np.finfo(dtype).tiny, np.nextafter(dtype.type(1), dtype.type(0))))
        ctx.save_for_backward(sample, concentration)
        return sample

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Any) -> Any:
        """A share moves with its concentration, and the other shares make room."""
        sample, concentration = ctx.saved_tensors
        a, x = [tensor.array.astype(np.float64) for tensor in (concentration, sample)]
        moved = beta_gradient(a, a.sum(-1, keepdims=True) - a, x) / (1 - x)
        return wrap(moved.astype(sample.array.dtype)) * (grad - (sample * grad).sum(-1, True)), None


def standard_gamma(input: Tensor, generator: Generator | None = None) -> Tensor:
    """Gamma numbers of scale 1; the gradient is that of the samples. Mirrors torch._standard_gamma."""
    refuse("gamma_cpu", "biu", input.array)
    source = stream(generator, "_standard_gamma")
    return apply(StandardGamma, input, draw=lambda x: gamma(source, x))


def sample_dirichlet(input: Tensor, generator: Generator | None = None) -> Tensor:
    """Dirichlet numbers; the gradient is that of the samples. Mirrors torch._sample_dirichlet."""
    refuse("dirichlet", "biu", input.array)
    return _Dirichlet.apply(input, stream(generator, "_sample_dirichlet"))


# ---- the integrals. Those from 0 to x are taken where x is below the mean, those beyond x (which are as large) elsewhere.


def gamma_gradient(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """With t = x e^-r below x, and x e^r beyond it."""
    below = x < a
    sign = np.where(below, -1.0, 1.0)
    mean_log, log_x = digammas(a), np.log(x)

    def integrand(r: np.ndarray) -> np.ndarray:
        moved = sign * r
        return (log_x + moved - mean_log) * np.exp(a * moved - x * np.expm1(moved))

    return sign * x * integral(integrand, 1 / (np.abs(a - x) + np.sqrt(a)))


def beta_gradient(a: np.ndarray, b: np.ndarray, x: np.ndarray) -> np.ndarray:
    """With t = x e^-r below x, and 1 - t = (1 - x) e^-r beyond it."""
    below = x * (a + b) < a
    mean_log = digammas(a) - digammas(a + b)
    start = np.where(below, x, 1 - x)  # from which t, or 1 - t, falls to 0
    powers = np.where(below, a, b), np.where(below, b, a) - 1

    def integrand(r: np.ndarray) -> np.ndarray:
        rest = -np.expm1(-r) * start  # what t, or 1 - t, has lost
        log_t = np.where(below, np.log(x) - r, np.log1p(-start * np.exp(-r)))
        ratio = np.log1p(rest / (1 - start))
        return (log_t - mean_log) * np.exp(-powers[0] * r + powers[1] * ratio)

    return np.where(below, -1.0, 1.0) * start * integral(integrand, 1 / (powers[0] + np.sqrt(powers[0])))


NODES = np.arange(-4.2, 3.0, 0.06)
POINTS, WEIGHTS = np.exp(np.pi / 2 * np.sinh(NODES)), 0.06 * np.pi / 2 * np.cosh(NODES)


def integral(integrand: Callable[[np.ndarray], np.ndarray], scale: np.ndarray) -> np.ndarray:
    """From 0 to infinity, of a function that falls within some `scale`: the exp-sinh rule of Takahasi & Mori 1974."""
    total: Any = 0.0
    with quiet():
        for point, weight in zip(POINTS, WEIGHTS):
            value = integrand(point * scale)
            total = total + np.where(np.isfinite(value), value, 0.0) * (weight * point)
    return total * scale
