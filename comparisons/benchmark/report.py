"""Results as tables."""
from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

from ..table import table
from .contenders import BY_HAND, TAPES, TEXTBOOK
from .spread import Samples, Spread, fastest_pytorch, ratio

FLAT = 1.25  # how much more than in a graph of 10,000 an operation may take in one of a million


def show(run: dict[str, Any]) -> None:
    """Everything about one thread count."""
    head(run)
    for name, result in run["results"].items():
        one(name, result)
    summary(run)


def head(run: dict[str, Any]) -> None:
    print("\n" + "\n".join(f"{what}: {value}" for what, value in run["environment"].items()))
    clock = "CPU time" if run["environment"]["threads"] == 1 else "Time"
    print(f"{clock} of samples taken in turns; ratios within a round. Half of them lie in the range.")


def one(name: str, result: dict[str, Any]) -> None:
    tables = {"times": times, "imports": imports, "operation": operation, "inside": inside, "memory": memory, "growth": growth}
    print("\n" + tables[result["kind"]](result), flush=True)


# ---- times


def times(result: dict[str, Any]) -> str:
    return f"{result['title']}\n{as_table(result['seconds'], result['targets'], result['operations'])}"


def as_table(samples: Samples, targets: Mapping[str, float], operations: int = 1) -> str:
    """A line for each contender: its time, and minigrad's over it, beside the target. That for PyTorch is for its fastest form."""
    rows = [["", "fastest", "median", "range", "minigrad / this", "range", "target"]]
    goals = {fastest_pytorch(samples) if name == "PyTorch" else name: goal for name, goal in targets.items()}
    for name, seconds in samples.items():
        time = Spread.of([1e6 * s / operations for s in seconds])
        least, median, low, high = [f"{t:,.0f}" if t >= 1000 else f"{t:.4g}" for t in astuple(time)]
        cells = [f"{least} µs", f"{median} µs", f"{low} .. {high}"]
        if name == "minigrad":
            rows.append([name, *cells, "", "", ""])
            continue
        relative = ratio(samples, "minigrad", name)
        cells += [f"{relative.median:.2f}", f"{relative.low:.2f} .. {relative.high:.2f}"]
        rows.append([name, *cells, f"<= {goals[name]}: {verdict(relative.median, goals[name])}" if name in goals else ""])
    return table(rows)


def verdict(found: float, goal: float) -> str:
    return "reached" if found <= goal else "missed"


def summary(run: dict[str, Any]) -> None:
    """A line for each workload: minigrad's time over the others', the targets, and what NumPy by hand reaches beside PyTorch."""
    environment = run["environment"]
    others = ["PyTorch", BY_HAND, TEXTBOOK, *TAPES]
    rows = [["minigrad's time over that of", *others, "targets", "by hand / PyTorch"]]
    for result in run["results"].values():
        if result["kind"] != "times":
            continue
        samples, cells, verdicts = result["seconds"], [], []
        for other in others:
            name = fastest_pytorch(samples) if other == "PyTorch" else other
            if name not in samples:
                cells.append("")
                continue
            found = ratio(samples, "minigrad", name).median
            cells.append(f"{found:.2f}")
            if goal := result["targets"].get(other):
                verdicts.append(f"{goal:.2f} {verdict(found, goal)}")
        beside = f"{ratio(samples, BY_HAND, fastest_pytorch(samples)).median:.2f}" if BY_HAND in samples else ""
        rows.append([result["title"], *cells, ", ".join(verdicts), beside])
    if len(rows) > 1:
        blas = environment["NumPy's BLAS"]
        print(f"\nMedians. Threads: {environment['threads']}; {blas}\n{table(rows)}", flush=True)


# ---- the import


def imports(result: dict[str, Any]) -> str:
    rows = [["", "median", "range", "minigrad / this", "target", "minigrad - this", "target"]]
    for quantity, unit, scale in (("seconds", "ms", 1e3), ("bytes", "MB", 1e-6)):
        samples, targets = result[quantity], result["targets"][quantity]
        for module, values in samples.items():
            spread = Spread.of([scale * value for value in values])
            cells = [f"{spread.median:.1f} {unit}", f"{spread.low:.1f} .. {spread.high:.1f}"]
            if module == "minigrad":
                rows.append([f"import {module}", *cells, "", "", "", ""])
                continue
            quotient, difference = import_ratio(result, quantity, module), import_difference(result, quantity, module)
            goal = targets.get(module)
            share = f"<= {goal}: {verdict(quotient, goal)}" if module == "torch" else ""
            more = f"<= {scale * goal:.0f} {unit}: {verdict(difference, goal)}" if module == "numpy" else ""
            rows.append([f"import {module}", *cells, f"{quotient:.2f}", share, f"{scale * difference:.1f} {unit}", more])
    return f"{result['title']}: CPU time, and memory held\n{table(rows)}"


def import_ratio(result: dict[str, Any], quantity: str, module: str) -> float:
    return ratio(result[quantity], "minigrad", module).median


def import_difference(result: dict[str, Any], quantity: str, module: str) -> float:
    samples = result[quantity]
    return statistics.median([a - b for a, b in zip(samples["minigrad"], samples[module])])


# ---- where time and memory go


def operation(result: dict[str, Any]) -> str:
    ns = {name: 1e9 * statistics.median(seconds) for name, seconds in result["seconds"].items()}
    rows = [["ns per operation", "minigrad", "PyTorch"]]
    parts = {name: {part: ns[f"{name}, {part}"] for part in ("called", "recorded", "backward")} for name in ("minigrad", "PyTorch")}
    own = parts["minigrad"]
    rows.append(["NumPy's multiplication", f"{ns['NumPy']:.0f}", ""])
    rows.append(["+ the new Tensor", f"{ns['wrap']:.0f}", ""])
    rows.append(["+ dispatch", f"{own['called'] - ns['NumPy'] - ns['wrap']:.0f}", ""])
    rows.append(["= called under no_grad", *[f"{part['called']:.0f}" for part in parts.values()]])
    rows.append(["+ recording (and freeing)", *[f"{part['recorded'] - part['called']:.0f}" for part in parts.values()]])
    rows.append(["+ backward", *[f"{part['backward'] - part['recorded']:.0f}" for part in parts.values()]])
    rows.append(["= forward and backward", *[f"{part['backward']:.0f}" for part in parts.values()]])
    return f"One operation, y * 0.999 on 4 numbers, layer by layer\n{table(rows)}"


def inside(result: dict[str, Any]) -> str:
    title = "Where the processor is during minigrad's training steps"
    if "missing" in result:
        return f"{title}: not measured, {result['missing']}"
    rows = [["", "BLAS", "ufuncs", "C library", "Python", "inside NumPy", "target"]]
    for name, row in result["rows"].items():
        total = sum(row["samples"].values())
        shares = {kind: row["samples"].get(kind, 0) / total for kind in rows[0][1:5]}
        within = inside_numpy(row)
        goal = "" if row["target"] is None else f">= {row['target']}: {'reached' if within >= row['target'] else 'missed'}"
        rows.append([name, *[f"{share:.0%}" for share in shares.values()], f"{within:.2f}", goal])
    return f"{title} (the C library: copies, and memory asked for)\n{table(rows)}"


def inside_numpy(row: dict[str, Any]) -> float:
    return sum(row["samples"].get(kind, 0) for kind in ("BLAS", "ufuncs")) / sum(row["samples"].values())


def memory(result: dict[str, Any]) -> str:
    """The peak of a process, and how much of it came after the import."""
    names = list(dict.fromkeys(name for row in result["rows"].values() for name in row))
    rows = [["MB at the peak (of that after the import)", *names, "minigrad / PyTorch"]]
    for title, row in result["rows"].items():
        cells = [f"{row[n]['peak'] / 1e6:.0f} ({(row[n]['peak'] - row[n]['imported']) / 1e6:.1f})" if n in row else "" for n in names]
        rows.append([title, *cells, f"{row['minigrad']['peak'] / row['PyTorch']['peak']:.2f}"])
    return table(rows)


def growth(result: dict[str, Any]) -> str:
    rows = [["", "", "minigrad", "PyTorch", "", "minigrad", "PyTorch"]]
    for row in result["rows"]:
        each = row["value"] if row["axis"] == "depth" else 1
        unit = "µs an operation" if row["axis"] == "depth" else "µs a step"
        seconds = [f"{1e6 * s / each:,.2f}" if each > 1 else f"{1e6 * s:,.0f}" for s in row["seconds"].values()]
        size = [f"{b / 1e6:,.1f}" for b in row["bytes"].values()]
        pad = [""] * (2 - len(seconds))
        rows.append([row["axis"], f"{row['value']:,}", *seconds, *pad, f"{unit}, and MB:", *size, *pad])
    return f"Growth: time, and memory at the peak above that of the imported library\n{table(rows)}\n{flatness(result)}"


def flatness(result: dict[str, Any]) -> str:
    """An operation in the deepest graph beside one in a graph of 10,000."""
    each = {row["value"]: row["seconds"]["minigrad"] / row["value"] for row in result["rows"] if row["axis"] == "depth"}
    found = each[max(each)] / each[10_000]
    return f"An operation in a graph of {max(each):,} takes {found:.2f} of the time of one in a graph of 10,000; <= {FLAT}: {verdict(found, FLAT)}"
