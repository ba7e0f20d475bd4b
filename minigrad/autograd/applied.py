"""The code that runs an operation on tensors, written out from its rule. For x * w, `print(Mul.applied[2].source)` shows

    def apply(a, b):
        thread = modes.mode
        result = thread.quietly(forward, a.array, b.array)
        ...
        if thread.enabled:
            needed = 0b100
            if a._requires_grad or (a._base is not None and a._base._requires_grad):
                needed |= 0b10
            if b._requires_grad or (b._base is not None and b._base._requires_grad):
                needed |= 0b1
            if needed != 0b100:
                recorded[needed](output, a, b)
                return output

written once for every number of inputs. What a general form asks at every call (how many inputs there are, whether the output is a
view, whether there is a derivative at all) is known here: unrecorded, an operation takes a quarter fewer instructions.
"""
from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from . import variable
from .grad_mode import modes
from .onlookers import onlookers
from .variable import UNCHANGED, UNCOUNTED, mark_view, wrap
from .written_out import compiled, local, setting_parameters, several, written_tuple

if TYPE_CHECKING:
    from .rule import Rule

APPLY = """\
def apply({inputs}{parameters}):
    thread = modes.mode
    result = {run}
    if result.__class__ is ndarray:
        output = new(Tensor)
        output.array = result
        output._requires_grad = False
        output._edge = output._base = None
        output._counter = UNCHANGED
    else:
        output = wrapped(result)
"""
VIEW = """\
    for each in several(output):
        mark_view(each, {first}, thread.enabled)
"""
RECORD = """\
    if thread.enabled:
        {needed}
        if needed != {none}:
            recorded[needed](output, {inputs}{settings})
            return output
    elif thread.inference:
        uncounted(output)
"""
DO_NOT_RECORD = """\
    if thread.inference:
        uncounted(output)
"""
RETURN = """\
    if onlookers:
        for onlooker in onlookers:
            onlooker.unrecorded({all}, several(output))
    return output
"""
REQUIRES_GRAD = "{x}._requires_grad or ({x}._base is not None and {x}._base._requires_grad)"


class Applied(dict):
    """The functions that run a rule, by how many inputs they take."""

    def __init__(self, rule: type[Rule]) -> None:
        self.rule = rule

    def __missing__(self, count: int) -> Callable[..., Any]:
        rule = self.rule
        source = written_variadic(rule) if rule.variadic else written(rule, count)
        scope = {**SCOPE, "Tensor": variable.tensor_type, "forward": rule.forward, "recorded": rule.recorded, "defaults": rule.settings}
        scope["wrapped"] = wrapped if rule.takes_all or not rule.differentiable else partial(single, rule)
        function = self[count] = compiled(source, rule.__name__, scope)["apply"]
        function.source = source
        return function


def written(rule: type[Rule], count: int) -> str:
    """The code for a rule with that many inputs (the last ones may be left out)."""
    names = [local(name) for name in rule.inputs[:count]]
    needed = [f"needed = {1 << count:#b}"]
    for bit, x in zip(reversed(range(count)), names):
        needed += [f"if {REQUIRES_GRAD.format(x=x)}:", f"    needed |= {1 << bit:#b}"]
    return filled(rule, ", ".join(names), ", ".join([f"{x}.array" for x in names]), needed, f"{1 << count:#b}", written_tuple(names), names[0])


def written_variadic(rule: type[Rule]) -> str:
    """The same for inputs that come in any number; there, the edges will tell which of them require a gradient."""
    needed = [f"needed = {(2 << len(rule.inputs)) - 1:#b} if any([x.requires_grad for x in inputs]) else 0"]
    return filled(rule, "*inputs", "*[x.array for x in inputs]", needed, "0", "inputs", "inputs[0]")


def filled(rule: type[Rule], inputs: str, arrays: str, needed: list[str], none: str, all: str, first: str) -> str:
    template = APPLY + VIEW * rule.view + (RECORD if rule.differentiable else DO_NOT_RECORD) + RETURN
    settings = "".join([f", {name}={name}" for name in rule.settings])
    run = f"forward({arrays}{settings})" if rule.view else f"thread.quietly(forward, {arrays}{settings})"  # a view computes nothing to warn of
    return template.format(
        inputs=inputs, parameters=setting_parameters(rule), settings=settings, run=run, first=first,
        needed="\n        ".join(needed), none=none, all=all,
    )  # fmt: skip


# ---- what the written code calls


def wrapped(result: Any) -> Any:
    """What an operation returns that computed a NumPy scalar, or several outputs."""
    if result.__class__ is tuple:
        return tuple([wrap(np.asarray(array)) for array in result])
    return wrap(np.asarray(result))


def single(rule: type[Rule], result: Any) -> Any:
    """The same for a rule whose gradient rules take the gradient of one output."""
    if result.__class__ is tuple:
        raise TypeError(f"{rule.__name__}: forward returned several outputs, so its gradient rules must take `grads`")
    return wrap(np.asarray(result))


def uncounted(output: Any) -> None:
    """Make tensors of inference mode, whose changes nobody counts."""
    for each in several(output):
        if each._base is None:
            each._counter = UNCOUNTED


SCOPE: dict[str, Any] = {
    "modes": modes, "ndarray": np.ndarray, "new": object.__new__, "mark_view": mark_view, "several": several, "uncounted": uncounted,
    "UNCHANGED": UNCHANGED, "onlookers": onlookers,
}  # fmt: skip
