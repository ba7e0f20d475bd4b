"""Elementwise operations: arithmetic, powers, exponentials, rounding, choices. Each rule is its formula and its derivatives.

Single precision is computed in double and rounded (`wide`) where NumPy's own kernels are less accurate than PyTorch's.
"""
from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.inplace import inplace
from ..autograd.rule import Rule, apply, on
from ..autograd.variable import TensorBase
from .family import (
    Number,
    binary,
    broadcast_error,
    broadcasting,
    cast,
    check_holds,
    constant,
    floating,
    no_operand,
    of_tensors,
    operator,
    promoted,
    refuse,
    unary,
)

if TYPE_CHECKING:
    from ..tensor import Tensor

# ---- kernels


def wide(ufunc: Any, *arrays: np.ndarray) -> np.ndarray:
    """A ufunc computed in double precision; the result is rounded to the inputs' dtype."""
    dtype = arrays[0].dtype
    if dtype == np.float64:
        return ufunc(*arrays)
    return ufunc(*arrays, dtype=np.float64).astype(dtype)


_BITS = {2: np.int16, 4: np.int32, 8: np.int64}


def keep(x: np.ndarray, drop: np.ndarray) -> np.ndarray:
    """x where `drop` is False, and zero elsewhere, even where x is infinite or NaN.

    It masks bits (0 - 1 is all ones): a multiplication would keep NaN, and np.where takes five times as long.
    """
    x = np.asarray(x)
    bits = _BITS[x.dtype.itemsize]
    mask = (np.asarray(drop).view(np.int8) - np.int8(1)).astype(bits)
    mask &= x.view(bits)
    return mask.view(x.dtype)


class Masked(Rule):
    """`x` with zeros where `drop` is True."""

    node_name = "MaskedFillBackward0"

    def forward(x, drop):
        if x.shape != drop.shape:
            x, drop = np.broadcast_arrays(x, drop)
            x = np.ascontiguousarray(x)
        return keep(x, drop) if x.flags.c_contiguous or x.flags.f_contiguous else np.where(drop, x.dtype.type(0), x)

    def grad_x(grad, drop):
        return on(Masked, grad, drop)


class Zero(Rule):
    """Zeros like x: the gradient of what is constant almost everywhere."""

    def forward(x):
        return np.zeros_like(x)


# ---- arithmetic


class Add(Rule):
    """input + other, with broadcasting."""

    def forward(a, b):
        return a | b if a.dtype == bool else a + b

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


class Reciprocal(Rule):
    """1 / input."""

    def forward(x):
        return 1 / x

    def grad_x(grad, out):
        return -grad * (out * out)


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


# ---- powers, exponentials, trigonometry


class Pow(Rule):
    """input to the power of a number. Small powers are products, as in PyTorch."""

    tier = "T1"

    def forward(x, *, exponent):
        special = _POWERS.get(exponent)
        return power(x, np.asarray(exponent, x.dtype)) if special is None else special(x)

    def grad_x(grad, x, exponent):
        return on(Zero, grad) if exponent == 0 else grad * (exponent * on(Pow, x, exponent=exponent - 1))


_POWERS = {
    0: np.ones_like,
    1: np.array,
    2: lambda x: x * x,
    3: lambda x: x * x * x,
    0.5: np.sqrt,
    -0.5: lambda x: 1 / np.sqrt(x),
    -1: lambda x: 1 / x,
    -2: lambda x: 1 / (x * x),
}


class PowTensor(Rule):
    """input to the power of a tensor."""

    node_name = "PowBackward1"
    tier = "T1"

    def forward(a, b):
        refuse("pow", "b", a)
        return power(a, b)

    def grad_a(grad, a, b):
        return on(Masked, grad * (b * a ** (b - 1)), b == 0)

    def grad_b(grad, a, b, out):
        return on(Masked, grad * (out * np.log(a)), (a == 0) & (b >= 0))


class PowScalar(Rule):
    """A number to the power of a tensor."""

    node_name = "PowBackward2"
    tier = "T1"

    def forward(x, *, base):
        refuse("pow", "b", x)
        return power(np.asarray(base, x.dtype), x)

    def grad_x(grad, x, out, base):
        if base == 0:
            return on(Masked, grad * (out * -np.inf), x >= 0)
        return grad * (out * np.log(base).item())


def power(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a ** b. Integers to negative powers are 0, but for 1 and -1."""
    if a.dtype.kind == "f":
        return wide(np.power, a, b)
    return np.where((b < 0) & (np.abs(a) != 1), 0, np.power(a, np.abs(b))).astype(a.dtype, copy=False)


class Sqrt(Rule):
    """The square root."""

    tier = "T1"

    def forward(x):
        return np.sqrt(x)

    def grad_x(grad, out):
        return grad / (2 * out)


class Rsqrt(Rule):
    """1 / sqrt(input)."""

    def forward(x):
        return 1 / np.sqrt(x)

    def grad_x(grad, out):
        return -0.5 * grad * out**3


class Exp(Rule):
    """e to the input; its own derivative, so the output is all it saves."""

    tier = "T1"

    def forward(x):
        return wide(np.exp, x)

    def grad_x(grad, out):
        return grad * out


class Expm1(Rule):
    """exp(input) - 1, accurate near 0."""

    tier = "T1"

    def forward(x):
        return wide(np.expm1, x)

    def grad_x(grad, out):
        return grad * (out + 1)


class Log(Rule):
    """The natural logarithm."""

    tier = "T1"

    def forward(x):
        return wide(np.log, x)

    def grad_x(grad, x):
        return grad / x


class Log1p(Rule):
    """log(1 + input), accurate near 0."""

    node_name = "Log1PBackward0"
    tier = "T1"

    def forward(x):
        return wide(np.log1p, x)

    def grad_x(grad, x):
        return grad / (x + 1)


class Log2(Rule):
    """The logarithm to base 2."""

    tier = "T1"

    def forward(x):
        return wide(np.log2, x)

    def grad_x(grad, x):
        return grad / (x * 0.6931471805599453)


class Log10(Rule):
    """The logarithm to base 10."""

    tier = "T1"

    def forward(x):
        return wide(np.log10, x)

    def grad_x(grad, x):
        return grad / (x * 2.3025850929940456)


class Sin(Rule):
    """The sine."""

    tier = "T1"

    def forward(x):
        return wide(np.sin, x)

    def grad_x(grad, x):
        return grad * on(Cos, x)


class Cos(Rule):
    """The cosine."""

    tier = "T1"

    def forward(x):
        return wide(np.cos, x)

    def grad_x(grad, x):
        return grad * -on(Sin, x)


class Tan(Rule):
    """The tangent."""

    tier = "T1"

    def forward(x):
        return wide(np.tan, x)

    def grad_x(grad, out):
        return grad * (1 + out * out)


class Atan(Rule):
    """The inverse tangent."""

    tier = "T1"

    def forward(x):
        return wide(np.arctan, x)

    def grad_x(grad, x):
        return grad / (x * x + 1)


class Tanh(Rule):
    """The hyperbolic tangent."""

    tier = "T1"

    def forward(x):
        return wide(np.tanh, x)

    def grad_x(grad, out):
        return grad * (1 - out * out)


class Sigmoid(Rule):
    """1 / (1 + exp(-input))."""

    tier = "T2"

    def forward(x):
        wide_x = x.astype(np.float64, copy=False)
        return (1 / (1 + np.exp(-wide_x))).astype(x.dtype, copy=False)

    def grad_x(grad, out):
        return grad * (1 - out) * out


# ---- rounding


class Floor(Rule):
    """The largest integer not above input."""

    def forward(x):
        return rounded(np.floor, x)

    def grad_x(grad):
        return on(Zero, grad)


class Ceil(Floor):
    """The smallest integer not below input."""

    def forward(x):
        return rounded(np.ceil, x)


class Trunc(Floor):
    """input rounded towards zero."""

    def forward(x):
        return rounded(np.trunc, x)


class Round(Floor):
    """input rounded to the nearest integer, halves to the even one."""

    def forward(x):
        return rounded(np.round, x)


class RoundDecimals(Floor):
    """input rounded to a number of decimal places."""

    node_name = "RoundBackward1"

    def forward(x, *, decimals):
        refuse("round_cpu", "biu", x)
        scale = x.dtype.type(10.0 ** (decimals if decimals > 0 else -decimals))
        return np.rint(x * scale) / scale if decimals > 0 else np.rint(x / scale) * scale


def rounded(function: Any, x: np.ndarray) -> np.ndarray:
    if x.dtype.kind == "f":
        return function(x)
    refuse(f"{function.__name__}_vml_cpu", "b", x)
    return x.copy()


# ---- choices


class Maximum(Rule):
    """The larger of two; equal values share the gradient."""

    def forward(a, b):
        return np.maximum(a, b)

    def grad_a(grad, a, b):
        return on(Masked, on(Where, a == b, grad / 2, grad), a < b)

    def grad_b(grad, a, b):
        return on(Masked, on(Where, a == b, grad / 2, grad), a > b)


class Minimum(Rule):
    """The smaller of two; equal values share the gradient."""

    def forward(a, b):
        return np.minimum(a, b)

    def grad_a(grad, a, b):
        return on(Masked, on(Where, a == b, grad / 2, grad), a > b)

    def grad_b(grad, a, b):
        return on(Masked, on(Where, a == b, grad / 2, grad), a < b)


class Clamp(Rule):
    """input held between two numbers, either of which may be missing. On the bounds the derivative is 1."""

    node_name = "ClampBackward1"

    def forward(x, *, min, max):
        if min is not None:
            x = np.maximum(x, dtypes.converted(min, x.dtype))
        return np.minimum(x, dtypes.converted(max, x.dtype)) if max is not None else x

    def grad_x(grad, x, min, max):
        inside = x >= (-np.inf if min is None else min)
        return on(Masked, grad, ~(inside if max is None else inside & (x <= max)))


class ClampTensor(Rule):
    """input held between two tensors."""

    node_name = "ClampBackward0"

    def forward(x, min, max):
        refuse("clamp_cpu", "b", x)
        return np.minimum(np.maximum(x, min), max)

    def grad_x(grad, x, min, max):
        return on(Masked, grad, ~((x >= min) & (x <= max)))

    def grad_min(grad, x, min, max):
        return on(Masked, grad, ~((x < min) & (min < max)))

    def grad_max(grad, x, min, max):
        return on(Masked, grad, ~((x > max) | (max < min)))


class Where(Rule):
    """a where the condition holds, b elsewhere."""

    def forward(condition, a, b):
        return np.where(condition, a, b)

    def grad_a(grad, condition):
        return on(Masked, grad, ~condition)

    def grad_b(grad, condition):
        return on(Masked, grad, condition)


class MaskedFill(Rule):
    """input with a number written where the mask is True."""

    def forward(x, mask, *, value):
        return np.where(mask, dtypes.converted(value, x.dtype), x)

    def grad_x(grad, mask):
        return on(Masked, grad, mask)


class MaskedFillTensor(Rule):
    """input with a 0-dim tensor written where the mask is True."""

    node_name = "MaskedFillBackward1"

    def forward(x, mask, value):
        return np.where(mask, value, x)

    def grad_x(grad, mask):
        return on(Masked, grad, mask)

    def grad_value(grad, mask):
        return on(Masked, grad, ~mask)


class Lerp(Rule):
    """start + weight * (end - start); from weight 0.5 on, counted from the end, as PyTorch does."""

    tier = "T3"  # PyTorch multiplies and adds with one rounding

    def forward(start, end, *, weight):
        refuse("lerp_kernel_scalar", "biu", start)
        return start + weight * (end - start) if -0.5 < weight < 0.5 else end - (end - start) * (1 - weight)

    def grad_start(grad, weight):
        return grad * (1 - weight)

    def grad_end(grad, weight):
        return grad * weight


class LerpTensor(Rule):
    """`Lerp` with a tensor of weights."""

    node_name = "LerpBackward1"
    tier = "T3"

    def forward(start, end, weight):
        refuse("lerp_kernel_tensor", "biu", start)
        return np.where(np.abs(weight) < 0.5, start + weight * (end - start), end - (end - start) * (1 - weight))

    def grad_start(grad, weight):
        return grad * (1 - weight)

    def grad_end(grad, weight):
        return grad * weight

    def grad_weight(grad, start, end):
        return grad * (end - start)


class AddCMul(Rule):
    """input + value * tensor1 * tensor2."""

    node_name = "AddcmulBackward0"
    tier = "T3"  # PyTorch multiplies and adds with one rounding

    def forward(x, a, b, *, value):
        refuse("addcmul_cpu_out", "b", x)
        return x + a.dtype.type(value) * a * b

    def grad_x(grad):
        return grad

    def grad_a(grad, b, value):
        return grad * (b * value)

    def grad_b(grad, a, value):
        return grad * (a * value)


class AddCDiv(Rule):
    """input + value * tensor1 / tensor2."""

    node_name = "AddcdivBackward0"

    def forward(x, a, b, *, value):
        return x + (a.dtype.type(value) * a) / b

    def grad_x(grad):
        return grad

    def grad_a(grad, b, value):
        return grad * (value / b)

    def grad_b(grad, a, b, value):
        return -grad * ((a * value) / (b * b))


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
remainder, remainder_, remainder_operator, rremainder_operator = binary(Remainder, number=RemainderNumber)
fmod, fmod_ = binary(FMod, number=FModNumber)[:2]
_pow, _pow_ = binary(PowTensor, name="pow")[:2]
maximum = binary(Maximum, of_tensors)[0]
minimum = binary(Minimum, of_tensors)[0]
radd_operator, rmul_operator = add_operator, mul_operator

neg, neg_ = unary(Neg, floating=False)
abs, abs_ = unary(Abs, floating=False)
sign, sign_ = unary(Sign, floating=False)
floor, floor_ = unary(Floor, floating=False)
ceil, ceil_ = unary(Ceil, floating=False)
trunc, trunc_ = unary(Trunc, floating=False)
_round, _round_ = unary(Round, floating=False)
reciprocal, reciprocal_ = unary(Reciprocal)
sqrt, sqrt_ = unary(Sqrt)
rsqrt, rsqrt_ = unary(Rsqrt)
exp, exp_ = unary(Exp)
expm1, expm1_ = unary(Expm1)
log, log_ = unary(Log)
log1p, log1p_ = unary(Log1p)
log2, log2_ = unary(Log2)
log10, log10_ = unary(Log10)
sin, sin_ = unary(Sin)
cos, cos_ = unary(Cos)
tan, tan_ = unary(Tan)
atan, atan_ = unary(Atan)
tanh, tanh_ = unary(Tanh)
sigmoid, sigmoid_ = unary(Sigmoid)


# ---- functions with more arguments


def check_alpha(alpha: Any, kind: str) -> None:
    """What may scale an operand, in a sum of a kind of dtype."""
    if isinstance(alpha, bool) and kind != "b":
        raise RuntimeError("Boolean alpha only supported for Boolean results.")
    if isinstance(alpha, float) and kind != "f":
        raise RuntimeError("For integral input tensors, argument alpha must not be a floating point number.")


def is_one(alpha: Any, name: str) -> bool:
    """Whether nothing has to be scaled."""
    if not isinstance(alpha, Number):
        raise TypeError(f"{name}(): argument 'alpha' must be Number, not {type(alpha).__name__}")
    return alpha == 1 and alpha is not True


def add(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """input + alpha * other, with broadcasting and promotion. Mirrors torch.add."""
    return _add(input, other) if is_one(alpha, "add") else _add_scaled(input, other, alpha=alpha)


def add_(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """input += alpha * other, in place."""
    return _add_(input, other) if is_one(alpha, "add_") else _add_scaled_(input, other, alpha=alpha)


def sub(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """input - alpha * other, with broadcasting and promotion. Mirrors torch.sub."""
    return _sub(input, other) if is_one(alpha, "sub") else _sub_scaled(input, other, alpha=alpha)


def sub_(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """input -= alpha * other, in place."""
    return _sub_(input, other) if is_one(alpha, "sub_") else _sub_scaled_(input, other, alpha=alpha)


def rsub(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """other - alpha * input. Mirrors torch.rsub."""
    return _rsub(input, other) if is_one(alpha, "rsub") else _sub_scaled(other, input, alpha=alpha)


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


def pow(input: Any, exponent: Any) -> Tensor:
    """input ** exponent, each a tensor or a number. Mirrors torch.pow."""
    if isinstance(exponent, Number) and isinstance(input, TensorBase):
        return apply(Pow, powered(input, exponent, "pow"), exponent=exponent)  # type: ignore[arg-type]
    if isinstance(input, Number) and isinstance(exponent, TensorBase):
        return apply(PowScalar, promoted(input, exponent)[1], base=input)
    return _pow(input, exponent)


def pow_(input: Tensor, exponent: Any) -> Tensor:
    """input **= exponent, in place."""
    if not isinstance(exponent, Number):
        return _pow_(input, exponent)
    check_holds(input.array.dtype, powered(input, exponent, "pow_").array.dtype)
    return inplace(Pow, input, exponent=exponent)


def powered(input: Tensor, exponent: Any, name: str) -> Tensor:
    """The base in the dtype of its power."""
    base = promoted(input, exponent, name=name)[0]
    if base.array.dtype.kind != "f" and exponent < 0:
        raise RuntimeError("Integers to negative integer powers are not allowed.")
    return base


pow_operator, rpow_operator = operator(pow), operator(pow, reflected=True)


def square(input: Tensor) -> Tensor:
    """input ** 2. Mirrors torch.square."""
    if not isinstance(input, TensorBase):
        raise no_operand("square", 0, input)
    return pow(input, 2)


def round(input: Tensor, *, decimals: int = 0) -> Tensor:
    """input rounded, halves to even. Mirrors torch.round."""
    return apply(RoundDecimals, input, decimals=decimals) if decimals else _round(input)


def round_(input: Tensor, *, decimals: int = 0) -> Tensor:
    """`round`, in place."""
    return inplace(RoundDecimals, input, decimals=decimals) if decimals else _round_(input)


def clamp(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """input held within [min, max]: two numbers, or two tensors; either may be None. Mirrors torch.clamp."""
    rule, inputs, settings = clamping(input, min, max)
    return broadcasting(apply, rule, *inputs, **settings)


def clamp_(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """`clamp`, in place."""
    rule, (x, *bounds), settings = clamping(input, min, max)
    check_holds(input.array.dtype, x.array.dtype)
    return broadcasting(inplace, rule, input, *bounds, **settings)


def clamping(input: Tensor, min: Any, max: Any) -> tuple[type[Rule], list[Tensor], dict[str, Any]]:
    """The rule for bounds that are numbers, or for tensors, with its inputs and settings."""
    given = [bound for bound in (min, max) if bound is not None]
    if not given:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    if not any([isinstance(bound, TensorBase) for bound in given]):
        return Clamp, promoted(input, *given, name="clamp(input, min, max)")[:1], {"min": min, "max": max}
    x, *bounds = of_tensors(input, *given, name="clamp(input, min, max)")
    lowest, highest = extremes(x.array.dtype)
    return ClampTensor, [x, lowest if min is None else bounds[0], highest if max is None else bounds[-1]], {}


def extremes(dtype: np.dtype) -> list[Tensor]:
    """The smallest and the largest number of a dtype."""
    values = (-np.inf, np.inf) if dtype.kind == "f" else (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    return [constant(value, dtype) for value in values]


def where(condition: Tensor, input: Any = None, other: Any = None) -> Any:
    """input where the condition holds, other elsewhere; with the condition alone, the indices where it holds. Mirrors torch.where."""
    if input is None and other is None:
        return condition.nonzero(as_tuple=True)
    if not isinstance(condition, TensorBase):
        raise TypeError(f"where(): argument 'condition' (position 1) must be Tensor, not {type(condition).__name__}")
    a, b = promoted(input, other, name="where")
    if condition.array.dtype == np.uint8:
        warnings.warn(
            "where received a uint8 condition tensor. This behavior is deprecated and will be removed in a future version of PyTorch. "
            "Use a boolean condition instead.",
            stacklevel=2,
        )
        condition = cast(condition, np.dtype(bool))
    if condition.array.dtype != bool:
        raise RuntimeError(
            f"where expected condition to be a boolean tensor, but got a tensor with dtype {dtypes.of_array(condition.array).scalar_name}"
        )
    return broadcasting(apply, Where, condition, a, b)


def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """input with a number, or a 0-dim tensor, where the mask is True. Mirrors torch.Tensor.masked_fill."""
    return filled(apply, input, mask, value)


def masked_fill_(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """`masked_fill`, in place."""
    return filled(inplace, input, mask, value)


def filled(run: Any, input: Tensor, mask: Tensor, value: Any) -> Tensor:
    if mask.array.dtype != bool:
        raise RuntimeError(
            f"masked_fill_ only supports boolean masks, but got mask with dtype {dtypes.of_array(mask.array).c_name}"
        )
    try:
        if not isinstance(value, TensorBase):
            return run(MaskedFill, input, mask, value=value)
        if not value.array.ndim:
            return run(MaskedFillTensor, input, mask, cast(value, input.array.dtype))
    except ValueError:
        raise broadcast_error(mask.array.shape, input.array.shape) from None
    raise RuntimeError(
        f"masked_fill_ only supports a 0-dimensional value tensor, but got tensor with {value.array.ndim} dimension(s)."
    )


def lerp(input: Tensor, end: Tensor, weight: Any) -> Tensor:
    """input + weight * (end - input), for a number or a tensor of weights. Mirrors torch.lerp."""
    return interpolated(apply, input, end, weight)


def lerp_(input: Tensor, end: Tensor, weight: Any) -> Tensor:
    """`lerp`, in place."""
    return interpolated(inplace, input, end, weight)


def interpolated(run: Any, input: Tensor, end: Tensor, weight: Any) -> Tensor:
    given = {"input": input, "end": end, "weight": weight} if isinstance(weight, TensorBase) else {"input": input, "end": end}
    of_tensors(*given.values(), name="lerp(input, end, weight)")
    for name, x in given.items():
        if x.array.dtype != input.array.dtype:
            want, got = [dtypes.of_array(t.array).c_name for t in (input, x)]
            raise RuntimeError(f"expected dtype {want} for `{name}` but got dtype {got}")
    if isinstance(weight, TensorBase):
        return broadcasting(run, LerpTensor, input, end, weight)  # type: ignore[arg-type]
    return broadcasting(run, Lerp, input, end, weight=weight)


def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """input + value * tensor1 * tensor2. Mirrors torch.addcmul."""
    inputs = of_tensors(input, tensor1, tensor2, name="addcmul(input, tensor1, tensor2)")
    return broadcasting(apply, AddCMul, *inputs, value=value)


def addcmul_(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """`addcmul`, in place."""
    x, a, b = of_tensors(input, tensor1, tensor2, name="addcmul_(input, tensor1, tensor2)")
    check_holds(input.array.dtype, x.array.dtype)
    return broadcasting(inplace, AddCMul, input, a, b, value=value)


def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """input + value * tensor1 / tensor2. Mirrors torch.addcdiv."""
    inputs = of_tensors(input, tensor1, tensor2, name="addcdiv(input, tensor1, tensor2)")
    check_division(tensor1, tensor2)
    return broadcasting(apply, AddCDiv, *inputs, value=value)


def addcdiv_(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """`addcdiv`, in place."""
    x, a, b = of_tensors(input, tensor1, tensor2, name="addcdiv_(input, tensor1, tensor2)")
    check_division(tensor1, tensor2)
    check_holds(input.array.dtype, x.array.dtype)
    return broadcasting(inplace, AddCDiv, input, a, b, value=value)


def check_division(tensor1: Tensor, tensor2: Tensor) -> None:
    if "f" not in (tensor1.array.dtype.kind, tensor2.array.dtype.kind):
        raise RuntimeError(
            "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a true division of "
            "tensor1 and tensor2. The historic addcdiv behavior can be implemented as (input + value * torch.trunc(tensor1 / "
            "tensor2)).to(input.dtype) for integer inputs and as (input + value * tensor1 / tensor2) for float inputs. The future "
            "addcdiv behavior is just the latter implementation: (input + value * tensor1 / tensor2), for all dtypes."
        )


multiply, negative, absolute, arctan = mul, neg, abs, atan
subtract, divide, true_divide, clip, clip_ = sub, div, div, clamp, clamp_
