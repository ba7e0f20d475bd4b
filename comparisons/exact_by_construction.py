"""Where nothing is rounded, nothing can differ: training equal to PyTorch's bit for bit, on any machine and any BLAS.

Sums of floats depend on their order, and no two libraries add in the same one. But if weights, inputs and targets
are multiples of small powers of two, and means are over powers of two, then every sum and product fits into a
float64, is exact, and so is the same in any order. (The longest here is the sum of the squared errors: a multiple
of 2^-38 below 2^9, so 47 of 53 bits.) A step makes the weights longer; rounded to their grid after it, on both
sides alike, they can go on like this for ever.

`python -m comparisons.exact_by_construction` shows it.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch as pytorch
from tqdm import tqdm

import minigrad

from .distance import same_bits
from .networks import Q_SIZES, draw_weights, q_network, to_numpy

WEIGHT_GRID = 2.0**-6
INPUT_GRID = 2.0**-1
BATCH = 128


def draw(seed: int = 0) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Weights, inputs and targets on their grids, in float64."""
    rng = np.random.default_rng(seed)
    weights = {name: on_grid(array) for name, array in draw_weights(Q_SIZES, rng, "float64").items()}
    inputs, targets = [rng.integers(-4, 5, (BATCH, width)) * INPUT_GRID for width in (4, 2)]
    return weights, inputs, targets


def on_grid(x: Any) -> Any:
    """An array or a tensor, rounded to multiples of WEIGHT_GRID."""
    return (x / WEIGHT_GRID).round() * WEIGHT_GRID


def train(torch: Any, steps: int, lr: float = 1.0, seed: int = 0) -> Iterator[dict[str, np.ndarray]]:
    """Training steps of QNetwork with MSE and SGD in the library given: all numbers of each step."""
    weights, inputs, targets = draw(seed)
    network = q_network(torch, weights)
    x, y = torch.tensor(inputs), torch.tensor(targets)
    optimizer = torch.optim.SGD(network.parameters(), lr=lr)
    for _ in range(steps):
        q = network(x)
        loss = torch.nn.functional.mse_loss(q, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        step = {"q": to_numpy(q), "loss": to_numpy(loss)}
        step |= {f"gradient of {name}": to_numpy(p.grad) for name, p in network.named_parameters()}
        step |= {f"{name} after the update": to_numpy(p) for name, p in network.named_parameters()}
        yield step
        with torch.no_grad():
            for p in network.parameters():
                p.copy_(on_grid(p))


def differences(steps: int, **settings: Any) -> Iterator[list[str]]:
    """For each step, the names of the arrays in which the two differ in any bit: none, if the claim holds."""
    for ours, theirs in zip(train(minigrad, steps, **settings), train(pytorch, steps, **settings), strict=True):
        yield [name for name, expected in theirs.items() if not same_bits(ours[name], expected).all()]


def main() -> None:
    steps = 300
    print("QNetwork 4-120-84-2, MSE, SGD, float64; after each step the parameters are rounded to multiples of 2^-6.")
    for i, different in enumerate(tqdm(differences(steps), total=steps, unit="step", leave=False), 1):
        if different:
            raise SystemExit(f"step {i}: not equal to PyTorch bit for bit: {', '.join(different)}")
    print(f"{steps} steps: outputs, loss, gradients and updated parameters are equal to PyTorch's, bit for bit.")


if __name__ == "__main__":
    main()
