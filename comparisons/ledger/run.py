"""Runs sections: all their jobs on a pool of processes, with one progress bar."""
from __future__ import annotations

import gc
import os
import warnings
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib import import_module
from typing import Any

import torch
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from .record import Record

# The modules beside this one, in the order in which they are shown. Each has TITLE, ABOUT, jobs(quick) and measure(job, quick).
SECTIONS = ("training", "operations", "modules", "optimizers", "accuracy", "itself", "order", "streams", "messages")


def section(name: str) -> Any:
    return import_module(f".{name}", __package__)


def single_threaded() -> None:
    """A worker begins: one thread each, so that workers do not wait for one another and sums have one order."""
    torch.set_num_threads(1)
    threadpool_limits(1)
    warnings.simplefilter("ignore")
    gc.freeze()  # PyTorch's database is millions of objects, and none of them garbage: no collection need walk through them


def measure(name: str, job: Any, quick: bool) -> list[Record]:
    return section(name).measure(job, quick)


def run(names: Sequence[str], quick: bool = False, processes: int | None = None, progress: bool = True) -> list[Record]:
    """The records of some sections, in their order, however the work was shared out."""
    found: dict[tuple[int, int], list[Record]] = {}
    # Before the workers begin: where they are forked, they have all that this imports, PyTorch's database among it.
    jobs = {(i, k): (name, job) for i, name in enumerate(names) for k, job in enumerate(section(name).jobs(quick))}
    with ProcessPoolExecutor(processes or os.cpu_count(), initializer=single_threaded) as pool:
        waiting = {pool.submit(measure, name, job, quick): place for place, (name, job) in jobs.items()}
        for done in tqdm(as_completed(waiting), total=len(waiting), unit=" comparisons", leave=False, disable=not progress or None):
            found[waiting[done]] = done.result()
    return [record for place in sorted(found) for record in found[place]]
