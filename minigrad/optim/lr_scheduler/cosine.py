"""Schedules along a cosine."""
from __future__ import annotations

import math
from typing import Any

from ..optimizer import Optimizer
from .base import LRScheduler


class CosineAnnealingLR(LRScheduler):
    """From the first rate down to eta_min in T_max steps, and up again.

    The rate is eta_min + (base_lr - eta_min) * (1 + cos(pi * step / T_max)) / 2.

    Mirrors torch.optim.lr_scheduler.CosineAnnealingLR.
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        self._warn_outside_step()
        if self._is_initial:
            return self._current_lrs()
        groups, eta_min, step = self.optimizer.param_groups, self.eta_min, self.last_epoch
        pairs = zip(self.base_lrs, groups, strict=True)
        if self._step_count == 1 and step > 0:
            return [eta_min + (base - eta_min) * (1 + math.cos(step * math.pi / self.T_max)) / 2 for base, _ in pairs]
        if (step - 1 - self.T_max) % (2 * self.T_max) == 0:  # at the bottom a factor cannot lead up again
            return [group["lr"] + (base - eta_min) * (1 - math.cos(math.pi / self.T_max)) / 2 for base, group in pairs]
        height, before = [1 + math.cos(math.pi * n / self.T_max) for n in (step, step - 1)]
        return [height / before * (group["lr"] - eta_min) + eta_min for group in groups]

    def _get_closed_form_lr(self) -> list[Any]:
        return cosine(self.base_lrs, self.eta_min, self.last_epoch, self.T_max)


class CosineAnnealingWarmRestarts(LRScheduler):
    """Down from the first rate to eta_min in T_0 steps, then from the start again in T_mult times as many, and so on.

    `step(epoch)` takes fractions of a step too. Mirrors torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.
    """

    def __init__(
        self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        if T_0 <= 0 or not isinstance(T_0, int):
            raise ValueError(f"Expected positive integer T_0, but got {T_0}")
        if T_mult < 1 or not isinstance(T_mult, int):
            raise ValueError(f"Expected integer T_mult >= 1, but got {T_mult}")
        if not isinstance(eta_min, (float, int)):
            raise ValueError(f"Expected float or int eta_min, but got {eta_min} of type {type(eta_min)}")
        self.T_0 = T_0
        self.T_i = T_0
        self.T_mult = T_mult
        self.eta_min = eta_min
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        self._warn_outside_step()
        return cosine(self.base_lrs, self.eta_min, self.T_cur, self.T_i)

    def step(self, epoch: float | None = None) -> None:
        """Set the learning rates of the next step, or of any."""
        if epoch is None and self.last_epoch >= 0:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur %= self.T_i
                self.T_i *= self.T_mult
        else:
            epoch = 0 if epoch is None else epoch
            self._jump(epoch)
        self.last_epoch = math.floor(epoch)
        self._set_lrs(self.get_lr)

    def _jump(self, epoch: float) -> None:
        """Find the descent that a step belongs to."""
        if epoch < 0:
            raise ValueError(f"Expected non-negative epoch, but got {epoch}")
        if epoch < self.T_0:
            self.T_i, self.T_cur = self.T_0, epoch
        elif self.T_mult == 1:
            self.T_cur = epoch % self.T_0
        else:
            restarts = int(math.log(epoch / self.T_0 * (self.T_mult - 1) + 1, self.T_mult))
            self.T_cur = epoch - self.T_0 * (self.T_mult**restarts - 1) / (self.T_mult - 1)
            self.T_i = self.T_0 * self.T_mult**restarts


def cosine(base_lrs: list[Any], eta_min: float, step: float, steps: float) -> list[Any]:
    """What is left of each rate after a part of the way down to eta_min."""
    return [eta_min + (base - eta_min) * (1 + math.cos(math.pi * step / steps)) / 2 for base in base_lrs]
