"""RAdam: Adam with a rectified variance. Mirrors torch.optim.RAdam."""
from __future__ import annotations

import numpy as np

from ..tensor import Tensor
from .arithmetic import Array, addcmul_, lerp_
from .one_by_one import OneByOne, check_common
from .optimizer import Group, Params, Scalars


class RAdam(OneByOne):
    """RAdam (Liu et al., 2020), with weight decay λ. With ρ_t = ρ_∞ - 2t β2^t / (1 - β2^t) and ρ_∞ = 2 / (1 - β2) - 1:

        g ← g + λθ, or if decoupled θ ← θ - lr λθ
        m ← β1 m + (1 - β1) g;   v ← β2 v + (1 - β2) g²;   u ← lr m / (1 - β1^t)
        θ ← θ - u r √(1 - β2^t) / (√v + ε),   r² = (ρ_t - 4)(ρ_t - 2) ρ_∞ / ((ρ_∞ - 4)(ρ_∞ - 2) ρ_t)

    In the first steps, while ρ_t ≤ 5, the variance is unknown, and θ ← θ - u.
    """

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_common(lr, weight_decay, eps, betas)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "decoupled_weight_decay": decoupled_weight_decay,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _begin(self, group: Group, p: Array) -> dict[str, Array]:
        return {"exp_avg": np.zeros_like(p), "exp_avg_sq": np.zeros_like(p)}

    def _update(
        self,
        group: Group,
        step: float,
        scalars: Scalars,
        p: Array,
        grad: Array,
        scratch: Array,
        exp_avg: Array,
        exp_avg_sq: Array,
    ) -> None:
        beta1, beta2 = group["betas"]
        correction1, correction2 = 1 - beta1**step, 1 - beta2**step
        weight1, decay2, weight2, corrected1 = scalars(1 - beta1, beta2, 1 - beta2, correction1)
        lerp_(exp_avg, grad, weight1, scratch)
        exp_avg_sq *= decay2
        addcmul_(exp_avg_sq, grad, grad, weight2, scratch)
        update = np.divide(exp_avg, corrected1, out=grad)
        update *= scalars(float(group["lr"]))[0]
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * step * (beta2**step) / correction2
        if length > 5.0:
            rectified = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
            rect, root, eps = scalars(rectified**0.5, correction2**0.5, group["eps"])
            denom = np.sqrt(exp_avg_sq, out=scratch)
            denom += eps
            # PyTorch multiplies by the reciprocal
            np.reciprocal(denom, out=denom)
            denom *= root
            update *= denom
            update *= rect
        p -= update
