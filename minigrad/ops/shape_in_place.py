"""Another shape in place: x.t_() and its like, where x itself becomes the view."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..autograd.grad_mode import modes
from ..autograd.rule import Rule, apply
from ..autograd.variable import counter
from .axes import T, Transpose
from .family import normalize_dim
from .shape import Squeeze, SqueezeDim, SqueezeDims, Unsqueeze, removed

if TYPE_CHECKING:
    from ..tensor import Tensor


class TInPlace(T):
    """`t`, of the tensor itself."""

    node_name = "TBackward1"


class TransposeInPlace(Transpose):
    """`transpose`, of the tensor itself."""

    node_name = "TransposeBackward1"


class UnsqueezeInPlace(Unsqueeze):
    """`unsqueeze`, of the tensor itself."""

    node_name = "UnsqueezeBackward1"


class SqueezeInPlace(Squeeze):
    """`squeeze`, of the tensor itself."""

    node_name = "SqueezeBackward3"


class SqueezeDimInPlace(SqueezeDim):
    """`squeeze` of one dimension, of the tensor itself."""

    node_name = "SqueezeBackward4"


class SqueezeDimsInPlace(SqueezeDims):
    """`squeeze` of some dimensions, of the tensor itself."""

    node_name = "SqueezeBackward5"


def check_no_leaf(input: Tensor) -> int:
    """PyTorch's refusal of a leaf, before it looks at anything else; for others, the number of dimensions."""
    if modes.mode.enabled and input._requires_grad and input.is_leaf:
        raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")
    return input.array.ndim


def become(rule: type[Rule], input: Tensor, **settings: Any) -> Tensor:
    """Let a tensor turn into a view of what it was."""
    result = apply(rule, input, **settings)
    input.array, input._edge = result.array, result._edge
    counter(input)[0] += 1
    if input._base is not None:
        input._seen_version = input._counter[0]
    return input


def t_(input: Tensor) -> Tensor:
    """`t`, in place."""
    ndim = check_no_leaf(input)
    if ndim > 2:
        raise RuntimeError(f"t_() expects a tensor with <= 2 dimensions, but self is {ndim}D")
    return become(TInPlace, input)


def transpose_(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """`transpose`, in place."""
    ndim = check_no_leaf(input)
    return become(TransposeInPlace, input, dim0=normalize_dim(dim0, ndim), dim1=normalize_dim(dim1, ndim))


swapaxes_ = swapdims_ = transpose_


def unsqueeze_(input: Tensor, dim: int) -> Tensor:
    """`unsqueeze`, in place."""
    return become(UnsqueezeInPlace, input, dim=normalize_dim(dim, check_no_leaf(input) + 1))


def squeeze_(input: Tensor, dim: Any = None) -> Tensor:
    """`squeeze`, in place."""
    check_no_leaf(input)
    rule, dims = removed(input, dim, SqueezeInPlace, SqueezeDimInPlace, SqueezeDimsInPlace)
    return become(rule, input, dims=dims)
