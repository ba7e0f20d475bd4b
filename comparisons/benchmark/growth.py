"""How time and memory grow with the depth of a graph, the size of a batch and the width of layers."""
from __future__ import annotations

import statistics
from typing import Any

import torch
from tqdm import tqdm

from .measurements import measure
from .timing import interleaved
from .workloads import WORKLOADS

POINTS = [
    *[("depth", "chain", {"operations": n}) for n in (100, 1_000, 10_000, 100_000, 1_000_000)],
    *[("batch", "mnist", {"batch": n}) for n in (16, 64, 256, 1024)],
    *[("width", "mnist", {"width": n}) for n in (64, 256, 512, 1024)],
]
LIMIT = {"PyTorch": 100_000}  # operations: a million take it a quarter of a minute a step
ROUNDS, STEPS = 3, 2


def growth(threads: int, rounds: int) -> dict[str, Any]:
    torch.set_num_threads(threads)
    rows = []
    for axis, workload, settings in tqdm(POINTS, desc="growth", leave=False):
        (value,) = settings.values()
        names = [name for name in ("minigrad", "PyTorch") if axis != "depth" or value <= LIMIT.get(name, value)]
        makers = WORKLOADS[workload].contenders(**settings)
        samples = interleaved({name: makers[name]() for name in names}, range(min(rounds, ROUNDS)), cpu_time=threads == 1)
        memory = {name: measure("peak", threads, workload=workload, contender=name, settings=settings, steps=STEPS) for name in names}
        rows.append({
            "axis": axis,
            "value": value,
            "seconds": {name: statistics.median(seconds) for name, seconds in samples.items()},
            "bytes": {name: found["peak"] - found["imported"] for name, found in memory.items()},
        })  # fmt: skip
    return {"kind": "growth", "rows": rows}
