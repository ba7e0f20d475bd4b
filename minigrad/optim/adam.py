"""Adam, and its variant AMSGrad. Mirrors torch.optim.Adam."""
from __future__ import annotations

import numpy as np

from ..tensor import Tensor
from .arithmetic import Array, addcmul_, lerp_
from .optimizer import Group, Optimizer, Params, Scalars, check_implementation, check_lr, refuse_negative


class Adam(Optimizer):
    """Adam (Kingma and Ba, 2015), with weight decay λ:

        g ← g + λθ, or if decoupled (AdamW) θ ← θ - lr λθ
        m ← β1 m + (1 - β1) g;   v ← β2 v + (1 - β2) g²
        θ ← θ - lr / (1 - β1^t) · m / (√v / √(1 - β2^t) + ε)

    `amsgrad` puts the maximum of all v so far in the place of v in the last line (Reddi et al., 2018).
    """

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1e-3,
        betas: tuple[float | Tensor, float | Tensor] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        tensors_as_numbers = not foreach or capturable
        if isinstance(lr, Tensor) and not tensors_as_numbers:
            raise ValueError("lr as a Tensor is not supported for capturable=False and foreach=True")
        check_lr(lr)
        refuse_negative({"learning rate": lr, "epsilon value": eps})
        for i in range(2):
            if not 0.0 <= betas[i] < 1.0:
                raise ValueError(f"Invalid beta parameter at index {i}: {betas[i]}")
        refuse_negative({"weight_decay value": weight_decay})
        if not any(isinstance(betas[0], kind) and isinstance(betas[1], kind) for kind in (float, Tensor)):
            raise ValueError("betas must be either both floats or both Tensors")
        for i, beta in enumerate(betas):
            if isinstance(beta, Tensor):
                if not tensors_as_numbers:
                    raise ValueError(f"betas[{i}] as a Tensor is not supported for capturable=False and foreach=True")
                if beta.numel() != 1:
                    raise ValueError(f"Tensor betas[{i}] must be 1-element")
        check_implementation(foreach, fused, differentiable)
        defaults = {
            "lr": lr,
            "betas": tuple(beta.squeeze() if isinstance(beta, Tensor) else beta for beta in betas),
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
            "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults)

    def _state_names(self, group: Group) -> tuple[str, ...]:
        if group["amsgrad"]:
            return "step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"
        return "step", "exp_avg", "exp_avg_sq"

    def _update(
        self,
        group: Group,
        step: float,
        scalars: Scalars,
        grad: Array,
        scratch: Array,
        exp_avg: Array,
        exp_avg_sq: Array,
        max_exp_avg_sq: Array | None = None,
    ) -> None:
        beta1, beta2 = group["betas"]
        correction1, correction2 = 1 - beta1**step, (1 - beta2**step) ** 0.5
        rate, weight1, decay2, weight2, correction2, eps = scalars(
            -(group["lr"] / correction1), 1 - beta1, beta2, 1 - beta2, correction2, group["eps"]
        )
        lerp_(exp_avg, grad, weight1, scratch)
        exp_avg_sq *= decay2
        addcmul_(exp_avg_sq, grad, grad, weight2, scratch)
        if max_exp_avg_sq is not None:
            exp_avg_sq = np.maximum(max_exp_avg_sq, exp_avg_sq, out=max_exp_avg_sq)
        denom = np.sqrt(exp_avg_sq, out=scratch)
        denom /= correction2
        denom += eps
        np.multiply(exp_avg, rate, out=grad)
        grad /= denom
