"""A multilayer perceptron on images of digits, with the cross-entropy: mostly products of large matrices."""
from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from ...networks import draw_weights, filled
from .. import perceptron
from ..contenders import BY_HAND, TEXTBOOK, Arrays, Maker, Training, by_textbook, in_torch, on_tapes, trainings
from ..flat import CrossEntropy, cross_entropy, cross_entropy_on
from ..perceptron import Perceptron
from .inputs import normal


def contenders(batch: int = 256, width: int = 512) -> dict[str, Maker]:
    rng = np.random.default_rng(0)
    sizes = {"0": (784, width), "2": (width, width // 2), "4": (width // 2, 10)}
    weights, images, digits = draw_weights(sizes, rng), normal(rng, batch, 784), rng.integers(0, 10, batch)
    return {
        **trainings(lambda torch, **options: in_library(torch, weights, images, digits, **options)),
        BY_HAND: partial(by_hand, weights, images, digits),
        TEXTBOOK: partial(textbook, weights, images, digits),
        **on_tapes(weights, lambda np, params: cross_entropy_on(np, perceptron.forward_on(np, params, images), digits)),
    }


def in_library(torch: Any, weights: Arrays, images: np.ndarray, digits: np.ndarray, **options: Any) -> Training:
    nn = torch.nn
    (hidden, inputs), (width, _) = weights["0.weight"].shape, weights["2.weight"].shape
    layers = nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, width), nn.ReLU(), nn.Linear(width, 10)
    network, x, y = filled(torch, nn.Sequential(*layers), weights), torch.tensor(images), torch.tensor(digits)
    return in_torch(torch, network, lambda: nn.functional.cross_entropy(network(x), y), **options)


def by_hand(weights: Arrays, x: np.ndarray, targets: np.ndarray) -> Training:
    network = Perceptron(weights, len(x))
    d = network.d_outputs[-1]
    loss = CrossEntropy(d.shape[1], targets, d.dtype)

    def backward() -> float:
        loss.scores[:] = network.forward(x).T
        value = loss()
        d[:] = loss.exps.T
        network.backward()
        return value

    return network.training(backward)


def textbook(weights: Arrays, x: np.ndarray, targets: np.ndarray) -> Training:
    def loss_and_grads(params: Arrays) -> tuple[float, dict[str, np.ndarray]]:
        activations = perceptron.forward(params, x)
        loss, d = cross_entropy(activations[-1], targets)
        return loss, perceptron.backward(params, activations, d)

    return by_textbook(weights, loss_and_grads)
