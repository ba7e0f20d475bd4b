"""Elementwise operations: arithmetic, powers, exponentials, rounding, choices. Each rule is its formula and its derivatives.

Single precision is computed in double and rounded (`wide`) where NumPy's own kernels are less accurate than PyTorch's.
"""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.inplace import inplace
from ..autograd.rule import Rule, apply, on
from ..autograd.variable import TensorBase
from . import family
from .family import binary, broadcast_error, cast, inplace_binary, promoted, unary

if TYPE_CHECKING:
    from ..tensor import Tensor

# ---- kernels


def wide(ufunc: Any, *arrays: np.ndarray) -> np.ndarray:
    """A ufunc computed in double precision; the result is rounded to the inputs' dtype."""
    dtype = arrays[0].dtype
    if dtype == np.float64:
        return ufunc(*arrays)
    with np.errstate(all="ignore"):
        return ufunc(*arrays, dtype=np.float64).astype(dtype)


_BITS = {2: np.int16, 4: np.int32, 8: np.int64}


def keep(x: np.ndarray, drop: np.ndarray) -> np.ndarray:
    """x where `drop` is False, and zero elsewhere, even where x is infinite or NaN.

    It masks bits (0 - 1 is all ones): a multiplication would keep NaN, and np.where takes five times as long.
    """
    x = np.asarray(x)
    bits = _BITS[x.dtype.itemsize]
    return (x.view(bits) & (np.asarray(drop).view(np.int8) - np.int8(1))).view(x.dtype)


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

    def forward(a, b, *, alpha):
        return a + alpha * b

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

    def forward(a, b, *, alpha):
        return a - alpha * b

    def grad_a(grad):
        return grad

    def grad_b(grad, alpha):
        return -grad * alpha


class RSub(Rule):
    """other - input, for a number `other`."""

    node_name = "RsubBackward1"

    def forward(x, *, other):
        return other - x

    def grad_x(grad):
        return -grad


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
        with np.errstate(all="ignore"):
            return a / b

    def grad_a(grad, b):
        return grad / b

    def grad_b(grad, a, b):
        return -grad * ((a / b) / b)


class DivRounded(Rule):
    """input / other, rounded down ("floor") or towards zero ("trunc"); its derivative is zero."""

    node_name = "DivBackward2"

    def forward(a, b, *, rounding_mode):
        if a.dtype.kind != "f" and not b.all():
            raise RuntimeError("ZeroDivisionError")
        with np.errstate(all="ignore"):
            if rounding_mode == "floor":
                return np.where(b == 0, a / b, np.floor_divide(a, b)).astype(a.dtype)
            return np.trunc(a / b).astype(a.dtype)

    def grad_a(grad):
        return grad * 0.0

    def grad_b(grad):
        return grad * 0.0


class Floor_Divide(DivRounded):
    """The floor of input / other: the operator //. PyTorch does not differentiate it."""

    node_name = "NotImplemented"

    def grad_a(grad):
        raise RuntimeError("derivative for aten::floor_divide is not implemented")

    def grad_b(grad):
        raise RuntimeError("derivative for aten::floor_divide is not implemented")


class Remainder(Rule):
    """input - floor(input / other) * other: Python's %, with the sign of other."""

    def forward(a, b):
        with np.errstate(all="ignore"):
            return np.mod(a, b)

    def grad_a(grad):
        return grad

    def grad_b(grad, a, b):
        return -grad * np.floor(a / b)


class FMod(Rule):
    """input - trunc(input / other) * other, with the sign of input."""

    node_name = "FmodBackward1"

    def forward(a, b):
        with np.errstate(all="ignore"):
            return np.fmod(a, b)

    def grad_a(grad):
        return grad

    def grad_b(grad, a, b):
        return -grad * np.trunc(a / b)


class Neg(Rule):
    """-input."""

    def forward(x):
        return -x

    def grad_x(grad):
        return -grad


class Reciprocal(Rule):
    """1 / input."""

    def forward(x):
        with np.errstate(all="ignore"):
            return 1 / x

    def grad_x(grad, out):
        return -grad * (out * out)


class Abs(Rule):
    """|input|. Its derivative at 0 is 0."""

    def forward(x):
        return np.abs(x)

    def grad_x(grad, x):
        return grad * np.sign(x)


class Sign(Rule):
    """-1, 0 or 1."""

    def forward(x):
        return np.nan_to_num(np.sign(x)) if x.dtype.kind == "f" else np.sign(x)

    def grad_x(grad):
        return grad * 0.0


# ---- powers, exponentials, trigonometry


class Pow(Rule):
    """input to the power of a number. Small powers are products, as in PyTorch."""

    def forward(x, *, exponent):
        special = _POWERS.get(exponent) if x.dtype.kind == "f" else None
        with np.errstate(all="ignore"):
            if special is not None:
                return special(x)
            if x.dtype.kind == "f":
                return wide(np.power, x, np.asarray(exponent, x.dtype))
            return np.power(x, exponent)

    def grad_x(grad, x, exponent):
        return grad * 0.0 if exponent == 0 else grad * (exponent * on(Pow, x, exponent=exponent - 1))


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

    def forward(a, b):
        return wide(np.power, a, b) if a.dtype.kind == "f" else np.power(a, b)

    def grad_a(grad, a, b):
        return on(Masked, grad * (b * a ** (b - 1)), b == 0)

    def grad_b(grad, a, b, out):
        return grad * on(Masked, out * np.log(a), (a == 0) & (b >= 0))


class PowScalar(Rule):
    """A number to the power of a tensor."""

    node_name = "PowBackward2"

    def forward(x, *, base):
        return wide(np.power, np.asarray(base, x.dtype), x) if x.dtype.kind == "f" else np.power(x.dtype.type(base), x)

    def grad_x(grad, x, out, base):
        if base == 0:
            return on(Masked, grad * (out * -np.inf), x >= 0)
        return grad * (out * np.log(base).item())


class Sqrt(Rule):
    """The square root."""

    tier = "T1"

    def forward(x):
        with np.errstate(invalid="ignore"):
            return np.sqrt(x)

    def grad_x(grad, out):
        return grad / (2 * out)


class Rsqrt(Rule):
    """1 / sqrt(input)."""

    tier = "T1"

    def forward(x):
        with np.errstate(all="ignore"):
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
        with np.errstate(all="ignore"):
            return wide(np.log, x)

    def grad_x(grad, x):
        return grad / x


class Log1p(Rule):
    """log(1 + input), accurate near 0."""

    node_name = "Log1PBackward0"
    tier = "T1"

    def forward(x):
        with np.errstate(all="ignore"):
            return wide(np.log1p, x)

    def grad_x(grad, x):
        return grad / (x + 1)


class Log2(Rule):
    """The logarithm to base 2."""

    tier = "T1"

    def forward(x):
        with np.errstate(all="ignore"):
            return wide(np.log2, x)

    def grad_x(grad, x):
        return grad / (x * 0.6931471805599453)


class Log10(Rule):
    """The logarithm to base 10."""

    tier = "T1"

    def forward(x):
        with np.errstate(all="ignore"):
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
        with np.errstate(over="ignore"):
            wide_x = x.astype(np.float64, copy=False)
            return (1 / (1 + np.exp(-wide_x))).astype(x.dtype, copy=False)

    def grad_x(grad, out):
        return grad * (1 - out) * out


# ---- rounding


class Floor(Rule):
    """The largest integer not above input."""

    def forward(x):
        return np.floor(x) if x.dtype.kind == "f" else x.copy()

    def grad_x(grad):
        return grad * 0.0


class Ceil(Floor):
    """The smallest integer not below input."""

    def forward(x):
        return np.ceil(x) if x.dtype.kind == "f" else x.copy()


class Trunc(Floor):
    """input rounded towards zero."""

    def forward(x):
        return np.trunc(x) if x.dtype.kind == "f" else x.copy()


class Round(Floor):
    """input rounded to the nearest integer, halves to the even one; with `decimals`, to that many places."""

    def forward(x, *, decimals=0):
        if x.dtype.kind != "f":
            return x.copy()
        if decimals == 0:
            return np.rint(x)
        scale = x.dtype.type(10.0 ** (decimals if decimals > 0 else -decimals))
        return np.rint(x * scale) / scale if decimals > 0 else np.rint(x / scale) * scale


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
            x = np.maximum(x, x.dtype.type(min))
        return np.minimum(x, x.dtype.type(max)) if max is not None else x

    def grad_x(grad, x, min, max):
        outside = False if min is None else x < min
        return on(Masked, grad, outside if max is None else outside | (x > max))


class Where(Rule):
    """a where the condition holds, b elsewhere."""

    def forward(condition, a, b):
        return np.where(condition, a, b)

    def grad_a(grad, condition):
        return on(Masked, grad, ~condition)

    def grad_b(grad, condition):
        return on(Masked, grad, condition)


class MaskedFill(Rule):
    """input with a value written where the mask is True."""

    def forward(x, mask, *, value):
        return np.where(mask, x.dtype.type(value), x)

    def grad_x(grad, mask):
        return on(Masked, grad, mask)


class Lerp(Rule):
    """start + weight * (end - start); from weight 0.5 on, counted from the end, as PyTorch does."""

    def forward(start, end, *, weight):
        return start + weight * (end - start) if -0.5 < weight < 0.5 else end - (end - start) * (1 - weight)

    def grad_start(grad, weight):
        return grad * (1 - weight)

    def grad_end(grad, weight):
        return grad * weight


class AddCMul(Rule):
    """input + value * tensor1 * tensor2."""

    node_name = "AddcmulBackward0"

    def forward(x, a, b, *, value):
        return x + value * a * b

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
        return x + (value * a) / b

    def grad_x(grad):
        return grad

    def grad_a(grad, b, value):
        return grad * (value / b)

    def grad_b(grad, a, b, value):
        return -grad * (value * a / (b * b))


# ---- functions made from the rules

mul, mul_, mul_operator, rmul_operator = binary(Mul)
div_, div_operator = binary(Div, floating=True)[1:3]
add_operator, radd_operator = binary(Add)[2:]
sub_operator = binary(Sub)[2]
remainder, remainder_, remainder_operator, rremainder_operator = binary(Remainder)
fmod, fmod_ = binary(FMod)[:2]
maximum = binary(Maximum)[0]
minimum = binary(Minimum)[0]
neg, neg_ = unary(Neg, floating=False)
abs, abs_ = unary(Abs, floating=False)
sign, sign_ = unary(Sign, floating=False)
floor, floor_ = unary(Floor, floating=False)
ceil, ceil_ = unary(Ceil, floating=False)
trunc, trunc_ = unary(Trunc, floating=False)
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
multiply, negative, absolute, arctan = mul, neg, abs, atan

_add, _sub = binary(Add)[0], binary(Sub)[0]


def check_subtract(*operands: Any) -> None:
    if any(isinstance(x, bool) or (isinstance(x, TensorBase) and x.array.dtype == bool) for x in operands):
        raise RuntimeError(
            "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` "
            "or `logical_not()` operator instead."
        )


def scaled(rule: type[Rule], input: Any, other: Any, alpha: Any) -> Tensor:
    """input + alpha * other, by one of the two rules that have an alpha."""
    a, b = promoted(input, other)
    if isinstance(alpha, float) and a.array.dtype.kind != "f":
        raise RuntimeError("For integral input tensors, argument alpha must not be a floating point number.")
    try:
        return apply(rule, a, b, alpha=alpha)
    except ValueError:
        raise broadcast_error(a.array.shape, b.array.shape) from None


def add(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """input + alpha * other, with broadcasting and promotion. Mirrors torch.add."""
    return _add(input, other) if alpha == 1 else scaled(AddScaled, input, other, alpha)


def add_(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """input += alpha * other, in place."""
    if alpha == 1:
        return inplace_binary(Add, input, other)
    return inplace_binary(AddScaled, input, other, alpha=alpha)


def sub(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """input - alpha * other, with broadcasting and promotion. Mirrors torch.sub."""
    check_subtract(input, other)
    return _sub(input, other) if alpha == 1 else scaled(SubScaled, input, other, alpha)


def sub_(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """input -= alpha * other, in place."""
    check_subtract(input, other)
    if alpha == 1:
        return inplace_binary(Sub, input, other)
    return inplace_binary(SubScaled, input, other, alpha=alpha)


def rsub(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """other - alpha * input. Mirrors torch.rsub."""
    check_subtract(input, other)
    if isinstance(other, TensorBase) or alpha != 1:
        return sub(other, input, alpha=alpha)  # type: ignore[arg-type]
    a, b = promoted(input, other)
    return apply(RSub, a, other=b.array.item())


def rsub_operator(self: Tensor, other: Any) -> Tensor:
    try:
        return rsub(self, other)
    except family.NotAnOperand:
        return NotImplemented


_div = binary(Div, floating=True)[0]
_floor_divide = binary(Floor_Divide)


def div(input: Tensor, other: Any, *, rounding_mode: str | None = None) -> Tensor:
    """input / other: true division, or rounded by "floor" or "trunc". Mirrors torch.div."""
    if rounding_mode is None:
        return _div(input, other)
    if rounding_mode not in ("floor", "trunc"):
        raise RuntimeError(f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'")
    a, b = promoted(input, other)
    return apply(DivRounded, a, b, rounding_mode=rounding_mode)


def rdiv_operator(self: Tensor, other: Any) -> Tensor:
    if isinstance(other, (TensorBase, np.ndarray)):
        return div(other, self)  # type: ignore[arg-type]
    if not isinstance(other, (*family.Number, np.generic)):
        return NotImplemented
    return reciprocal(self) * other


def floor_divide(input: Tensor, other: Any) -> Tensor:
    """The floor of input / other. Mirrors torch.floor_divide."""
    a, b = promoted(input, other)
    return apply(Floor_Divide, a, b, rounding_mode="floor")


def floor_divide_operator(self: Tensor, other: Any) -> Tensor:
    try:
        return floor_divide(self, other)
    except family.NotAnOperand:
        return NotImplemented


def rfloor_divide_operator(self: Tensor, other: Any) -> Tensor:
    return floor_divide_operator(other, self)


def pow(input: Any, exponent: Any) -> Tensor:
    """input ** exponent, each a tensor or a number. Mirrors torch.pow."""
    if not isinstance(input, TensorBase):
        a, b = promoted(input, exponent)
        return apply(PowScalar, b, base=a.array.item())
    if isinstance(exponent, (TensorBase, np.ndarray)):
        a, b = promoted(input, exponent)
        try:
            return apply(PowTensor, a, b)
        except ValueError:
            raise broadcast_error(a.array.shape, b.array.shape) from None
    a, b = promoted(input, exponent)
    check_integer_power(a, exponent)
    return apply(Pow, a, exponent=exponent)


def check_integer_power(a: Tensor, exponent: Any) -> None:
    if a.array.dtype.kind != "f" and exponent < 0:
        raise RuntimeError("Integers to negative integer powers are not allowed.")


def pow_(input: Tensor, exponent: Any) -> Tensor:
    """input **= exponent, in place."""
    if isinstance(exponent, TensorBase):
        return inplace_binary(PowTensor, input, exponent)
    check_integer_power(input, exponent)
    return inplace(Pow, input, exponent=exponent)


def pow_operator(self: Tensor, other: Any) -> Tensor:
    try:
        return pow(self, other)
    except family.NotAnOperand:
        return NotImplemented


def rpow_operator(self: Tensor, other: Any) -> Tensor:
    return pow_operator(other, self)


def square(input: Tensor) -> Tensor:
    """input ** 2. Mirrors torch.square."""
    return pow(input, 2)


def round(input: Tensor, *, decimals: int = 0) -> Tensor:
    """input rounded, halves to even. Mirrors torch.round."""
    return apply(Round, input, decimals=decimals)


def round_(input: Tensor, *, decimals: int = 0) -> Tensor:
    """`round`, in place."""
    return inplace(Round, input, decimals=decimals)


def clamp(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """input held within [min, max], numbers or tensors. Mirrors torch.clamp."""
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    if isinstance(min, TensorBase) or isinstance(max, TensorBase):
        result = input if min is None else maximum(input, min)
        return result if max is None else minimum(result, max)
    bounds = [b for b in (min, max) if b is not None]
    return apply(Clamp, promoted(input, *bounds)[0], min=min, max=max)


def clamp_(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """`clamp`, in place."""
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    return inplace(Clamp, input, min=min, max=max)


clip, clip_ = clamp, clamp_


def where(condition: Tensor, input: Any = None, other: Any = None) -> Any:
    """input where the condition holds, other elsewhere; with the condition alone, the indices where it holds. Mirrors torch.where."""
    if input is None and other is None:
        return condition.nonzero(as_tuple=True)
    if condition.array.dtype != bool:
        if condition.array.dtype != np.uint8:
            raise RuntimeError(f"where expected condition to be a boolean tensor, but got a tensor with dtype {condition.dtype}")
        condition = cast(condition, np.dtype(bool))
    a, b = promoted(input, other)
    return apply(Where, condition, a, b)


def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """input with `value` where the mask is True. Mirrors torch.Tensor.masked_fill."""
    check_mask(mask)
    if isinstance(value, TensorBase):
        if value.array.ndim:
            raise RuntimeError(
                f"masked_fill only supports a 0-dimensional value tensor, but got tensor with {value.array.ndim} dimension(s)."
            )
        return apply(Where, mask, cast(value, input.array.dtype), input)
    return apply(MaskedFill, input, mask, value=value)


def masked_fill_(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """`masked_fill`, in place."""
    check_mask(mask)
    return inplace(MaskedFill, input, mask, value=value.item() if isinstance(value, TensorBase) else value)


def check_mask(mask: Tensor) -> None:
    if mask.array.dtype != bool:
        raise RuntimeError(
            f"masked_fill_ only supports boolean masks, but got mask with dtype {mask.dtype}"
        )


def lerp(input: Tensor, end: Tensor, weight: float) -> Tensor:
    """input + weight * (end - input). Mirrors torch.lerp."""
    return apply(Lerp, input, end, weight=weight) if not isinstance(weight, TensorBase) else input + weight * (end - input)


def lerp_(input: Tensor, end: Tensor, weight: float) -> Tensor:
    """`lerp`, in place."""
    return inplace(Lerp, input, end, weight=weight)


def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """input + value * tensor1 * tensor2. Mirrors torch.addcmul."""
    return apply(AddCMul, input, tensor1, tensor2, value=value)


def addcmul_(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """`addcmul`, in place."""
    return inplace(AddCMul, input, tensor1, tensor2, value=value)


def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """input + value * tensor1 / tensor2. Mirrors torch.addcdiv."""
    return apply(AddCDiv, input, tensor1, tensor2, value=value)


def addcdiv_(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """`addcdiv`, in place."""
    return inplace(AddCDiv, input, tensor1, tensor2, value=value)


subtract, divide, true_divide = sub, div, div
