"""How far training drifts apart: minigrad from PyTorch, and PyTorch from itself with other kernels. `python -m comparisons.drift`

QNetwork (4-120-84-2) learns sines and cosines with Adam, from a new batch in each step; weights and data are the same for all.
PyTorch runs twice: with the kernels that MKL takes on this processor, and with its compatible ones. The distance is the largest
difference of two parameters, over the largest parameter.

With `--one-batch` it learns one batch by heart. Then the gradients become as small as what rounding leaves of them, Adam makes
steps of the usual size of them, and all three go their own ways.
"""
from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import minigrad

from .networks import Q_SIZES, draw_weights, q_network
from .pinned import ENVIRONMENT, start
from .table import table

BATCH = 128
OWN_KERNELS = {key: value for key, value in ENVIRONMENT.items() if key != "MKL_CBWR"}
LIMITS = {"float64": 5e-15, "float32": 2e-6}  # of minigrad's distance from PyTorch, for 500 steps


class Drift(NamedTuple):
    """Relative distances of all parameters after each training step."""

    dtype: str
    from_pytorch: np.ndarray  # minigrad from PyTorch
    between_kernels: np.ndarray  # PyTorch from PyTorch with MKL_CBWR=COMPATIBLE


def drift(dtype: str, steps: int = 500, seed: int = 0, one_batch: bool = False) -> Drift:
    """Train three times and compare."""
    run = dtype, steps, seed, one_batch
    theirs, compatible = [on_pytorch(environment, *run) for environment in (OWN_KERNELS, ENVIRONMENT)]
    return Drift(dtype, apart(trained(minigrad, *run), theirs), apart(compatible, theirs))


def apart(actual: np.ndarray, expected: np.ndarray) -> np.ndarray:
    return np.abs(actual - expected).max(1) / np.abs(expected).max(1)


def trained(torch: Any, dtype: str, steps: int, seed: int, one_batch: bool) -> np.ndarray:
    """All parameters after each step, end to end: (steps, parameters)."""
    rng = np.random.default_rng(seed)
    network = q_network(torch, draw_weights(Q_SIZES, rng, dtype))
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    seen = []
    for step in range(steps):
        if step == 0 or not one_batch:
            x = rng.standard_normal((BATCH, 4))
            y = np.stack([np.sin(x).sum(1), np.cos(x).sum(1)], 1)
            states, targets = [torch.tensor(array.astype(dtype)) for array in (x, y)]
        loss = torch.nn.functional.mse_loss(network(states), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen.append(np.concatenate([p.detach().numpy().ravel() for p in network.parameters()]))
    return np.array(seen)


def on_pytorch(environment: dict[str, str], dtype: str, steps: int, seed: int, one_batch: bool) -> np.ndarray:
    """`trained` with PyTorch, in a process of its own with these settings of MKL."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "parameters.npy")
        options = ["--save", str(file), dtype, "--steps", str(steps), "--seed", str(seed), *["--one-batch"] * one_batch]
        start("comparisons.drift", *options, environment=environment, check=True)
        return np.load(file)


def as_table(drifts: list[Drift]) -> str:
    """Some steps of each series."""
    rows = [["step", *[f"{d.dtype}: {what}" for d in drifts for what in ("minigrad from PyTorch", "PyTorch from itself")]]]
    steps = len(drifts[0].from_pytorch)
    for step in sorted({1, 10, 100, steps} & set(range(1, steps + 1))):
        rows.append([f"{step}", *[f"{series[step - 1]:.1e}" for d in drifts for series in (d.from_pytorch, d.between_kernels)]])
    rows.append(["largest", *[f"{series.max():.1e}" for d in drifts for series in (d.from_pytorch, d.between_kernels)]])
    return table(rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m comparisons.drift", description=__doc__.partition("\n")[0])
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--one-batch", action="store_true", help="the same in every step, learned by heart")
    parser.add_argument("--save", nargs=2, metavar=("FILE", "DTYPE"), help="only train with PyTorch, and keep all parameters")
    options = parser.parse_args()
    run = options.steps, options.seed, options.one_batch
    if options.save:
        import torch  # with the settings of this process; the comparison itself needs none

        file, dtype = options.save
        np.save(file, trained(torch, dtype, *run))
        return
    drifts = [drift(dtype, *run) for dtype in LIMITS]
    print(as_table(drifts))
    beyond = [d.dtype for d in drifts if d.from_pytorch.max() > LIMITS[d.dtype]]
    if beyond and not options.one_batch:
        sys.exit(f"minigrad drifts further from PyTorch than {' and '.join([f'{LIMITS[d]:g} ({d})' for d in beyond])}")


if __name__ == "__main__":
    main()
