"""RMSprop. Mirrors torch.optim.RMSprop."""
from __future__ import annotations

import numpy as np

from ..tensor import Tensor
from .arithmetic import Array, addcmul_, lerp_
from .optimizer import Group, Optimizer, Params, Scalars, check_lr, refuse_negative


class RMSprop(Optimizer):
    """RMSprop (Hinton, 2012), with weight decay λ and momentum μ:

        g ← g + λθ;   v ← alpha v + (1 - alpha) g²;   b ← μb + g / (√v + ε);   θ ← θ - lr b

    `centered` divides by the root of the variance instead (Graves, 2013): √(v - a²), with a ← alpha a + (1 - alpha) g.
    """

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_lr(lr)
        refuse_negative({"learning rate": lr, "epsilon value": eps, "momentum value": momentum})
        refuse_negative({"weight_decay value": weight_decay, "alpha value": alpha})
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "capturable": capturable,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _state_names(self, group: Group) -> tuple[str, ...]:
        names = ["step", "square_avg"]
        if group["momentum"] > 0:
            names.append("momentum_buffer")
        if group["centered"]:
            names.append("grad_avg")
        return tuple(names)

    def _update(
        self,
        group: Group,
        step: float,
        scalars: Scalars,
        grad: Array,
        scratch: Array,
        square_avg: Array,
        momentum_buffer: Array | None = None,
        grad_avg: Array | None = None,
    ) -> None:
        rate, alpha, weight, momentum, eps, minus = scalars(
            -group["lr"], group["alpha"], 1 - group["alpha"], group["momentum"], group["eps"], -1
        )
        square_avg *= alpha
        addcmul_(square_avg, grad, grad, weight, scratch)
        if grad_avg is not None:
            lerp_(grad_avg, grad, weight, scratch)
            addcmul_(square_avg, grad_avg, grad_avg, minus, scratch, out=scratch)
            square_avg = scratch
        avg = np.sqrt(square_avg, out=scratch)
        avg += eps
        if momentum_buffer is not None:
            grad /= avg
            momentum_buffer *= momentum
            momentum_buffer += grad
            np.multiply(momentum_buffer, rate, out=grad)
        else:
            grad *= rate
            grad /= avg
