"""Calling a module, and hooks: functions called before and after its `forward`, and around its part of backward.

Mirrors torch.nn.Module's hooks. A module without hooks pays one look at `_hooked` for them.
"""
from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from ...autograd.node import RemovableHandle
from .backward_hook import BackwardWatch

Hook = Callable[..., Any]
Arguments = tuple[tuple[Any, ...], dict[str, Any]]
KINDS = ("_forward_pre_hooks", "_forward_hooks", "_backward_pre_hooks", "_backward_hooks")
everywhere: dict[str, OrderedDict[int, Hook]] = {kind: OrderedDict() for kind in KINDS}  # hooks on every module


class ForwardHook:
    """A forward hook or pre-hook: called with the keyword arguments or without, as its author asked."""

    __slots__ = ("always_call", "hook", "with_kwargs")

    def __init__(self, hook: Hook, with_kwargs: bool, always_call: bool = False) -> None:
        self.hook = hook
        self.with_kwargs = with_kwargs
        self.always_call = always_call

    def __call__(self, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any], *output: Any) -> Any:
        return self.hook(module, args, kwargs, *output) if self.with_kwargs else self.hook(module, args, *output)


class Hookable:
    """The part of a Module that calls `forward`, with hooks around it where there are any."""

    _hooked = False  # whether this module ever had a hook; on the class, whether all modules ever had one
    _forward_pre_hooks: OrderedDict[int, Hook]
    _forward_hooks: OrderedDict[int, Hook]
    _backward_pre_hooks: OrderedDict[int, Hook]
    _backward_hooks: OrderedDict[int, Hook]
    forward: Callable[..., Any]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._hooked:
            return call(self, args, kwargs)
        return self.forward(*args, **kwargs)

    def register_forward_pre_hook(self, hook: Hook, *, prepend: bool = False,
                                  with_kwargs: bool = False) -> RemovableHandle:
        """Call `hook(module, args)` before forward; what it returns, if not None, replaces args.

        With `with_kwargs` it is `hook(module, args, kwargs)`, and returns None or both.
        """
        return self._register(self._forward_pre_hooks, ForwardHook(hook, with_kwargs), prepend)

    def register_forward_hook(self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False,
                              always_call: bool = False) -> RemovableHandle:
        """Call `hook(module, args, output)` after forward; what it returns, if not None, replaces output.

        With `with_kwargs` it is `hook(module, args, kwargs, output)`. With `always_call`, also when forward raises.
        """
        return self._register(self._forward_hooks, ForwardHook(hook, with_kwargs, always_call), prepend)

    def register_full_backward_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_output)` when backward reaches the module; what it returns replaces grad_output."""
        return self._register(self._backward_pre_hooks, hook, prepend)

    def register_full_backward_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_input, grad_output)` when backward leaves it; what it returns replaces grad_input."""
        return self._register(self._backward_hooks, hook, prepend)

    def register_backward_hook(self, hook: Hook) -> RemovableHandle:
        """Deprecated in PyTorch, where it sees the gradients of the last operation only; not supported here."""
        raise NotImplementedError("register_backward_hook is deprecated. Please use register_full_backward_hook.")

    def _register(self, hooks: OrderedDict[int, Hook], hook: Hook, prepend: bool) -> RemovableHandle:
        self.__dict__["_hooked"] = True
        return add(hooks, hook, prepend)


def add(hooks: OrderedDict[int, Hook], hook: Hook, prepend: bool = False) -> RemovableHandle:
    """Make `hook` the last (or the first) of `hooks`."""
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle


def call(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`module(*args, **kwargs)` with its hooks: those on every module first, then its own."""
    pre_hooks, hooks, backward_pre_hooks, backward_hooks = [
        [*everywhere[kind].values(), *getattr(module, kind).values()] for kind in KINDS
    ]
    if not any(everywhere.values()):
        Hookable._hooked = False  # modules without hooks of their own are fast again
    result = None
    called: list[Any] = []
    try:
        for hook in pre_hooks:
            args, kwargs = changed_arguments(hook, module, args, kwargs)
        watch = None
        if backward_pre_hooks or backward_hooks:
            watch = BackwardWatch(module, backward_pre_hooks, backward_hooks)
            args = watch.inputs(args)
        result = module.forward(*args, **kwargs)
        for hook in hooks:
            called.append(hook)
            changed = hook(module, args, kwargs, result)
            if changed is not None:
                result = changed
        return result if watch is None else watch.outputs(result)
    except Exception:
        for hook in hooks:
            if hook.always_call and hook not in called:
                try:
                    hook(module, args, kwargs, result)
                except Exception as error:
                    warnings.warn(
                        "module forward hook with ``always_call=True`` raised an exception that was silenced as "
                        f"another error was raised in forward: {error}",
                        stacklevel=3,
                    )
        raise


def changed_arguments(hook: Any, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
    """The arguments for forward after a pre-hook has seen them."""
    changed = hook(module, args, kwargs)
    if changed is None:
        return args, kwargs
    if not hook.with_kwargs:
        return changed if isinstance(changed, tuple) else (changed,), kwargs
    if isinstance(changed, tuple) and len(changed) == 2:
        return changed
    raise RuntimeError(f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {changed}.")


# ---- hooks on every module


def add_everywhere(kind: str, hook: Hook) -> RemovableHandle:
    Hookable._hooked = True
    return add(everywhere[kind], hook)


def register_module_forward_pre_hook(hook: Hook) -> RemovableHandle:
    """Call `hook(module, args)` before the forward of every module."""
    return add_everywhere("_forward_pre_hooks", ForwardHook(hook, with_kwargs=False))


def register_module_forward_hook(hook: Hook, *, with_kwargs: bool = False,
                                 always_call: bool = False) -> RemovableHandle:
    """Call `hook(module, args, output)` after the forward of every module."""
    return add_everywhere("_forward_hooks", ForwardHook(hook, with_kwargs, always_call))


def register_module_full_backward_pre_hook(hook: Hook) -> RemovableHandle:
    """Call `hook(module, grad_output)` when backward reaches any module."""
    return add_everywhere("_backward_pre_hooks", hook)


def register_module_full_backward_hook(hook: Hook) -> RemovableHandle:
    """Call `hook(module, grad_input, grad_output)` when backward leaves any module."""
    return add_everywhere("_backward_hooks", hook)
