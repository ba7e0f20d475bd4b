"""Rounding: floor, ceil, trunc, round. Their derivatives are zero."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.inplace import inplace
from ..autograd.rule import Rule, apply, on
from .family import refuse, unary
from .masking import Zero

if TYPE_CHECKING:
    from ..tensor import Tensor


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


class Frac(Rule):
    """What is left of input when it is rounded towards zero."""

    def forward(x):
        refuse("frac", "biu", x)
        return x - np.trunc(x)

    def grad_x(grad):
        return grad


def rounded(function: Any, x: np.ndarray) -> np.ndarray:
    if x.dtype.kind == "f":
        return function(x)
    refuse(f"{function.__name__}_vml_cpu", "b", x)
    return x.copy()


# ---- functions

floor, floor_ = unary(Floor, floating=False)
ceil, ceil_ = unary(Ceil, floating=False)
trunc, trunc_ = unary(Trunc, floating=False)
frac, frac_ = unary(Frac, floating=False)
fix, fix_ = trunc, trunc_
_round, _round_ = unary(Round, floating=False)


def round(input: Tensor, *, decimals: int = 0) -> Tensor:
    """input rounded, halves to even. Mirrors torch.round."""
    return apply(RoundDecimals, input, decimals=decimals) if decimals else _round(input)


def round_(input: Tensor, *, decimals: int = 0) -> Tensor:
    """`round`, in place."""
    return inplace(RoundDecimals, input, decimals=decimals) if decimals else _round_(input)
