"""The course page's mapping from NumPy to PyTorch, one line of code each, run as it stands.

The page's table has six rows. Its last names two optimizers, so there are seven lines here; and backprop stands before the update
that needs it.
"""
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch as pytorch

import minigrad

from .distance import Distance, distance
from .networks import to_numpy
from .table import table


class Line(NamedTuple):
    """The same step in NumPy and in PyTorch, and the name of its result on either side."""

    numpy: str
    torch: str
    result: tuple[str, str]


LINES = [
    Line("W = np.random.randn(120, 4)", "fc = nn.Linear(4, 120)", ("W.shape", "fc.weight.shape")),
    Line("z = x @ W.T + b", "z = fc(x)", ("z", "z")),
    Line("a = np.maximum(0, z)", "a = F.relu(z)", ("a", "a")),
    Line("dz = da * (z > 0); dW, db = dz.T @ x, dz.sum(0)", "loss = (a * da).sum(); loss.backward()", ("dW", "fc.weight.grad")),
    Line("W = W - lr * dW; b = b - lr * db", "optimizer.step()", ("b", "fc.bias")),
    Line("W -= lr * dW", "optim.SGD([fc.weight], lr).step()", ("W", "fc.weight")),
    Line("W -= lr * dW / (abs(dW) + 1e-8)", "optim.Adam([fc.weight], lr).step()", ("W", "fc.weight")),  # Adam's first step
]


class Result(NamedTuple):
    """A line, and how far NumPy and minigrad are from PyTorch after it. The first draws at random: its shapes are compared."""

    line: Line
    numpy: Distance | None
    minigrad: Distance | None


def run(seed: int = 0) -> list[Result]:
    """Run every line: NumPy's once, PyTorch's with both libraries."""
    rng = np.random.default_rng(seed)
    x, da, b = [rng.standard_normal(shape).astype(np.float32) for shape in ((128, 4), (128, 120), 120)]
    hand: dict[str, Any] = {"np": np, "x": x, "da": da, "b": b, "lr": 0.1}
    ours, theirs = [
        {"nn": torch.nn, "F": torch.nn.functional, "optim": torch.optim, "x": torch.tensor(x), "da": torch.tensor(da), "lr": 0.1}
        for torch in (minigrad, pytorch)
    ]
    results = []
    for line in LINES:
        exec(line.numpy, hand)
        for side in (ours, theirs):
            exec(line.torch, side)
        found = [eval(name, side) for name, side in zip(line.result[:1] + line.result[1:] * 2, (hand, ours, theirs), strict=True)]
        if line is LINES[0]:
            if len(set(map(tuple, found))) > 1:
                raise AssertionError(f"{line.numpy} and {line.torch} differ in shape: {found}")
            hand["W"] = share(hand["W"], b, ours, theirs)
            results.append(Result(line, None, None))
        else:
            by_hand, by_us, by_torch = found[0], *map(to_numpy, found[1:])
            results.append(Result(line, distance(by_hand, by_torch), distance(by_us, by_torch)))
    return results


def share(W: np.ndarray, b: np.ndarray, *sides: dict[str, Any]) -> np.ndarray:
    """Give NumPy's random weights to the layers, so that the lines below compute with the same numbers; and an optimizer."""
