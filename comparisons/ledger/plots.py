"""The report's plots: matplotlib draws them, the page's style sheet colours them, so that they follow light and dark."""
from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter, NullLocator

from .record import STEPS, Record

# Colours that stand for those of the style sheet, and are replaced by them in the picture.
COLOURS = {
    "#010203": "--ink", "#040506": "--faint", "#070809": "--a", "#0a0b0c": "--b", "#0d0e0f": "--c", "#131415": "--d", "#161718": "--e",
}  # fmt: skip
INK, FAINT, A, B, C, D, E = COLOURS
DTYPES = {"float64": A, "float32": B}
STYLE = {
    "svg.fonttype": "none", "svg.hashsalt": "minigrad", "font.size": 10,
    "text.color": INK, "axes.edgecolor": FAINT, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK, "axes.facecolor": "none",
    "figure.facecolor": "none", "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.color": FAINT,
    "grid.linewidth": 0.4, "axes.axisbelow": True, "legend.frameon": False, "axes.titlesize": 10.5, "axes.titleweight": "bold",
}  # fmt: skip


def svg(figure: Figure, label: str) -> str:
    """The figure as markup for the page. `label` says in words what it shows."""
    text = io.StringIO()
    figure.savefig(text, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    picture = text.getvalue()[text.getvalue().index("<svg") :]
    for colour, name in COLOURS.items():
        picture = picture.replace(colour, f"var({name})")
    picture = re.sub(r'width="[\d.]+pt" height="[\d.]+pt"', f'role="img" aria-label="{label}"', picture, count=1)
    picture = re.sub(r"<metadata>.*?</metadata>", "", picture, flags=re.DOTALL)
    tag = re.sub(r"\W", "", label)  # ids are the page's, and every figure counts its own from one
    return re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{tag}-", picture)


def panels(count: int, height: float = 2.6, width: float = 9.2, share_y: bool = True) -> tuple[Figure, Any]:
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, np.atleast_1d(figure.subplots(1, count, sharey=share_y))


def percent(value: float, position: Any = None) -> str:
    return f"{100 * value:g} %"


def histograms(records: Sequence[Record], groups: dict[str, Sequence[Record]], label: str) -> str:
    """What share of the numbers lies how many ULP from PyTorch's: a panel per group, a colour per dtype."""
    with matplotlib.rc_context(STYLE):
        figure, axes = panels(len(groups))
        last = max([int(np.flatnonzero(total(records, dtype)).max(initial=0)) for dtype in DTYPES]) + 1
        last = min(max(last, 4), 12)  # beyond, one bar
        names = ["0", "1", "2", *[f"≤{2**k:,}" for k in range(2, last - 1)], "more"]
        for ax, (title, mine) in zip(axes, groups.items()):
            for k, (dtype, colour) in enumerate(DTYPES.items()):
                counts = total(mine, dtype)
                shares = np.append(counts[:last], counts[last:].sum()) / max(counts.sum(), 1)
                ax.bar(np.arange(last + 1) + 0.4 * k - 0.2, shares, 0.4, color=colour, label=dtype)
            ax.set(title=title, yscale="log", ylim=(1e-6, 2), xlabel="ULP from PyTorch")
            shown = [*range(0, last, 1 + (len(groups) > 2)), last]  # in narrow panels every second
            ax.set_xticks(shown, [names[i] for i in shown], rotation=60, fontsize=8.5)
            ax.grid(axis="x", visible=False)
            ax.yaxis.set_major_formatter(FuncFormatter(percent))
            ax.yaxis.set_minor_locator(NullLocator())
        axes[0].set_ylabel("share of all numbers")
        axes[-1].legend(loc="upper right")
        return svg(figure, label)


def total(records: Sequence[Record], dtype: str) -> np.ndarray:
    found = [np.array(r.histogram) for r in records if r.dtype == dtype and r.histogram]
    return np.sum(found, axis=0) if found else np.zeros(len(STEPS))


def curves(records: Sequence[Record], x: str, y: str, label: str) -> str:
    """A series per step on a logarithmic scale, a panel per record."""
    with matplotlib.rc_context(STYLE):
        figure, axes = panels(len(records), 3.3, share_y=False)
        for ax, record in zip(axes, records):
            for (name, values), colour in zip(record.series.items(), (A, B, C, D, E)):
                shown = np.array(values, float)
                shown[shown <= 0] = math.nan  # equal in every bit: a logarithm has no place for it
                front = {"linewidth": 2.2, "zorder": 3} if colour == A else {"linewidth": 1.2}
                ax.plot(record.steps or np.arange(1, len(shown) + 1), shown, color=colour, label=name, **front)
            ax.set(title=record.dtype, yscale="log", xlabel=x)
            ax.set_ylim(*whole_powers(record))
            ax.xaxis.set_major_locator(MaxNLocator(integer=True))
            ax.yaxis.set_minor_formatter(NullFormatter())
        axes[0].set_ylabel(y)
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=9)
        return svg(figure, label)


def whole_powers(record: Record) -> tuple[float, float]:
    """The powers of ten around all that a record's series shows."""
    shown = [value for values in record.series.values() for value in values if value > 0] or [1.0]
    return 10.0 ** math.floor(math.log10(min(shown))), 10.0 ** math.ceil(math.log10(max(shown)))


def against_truth(records: Sequence[Record], label: str) -> str:
    """Each operation at its worst error in PyTorch (across) and in minigrad (up), a panel per dtype."""
    with matplotlib.rc_context(STYLE):
        figure, axes = panels(len(DTYPES), 3.9)
        low, high = 0.05, 2.0 * max([max(pair) for r in records for pair in zip(*r.errors.values())])
        for ax, (dtype, colour) in zip(axes, DTYPES.items()):
            mine = [r for r in records if r.dtype == dtype]
            points = np.array([[max(r.errors[engine][0], low) for engine in ("PyTorch", "minigrad")] for r in mine]).reshape(-1, 2)
            ax.plot([low, high], [low, high], color=FAINT, linewidth=1)
            ax.scatter(*points.T, s=22, color=colour, alpha=0.75, linewidths=0)
            labelled: list[tuple[float, float]] = []
            for (x, y), record in sorted(zip(points.tolist(), mine), key=lambda pair: -abs(math.log(pair[0][0] / pair[0][1]))):
                apart = all([abs(math.log10(x / u)) > 0.7 or abs(math.log10(y / v)) > 0.15 for u, v in labelled])
                if max(x, y) > 2.3 * min(x, y) and apart:
                    ax.annotate(record.name.replace("nn.functional.", ""), (x, y), (4, 4), textcoords="offset points", fontsize=8)
                    labelled.append((x, y))
            ax.set(title=dtype, xscale="log", yscale="log", xlim=(low, high), ylim=(low, high), xlabel="PyTorch's worst error, ULP")
            for axis in (ax.xaxis, ax.yaxis):
                axis.set_major_formatter(FuncFormatter(lambda value, position: f"{value:g}"))
                axis.set_minor_formatter(NullFormatter())
        axes[0].set_ylabel("minigrad's worst error, ULP")
        return svg(figure, label)
