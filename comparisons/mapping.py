"""The course page's mapping from NumPy to PyTorch, one line of code each, run as it stands.

The page's table has six rows. Its last names two optimizers, so there are seven lines here; and backprop stands
before the update that needs it.
"""
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch as pytorch

import minigrad

from .distance import Distance, distance
from .networks import filled, to_numpy
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
    Line(
        "dz = da * (z > 0); dW, db = dz.T @ x, dz.sum(0)",
        "loss = (a * da).sum(); loss.backward()",
        ("dW", "fc.weight.grad"),
    ),
    Line("W = W - lr * dW; b = b - lr * db", "optimizer.step()", ("b", "fc.bias")),
    Line("W -= lr * dW", "optim.SGD([fc.weight], lr).step()", ("W", "fc.weight")),
    # Adam's first step; later ones take running means of dW and its square.
    Line("W -= lr * dW / (abs(dW) + 1e-8)", "optim.Adam([fc.weight], lr).step()", ("W", "fc.weight")),
]


class Result(NamedTuple):
    """How far NumPy and minigrad are from PyTorch after a line. The first draws at random: shapes are compared."""

    line: Line
    numpy: Distance | None
    minigrad: Distance | None


def run(seed: int = 0) -> list[Result]:
    """Run every line: NumPy's once, PyTorch's with both libraries."""
    rng = np.random.default_rng(seed)
    x, da, b = [rng.standard_normal(shape).astype(np.float32) for shape in ((128, 4), (128, 120), 120)]
    hand: dict[str, Any] = {"np": np, "x": x, "da": da, "b": b, "lr": 0.1}
    sides = [program(minigrad, x, da, lr=0.1), program(pytorch, x, da, lr=0.1)]
    results = []
    for line in LINES:
        exec(line.numpy, hand)
        for side in sides:
            exec(line.torch, side)
        by_hand, ours, theirs = eval(line.result[0], hand), *[eval(line.result[1], side) for side in sides]
        if line is LINES[0]:
            if not by_hand == tuple(ours) == tuple(theirs):
                raise AssertionError(f"shapes differ: {by_hand}, {ours}, {theirs}")
            share_weights(hand, sides)
            results.append(Result(line, None, None))
        else:
            expected = to_numpy(theirs)
            results.append(Result(line, distance(by_hand, expected), distance(to_numpy(ours), expected)))
    return results


def program(torch: Any, x: np.ndarray, da: np.ndarray, lr: float) -> dict[str, Any]:
    """The names in a PyTorch program before its first line."""
    modules = {"torch": torch, "nn": torch.nn, "F": torch.nn.functional, "optim": torch.optim}
    return modules | {"x": torch.tensor(x), "da": torch.tensor(da), "lr": lr}


def share_weights(hand: dict[str, Any], sides: list[dict[str, Any]]) -> None:
    """Give NumPy's random weights to the layers, for the other lines to start from; and make line five's optimizer."""
    hand["W"] = hand["W"].astype(np.float32)
    for side in sides:
        filled(side["torch"], side["fc"], {"weight": hand["W"], "bias": hand["b"]})
        side["optimizer"] = side["optim"].SGD(side["fc"].parameters(), lr=side["lr"])


def as_table(results: list[Result]) -> str:
    rows = [["NumPy", "PyTorch and minigrad", "compared", "NumPy", "minigrad"]]
    for line, *apart in results:
        differences = ["same" if one is None else f"{one.absolute:.1e}" for one in apart]
        rows.append([line.numpy, line.torch, line.result[1], *differences])
    return table(rows, left=3)
