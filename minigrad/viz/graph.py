"""The graph to draw: what hangs behind a tensor's grad_fn, as plain nodes and edges.

The walk keeps its own list of what is left to visit, so a chain of any length will do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ..tensor import Tensor


class Node(NamedTuple):
    """A box: its kind (leaf, op, output, base, saved), its name, what stands below the name, and what it stands for."""

    kind: str
    name: str
    shape: str
    attributes: Mapping[str, str]
    subject: Any  # kept, because its id is the node's key


class Edge(NamedTuple):
    """An arrow the way data flows forward, or a line to what is saved for backward or to the base of a view."""

    tail: Hashable
    head: Hashable
    kind: str = "flow"


class Graph:
    """Nodes by key, in the order they were met, and the edges between them."""

    def __init__(self, names: Mapping[int, str]) -> None:
        self.nodes: dict[Hashable, Node] = {}
        self.edges: list[Edge] = []
        self.names = names

    def add_tensor(self, kind: str, tensor: Tensor, key: Hashable = None, name: str = "") -> Hashable:
        """A box for a tensor, under its parameter name if it has one; returns its key."""
        key = key or id(tensor)
        self.nodes.setdefault(key, Node(kind, self.names.get(id(tensor), name), shape_text(tensor.shape), {}, tensor))
        return key

    def folded(self) -> Graph:
        """The same graph, lighter: AccumulateGrad joins its leaf; a leaf used more than twice gets a stub per use."""
        leaf_of = {edge.head: edge.tail for edge in self.edges if hasattr(self.nodes[edge.head].subject, "variable")}
        edges = [Edge(leaf_of.get(e.tail, e.tail), e.head, e.kind) for e in self.edges if e.head not in leaf_of]
        uses = Counter([edge.tail for edge in edges if self.nodes[edge.tail].kind == "leaf"])
        light = Graph(self.names)
        light.nodes = {k: node for k, node in self.nodes.items() if k not in leaf_of and uses[k] < 3}
        for i, edge in enumerate(edges):
            if uses[edge.tail] > 2:
                node = self.nodes[edge.tail]
                edge = Edge((edge.tail, i), edge.head, edge.kind)
                shape = f"{node.shape} · one of {uses[id(node.subject)]} uses"
                light.nodes[edge.tail] = node._replace(kind="stub", shape=shape)
            light.edges.append(edge)
        return light


def walk(
    var: Tensor | Iterable[Tensor],
    params: Mapping[str, Tensor] | None = None,
    show_attrs: bool = False,
    show_saved: bool = False,
) -> Graph:
    """The graph behind one tensor or several. Raises TypeError for what is not a tensor."""
    outputs = [var] if isinstance(var, Tensor) else list(var)
    params = params or {}
    for tensor in (*outputs, *params.values()):
        if not isinstance(tensor, Tensor):
            raise TypeError(f"a graph is drawn of tensors, and params are tensors by name; got {type(tensor).__name__}")
    graph = Graph({id(tensor): name for name, tensor in params.items()})
    waiting: list[Any] = []

    def visit(fn: Any) -> Hashable:
        if id(fn) not in graph.nodes:
            attributes = {name: brief(value) for name, value in saved_values(fn).items()} if show_attrs else {}
            graph.nodes[id(fn)] = Node("op", type(fn).__name__, output_shapes(fn), attributes, fn)
            waiting.append(fn)
        return id(fn)

    for tensor in outputs:
        boxes = [graph.add_tensor("output", tensor)]
        if tensor._base is not None:
            boxes.append(graph.add_tensor("base", tensor._base))
            graph.edges.append(Edge(boxes[1], boxes[0], "view"))
        for key in boxes:
            fn = graph.nodes[key].subject.grad_fn
            if fn is not None:
                graph.edges.append(Edge(visit(fn), key))
    while waiting:
        fn = waiting.pop()
        if show_saved:
            for name, value in saved_tensors(fn):
                graph.edges.append(Edge(graph.add_tensor("saved", value, (id(fn), name), name), id(fn), "saved"))
        if hasattr(fn, "variable"):  # AccumulateGrad
            graph.edges.append(Edge(graph.add_tensor("leaf", fn.variable), id(fn)))
        graph.edges += [Edge(visit(parent), id(fn)) for parent, _ in fn.next_functions if parent is not None]
    return graph


def shape_text(shape: Iterable[int]) -> str:
    return "(" + ", ".join(map(str, shape)) + ")"


def output_shapes(fn: Any) -> str:
    """Shapes of what an operation made."""
    return " ".join([shape_text(shape) for shape, _ in fn.outputs])


def saved_values(fn: Any) -> dict[str, Any]:
    """What a node keeps for backward, under PyTorch's names; only operations keep anything."""
    return fn.saved_values() if hasattr(fn, "saved_values") else {}


def saved_tensors(fn: Any) -> Iterator[tuple[str, Tensor]]:
    for name, value in saved_values(fn).items():
        if isinstance(value, Tensor):
            yield name, value
        elif isinstance(value, (list, tuple)):
            yield from [(f"{name}[{i}]", item) for i, item in enumerate(value) if isinstance(item, Tensor)]


def brief(value: Any) -> str:
    """A saved value in a few characters."""
    if isinstance(value, Tensor):
        return "[saved tensor]"
    if isinstance(value, (list, tuple)) and any([isinstance(item, Tensor) for item in value]):
        return "[saved tensors]"
    return str(value)
