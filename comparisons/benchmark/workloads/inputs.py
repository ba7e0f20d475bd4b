"""Random inputs and weights."""
from __future__ import annotations

import numpy as np


def normal(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.standard_normal(shape, dtype=np.float32)


def spread(rng: np.random.Generator, fan_in: int, **shapes: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Weights within ±1/√fan_in, by their names (with two underscores for a dot)."""
    bound = fan_in**-0.5
    return {name.replace("__", "."): rng.uniform(-bound, bound, shape).astype(np.float32) for name, shape in shapes.items()}
