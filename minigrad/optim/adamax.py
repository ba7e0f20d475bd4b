"""Adamax: Adam with the infinity norm. Mirrors torch.optim.Adamax."""
from __future__ import annotations

import numpy as np

from ..tensor import Tensor
from .arithmetic import Array, lerp_
from .one_by_one import OneByOne, check_common
from .optimizer import Group, Params, Scalars


class Adamax(OneByOne):
    """Adamax (Kingma and Ba, 2015), with weight decay λ:

        g ← g + λθ;   m ← β1 m + (1 - β1) g;   u ← max(β2 u, |g| + ε);   θ ← θ - lr / (1 - β1^t) · m / u
    """

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_common(lr, weight_decay, eps, betas)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def _begin(self, group: Group, p: Array) -> dict[str, Array]:
        return {"exp_avg": np.zeros_like(p), "exp_inf": np.zeros_like(p)}

    def _update(
        self,
        group: Group,
        step: float,
        scalars: Scalars,
        p: Array,
        grad: Array,
        scratch: Array,
        exp_avg: Array,
        exp_inf: Array,
    ) -> None:
        beta1, beta2 = group["betas"]
        rate, weight1, decay2, eps = scalars(-(float(group["lr"]) / (1 - beta1**step)), 1 - beta1, beta2, group["eps"])
        lerp_(exp_avg, grad, weight1, scratch)
        exp_inf *= decay2
        np.abs(grad, out=grad)
        grad += eps
        np.maximum(exp_inf, grad, out=exp_inf)
        update = np.multiply(exp_avg, rate, out=scratch)
        update /= exp_inf
        p += update
