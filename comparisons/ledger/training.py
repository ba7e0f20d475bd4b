"""Whole training runs: where nothing is rounded, ten steps beside NumPy by hand, a DQN from one seed, and how 500 steps drift."""
from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from .. import drift as drifting
from .. import exact_by_construction, exact_mode, same_run, side_by_side
from ..elsewhere import calls
from ..kernels import COMPATIBLE, KERNELS
from ..pinned import ENVIRONMENT
from .record import Record

TITLE = "Training runs"
ABOUT = "Whole programs: how far outputs, gradients and parameters are from PyTorch's, and how that grows with the steps."

# The largest difference over the largest number, for sums rounded in another order and for parameters after steps.
SUMS = {"float64": 16 * 2.0**-52, "float32": 16 * 2.0**-23}
AFTER = {
    "SGD": {"float64": 1e-15, "float32": 5e-7},
    "Adam": {"float64": 5e-15, "float32": 2e-6},  # which divides small gradients by their own size
}
DTYPES = ("float64", "float32")
SEEDS = 5  # of which the drift is measured
Job = tuple[str, str]  # a function of this file, and what it is called with: a dtype, or a setting of the exact mode


def jobs(quick: bool) -> list[Job]:
    """The longest first."""
    in_full = [("drift", "both"), *[("exact", setting) for setting in exact_mode.SETTINGS]]
    return [
        *([("pinned", "all")] if quick else in_full),
        ("dqn", "float32"),
        ("dyadic", "float64"),
        *[("steps", dtype) for dtype in DTYPES],
    ]


def measure(job: Job, quick: bool) -> list[Record]:
    what, dtype = job
    return PROGRAMS[what](dtype, quick)


def dyadic(dtype: str, quick: bool) -> list[Record]:
    steps = 50 if quick else 300
    different = [bool(names) for names in exact_by_construction.differences(steps)]
    return [
        Record(
            "training", f"QNetwork on dyadic numbers, SGD, {steps} steps", "all numbers", dtype, samples=steps, equal=1 - np.mean(different),
            kept=not any(different), note="nothing is rounded, so nothing can differ",
        )
    ]  # fmt: skip


def steps(dtype: str, quick: bool) -> list[Record]:
    """Ten steps, as side_by_side shows them."""
    found = []
    for row in side_by_side.compare(dtype):
        bound = next((AFTER[name][dtype] for name in AFTER if row.what == side_by_side.last_parameters(name)), SUMS[dtype])
        if row.what.startswith("loss in"):
            bound = AFTER["Adam"][dtype]
        apart = row.minigrad
        found.append(
            Record(
                "training", "QNetwork 4-120-84-2, batch 128", row.what, dtype, samples=1, equal=apart.equal, ulps=apart.ulps,
                relative=apart.relative, tier="T3", kept=apart.relative <= bound,
            )
        )  # fmt: skip
    return found


def dqn(dtype: str, quick: bool) -> list[Record]:
    """The demo's DQN from one seed: the returns, and the weights."""
    moments = list(same_run.play(seed=1, episodes=45 if quick else 100))
    same = next((i for i, m in enumerate(moments) if m.returns[0] != m.returns[1]), len(moments))
    return [
        Record(
            "training", "the demo's DQN on CartPole, from one seed", "returns of the first 45 episodes", dtype, samples=len(moments),
            equal=float(np.mean([m.returns[0] == m.returns[1] for m in moments])), tier="T0", kept=same >= 45,
            note=same_run.verdict(moments), series={"largest difference of two weights": [m.apart for m in moments]},
        )
    ]  # fmt: skip


def pinned(_: str, quick: bool) -> list[Record]:
    """A little of `exact` and of `drift`, with one process of PyTorch elsewhere: its import takes as long as both."""
    runs = [drifting.Run(dtype, seed, 50) for dtype in DTYPES for seed in range(2)]
    (reason, results), *theirs = calls(
        ENVIRONMENT, (exact_mode.compare_all, [*exact_mode.SETTINGS], 20), *[(drifting.by_pytorch, *run) for run in runs]
    )
    return exactly("all", reason, results) + apart(drifting.drifts(runs, {COMPATIBLE: theirs}))


def drift(_: str, quick: bool) -> list[Record]:
    """500 steps of Adam, and PyTorch's own drift between its settings beside it."""
    runs = [drifting.Run(dtype, seed) for dtype in DTYPES for seed in range(SEEDS)]
    return apart(drifting.drifts(runs, {name: drifting.with_kernels(name, runs) for name in KERNELS}))


def apart(drifts: Sequence[drifting.Drift]) -> list[Record]:
    """A line for minigrad, which is held to its promise, and one for each of PyTorch's settings, which promise nothing."""
    found = []
    for drift in drifts:
        medians = {name: np.median(distances, axis=0).tolist() for name, distances in drift.distances.items()}
        series = {drifting.label(name): median for name, median in medians.items()}
        for name, median in medians.items():
            record = Record(
                "training", f"PyTorch from itself: {name}", "parameters", drift.dtype, samples=drift.steps[-1] * len(drift.ours),
                equal=float("nan"), relative=median[-1], tier="none", note=drift.verdict(name),
            )  # fmt: skip
            if name == drifting.OURS:
                record.name, record.tier = f"QNetwork under Adam, {drift.steps[-1]} steps, a new batch in each", "T3"
                record.kept, record.series, record.steps = median[-1] <= drifting.LIMITS[drift.dtype], series, drift.steps
            found.append(record)
    return found


def exact(setting: str, quick: bool) -> list[Record]:
    """Training inside minigrad.exact(), beside PyTorch in the environment in which it can be predicted: in a process of its own."""
    return exactly(setting, *calls(ENVIRONMENT, (exact_mode.compare_all, [setting]))[0])


def exactly(setting: str, reason: str, results: Sequence[exact_mode.Result]) -> list[Record]:
    return [
        Record(
            "training", f"exact mode: {r.setting}, {r.steps} steps", "all numbers", "float64", samples=r.steps, numbers=r.numbers,
            equal=r.equal / r.numbers, kept=not r.difference, note=r.difference,
        )
        for r in results
    ] or [Record("training", f"exact mode: {setting}", "all numbers", "float64", equal=float("nan"), note=f"not to be expected here: {reason}")]  # fmt: skip


PROGRAMS: dict[str, Callable[[str, bool], list[Record]]] = {
    "dyadic": dyadic, "steps": steps, "dqn": dqn, "drift": drift, "exact": exact, "pinned": pinned,
}  # fmt: skip
