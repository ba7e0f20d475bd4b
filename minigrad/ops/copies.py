"""Copies, and writing into a tensor: clone, copy_, fill_, zero_, and conversion to another dtype."""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.inplace import check_fits, inplace
from ..autograd.rule import Rule, apply, on
from ..autograd.variable import TensorBase, wrap
from .arguments import must_be
from .family import Number, broadcast_error
from .layouts import contiguous_format

if TYPE_CHECKING:
    from ..tensor import Tensor

# ---- rules


class Clone(Rule):
    """A copy."""

    def forward(x, *, order="K"):
        return x.copy(order if 0 not in x.strides else "C")  # what was expanded has no order of its own

    def grad_x(grad):
        return grad


class ToCopy(Rule):
    """A copy in another dtype. The engine converts the gradient back."""

    def forward(x, *, dtype, order="K"):
        return x.astype(dtype, order if 0 not in x.strides else "C")

    def grad_x(grad):
        return grad


class Zeros(Rule):
    """Zeros like x: the gradient of what does not depend on it."""

    def forward(x):
        return np.zeros_like(x)


class Zero(Zeros):
    """Zero everywhere."""

    def forward(x):
        return np.zeros_like(x)

    def grad_x(grad):
        return on(Zeros, grad)


class Fill(Zero):
    """A number everywhere."""

    node_name = "FillBackward2"

    def forward(x, *, value):
        return np.full(x.shape, value, x.dtype)


class FillTensor(Zero):
    """The only element of a tensor, everywhere."""

    node_name = "FillBackward3"

    def forward(x, value):
        return np.full(x.shape, value.astype(x.dtype))

    def grad_value(grad):
        return grad


class Copy(Zero):
    """Another tensor's values, in the shape and dtype of x: what `copy_` leaves in the graph."""

    def forward(x, src):
        if src.shape != x.shape:
            src = np.broadcast_to(src, x.shape)
        return src.astype(x.dtype, copy=np.may_share_memory(x, src))

    def grad_src(grad):
        return grad

    def name(self):
        return "torch::autograd::CopyBackwards"


# ---- functions


def into(target: Tensor, function: Callable[..., Tensor], *args: Any, **kwargs: Any) -> Tensor:
    """The in-place form of any function: computed on a copy, whose history is the target's, and written back."""
    result = function(clone(target), *args, **kwargs)
    check_fits(result.array, target.array)
    return copy_(target, result)


def in_place(function: Callable[..., Tensor], name: str) -> Callable[..., Tensor]:
    """`name`, the in-place form of a function, as a method."""

    def method(input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        return into(input, function, *args, **kwargs)

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"`{name[:-1]}`, in place."
    return method


def clone(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """A differentiable copy. Mirrors torch.clone; `memory_format=torch.contiguous_format` puts the elements in order."""
    return apply(Clone, input, order="C") if memory_format is contiguous_format else apply(Clone, input)


def copy_(input: Tensor, src: Any, non_blocking: bool = False) -> Tensor:
    """Write another tensor's values into this one, broadcast and converted. Mirrors torch.Tensor.copy_."""
    if not isinstance(src, TensorBase):
        if not isinstance(src, Number):
            raise must_be("Tensor", "copy_", "other", 1, src)
        src = wrap(np.asarray(src))
    elif input.array.dtype.kind != "f":  # integers have no gradient to pass on
        src = src.detach()  # type: ignore[attr-defined]
    try:
        return inplace(Copy, input, src)
    except ValueError:
        have, given = input.array.shape, src.array.shape
        try:
            larger = np.broadcast_shapes(have, given)
        except ValueError:
            raise broadcast_error(have, given) from None
        raise RuntimeError(f"output with shape {list(have)} doesn't match the broadcast shape {list(larger)}") from None


def fill_(input: Tensor, value: Any) -> Tensor:
    """Write one number, or the only element of a tensor, everywhere. Mirrors torch.Tensor.fill_."""
    if isinstance(value, TensorBase):
        if value.array.ndim:
            raise RuntimeError(
                f"fill_ only supports 0-dimension value tensor but got tensor with {value.array.ndim} dimensions."
            )
        return inplace(FillTensor, input, value)
    if not isinstance(value, (*Number, np.generic)):
        raise must_be("Number", "fill_", "value", 1, value)
    number = value.item() if isinstance(value, np.generic) else value
    return inplace(Fill, input, value=dtypes.converted(number, input.array.dtype))


def zero_(input: Tensor) -> Tensor:
    """Write zero everywhere. Mirrors torch.Tensor.zero_."""
    return inplace(Zero, input)
