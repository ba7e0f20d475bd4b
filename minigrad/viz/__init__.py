"""Pictures of the graph behind a tensor: what `loss.backward()` will walk through.

    from minigrad import viz
    viz.make_dot(loss, params=dict(model.named_parameters()))      # a graphviz.Digraph; a notebook shows it
    viz.save_graph(loss, "graph.svg", params=dict(model.named_parameters()))

`walk` (graph.py) reads the graph, `layout` (layout.py) places it, `draw` (svg.py) and `digraph` (dot.py) write it down.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..tensor import Tensor
from . import examples
from .graph import walk
from .svg import draw
from .trace import Trace, trace

if TYPE_CHECKING:
    from graphviz import Digraph

__all__ = ["Trace", "examples", "make_dot", "save_graph", "step", "to_svg", "trace"]

step = trace  # in a notebook, where a trace shows itself: viz.step(loss)


def make_dot(
    var: Tensor | Iterable[Tensor],
    params: Mapping[str, Tensor] | None = None,
    show_attrs: bool = False,
    show_saved: bool = False,
    max_attr_chars: int = 50,
) -> Digraph:
    """The graph of `var` (a tensor or several) as a graphviz.Digraph: leaves blue, operations grey, outputs green.

    `params` names tensors, as in `dict(model.named_parameters())`. `show_attrs` lists what each operation keeps for
    backward, `show_saved` draws the tensors among it in orange. Where the program `dot` is missing, the Digraph's SVG
    comes from minigrad's own layout, with a warning that says how to get `dot`. Mirrors torchviz.make_dot.
    """
    try:
        from .dot import digraph  # needs the package graphviz, an optional extra
    except ModuleNotFoundError as error:
        if error.name != "graphviz":
            raise
        raise ModuleNotFoundError(
            "make_dot needs the package graphviz: pip install 'minigrad[viz]'. save_graph and to_svg work without it.",
            name="graphviz",
        ) from None
    return digraph(walk(var, params, show_attrs, show_saved), max_attr_chars)


def to_svg(
    var: Tensor | Iterable[Tensor],
    params: Mapping[str, Tensor] | None = None,
    show_attrs: bool = False,
    show_saved: bool = False,
) -> str:
    """The graph of `var` as the text of an SVG picture, in minigrad's own layout: no other package needed."""
    return draw(walk(var, params, show_attrs, show_saved))


def save_graph(
    var: Tensor | Iterable[Tensor],
    path: str | os.PathLike[str],
    params: Mapping[str, Tensor] | None = None,
    show_attrs: bool = False,
    show_saved: bool = False,
) -> Path:
    """Write `to_svg` to a file, and return its path. For PNG or PDF: `make_dot(...).render(outfile=...)`."""
    path = Path(path)
    if path.suffix.lower() != ".svg":
        raise ValueError(f"save_graph writes .svg, not {path.name!r}; use make_dot(...).render(outfile=...)")
    path.write_text(to_svg(var, params, show_attrs, show_saved), encoding="utf-8")
    return path
