"""What optimizers share: groups of parameters, state, the step, checkpoints, hooks. Mirrors torch.optim.Optimizer."""
from __future__ import annotations

import functools
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from math import isfinite
from typing import Any, TypeAlias

import numpy as np

from .. import dtypes
from .._typename import typename
from ..autograd import wrap
from ..autograd.grad_mode import enable_grad, quiet
from ..autograd.node import RemovableHandle
from ..autograd.onlookers import onlookers
from ..tensor import Tensor
from .flat import Chunk, Flat, has_begun

Params: TypeAlias = "Iterable[Tensor] | Iterable[dict[str, Any]] | Iterable[tuple[str, Tensor]]"
Group: TypeAlias = "dict[str, Any]"
Scalars: TypeAlias = "Callable[..., tuple[np.ndarray, ...]]"
Hooks: TypeAlias = "dict[int, Callable[..., Any]]"

# Options that checkpoints of older versions of PyTorch may lack, and what was done then.
LATER_OPTIONS = {
    "amsgrad": False,
    "capturable": False,
    "centered": False,
    "decoupled_weight_decay": False,
    "differentiable": False,
    "foreach": None,
    "fused": None,
    "maximize": False,
    "momentum": 0,
    "nesterov": False,
}

_global_pre_hooks: Hooks = {}
_global_post_hooks: Hooks = {}


class _Required:
    """The default of an option that every parameter group must give itself."""

    def __repr__(self) -> str:
        return "<required parameter>"


required = _Required()


class Optimizer:
    """Base class of all optimizers.

    `params`: tensors, or (name, tensor) pairs, or dicts that each describe a group: "params" and its own options;
    `defaults`: the options of groups that give none. `param_groups` is the list of groups, each a dict; `state` maps a
    parameter to the dict of what is remembered of it.

    A subclass says in `_state_names` what it remembers of a parameter, in `_update` its formula; or overrides `step`.
    Such an update treats many parameters as one; one_by_one.py is for formulas that cannot.
    """

    def __init__(self, params: Params, defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        self._set_up()
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be "
                "an iterable of Tensors or dicts, but got " + typename(params)
            )
        self.state: defaultdict[Any, Any] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        groups: list[Any] = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    def _set_up(self) -> None:
        self._flats: dict[int, dict[np.dtype, Flat]] = {}
        self._optimizer_step_pre_hooks: Hooks = {}
        self._optimizer_step_post_hooks: Hooks = {}
        self._optimizer_state_dict_pre_hooks: Hooks = {}
        self._optimizer_state_dict_post_hooks: Hooks = {}
        self._optimizer_load_state_dict_pre_hooks: Hooks = {}
        self._optimizer_load_state_dict_post_hooks: Hooks = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not hasattr(cls.step, "hooked"):
            cls.step = _with_hooks(cls.step)  # type: ignore[method-assign]

    def __getstate__(self) -> dict[str, Any]:
        return {"defaults": self.defaults, "state": self.state, "param_groups": self.param_groups}

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "_flats" not in self.__dict__:
            self._set_up()
        self.__dict__.update(state)
        for group in self.param_groups:
            for option in LATER_OPTIONS.keys() & self.defaults.keys():
                group.setdefault(option, LATER_OPTIONS[option])

    def __repr__(self) -> str:
        text = type(self).__name__ + " ("
        for i, group in enumerate(self.param_groups):
            text += f"\nParameter Group {i}\n"
            text += "".join(f"    {option}: {group[option]}\n" for option in sorted(group) if option != "params")
        return text + ")"

    # ---- the step

    def _state_names(self, group: Group) -> tuple[str, ...]:
        """The names of each parameter's state: "step", a count, and others of the parameter's shape."""
        raise NotImplementedError

    def _update(self, *args: Any, **state: Any) -> None:
        """Turn gradients into updates, which will be added to the parameters. The arguments of the overriding method:

        group, step (from 1), scalars (which makes numbers fast to compute with), and flat arrays with an element for
        each weight: grad, in which the update is left, scratch, and the state under its names.
        """
        raise NotImplementedError

    def _decay(self, group: Group, chunk: Chunk, scalars: Scalars) -> None:
        """Weight decay: part of the gradient, or if decoupled a step of its own."""
        weight_decay = group.get("weight_decay", 0)
        if weight_decay != 0:
            if group.get("decoupled_weight_decay"):
                chunk.shrink(*scalars(1 - group["lr"] * weight_decay))
            else:
                chunk.decay(*scalars(weight_decay))

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient. `closure`, if given, computes the loss anew; it is returned."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for onlooker in onlookers:
            onlooker.updating(self)
        with quiet():
            for index, group in enumerate(self.param_groups):
                self._update_group(index, group)
        for onlooker in onlookers:
            onlooker.updated(self)
        return loss

    def _update_group(self, index: int, group: Group) -> None:
        for flat in self._flattened(index, group):
            for span, grads in flat.spans():
                step = span.begin(grads)
                for chunk in span.chunks:
                    chunk.load(grads)
                    if group["maximize"]:
                        np.negative(chunk.grad, out=chunk.grad)
                    self._decay(group, chunk, flat.scalars)
                    self._update(group, step, flat.scalars, chunk.grad, chunk.scratch, **chunk.state)
                    chunk.apply()
                span.finish()

    def _flattened(self, index: int, group: Group) -> Iterable[Flat]:
        """The group's parameters, in a Flat for each dtype: those of the last step, unless something has moved."""
        if group.get("capturable"):
            raise AssertionError(
                "If capturable=True, params and state_steps must be on supported devices: "
                "['cuda', 'xpu', 'hpu', 'privateuseone', 'xla']."
            )
        names = self._state_names(group)
        flats = self._flats.setdefault(index, {})
        if len(flats) == 1:
            (flat,) = flats.values()
            if flat.holds(group["params"], names, self.state):  # as in most steps of most programs
                return (flat,)
        return self._flatten(index, group["params"], names)

    def _flatten(self, index: int, params: list[Tensor], names: tuple[str, ...]) -> Iterator[Flat]:
        """Sort a group's parameters into Flats, new ones where something has moved."""
        state, flats = self.state, self._flats[index]
        parts: dict[np.dtype, list[Tensor]] = {}
        for p in params:
            if p.grad is not None or has_begun(state.get(p, {}), names):
                parts.setdefault(p.array.dtype, []).append(p)
        self._flats[index] = {}
        for dtype, part in parts.items():
            if len(set(part)) < len(part):  # each mention is an update of its own
                yield from (Flat([p], names, state) for p in part)
            elif dtype in flats and flats[dtype].holds(part, names, state):
                yield self._flats[index].setdefault(dtype, flats[dtype])
            else:
                yield self._flats[index].setdefault(dtype, Flat(part, names, state))

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, or fill them with zeros."""
        for onlooker in onlookers:
            onlooker.zeroed([p for group in self.param_groups for p in group["params"]])
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p._grad = None
                elif p.grad is not None:
                    if p.grad.grad_fn is not None:
                        p.grad.detach_()
                    else:
                        p.grad.requires_grad_(False)
                    p.grad.zero_()

    # ---- parameter groups

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group: a dict with "params", and such options as differ from the defaults."""
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        params = param_group["params"]
        if isinstance(params, Tensor):
            params = [params]
        elif isinstance(params, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but "
                "the ordering of tensors in sets will change between runs. Please use a list instead."
            )
        params = list(params)
        names = [p[0] for p in params if isinstance(p, tuple)]
        params = [p[1] if isinstance(p, tuple) else p for p in params]
        if names and len(names) != len(params):
            raise ValueError("all optimizer params should be with/without names. Some param names are missing")
        for p in params:
            if not isinstance(p, Tensor):
                raise TypeError("optimizer can only optimize Tensors, but one of the params is " + typename(p))
            if not (p.is_leaf or p.retains_grad):
                raise ValueError("can't optimize a non-leaf Tensor")
        for option, default in self.defaults.items():
            if default is required and option not in param_group:
                raise ValueError(f"parameter group didn't specify a value of required optimization parameter {option}")
        options = {**self.defaults, **param_group}
        _check_options(options)
        if len(params) != len(set(params)):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; "
                "in future, this will cause an error; "
                "see github.com/pytorch/pytorch/issues/40967 for more information",
                stacklevel=3,
            )
        named = bool(names) or "param_names" in param_group
        for group in self.param_groups:
            if named != ("param_names" in group):
                raise ValueError(
                    "all optimizer param groups should be with/without names. "
                    f"cannot add param group {'with' if named else 'without'} names to the optimizer"
                )
        if not {p for group in self.param_groups for p in group["params"]}.isdisjoint(params):
            raise ValueError("some parameters appear in more than one parameter group")
        param_group["params"] = params
        if names:
            param_group["param_names"] = names
        for option, default in self.defaults.items():
            param_group.setdefault(option, default)
        self.param_groups.append(param_group)

    # ---- checkpoints

    def state_dict(self) -> dict[str, Any]:
        """The state and the groups, with every parameter replaced by its number. Tensors are not copied."""
        for hook in self._optimizer_state_dict_pre_hooks.values():
            hook(self)
        numbers: dict[int, int] = {}
        groups = []
        start = 0
        for group in self.param_groups:
            for i, p in enumerate(group["params"], start):
                numbers[id(p)] = i
            start += len(group["params"])
            packed = {option: value for option, value in group.items() if option != "params"}
            groups.append({**packed, "params": [numbers[id(p)] for p in group["params"]]})
        state = {numbers[id(p)] if isinstance(p, Tensor) else p: value for p, value in self.state.items()}
        result: dict[str, Any] = {"state": state, "param_groups": groups}
        for hook in self._optimizer_state_dict_post_hooks.values():
            changed = hook(self, result)
            result = result if changed is None else changed
        return result

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over a copy of the state and the options that `state_dict` returned, here or in PyTorch.

        ValueError, and no change, if the groups differ in number or size.
        """
        state_dict = state_dict.copy()
        for hook in self._optimizer_load_state_dict_pre_hooks.values():
            changed = hook(self, state_dict)
            state_dict = state_dict if changed is None else changed
        groups = deepcopy(state_dict["param_groups"])
        if len(groups) != len(self.param_groups):
            raise ValueError("loaded state dict has a different number of parameter groups")
        if any(len(a["params"]) != len(b["params"]) for a, b in zip(groups, self.param_groups, strict=True)):
            raise ValueError(
                "loaded state dict contains a parameter group that doesn't match the size of optimizer's group"
            )
        params = {
            number: p
            for new, old in zip(groups, self.param_groups, strict=True)
            for number, p in zip(new["params"], old["params"], strict=True)
        }
        state: defaultdict[Any, Any] = defaultdict(dict)
        for key, value in state_dict["state"].items():
            if key in params:
                state[params[key]] = _restored(value, params[key])
            else:
                state[key] = value
        for new, old in zip(groups, self.param_groups, strict=True):
            new["params"] = old["params"]
            if "param_names" in old:
                new.setdefault("param_names", old["param_names"])
        self.__setstate__({"state": state, "param_groups": groups})
        for hook in self._optimizer_load_state_dict_post_hooks.values():
            hook(self)

    # ---- hooks

    def register_step_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` before each step; it may return new args and kwargs. args[0] is self."""
        return _register(self._optimizer_step_pre_hooks, hook)

    def register_step_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(optimizer, args, kwargs)` after each step."""
        return _register(self._optimizer_step_post_hooks, hook)

    def register_state_dict_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(optimizer)` before `state_dict`."""
        return _register(self._optimizer_state_dict_pre_hooks, hook, prepend)

    def register_state_dict_post_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(optimizer, state_dict)` after `state_dict`; it may return another."""
        return _register(self._optimizer_state_dict_post_hooks, hook, prepend)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(optimizer, state_dict)` before `load_state_dict`; it may return another to load."""
        return _register(self._optimizer_load_state_dict_pre_hooks, hook, prepend)

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(optimizer)` after `load_state_dict`."""
        return _register(self._optimizer_load_state_dict_post_hooks, hook, prepend)


def register_optimizer_step_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(optimizer, args, kwargs)` before each step of every optimizer."""
    return _register(_global_pre_hooks, hook)


def register_optimizer_step_post_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(optimizer, args, kwargs)` after each step of every optimizer."""
    return _register(_global_post_hooks, hook)


def _register(hooks: Hooks, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
    handle = RemovableHandle(hooks)
    others = dict(hooks)
    if prepend:
        hooks.clear()
    hooks[handle.id] = hook
    hooks.update(others)
    return handle


def _with_hooks(step: Callable[..., Any]) -> Callable[..., Any]:
    """A step with the hooks around it."""

    @functools.wraps(step)
    def hooked(*args: Any, **kwargs: Any) -> Any:
        self = args[0]
        if _global_pre_hooks or self._optimizer_step_pre_hooks:
            for hook in (*_global_pre_hooks.values(), *self._optimizer_step_pre_hooks.values()):
                new = hook(self, args, kwargs)
                if new is not None:
                    if not isinstance(new, tuple) or len(new) != 2:
                        raise RuntimeError(
                            f"{step} must return None or a tuple of (new_args, new_kwargs), but got {new}."
                        )
                    args, kwargs = new
        result = step(*args, **kwargs)
        if self._optimizer_step_post_hooks or _global_post_hooks:
            for hook in (*self._optimizer_step_post_hooks.values(), *_global_post_hooks.values()):
                hook(self, args, kwargs)
        return result

    hooked.hooked = True  # type: ignore[attr-defined]
    return hooked


def check_lr(lr: Any) -> None:
    """ValueError for a learning rate that is a tensor of many numbers, or not finite."""
    if isinstance(lr, Tensor) and lr.numel() != 1:
        raise ValueError("Tensor lr must be 1-element")
    if isinstance(lr, (float, Tensor)) and not isfinite(lr):
        raise ValueError(f"Invalid learning rate: {lr}")


def refuse_negative(values: dict[str, Any]) -> None:
    """ValueError for the first value below zero, or NaN; its key is its name in PyTorch's message."""
    for name, value in values.items():
        if not 0.0 <= value:
            raise ValueError(f"Invalid {name}: {value}")


def check_implementation(foreach: bool | None, fused: bool | None, differentiable: bool) -> None:
    """RuntimeError if two of PyTorch's implementations are asked for. All compute the same; here there is one."""
    if fused and differentiable:
        raise RuntimeError("`fused` does not support `differentiable`")
    if fused and foreach:
        raise RuntimeError("`fused` and `foreach` cannot be `True` together.")


def _check_options(options: dict[str, Any]) -> None:
    """A group's options that minigrad cannot honour."""
    check_lr(options.get("lr"))
    if options.get("differentiable"):
        raise NotImplementedError(
            "differentiable=True is not supported: minigrad's optimizers change parameters outside the graph. To "
            "differentiate through an update, write it with tensor operations: "
            "`w = w - lr * autograd.grad(loss, w, create_graph=True)[0]`"
        )


def _restored(value: Any, param: Tensor, name: str | None = None) -> Any:
    """A copy of a parameter's loaded state, with tensors (and all that NumPy reads) in the parameter's dtype."""
    if isinstance(value, dict):
        return {key: _restored(entry, param, key) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_restored(entry, param) for entry in value)
    if name in ("step", "mu_product", "eta", "mu") and isinstance(value, (int, float)):
        return wrap(np.array(value, dtypes.get_default_dtype().numpy))
    if not hasattr(value, "__array__"):
        return value
    array = np.asarray(value.array if isinstance(value, Tensor) else value)
    return wrap(array.astype(array.dtype if name == "step" else param.array.dtype))
