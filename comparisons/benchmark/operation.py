"""What one small operation costs, layer by layer: in a chain of multiplications of four numbers, each layer is what it adds to the one below."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch as pytorch
from tqdm import tqdm

import minigrad
from minigrad.autograd import wrap

from .timing import interleaved

COUNT = 1000


def layers(threads: int, rounds: int) -> dict[str, Any]:
    pytorch.set_num_threads(threads)
    array, factor = np.array([0.1, 0.2, 0.3, 0.4], np.float32), np.array(0.999, np.float32)

    def numpy_alone() -> None:
        y = array
        for _ in range(COUNT):
            y = y * factor

    def construction() -> None:
        for _ in range(COUNT):
            wrap(array)

    pieces = {"NumPy": numpy_alone, "wrap": construction}
    for name, torch in (("minigrad", minigrad), ("PyTorch", pytorch)):
        for stage, piece in stages(torch).items():
            pieces[f"{name}, {stage}"] = piece
    samples = interleaved(pieces, tqdm(range(rounds), desc="operation", leave=False), cpu_time=threads == 1)
    return {"kind": "operation", "seconds": {name: [s / COUNT for s in seconds] for name, seconds in samples.items()}}


def stages(torch: Any) -> dict[str, Callable[[], None]]:
    start = torch.tensor([0.1, 0.2, 0.3, 0.4], requires_grad=True)

    def chain() -> Any:
        y = start
        for _ in range(COUNT):
            y = y * 0.999
        return y

    def called() -> None:
        with torch.no_grad():
            chain()

    def recorded() -> None:
        chain()

    ones = torch.ones(4)

    def whole() -> None:
        start.grad = None
        chain().backward(ones)

    return {"called": called, "recorded": recorded, "backward": whole}
