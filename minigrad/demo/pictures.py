"""The picture of a training run: what every episode returned, and how the mean grew."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

INK, SOFT, DOTS, LINE, GOAL = "#1f2933", "#66727f", "#a9c3df", "#1f62a8", "#2e8b57"


def running_mean(returns: Sequence[float], window: int) -> np.ndarray:
    """Mean over the last `window` entries at each place; over all so far, where there are fewer."""
    sums = np.cumsum([0.0, *returns])
    ends = np.arange(1, len(returns) + 1)
    starts = np.maximum(ends - window, 0)
    return (sums[ends] - sums[starts]) / (ends - starts)


def draw_returns(returns: Sequence[float], goal: float, window: int, subtitle: str, path: Path) -> None:
    """Write the picture to `path`; its suffix chooses the format."""
    figure = Figure(figsize=(8, 4.5), dpi=160, layout="constrained", facecolor="white")
    axes = figure.add_subplot()
    episodes = np.arange(1, len(returns) + 1)
    means = running_mean(returns, window)
    axes.axhline(goal, color=GOAL, linewidth=1, linestyle=(0, (5, 4)))
    axes.plot(episodes, returns, ".", color=DOTS, markersize=5, markeredgewidth=0, label="one episode")
    axes.plot(episodes, means, color=LINE, linewidth=2.2, solid_capstyle="round", label=f"mean of the last {window}")
    axes.plot(episodes[-1:], means[-1:], "o", color=LINE, markersize=5)
    end = (episodes[-1], means[-1])
    axes.annotate(
        f"{end[1]:.0f}", end, (7, 0), textcoords="offset points", va="center", color=LINE, weight="bold",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
    )  # fmt: skip
    axes.annotate(f"goal {goal:g}", (0, goal), (4, 4), textcoords="offset points", color=GOAL)
    title = "DQN on CartPole-v1, trained with minigrad"
    axes.set_title(title, loc="left", color=INK, weight="bold", fontsize=12, pad=26)
    axes.text(0, 1.03, subtitle, transform=axes.transAxes, color=SOFT, fontsize=9.5)
    axes.set_xlabel("episode", color=SOFT)
    axes.set_ylabel("return", color=SOFT)
    axes.set_ylim(0, max(goal * 1.1, max(returns) * 1.05))
    axes.set_xlim(0, len(returns) * 1.06 + 1)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.tick_params(colors=SOFT, length=0)
    axes.grid(axis="y", color="#e4e7eb", linewidth=0.8)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.legend(
        loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, labelcolor=SOFT, fontsize=9.5, borderpad=0
    )
    figure.savefig(path)
