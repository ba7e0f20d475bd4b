"""Optimizers that update their parameters one after the other, for formulas that need more than a flat buffer gives:

the parameter itself, state that does not begin at zero, numbers remembered of each parameter.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from .. import dtypes
from ..autograd.variable import counter, wrap
from ..tensor import Tensor
from .arithmetic import Array, add_
from .optimizer import Group, Optimizer, check_lr, refuse_negative

CAPTURABLE = "['cuda', 'xpu', 'hpu', 'privateuseone', 'xla']"


class OneByOne(Optimizer):
    """A subclass says in `_begin` what is remembered of a parameter besides the "step", in `_update` its formula."""

    capturable_refusal = f"If capturable=True, params and state_steps must be on supported devices: {CAPTURABLE}."

    def _begin(self, group: Group, p: Array) -> dict[str, Array]:
        """A parameter's state before the first step."""
        raise NotImplementedError

    def _update(self, *args: Any, **state: Any) -> None:
        """Change a parameter. The arguments of the overriding method:

        group, step (from 1), scalars (which makes numbers of the parameter's dtype), and arrays: p, grad, scratch (both
        may be overwritten), and the state under its names.
        """
        raise NotImplementedError

    def _update_group(self, index: int, group: Group) -> None:
        params = [p for p in group["params"] if p.grad is not None]
        if group.get("capturable") and params:
            raise AssertionError(self.capturable_refusal)
        for p in params:
            if p.grad.array.shape != p.array.shape:
                raise RuntimeError("a parameter and its gradient differ in shape: was its data replaced after backward()?")
        for p in params:
            self._update_parameter(group, p)

    def _update_parameter(self, group: Group, p: Tensor) -> None:
        state = self.state[p] = self.state[p] or self._begun(group, p)
        number = p.array.dtype.type

        def scalars(*values: Any) -> tuple[Any, ...]:
            return tuple([number(value) for value in values])

        grad = np.array(p.grad.array)  # type: ignore[union-attr]
        scratch = np.empty_like(grad)
        state["step"].array += 1
        if group["maximize"]:
            np.negative(grad, out=grad)
        weight_decay = group.get("weight_decay", 0)
        if weight_decay != 0 and group.get("decoupled_weight_decay"):
            np.multiply(p.array, scalars(1 - float(group["lr"]) * weight_decay)[0], out=p.array)
        elif weight_decay != 0:
            add_(grad, p.array, scalars(weight_decay)[0], scratch)
        arrays = {name: value.array for name, value in state.items() if name != "step"}
        self._update(group, state["step"].item(), scalars, p.array, grad, scratch, **arrays)
        for changed in (p, *state.values()):
            counter(changed)[0] += 1

    def _begun(self, group: Group, p: Tensor) -> dict[str, Tensor]:
        return {"step": wrap(number_array(0)), **{name: wrap(array) for name, array in self._begin(group, p.array).items()}}


def number_array(value: float) -> Array:
    """A number that is remembered of a parameter; its dtype is the default one, whatever the parameter's."""
    return np.array(value, dtypes.get_default_dtype().numpy)


def check_common(lr: Any, weight_decay: float = 0, eps: float = 0, betas: tuple[float, float] = (0, 0)) -> None:
    """ValueError for the first of these options out of its range."""
    check_lr(lr)
    refuse_negative({"learning rate": lr, "epsilon value": eps})
    for i in range(2):
        if not 0.0 <= betas[i] < 1.0:
            raise ValueError(f"Invalid beta parameter at index {i}: {betas[i]}")
    refuse_negative({"weight_decay value": weight_decay})


