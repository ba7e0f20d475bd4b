"""Timing on a machine that does other things too: short samples, taken in turns, and medians of them."""
from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from tqdm import tqdm

from .spread import Samples
from .workloads import WORKLOADS, Workload

SAMPLE = 0.005  # seconds: long against the clock's steps, short against the machine's moods
AGREEMENT = 1e-5  # of the losses of contenders whose times are compared, relative


def times(name: str, threads: int, rounds: int) -> dict[str, Any]:
    """The samples of a workload, after a check that all do the same work."""
    torch.set_num_threads(threads)
    work = WORKLOADS[name]
    steps = work.steps()
    check_agreement(work, steps)
    progress = tqdm(range(max(2, round(rounds * work.rounds))), desc=name, leave=False)
    seconds = interleaved(steps, progress, cpu_time=threads == 1)
    about = {"title": work.title, "operations": work.operations, "targets": dict(work.targets), "drawn": work.drawn}
    return {"kind": "times", **about, "seconds": seconds}


def check_agreement(work: Workload, contenders: Mapping[str, Callable[[], float]], steps: int = 3) -> None:
    """Fast is worth something only if the result is right: the losses of the first steps must agree."""
    losses = {name: [step() for _ in range(steps)] for name, step in contenders.items()}
    expected = losses["PyTorch"]
    for name, found in losses.items():
        if name not in work.others and not all(abs(a - b) <= AGREEMENT * abs(b) for a, b in zip(found, expected, strict=True)):
            raise SystemExit(f"{work.title}: the losses of {name}, {found}, are not PyTorch's, {expected}")


def interleaved(contenders: Mapping[str, Callable[[], object]], rounds: Iterable[object], cpu_time: bool) -> Samples:
    """The seconds that one call takes, once for every contender in every round, in a new order each time."""
    clock = time.process_time if cpu_time else time.perf_counter
    repeats = {name: calls_in_a_sample(call, clock) for name, call in contenders.items()}
    samples: dict[str, list[float]] = {name: [] for name in contenders}
    order = list(contenders)
    shuffle = random.Random(0).shuffle
    gc.collect()
    gc.freeze()  # or collections that one contender's objects set off would walk through all that the others have loaded
    for _ in rounds:
        shuffle(order)
        for name in order:
            call, n = contenders[name], repeats[name]
            if n > 1:
                call()  # what the one before left in the caches is none of its doing
            start = clock()
            for _ in range(n):
                call()
            samples[name].append((clock() - start) / n)
    return samples


def calls_in_a_sample(call: Callable[[], object], clock: Callable[[], float]) -> int:
    """How many calls fill a sample. They are warm-up too."""
    calls, seconds = 0, 0.0
    start = clock()
    while seconds < SAMPLE:
        call()
        calls += 1
        seconds = clock() - start
    return max(1, round(calls * SAMPLE / seconds))
