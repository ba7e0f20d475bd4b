"""The ledger as plain text."""
from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from ..table import table
from .record import Record
from .run import section


def ledger(records: Sequence[Record]) -> str:
    """Every line, a table per section; float64 and float32 side by side."""
    return "\n\n".join([f"{section(name).TITLE}. {section(name).ABOUT}\n\n{lines(mine)}" for name, mine in grouped(records)])


def grouped(records: Iterable[Record]) -> list[tuple[str, list[Record]]]:
    found: dict[str, list[Record]] = {}
    for record in records:
        found.setdefault(record.section, []).append(record)
    return list(found.items())


def lines(records: Sequence[Record]) -> str:
    if records[0].section == "accuracy":
        return errors(records)
    rows = [["", "", "tier", *["samples", "bit-equal", "ULP", "relative"] * len(dtypes(records)), "kept"]]
    by_line: dict[tuple[str, str], dict[str, Record]] = {}
    for record in records:
        by_line.setdefault((record.name, record.what), {})[record.dtype] = record
    for (name, what), found in by_line.items():
        cells = [cell for dtype in dtypes(records) for cell in (numbers(found[dtype]) if dtype in found else [""] * 4)]
        promised = sorted({record.tier for record in found.values()})
        kept = "BROKEN" if not all([record.kept for record in found.values()]) else "yes" if record.promises else ""
        rows.append([shortened(name), what, "/".join(promised), *cells, kept])
    heading = "" if dtypes(records) == [""] else f"({', then '.join(dtypes(records))})\n"
    return heading + table(rows, left=3) + drifts(records)


def drifts(records: Sequence[Record]) -> str:
    """Where several seeds were trained: how far all of them came, and PyTorch with other settings beside them."""
    trained = [r for r in records if r.steps or r.section == "training" and not r.promises]
    found = [[r.dtype, r.name, f"{r.relative:.1e}", r.note] for r in trained]
    heading = "\n\nThe drift from PyTorch as it runs here, after the last step:\n"
    return heading + table([["", "", "median", ""], *found], left=4) if found else ""


def dtypes(records: Sequence[Record]) -> list[str]:
    return list(dict.fromkeys([record.dtype for record in records]))


def numbers(record: Record) -> list[str]:
    return [f"{record.samples:,}", percent(record.equal), ulps(record.ulps), relative(record.relative)]


def percent(share: float) -> str:
    """Rounded, but all only if it is all."""
    return "" if math.isnan(share) else "100 %" if share == 1 else f"{min(100 * share, 99.99):.3g} %" if share < 0.9999 else "99.99 %"


def ulps(steps: float) -> str:
    return "0" if not steps else f"{steps:,.0f}" if steps < 1e5 else f"{steps:.0e}"


def relative(gap: float) -> str:
    return f"{gap:.0e}" if gap else "0"


def errors(records: Sequence[Record]) -> str:
    rows = [["", "dtype", "numbers", *["minigrad worst", "mean", "PyTorch worst", "mean"], "no worse", ""]]
    for record in records:
        found = [f"{error:.3f}" for pair in record.errors.values() for error in pair]
        rows.append([shortened(record.name), record.dtype, f"{record.numbers:,}", *found, "yes" if record.kept else "worse", record.note])
    return table(rows, left=2)


def shortened(name: str) -> str:
    name = name.replace("nn.functional.", "F.")
    return name if len(name) <= 60 else name[:57] + "..."


def summary(records: Sequence[Record]) -> str:
    """A line per section and dtype."""
    rows = [["", "dtype", "lines", "samples", "numbers", "bit-equal", "worst", "promises kept"]]
    for name, mine in grouped(records):
        for dtype in dtypes(mine):
            part = [record for record in mine if record.dtype == dtype]
            rows.append([section(name).TITLE, dtype, *totals(part)])
    return table(rows, left=2)


def totals(records: Sequence[Record]) -> list[str]:
    """Of what is held to a promise; of all, if nothing is."""
    mine = [r for r in records if r.promises] or records
    samples, count = sum([r.samples for r in mine]), sum([r.numbers for r in mine])
    counted = [r for r in mine if not math.isnan(r.equal)]
    weights = [r.numbers or r.samples for r in counted]
    equal = percent(sum([w * r.equal for w, r in zip(weights, counted)]) / sum(weights)) if any(weights) else ""
    worst = max([r.relative for r in mine])
    kept = f"{sum([r.kept for r in mine]):,} of {len(mine):,}" if mine[0].promises else ""
    return [f"{len(mine):,}", f"{samples:,}", f"{count:,}" if count else "", equal, relative(worst) if worst else "", kept]


def broken(records: Sequence[Record]) -> list[Record]:
    """What was promised and not kept. To be less accurate than PyTorch is no broken promise: the report says where."""
    return [record for record in records if not record.kept and record.section != "accuracy"]


def markdown(records: Sequence[Record]) -> str:
    """The README's table: a row per section."""
    rows = ["| | compared | equal bit for bit: float64 | float32 | promises kept |", "|---|---|---|---|---|"]
    for name, mine in grouped(records):
        shares = {dtype: totals([r for r in mine if r.dtype == dtype])[3] for dtype in dtypes(mine)}
        both = shares.get("float64", "") + shares.get("", ""), shares.get("float32", "")
        _, samples, count, *_, kept = totals(mine)
        compared = f"{samples} {UNITS[name]}" + f", {count} numbers" * bool(count)
        if name == "accuracy":
            compared, both, kept = f"{count} numbers, with the exact value", ("", ""), f"{kept} are no less accurate than PyTorch's"
        if name == "itself":
            kept = "PyTorch makes none"
        rows.append(f"| {section(name).TITLE} | {compared} | {both[0]} | {both[1]} | {kept} |")
    return "\n".join(rows)


UNITS = {
    "training": "steps", "operations": "calls", "modules": "calls", "optimizers": "steps", "accuracy": "calls", "order": "graphs",
    "streams": "draws", "messages": "errors", "itself": "calls",
}  # fmt: skip
