"""Choices by a mask: where, masked_fill, and `Kept`, the derivative of all that is constant at some elements."""
from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.inplace import inplace
from ..autograd.rule import Rule, apply, on
from ..autograd.variable import TensorBase
from .family import broadcast_error, broadcasting, cast, promoted

if TYPE_CHECKING:
    from ..tensor import Tensor

_BITS = {np.dtype(f): np.dtype(i) for f, i in ((np.float16, np.int16), (np.float32, np.int32), (np.float64, np.int64))}


def kept(x: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """x where the mask holds, and zero elsewhere, even where x is infinite or NaN.

    It multiplies the bits of x by one or zero: np.where takes ten times as long.
    """
    dtype = x.dtype
    bits = _BITS[dtype]
    product = mask.astype(bits)
    if x.shape == mask.shape:
        product *= x.view(bits)
    else:
        product = product * x.view(bits)
    return product.view(dtype)


class Kept(Rule):
    """x where the mask holds, and zero elsewhere, even where x is infinite or NaN."""

    node_name = "MaskedFillBackward0"

    def forward(x, mask):
        return kept(np.asarray(x), np.asarray(mask))

    def grad_x(grad, mask):
        return on(Kept, grad, mask)


class Zero(Rule):
    """Zeros like x: the gradient of what is constant almost everywhere."""

    def forward(x):
        return np.zeros_like(x)


class Where(Rule):
    """a where the condition holds, b elsewhere."""

    def forward(condition, a, b):
        return np.where(condition, a, b)

    def grad_a(grad, condition):
        return on(Kept, grad, condition)

    def grad_b(grad, condition):
        return on(Kept, grad, ~condition)


class MaskedFill(Rule):
    """input with a number written where the mask is True."""

    def forward(x, mask, *, value):
        return np.where(mask, dtypes.converted(value, x.dtype), x)

    def grad_x(grad, mask):
        return on(Kept, grad, ~mask)


class MaskedFillTensor(Rule):
    """input with a 0-dim tensor written where the mask is True."""

    node_name = "MaskedFillBackward1"

    def forward(x, mask, value):
        return np.where(mask, value, x)

    def grad_x(grad, mask):
        return on(Kept, grad, ~mask)

    def grad_value(grad, mask):
        return on(Kept, grad, mask)


class NanToNum(Rule):
    """input with NaN and the infinities replaced by numbers."""

    def forward(x, *, nan, posinf, neginf):
        return np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf) if x.dtype.kind == "f" else x.copy()

    def grad_x(grad, x):
        return grad * np.isfinite(x)


# ---- functions


def nan_to_num(input: Tensor, nan: float | None = None, posinf: float | None = None, neginf: float | None = None) -> Tensor:
    """input with NaN as 0 and infinities as the largest numbers of the dtype, or as given. Mirrors torch.nan_to_num."""
    return apply(NanToNum, input, nan=nan or 0.0, posinf=posinf, neginf=neginf)


def nan_to_num_(input: Tensor, nan: float | None = None, posinf: float | None = None, neginf: float | None = None) -> Tensor:
    """`nan_to_num`, in place."""
    return inplace(NanToNum, input, nan=nan or 0.0, posinf=posinf, neginf=neginf)


def where(condition: Tensor, input: Any = None, other: Any = None) -> Any:
    """input where the condition holds, other elsewhere; with the condition alone, the indices where it holds. Mirrors torch.where."""
    if input is None and other is None:
        return condition.nonzero(as_tuple=True)
    if not isinstance(condition, TensorBase):
        raise TypeError(f"where(): argument 'condition' (position 1) must be Tensor, not {type(condition).__name__}")
    a, b = promoted(input, other, name="where")
    for x in (input, other):
        if isinstance(x, (int, float)):
            dtypes.converted(x, a.array.dtype)  # which refuses a number too large
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
