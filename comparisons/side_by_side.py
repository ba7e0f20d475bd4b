"""NumPy by hand, minigrad and PyTorch, side by side: `python -m comparisons.side_by_side`.

The course's QNetwork (4-120-84-2) with the same weights and data three times: forward, every gradient, ten training
steps. Then the course page's mapping from NumPy to PyTorch, line by line.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch as pytorch

import minigrad

from . import by_hand, mapping
from .distance import Distance, distance
from .networks import Q_SIZES, draw_weights, q_network, to_numpy
from .table import table

Arrays = dict[str, np.ndarray]
STEPS = 10
LEARNING_RATE = {"SGD": 0.1, "Adam": 0.001}


class Batch(NamedTuple):
    states: np.ndarray  # (N, 4)
    actions: np.ndarray  # (N, 1)
    targets: np.ndarray  # (N, 1): what the chosen actions' values should be


def draw(dtype: str, seed: int = 0, size: int = 128) -> tuple[Arrays, Batch]:
    """Weights and a batch."""
    rng = np.random.default_rng(seed)
    weights = draw_weights(Q_SIZES, rng, dtype)
    states, targets = rng.standard_normal((size, 4)), rng.standard_normal((size, 1))
    return weights, Batch(states.astype(dtype), rng.integers(0, 2, (size, 1)), targets.astype(dtype))


def train(torch: Any, weights: Arrays, batch: Batch, optimizer: str) -> Arrays:
    """All numbers of ten training steps, in the library given."""
    network = q_network(torch, weights)
    optim = getattr(torch.optim, optimizer)(network.parameters(), lr=LEARNING_RATE[optimizer])
    states, actions, targets = map(torch.tensor, batch)
    seen: Arrays = {}
    for step in range(STEPS):
        q = network(states)
        loss = torch.nn.functional.mse_loss(q.gather(1, actions), targets)
        optim.zero_grad()
        loss.backward()
        if step == 0:
            seen |= {"q": to_numpy(q), "loss": to_numpy(loss)}
            seen |= {f"gradient of {name}": to_numpy(p.grad) for name, p in network.named_parameters()}
        optim.step()
    seen[last_loss(optimizer)] = to_numpy(loss)
    seen[last_parameters(optimizer)] = np.concatenate([to_numpy(p).ravel() for p in network.parameters()])
    return seen


def train_by_hand(weights: Arrays, batch: Batch, optimizer: str) -> Arrays:
    """The same numbers from NumPy alone."""
    network = by_hand.QNetwork(weights)
    optim = getattr(by_hand, optimizer)(network.params, lr=LEARNING_RATE[optimizer])
    seen: Arrays = {}
    for step in range(STEPS):
        q = network.forward(batch.states)
        loss, dq = by_hand.mse_of_chosen(q, batch.actions, batch.targets)
        network.backward(dq)
        if step == 0:
            seen |= {"q": q, "loss": np.asarray(loss)}
            seen |= {f"gradient of {name}": network.grads[name] for name in network.params}
        optim.step(network.grads)
    seen[last_loss(optimizer)] = np.asarray(loss)
    seen[last_parameters(optimizer)] = np.concatenate([W.ravel() for W in network.params.values()])
    return seen


def last_loss(optimizer: str) -> str:
    return f"loss in step {STEPS}, {optimizer}"


def last_parameters(optimizer: str) -> str:
    return f"parameters after step {STEPS}, {optimizer}"


class Row(NamedTuple):
    """One array, and how far NumPy by hand and minigrad are from PyTorch's."""

    dtype: str
    what: str
    numpy: Distance
    minigrad: Distance


def compare(dtype: str, seed: int = 0) -> Iterator[Row]:
    """Every array that the three compute."""
    weights, batch = draw(dtype, seed)
    expected: Arrays = {}
    ours: Arrays = {}
    hand: Arrays = {}
    for optimizer in LEARNING_RATE:
        expected |= train(pytorch, weights, batch, optimizer)
        ours |= train(minigrad, weights, batch, optimizer)
        hand |= train_by_hand(weights, batch, optimizer)
    for what, array in expected.items():
        yield Row(dtype, what, distance(hand[what], array), distance(ours[what], array))


def as_table(rows: list[Row]) -> str:
    header = ["", "", "NumPy", "ULP", "equal", "minigrad", "ULP", "equal"]
    return table([header, *[[row.dtype, row.what, *cells(row.numpy), *cells(row.minigrad)] for row in rows]], left=2)


def cells(apart: Distance) -> list[str]:
    return [f"{apart.absolute:.1e}", f"{apart.ulps:.0f}", f"{apart.equal:.0%}"]


def main() -> None:
    print(f"QNetwork 4-120-84-2, batch 128, mean squared error. NumPy {np.__version__}, PyTorch {pytorch.__version__}.")
    print("How far from PyTorch: the largest difference, the same in units in the last place (ULP), and the share of")
    print("equal bits. Many ULPs of a tiny difference: the sum of large terms is almost zero.\n")
    print(as_table([row for dtype in ("float64", "float32") for row in compare(dtype)]))
    print("\nThe course's mapping, each line run on the same numbers; the differences are from PyTorch.\n")
    print(mapping.as_table(mapping.run()))


if __name__ == "__main__":
    main()
