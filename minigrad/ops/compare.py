"""Comparisons, logic and bits: operations without a derivative, whose rules are just their forward."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.grad_mode import quiet
from ..autograd.rule import Rule
from ..autograd.variable import TensorBase, wrap
from .family import binary, broadcast_error, of_tensors, refuse, unary

if TYPE_CHECKING:
    from ..tensor import Tensor


class Eq(Rule):
    """Where input == other."""

    def forward(a, b):
        return np.equal(a, b)


class Ne(Rule):
    """Where input != other."""

    def forward(a, b):
        return np.not_equal(a, b)


class Lt(Rule):
    """Where input < other."""

    def forward(a, b):
        return np.less(a, b)


class Le(Rule):
    """Where input <= other."""

    def forward(a, b):
        return np.less_equal(a, b)


class Gt(Rule):
    """Where input > other."""

    def forward(a, b):
        return np.greater(a, b)


class Ge(Rule):
    """Where input >= other."""

    def forward(a, b):
        return np.greater_equal(a, b)


class Logical_And(Rule):
    """Where both are not zero."""

    def forward(a, b):
        return np.logical_and(a, b)


class Logical_Or(Rule):
    """Where either is not zero."""

    def forward(a, b):
        return np.logical_or(a, b)


class Logical_Xor(Rule):
    """Where exactly one is not zero."""

    def forward(a, b):
        return np.logical_xor(a, b)


class Logical_Not(Rule):
    """Where input is zero."""

    def forward(x):
        return np.logical_not(x)


class IsNaN(Rule):
    """Where input is not a number."""

    def forward(x):
        return np.isnan(x)


class IsInf(Rule):
    """Where input is infinite."""

    def forward(x):
        return np.isinf(x)


class IsFinite(Rule):
    """Where input is neither infinite nor NaN."""

    def forward(x):
        return np.isfinite(x)


class SignBit(Rule):
    """Where input is negative, also as -0.0."""

    def forward(x):
        return np.signbit(x) if x.dtype.kind == "f" else x < 0


class IsNegInf(Rule):
    """Where input is minus infinity."""

    def forward(x):
        return x == -np.inf


class IsPosInf(Rule):
    """Where input is plus infinity."""

    def forward(x):
        return x == np.inf


class IsReal(Rule):
    """True everywhere: there are no complex numbers here."""

    def forward(x):
        return np.ones(x.shape, bool)


class Bitwise_And(Rule):
    """Bitwise and; logical for bools."""

    def forward(a, b):
        refuse("bitwise_and_cpu", "f", a)
        return a & b


class Bitwise_Or(Rule):
    """Bitwise or; logical for bools."""

    def forward(a, b):
        refuse("bitwise_or_cpu", "f", a)
        return a | b


class Bitwise_Xor(Rule):
    """Bitwise exclusive or; logical for bools."""

    def forward(a, b):
        refuse("bitwise_xor_cpu", "f", a)
        return a ^ b


class Bitwise_Not(Rule):
    """Bitwise not; logical for bools."""

    def forward(x):
        refuse("bitwise_not_cpu", "f", x)
        return ~x


class Bitwise_Left_Shift(Rule):
    """input << other."""

    def forward(a, b):
        refuse("lshift_cpu", "bf", a)
        return a << b


class Bitwise_Right_Shift(Rule):
    """input >> other."""

    def forward(a, b):
        refuse("rshift_cpu", "bf", a)
        return a >> b


eq, eq_, eq_operator, _ = binary(Eq, numbers="second")
ne, ne_, ne_operator, _ = binary(Ne, numbers="second")
lt, lt_, lt_operator, _ = binary(Lt, numbers="second")
le, le_, le_operator, _ = binary(Le, numbers="second")
gt, gt_, gt_operator, _ = binary(Gt, numbers="second")
ge, ge_, ge_operator, _ = binary(Ge, numbers="second")
logical_and, logical_and_ = binary(Logical_And, of_tensors)[:2]
logical_or, logical_or_ = binary(Logical_Or, of_tensors)[:2]
logical_xor, logical_xor_ = binary(Logical_Xor, of_tensors)[:2]
bitwise_and, bitwise_and_, and_operator, rand_operator = binary(Bitwise_And, numbers="one")
bitwise_or, bitwise_or_, or_operator, ror_operator = binary(Bitwise_Or, numbers="one")
bitwise_xor, bitwise_xor_, xor_operator, rxor_operator = binary(Bitwise_Xor, numbers="one")
bitwise_left_shift, bitwise_left_shift_, lshift_operator, rlshift_operator = binary(Bitwise_Left_Shift, numbers="one")
bitwise_right_shift, bitwise_right_shift_, rshift_operator, rrshift_operator = binary(Bitwise_Right_Shift, numbers="one")
logical_not, logical_not_ = unary(Logical_Not, floating=False)
bitwise_not, bitwise_not_ = unary(Bitwise_Not, floating=False)
isnan = unary(IsNaN, floating=False)[0]
isinf = unary(IsInf, floating=False)[0]
isfinite = unary(IsFinite, floating=False)[0]
signbit = unary(SignBit, floating=False)[0]
isneginf = unary(IsNegInf, floating=False)[0]
isposinf = unary(IsPosInf, floating=False)[0]
isreal = unary(IsReal, floating=False)[0]
not_equal, less, less_equal, greater, greater_equal = ne, lt, le, gt, ge


def invert_operator(self: Tensor) -> Tensor:
    """~self: the bits inverted; of bools, the logical not."""
    if self.array.dtype.kind == "f":
        raise TypeError("~ (operator.invert) is only implemented on integer and Boolean-type tensors")
    return bitwise_not(self)


def equal(input: Tensor, other: Tensor) -> bool:
    """Whether two tensors have the same shape and the same elements. Mirrors torch.equal."""
    of_tensors(input, other, name="equal")
    return np.array_equal(input.array, other.array)


def isclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    """Where |input - other| <= atol + rtol * |other|. Mirrors torch.isclose."""
    of_tensors(input, other, name="isclose")
    if input.array.dtype != other.array.dtype:
        raise RuntimeError(f"{input.dtype.scalar_name} did not match {other.dtype.scalar_name}")
    for name, tolerance in (("rtol", rtol), ("atol", atol)):
        if tolerance < 0:
            raise RuntimeError(f"{name} must be greater than or equal to zero, but got {tolerance:g}")
    try:
        with quiet():
            return wrap(np.isclose(input.array, other.array, rtol, atol, equal_nan))
    except ValueError:
        raise broadcast_error(input.array.shape, other.array.shape) from None


def allclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Whether `isclose` holds everywhere. Mirrors torch.allclose."""
    of_tensors(input, other, name="allclose")
    return bool(isclose(input, other, rtol, atol, equal_nan).array.all())


def is_tensor(obj: Any) -> bool:
    """Whether obj is a tensor. Mirrors torch.is_tensor."""
    return isinstance(obj, TensorBase)

