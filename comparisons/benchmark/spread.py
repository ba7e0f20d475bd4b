"""Medians, and how far samples lie apart."""
from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Samples = Mapping[str, list[float]]  # of each contender in every round


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


def ratio(samples: Samples, name: str, other: str) -> Spread:
    """One contender's time over another's, round by round: what slows both down falls out."""
    return Spread.of([a / b for a, b in zip(samples[name], samples[other], strict=True)])


def fastest_pytorch(samples: Samples) -> str:
    """PyTorch as it comes, or with the implementation of Adam that is faster here."""
    return min([name for name in samples if name.startswith("PyTorch")], key=lambda name: statistics.median(samples[name]))
