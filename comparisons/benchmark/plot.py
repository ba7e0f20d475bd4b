"""The ratios as a picture, for light and for dark pages."""
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from .contenders import BY_HAND
from .spread import Spread, fastest_pytorch, ratio

INK = {  # in the light and in the dark
    "paper": ("#ffffff", "#14181d"),
    "ink": ("#1f2933", "#e6eaee"),
    "soft": ("#5f6b78", "#9aa6b2"),
    "frame": ("#e4e7eb", "#2a323b"),
    "kept": ("#2f9e63", "#46a56a"),
    "missed": ("#d9822b", "#c98638"),
}
LIGHT = {name: pair[0] for name, pair in INK.items()}
SIDES = {"PyTorch eager": "PyTorch", "hand-written NumPy": BY_HAND}


@dataclass(frozen=True)
class Bar:
    """A ratio: with the first number of threads, with the second, if there is one, and the target."""

    first: Spread
    second: Spread | None
    target: float


def draw(runs: Sequence[dict[str, Any]], target: Path) -> None:
    """Bars for the first thread count, rings for the second, and a mark at every target."""
    sides = {name: bars(runs, other) for name, other in SIDES.items()}
    titles = list(dict.fromkeys(title for found in sides.values() for title in found))
    if not titles:
        raise SystemExit("There is nothing to draw: none of the workloads measured has a target")
    plt.rcParams.update({"font.family": "sans-serif", "font.size": 10, "svg.fonttype": "none", "svg.hashsalt": "minigrad"})
    height = 0.34 * len(titles) + 1.5
    figure, both = plt.subplots(1, 2, figsize=(10.4, height), facecolor=LIGHT["paper"])
    figure.subplots_adjust(left=0.36, right=0.985, top=1 - 0.5 / height, bottom=0.9 / height, wspace=0.07)
    for axes, (name, found) in zip(both, sides.items()):
        panel(axes, name, [found.get(title) for title in titles])
    both[0].set_yticks(range(len(titles)), titles, color=LIGHT["ink"])
    both[1].set_yticks([])
    figure.text(0.012, 0.16 / height, caption(runs), color=LIGHT["soft"], fontsize=8, va="bottom", linespacing=1.6)
    figure.savefig(target, dpi=160, facecolor=LIGHT["paper"], **({"metadata": {"Date": None}} if target.suffix == ".svg" else {}))
    plt.close(figure)
    if target.suffix == ".svg":
        target.write_text(adaptive(target.read_text(encoding="utf-8")), encoding="utf-8")


def caption(runs: Sequence[dict[str, Any]]) -> str:
    about, threads = runs[0]["environment"], [run["environment"]["threads"] for run in runs]
    plural = "s" if threads[0] > 1 else ""
    rings = f"; rings: with {threads[1]}" if len(threads) > 1 else ""
    blas, kernels = about["NumPy's BLAS"].rpartition(",")[0], about["PyTorch's kernels"]
    return (
        f"Bars: medians with {threads[0]} thread{plural}, thin lines from quartile to quartile{rings}; thick marks: the targets\n"
        f"{about['processor']}; NumPy {about['NumPy']} with {blas}; PyTorch {about['PyTorch']} with {kernels}"
    )


def bars(runs: Sequence[dict[str, Any]], other: str) -> dict[str, Bar]:
    """What has a target beside PyTorch, or beside NumPy by hand, by its title."""
    first, *more = [run["results"] for run in runs]
    found: dict[str, Bar] = {}
    for key, result in first.items():
        if result["kind"] == "times" and result["drawn"] and other in result["targets"]:
            second = spread(more[0][key], other) if more and key in more[0] else None
            found[re.split(r", per|, shuffled|: ", result["title"])[0]] = Bar(spread(result, other), second, result["targets"][other])
        if result["kind"] == "imports" and other == "PyTorch":
            for quantity, title in (("seconds", "import: time"), ("bytes", "import: memory")):
                found[title] = Bar(ratio(result[quantity], "minigrad", "torch"), None, result["targets"][quantity]["torch"])
    return found


def spread(result: dict[str, Any], other: str) -> Spread:
    samples = result["seconds"]
    return ratio(samples, "minigrad", fastest_pytorch(samples) if other == "PyTorch" else other)


def panel(axes: Any, name: str, found: Sequence[Bar | None]) -> None:
    edge = 1.15
    for y, bar in enumerate(found):
        if bar is None:
            continue
        color = LIGHT["kept" if bar.first.median <= bar.target else "missed"]
        axes.barh(y, bar.first.median, height=0.56, color=color, linewidth=0)
        axes.plot([bar.first.low, bar.first.high], [y, y], color=LIGHT["ink"], linewidth=1, solid_capstyle="butt")
        axes.plot([bar.target, bar.target], [y - 0.38, y + 0.38], color=LIGHT["ink"], linewidth=2.2, solid_capstyle="butt")
        right = max(bar.first.high, bar.target)
        if bar.second:
            axes.plot(bar.second.median, y, "o", markersize=5, markerfacecolor="none", markeredgecolor=LIGHT["ink"], markeredgewidth=1)
            right = max(right, bar.second.median)
        axes.annotate(f"{bar.first.median:.2f}", (right, y), (7, 0), textcoords="offset points", va="center", color=LIGHT["ink"], fontsize=9)
        edge = max(edge, right)
    axes.axvline(1, color=LIGHT["soft"], linewidth=1, linestyle=(0, (4, 3)))
    axes.set(xlim=(0, edge * 1.14), ylim=(len(found) - 0.4, -0.6), facecolor=LIGHT["paper"])
    axes.set_title(f"minigrad / {name}", loc="left", fontsize=11, fontweight="bold", color=LIGHT["ink"], pad=12)
    axes.tick_params(length=0, colors=LIGHT["soft"])
    axes.grid(axis="x", color=LIGHT["frame"], linewidth=0.8)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)


def adaptive(svg: str) -> str:
    """The picture with colors that follow the page's."""
    for name, (light, _) in INK.items():
        svg = svg.replace(light, f"var(--{name})")
    light, dark = ["; ".join([f"--{name}: {pair[i]}" for name, pair in INK.items()]) for i in (0, 1)]
    style = f"<style>\n:root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n</style>\n"
    return re.sub(r"(<svg[^>]*>\n)", lambda opening: opening[1] + style, svg, count=1)
