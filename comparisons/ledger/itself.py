"""PyTorch beside itself: the same call with other kernels, and the same row in a batch and alone. Nothing here is minigrad's."""
from __future__ import annotations

import numpy as np
import torch

from ..elsewhere import calls
from ..kernels import COMPATIBLE, DTYPES, KERNELS, results
from .record import Gauge, Record

TITLE = "PyTorch beside itself"
ABOUT = "The same PyTorch, the same inputs, and kernels that it takes on other processors: how many bits are its own to begin with."


def jobs(quick: bool) -> list[str]:
    return ["a row alone", *([COMPATIBLE] if quick else KERNELS)]


def measure(job: str, quick: bool) -> list[Record]:
    return alone() if job == "a row alone" else with_kernels(job)


def with_kernels(job: str) -> list[Record]:
    (theirs,) = calls(KERNELS[job], (results,))
    return [compare(job, *name.split("|"), value, theirs[name]) for name, value in results().items()]


def alone() -> list[Record]:
    """The rows of a batch, multiplied together and one by one."""
    found = []
    for dtype in DTYPES:
        generator = torch.Generator().manual_seed(0)
        x, w = torch.randn(128, 120, generator=generator, dtype=dtype), torch.randn(84, 120, generator=generator, dtype=dtype)
        together, single = (x @ w.T).numpy(), torch.cat([row[None] @ w.T for row in x]).numpy()
        found.append(compare("each row of a batch alone", "128x120 by 120x84 product", str(dtype)[6:], single, together))
    return found


def compare(setting: str, what: str, dtype: str, mine: np.ndarray, theirs: np.ndarray) -> Record:
    gauge = Gauge()
    gauge.samples = 1
    gauge.add(mine, theirs)
    record = gauge.record("itself", setting, "T3", what=what, dtype=dtype)
    record.tier = "none"
    return record
