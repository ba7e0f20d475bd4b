"""Time minigrad beside PyTorch, NumPy written by hand and others: training steps, acting, data loading, the import; and where the time goes."""
from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from . import report
from .measurements import EXTRA, TIMED, measure


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m comparisons.benchmark", description=__doc__)
    parser.add_argument("--threads", type=int, help="of BLAS and of PyTorch (default: with 1, and then the workloads with 2)")
    parser.add_argument("--rounds", type=int, default=50, help="samples of each implementation (default: 50)")
    parser.add_argument("--only", nargs="+", choices=[*TIMED, *EXTRA], help="what to measure (default: all)")
    parser.add_argument("--quick", action="store_true", help="five rounds, one thread, the workloads only: a first look")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all samples to FILE")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the ratios, as SVG or PNG")
    parser.add_argument("--from-json", type=Path, metavar="FILE", help="measure nothing: report and draw what FILE has")
    options = parser.parse_args()
    if (options.threads is not None and options.threads < 1) or options.rounds < 2:
        parser.error("--threads must be at least 1, and --rounds at least 2")
    if options.plot and options.plot.suffix not in (".svg", ".png"):
        parser.error("--plot takes a file name that ends in .svg or .png")
    for target in (options.json, options.plot):
        try:
            target and target.touch()
        except OSError as error:
            parser.error(f"cannot write to {target}: {error.strerror}")

    if options.from_json:
        runs = json.loads(options.from_json.read_text(encoding="utf-8"))
        runs = [run for run in runs if options.threads in (None, run["environment"]["threads"])]
        if not runs:
            parser.error(f"{options.from_json} has no measurement with {options.threads} threads")
        for run in runs:
            report.show(run)
    else:
        names = options.only or [*TIMED, *([] if options.quick else EXTRA)]
        runs = []
        for threads in [options.threads] if options.threads else [1] if options.quick else [1, 2]:
            wanted = [name for name in names if name in TIMED or not runs]
            runs.append(measure_all(wanted, threads, 5 if options.quick else options.rounds))
            if options.json:  # at once, for the next number of threads may take long
                options.json.write_text(json.dumps(runs, indent=1), encoding="utf-8")
    if options.plot:
        from .plot import draw  # only now, for it needs matplotlib

        draw(runs, options.plot)


def measure_all(names: list[str], threads: int, rounds: int) -> dict[str, Any]:
    """One thread count: all measurements named, told as they come, and their summary."""
    run: dict[str, Any] = {"environment": measure("environment", threads), "results": {}}
    report.head(run)
    for name in names:
        result = run["results"][name] = measure(name, threads, rounds=rounds)
        report.one(name, result)
    report.summary(run)
    return run


if __name__ == "__main__":
    main()
