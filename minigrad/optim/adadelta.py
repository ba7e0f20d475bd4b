"""Adadelta. Mirrors torch.optim.Adadelta."""
from __future__ import annotations

import numpy as np

from ..tensor import Tensor
from .arithmetic import Array, add_, addcmul_
from .one_by_one import OneByOne, check_common
from .optimizer import Group, Params, Scalars, check_lr, refuse_negative


class Adadelta(OneByOne):
    """Adadelta (Zeiler, 2012), with weight decay λ:

        g ← g + λθ;   v ← ρv + (1 - ρ) g²;   Δ ← g √(u + ε) / √(v + ε);   u ← ρu + (1 - ρ) Δ²;   θ ← θ - lr Δ
    """

    # PyTorch's list is shorter here
    capturable_refusal = OneByOne.capturable_refusal.replace(", 'xla'", "")

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_lr(lr)
        refuse_negative({"learning rate": lr})
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f"Invalid rho value: {rho}")
        check_common(lr, weight_decay, eps)
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "capturable": capturable,
            "foreach": foreach,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _begin(self, group: Group, p: Array) -> dict[str, Array]:
        return {"square_avg": np.zeros_like(p), "acc_delta": np.zeros_like(p)}

    def _update(
        self,
        group: Group,
        step: float,
        scalars: Scalars,
        p: Array,
        grad: Array,
        scratch: Array,
        square_avg: Array,
        acc_delta: Array,
    ) -> None:
        rate, rho, weight, eps = scalars(-float(group["lr"]), group["rho"], 1 - group["rho"], group["eps"])
        square_avg *= rho
        addcmul_(square_avg, grad, grad, weight, scratch)
        delta = np.sqrt(np.add(acc_delta, eps, out=scratch), out=scratch)
        std = np.add(square_avg, eps, out=np.empty_like(grad))
        delta /= np.sqrt(std, out=std)
        grad *= delta
        acc_delta *= rho
        addcmul_(acc_delta, grad, grad, weight, scratch)
        add_(p, grad, rate, scratch)
