"""Elementary functions: exponentials, logarithms, trigonometry, tanh and the sigmoid.

Single precision is computed in double and rounded (`wide`) where NumPy's own kernels are less accurate than PyTorch's.
"""
from __future__ import annotations

import numpy as np

from ..autograd.rule import Rule, on
from .family import unary
from .precision import wide


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


class Exp2(Rule):
    """2 to the input."""

    tier = "T1"

    def forward(x):
        return wide(np.exp2, x)

    def grad_x(grad, out):
        return grad * (out * 0.6931471805599453)


class Asin(Rule):
    """The inverse sine."""

    tier = "T1"

    def forward(x):
        return wide(np.arcsin, x)

    def grad_x(grad, x):
        return grad * (1 / np.sqrt(1 - x * x))


class Acos(Rule):
    """The inverse cosine."""

    tier = "T1"

    def forward(x):
        return wide(np.arccos, x)

    def grad_x(grad, x):
        return grad * -(1 / np.sqrt(1 - x * x))


class Sinh(Rule):
    """The hyperbolic sine."""

    tier = "T1"

    def forward(x):
        return wide(np.sinh, x)

    def grad_x(grad, x):
        return grad * on(Cosh, x)


class Cosh(Rule):
    """The hyperbolic cosine."""

    tier = "T1"

    def forward(x):
        return wide(np.cosh, x)

    def grad_x(grad, x):
        return grad * on(Sinh, x)


class Asinh(Rule):
    """The inverse hyperbolic sine."""

    tier = "T1"

    def forward(x):
        return wide(np.arcsinh, x)

    def grad_x(grad, x):
        return grad * (x * x + 1) ** -0.5


class Acosh(Rule):
    """The inverse hyperbolic cosine."""

    tier = "T1"

    def forward(x):
        return wide(np.arccosh, x)

    def grad_x(grad, x):
        return grad * (x * x - 1) ** -0.5


class Atanh(Rule):
    """The inverse hyperbolic tangent."""

    tier = "T1"

    def forward(x):
        return wide(np.arctanh, x)

    def grad_x(grad, x):
        return grad * (1 / (1 - x * x))


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
exp2, exp2_ = unary(Exp2)
asin, asin_ = unary(Asin)
acos, acos_ = unary(Acos)
sinh, sinh_ = unary(Sinh)
cosh, cosh_ = unary(Cosh)
asinh, asinh_ = unary(Asinh)
acosh, acosh_ = unary(Acosh)
atanh, atanh_ = unary(Atanh)
arctan, arctan_, arcsin, arcsin_, arccos, arccos_ = atan, atan_, asin, asin_, acos, acos_
arcsinh, arcsinh_, arccosh, arccosh_, arctanh, arctanh_ = asinh, asinh_, acosh, acosh_, atanh, atanh_
