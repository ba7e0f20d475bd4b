"""The ledger as one page that needs nothing else: tables to sort and filter, plots that follow light and dark."""
from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from pathlib import Path

from . import plots, text
from .record import Record
from .report import Report
from .run import section

HERE = Path(__file__).parent
TIERS = {
    "T0": "every bit is equal; even 0.0 and -0.0 are told apart",
    "T1": "at most 1 ULP apart: PyTorch's own last bit depends on which of its kernels runs",
    "T2": "at most 4 ULP apart: several roundings, one after the other",
    "T3": "bounded by the roundings of the terms: sums in another order, whose terms may cancel",
}


def page(report: Report) -> str:
    """The whole page."""
    sections = text.grouped(report.records)
    links = "".join([f'<a href="#{name}">{escape(section(name).TITLE)}</a>' for name, _ in sections])
    return "".join([
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>How exactly is minigrad PyTorch?</title>',
        f"<style>{(HERE / 'page.css').read_text(encoding='utf-8')}</style></head><body><main>",
        f"<header><h1>How exactly is minigrad PyTorch?</h1>{introduction(report)}<nav>{links}</nav></header>",
        overview(report), reading(),
        *[part(name, records) for name, records in sections],
        machine(report),
        f"</main><script>{(HERE / 'page.js').read_text(encoding='utf-8')}</script></body></html>",
    ])  # fmt: skip


def introduction(report: Report) -> str:
    return (
        "<p>minigrad is PyTorch's autograd, <code>nn</code> and <code>optim</code> written from scratch on NumPy. This page holds it "
        "against the real PyTorch, call by call, on inputs from PyTorch's own test databases, and counts how many floating-point "
        "numbers lie between the two answers.</p>"
    )


def overview(report: Report) -> str:
    """The figures to remember, and a line per section."""
    records = report.records
    compared = sum([r.numbers for r in records if r.section != "accuracy"])
    broken = text.broken(records)
    promises = len([r for r in records if r.promises and r.section != "accuracy"])
    cards = [(f"{compared:,}", "numbers compared")]
    for dtype in ("float64", "float32"):
        mine = [r for r in records if r.dtype == dtype and r.section == "operations" and r.what == "values"]
        if mine:
            cards.append((text.totals(mine)[3], f"of all operations' {dtype} results equal in every bit"))
    cards.append((f"{promises - len(broken):,} of {promises:,}", "promises kept"))
    shown = "".join([f'<div class="card"><b>{escape(value)}</b><span>{escape(what)}</span></div>' for value, what in cards])
    head = ["", "dtype", "lines", "samples", "numbers", "bit-equal", "worst relative", "promises kept"]
    rows = []
    for name, mine in text.grouped(records):
        for dtype in text.dtypes(mine):
            cells = text.totals([r for r in mine if r.dtype == dtype])
            cells[-1] = f"no worse: {cells[-1]}" if name == "accuracy" else cells[-1]
            rows.append(f'<tr><td><a href="#{name}">{section(name).TITLE}</a></td>' + word(dtype) + "".join([f"<td>{c}</td>" for c in cells]) + "</tr>")
    return f'<section><div class="cards">{shown}</div>{table(head, rows)}{misses(broken)}</section>'


def misses(broken: Sequence[Record]) -> str:
    if not broken:
        return '<p class="good">Every promise on this page is kept.</p>'
    items = [f"<li><b>{escape(r.name)}</b> {escape(r.what)} {r.dtype}, promised {r.tier}: {escape(r.note or text.ulps(r.ulps) + ' ULP')}</li>" for r in broken]
    return f'<details class="bad"><summary>{len(broken)} promises are not kept</summary><ul>{"".join(items)}</ul></details>'


def reading() -> str:
    """What the words on the page mean."""
    tiers = "".join([f'<dt><span class="tier {tier}">{tier}</span></dt><dd>{meaning}</dd>' for tier, meaning in TIERS.items()])
    return f"""<section><h2>How to read this</h2>
<p>A floating-point number has neighbours. <b>ULP</b> (units in the last place) counts the steps from one number to the next between
minigrad's result and PyTorch's: 0 is the same number, 1 its neighbour. <b>Bit-equal</b> is the share of numbers that are the same in
every bit. <b>Relative</b> is the largest difference in an array over the largest number in it; where large terms cancel to almost
nothing, many ULP of that remainder are still a tiny relative difference.</p>
<p>Why any bit differs at all: every addition rounds, so a sum depends on its order, and fast kernels choose their own; many processors
multiply and add with one rounding (FMA) where NumPy rounds twice; and the last bit of <code>exp</code> or <code>tanh</code> is up to
the kernel that computes it. PyTorch itself differs in these places from one processor to the next. So each operation declares what can
be promised:</p><dl>{tiers}</dl></section>"""


def part(name: str, records: Sequence[Record]) -> str:
    about = section(name)
    figures = "".join([f"<figure>{picture}<figcaption>{caption}</figcaption></figure>" for picture, caption in pictures(name, records)])
    body = errors(records) if name == "accuracy" else ledger(records)
    return f'<section id="{name}"><h2>{about.TITLE}</h2><p>{escape(about.ABOUT)}</p>{figures}{body}</section>'


def pictures(name: str, records: Sequence[Record]) -> list[tuple[str, str]]:
    """The plots of a section, each with what it says."""
    found = []
    if name == "operations":
        values = [r for r in records if r.what == "values"]
        tiers = {f"promised {tier}": mine for tier in TIERS if (mine := [r for r in values if r.tier == tier])}
        caption = "How far results are from PyTorch's, by what is promised of the operation. Both scales grow by powers."
        found.append((plots.histograms(values, tiers, "Histograms of operations results by tier"), caption))
    if name in ("operations", "modules"):
        kinds = {what: [r for r in records if r.what == what] for what in ("values", "gradients")}
        caption = "Results and gradients of all. A gradient adds up more terms, so more of them are rounded in another order."
        found.append((plots.histograms(records, kinds, f"Histograms of {name} results and gradients"), caption))
    if name == "optimizers":
        caption = "Parameters and states after 100 steps. PyTorch's kernels round a multiplication and the addition after it once."
        found.append((plots.histograms(records, {"after 100 steps": records}, "Histogram of optimizers"), caption))
    if name == "training":
        drifts = [r for r in records if len(r.series) > 1]
        if drifts:
            caption = (
                "How far from PyTorch as it runs here the parameters drift in training, in the median of a few seeds: minigrad, and PyTorch "
                "itself with other settings. Where a line is missing, every bit is equal."
            )
            found.append((plots.curves(drifts, "training step", "relative difference", "Drift per training step"), caption))
        runs = [r for r in records if len(r.series) == 1]
        if runs:
            caption = "The demo's DQN: no weight differs until training starts, then the last bits grow, until one action turns."
            found.append((plots.curves(runs, "episode", "difference", "Drift per episode"), caption))
    if name == "accuracy":
        caption = "Each point is an operation. Below the line minigrad is nearer to the exact value, above it PyTorch."
        found.append((plots.against_truth(records, "Errors of both engines against the exact value"), caption))
    return found


# ---- tables


def table(head: Sequence[str], rows: Sequence[str], kind: str = "") -> str:
    words = ("what", "dtype", "tier")
    cells = "".join([f'<th class="word">{title}</th>' if title in words else f"<th>{title}</th>" for title in head])
    return f'<div class="scroll {kind}"><table><thead><tr>{cells}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def ledger(records: Sequence[Record]) -> str:
    """One row per thing and dtype."""
    several, typed = len({r.what for r in records}) > 1, any([r.dtype for r in records])
    measured = any([r.numbers and r.section != "order" or r.relative for r in records])
    head = ["name", *["what"] * several, *["dtype"] * typed, "tier", "samples", "bit-equal" if measured else "equal"]
    head += ["ULP", "relative"] * measured + ["kept"]
    rows = []
    for r in records:
        cells = [f"<td>{escape(r.name)}{note(r)}</td>", word(escape(r.what)) * several, word(r.dtype) * typed]
        cells += [f'<td class="word"><span class="tier {r.tier}">{r.tier}</span></td>', number(r.samples, f"{r.samples:,}"), share(r.equal)]
        cells += [number(r.ulps, text.ulps(r.ulps)), number(r.relative, text.relative(r.relative))] * measured
        verdict = "" if not r.promises else "kept" if r.kept else "broken"
        rows.append(f'<tr class="{"" if r.kept else "broken"}">{"".join(cells)}<td>{verdict}</td></tr>')
    return tools(len(rows)) + table(head, rows, "long")


def note(r: Record) -> str:
    return f"<small>{escape(r.note)}</small>" if r.note else ""


def word(shown: str) -> str:
    return f'<td class="word">{shown}</td>'


def number(value: float, shown: str) -> str:
    return f'<td data-value="{value!r}">{shown}</td>'


def share(equal: float) -> str:
    """A share, with a bar behind it."""
    if math.isnan(equal):
        return '<td data-value="-1"></td>'
    return f'<td data-value="{equal!r}" class="share" style="--share:{100 * equal:.2f}%">{text.percent(equal)}</td>'


def errors(records: Sequence[Record]) -> str:
    head = ["name", "dtype", "numbers", "minigrad worst", "mean", "PyTorch worst", "mean", "minigrad is"]
    rows = []
    for r in records:
        cells = "".join([number(error, f"{error:.3f}") for pair in r.errors.values() for error in pair])
        verdict = ("no worse", "worse")[not r.kept]
        rows.append(
            f'<tr class="{"" if r.kept else "worse"}"><td>{escape(r.name)}{note(r)}</td>{word(r.dtype)}'
            f"{number(r.numbers, f'{r.numbers:,}')}{cells}<td>{verdict}</td></tr>"
        )
    return tools(len(rows), "only where minigrad is worse") + table(head, rows, "long")


def tools(count: int, only: str = "only what is not equal") -> str:
    return (
        '<p class="tools" hidden><input type="search" placeholder="filter, e.g. softmax float32" aria-label="filter the rows">'
        f'<label><input type="checkbox"> {only}</label>'
        f"<output>{count:,} rows</output></p>"
    ) if count > 8 else ""


def machine(report: Report) -> str:
    rows = "".join([f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in report.environment.items()])
    command = "python -m comparisons --html report.html" + " --quick" * report.quick
    return (
        f'<section><h2>Measured on</h2><dl class="plain">{rows}</dl><p>One thread per process. Made in {report.seconds:.0f} seconds by '
        f"<code>{command}</code>; other processors choose other kernels, and so other last bits.</p></section>"
    )
