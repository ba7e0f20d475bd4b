"""The memory that a workload takes at its peak, beside PyTorch and NumPy written by hand: each in a process of its own."""
from __future__ import annotations

from importlib import import_module
from typing import Any

from tqdm import tqdm

from .measurements import measure
from .resident import resident
from .workloads import WORKLOADS

CONTENDERS = {"minigrad": "minigrad", "PyTorch": "torch", "NumPy by hand": "numpy"}
MEASURED = "qnetwork", "act32", "policy", "mnist", "cnn", "gpt", "lstm", "chain", "loader"
STEPS = 5


def peaks(threads: int, rounds: int) -> dict[str, Any]:
    rows: dict[str, dict[str, Any]] = {}
    for name in tqdm(MEASURED, desc="memory", leave=False):
        has = WORKLOADS[name].contenders(**WORKLOADS[name].small)
        rows[WORKLOADS[name].title] = {
            contender: measure("peak", threads, workload=name, contender=contender)
            for contender in CONTENDERS if contender in has
        }
    return {"kind": "memory", "rows": rows}


def peak(threads: int, workload: str, contender: str, settings: dict[str, Any] | None = None, steps: int = STEPS) -> dict[str, float]:
    """Bytes: of the process once the library is imported, and at the peak of a few steps."""
    library = import_module(CONTENDERS[contender])
    if contender == "PyTorch":
        library.set_num_threads(threads)
    imported = resident()
    step = WORKLOADS[workload].contenders(**(settings or {}))[contender]()
    for _ in range(steps):
        step()
    return {"imported": imported, "peak": resident("VmHWM")}
