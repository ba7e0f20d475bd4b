"""The base of all neural networks: a tree of modules, and the parameters in it. Mirrors torch.nn.Module.

What else a module can do stands in two files beside this one: being called, with hooks (hooks.py), and saving and
loading (state.py).
"""
from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from ... import dtypes
from ..._typename import typename
from ...autograd.grad_mode import no_grad
from ...ops import empty
from ...tensor import Tensor
from ..parameter import Buffer, Parameter
from . import hooks, state
from .hooks import (  # noqa: F401 (PyTorch has them here)
    register_module_forward_hook,
    register_module_forward_pre_hook,
    register_module_full_backward_hook,
    register_module_full_backward_pre_hook,
)
from .registry import Registry, install

__all__ = ["Module"]

Self = TypeVar("Self", bound="Module")
REGISTRIES = ("_parameters", "_buffers", "_modules")


class Module(hooks.Hookable, state.Stateful):
    """Base class of networks and layers. Assign parameters and other modules as attributes, and define `forward`.

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 2)

            def forward(self, x):
                return self.fc(x).relu()
    """

    training: bool
    _parameters: Registry[Parameter | None]
    _buffers: Registry[Tensor | None]
    _modules: Registry[Any]
    _non_persistent_buffers_set: set[str]
    call_super_init = False
    dump_patches = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not self.call_super_init:
            name = type(self).__name__
            if kwargs:
                raise TypeError(f"{name}.__init__() got an unexpected keyword argument '{next(iter(kwargs))}'")
            if args:
                raise TypeError(f"{name}.__init__() takes 1 positional argument but {len(args) + 1} were given")
        attributes = vars(self)
        attributes["training"] = True
        for name in REGISTRIES:
            install(self, name)
        attributes["_non_persistent_buffers_set"] = set()
        for name in hooks.KINDS + state.KINDS:
            attributes[name] = OrderedDict()
        if self.call_super_init:
            super().__init__(*args, **kwargs)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes; every subclass defines its own."""
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    # ---- registering

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter, as `self.<name>`. None holds the place of a parameter that this module does without."""
        self._check_name(name, "parameter", "_parameters")
        if param is not None:
            if not isinstance(param, Parameter):
                raise TypeError(
                    f"cannot assign '{typename(param)}' object to parameter '{name}' "
                    "(torch.nn.Parameter or None required)"
                )
            if param.grad_fn is not None:
                raise ValueError(
                    f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be created "
                    f"explicitly. To express '{name}' as a function of another Tensor, compute the value in the "
                    "forward() method."
                )
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Add a buffer, as `self.<name>`: state that is not trained, and in the state_dict only if persistent."""
        self._check_name(name, "buffer", "_buffers")
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{typename(tensor)}' object to buffer '{name}' (torch Tensor or None required)"
            )
        self._buffers[name] = tensor
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Add a submodule, as `self.<name>`."""
        if not isinstance(module, Module) and module is not None:
            raise TypeError(f"{typename(module)} is not a Module subclass")
        self._check_name(name, "module", "_modules")
        self._modules[name] = module

    def register_module(self, name: str, module: Module | None) -> None:
        """The same as `add_module`."""
        self.add_module(name, module)

    def _check_name(self, name: Any, kind: str, registry: str) -> None:
        if registry not in vars(self):
            raise AttributeError(f"cannot assign {kind} before Module.__init__() call")
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {typename(name)}")
        if "." in name:
            raise KeyError(f'{kind} name can\'t contain "."' + (f", got: {name}" if kind == "module" else ""))
        if name == "":
            raise KeyError(f'{kind} name can\'t be empty string ""')
        if hasattr(self, name) and name not in getattr(self, registry):
            raise KeyError(f"attribute '{name}' already exists")

    # ---- attributes: assigning a parameter, module or buffer registers it

    def __setattr__(self, name: str, value: Any) -> None:
        attributes = vars(self)
        if isinstance(value, Parameter):
            if "_parameters" not in attributes:
                raise AttributeError("cannot assign parameters before Module.__init__() call")
            self._free(name, "_parameters")
            self.register_parameter(name, value)
        elif name in attributes.get("_parameters", ()):
            self._check_none(name, value, "parameter", "torch.nn.Parameter")
            self._parameters[name] = None
        elif isinstance(value, Module):
            if "_modules" not in attributes:
                raise AttributeError("cannot assign module before Module.__init__() call")
            self._free(name, "_modules")
            self._modules[name] = value
        elif name in attributes.get("_modules", ()):
            self._check_none(name, value, "child module", "torch.nn.Module")
            self._modules[name] = None
        elif isinstance(value, Buffer) or name in attributes.get("_buffers", ()):
            if not isinstance(value, Tensor):
                self._check_none(name, value, "buffer", "torch.nn.Buffer, torch.Tensor")
            kept = value.persistent if isinstance(value, Buffer) else name not in self._non_persistent_buffers_set
            if kept:
                self.register_buffer(name, value)
            else:
                self.register_buffer(name, value, persistent=False)
        elif name in REGISTRIES:
            install(self, name, value)
        else:
            super().__setattr__(name, value)

    def _check_none(self, name: str, value: Any, kind: str, expected: str) -> None:
        if value is not None:
            raise TypeError(f"cannot assign '{typename(value)}' as {kind} '{name}' ({expected} or None expected)")

    def _free(self, name: str, keep: str) -> None:
        """Make way for a new attribute: whatever has that name now goes, unless the registry `keep` has it."""
        if name in getattr(self, keep):
            return
        for registry in REGISTRIES:
            getattr(self, registry).pop(name, None)
        self._non_persistent_buffers_set.discard(name)
        vars(self).pop(name, None)

    def __getattr__(self, name: str) -> Any:
        """Python comes here when a name is no attribute; code that calls it directly finds everything here."""
        for registry in REGISTRIES:
            entries = vars(self).get(registry, ())
            if name in entries:
                return entries[name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __delattr__(self, name: str) -> None:
        for registry in REGISTRIES:
            if name in getattr(self, registry):
                del getattr(self, registry)[name]
                self._non_persistent_buffers_set.discard(name)
                return
        super().__delattr__(name)

    def __dir__(self) -> list[str]:
        return sorted(name for name in super().__dir__() if not name[0].isdigit())

    def __getstate__(self) -> dict[str, Any]:
        members = {name for registry in REGISTRIES for name in getattr(self, registry)}
        return {name: value for name, value in vars(self).items() if name not in members}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        for registry in REGISTRIES:
            install(self, registry, state[registry])

    # ---- the tree

    def named_modules(self, memo: set[Module] | None = None, prefix: str = "",
                      remove_duplicate: bool = True) -> Iterator[tuple[str, Module]]:
        """This module and all below it, each once, with their names ('', 'encoder', 'encoder.0', ...)."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(memo, f"{prefix}.{name}" if prefix else name, remove_duplicate)

    def modules(self, remove_duplicate: bool = True) -> Iterator[Module]:
        """This module and all below it, each once."""
        for _, module in self.named_modules(remove_duplicate=remove_duplicate):
            yield module

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The submodules directly below, each once, with their names."""
        memo = set()
        for name, module in self._modules.items():
            if module is not None and module not in memo:
                memo.add(module)
                yield name, module

    def children(self) -> Iterator[Module]:
        """The submodules directly below, each once."""
        for _, module in self.named_children():
            yield module

    def _named_members(self, members: Callable[[Any], Any], prefix: str = "", recurse: bool = True,
                       remove_duplicate: bool = True) -> Iterator[tuple[str, Any]]:
        memo = set()
        modules = self.named_modules(None, prefix, remove_duplicate) if recurse else [(prefix, self)]
        for path, module in modules:
            for name, value in members(module):
                if value is None or value in memo:
                    continue
                if remove_duplicate:
                    memo.add(value)
                yield f"{path}.{name}" if path else name, value

    def named_parameters(self, prefix: str = "", recurse: bool = True,
                         remove_duplicate: bool = True) -> Iterator[tuple[str, Parameter]]:
        """The parameters of this module and (`recurse`) of all below it, each once, with their names ('fc1.weight')."""
        return self._named_members(lambda module: module._parameters.items(), prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters of this module and (`recurse`) of all below it, each once: what an optimizer takes."""
        for _, parameter in self.named_parameters(recurse=recurse):
            yield parameter

    def named_buffers(self, prefix: str = "", recurse: bool = True,
                      remove_duplicate: bool = True) -> Iterator[tuple[str, Tensor]]:
        """The buffers of this module and (`recurse`) of all below it, each once, with their names."""
        return self._named_members(lambda module: module._buffers.items(), prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """The buffers of this module and (`recurse`) of all below it, each once."""
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    def get_submodule(self, target: str) -> Module:
        """The module of that name, as `named_modules` gives it; '' is this one."""
        module = self
        for name in target.split(".") if target else ():
            module = module._get(name)
            if not isinstance(module, Module):
                raise AttributeError(f"`{name}` is not an nn.Module")
        return module

    def set_submodule(self, target: str, module: Module, strict: bool = False) -> None:
        """Put `module` in the place of that name; with `strict` only if there is one already."""
        if target == "":
            raise ValueError("Cannot set the submodule without a target name!")
        if not isinstance(module, Module):
            raise ValueError(f"`module` is not an nn.Module, found {type(module)}")
        path, _, name = target.rpartition(".")
        parent = self.get_submodule(path)
        if strict or hasattr(parent, name):
            if not isinstance(parent._get(name), Module):
                raise AttributeError(f"`{name}` is not an nn.Module")
        setattr(parent, name, module)

    def get_parameter(self, target: str) -> Parameter:
        """The parameter of that name, as `named_parameters` gives it."""
        path, _, name = target.rpartition(".")
        parameter = self.get_submodule(path)._get(name)
        if not isinstance(parameter, Parameter):
            raise AttributeError(f"`{name}` is not an nn.Parameter")
        return parameter

    def get_buffer(self, target: str) -> Tensor:
        """The buffer of that name, as `named_buffers` gives it."""
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        buffer = module._get(name)
        if name not in module._buffers:
            raise AttributeError(f"`{name}` is not a buffer")
        return buffer

    def _get(self, name: str) -> Any:
        if not hasattr(self, name):
            raise AttributeError(f"{self._get_name()} has no attribute `{name}`")
        return getattr(self, name)

    # ---- everything at once

    def train(self: Self, mode: bool = True) -> Self:
        """Set this module and all below it to training mode, or to evaluation mode (`mode=False`)."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self: Self) -> Self:
        """Set evaluation mode: dropout, for one, lets everything pass."""
        return self.train(False)

    def requires_grad_(self: Self, requires_grad: bool = True) -> Self:
        """Set `requires_grad` of all parameters; False freezes the module."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Set the gradients of all parameters to None, or to zeros in place (`set_to_none=False`)."""
        for parameter in self.parameters():
            if parameter.grad is not None:
                if set_to_none:
                    parameter.grad = None
                else:
                    parameter.grad.detach_().requires_grad_(False).zero_()

    def apply(self: Self, fn: Callable[[Module], Any]) -> Self:
        """Call `fn` on every module of the tree, this one last."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def _apply(self: Self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        """Replace the data of all parameters and gradients, and all buffers, by `fn` of them."""
        if recurse:
            for module in self.children():
                module._apply(fn)
        with no_grad():
            for parameter in self._parameters.values():
                if parameter is not None:
                    parameter.data, grad = fn(parameter), parameter.grad
                    if grad is not None:
                        grad.data = fn(grad)
            for name, buffer in self._buffers.items():
                if buffer is not None:
                    self._buffers[name] = fn(buffer)
        return self

    def to(self: Self, *args: Any, **kwargs: Any) -> Self:
        """Convert all tensors that are floating-point: `to(dtype)`, `to(device)`, `to(device, dtype)`, `to(tensor)`."""
        empty(0).to(*args, **kwargs)  # complains if there is something to complain about
        for x in (*args, *kwargs.values()):
            dtype = x.dtype if isinstance(x, Tensor) else x
            if isinstance(dtype, dtypes.dtype) and not dtype.is_floating_point:
                raise TypeError(
                    f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={dtype}"
                )
        return self._apply(lambda t: t.to(*args, **kwargs) if t.is_floating_point() else t)

    def type(self: Self, dst_type: Any) -> Self:
        """Convert all parameters and buffers, whatever their dtype."""
        return self._apply(lambda t: t.type(dst_type))

    def float(self: Self) -> Self:
        """Convert floating-point parameters and buffers to float32."""
        return self._cast(dtypes.float32)

    def double(self: Self) -> Self:
        """Convert floating-point parameters and buffers to float64."""
        return self._cast(dtypes.float64)

    def half(self: Self) -> Self:
        """Convert floating-point parameters and buffers to float16."""
        return self._cast(dtypes.float16)

    def cpu(self: Self) -> Self:
        """There is only the CPU here: nothing changes."""
        return self._apply(lambda t: t.cpu())

    def cuda(self: Self, device: Any = None) -> Self:
        """Raises, as in a PyTorch without CUDA."""
        return self._apply(lambda t: t.cuda(device))

    def share_memory(self: Self) -> Self:
        """Nothing but a warning: other processes get copies of the parameters and buffers. See Tensor.share_memory_."""
        return self._apply(lambda t: t.share_memory_())

    def _cast(self: Self, dtype: Any) -> Self:
        return self._apply(lambda t: t.to(dtype) if t.is_floating_point() else t)

    # ---- what it looks like

    def _get_name(self) -> str:
        return type(self).__name__

    def extra_repr(self) -> str:
        """What stands between the parentheses of the repr, in one line or several."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        extra_lines = extra.split("\n") if extra else []
        lines = extra_lines + [f"({name}): {indent(repr(module))}" for name, module in self._modules.items()]
        if len(lines) == len(extra_lines) <= 1:
            return f"{self._get_name()}({extra})"
        return block(self._get_name(), lines)


def indent(text: str) -> str:
    """All lines but the first moved two to the right."""
    first, *others = text.split("\n")
    return "\n".join([first, *["  " + line if line.strip() else "" for line in others]])


def block(name: str, lines: list[str]) -> str:
    """`Name(`, the lines, and `)`."""
    return f"{name}(\n  " + "\n  ".join(lines) + "\n)"
