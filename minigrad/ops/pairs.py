"""Functions of two tensors beyond arithmetic: atan2, hypot, logaddexp, the extremes that pass over NaN, and a few more."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.rule import Rule, on
from ..autograd.variable import TensorBase
from .copies import into
from .family import binary, cast, check_operands, floating, of_tensors, refuse
from .masking import Kept, Zero
from .powers import pow
from .precision import wide

if TYPE_CHECKING:
    from ..tensor import Tensor


class Atan2(Rule):
    """The angle of the point (other, input): atan(input / other) in its quadrant."""

    tier = "T1"

    def forward(a, b):
        return wide(np.arctan2, a, b)

    def grad_a(grad, a, b):
        square = a * a + b * b
        return grad * b * on(Kept, 1 / square, square != 0)

    def grad_b(grad, a, b):
        square = a * a + b * b
        return grad * -a * on(Kept, 1 / square, square != 0)


class Hypot(Rule):
    """sqrt(input² + other²), without overflow."""

    tier = "T1"

    def forward(a, b):
        refuse("hypot_cpu", "biu", a)
        return wide(np.hypot, a, b)

    def grad_a(grad, a, out):
        return grad * (a / out)

    def grad_b(grad, b, out):
        return grad * (b / out)


class CopySign(Rule):
    """|input| with the sign of other."""

    node_name = "CopysignBackward0"

    def forward(a, b):
        return np.copysign(a, b)

    def grad_a(grad, a, out):
        return grad * on(Kept, out / a, a != 0)

    def grad_b(grad):
        return on(Zero, grad)


class LogAddExp(Rule):
    """log(exp(input) + exp(other))."""

    node_name = "LogaddexpBackward0"
    tier = "T3"  # near zero the sum of the logarithms cancels

    def forward(a, b):
        return wide(np.logaddexp, a, b)

    def grad_a(grad, a, b):
        return grad / (1 + np.exp(b - a))

    def grad_b(grad, a, b):
        return grad / (1 + np.exp(a - b))


class LogAddExp2(Rule):
    """log2(2^input + 2^other)."""

    node_name = "Logaddexp2Backward0"
    tier = "T3"  # near zero the sum of the logarithms cancels

    def forward(a, b):
        return wide(np.logaddexp2, a, b)

    def grad_a(grad, a, b):
        return grad / (1 + 2.0 ** (b - a))

    def grad_b(grad, a, b):
        return grad / (1 + 2.0 ** (a - b))


class FMax(Rule):
    """The larger of two, where NaN counts as missing. The first of equals has the gradient."""

    def forward(a, b):
        return np.fmax(a, b)

    def grad_a(grad, a, b):
        return on(Kept, grad, (a >= b) | (b != b))

    def grad_b(grad, a, b):
        return on(Kept, grad, ~((a >= b) | (b != b)))


class FMin(Rule):
    """The smaller of two, where NaN counts as missing. The first of equals has the gradient."""

    def forward(a, b):
        return np.fmin(a, b)

    def grad_a(grad, a, b):
        return on(Kept, grad, (a <= b) | (b != b))

    def grad_b(grad, a, b):
        return on(Kept, grad, ~((a <= b) | (b != b)))


class Heaviside(Rule):
    """0 below zero, 1 above, and `values` at zero."""

    def forward(a, b):
        return np.where(a == 0, b, a > 0).astype(a.dtype)


class NextAfter(Rule):
    """The next number after input, on the way to other."""

    def forward(a, b):
        refuse("nextafter_cpu", "biu", a)
        return np.nextafter(a, b)

    def grad_a(grad):
        return grad

    def grad_b(grad):
        return on(Zero, grad)


class Gcd(Rule):
    """The greatest common divisor."""

    def forward(a, b):
        refuse("gcd_cpu", "bf", a)
        return np.gcd(a, b)


class Lcm(Rule):
    """The least common multiple."""

    def forward(a, b):
        refuse("lcm_cpu", "bf", a)
        return np.lcm(a, b)


def of_floats(*operands: Any, name: str = "") -> list[Tensor]:
    """`floating`, for operations that take no numbers."""
    return floating(*of_tensors(*operands, name=name))


def of_one_dtype(*operands: Any, name: str = "") -> list[Tensor]:
    """Tensors that must agree in their dtype."""
    a, b = of_tensors(*operands, name=f"{name}(input, values)")
    if operands[0].array.dtype != operands[1].array.dtype:
        raise RuntimeError("heaviside is not yet implemented for tensors with different dtypes.")
    return [a, b]


atan2, atan2_ = binary(Atan2, of_floats, "f")[:2]
hypot, hypot_ = binary(Hypot, of_tensors)[:2]
copysign, copysign_ = binary(CopySign, floating, "f", numbers="second")[:2]
logaddexp = binary(LogAddExp, of_floats, "f")[0]
logaddexp2 = binary(LogAddExp2, of_floats, "f")[0]
fmax, fmin = binary(FMax, of_tensors)[0], binary(FMin, of_tensors)[0]
heaviside, heaviside_ = binary(Heaviside, of_one_dtype)[:2]
nextafter, nextafter_ = binary(NextAfter, of_tensors)[:2]
gcd, gcd_ = binary(Gcd, of_tensors)[:2]
lcm, lcm_ = binary(Lcm, of_tensors)[:2]
arctan2, arctan2_ = atan2, atan2_


def float_power(input: Any, exponent: Any) -> Tensor:
    """input ** exponent in float64. Mirrors torch.float_power."""
    check_operands("float_power", input, exponent, "one")
    operands = [cast(x, np.dtype(np.float64)) if isinstance(x, TensorBase) else x for x in (input, exponent)]
    return pow(*operands)


def float_power_(input: Tensor, exponent: Any) -> Tensor:
    """`float_power`, in place, of a float64."""
    if input.array.dtype != np.float64:
        raise RuntimeError(
            f"the base given to float_power_ has dtype {input.dtype.scalar_name} but the operation's result requires dtype Double"
        )
    return into(input, float_power, exponent)


def ldexp(input: Tensor, other: Tensor) -> Tensor:
    """input * 2^other. Mirrors torch.ldexp."""
    of_tensors(input, other, name="ldexp")
    return input * pow(2.0, other)
