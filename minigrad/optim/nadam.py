"""NAdam: Adam with Nesterov momentum. Mirrors torch.optim.NAdam."""
from __future__ import annotations

import numpy as np

from ..tensor import Tensor
from .arithmetic import Array, addcmul_, lerp_
from .one_by_one import CAPTURABLE, OneByOne, check_common, number_array
from .optimizer import Group, Params, Scalars, refuse_negative


class NAdam(OneByOne):
    """NAdam (Dozat, 2016), with weight decay λ and momentum decay ψ; μ_t = β1 (1 - ½ 0.96^(t ψ)), and π_t their product:

        g ← g + λθ, or if decoupled θ ← θ - lr λθ
        m ← β1 m + (1 - β1) g;   v ← β2 v + (1 - β2) g²
        θ ← θ - lr ((1 - μ_t) / (1 - π_t) · g + μ_{t+1} / (1 - π_{t+1}) · m) / (√(v / (1 - β2^t)) + ε)
    """

    capturable_refusal = (
        f"If capturable=True, params, mu_products and state_steps must be on supported devices: {CAPTURABLE}."
    )

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_common(lr, weight_decay, eps, betas)
        refuse_negative({"momentum_decay value": momentum_decay})
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _begin(self, group: Group, p: Array) -> dict[str, Array]:
        return {"mu_product": number_array(1), "exp_avg": np.zeros_like(p), "exp_avg_sq": np.zeros_like(p)}

    def _update(
        self,
        group: Group,
        step: float,
        scalars: Scalars,
        p: Array,
        grad: Array,
        scratch: Array,
        mu_product: Array,
        exp_avg: Array,
        exp_avg_sq: Array,
    ) -> None:
        lr, (beta1, beta2) = float(group["lr"]), group["betas"]
        mu, mu_next = [beta1 * (1.0 - 0.5 * (0.96 ** (t * group["momentum_decay"]))) for t in (step, step + 1)]
        mu_product *= mu
        product = mu_product.item()
        rate_grad, rate_avg = scalars(-lr * (1.0 - mu) / (1.0 - product), -lr * mu_next / (1.0 - product * mu_next))
        weight1, decay2, weight2 = scalars(1 - beta1, beta2, 1 - beta2)
        correction2, eps = scalars(1 - beta2**step, group["eps"])
        lerp_(exp_avg, grad, weight1, scratch)
        exp_avg_sq *= decay2
        addcmul_(exp_avg_sq, grad, grad, weight2, scratch)
        denom = np.sqrt(np.divide(exp_avg_sq, correction2, out=scratch), out=scratch)
        denom += eps
        grad *= rate_grad
        p += np.divide(grad, denom, out=grad)
        np.multiply(exp_avg, rate_avg, out=grad)
        p += np.divide(grad, denom, out=grad)
