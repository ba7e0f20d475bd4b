"""Where nothing is rounded, minigrad and PyTorch are equal bit for bit; and here nothing is rounded."""
from __future__ import annotations

import numpy as np
import pytest
import torch

import minigrad
from comparisons import by_hand
from comparisons.exact_by_construction import BATCH, differences, draw, on_grid, train


def test_one_step_is_equal_bit_for_bit():
    (different,) = differences(1, lr=0.125)
    assert different == []


def test_300_steps_stay_equal_bit_for_bit():
    assert [(i, different) for i, different in enumerate(differences(300)) if different] == []


def test_the_weights_move():
    before, *_ = draw()
    *_, after = train(minigrad, 20)
    moved = {name: (on_grid(after[f"{name} after the update"]) != array).mean() for name, array in before.items()}
    assert min(moved.values()) > 0.25


@pytest.mark.parametrize("library", [minigrad, torch])
def test_nothing_is_rounded(library):
    """The numbers of the first step, against integers, which never are."""
    weights, inputs, targets = draw()
    bits = {"fc1.weight": 6, "fc1.bias": 7, "fc2.weight": 6, "fc2.bias": 13, "fc3.weight": 6, "fc3.bias": 19}
    network = by_hand.QNetwork({name: integers(array, bits[name]) for name, array in weights.items()})
    q = network.forward(integers(inputs, 1))  # in units of 2^-19
    error = q - integers(targets, 19)
    network.backward(error)  # the gradient of the mean squared error is 2 / (128 * 2) of it: in units of 2^-26
    (step,) = train(library, 1)
    np.testing.assert_array_equal(integers(step["q"], 19), q)
    assert step["loss"] * 2.0 ** (2 * 19) * 2 * BATCH == (error**2).sum()
    bits = {"fc3.weight": 39, "fc3.bias": 26, "fc2.weight": 39, "fc2.bias": 32, "fc1.weight": 39, "fc1.bias": 38}
    for name, grad in network.grads.items():
        np.testing.assert_array_equal(integers(step[f"gradient of {name}"], bits[name]), grad, err_msg=name)
        updated = weights[name] - step[f"gradient of {name}"]
        np.testing.assert_array_equal(step[f"{name} after the update"], updated, err_msg=name)


def integers(x: np.ndarray, bits: int) -> np.ndarray:
    """Multiples of 2^-bits, counted in these."""
    scaled = x * 2.0**bits
    assert (scaled == scaled.round()).all()
    return scaled.astype(np.int64)
