"""Adagrad. Mirrors torch.optim.Adagrad."""
from __future__ import annotations

import numpy as np

from ..tensor import Tensor
from .arithmetic import Array, addcmul_
from .one_by_one import OneByOne
from .optimizer import Group, Params, Scalars, check_implementation, check_lr, refuse_negative


class Adagrad(OneByOne):
    """Adagrad (Duchi et al., 2011), with weight decay λ and learning rate decay η:

        g ← g + λθ;   s ← s + g²;   θ ← θ - lr / (1 + (t - 1) η) · g / (√s + ε)

    The sum s begins at `initial_accumulator_value`.
    """

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_lr(lr)
        refuse_negative({"learning rate": lr, "lr_decay value": lr_decay, "weight_decay value": weight_decay})
        refuse_negative({"initial_accumulator_value value": initial_accumulator_value, "epsilon value": eps})
        check_implementation(foreach, fused, differentiable)
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)
        for group in self.param_groups:
            for p in group["params"]:
                self.state[p] = self._begun(group, p)

    def share_memory(self) -> None:
        """Nothing but a warning: other processes get copies of the sums. See Tensor.share_memory_."""
        for state in self.state.values():
            state["sum"].share_memory_()

    def _begin(self, group: Group, p: Array) -> dict[str, Array]:
        return {"sum": np.full_like(p, self.defaults["initial_accumulator_value"])}

    def _update(
        self, group: Group, step: float, scalars: Scalars, p: Array, grad: Array, scratch: Array, sum: Array
    ) -> None:
        rate, eps, one = scalars(-(float(group["lr"]) / (1 + (step - 1) * group["lr_decay"])), group["eps"], 1)
        addcmul_(sum, grad, grad, one, scratch)
        std = np.sqrt(sum, out=scratch)
        std += eps
        grad *= rate
        grad /= std
        p += grad
