"""Resilient backpropagation. Mirrors torch.optim.Rprop."""
from __future__ import annotations

import numpy as np

from ..tensor import Tensor
from .arithmetic import Array
from .one_by_one import OneByOne, check_common
from .optimizer import Group, Params, Scalars


class Rprop(OneByOne):
    """Rprop (Riedmiller and Braun, 1993): steps that grow while the gradient keeps its sign, and shrink where it turns:

        s ← clamp(s η⁺ or s η⁻ or s, by the sign of g g'), g ← 0 where it turned;   θ ← θ - s sign(g);   g' ← g
    """

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_common(lr)
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        defaults = {
            "lr": lr,
            "etas": etas,
            "step_sizes": step_sizes,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def _begin(self, group: Group, p: Array) -> dict[str, Array]:
        return {"prev": np.zeros_like(p), "step_size": np.full_like(p, float(group["lr"]))}

    def _update(
        self,
        group: Group,
        step: float,
        scalars: Scalars,
        p: Array,
        grad: Array,
        scratch: Array,
        prev: Array,
        step_size: Array,
    ) -> None:
        shrink, grow, smallest, largest, one = scalars(*group["etas"], *group["step_sizes"], 1)
        agreement = np.multiply(grad, prev, out=scratch)
        factor = np.where(agreement > 0, grow, np.where(agreement < 0, shrink, one))
        step_size *= factor
        np.clip(step_size, smallest, largest, out=step_size)
        grad[factor == shrink] = 0
        prev[...] = grad
        np.subtract(grad > 0, grad < 0, out=grad, dtype=grad.dtype)  # the sign; that of NaN is 0, as in PyTorch
        grad *= step_size
        p -= grad
