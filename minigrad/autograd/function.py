"""Operations of one's own: forward and backward written with Tensors. Mirrors torch.autograd.Function.

A `Rule` is how this package writes operations; a `Function` is how PyTorch lets its users do it, and works the same here.
"""
from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .grad_mode import modes, no_grad
from .node import Node, sequence_numbers
from .onlookers import onlookers
from .saving import changed_since_saved
from .variable import TensorBase, alias, counter, gradient_edge, wrap


class FunctionCtx:
    """What `ctx` offers to forward and backward."""

    needs_input_grad: tuple[bool, ...] = ()
    materialize_grads = True
    _to_save: tuple[Any, ...] = ()
    _dirty: tuple[Any, ...] = ()
    _non_differentiable: tuple[Any, ...] = ()

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep tensors for backward, as `ctx.saved_tensors`; a change in place before then is detected."""
        self._to_save = tensors

    def mark_dirty(self, *args: Any) -> None:
        """Say which inputs forward changed in place."""
        self._dirty = args

    def mark_non_differentiable(self, *args: Any) -> None:
        """Say which outputs have no gradient."""
        self._non_differentiable = args

    def set_materialize_grads(self, value: bool) -> None:
        """Whether backward gets zeros, rather than None, for outputs that nothing depended on."""
        self.materialize_grads = value


class FunctionNode(Node, FunctionCtx):
    """The node of a Function, and the `ctx` of its forward and backward at once, as in PyTorch."""

    function: type[Function]
    _is_tensor: list[bool]  # which arguments of apply were tensors, and so have an edge
    _saved: list[tuple[Any, int, int | None]] | None = None  # each: a tensor, its version then, and which output it is, if any

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What `save_for_backward` kept; it has not been changed since."""
        if self._saved is None:
            raise RuntimeError(
                "Trying to backward through the graph a second time (or directly access saved tensors after they have already "
                "been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). "
                "Specify retain_graph=True if you need to backward through the graph a second time or if you need to access "
                "saved tensors after calling backward."
            )
        return tuple([self._unpack(*saved) for saved in self._saved])

    def _unpack(self, tensor: Any, version: int, nr: int | None) -> Any:
        if tensor is None:
            return None
        if tensor._counter[0] != version:
            raise changed_since_saved(tensor, version, tensor._edge if nr is None else (self, nr))
        return tensor if nr is None else alias(tensor, (self, nr))

    def backward(self, grads: dict[int, Any], wanted: list[bool] | None, create_graph: bool) -> list[Any]:
        filled = [self._filled(nr, grads.get(nr)) for nr in range(len(self._dtype))]
        tensors = [grad if grad is None or isinstance(grad, TensorBase) else wrap(grad) for grad in filled]
        results = self.function.backward(self, *tensors)
        results = results if isinstance(results, tuple) else (results,)
        expected = len(self.needs_input_grad)
        if len(results) < expected or any(r is not None for r in results[expected:]):
            raise RuntimeError(
                f"function {self.name()} returned an incorrect number of gradients (expected {expected}, got {len(results)})"
            )
        kept = [r for r, is_tensor in zip(results, self._is_tensor) if is_tensor]
        # As views, for then a leaf can tell whether somebody else holds this memory: the author of the function, or another leaf.
        return [r if r is None or create_graph else r.array.view() for r in kept]

    def _filled(self, nr: int, grad: Any) -> Any:
        if grad is None and self.materialize_grads:
            shape, dtype = self.outputs[nr]
            return np.zeros(shape, dtype)
        return grad


class Function:
    """Base of operations of one's own.

    `forward(ctx, *inputs)` computes, `backward(ctx, *grad_outputs)` returns one gradient per input (None where there is none). With
    `setup_context(ctx, inputs, output)` defined, forward takes no ctx.
    """

    _node: type[FunctionNode]

    def __init_subclass__(cls) -> None:
        cls._node = type(f"{cls.__name__}Backward", (FunctionNode,), {"function": cls})

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD."
        )

    vjp = backward
    setup_context: Any = None

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Run forward, and record a node whose backward is this class's."""
        node = cls._node.__new__(cls._node)
        node.sequence_nr = next(sequence_numbers)
        node._is_tensor = [isinstance(x, TensorBase) for x in args]
        node.needs_input_grad = tuple([isinstance(x, TensorBase) and x.requires_grad for x in args])
        recording = modes.mode.enabled and any(node.needs_input_grad)
        edges = [gradient_edge(x) if needs else None for x, needs in zip(args, node.needs_input_grad) if isinstance(x, TensorBase)]
        with no_grad():
            if cls.setup_context is None:
                result = cls.forward(node, *args, **kwargs)
            else:
                result = cls.forward(*args, **kwargs)
                cls.setup_context(node, args, result)
        several = isinstance(result, tuple)
        outputs = list(result) if several else [result]
        for x in node._dirty:
            counter(x)[0] += 1
        if recording:
            outputs = [connect(node, nr, x, args) for nr, x in enumerate(outputs)]
            node.edges = edges
            arrays = [x.array if isinstance(x, TensorBase) else None for x in outputs]
            node._shape = tuple([() if array is None else array.shape for array in arrays])
            node._dtype = tuple([None if array is None else array.dtype for array in arrays])
            node._saved = [keep(x, outputs) for x in node._to_save]
            for onlooker in onlookers:
                onlooker.recorded(node, [x for x in args if isinstance(x, TensorBase)], outputs)
        node._to_save = ()
        return tuple(outputs) if several else outputs[0]


def connect(node: FunctionNode, nr: int, x: Any, inputs: Any) -> Any:
    """An output of forward, at its place in the graph. An input that came back unchanged is another tensor now."""
    if not isinstance(x, TensorBase) or any(x is other for other in node._non_differentiable) or x.array.dtype.kind != "f":
        return x
    if any(x is other for other in node._dirty):
        x._edge, x._requires_grad = (node, nr), True
        return x
    if any(x is other for other in inputs):
        return alias(x, (node, nr))
    x._edge, x._requires_grad = (node, nr), True
    return x


def keep(x: Any, outputs: list[Any]) -> tuple[Any, int, int | None]:
    """How a saved tensor is kept: an output outside the graph, lest node and tensor hold each other."""
    if x is None:
        return None, 0, None
    nr = next((nr for nr, output in enumerate(outputs) if output is x), None)
    return (x if nr is None else alias(x)), x._counter[0], nr


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """A backward whose result cannot be differentiated again. Mirrors torch.autograd.function.once_differentiable."""

    @functools.wraps(backward)
    def wrapper(ctx: Any, *grads: Any) -> Any:
        with no_grad():
            results = backward(ctx, *grads)
        if not (modes.mode.enabled and any(isinstance(g, TensorBase) and g.requires_grad for g in grads)):
            return results
        several = isinstance(results, tuple)
        fixed = tuple([r if r is None else alias(r, (NotTwice(r), 0)) for r in (results if several else (results,))])
        return fixed if several else fixed[0]

    return wrapper


class NotTwice(Node):
    """Where a second derivative of a `once_differentiable` function would come by."""

    def __init__(self, grad: TensorBase) -> None:
        self.edges = []
        self._shape, self._dtype = grad.array.shape, grad.array.dtype
        self.sequence_nr = next(sequence_numbers)

    def backward(self, grad: Any, wanted: list[bool] | None, create_graph: bool) -> list[Any]:
        raise RuntimeError("trying to differentiate twice a function that was marked with @once_differentiable")
