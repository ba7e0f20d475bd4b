"""A weight as a direction and a length. Mirrors torch.nn.utils.weight_norm."""
from __future__ import annotations

import warnings
from typing import Any, TypeVar

from ...ops.norms import norm
from ...tensor import Tensor
from ..modules.module import Module
from ..parameter import Parameter

M = TypeVar("M", bound=Module)
H = TypeVar("H")


def length(v: Tensor, dim: int) -> Tensor:
    """The norm over all dimensions but one; for dim -1 over all."""
    if dim == -1:
        return norm(v)
    return norm(v, 2, dim=[d for d in range(v.dim()) if d != dim], keepdim=True) if v.dim() > 1 else v.abs()


class WeightNorm:
    """The hook that computes the weight, g v / ‖v‖, before every forward."""

    def __init__(self, name: str, dim: int | None) -> None:
        self.name = name
        self.dim = -1 if dim is None else dim

    def compute_weight(self, module: Module) -> Tensor:
        g, v = getattr(module, f"{self.name}_g"), getattr(module, f"{self.name}_v")
        return v * (g / length(v, self.dim))

    def remove(self, module: Module) -> None:
        weight = self.compute_weight(module)
        delattr(module, self.name)
        del module._parameters[f"{self.name}_g"], module._parameters[f"{self.name}_v"]
        setattr(module, self.name, Parameter(weight.data))

    def __call__(self, module: Module, inputs: Any) -> None:
        setattr(module, self.name, self.compute_weight(module))


def weight_norm(module: M, name: str = "weight", dim: int | None = 0) -> M:
    """Replace a parameter w by g v / ‖v‖, with parameters `name`_g and `name`_v (Salimans and Kingma, 2016).

    Every index of dimension `dim` has a length of its own; with None all of w has one.
    """
    warnings.warn(
        "`torch.nn.utils.weight_norm` is deprecated in favor of `torch.nn.utils.parametrizations.weight_norm`.",
        FutureWarning,
        stacklevel=2,
    )
    for hook in module._forward_pre_hooks.values():
        if isinstance(unwrapped(hook), WeightNorm) and unwrapped(hook).name == name:
            raise RuntimeError(f"Cannot register two weight_norm hooks on the same parameter {name}")
    hook = WeightNorm(name, dim)
    weight = getattr(module, name)
    del module._parameters[name]
    module.register_parameter(f"{name}_g", Parameter(length(weight, hook.dim).data))
    module.register_parameter(f"{name}_v", Parameter(weight.data))
    setattr(module, name, hook.compute_weight(module))
    module.register_forward_pre_hook(hook)
    return module


def remove_weight_norm(module: M, name: str = "weight") -> M:
    """Make the weight a parameter again, with its present value."""
    hook = taken(module._forward_pre_hooks, WeightNorm, name)
    if hook is None:
        raise ValueError(f"weight_norm of '{name}' not found in {module}")
    hook.remove(module)
    return module


def taken(hooks: dict[int, Any], kind: type[H], name: str) -> H | None:
    """The hook of a kind for a parameter, which is among the hooks no more; None if there was none."""
    for key, hook in hooks.items():
        hook = unwrapped(hook)
        if isinstance(hook, kind) and hook.name == name:  # type: ignore[attr-defined]
            del hooks[key]
            return hook
    return None


def unwrapped(hook: Any) -> Any:
    """The hook that was registered."""
    return getattr(hook, "hook", hook)
