"""A multilayer perceptron with ReLU, by hand: with every array made beforehand, by the textbook, and for a tape."""
from __future__ import annotations

from typing import Any

import numpy as np

from .contenders import Arrays
from .flat import Flat


class Perceptron(Flat):
    """For batches of one size. The weights come as weight, bias, weight, bias, ..."""

    def __init__(self, weights: Arrays, batch: int) -> None:
        super().__init__(weights)
        views, grads = list(self.weights.values()), list(self.grads.values())
        self.Ws, self.bs, self.dWs, self.dbs = views[::2], views[1::2], grads[::2], grads[1::2]
        self.outputs = [np.empty((batch, len(b)), b.dtype) for b in self.bs]
        self.d_outputs = [np.empty_like(output) for output in self.outputs]
        self.masks = [np.empty_like(output) for output in self.outputs[:-1]]  # 1 where the ReLU lets through, else 0
        self.ones = np.ones(batch, self.flat.dtype)

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = [x, *self.outputs[:-1]]
        for i, (a, W, b, z) in enumerate(zip(self.inputs, self.Ws, self.bs, self.outputs)):
            np.dot(a, W.T, out=z)
            z += b
            if i < len(self.masks):  # faster than np.maximum, and backward needs the mask
                np.greater(z, 0, out=self.masks[i])
                z *= self.masks[i]
        return self.outputs[-1]

    def backward(self) -> None:
        """From the gradient in d_outputs[-1] to that of every weight."""
        for i in reversed(range(len(self.Ws))):
            d = self.d_outputs[i]
            np.dot(d.T, self.inputs[i], out=self.dWs[i])
            np.dot(self.ones, d, out=self.dbs[i])  # the sum over the batch
            if i:
                np.dot(d, self.Ws[i], out=self.d_outputs[i - 1])
                self.d_outputs[i - 1] *= self.masks[i - 1]


def forward(weights: Arrays, x: np.ndarray) -> list[np.ndarray]:
    """By the textbook: the input, and what every layer makes of it."""
    params, activations = list(weights.values()), [x]
    for i in range(0, len(params), 2):
        z = activations[-1] @ params[i].T + params[i + 1]
        activations.append(z if i + 2 == len(params) else np.maximum(0, z))
    return activations


def backward(weights: Arrays, activations: list[np.ndarray], d: np.ndarray) -> dict[str, np.ndarray]:
    """By the textbook: from the gradient of the last layer's output to that of every weight."""
    names, grads = list(weights), dict[str, np.ndarray]()
    for i in reversed(range(len(names) // 2)):
        grads[names[2 * i]] = d.T @ activations[i]
        grads[names[2 * i + 1]] = d.sum(axis=0)
        d = (d @ weights[names[2 * i]]) * (activations[i] > 0)
    return grads


def forward_on(np: Any, params: Any, x: np.ndarray) -> Any:
    """For a library that records NumPy, which is given as `np`."""
    values = list(params.values())
    for i in range(0, len(values), 2):
        x = np.matmul(x, values[i].T) + values[i + 1]
        if i + 2 < len(values):
            x = np.maximum(x, 0)
    return x
