"""The yardstick: the same training steps in NumPy alone, written for speed.

Every array is made once and written into with `out=`. The weights lie end to end in one buffer, as do their
gradients, so that Adam is a dozen calls on everything at once.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

Step = Callable[[], float]


class Perceptron:
    """A multilayer perceptron with ReLU, for batches of one size. `params` come as weight, bias, weight, bias, ..."""

    def __init__(self, params: Mapping[str, np.ndarray], batch: int) -> None:
        arrays = list(params.values())
        self.flat = np.concatenate([array.ravel() for array in arrays])
        self.flat_grad = np.empty_like(self.flat)
        ends = np.cumsum([array.size for array in arrays])[:-1]
        shapes = [array.shape for array in arrays]
        views = [part.reshape(shape) for part, shape in zip(np.split(self.flat, ends), shapes, strict=True)]
        grads = [part.reshape(shape) for part, shape in zip(np.split(self.flat_grad, ends), shapes, strict=True)]
        self.weights, self.biases = views[::2], views[1::2]
        self.d_weights, self.d_biases = grads[::2], grads[1::2]
        self.outputs = [np.empty((batch, len(bias)), bias.dtype) for bias in self.biases]
        self.d_outputs = [np.empty_like(output) for output in self.outputs]
        self.masks = [np.empty_like(output) for output in self.outputs[:-1]]  # 1 where the ReLU lets through, else 0
        self.ones = np.ones(batch, self.flat.dtype)

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = [x, *self.outputs[:-1]]
        for i, (a, W, b, z) in enumerate(zip(self.inputs, self.weights, self.biases, self.outputs, strict=True)):
            np.dot(a, W.T, out=z)
            z += b
            if i < len(self.masks):  # faster than np.maximum, and backward needs the mask
                np.greater(z, 0, out=self.masks[i])
                z *= self.masks[i]
        return self.outputs[-1]

    def backward(self) -> None:
        """From the gradient in d_outputs[-1] to that of every weight."""
        for i in reversed(range(len(self.weights))):
            d = self.d_outputs[i]
            np.dot(d.T, self.inputs[i], out=self.d_weights[i])
            np.dot(self.ones, d, out=self.d_biases[i])  # the sum over the batch
            if i:
                np.dot(d, self.weights[i], out=self.d_outputs[i - 1])
                self.d_outputs[i - 1] *= self.masks[i - 1]


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


def q_step(
    weights: Mapping[str, np.ndarray],
    target_weights: Mapping[str, np.ndarray],
    batch: tuple[np.ndarray, ...],
    gamma: float,
    lr: float,
) -> Step:
    """A DQN step with the smooth L1 loss."""
    states, actions, rewards, next_states, terminated = batch
    n = len(states)
    online, target = Perceptron(weights, n), Perceptron(target_weights, n)
    adam = Adam(online.flat, online.flat_grad, lr)
    dq = online.d_outputs[-1]
    first = np.arange(n) * dq.shape[1]
    across = np.empty(dq.shape[::-1], dq.dtype)  # the maximum over a long axis is faster
    y, error, slope, scratch = np.empty((4, n), dq.dtype)
    chosen = np.empty(n, np.int64)

    def step() -> float:
        across[:] = target.forward(next_states).T
        np.maximum.reduce(across, axis=0, out=y)
        np.subtract(1, terminated[:, 0], out=scratch)
        np.multiply(y, scratch, out=y)
        np.multiply(y, gamma, out=y)
        np.add(y, rewards[:, 0], out=y)
        np.add(first, actions[:, 0], out=chosen)  # where the chosen actions' values lie
        online.forward(states).take(chosen, out=error, mode="clip")
        np.subtract(error, y, out=error)
        np.clip(error, -1, 1, out=slope)
        np.multiply(slope, 0.5, out=scratch)
        np.subtract(error, scratch, out=scratch)
        loss = float(np.dot(slope, scratch)) / n
        np.divide(slope, n, out=slope)
        dq.fill(0)
        dq.put(chosen, slope)
        online.backward()
        adam.step()
        return loss

    return step


def policy_step(weights: Mapping[str, np.ndarray], states: np.ndarray, actions: np.ndarray, lr: float) -> Step:
    """A step of maximum likelihood: the cross-entropy of the policy with the actions taken."""
    n = len(states)
    network = Perceptron(weights, n)
    adam = Adam(network.flat, network.flat_grad, lr)
    d = network.d_outputs[-1]
    across = np.empty(d.shape[::-1], d.dtype)  # actions by samples: sums and maxima over a long axis are faster
    exps = np.empty_like(across)
    row = np.empty(n, d.dtype)
    samples = np.arange(n)
    chosen = np.empty(n, np.int64)

    def step() -> float:
        across[:] = network.forward(states).T
        np.maximum.reduce(across, axis=0, out=row)
        np.subtract(across, row, out=across)
        np.exp(across, out=exps)
        np.add.reduce(exps, axis=0, out=row)
        np.divide(exps, row, out=exps)  # probabilities
        np.log(row, out=row)
        np.subtract(across, row, out=across)  # their logarithms
        np.multiply(actions, n, out=chosen)
        np.add(chosen, samples, out=chosen)  # where the chosen actions lie
        loss = -float(np.add.reduce(across.take(chosen))) / n
        flat = exps.ravel()
        flat[chosen] -= 1
        np.divide(exps.T, n, out=d)
        network.backward()
        adam.step()
        return loss

    return step
