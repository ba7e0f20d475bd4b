"""What the notebooks share: checks of exercises, pictures of graphs, PyTorch where it is installed."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
from threadpoolctl import threadpool_limits

from minigrad import viz

try:
    import torch as pytorch
except ImportError:
    pytorch = None

threadpool_limits(1)  # matrices of a hundred rows are multiplied sooner by one thread than by several
QUICK = os.environ.get("MINIGRAD_NOTEBOOKS") == "quick"  # the tests' wish: train for a moment only

INK, SOFT, BLUE, ORANGE, GREEN = "#1f2933", "#66727f", "#1f62a8", "#d9822b", "#2e8b57"

plt.rcParams.update(
    {
        "figure.figsize": (7, 3),
        "figure.dpi": 80,
        "figure.constrained_layout.use": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlelocation": "left",
        "axes.titleweight": "bold",
        "axes.titlesize": 11,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": "#e4e7eb",
        "axes.edgecolor": SOFT,
        "axes.labelcolor": SOFT,
        "xtick.color": SOFT,
        "ytick.color": SOFT,
        "text.color": INK,
        "legend.frameon": False,
        "axes.prop_cycle": plt.cycler(color=[BLUE, ORANGE, GREEN, "#8e5ea2", "#b03a48"]),
    }
)


class Check:
    """`with check: assert ...` says whether an exercise is solved, and stops nothing."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> bool:
        if kind is None:
            print("✓ Right.")
        elif issubclass(kind, AssertionError):
            print(f"✗ Not yet. {error}")
        elif issubclass(kind, Exception):
            print(f"✗ Not yet. {kind.__name__}: {error}")
        return kind is None or issubclass(kind, Exception)


check = Check()


class Picture:
    """An SVG that a notebook shows."""

    def __init__(self, svg: str) -> None:
        self.svg = svg

    def __repr__(self) -> str:
        return "<the graph, as a picture>"

    def _repr_svg_(self) -> str:
        return self.svg


def graph(tensor: Any, saved: bool = False, **names: Any) -> Picture:
    """The graph behind a tensor, as a picture; `names` are what to write on its leaves."""
    return Picture(viz.to_svg(tensor, params=names, show_saved=saved))


def with_pytorch(program: Callable[[Any], Any]) -> Any:
    """Run `program(torch)` with the real PyTorch, or say how to get it."""
    if pytorch is None:
        print("PyTorch is not installed here: `pip install torch`, restart the kernel, and this cell runs it.")
        return None
    return program(pytorch)
