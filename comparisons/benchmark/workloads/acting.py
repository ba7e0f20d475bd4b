"""The greedy action of the course's QNetwork: what an agent does between two training steps, without recording."""
from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from ...networks import Q_SIZES, draw_weights, q_network
from .. import perceptron
from ..contenders import BY_HAND, TEXTBOOK, Arrays, Maker, Step, in_libraries, installed
from .inputs import normal


def contenders(batch: int) -> dict[str, Maker]:
    """A step returns how many times the second action was chosen."""
    rng = np.random.default_rng(0)
    weights, states = draw_weights(Q_SIZES, rng), normal(rng, batch, 4)
    return {
        **in_libraries(lambda torch: in_library(torch, weights, states)),
        BY_HAND: partial(by_hand, weights, states),
        TEXTBOOK: lambda: lambda: chosen(perceptron.forward(weights, states)[-1]),
        **({"MyGrad": partial(in_mygrad, weights, states)} if installed("MyGrad") else {}),
    }


def in_library(torch: Any, weights: Arrays, states: np.ndarray) -> Step:
    network, x = q_network(torch, weights), torch.tensor(states)

    def step() -> float:
        with torch.no_grad():
            actions = network(x).argmax(dim=1)
        return chosen_of(actions.numpy())

    return step


def by_hand(weights: Arrays, states: np.ndarray) -> Step:
    (W1, b1), (W2, b2), (W3, b3) = [(weights[f"fc{i}.weight"].T, weights[f"fc{i}.bias"]) for i in (1, 2, 3)]
    h1, h2, q = [np.empty((len(states), len(b)), b.dtype) for b in (b1, b2, b3)]
    zero = np.zeros((), q.dtype)  # a Python number would have to be made an array each time

    def step() -> float:
        np.dot(states, W1, out=h1)
        np.add(h1, b1, out=h1)
        np.maximum(h1, zero, out=h1)
        np.dot(h1, W2, out=h2)
        np.add(h2, b2, out=h2)
        np.maximum(h2, zero, out=h2)
        np.dot(h2, W3, out=q)
        np.add(q, b3, out=q)
        return chosen(q)

    return step


def chosen(values: np.ndarray) -> float:
    return chosen_of(values.argmax(axis=1))


def chosen_of(actions: np.ndarray) -> float:
    return float(np.count_nonzero(actions))


def in_mygrad(weights: Arrays, states: np.ndarray) -> Step:
    mygrad = import_module("mygrad")
    params = {name: mygrad.tensor(array) for name, array in weights.items()}

    def step() -> float:
        with mygrad.no_autodiff:
            return chosen(perceptron.forward_on(mygrad, params, states).data)

    return step
