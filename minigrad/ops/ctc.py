"""Connectionist temporal classification: the probability of a sequence, whatever the times at which its symbols come."""
from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..autograd.rule import Rule, apply

if TYPE_CHECKING:
    from ..tensor import Tensor


class CtcLoss(Rule):
    """-log p(targets), of log-probabilities (T, N, C), for each of the N sequences: Graves et al. 2006.

    The gradient is that of what went into the log_softmax before, as it is in PyTorch: probabilities less what they should be.
    """

    tier = "T3"

    def forward(x, *, lattice):
        return lattice.loss(x.astype(np.float64)).astype(x.dtype)

    def grad_x(grad, x, lattice):
        lattice.refuse_second_derivative(grad)
        grad = grad[None, :, None]  # which is 0 of losses that are infinite and were replaced
        return np.where(grad == 0, 0.0, lattice.gradient(x.astype(np.float64)) * grad).astype(x.dtype)


class Lattice:
    """The states that a path goes through: a blank, the first symbol, a blank, the second symbol, ..., a blank."""

    def __init__(self, targets: np.ndarray, input_lengths: np.ndarray, target_lengths: np.ndarray, blank: int) -> None:
        n, longest = targets.shape
        self.symbols = np.full((n, 2 * longest + 1), blank, np.int64)
        self.symbols[:, 1::2] = targets
        self.steps = input_lengths
        self.ends = 2 * target_lengths  # the last blank
        after = self.symbols[:, 2:]
        self.may_skip = np.zeros(self.symbols.shape, bool)  # the blank between two symbols that differ
        self.may_skip[:, 2:] = (after != blank) & (after != self.symbols[:, :-2])

    def emitted(self, x: np.ndarray) -> np.ndarray:
        """The log-probability of each state's symbol at each time: (T, N, states)."""
        return np.take_along_axis(x, np.broadcast_to(self.symbols, (len(x), *self.symbols.shape)), 2)

    def forward_paths(self, emitted: np.ndarray) -> np.ndarray:
        """log p(all paths to a state, its symbol included), for each time."""
        paths = np.full(emitted.shape, -np.inf)
        paths[0, :, :2] = emitted[0, :, :2]
        paths[0, self.ends == 0, 1:] = -np.inf
        for t in range(1, len(emitted)):
            paths[t] = self.moved(paths[t - 1], self.may_skip, 1) + emitted[t]
        return paths

    def backward_paths(self, emitted: np.ndarray) -> np.ndarray:
        """log p(all paths from a state to the end, its symbol included)."""
        paths = np.full(emitted.shape, -np.inf)
        rows = np.arange(len(self.ends))
        states = np.arange(emitted.shape[2])
        is_last = (states == self.ends[:, None]) | (states == self.ends[:, None] - 1)
        may_skip = np.zeros_like(self.may_skip)
        may_skip[:, :-2] = self.may_skip[:, 2:]
        for t in range(len(emitted) - 1, -1, -1):
            later = self.moved(paths[t + 1], may_skip, -1) if t + 1 < len(emitted) else np.full(emitted.shape[1:], -np.inf)
            starts = np.where(is_last & (self.steps == t + 1)[rows, None], 0.0, -np.inf)
            paths[t] = np.logaddexp(later, starts) + emitted[t]
        return paths

    def moved(self, paths: np.ndarray, may_skip: np.ndarray, step: int) -> np.ndarray:
        """Paths that stay, go to the next state, or to the one after it."""
        result = paths.copy()
        for distance, allowed in ((1, True), (2, may_skip)):
            shifted = np.full_like(paths, -np.inf)
            if step > 0:
                shifted[:, distance:] = paths[:, :-distance]
            else:
                shifted[:, :-distance] = paths[:, distance:]
            result = np.logaddexp(result, np.where(allowed, shifted, -np.inf))
        return result

    def loss(self, x: np.ndarray) -> np.ndarray:
        rows, paths = np.arange(len(self.ends)), self.forward_paths(self.emitted(x))
        last = paths[np.maximum(self.steps - 1, 0), rows]
        before = np.where(self.ends > 0, last[rows, np.maximum(self.ends - 1, 0)], -np.inf)
        at_once = np.where(self.ends == 0, 0.0, -np.inf)  # an empty target in no time
        return -np.where(self.steps > 0, np.logaddexp(last[rows, self.ends], before), at_once)

    def gradient(self, x: np.ndarray) -> np.ndarray:
        emitted, loss = self.emitted(x), self.loss(x)
        with np.errstate(invalid="ignore"):
            through = np.exp(self.forward_paths(emitted) + self.backward_paths(emitted) - emitted + loss[:, None])
        expected = np.zeros_like(x)
        index = np.broadcast_to(self.symbols, emitted.shape)
        times, rows = np.ogrid[: len(x), : x.shape[1]]
        np.add.at(expected, (times[..., None], rows[..., None], index), np.where(np.isfinite(emitted), through, 0.0))
        within = np.arange(len(x))[:, None] < self.steps
        return np.where(within[..., None], np.exp(x) - expected, 0.0)

    @staticmethod
    def refuse_second_derivative(grad: object) -> None:
        if not isinstance(grad, np.ndarray):
            raise RuntimeError("derivative for _ctc_loss_backward is not implemented")


def ctc_loss(log_probs: Tensor, targets: np.ndarray, input_lengths: np.ndarray, target_lengths: np.ndarray, blank: int) -> Tensor:
    """-log p of each of N target sequences (N, S), from log-probabilities (T, N, C)."""
    return apply(CtcLoss, log_probs, lattice=Lattice(targets, input_lengths, target_lengths, blank))
