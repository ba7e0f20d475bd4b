"""Stochastic gradient descent. Mirrors torch.optim.SGD."""
from __future__ import annotations

import numpy as np

from ..tensor import Tensor
from .arithmetic import Array, add_
from .optimizer import Group, Optimizer, Params, Scalars, check_implementation, check_lr


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum μ, dampening τ and weight decay λ (Sutskever et al., 2013):

        g ← g + λθ;   b ← μb + (1 - τ)g, the first time b ← g;   θ ← θ - lr b, nesterov θ ← θ - lr (g + μb)
    """

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float | Tensor = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_lr(lr)
        if lr < 0.0:
            raise ValueError(f"Invalid learning rate: {lr}")
        if momentum < 0.0:
            raise ValueError(f"Invalid momentum value: {momentum}")
        if weight_decay < 0.0:
            raise ValueError(f"Invalid weight_decay value: {weight_decay}")
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        check_implementation(foreach, fused, differentiable)
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)

    def _state_names(self, group: Group) -> tuple[str, ...]:
        return ("momentum_buffer",) if group["momentum"] != 0 else ()

    def _update(
        self,
        group: Group,
        step: float,
        scalars: Scalars,
        grad: Array,
        scratch: Array,
        momentum_buffer: Array | None = None,
    ) -> None:
        rate, momentum, weight = scalars(-group["lr"], group["momentum"], 1 - group["dampening"])
        direction = grad
        if momentum_buffer is not None:
            if step == 1:
                momentum_buffer[...] = grad
            else:
                momentum_buffer *= momentum
                add_(momentum_buffer, grad, weight, scratch)
            if group["nesterov"]:
                add_(grad, momentum_buffer, momentum, scratch)
            else:
                direction = momentum_buffer
        np.multiply(direction, rate, out=grad)
