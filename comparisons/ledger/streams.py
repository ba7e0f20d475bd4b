"""Every routine that draws random numbers, from the same seeds."""
from __future__ import annotations

import numpy as np
import torch

import minigrad

from ..random_streams import DTYPES, SECTIONS, SEEDS, SHAPES, Routine, run
from .record import Gauge, Record

TITLE = "Random streams"
ABOUT = "Every routine that draws, from the same seeds: the numbers, and where both streams are afterwards."
ROUTINES = [(f"{room}: {routine.name}", routine) for room, routines in SECTIONS.items() for routine in routines]


def jobs(quick: bool) -> list[int]:
    return list(range(len(ROUTINES)))


def measure(job: int, quick: bool) -> list[Record]:
    name, routine = ROUTINES[job]
    return [compare(name, routine, dtype, list(SEEDS)[: 1 if quick else None]) for dtype in DTYPES]


def compare(name: str, routine: Routine, dtype: str, seeds: list[int]) -> Record:
    gauge = Gauge()
    for seed in seeds:
        for shape in SHAPES:
            (mine, our_states), (theirs, their_states) = [run(t, routine, seed, shape, dtype) for t in (minigrad, torch)]
            gauge.samples += 1
            for a, b in zip(mine, theirs, strict=True):
                gauge.add(a, b)
            if not all([np.array_equal(a, b) for a, b in zip(our_states, their_states, strict=True)]):
                gauge.fail("the streams are apart afterwards")
    exact = not routine.remark or routine.remark.startswith("(")  # a remark in parentheses is of another thing than the last bits
    record = gauge.record("streams", name, "T0" if exact else "T3", what="draws", dtype=dtype)
    record.note = record.note or routine.remark
    return record
