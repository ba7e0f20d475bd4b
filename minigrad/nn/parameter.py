"""Tensors that a module keeps: parameters and buffers. Mirrors torch.nn.parameter."""
from __future__ import annotations

from typing import Any

from ..autograd.variable import TensorBase
from ..dtypes import of_array
from ..ops import empty
from ..tensor import Tensor

KEPT: Any = TensorBase.__dict__["array"]  # where a tensor keeps its array


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


class Uninitialized(Tensor):
    """A tensor of which all but its dtype is still unknown. It can be converted to another dtype; all else is refused."""

    __slots__ = ()
    cls_to_become: type[Tensor] = Tensor

    def materialize(self, shape: Any, device: Any = None, dtype: Any = None) -> None:
        """Become a tensor of that shape, with undefined elements."""
        made = empty(shape, device=device, dtype=self.dtype if dtype is None else dtype)
        self.__class__ = self.cls_to_become  # type: ignore[assignment]
        self.array = made.array

    @property
    def array(self) -> Any:
        name = type(self).__name__
        raise ValueError(
            "Attempted to use an uninitialized parameter. This error happens when you are using a `LazyModule` or explicitly "
            f"manipulating `torch.nn.parameter.{name}` objects. When using LazyModules Call `forward` with a dummy batch to initialize "
            "the parameters before calling torch functions"
        )

    @array.setter
    def array(self, new: Any) -> None:
        KEPT.__set__(self, new)

    @property
    def dtype(self) -> Any:
        return of_array(KEPT.__get__(self))

    @property
    def shape(self) -> Any:
        raise RuntimeError(
            "Can't access the shape of an uninitialized parameter or buffer. This error usually happens in `load_state_dict` when trying "
            "to load an uninitialized parameter into an initialized one. Call `forward` to initialize the parameters before accessing "
            "their attributes."
        )

    def share_memory_(self) -> Any:
        raise RuntimeError(
            "Can't share memory on an uninitialized parameter or buffer. Call `forward` to initialize the parameters before calling "
            "`module.share_memory()`."
        )

    def is_floating_point(self) -> bool:
        return True

    def detach(self) -> Any:
        return self

    def to(self, *args: Any, **kwargs: Any) -> Tensor:
        return empty(0, dtype=self.dtype).to(*args, **kwargs)

    def cpu(self, memory_format: Any = None) -> Tensor:
        return self.to("cpu")

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.requires_grad, dtype=self.dtype)  # type: ignore[call-arg]
        return memo[id(self)]

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return type(self), (self.requires_grad,)

    def __repr__(self, **options: Any) -> str:  # type: ignore[override]
        return f"<{type(self).__name__}>"


def uninitialized(cls: Any, requires_grad: bool, device: Any, dtype: Any) -> Any:
    tensor: Any = empty(0, device=device, dtype=dtype).as_subclass(cls.cls_to_become).requires_grad_(requires_grad)
    tensor.__class__ = cls
    return tensor


class UninitializedParameter(Uninitialized, Parameter):
    """A parameter without a shape. Mirrors torch.nn.parameter.UninitializedParameter."""

    __slots__ = ()
    cls_to_become = Parameter

    def __new__(cls, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> Any:
        return uninitialized(cls, requires_grad, device, dtype)


class UninitializedBuffer(Uninitialized):
    """A buffer without a shape. Mirrors torch.nn.parameter.UninitializedBuffer."""

    __slots__ = ()
    def __new__(cls, requires_grad: bool = False, device: Any = None, dtype: Any = None) -> Any:
        return uninitialized(cls, requires_grad, device, dtype)


def is_lazy(param: Any) -> bool:
    """Whether it is an uninitialized parameter or buffer."""
    return isinstance(param, Uninitialized)
