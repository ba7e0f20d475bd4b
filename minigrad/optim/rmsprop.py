"""RMSprop. Mirrors torch.optim.RMSprop."""
from __future__ import annotations

import numpy as np

from ..tensor import Tensor
from .arithmetic import Array, add_, addcdiv_, addcmul_, lerp_
from .optimizer import Group, Optimizer, Params, Scalars, check_lr


class RMSprop(Optimizer):
    """RMSprop (Hinton, 2012), with weight decay λ and momentum μ; `centered` subtracts the squared mean gradient (Graves, 2013):

        g ← g + λθ;   v ← αv + (1 - α)g²;   a ← αa + (1 - α)g
        s ← √v + ε, centered √(v - a²) + ε;   b ← μb + g/s;   θ ← θ - lr b
    """

    _older_defaults = {
        "momentum": 0,
        "centered": False,
        "foreach": None,
        "maximize": False,
        "differentiable": False,
        "capturable": False,
    }

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
        if not 0.0 <= lr:
            raise ValueError(f"Invalid learning rate: {lr}")
        if not 0.0 <= eps:
            raise ValueError(f"Invalid epsilon value: {eps}")
        if not 0.0 <= momentum:
            raise ValueError(f"Invalid momentum value: {momentum}")
        if not 0.0 <= weight_decay:
            raise ValueError(f"Invalid weight_decay value: {weight_decay}")
        if not 0.0 <= alpha:
            raise ValueError(f"Invalid alpha value: {alpha}")
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
        param: Array,
        grad: Array,
        scratch: Array,
        square_avg: Array,
        momentum_buffer: Array | None = None,
        grad_avg: Array | None = None,
    ) -> None:
        rate, decay, alpha, share, momentum, eps = scalars(
            -group["lr"], group["weight_decay"], group["alpha"], 1 - group["alpha"], group["momentum"], group["eps"]
        )
        if group["weight_decay"] != 0:
            add_(grad, param, decay, scratch)
        square_avg *= alpha
        addcmul_(square_avg, grad, grad, share, scratch)
        if grad_avg is not None:
            lerp_(grad_avg, grad, share, scratch)
            addcmul_(square_avg, grad_avg, grad_avg, -1, scratch, out=scratch)
            square_avg = scratch
        avg = np.sqrt(square_avg, out=scratch)
        avg += eps
        if momentum_buffer is not None:
            momentum_buffer *= momentum
            grad /= avg
            momentum_buffer += grad
            add_(param, momentum_buffer, rate, scratch)
        else:
            addcdiv_(param, grad, avg, rate, scratch=grad)
