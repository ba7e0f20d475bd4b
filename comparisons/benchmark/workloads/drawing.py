"""Random numbers: from PyTorch's stream, and from NumPy's generator of the same kind; and a layer, which is mostly drawing its weights."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..contenders import Maker, Step, in_libraries


def uniform(count: int = 1_000_000) -> dict[str, Maker]:
    def in_library(torch: Any) -> Step:
        def step() -> float:
            torch.manual_seed(0)
            return float(torch.rand(count)[-1])

        return step

    def in_numpy() -> Step:
        generator = np.random.Generator(np.random.MT19937(0))
        return lambda: float(generator.random(count, np.float32)[-1])

    return {**in_libraries(in_library), "NumPy": in_numpy}


def layer(size: int = 512) -> dict[str, Maker]:
    def in_library(torch: Any) -> Step:
        def step() -> float:
            torch.manual_seed(0)
            return float(torch.nn.Linear(size, size).weight.detach()[-1, -1])

        return step

    return in_libraries(in_library)
