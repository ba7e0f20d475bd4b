"""The course's QNetwork in NumPy alone, as a student writes it: forward, backward and the update by hand."""
from __future__ import annotations

import numpy as np


class QNetwork:
    """4-120-84-2 with ReLU. `params` and `grads` are named as PyTorch names them."""

    def __init__(self, params: dict[str, np.ndarray]) -> None:
        self.params = {name: array.copy() for name, array in params.items()}
        self.grads: dict[str, np.ndarray] = {}

    def forward(self, x: np.ndarray) -> np.ndarray:
        p = self.params
        self.x = x
        self.z1 = x @ p["fc1.weight"].T + p["fc1.bias"]
        self.a1 = np.maximum(0, self.z1)
        self.z2 = self.a1 @ p["fc2.weight"].T + p["fc2.bias"]
        self.a2 = np.maximum(0, self.z2)
        return self.a2 @ p["fc3.weight"].T + p["fc3.bias"]

    def backward(self, dq: np.ndarray) -> None:
        """The chain rule, from the gradient of the loss with respect to the output back to that of every weight."""
        p, g = self.params, self.grads
        g["fc3.weight"] = dq.T @ self.a2
        g["fc3.bias"] = dq.sum(axis=0)
        dz2 = (dq @ p["fc3.weight"]) * (self.z2 > 0)
        g["fc2.weight"] = dz2.T @ self.a1
        g["fc2.bias"] = dz2.sum(axis=0)
        dz1 = (dz2 @ p["fc2.weight"]) * (self.z1 > 0)
        g["fc1.weight"] = dz1.T @ self.x
        g["fc1.bias"] = dz1.sum(axis=0)


def mse_of_chosen(q: np.ndarray, actions: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean squared error of the chosen actions' values, and its gradient with respect to all values."""
    rows = np.arange(len(q))
    error = q[rows, actions[:, 0]] - targets[:, 0]
    dq = np.zeros_like(q)
    dq[rows, actions[:, 0]] = 2 * error / len(q)
    return (error**2).mean(), dq


class SGD:
    """W -= lr * dW"""

    def __init__(self, params: dict[str, np.ndarray], lr: float) -> None:
        self.params, self.lr = params, lr

    def step(self, grads: dict[str, np.ndarray]) -> None:
        for name, W in self.params.items():
            W -= self.lr * grads[name]


class Adam:
    """Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2015), Algorithm 1."""

    def __init__(self, params: dict[str, np.ndarray], lr: float) -> None:
        self.params, self.lr, self.beta1, self.beta2, self.t = params, lr, 0.9, 0.999, 0
        self.m = {name: np.zeros_like(W) for name, W in params.items()}
        self.v = {name: np.zeros_like(W) for name, W in params.items()}

    def step(self, grads: dict[str, np.ndarray]) -> None:
        self.t += 1
        for name, W in self.params.items():
            dW, m, v = grads[name], self.m[name], self.v[name]
            m[:] = self.beta1 * m + (1 - self.beta1) * dW
            v[:] = self.beta2 * v + (1 - self.beta2) * dW**2
            m_hat = m / (1 - self.beta1**self.t)
            v_hat = v / (1 - self.beta2**self.t)
            W -= self.lr * m_hat / (np.sqrt(v_hat) + 1e-8)
