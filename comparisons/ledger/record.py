"""One line of the ledger, and the gauge that fills it."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..distance import same_bits, ulps
from ..operators import FAILED, TIERS, grade

# Numbers by their distance: 0, 1, 2, to 4, to 8, ... to 2^20 ULP, and beyond.
STEPS = (0, *[2**k for k in range(21)], np.inf)


@dataclass
class Record:
    """How exactly one thing is PyTorch's."""

    section: str
    name: str
    what: str = ""  # which of its numbers: values, gradients, parameters, ...
    dtype: str = ""
    samples: int = 0  # calls, steps, graphs or errors compared
    numbers: int = 0  # of which these floating-point numbers and indices came
    equal: float = 1.0  # the share of them (or of the samples, if there are no numbers) that is the same bit for bit
    ulps: float = 0.0  # the most floating-point numbers that two of them lie apart
    relative: float = 0.0  # the largest difference within one array, over its largest number
    tier: str = "T0"  # what is promised; see comparisons/README.md
    kept: bool = True
    note: str = ""
    histogram: list[int] = field(default_factory=list)  # how many numbers lie how far apart: see STEPS
    errors: dict[str, list[float]] = field(default_factory=dict)  # against the exact value: worst and mean, of each engine
    series: dict[str, list[float]] = field(default_factory=dict)  # a number per training step
    steps: list[int] = field(default_factory=list)  # after which the series has them, if not after each

    @property
    def promises(self) -> bool:
        """Whether it is held to anything: PyTorch's own distances from itself are not."""
        return self.tier != "none"


class Gauge:
    """Compares array after array, and keeps the worst of everything."""

    def __init__(self) -> None:
        self.samples = self.numbers = self.equal = 0
        self.ulps = self.relative = 0.0
        self.grade = 0
        self.histogram = np.zeros(len(STEPS), dtype=np.int64)
        self.note = ""

    def add(self, mine: np.ndarray, theirs: np.ndarray, scale: Any = 0.0, factor: int = 1) -> None:
        """`scale`: how large the terms are, where they may cancel: the error is bounded by them, and relative to them. `factor`: how
        many times the bound T3 allows."""
        self.grade = max(self.grade, grade(mine, theirs, scale, factor))
        if mine.shape != theirs.shape or mine.dtype != theirs.dtype:
            return self.fail(f"{mine.dtype}{list(mine.shape)} is not {theirs.dtype}{list(theirs.shape)}")
        self.numbers += mine.size
        if mine.dtype.kind != "f":
            self.equal += int((mine == theirs).sum())
            return
        if not mine.size:
            return
        self.equal += int((same_bits(mine, theirs) | (np.isnan(mine) & np.isnan(theirs))).sum())
        apart = ulps(mine, theirs)
        self.ulps = max(self.ulps, float(apart.max()))
        self.histogram += np.bincount(np.searchsorted(STEPS, apart.ravel()), minlength=len(STEPS))
        finite = np.isfinite(theirs) & np.isfinite(mine)
        gap = np.abs(mine.astype(np.float64) - theirs)[finite]
        if gap.any():
            terms = np.maximum(np.abs(theirs[finite]).max(), np.broadcast_to(scale, theirs.shape)[finite])
            self.relative = max(self.relative, float((gap / terms).max()))

    def fail(self, why: str) -> None:
        self.grade, self.note = FAILED, self.note or why

    def record(self, section: str, name: str, tier: str = "T0", **more: Any) -> Record:
        """What was found, beside what was promised."""
        made = Record(section, name, samples=self.samples, numbers=self.numbers, tier=tier, note=self.note, **more)
        made.equal = self.equal / self.numbers if self.numbers else float(self.grade < FAILED)
        made.ulps, made.relative, made.kept = self.ulps, self.relative, self.grade <= TIERS[tier]
        made.histogram = self.histogram.tolist() if self.histogram.any() else []
        return made
