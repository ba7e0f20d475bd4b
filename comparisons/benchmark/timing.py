"""Timing on a machine that does other things too: short samples, taken in turns, and medians of them."""
from __future__ import annotations

import gc
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

SAMPLE = 0.005  # seconds: long against the clock's steps, short against the machine's moods


@dataclass(frozen=True)
class Spread:
    """The smallest value, the median, and the quartiles about it: half of the values lie between them."""

    least: float
    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        ordered = sorted(values)
        low, median, high = statistics.quantiles(ordered, n=4, method="inclusive")
        return cls(ordered[0], median, low, high)


Samples = Mapping[str, list[float]]  # seconds, of each contender in every round


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


def ratio(samples: Samples, name: str, other: str) -> Spread:
    """One contender's time over another's, round by round: what slows both down falls out."""
    return Spread.of([a / b for a, b in zip(samples[name], samples[other], strict=True)])


IMPORT = "import time; start = time.process_time(); import {}; print(time.process_time() - start)"


def imports(modules: Iterable[str], rounds: Iterable[object]) -> Samples:
    """The CPU seconds that importing a module takes in a fresh interpreter, taken in turns.

    Compiled beforehand, as an installed package is: also where the environment tells Python to write no bytecode.
    """
    samples: dict[str, list[float]] = {module: [] for module in modules}
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)

        def seconds_for(module: str) -> float:
            command = [sys.executable, "-c", IMPORT.format(module)]
            return float(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment).stdout)

        for module in samples:
            seconds_for(module)
        for _ in rounds:
            for module, seconds in samples.items():
                seconds.append(seconds_for(module))
    return samples
