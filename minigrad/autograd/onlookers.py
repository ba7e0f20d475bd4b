"""Who looks on while operations are recorded and backward walks: anomaly detection, and the stepper in viz/.

The engine tells every onlooker what it does, at the moment it does it; there is no second engine. While nobody looks on, all
this costs is the question whether anybody does.
"""
from __future__ import annotations

from typing import Any

from .node import Node


class Onlooker:
    """Told of everything, interested in nothing: subclasses override what they want to see. Gradients are ndarrays, or Tensors
    with create_graph; they are to be looked at, not kept or changed."""

    def recorded(self, node: Node, inputs: Any, outputs: Any) -> None:
        """An operation has left a node in the graph."""

    def unrecorded(self, inputs: Any, outputs: Any) -> None:
        """An operation ran and left no node: recording was off, or no input requires a gradient."""

    def starts(self, roots: Any, seeds: list[Any], order: list[Node]) -> None:
        """Backward begins, from these gradients of its roots, and will visit these nodes."""

    def called(self, node: Node, grads: list[Any]) -> None:
        """A node is about to run, on these gradients of its outputs."""

    def hooked(self, node: Node, which: str, before: list[Any], after: list[Any]) -> None:
        """Hooks have seen, and may have replaced, the gradients of a node's outputs ("pre") or inputs ("post")."""

    def returned(self, node: Node, results: list[Any]) -> None:
        """A node has run: the gradients of its inputs, before broadcasting is summed out."""

    def sent(self, node: Node, i: int, grad: Any, before: Any, after: Any) -> None:
        """The gradient of the i-th input has arrived where it goes: before + grad = after (before may be None)."""

    def released(self, node: Node) -> None:
        """A node has let go of what it saved."""

    def ends(self) -> None:
        """Backward has come to its end, or to an exception."""

    def zeroed(self, params: list[Any]) -> None:
        """An optimizer has forgotten the gradients of its parameters."""

    def updating(self, optimizer: Any) -> None:
        """An optimizer is about to update its parameters."""

    def updated(self, optimizer: Any) -> None:
        """An optimizer has updated its parameters."""


onlookers: list[Onlooker] = []
