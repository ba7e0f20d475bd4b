"""How a trace shows itself in a notebook: a picture and a table that any file may keep, and the page itself in a frame.

A notebook that its reader has not trusted loses frames and scripts, but an image with its data in its address stays; so that
comes first, folded away. Nothing needs an extension, a widget or a kernel.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from html import escape
from typing import Any

from . import page
from .graph import Edge, Graph, Node, shape_text
from .svg import draw

HEIGHT = 720  # of the frame, in pixels
DRAWN = 300  # nodes, beyond which the picture would be no help
LISTED = 200  # parameters in the table
WHOLE = 12  # elements of an array that is written out


def mimebundle(trace: dict[str, Any]) -> dict[str, str]:
    """What `_repr_mimebundle_` returns: the trace (as of `Trace.to_dict`) as HTML and as plain text."""
    return {"text/html": html(trace), "text/plain": text(trace)}


def html(trace: dict[str, Any]) -> str:
    """The folded picture and table, then the page in a frame of its own."""
    title = escape(page.headline(trace))
    picture = ""
    if len(trace["nodes"]) <= DRAWN:
        data = base64.b64encode(svg(trace).encode()).decode()
        picture = f'<img alt="The graph of {title}" style="max-width:100%" src="data:image/svg+xml;base64,{data}">'
    return (
        f"<details><summary>{title}: picture and gradients</summary>{picture}{table(trace)}</details>"
        f'<iframe title="{title}, step by step" sandbox="allow-scripts" srcdoc="{escape(page.html(trace))}" '
        f'style="width:100%;height:{HEIGHT}px;border:1px solid #8884;border-radius:10px"></iframe>'
    )


def text(trace: dict[str, Any]) -> str:
    """The same for those who have no browser: what was traced, and every gradient at its end."""
    rows = gradients(trace)
    width = max([len(name) for name, _, _ in rows], default=0)
    lines = [f"{name:{width}}  {shape}  {value}" for name, shape, value in rows]
    return "\n".join([f"{page.headline(trace)}: {page.counts(trace)}", *lines])


def table(trace: dict[str, Any]) -> str:
    rows = [f"<tr><td><code>{escape(name)}</code></td><td>{shape}</td><td>{value}</td></tr>" for name, shape, value in gradients(trace)]
    if len(rows) > LISTED:
        rows[LISTED:] = [f"<tr><td>and {len(rows) - LISTED} more</td><td></td><td></td></tr>"]
    return f"<table><thead><tr><th>parameter</th><th>shape</th><th>.grad</th></tr></thead><tbody>{''.join(rows)}</tbody></table>"


def gradients(trace: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Name, shape and .grad of every leaf, as it is after the last step."""
    last = landed(trace)
    leaves = [node for node in trace["nodes"] if node["kind"] == "leaf"]
    return [(node["name"] or "leaf", shape_text(node["shape"]), brief(trace, last.get(node["id"]))) for node in leaves]


def landed(trace: dict[str, Any]) -> dict[str, int]:
    """The array in each leaf's .grad after the last step."""
    last: dict[str, int] = {}
    for step in trace["steps"]:
        if step["kind"] == "accumulate":
            last[step["node"]] = step["after"]
        elif step["kind"] == "zero_grad":
            for leaf in step["params"]:
                last.pop(leaf, None)
    return last


def brief(trace: dict[str, Any], index: int | None) -> str:
    """An array in a few characters: all of a small one, the norm of a large one."""
    if index is None:
        return "None"
    array = trace["arrays"][index]
    values = array.get("values")
    if values is None or len(values) > WHOLE:
        norm = array["norm"] if values is None else math.hypot(*values)
        return f"norm {norm:.4g}"
    return nested(values, array["shape"])


def nested(values: Sequence[float], shape: Sequence[int]) -> str:
    """Flat values in the brackets of their shape."""
    if not shape:
        return f"{values[0]:.4g}"
    size = len(values) // shape[0] if shape[0] else 0
    return "[" + ", ".join([nested(values[i * size : (i + 1) * size], shape[1:]) for i in range(shape[0])]) + "]"


def svg(trace: dict[str, Any]) -> str:
    """The graph as a still picture, each leaf with its gradient."""
    graph, last = Graph({}), landed(trace)
    seeds = {step["node"] for step in trace["steps"] if step["kind"] == "seed"}
    nodes = {node["id"]: node for node in trace["nodes"]}
    for node in nodes.values():
        name = " = ".join([part for part in (node["name"], node["op"] if node["kind"] == "op" else None) if part])
        kind = "output" if node["id"] in seeds else node["kind"]
        attributes = {".grad": brief(trace, last[node["id"]])} if node["id"] in last else {}
        graph.nodes[id(node)] = Node(kind, name or node["kind"], shape_text(node["shape"]), attributes, node)
    for node in nodes.values():
        graph.edges += [Edge(id(nodes[put["id"]]), id(node)) for put in node["inputs"] if put["id"] in nodes]
    return draw(graph)
