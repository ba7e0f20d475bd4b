"""The course's networks, written once for either library: `torch` is PyTorch or minigrad."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def q_network(torch: Any, weights: Mapping[str, np.ndarray]) -> Any:
    """The value of every action in a state: states (N, 4) in, values (N, 2) out."""
    nn, F = torch.nn, torch.nn.functional

    class QNetwork(nn.Module):  # type: ignore[name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.fc1 = nn.Linear(4, 120)
            self.fc2 = nn.Linear(120, 84)
            self.fc3 = nn.Linear(84, 2)

        def forward(self, x: Any) -> Any:
            x = F.relu(self.fc1(x))
            x = F.relu(self.fc2(x))
            return self.fc3(x)

    return filled(torch, QNetwork(), weights)


def policy_network(torch: Any, weights: Mapping[str, np.ndarray]) -> Any:
    """The logarithm of every action's probability in a state: states (N, 4) in, log-probabilities (N, 2) out."""
    nn = torch.nn
    layers = nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2), nn.LogSoftmax(dim=1)
    return filled(torch, nn.Sequential(*layers), weights)


Q_SIZES = {"fc1": (4, 120), "fc2": (120, 84), "fc3": (84, 2)}
POLICY_SIZES = {"0": (4, 64), "2": (64, 64), "4": (64, 2)}


def draw_weights(
    sizes: Mapping[str, tuple[int, int]], rng: np.random.Generator, dtype: str = "float32"
) -> dict[str, np.ndarray]:
    """A weight (out, in) and a bias (out) for every layer, spread as nn.Linear spreads them: evenly within ±1/√in."""
    weights = {}
    for name, (inputs, outputs) in sizes.items():
        bound = inputs**-0.5
        weights[f"{name}.weight"] = rng.uniform(-bound, bound, (outputs, inputs)).astype(dtype)
        weights[f"{name}.bias"] = rng.uniform(-bound, bound, outputs).astype(dtype)
    return weights


def filled(torch: Any, network: Any, weights: Mapping[str, np.ndarray]) -> Any:
    """The network with these weights, and in their dtype."""
    tensors = {name: torch.tensor(array) for name, array in weights.items()}
    network.to(next(iter(tensors.values())).dtype)
    network.load_state_dict(tensors)
    return network


def to_numpy(tensor: Any) -> np.ndarray:
    """A copy of a tensor of either library, as it is now."""
    return np.array(tensor.detach().numpy())
