"""What tensors that require a gradient were called until PyTorch 0.4. Mirrors torch.autograd.Variable."""
from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from .variable import TensorBase, alias, wrap


class VariableType(type):
    """Every tensor is a Variable."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, TensorBase)


class Variable(metaclass=VariableType):
    """`Variable(tensor, requires_grad=False)` is a new leaf over the memory of the tensor."""

    def __new__(cls, data: Any = None, requires_grad: bool = False, volatile: bool | None = None) -> Any:
        if volatile is not None:
            warnings.warn("volatile was removed and now has no effect. Use `with torch.no_grad():` instead.", stacklevel=2)
        if data is None:
            data = wrap(np.empty(0, np.float32))
        if not isinstance(data, TensorBase):
            raise TypeError(f"Variable data has to be a tensor, but got {type(data).__name__}")
        if requires_grad and data.array.dtype.kind != "f":
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        leaf = alias(data)
        leaf.requires_grad = requires_grad
        return leaf
