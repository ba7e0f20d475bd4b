"""Run the workloads, and print a table of times."""
from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

import torch
from tqdm import tqdm

from ..table import table
from .environment import describe
from .timing import Samples, Spread, imports, interleaved, ratio
from .workloads import WORKLOADS, Workload

AGREEMENT = 1e-5  # of the losses of implementations whose times are compared, relative


def run(threads: int, rounds: int, names: Sequence[str], json_file: Path | None) -> None:
    """Measure what is named, print it, and write all samples to `json_file` if it is given."""
    torch.set_num_threads(threads)
    environment = describe(threads)
    print("\n".join(f"{what}: {value}" for what, value in environment.items()))
    clock = "CPU time" if threads == 1 else "Time"
    print(f"\n{clock} of {rounds} samples, taken in turns; ratios within a round. Half of them lie in the range.")
    results = []
    for name in names:
        progress = tqdm(range(rounds), desc=name, leave=False)
        if name == "import":
            work = Workload("Import in a fresh interpreter", {}, {"numpy": 1.3})
            samples = imports(["minigrad", "numpy"], progress)
        else:
            work = WORKLOADS[name]()
            check_agreement(work)
            samples = interleaved(work.steps, progress, cpu_time=threads == 1)
        print(f"\n{work.title}\n{as_table(samples, work.targets, work.operations)}", flush=True)
        numbers = {"operations": work.operations, "targets": work.targets, "seconds": samples}
        results.append({"name": name, "title": work.title, **numbers})
    if json_file:
        json_file.write_text(json.dumps({"environment": environment, "results": results}, indent=1))


def check_agreement(workload: Workload, steps: int = 3) -> None:
    """Fast is worth something only if the result is right: the losses of the first steps must agree."""
    losses = {name: [step() for _ in range(steps)] for name, step in workload.steps.items()}
    expected = losses["PyTorch"]
    for name, found in losses.items():
        if name not in workload.others and not all(abs(a - b) <= AGREEMENT * abs(b) for a, b in zip(found, expected, strict=True)):
            raise SystemExit(f"{workload.title}: the losses of {name}, {found}, are not PyTorch's, {expected}")


def as_table(samples: Samples, targets: dict[str, float], operations: int = 1) -> str:
    """A line for each contender: its time, and minigrad's over it, beside the target."""
    rows = [["", "fastest", "median", "range", "minigrad / this", "range", "target"]]
    for name, seconds in samples.items():
        time = Spread.of([1e6 * s / operations for s in seconds])
        least, median, low, high = [f"{t:,.0f}" if t >= 1000 else f"{t:.4g}" for t in astuple(time)]
        cells = [f"{least} µs", f"{median} µs", f"{low} .. {high}"]
        if name == "minigrad":
            rows.append([name, *cells, "", "", ""])
            continue
        relative = ratio(samples, "minigrad", name)
        cells += [f"{relative.median:.2f}", f"{relative.low:.2f} .. {relative.high:.2f}"]
        goal = targets.get(name)
        cells.append("" if goal is None else f"<= {goal}: {'reached' if relative.median <= goal else 'missed'}")
        rows.append([name, *cells])
    return table(rows)
