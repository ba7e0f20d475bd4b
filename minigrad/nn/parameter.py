"""Tensors that a module keeps: parameters and buffers. Mirrors torch.nn.parameter."""
from __future__ import annotations

from typing import Any

from ..ops import empty
from ..tensor import Tensor


class Parameter(Tensor):
    """A tensor that becomes a parameter of the module it is assigned to. It requires a gradient unless told otherwise.

    It shares the memory of `data`. Mirrors torch.nn.Parameter.
    """

    __slots__ = ()

    def __new__(cls, data: Any = None, requires_grad: bool = True) -> Parameter:
        parameter = (empty(0) if data is None else data).detach().as_subclass(cls)
        if requires_grad and not parameter.is_floating_point():
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        parameter.requires_grad = requires_grad
        return parameter

    def __deepcopy__(self, memo: dict[int, Any]) -> Parameter:
        """A new parameter with the same values. The gradient is not copied."""
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.data.clone(), self.requires_grad)
        return memo[id(self)]

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return type(self), (self.data, self.requires_grad)

    def __repr__(self, **options: Any) -> str:  # type: ignore[override]
        return "Parameter containing:\n" + super().__repr__(**options)


class Buffer(Tensor):
    """A tensor that becomes a buffer of the module it is assigned to: part of its state, but not trained.

    It shares the memory of `data`, and is in the state_dict only if `persistent`. Mirrors torch.nn.Buffer.
    """

    __slots__ = ()
    persistent: bool

    def __new__(cls, data: Any = None, *, persistent: bool = True) -> Buffer:
        data = empty(0) if data is None else data
        buffer = data.detach().as_subclass(cls)
        buffer.requires_grad = data.requires_grad
        buffer.persistent = persistent
        return buffer
