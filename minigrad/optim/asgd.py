"""Averaged stochastic gradient descent. Mirrors torch.optim.ASGD."""
from __future__ import annotations

import numpy as np

from ..tensor import Tensor
from .arithmetic import Array, add_
from .one_by_one import CAPTURABLE, OneByOne, check_common, number_array
from .optimizer import Group, Params, Scalars


class ASGD(OneByOne):
    """Averaged SGD (Polyak and Juditsky, 1992), with weight decay λ'. The average a is in the state, as "ax":

        g ← g + λ'θ;   θ ← (1 - λη) θ - η g;   a ← a + μ (θ - a);   η ← lr / (1 + λ lr t)^α;   μ ← 1 / max(1, t - t0)
    """

    capturable_refusal = (
        f"If capturable=True, params, mus, etas, and state_steps must be on supported devices: {CAPTURABLE}."
    )

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_common(lr, weight_decay)
        defaults = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def _begin(self, group: Group, p: Array) -> dict[str, Array]:
        return {"eta": number_array(float(group["lr"])), "mu": number_array(1), "ax": np.zeros_like(p)}

    def _update(
        self,
        group: Group,
        step: float,
        scalars: Scalars,
        p: Array,
        grad: Array,
        scratch: Array,
        eta: Array,
        mu: Array,
        ax: Array,
    ) -> None:
        lr, lambd = float(group["lr"]), group["lambd"]
        shrink, rate, weight = scalars(1 - lambd * eta.item(), -eta.item(), mu.item())
        np.multiply(p, shrink, out=p)
        add_(p, grad, rate, scratch)
        if weight != 1:
            difference = np.subtract(p, ax, out=scratch)
            difference *= weight
            ax += difference
        else:
            ax[...] = p
        eta[...] = number_array(lr / ((1 + lambd * lr * step) ** group["alpha"]))
        mu[...] = number_array(1 / max(1, step - group["t0"]))
