"""A DQN step on the course's QNetwork: the main loop of the course."""
from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from ...networks import Q_SIZES, draw_weights, q_network
from .. import perceptron
from ..contenders import BY_HAND, TEXTBOOK, Arrays, Maker, Training, by_textbook, in_torch, on_tapes, trainings
from ..perceptron import Perceptron
from .inputs import normal

GAMMA = 0.99
Batch = tuple[np.ndarray, ...]  # states, actions, rewards, next states, terminated


def contenders(batch: int = 128) -> dict[str, Maker]:
    rng = np.random.default_rng(0)
    weights, target_weights = draw_weights(Q_SIZES, rng), draw_weights(Q_SIZES, rng)
    sample = (
        normal(rng, batch, 4),
        rng.integers(0, 2, (batch, 1)),
        normal(rng, batch, 1),
        normal(rng, batch, 4),
        (rng.random((batch, 1)) < 0.1).astype(np.float32),
    )
    return {
        **trainings(lambda torch, **options: in_library(torch, weights, target_weights, sample, **options)),
        BY_HAND: partial(by_hand, weights, target_weights, sample),
        TEXTBOOK: partial(textbook, weights, target_weights, sample),
        **on_tapes(weights, lambda np, params: loss_on(np, params, target_weights, sample)),
    }


def in_library(torch: Any, weights: Arrays, target_weights: Arrays, batch: Batch, **options: Any) -> Training:
    online, target = q_network(torch, weights), q_network(torch, target_weights)
    states, actions, rewards, next_states, terminated = map(torch.tensor, batch)

    def loss() -> Any:
        with torch.no_grad():
            best = target(next_states).max(dim=1, keepdim=True).values
            y = rewards + GAMMA * best * (1 - terminated)
        return torch.nn.functional.smooth_l1_loss(online(states).gather(1, actions), y)

    return in_torch(torch, online, loss, **options)


def by_hand(weights: Arrays, target_weights: Arrays, batch: Batch) -> Training:
    states, actions, rewards, next_states, terminated = batch
    n = len(states)
    online, target = Perceptron(weights, n), Perceptron(target_weights, n)
    dq = online.d_outputs[-1]
    first = np.arange(n) * dq.shape[1]
    across = np.empty(dq.shape[::-1], dq.dtype)  # the maximum over a long axis is faster
    y, error, slope, scratch = np.empty((4, n), dq.dtype)
    chosen = np.empty(n, np.int64)

    def backward() -> float:
        across[:] = target.forward(next_states).T
        np.maximum.reduce(across, axis=0, out=y)
        np.subtract(1, terminated[:, 0], out=scratch)
        np.multiply(y, scratch, out=y)
        np.multiply(y, GAMMA, out=y)
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
        return loss

    return online.training(backward)


def textbook(weights: Arrays, target_weights: Arrays, batch: Batch) -> Training:
    states, actions, rewards, next_states, terminated = batch
    rows = np.arange(len(states))

    def loss_and_grads(params: Arrays) -> tuple[float, dict[str, np.ndarray]]:
        best = perceptron.forward(target_weights, next_states)[-1].max(axis=1)
        y = rewards[:, 0] + GAMMA * best * (1 - terminated[:, 0])
        activations = perceptron.forward(params, states)
        error = activations[-1][rows, actions[:, 0]] - y
        loss = np.where(np.abs(error) < 1, 0.5 * error**2, np.abs(error) - 0.5).mean()
        dq = np.zeros_like(activations[-1])
        dq[rows, actions[:, 0]] = np.clip(error, -1, 1) / len(states)
        return loss, perceptron.backward(params, activations, dq)

    return by_textbook(weights, loss_and_grads)


def loss_on(np_: Any, params: Any, target_weights: Arrays, batch: Batch) -> Any:
    states, actions, rewards, next_states, terminated = batch
    best = perceptron.forward(target_weights, next_states)[-1].max(axis=1)
    y = rewards[:, 0] + GAMMA * best * (1 - terminated[:, 0])
    error = perceptron.forward_on(np_, params, states)[np.arange(len(states)), actions[:, 0]] - y
    size = np_.abs(error)
    return np_.mean(np_.where(size < 1, 0.5 * error * error, size - 0.5))
