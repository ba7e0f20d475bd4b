"""What the hand-written networks share: weights in one buffer, Adam on all of them at once, and the cross-entropy.

Every array is made once and written into with `out=`.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .contenders import LEARNING_RATE, Arrays, Training


class Flat:
    """Weights end to end in one buffer, and their gradients in another, with a view of each by name."""

    def __init__(self, weights: Arrays) -> None:
        arrays = list(weights.values())
        self.flat = np.concatenate([array.ravel() for array in arrays])
        self.flat_grad = np.empty_like(self.flat)
        self.weights, self.grads = [dict(zip(weights, self.views(buffer, arrays))) for buffer in (self.flat, self.flat_grad)]

    @staticmethod
    def views(buffer: np.ndarray, like: list[np.ndarray]) -> list[np.ndarray]:
        parts = np.split(buffer, np.cumsum([array.size for array in like])[:-1])
        return [part.reshape(array.shape) for part, array in zip(parts, like)]

    def training(self, backward: Callable[[], float]) -> Training:
        return Training(backward, Adam(self.flat, self.flat_grad, LEARNING_RATE).step, lambda: self.grads)


class Adam:
    """Kingma and Ba (2015), with the bias corrections moved into the step size, as in their section 2."""

    def __init__(self, param: np.ndarray, grad: np.ndarray, lr: float) -> None:
        self.param, self.grad, self.lr, self.t = param, grad, lr, 0
        self.m, self.v, self.scratch = np.zeros((3, param.size), param.dtype)

    def step(self) -> None:
        self.t += 1
        m, v, s = self.m, self.v, self.scratch
        root = (1 - 0.999**self.t) ** 0.5
        np.subtract(self.grad, m, out=s)
        s *= 1 - 0.9
        m += s
        v *= 0.999
        np.multiply(self.grad, self.grad, out=s)
        s *= 1 - 0.999
        v += s
        np.sqrt(v, out=s)
        s += 1e-8 * root
        np.divide(m, s, out=s)
        s *= self.lr * root / (1 - 0.9**self.t)
        self.param -= s


class CrossEntropy:
    """Of scores that lie classes by samples: sums and maxima over a long axis are faster."""

    def __init__(self, classes: int, targets: np.ndarray, dtype: np.dtype) -> None:
        self.n, self.targets = len(targets), targets
        self.scores, self.exps = np.empty((2, classes, self.n), dtype)
        self.row, self.samples, self.chosen = np.empty(self.n, dtype), np.arange(self.n), np.empty(self.n, np.int64)

    def __call__(self) -> float:
        """The loss of `scores`, whose gradient then is in `exps`."""
        scores, exps, row, chosen = self.scores, self.exps, self.row, self.chosen
        np.maximum.reduce(scores, axis=0, out=row)
        np.subtract(scores, row, out=scores)
        np.exp(scores, out=exps)
        np.add.reduce(exps, axis=0, out=row)
        np.divide(exps, row, out=exps)  # probabilities
        np.log(row, out=row)
        np.subtract(scores, row, out=scores)  # their logarithms
        np.multiply(self.targets, self.n, out=chosen)
        np.add(chosen, self.samples, out=chosen)  # where the targets' scores lie
        loss = -float(np.add.reduce(scores.take(chosen))) / self.n
        exps.ravel()[chosen] -= 1
        np.divide(exps, self.n, out=exps)
        return loss


def cross_entropy(scores: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    """By the textbook: the loss of scores (N, C), and its gradient."""
    exps = np.exp(scores - scores.max(axis=1, keepdims=True))
    d = exps / exps.sum(axis=1, keepdims=True)
    rows = np.arange(len(targets))
    loss = -np.log(d[rows, targets]).mean()
    d[rows, targets] -= 1
    return loss, d / len(targets)


def cross_entropy_on(np: Any, scores: Any, targets: np.ndarray) -> Any:
    """For a library that records NumPy, which is given as `np`."""
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    return -np.mean(log_probabilities[range(len(targets)), targets])
