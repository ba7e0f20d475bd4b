"""What the graph is made of: nodes, the edges between them, and hooks on them. Mirrors torch.autograd.graph.Node.

A node stands for one recorded operation. Its edges lead to the nodes that made its inputs: `(node, output_nr)` for an input
that requires a gradient, None for one that does not. Backward follows the edges.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

Edge = tuple["Node", int]
sequence_numbers = count()  # every node is numbered higher than the nodes that made its inputs


class RemovableHandle:
    """What registering a hook returns; `remove()` takes the hook away again. Mirrors torch.utils.hooks.RemovableHandle."""

    _ids = count()

    def __init__(self, hooks: dict[int, Any]) -> None:
        self.id = next(self._ids)
        self._hooks = hooks

    def remove(self) -> None:
        self._hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exc: object) -> None:
        self.remove()


def add_hook(owner: Any, kind: str, hook: Any) -> RemovableHandle:
    """Keep `hook` in the dict `owner.<kind>`, made on first use: whatever has no hooks pays nothing for them."""
    hooks = getattr(owner, kind)
    if hooks is None:
        hooks = {}
        setattr(owner, kind, hooks)
        owner.hooked = True
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    return handle


class Node:
    """A recorded operation. Subclasses say in `backward` how the gradient of the outputs becomes that of the inputs."""

    __slots__ = ("edges", "sequence_nr", "_shape", "_dtype", "__dict__", "__weakref__")
    edges: Sequence[Edge | None]
    sequence_nr: int
    _shape: Any  # of the output; if there are several, a tuple of theirs
    _dtype: Any  # NumPy's dtype of the output; if there are several, a tuple of theirs

    _saved: Any = ()  # the tensors that backward needs, if any. The engine lets go of them, and leaves None, unless the graph is to be kept
    hooked = False  # whether any of the hooks below was ever set
    # Rarely set, so kept in the instance's __dict__, over these defaults.
    tensor_pre_hooks: dict[int, tuple[int, Callable]] | None = None  # on one output: Tensor.register_hook
    retain_grad_hooks: dict[int, tuple[int, Callable]] | None = None  # they see what the hooks before made
    pre_hooks: dict[int, Callable] | None = None
    post_hooks: dict[int, Callable] | None = None
    forward_traceback: Any = None  # kept while anomalies are being detected

    def backward(self, grad: Any, wanted: list[bool] | None, create_graph: bool) -> list[Any]:
        """Gradients of the inputs, one per edge (None where there is none), from that of the output; of several outputs there comes
        a dict of theirs, by their numbers."""
        raise NotImplementedError

    @property
    def outputs(self) -> tuple[tuple[tuple[int, ...], Any], ...]:
        """Shape and NumPy dtype of each output."""
        return tuple(zip(self._shape, self._dtype)) if isinstance(self._dtype, tuple) else ((self._shape, self._dtype),)

    def name(self) -> str:
        """PyTorch's name of the node, such as 'MulBackward0'."""
        return type(self).__name__

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """The edges, as PyTorch shows them: (None, 0) where an input needs no gradient."""
        return tuple([(None, 0) if edge is None else edge for edge in self.edges])

    @property
    def metadata(self) -> dict[str, Any]:
        """A dict of the user's own."""
        return self.__dict__.setdefault("_metadata", {})

    def register_prehook(self, hook: Callable) -> RemovableHandle:
        """Call `hook(grad_outputs)` before the node runs; what it returns, if not None, replaces them."""
        return add_hook(self, "pre_hooks", hook)

    def register_hook(self, hook: Callable) -> RemovableHandle:
        """Call `hook(grad_inputs, grad_outputs)` after the node ran; what it returns replaces grad_inputs."""
        return add_hook(self, "post_hooks", hook)

    def _sequence_nr(self) -> int:
        return self.sequence_nr

    def __repr__(self) -> str:
        return f"<{type(self).__name__} object at {id(self):#x}>"
