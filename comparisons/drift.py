"""How far training drifts apart: minigrad from PyTorch, and PyTorch from itself with other settings. `python -m comparisons.drift`

QNetwork (4-120-84-2) learns sines and cosines with Adam, from a new batch in each step; of one seed, weights and data are the same for
all. All are compared with PyTorch as it runs here: minigrad, PyTorch with its fused Adam, and PyTorch with kernels that it takes on
other processors. The distance is the largest difference of two parameters, over the largest parameter.

With `--one-batch` it learns one batch by heart. Then the gradients become as small as what rounding leaves of them, Adam makes
steps of the usual size of them, and all go their own ways.
"""
from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch as pytorch

import minigrad

from .elsewhere import calls
from .kernels import KERNELS
from .networks import Q_SIZES, draw_weights, q_network
from .table import table

BATCH = 128
LIMITS = {"float64": 5e-15, "float32": 2e-6}  # of minigrad's distance from PyTorch after 500 steps, in the median of the seeds
OURS, FUSED = "minigrad", "Adam(fused=True)"


class Run(NamedTuple):
    """One training."""

    dtype: str
    seed: int
    steps: int = 500
    one_batch: bool = False


class Drift(NamedTuple):
    """Distances from PyTorch as it runs here."""

    dtype: str
    steps: list[int]  # after which they are measured
    distances: dict[str, np.ndarray]  # of minigrad, and of PyTorch with other settings: (seeds, steps)

    @property
    def ours(self) -> np.ndarray:
        return self.distances[OURS]

    def beside(self, name: str) -> tuple[int, int, int]:
        """With how many of the seeds minigrad ends nearer than PyTorch with these settings, as near, and farther."""
        signs = np.sign(self.ours[:, -1] - self.distances[name][:, -1])
        return int((signs < 0).sum()), int((signs == 0).sum()), int((signs > 0).sum())

    def verdict(self, name: str) -> str:
        """The last distances in words."""
        last = self.distances[name][:, -1]
        spread = f"median of {len(last)} seeds, which end at {last.min():.1e} to {last.max():.1e}"
        if name == OURS:
            return spread
        nearer, equal, farther = self.beside(name)
        return f"{spread}; minigrad ends nearer in {nearer}, as near in {equal}, farther in {farther}"


def label(name: str) -> str:
    return name if name == OURS else f"PyTorch, {name}"


def drifts(runs: Sequence[Run], others: Mapping[str, Sequence[np.ndarray]]) -> list[Drift]:
    """A drift per dtype. `others`: what PyTorch with other settings made of the same runs."""
    expected = [by_pytorch(*run) for run in runs]
    made = {OURS: [trained(minigrad, *run) for run in runs], FUSED: [by_pytorch(*run, fused=True) for run in runs], **others}
    found = []
    for dtype in dict.fromkeys([run.dtype for run in runs]):
        mine = [i for i, run in enumerate(runs) if run.dtype == dtype]
        distances = {name: np.array([apart(results[i], expected[i]) for i in mine]) for name, results in made.items()}
        found.append(Drift(dtype, measured(runs[mine[0]].steps), distances))
    return found


def apart(actual: np.ndarray, expected: np.ndarray) -> np.ndarray:
    return np.abs(actual - expected).max(1) / np.abs(expected).max(1)


def measured(steps: int) -> list[int]:
    """The steps after which parameters are kept: all would be gigabytes."""
    return [step for step in range(1, steps + 1) if step <= 10 or step % 10 == 0 or step == steps]


def by_pytorch(dtype: str, seed: int, steps: int, one_batch: bool, **options: Any) -> np.ndarray:
    """`trained` by the PyTorch of this process, with one thread."""
    threads = pytorch.get_num_threads()
    pytorch.set_num_threads(1)
    try:
        return trained(pytorch, dtype, seed, steps, one_batch, **options)
    finally:
        pytorch.set_num_threads(threads)


def with_kernels(name: str, runs: Sequence[Run]) -> list[np.ndarray]:
    """`by_pytorch` with other kernels."""
    return calls(KERNELS[name], *[(by_pytorch, *run) for run in runs])


def trained(torch: Any, dtype: str, seed: int, steps: int, one_batch: bool, **options: Any) -> np.ndarray:
    """All parameters after the measured steps, end to end: (steps, parameters)."""
    rng = np.random.default_rng(seed)
    network = q_network(torch, draw_weights(Q_SIZES, rng, dtype))
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, **options)
    seen = []
    kept = set(measured(steps))
    for step in range(1, steps + 1):
        if step == 1 or not one_batch:
            x = rng.standard_normal((BATCH, 4))
            y = np.stack([np.sin(x).sum(1), np.cos(x).sum(1)], 1)
            states, targets = [torch.tensor(array.astype(dtype)) for array in (x, y)]
        loss = torch.nn.functional.mse_loss(network(states), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step in kept:
            seen.append(np.concatenate([p.detach().numpy().ravel() for p in network.parameters()]))
    return np.array(seen)


def as_table(found: Sequence[Drift]) -> str:
    """Medians over the seeds after some steps; the spread after the last, and in how many minigrad is nearer, as near, and farther."""
    rows = [["", "", *[f"step {step}" for step in shown(found[0].steps)], "least", "largest", "minigrad nearer / as near / farther"]]
    for drift in found:
        for name, distances in drift.distances.items():
            medians = dict(zip(drift.steps, np.median(distances, axis=0)))
            last = distances[:, -1]
            nearer = "" if name == OURS else " / ".join(map(str, drift.beside(name)))
            numbers = [*[medians[step] for step in shown(drift.steps)], last.min(), last.max()]
            rows.append([drift.dtype, label(name), *[f"{number:.1e}" for number in numbers], nearer])
    return table(rows, left=2)


def shown(steps: Sequence[int]) -> list[int]:
    return [step for step in steps if step in (1, 10, 100, steps[-1])]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m comparisons.drift", description=__doc__.partition("\n")[0])
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--seeds", type=int, default=12, help="how many (default: 12, which takes some minutes)")
    parser.add_argument("--one-batch", action="store_true", help="the same in every step, learned by heart")
    options = parser.parse_args()
    runs = [Run(dtype, seed, options.steps, options.one_batch) for dtype in LIMITS for seed in range(options.seeds)]
    found = drifts(runs, {name: with_kernels(name, runs) for name in KERNELS})
    print(f"Distances from PyTorch {pytorch.__version__} as it runs here: medians of {options.seeds} seeds, and all after the last step.\n")
    print(as_table(found))
    beyond = [d.dtype for d in found if np.median(d.ours[:, -1]) > LIMITS[d.dtype]]
    if beyond and not options.one_batch:
        sys.exit(f"minigrad drifts further from PyTorch than {' and '.join([f'{LIMITS[d]:g} ({d})' for d in beyond])}")


if __name__ == "__main__":
    main()
