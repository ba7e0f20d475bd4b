"""Powers and roots."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.inplace import inplace
from ..autograd.rule import Rule, apply, on
from ..autograd.variable import TensorBase
from .family import Number, binary, check_holds, no_operand, operator, promoted, refuse, unary
from .masking import Kept, Zero
from .precision import wide

if TYPE_CHECKING:
    from ..tensor import Tensor


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

    def forward(x, exponent):
        refuse("pow", "b", x)
        return power(x, exponent)

    def grad_x(grad, x, exponent):
        return on(Kept, grad * (exponent * x ** (exponent - 1)), exponent != 0)

    def grad_exponent(grad, x, exponent, out):
        return on(Kept, grad * (out * np.log(x)), ~((x == 0) & (exponent >= 0)))


class PowScalar(Rule):
    """A number to the power of a tensor."""

    node_name = "PowBackward2"
    tier = "T1"

    def forward(exponent, *, base):
        refuse("pow", "b", exponent)
        return power(np.asarray(base, exponent.dtype), exponent)

    def grad_exponent(grad, exponent, out, base):
        if base == 0:
            return grad * on(Kept, out * -np.inf, ~(exponent >= 0))
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


# ---- functions

_pow, _pow_ = binary(PowTensor, name="pow", numbers="one")[:2]
sqrt, sqrt_ = unary(Sqrt)
rsqrt, rsqrt_ = unary(Rsqrt)


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
