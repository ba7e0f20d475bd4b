"""Layers that learn how many features they take from their first input. Mirrors torch.nn.modules.lazy.

Until then their parameters have no shape. They keep their identity when they get one, so an optimizer may hold them already.
"""
from __future__ import annotations

from typing import Any

from ...autograd.grad_mode import no_grad
from ...tensor import Tensor
from ..parameter import Uninitialized, UninitializedBuffer, UninitializedParameter, is_lazy
from .batchnorm import BatchNorm1d, BatchNorm2d, BatchNorm3d, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d
from .conv import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from .linear import Linear
from .module import Module

__all__ = [
    "LazyBatchNorm1d", "LazyBatchNorm2d", "LazyBatchNorm3d", "LazyConv1d", "LazyConv2d", "LazyConv3d", "LazyConvTranspose1d",
    "LazyConvTranspose2d", "LazyConvTranspose3d", "LazyInstanceNorm1d", "LazyInstanceNorm2d", "LazyInstanceNorm3d", "LazyLinear",
]  # fmt: skip


class LazyModuleMixin(Module):
    """Made without its first argument. The first call finds it, draws the parameters, and turns the module into `cls_to_become`."""

    cls_to_become: Any = None
    size: str  # the name of that argument, and of the attribute that keeps it

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(0, *args, **kwargs)
        self._shapes = {}  # with a 0 where the size will be
        for name, tensor in [*self._parameters.items(), *self._buffers.items()]:
            if tensor is not None and tensor.dim():
                self._shapes[name] = tuple(tensor.shape)
                if name in self._parameters:
                    self._parameters[name] = UninitializedParameter(dtype=tensor.dtype)
                else:
                    self._buffers[name] = UninitializedBuffer(dtype=tensor.dtype)
        self._load_hook = self._register_load_state_dict_pre_hook(self._lazy_load_hook)
        self._initialize_hook = self.register_forward_pre_hook(self._infer_parameters, with_kwargs=True)

    def reset_parameters(self) -> None:
        """Draw the weights, if they have a shape."""
        if not self.has_uninitialized_params() and getattr(self, self.size):
            super().reset_parameters()  # type: ignore[misc]

    def has_uninitialized_params(self) -> bool:
        """Whether a parameter or buffer has no shape yet."""
        return any([is_lazy(tensor) for tensor in [*self._parameters.values(), *self._buffers.values()]])

    def initialize_parameters(self, input: Tensor, *args: Any, **kwargs: Any) -> None:
        """Give the parameters their shapes."""
        size = self._size_of(input)
        groups = getattr(self, "groups", 1)
        if size % groups:
            raise ValueError("in_channels must be divisible by groups")
        waiting = self.has_uninitialized_params()
        setattr(self, self.size, size)
        if waiting:
            size = size if getattr(self, "transposed", False) else size // groups
            for name, shape in self._shapes.items():
                getattr(self, name).materialize([n or size for n in shape])
            with no_grad():
                self.reset_parameters()

    def _size_of(self, input: Tensor) -> int:
        return input.shape[1]

    def _infer_parameters(self, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.initialize_parameters(*args, **kwargs)
        self._initialize_hook.remove()
        self._load_hook.remove()
        for name in ("_initialize_hook", "_load_hook", "_shapes"):
            delattr(self, name)
        if self.cls_to_become is not None:
            self.__class__ = self.cls_to_become

    def _lazy_load_hook(self, state_dict: dict[str, Any], prefix: str, *rest: Any) -> None:
        """What is loaded tells the shapes too."""
        for name, tensor in [*self._parameters.items(), *self._buffers.items()]:
            loaded = state_dict.get(prefix + name)
            if isinstance(tensor, Uninitialized) and loaded is not None and not is_lazy(loaded):
                tensor.materialize(loaded.shape)


class LazyLinear(LazyModuleMixin, Linear):
    """A Linear whose in_features is the first input's last size. Mirrors torch.nn.LazyLinear."""

    cls_to_become = Linear
    size = "in_features"

    def _size_of(self, input: Tensor) -> int:
        return input.shape[-1]


class _LazyConv(LazyModuleMixin):
    size = "in_channels"
    n: int

    def _size_of(self, input: Tensor) -> int:
        if input.dim() not in (self.n + 1, self.n + 2):
            raise RuntimeError(
                f"Expected {self.n + 1}D (unbatched) or {self.n + 2}D (batched) input to {type(self).__name__}, but got input of size: "
                f"{input.shape}"
            )
        return input.shape[-self.n - 1]


class _LazyNorm(LazyModuleMixin):
    size = "num_features"

    def __init__(self, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True, track_running_stats: bool = True,
                 device: Any = None, dtype: Any = None, *, bias: bool = True) -> None:
        super().__init__(eps, momentum, affine, track_running_stats, device, dtype, bias=bias)


def lazy(base: type[Module], kind: type[LazyModuleMixin]) -> Any:
    """The lazy form of a layer."""
    name = f"Lazy{base.__name__}"
    doc = f"A {base.__name__} whose {kind.size} is the first input's. Mirrors torch.nn.{name}."
    return type(name, (kind, base), {"__module__": __name__, "__doc__": doc, "cls_to_become": base})


LazyConv1d, LazyConv2d, LazyConv3d = [lazy(base, _LazyConv) for base in (Conv1d, Conv2d, Conv3d)]
LazyConvTranspose1d, LazyConvTranspose2d, LazyConvTranspose3d = [
    lazy(base, _LazyConv) for base in (ConvTranspose1d, ConvTranspose2d, ConvTranspose3d)
]
LazyBatchNorm1d, LazyBatchNorm2d, LazyBatchNorm3d = [lazy(base, _LazyNorm) for base in (BatchNorm1d, BatchNorm2d, BatchNorm3d)]
LazyInstanceNorm1d, LazyInstanceNorm2d, LazyInstanceNorm3d = [
    lazy(base, _LazyNorm) for base in (InstanceNorm1d, InstanceNorm2d, InstanceNorm3d)
]
