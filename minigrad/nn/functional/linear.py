"""Linear and bilinear maps."""
from __future__ import annotations

from ... import ops
from ...ops import linear  # the operation itself: no layer between it and its caller
from ...ops.arguments import checked
from ...tensor import Tensor

__all__ = ["bilinear", "linear"]


@checked
def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x1ᵀ W x2 + b; shapes (*, in1), (*, in2), (out, in1, in2), (out). Mirrors torch.nn.functional.bilinear."""
    if input1.dim() != input2.dim():
        raise RuntimeError(
            f"bilinear(): input dimensions do not match: got {input1.dim()} and {input2.dim()}"
        )
    for dim, (n1, n2) in enumerate(zip(input1.shape[:-1], input2.shape[:-1])):
        if n1 != n2:
            raise RuntimeError(f"bilinear(): input batch dimensions do not match at dim {dim}: got {n1} and {n2}")
    for i, (x, features) in enumerate(zip((input1, input2), weight.shape[1:]), 1):
        if x.shape[-1] != features:
            raise RuntimeError(
                f"bilinear(): input{i} size does not match weight size: got {x.shape[-1]} but expected {features}"
            )
    if bias is not None and bias.shape[0] != weight.shape[0]:
        raise RuntimeError(
            f"bilinear(): bias size does not match weight size: got {bias.shape[0]} but expected {weight.shape[0]}"
        )
    out = ops.einsum("...i,oij,...j->...o", input1, weight, input2)
    return out if bias is None else out + bias
