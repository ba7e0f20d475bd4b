"""A step of maximum likelihood on the course's PolicyNetwork, whose loss has the log-softmax of every policy gradient."""
from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from ...networks import POLICY_SIZES, draw_weights, policy_network
from .. import perceptron
from ..contenders import BY_HAND, TEXTBOOK, Arrays, Maker, Training, in_torch, on_tapes, trainings
from ..flat import cross_entropy_on
from .inputs import normal
from .mnist import by_hand, textbook


def contenders(batch: int = 500) -> dict[str, Maker]:
    rng = np.random.default_rng(0)
    weights, states, actions = draw_weights(POLICY_SIZES, rng), normal(rng, batch, 4), rng.integers(0, 2, batch)
    return {
        **trainings(lambda torch, **options: in_library(torch, weights, states, actions, **options)),
        BY_HAND: partial(by_hand, weights, states, actions),
        TEXTBOOK: partial(textbook, weights, states, actions),
        **on_tapes(weights, lambda np, params: cross_entropy_on(np, perceptron.forward_on(np, params, states), actions)),
    }


def in_library(torch: Any, weights: Arrays, states: np.ndarray, actions: np.ndarray, **options: Any) -> Training:
    policy, x, chosen = policy_network(torch, weights), torch.tensor(states), torch.tensor(actions)
    return in_torch(torch, policy, lambda: torch.nn.functional.nll_loss(policy(x), chosen), **options)
