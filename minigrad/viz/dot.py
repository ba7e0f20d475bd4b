"""A graph as a graphviz.Digraph in torchviz's manner, which is drawn even where Graphviz's program `dot` is missing."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import graphviz

from .graph import Graph, Node
from .svg import draw

COLOURS = {"leaf": "lightblue", "output": "darkolivegreen1", "base": "darkolivegreen3", "saved": "orange"}
LINES: dict[str, dict[str, str]] = {"flow": {}, "saved": {"dir": "none"}, "view": {"style": "dotted"}}

NO_DOT = (
    "Graphviz's program `dot` was not found. To get it: `apt install graphviz` (Debian, Ubuntu), "
    "`brew install graphviz` (macOS), `winget install graphviz` (Windows), `conda install graphviz`, "
    "or see graphviz.org/download."
)


class Picture(graphviz.Digraph):
    """A Digraph that draws itself as SVG, in minigrad's own layout, where the program `dot` is missing, and says so."""

    graph: Graph | None = None  # what it shows
    drawn: list[str] | None = None  # its statements, as long as they say no more than the graph

    def pipe(self, format: str | None = None, *args: Any, **options: Any) -> Any:
        """The picture as bytes, or as text if an `encoding` is given. See graphviz.Digraph.pipe."""
        try:
            return super().pipe(format, *args, **options)
        except graphviz.ExecutableNotFound:
            svg = self.own_svg(format)
        return svg if options.get("encoding") else svg.encode()

    def render(
        self,
        filename: Any = None,
        directory: Any = None,
        view: bool = False,
        cleanup: bool = False,
        format: str | None = None,
        **options: Any,
    ) -> str:
        """Save the source and the picture; returns the path of the picture. See graphviz.Digraph.render."""
        try:
            return super().render(filename, directory=directory, view=view, cleanup=cleanup, format=format, **options)
        except graphviz.ExecutableNotFound:  # the source is saved by now
            pass
        outfile = options.get("outfile")
        picture = Path(self.directory, outfile) if outfile else Path(f"{self.filepath}.{format or self.format}")
        picture.write_text(self.own_svg(format or picture.suffix[1:]), encoding="utf-8")
        if cleanup:
            Path(self.filepath).unlink()
        if view:
            graphviz.view(str(picture))
        return str(picture)

    def own_svg(self, format: str | None) -> str:
        """minigrad's own drawing; RuntimeError where it cannot stand in for dot's."""
        if (format or self.format) != "svg":
            raise RuntimeError(f"{NO_DOT} Without it, format='svg' works: minigrad draws that itself.") from None
        if self.graph is None or self.body != self.drawn:
            raise RuntimeError(f"{NO_DOT} minigrad's own drawing knows only what make_dot made.") from None
        warnings.warn(f"{NO_DOT} Meanwhile minigrad's own layout draws the graph.", stacklevel=3)
        return draw(self.graph)


def digraph(graph: Graph, max_attr_chars: int = 50) -> Picture:
    """The DOT statements of a graph."""
    boxes = {"shape": "box", "style": "filled", "height": "0.2", "fontname": "monospace", "fontsize": "10"}
    side = f"{max(12.0, 0.15 * (len(graph.nodes) + len(graph.edges))):g}"  # inches: room for every node
    picture = Picture(format="svg", node_attr=boxes, graph_attr={"ranksep": "0.2", "size": f"{side},{side}"})
    number = {key: str(i) for i, key in enumerate(graph.nodes)}
    for key, node in graph.nodes.items():
        colour = {"fillcolor": COLOURS[node.kind]} if node.kind in COLOURS else {}
        picture.node(number[key], graphviz.escape(label(node, max_attr_chars)), **colour)
    for edge in graph.edges:
        picture.edge(number[edge.tail], number[edge.head], **LINES[edge.kind])
    picture.graph, picture.drawn = graph, list(picture.body)
    return picture


def label(node: Node, max_attr_chars: int) -> str:
    """An operation's name over a table of what it keeps; a tensor's name over its shape."""
    if node.kind != "op":
        return f"{node.name}\n {node.shape}"
    if not node.attributes:
        return node.name
    limit = max(max_attr_chars, 3)
    names = max([len(name) for name in node.attributes])
    values = min(max([len(value) for value in node.attributes.values()]), limit)
    rows = [f"{name:<{names}}: {shorten(value, limit):>{values}}" for name, value in node.attributes.items()]
    return "\n".join([node.name, "-" * max(names + values + 2, len(node.name)), *rows])


def shorten(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 3] + "..."
