"""The larger and the smaller of two, and what is held between them: maximum, minimum, clamp."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.inplace import inplace
from ..autograd.rule import Rule, apply, on
from ..autograd.variable import TensorBase
from .arguments import check_tensor
from .copies import into
from .family import binary, broadcasting, check_holds, check_operands, constant, of_tensors, promoted, refuse
from .masking import Kept, Where

if TYPE_CHECKING:
    from ..tensor import Tensor


class Maximum(Rule):
    """The larger of two; equal values share the gradient."""

    def forward(a, b):
        return np.maximum(a, b)

    def grad_a(grad, a, b):
        return on(Kept, on(Where, a == b, grad / 2, grad), ~(a < b))

    def grad_b(grad, a, b):
        return on(Kept, on(Where, a == b, grad / 2, grad), ~(a > b))


class Minimum(Rule):
    """The smaller of two; equal values share the gradient."""

    def forward(a, b):
        return np.minimum(a, b)

    grad_a, grad_b = Maximum.grad_b, Maximum.grad_a


class Clamp(Rule):
    """input held between two numbers, either of which may be missing. On the bounds the derivative is 1."""

    node_name = "ClampBackward1"

    def forward(x, *, min, max):
        if min is not None:
            x = np.maximum(x, dtypes.converted(min, x.dtype))
        return np.minimum(x, dtypes.converted(max, x.dtype)) if max is not None else x

    def grad_x(grad, x, min, max):
        inside = x >= (-np.inf if min is None else min)
        return on(Kept, grad, inside if max is None else inside & (x <= max))


class ClampTensor(Rule):
    """input held between two tensors."""

    node_name = "ClampBackward0"

    def forward(x, min, max):
        refuse("clamp_cpu", "b", x)
        return np.minimum(np.maximum(x, min), max)

    def grad_x(grad, x, min, max):
        return on(Kept, grad, (x >= min) & (x <= max))

    def grad_min(grad, x, min, max):
        return on(Kept, grad, (x < min) & (min < max))

    def grad_max(grad, x, min, max):
        return on(Kept, grad, (x > max) | (max < min))


# ---- functions

maximum = binary(Maximum, of_tensors)[0]
minimum = binary(Minimum, of_tensors)[0]


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
        check_tensor("clamp", "input", 1, input)
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    if not any([isinstance(bound, TensorBase) for bound in given]):
        return Clamp, promoted(input, *given, name="clamp(input, min, max)")[:1], {"min": min, "max": max}
    x, *bounds = of_tensors(input, *given, name="clamp(input, min, max)")
    lowest, highest = limits(x.array.dtype)
    return ClampTensor, [x, lowest if min is None else bounds[0], highest if max is None else bounds[-1]], {}


def limits(dtype: np.dtype) -> list[Tensor]:
    """The smallest and the largest number of a dtype."""
    values = (-np.inf, np.inf) if dtype.kind == "f" else (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    return [constant(value, dtype) for value in values]


def clamp_min(input: Tensor, min: Any) -> Tensor:
    """`clamp` from below. Mirrors torch.clamp_min."""
    check_operands("clamp_min", input, min, "second")
    if input.array.dtype == bool and isinstance(min, TensorBase):
        return maximum(input, min)
    return clamp(input, min)


def clamp_max(input: Tensor, max: Any) -> Tensor:
    """`clamp` from above. Mirrors torch.clamp_max."""
    check_operands("clamp_max", input, max, "second")
    if input.array.dtype == bool and isinstance(max, TensorBase):
        return minimum(input, max)
    return clamp(input, None, max)


def clamp_min_(input: Tensor, min: Any) -> Tensor:
    """`clamp_min`, in place."""
    return into(input, clamp_min, min)


def clamp_max_(input: Tensor, max: Any) -> Tensor:
    """`clamp_max`, in place."""
    return into(input, clamp_max, max)


clip, clip_ = clamp, clamp_
