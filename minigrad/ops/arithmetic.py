"""Arithmetic: sums, products, quotients and remainders, signs."""
from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.rule import Rule, on
from ..autograd.variable import TensorBase
from .family import Number, binary, floating, invalid_combination, promoted, refuse, unary
from .masking import Zero

if TYPE_CHECKING:
    from ..tensor import Tensor


# ---- sums


class Add(Rule):
    """input + other, with broadcasting."""

    def forward(a, b):
        return a + b  # of truth values: or

    def grad_a(grad):
        return grad

    def grad_b(grad):
        return grad


class AddScaled(Rule):
    """input + alpha * other."""

    node_name = "AddBackward0"
    tier = "T3"  # PyTorch multiplies and adds with one rounding

    def forward(a, b, *, alpha):
        check_alpha(alpha, a.dtype.kind)
        return a + dtypes.converted(alpha, a.dtype) * b

    def grad_a(grad):
        return grad

    def grad_b(grad, alpha):
        return grad * alpha


class Sub(Rule):
    """input - other, with broadcasting."""

    def forward(a, b):
        return a - b

    def grad_a(grad):
        return grad

    def grad_b(grad):
        return -grad


class SubScaled(Rule):
    """input - alpha * other."""

    node_name = "SubBackward0"
    tier = "T3"

    def forward(a, b, *, alpha):
        check_alpha(alpha, a.dtype.kind)
        return a - dtypes.converted(alpha, a.dtype) * b

    def grad_a(grad):
        return grad

    def grad_b(grad, alpha):
        return -grad * alpha


class RSubNumber(Rule):
    """other - input, for a number `other`."""

    node_name = "RsubBackward1"

    def forward(a, b):
        return b - a

    def grad_a(grad):
        return -grad


class RSub(RSubNumber):
    """other - input."""

    node_name = "RsubBackward0"

    def grad_b(grad):
        return grad


# ---- products and quotients


class Mul(Rule):
    """input * other, with broadcasting."""

    def forward(a, b):
        return a * b

    def grad_a(grad, b):
        return grad * b

    def grad_b(grad, a):
        return grad * a


class Div(Rule):
    """input / other, with broadcasting. Integers divide as floats."""

    def forward(a, b):
        return a / b

    def grad_a(grad, b):
        return grad / b

    def grad_b(grad, a, b):
        return -grad * ((a / b) / b)


class DivRounded(Rule):
    """input / other, rounded down ("floor") or towards zero ("trunc"); its derivative is zero."""

    node_name = "DivBackward2"

    def forward(a, b, *, rounding_mode):
        refuse(f"div_{rounding_mode}_cpu", "b", a)
        if a.dtype.kind == "f":
            return np.trunc(a / b) if rounding_mode == "trunc" else np.where(b == 0, a / b, np.floor_divide(a, b))
        check_divisor(b)
        return np.floor_divide(a - np.fmod(a, b) if rounding_mode == "trunc" else a, b)

    def grad_a(grad):
        return on(Zero, grad)

    def grad_b(grad):
        return on(Zero, grad)


class Floor_Divide(DivRounded):
    """The floor of input / other: the operator //. PyTorch does not differentiate it."""

    node_name = "NotImplemented"

    def forward(a, b):
        return DivRounded.forward(a, b, rounding_mode="floor")

    def grad_a(grad):
        raise RuntimeError("derivative for aten::floor_divide is not implemented")

    def grad_b(grad):
        raise RuntimeError("derivative for aten::floor_divide is not implemented")


class RemainderNumber(Rule):
    """input - floor(input / other) * other, for a number `other`."""

    node_name = "RemainderBackward0"

    def forward(a, b):
        refuse("remainder_cpu", "b", a)
        check_divisor(b)
        rest = np.fmod(a, b)
        return np.where((rest != 0) & ((b < 0) != (rest < 0)), rest + b, rest)

    def grad_a(grad):
        return grad


class Remainder(RemainderNumber):
    """input - floor(input / other) * other: Python's %, with the sign of other."""

    node_name = "RemainderBackward1"

    def grad_b(grad, a, b):
        return -grad * on(DivRounded, a, b, rounding_mode="floor")


class FModNumber(Rule):
    """input - trunc(input / other) * other, for a number `other`."""

    node_name = "FmodBackward0"

    def forward(a, b):
        refuse("fmod_cpu", "b", a)
        check_divisor(b)
        return np.fmod(a, b)

    def grad_a(grad):
        return grad


class FMod(FModNumber):
    """input - trunc(input / other) * other, with the sign of input."""

    node_name = "FmodBackward1"

    def grad_b(grad, a, b):
        return -grad * on(DivRounded, a, b, rounding_mode="trunc")


def check_divisor(b: np.ndarray) -> None:
    """Integers have no infinity to divide by zero to."""
    if b.dtype.kind != "f" and not b.all():
        raise RuntimeError("ZeroDivisionError")


class Reciprocal(Rule):
    """1 / input."""

    def forward(x):
        return 1 / x

    def grad_x(grad, out):
        return -grad * (out * out)


# ---- signs


class Neg(Rule):
    """-input."""

    def forward(x):
        if x.dtype == bool:
            raise RuntimeError(
                "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or "
                "`logical_not()` operator instead."
            )
        return -x

    def grad_x(grad):
        return -grad


class Abs(Rule):
    """|input|. Its derivative at 0 is 0."""

    def forward(x):
        refuse("abs_cpu", "b", x)
        return np.abs(x)

    def grad_x(grad, x):
        return grad * on(Sign, x)


class Sign(Rule):
    """-1, 0 or 1; of NaN, 0."""

    def forward(x):
        if x.dtype.kind == "f":
            return np.nan_to_num(np.sign(x))
        return x.copy() if x.dtype == bool else np.sign(x)

    def grad_x(grad):
        return on(Zero, grad)


class Deg2Rad(Rule):
    """Degrees as radians."""

    def forward(x):
        return x * x.dtype.type(math.pi / 180)

    def grad_x(grad):
        return grad * (math.pi / 180)


class Rad2Deg(Rule):
    """Radians as degrees."""

    def forward(x):
        return x * x.dtype.type(180 / math.pi)

    def grad_x(grad):
        return grad * (180 / math.pi)


# ---- functions made from the rules


def subtractable(*operands: Any, name: str = "") -> list[Tensor]:
    """`promoted`, for operands that are no bools."""
    bools = [isinstance(x, bool) or (isinstance(x, TensorBase) and x.array.dtype == bool) for x in operands]
    if all(bools):
        raise RuntimeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead."
        )
    if True in bools:
        raise RuntimeError(
            "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` "
            "or `logical_not()` operator instead."
        )
    return promoted(*operands, name=name)


_add, _add_, add_operator, _ = binary(Add)
_add_scaled, _add_scaled_ = binary(AddScaled, name="add")[:2]
_sub, _sub_, sub_operator, _ = binary(Sub, subtractable, "iuf")
_sub_scaled, _sub_scaled_ = binary(SubScaled, subtractable, "iuf", name="sub")[:2]
_rsub, _, rsub_operator, _ = binary(RSub, subtractable, "iuf", RSubNumber)
mul, mul_, mul_operator, _ = binary(Mul)
_div, _div_, div_operator, _ = binary(Div, floating, "f")
_div_rounded, _div_rounded_ = binary(DivRounded, name="div")[:2]
floor_divide, floor_divide_, floor_divide_operator, rfloor_divide_operator = binary(Floor_Divide)
remainder, remainder_, remainder_operator, rremainder_operator = binary(Remainder, number=RemainderNumber, numbers="one")
fmod, fmod_ = binary(FMod, number=FModNumber, numbers="second")[:2]
radd_operator, rmul_operator = add_operator, mul_operator
reciprocal, reciprocal_ = unary(Reciprocal)
neg, neg_ = unary(Neg, floating=False)
abs, abs_ = unary(Abs, floating=False)
sign, sign_ = unary(Sign, floating=False)
deg2rad, deg2rad_ = unary(Deg2Rad)
rad2deg, rad2deg_ = unary(Rad2Deg)


# ---- functions with more arguments


def check_alpha(alpha: Any, kind: str) -> None:
    """What may scale an operand, in a sum of a kind of dtype."""
    if isinstance(alpha, bool) and kind != "b":
        raise RuntimeError("Boolean alpha only supported for Boolean results.")
    if isinstance(alpha, float) and kind != "f":
        raise RuntimeError("For integral input tensors, argument alpha must not be a floating point number.")


def scale(alpha: Any, name: str) -> Any:
    """What an operand is multiplied by; None if it is not."""
    if isinstance(alpha, TensorBase) and not alpha.array.ndim:
        alpha = alpha.array.item()
    if not isinstance(alpha, Number):
        raise TypeError(f"{name}(): argument 'alpha' must be Number, not {type(alpha).__name__}")
    return None if alpha == 1 and alpha is not True else alpha


def add(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """input + alpha * other, with broadcasting and promotion. Mirrors torch.add."""
    factor = scale(alpha, "add")
    return _add(input, other) if factor is None else _add_scaled(input, other, alpha=factor)


def add_(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """input += alpha * other, in place."""
    factor = scale(alpha, "add_")
    return _add_(input, other) if factor is None else _add_scaled_(input, other, alpha=factor)


def sub(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """input - alpha * other, with broadcasting and promotion. Mirrors torch.sub."""
    factor = scale(alpha, "sub")
    return _sub(input, other) if factor is None else _sub_scaled(input, other, alpha=factor)


def sub_(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """input -= alpha * other, in place."""
    factor = scale(alpha, "sub_")
    return _sub_(input, other) if factor is None else _sub_scaled_(input, other, alpha=factor)


def rsub(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """other - alpha * input. Mirrors torch.rsub."""
    if not isinstance(input, TensorBase):
        raise invalid_combination("rsub", input, other)
    factor = scale(alpha, "rsub")
    return _rsub(input, other) if factor is None else _sub_scaled(other, input, alpha=factor)


def div(input: Tensor, other: Any, *, rounding_mode: str | None = None) -> Tensor:
    """input / other: true division, or rounded by "floor" or "trunc". Mirrors torch.div."""
    if rounding_mode is None:
        return _div(input, other)
    return _div_rounded(input, other, rounding_mode=checked_rounding(rounding_mode))


def div_(input: Tensor, other: Any, *, rounding_mode: str | None = None) -> Tensor:
    """`div`, in place."""
    if rounding_mode is None:
        return _div_(input, other)
    return _div_rounded_(input, other, rounding_mode=checked_rounding(rounding_mode))


def checked_rounding(mode: str) -> str:
    if mode not in ("floor", "trunc"):
        raise RuntimeError(f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{mode}'")
    return mode


def rdiv_operator(self: Tensor, other: Any) -> Any:
    """other / self, as PyTorch computes it: the reciprocal, times other."""
    return mul_operator(reciprocal(self), other) if not isinstance(other, TensorBase) else div(other, self)  # type: ignore[arg-type]


subtract, multiply, divide, true_divide = sub, mul, div, div
negative, absolute, sgn = neg, abs, sign


def positive(input: Tensor) -> Tensor:
    """The tensor itself. Mirrors torch.positive."""
    if input.array.dtype == bool:
        raise RuntimeError("The `+` operator, on a bool tensor is not supported.")
    return input
