"""An epoch of a DataLoader, shuffled: rows picked one by one and stacked."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..contenders import Maker, Step, in_libraries
from .inputs import normal


def contenders(rows: int = 60_000, batch: int = 256, width: int = 784) -> dict[str, Maker]:
    """A step returns the sum of the batches' last labels, for the shuffling is the same, number for number."""
    rng = np.random.default_rng(0)
    images, digits = normal(rng, rows, width), rng.integers(0, 10, rows)
    return in_libraries(lambda torch: in_library(torch, images, digits, batch))


def in_library(torch: Any, images: np.ndarray, digits: np.ndarray, batch: int) -> Step:
    data = torch.utils.data
    dataset = data.TensorDataset(torch.from_numpy(images), torch.from_numpy(digits))
    generator = torch.Generator()
    loader = data.DataLoader(dataset, batch_size=batch, shuffle=True, generator=generator)

    def step() -> float:
        generator.manual_seed(0)
        return float(sum([labels[-1].item() for _, labels in loader]))

    return step
