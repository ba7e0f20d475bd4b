"""A product or a quotient added to a tensor: lerp, addcmul, addcdiv."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.inplace import inplace
from ..autograd.rule import Rule, apply
from ..autograd.variable import TensorBase
from .family import broadcasting, check_holds, of_tensors, refuse

if TYPE_CHECKING:
    from ..tensor import Tensor


class Lerp(Rule):
    """x + weight * (end - x); from weight 0.5 on, counted from the end, as PyTorch does."""

    tier = "T3"  # PyTorch multiplies and adds with one rounding

    def forward(x, end, *, weight):
        refuse("lerp_kernel_scalar", "biu", x)
        weight, dtype = dtypes.factor(weight, x.dtype), x.dtype
        x, end = [a.astype(np.float32) if dtype == np.float16 else a for a in (x, end)]  # whose products leave float16's range
        return (x + weight * (end - x) if -0.5 < weight < 0.5 else end - (end - x) * (1 - weight)).astype(dtype, copy=False)

    def grad_x(grad, weight):
        return grad * (1 - weight)

    def grad_end(grad, weight):
        return grad * weight


class LerpTensor(Rule):
    """`Lerp` with a tensor of weights."""

    node_name = "LerpBackward1"
    tier = "T3"

    def forward(x, end, weight):
        refuse("lerp_kernel_tensor", "biu", x)
        return np.where(np.abs(weight) < 0.5, x + weight * (end - x), end - (end - x) * (1 - weight))

    def grad_x(grad, weight):
        return grad * (1 - weight)

    def grad_end(grad, weight):
        return grad * weight

    def grad_weight(grad, x, end):
        return grad * (end - x)


class AddCMul(Rule):
    """input + value * tensor1 * tensor2."""

    node_name = "AddcmulBackward0"
    tier = "T3"  # PyTorch multiplies and adds with one rounding

    def forward(x, tensor1, tensor2, *, value):
        refuse("addcmul_cpu_out", "b", x)
        return x + dtypes.factor(value, tensor1.dtype) * tensor1 * tensor2

    def grad_x(grad):
        return grad

    def grad_tensor1(grad, tensor2, value):
        return grad * (tensor2 * value)

    def grad_tensor2(grad, tensor1, value):
        return grad * (tensor1 * value)


class AddCDiv(Rule):
    """input + value * tensor1 / tensor2."""

    node_name = "AddcdivBackward0"

    def forward(x, tensor1, tensor2, *, value):
        return x + (dtypes.factor(value, tensor1.dtype) * tensor1) / tensor2

    def grad_x(grad):
        return grad

    def grad_tensor1(grad, tensor2, value):
        return grad * (value / tensor2)

    def grad_tensor2(grad, tensor1, tensor2, value):
        return -grad * ((tensor1 * value) / (tensor2 * tensor2))


# ---- functions


def lerp(input: Tensor, end: Tensor, weight: Any) -> Tensor:
    """input + weight * (end - input), for a number or a tensor of weights. Mirrors torch.lerp."""
    return interpolated(apply, input, end, weight)


def lerp_(input: Tensor, end: Tensor, weight: Any) -> Tensor:
    """`lerp`, in place."""
    return interpolated(inplace, input, end, weight)


def interpolated(run: Any, input: Tensor, end: Tensor, weight: Any) -> Tensor:
    given = {"input": input, "end": end, "weight": weight} if isinstance(weight, TensorBase) else {"input": input, "end": end}
    of_tensors(*given.values(), name="lerp(input, end, weight)")
    for name, x in given.items():
        if x.array.dtype != input.array.dtype:
            want, got = [dtypes.of_array(t.array).c_name for t in (input, x)]
            raise RuntimeError(f"expected dtype {want} for `{name}` but got dtype {got}")
    if isinstance(weight, TensorBase):
        return broadcasting(run, LerpTensor, input, end, weight)  # type: ignore[arg-type]
    return broadcasting(run, Lerp, input, end, weight=weight)


def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """input + value * tensor1 * tensor2. Mirrors torch.addcmul."""
    inputs = of_tensors(input, tensor1, tensor2, name="addcmul(input, tensor1, tensor2)")
    return broadcasting(apply, AddCMul, *inputs, value=value)


def addcmul_(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """`addcmul`, in place."""
    x, a, b = of_tensors(input, tensor1, tensor2, name="addcmul_(input, tensor1, tensor2)")
    check_holds(input.array.dtype, x.array.dtype)
    return broadcasting(inplace, AddCMul, input, a, b, value=value)


def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """input + value * tensor1 / tensor2. Mirrors torch.addcdiv."""
    inputs = of_tensors(input, tensor1, tensor2, name="addcdiv(input, tensor1, tensor2)")
    check_division(tensor1, tensor2)
    return broadcasting(apply, AddCDiv, *inputs, value=value)


def addcdiv_(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """`addcdiv`, in place."""
    x, a, b = of_tensors(input, tensor1, tensor2, name="addcdiv_(input, tensor1, tensor2)")
    check_division(tensor1, tensor2)
    check_holds(input.array.dtype, x.array.dtype)
    return broadcasting(inplace, AddCDiv, input, a, b, value=value)


def check_division(tensor1: Tensor, tensor2: Tensor) -> None:
    if "f" not in (tensor1.array.dtype.kind, tensor2.array.dtype.kind):
        raise RuntimeError(
            "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a true division of "
            "tensor1 and tensor2. The historic addcdiv behavior can be implemented as (input + value * torch.trunc(tensor1 / "
            "tensor2)).to(input.dtype) for integer inputs and as (input + value * tensor1 / tensor2) for float inputs. The future "
            "addcdiv behavior is just the latter implementation: (input + value * tensor1 / tensor2), for all dtypes."
        )
