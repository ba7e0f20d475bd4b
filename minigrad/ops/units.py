"""More activation functions: smooth ones (GELU, Mish, CELU, ...), and their piecewise linear cousins."""
from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.inplace import inplace as in_place
from ..autograd.rule import Rule, apply, on
from .activation import Hardtanh
from .elementary import Sigmoid
from .error_function import erf
from .family import refuse
from .masking import Kept, Where
from .pieces import in_pieces
from .precision import wide
from .special import Erf

if TYPE_CHECKING:
    from ..tensor import Tensor

SELU_ALPHA, SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946
LINEAR, CUBIC = math.sqrt(2 / math.pi), 0.044715 * math.sqrt(2 / math.pi)  # of the polynomial in GELU's tanh
SIXTH = float(np.float32(1 / 6))  # PyTorch's, in whatever dtype


class Gelu(Rule):
    """x Φ(x), where Φ is the normal distribution's cdf; or with tanh in its place, which comes close."""

    tier = "T3"

    def forward(x, *, approximate):
        refuse("GeluKernelImpl", "biu", x)
        return in_pieces(gelu_by_tanh if approximate == "tanh" else gelu_by_erf, x)

    def grad_x(grad, x, approximate):
        return in_pieces(slope_by_tanh if approximate == "tanh" else slope_by_erf, grad, x)


def gelu_by_erf(x: Any) -> Any:
    w = x.astype(np.float64, copy=False)
    return (0.5 * w * (1 + erf(w * (1 / math.sqrt(2)), x.dtype))).astype(x.dtype, copy=False)


def gelu_by_tanh(x: Any) -> Any:
    w = x.astype(np.float32) if x.dtype == np.float16 else x
    return (w * (0.5 + 0.5 * bend(w))).astype(x.dtype, copy=False)


def slope_by_erf(grad: Any, x: Any) -> Any:
    density = np.exp(-0.5 * (x * x)) * (1 / math.sqrt(2 * math.pi))
    return grad * (0.5 * (1 + on(Erf, x * (1 / math.sqrt(2)))) + x * density)


def slope_by_tanh(grad: Any, x: Any) -> Any:
    t = bend(x)
    return grad * ((0.5 + 0.5 * t) * (1 + (1 - t) * x * (LINEAR + 3 * CUBIC * (x * x))))


def bend(x: Any) -> Any:
    """The tanh that comes close to erf(x / sqrt 2)."""
    return np.tanh(x * (LINEAR + CUBIC * (x * x)))


class Mish(Rule):
    """x tanh(log(1 + e^x))."""

    tier = "T3"

    def forward(x):
        refuse("mish_cpu", "biu", x)
        w = x.astype(np.float64, copy=False)
        return (w * np.tanh(np.logaddexp(0, w))).astype(x.dtype, copy=False)

    def grad_x(grad, x):
        held = on(Hardtanh, x, min_val=-np.inf, max_val=20.0)  # above it, tanh is 1
        t = np.tanh(np.log1p(np.exp(held)))
        return grad * (t + x * (1 - t * t) * on(Sigmoid, x))


class Selu(Rule):
    """scale * (x where positive, alpha * (e^x - 1) elsewhere)."""

    node_name = "EluBackward0"
    tier = "T3"

    def forward(x):
        refuse("elu_cpu", "biu", x)
        scale = x.dtype.type(SELU_SCALE)
        return np.where(x > 0, x * scale, wide(np.expm1, np.minimum(0, x)) * x.dtype.type(SELU_ALPHA * SELU_SCALE))

    def grad_x(grad, x):
        below = np.exp(on(Hardtanh, x, min_val=-np.inf, max_val=0.0)) * (SELU_ALPHA * SELU_SCALE)
        return on(Where, x > 0, grad * SELU_SCALE, grad * below)


class Celu(Rule):
    """x where positive, alpha * (e^(x / alpha) - 1) elsewhere."""

    tier = "T3"

    def forward(x, *, alpha):
        refuse("elu_cpu", "biu", x)
        a = x.dtype.type(alpha)
        return np.where(x > 0, x, wide(np.expm1, np.minimum(0, x) / a) * a)

    def grad_x(grad, x, alpha):
        inverse = 1 / float(np.float32(alpha))  # as PyTorch has it
        return on(Where, x > 0, grad, grad * (inverse * alpha) * np.exp(on(Hardtanh, x, min_val=-np.inf, max_val=0.0) * inverse))


class Hardswish(Rule):
    """x relu6(x + 3) / 6."""

    tier = "T2"

    def forward(x):
        refuse("hardswish_cpu", "biu", x)
        return x * np.clip(x + 3, 0, 6) / 6

    def grad_x(grad, x):
        inside = grad * (x / 3 + 0.5)
        return on(Kept, on(Where, x >= 3, grad, inside), ~(x <= -3))


class Hardsigmoid(Rule):
    """relu6(x + 3) / 6."""

    tier = "T2"

    def forward(x):
        refuse("hardsigmoid_cpu", "biu", x)
        return np.clip(x + 3, 0, 6) / 6

    def grad_x(grad, x):
        return on(Kept, grad * SIXTH, (x > -3) & (x < 3))


class Hardshrink(Rule):
    """0 within [-lambd, lambd], x outside."""

    def forward(x, *, lambd):
        refuse("hardshrink_cpu", "biu", x)
        return np.where((x >= -lambd) & (x <= lambd), x.dtype.type(0), x)

    def grad_x(grad, x, lambd):
        return on(Kept, grad, (x < -lambd) | (x > lambd))


class Softshrink(Rule):
    """x - lambd above lambd, x + lambd below -lambd, 0 between."""

    tier = "T1"  # of a negative number near 0 PyTorch makes 0.0 in its vectors, and -0.0 in the rest that fills none

    def forward(x, *, lambd):
        refuse("softshrink_check", "biu", x)
        shift = x.dtype.type(lambd)
        return np.where(x > lambd, x - shift, np.where(x < -lambd, x + shift, x * x.dtype.type(0)))

    def grad_x(grad, x, lambd):
        return on(Kept, grad, (x < -lambd) | (x > lambd))


class Threshold(Rule):
    """x where above the threshold, `value` elsewhere."""

    def forward(x, *, threshold, value):
        return np.where(x <= threshold, np.asarray(value).astype(x.dtype), x)

    def grad_x(grad, x, threshold):
        return on(Kept, grad, ~(x <= threshold))


class LogSigmoid(Rule):
    """log(1 / (1 + e^-x)), without overflow."""

    tier = "T3"

    def forward(x):
        refuse("log_sigmoid_cpu", "biu", x)
        w = x.astype(np.float64, copy=False)
        return (np.minimum(w, 0) - np.log1p(np.exp(-np.abs(w)))).astype(x.dtype, copy=False)

    def grad_x(grad, x):
        return grad * on(Sigmoid, -x)


class SeluInPlace(Selu):
    """Selu, in place."""

    node_name = "EluBackward1"


class CeluInPlace(Celu):
    """Celu, in place."""

    node_name = "CeluBackward1"


class ThresholdInPlace(Threshold):
    """Threshold, in place."""

    node_name = "ThresholdBackward1"


IN_PLACE: dict[type[Rule], type[Rule]] = {Selu: SeluInPlace, Celu: CeluInPlace, Threshold: ThresholdInPlace}

# ---- functions


def gelu(input: Tensor, *, approximate: str = "none") -> Tensor:
    """x Φ(x): Hendrycks & Gimpel 2016. Mirrors torch.nn.functional.gelu."""
    if approximate not in ("none", "tanh"):
        raise RuntimeError("approximate argument must be either none or tanh.")
    return apply(Gelu, input, approximate=approximate)


def either(rule: type[Rule], input: Tensor, inplace: bool, **settings: Any) -> Tensor:
    """The function, or its in-place form."""
    return in_place(IN_PLACE.get(rule, rule), input, **settings) if inplace else apply(rule, input, **settings)


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """scale * elu(x, alpha), which keeps mean 0 and variance 1: Klambauer et al. 2017. Mirrors torch.nn.functional.selu."""
    return either(Selu, input, inplace)


def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """x where positive, alpha (e^(x / alpha) - 1) elsewhere: Barron 2017. Mirrors torch.nn.functional.celu."""
    if alpha == 0:
        raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU")
    return either(Celu, input, inplace, alpha=alpha)


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """x tanh(softplus(x)): Misra 2019. Mirrors torch.nn.functional.mish."""
    return either(Mish, input, inplace)


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """x relu6(x + 3) / 6: Howard et al. 2019. Mirrors torch.nn.functional.hardswish."""
    return either(Hardswish, input, inplace)


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """relu6(x + 3) / 6. Mirrors torch.nn.functional.hardsigmoid."""
    return either(Hardsigmoid, input, inplace)


def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """0 within [-lambd, lambd], x outside. Mirrors torch.nn.functional.hardshrink."""
    return apply(Hardshrink, input, lambd=lambd)


def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """x moved towards 0 by lambd, and no further. Mirrors torch.nn.functional.softshrink."""
    refuse("softshrink_check", "biu", input.array)
    if not 0 <= lambd:
        most = f"{np.finfo(input.array.dtype).max:g}"
        raise RuntimeError(f"lambda must be in range [0, {most}] for input dtype {input.dtype.scalar_name}, but found {lambd:g}")
    return apply(Softshrink, input, lambd=lambd)


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """x where above the threshold, `value` elsewhere. Mirrors torch.nn.functional.threshold."""
    return either(Threshold, input, inplace, threshold=threshold, value=value)


def logsigmoid(input: Tensor) -> Tensor:
    """log σ(x). Mirrors torch.nn.functional.logsigmoid."""
    return apply(LogSigmoid, input)
