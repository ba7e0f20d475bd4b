"""Parameters that are functions of other parameters. Mirrors torch.nn.utils.parametrize.

`module.weight` becomes a property that computes f(original) whenever it is read; the original is the parameter that is trained, under
the name `parametrizations.weight.original` (or `.original0`, `.original1`, ... where f takes several).
"""
from __future__ import annotations

from copy import deepcopy
from typing import Any

from ...autograd.grad_mode import no_grad
from ...tensor import Tensor
from ..modules.container import ModuleDict, ModuleList
from ..modules.module import Module
from ..parameter import Parameter

__all__ = ["ParametrizationList", "is_parametrized", "register_parametrization", "remove_parametrizations"]


class ParametrizationList(ModuleList):
    """The functions that make one tensor, one after the other, and what they make it of."""

    def __init__(self, modules: Any, original: Tensor, unsafe: bool = False) -> None:
        if len(modules) == 0:
            raise ValueError("ParametrizationList requires one or more modules.")
        super().__init__(modules)
        self.unsafe = unsafe
        new: Any = original
        with no_grad():
            for module in reversed(list(self)):
                if hasattr(module, "right_inverse"):
                    new = module.right_inverse(new)
        self.is_tensor = isinstance(new, Tensor)
        if not self.is_tensor and not isinstance(new, (list, tuple)):
            raise ValueError(f"'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). Got {type(new).__name__}")
        self.ntensors = 1 if self.is_tensor else len(new)
        trained = isinstance(original, Parameter)
        if self.is_tensor:
            if new is not original:
                original.data = new
            keep(self, "original", original, trained)
        else:
            for i, part in enumerate(new):
                part = Parameter(part, original.requires_grad) if trained else part
                keep(self, f"original{i}", part, trained)
        if not unsafe:
            check(self(), original, "unparametrized", "parametrized", "A parametrization must return a tensor.", "unless `unsafe` flag is enabled")

    def right_inverse(self, value: Tensor) -> None:
        """Choose the originals so that the tensor becomes `value`."""
        with no_grad():
            new: Any = value
            for module in reversed(list(self)):
                if not hasattr(module, "right_inverse"):
                    raise RuntimeError(f"parametrization {type(module).__name__} does not implement right_inverse.")
                new = module.right_inverse(new)
            for name, part in [("original", new)] if self.is_tensor else [(f"original{i}", part) for i, part in enumerate(new)]:
                getattr(self, name).data = part

    def forward(self) -> Tensor:
        first, *others = list(self)
        x = first(self.original) if self.is_tensor else first(*[getattr(self, f"original{i}") for i in range(self.ntensors)])
        for module in others:
            x = module(x)
        return x


def keep(module: Module, name: str, tensor: Tensor, trained: bool) -> None:
    if trained:
        module.register_parameter(name, tensor)  # type: ignore[arg-type]
    else:
        module.register_buffer(name, tensor)


def check(made: Any, before: Tensor, name: str, made_name: str, no_tensor: str, unless: str) -> None:
    if not isinstance(made, Tensor):
        raise ValueError(f"{no_tensor} Got {type(made).__name__}.")
    for what in ("dtype", "shape"):
        old, new = getattr(before, what), getattr(made, what)
        if old != new:
            raise ValueError(
                f"Registering a parametrization may not change the {what} of the tensor, {unless}.\n{name} {what}: {old}\n{made_name} {what}: {new}"
            )


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether a tensor of the module, or any, is parametrized."""
    found = module._modules.get("parametrizations")
    return isinstance(found, ModuleDict) and (len(found) > 0 if tensor_name is None else tensor_name in found)


def register_parametrization(module: Any, tensor_name: str, parametrization: Module, *, unsafe: bool = False) -> Any:
    """Make the parameter or buffer `tensor_name` a function, `parametrization`, of what it was. A second one is applied after the first.

    `parametrization.right_inverse`, if it has that, chooses the original. With `unsafe` the function may change shape and dtype.
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        if not unsafe:
            before, name = getattr(module, tensor_name), f"module.{tensor_name}"
            check(parametrization(before), before, f"{name}", f"parametrization({name})", "A parametrization must return a tensor.",
                  "unless the `unsafe` flag is enabled")
        module.parametrizations[tensor_name].append(parametrization)
        module.parametrizations[tensor_name].unsafe |= unsafe
        return module
    if tensor_name not in module._buffers and tensor_name not in module._parameters:
        raise ValueError(
            f"Module '{module}' does not have a parameter, a buffer, or a parametrized element with name '{tensor_name}'"
        )
    functions = ParametrizationList([parametrization], getattr(module, tensor_name), unsafe)
    delattr(module, tensor_name)
    if not is_parametrized(module):
        kind = type(module)
        module.__class__ = type(f"Parametrized{kind.__name__}", (kind,), {"__getstate__": no_state, "__deepcopy__": copied})
        module.parametrizations = ModuleDict()
    setattr(type(module), tensor_name, property(lambda self: self.parametrizations[tensor_name](),
                                                lambda self, value: self.parametrizations[tensor_name].right_inverse(value)))
    module.parametrizations[tensor_name] = functions
    return module


def no_state(self: Module) -> Any:
    raise RuntimeError(
        "Serialization of parametrized modules is only supported through state_dict(). See:\n"
        "https://pytorch.org/tutorials/beginner/saving_loading_models.html"
        "#saving-loading-a-general-checkpoint-for-inference-and-or-resuming-training"
    )


def copied(self: Module, memo: dict[int, Any]) -> Module:
    if id(self) not in memo:
        memo[id(self)] = twin = type(self).__new__(type(self))
        twin.__setstate__(deepcopy(Module.__getstate__(self), memo))
    return memo[id(self)]


def remove_parametrizations(module: Any, tensor_name: str, leave_parametrized: bool = True) -> Any:
    """Make the tensor a parameter or buffer again: with its present value, or (`leave_parametrized=False`) with the original's."""
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"Module {module} does not have a parametrization on {tensor_name}")
    functions = module.parametrizations[tensor_name]
    if not functions.is_tensor and not leave_parametrized:
        raise ValueError(
            "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms of a sequence of tensors."
        )
    value = getattr(module, tensor_name)
    trained = bool(functions._parameters)
    if functions.is_tensor:
        tensor = functions.original
        if leave_parametrized:
            tensor.data = value.detach()
    else:
        tensor = Parameter(value.detach()) if trained else value
    delattr(type(module), tensor_name)
    del module.parametrizations[tensor_name]
    keep(module, tensor_name, tensor, trained)
    if not is_parametrized(module):
        del module.parametrizations
        module.__class__ = type(module).__bases__[0]
    return module
