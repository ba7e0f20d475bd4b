"""A weight of spectral norm one. Mirrors torch.nn.utils.spectral_norm."""
from __future__ import annotations

from typing import Any, TypeVar

from ...autograd.grad_mode import no_grad
from ...tensor import Tensor
from ..functional.distance import normalize
from ..modules.module import Module
from ..parameter import Parameter
from .weight_norm import taken, unwrapped

M = TypeVar("M", bound=Module)


def matrix(weight: Tensor, dim: int) -> Tensor:
    """The weight with dimension `dim` first, and all others as one."""
    others = [d for d in range(weight.dim()) if d != dim]
    return weight.permute(dim, *others).reshape(weight.size(dim), -1)


class SpectralNorm:
    """The hook that computes the weight, w / σ, before every forward; in training after a step of power iteration:

        v ← normalize(wᵀu);   u ← normalize(w v);   σ = uᵀw v
    """

    def __init__(self, name: str, n_power_iterations: int, dim: int, eps: float) -> None:
        if n_power_iterations <= 0:
            raise ValueError(f"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}")
        self.name, self.n_power_iterations, self.dim, self.eps = name, n_power_iterations, dim, eps

    def compute_weight(self, module: Module, do_power_iteration: bool) -> Tensor:
        weight, u, v = [getattr(module, f"{self.name}_{part}") for part in ("orig", "u", "v")]
        w = matrix(weight, self.dim)
        if do_power_iteration:
            with no_grad():
                for _ in range(self.n_power_iterations):
                    v.copy_(normalize(w.t().mv(u), dim=0, eps=self.eps))
                    u.copy_(normalize(w.mv(v), dim=0, eps=self.eps))
                u, v = u.clone(), v.clone()  # for backward, since the next forward changes these
        return weight / u.dot(w.mv(v))

    def remove(self, module: Module) -> None:
        with no_grad():
            weight = self.compute_weight(module, do_power_iteration=False)
        for name in ("", "_u", "_v", "_orig"):
            delattr(module, self.name + name)
        module.register_parameter(self.name, Parameter(weight.detach()))

    def __call__(self, module: Module, inputs: Any) -> None:
        setattr(module, self.name, self.compute_weight(module, do_power_iteration=module.training))


class NoteVersion:
    """Puts into the state_dict's metadata what PyTorch does."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, module: Module, state_dict: dict[str, Any], prefix: str, local_metadata: dict[str, Any]) -> None:
        local_metadata.setdefault("spectral_norm", {})[f"{self.name}.version"] = 1


def spectral_norm(
    module: M, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> M:
    """Divide a parameter by an estimate of its largest singular value (Miyato et al., 2018).

    The parameter becomes `name`_orig; `name`_u and `name`_v are buffers. `dim` counts the outputs: 0, in transposed convolutions 1.
    """
    if dim is None:
        dim = 1 if any(kind.__name__.startswith("ConvTranspose") for kind in type(module).__mro__) else 0
    for hook in module._forward_pre_hooks.values():
        if isinstance(unwrapped(hook), SpectralNorm) and unwrapped(hook).name == name:
            raise RuntimeError(f"Cannot register two spectral_norm hooks on the same parameter {name}")
    hook = SpectralNorm(name, n_power_iterations, dim, eps)
    weight = module._parameters[name]
    if weight is None:
        raise ValueError(f"`SpectralNorm` cannot be applied as parameter `{name}` is None")
    with no_grad():
        height, width = matrix(weight, hook.dim).shape
        u = normalize(weight.new_empty(height).normal_(0, 1), dim=0, eps=eps)
        v = normalize(weight.new_empty(width).normal_(0, 1), dim=0, eps=eps)
    delattr(module, name)
    module.register_parameter(f"{name}_orig", weight)
    setattr(module, name, weight.data)
    module.register_buffer(f"{name}_u", u)
    module.register_buffer(f"{name}_v", v)
    module.register_forward_pre_hook(hook)
    module.register_state_dict_post_hook(NoteVersion(name))
    return module


def remove_spectral_norm(module: M, name: str = "weight") -> M:
    """Make the weight a parameter again, with its present value."""
    hook = taken(module._forward_pre_hooks, SpectralNorm, name)
    if hook is None:
        raise ValueError(f"spectral_norm of '{name}' not found in {module}")
    hook.remove(module)
    taken(module._state_dict_hooks, NoteVersion, name)
    return module
