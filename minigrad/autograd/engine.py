"""backward(): the walk through the graph. Mirrors torch.autograd.backward and torch.autograd.grad, and PyTorch's order.

PyTorch keeps a queue of nodes whose gradient is complete, and takes from it the one recorded last (highest sequence number).
A node is numbered higher than the nodes that made its inputs, so of all nodes still to run the highest-numbered one is always
complete: PyTorch's order is the nodes sorted by number. Only AccumulateGrad stands outside (its number is 2^64 - 1): it runs at
once when its last gradient has arrived.

Nothing here recurses, so depth is limited by memory alone.
"""
from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from .grad_mode import modes, quiet
from .node import Edge, Node
from .onlookers import onlookers
from .variable import AccumulateGrad, TensorBase, gradient_edge, wrap

if TYPE_CHECKING:
    from ..tensor import Tensor

by_sequence_nr = attrgetter("sequence_nr")


def run(
    roots: list[Edge], seeds: list[Any], keep_graph: bool, create_graph: bool, inputs: list[Edge] | None, accumulate: bool
) -> dict[Edge, Any]:
    """Send the gradients of the roots (`seeds`) through the graph, and return those captured at `inputs`.

    With `inputs`, only what leads to them runs, and with `accumulate` they run too: leaves then get their `.grad`. Gradients are
    ndarrays, or Tensors when `create_graph`.
    """
    order, waiting = collect(GraphRoot(roots, seeds))
    # For each node, what has arrived so far: the gradient of its output, or of several outputs a dict by their numbers.
    arriving: dict[Any, Any] = {order[0]: seeds}
    watch = Watch(order, inputs, accumulate) if inputs is not None else None

    for onlooker in onlookers:
        onlooker.starts(roots, seeds, order)
    watched = bool(onlookers)
    plain = watch is None and not watched  # then a node without hooks is simply run
    complete: tuple[Any, ...] = ()  # leaves whose last gradient has arrived
    came_in: tuple[int, ...]  # the identities of what a node was given
    for node in order:
        grad = arriving.pop(node, None)
        if grad is None:  # nothing came: its consumers had no gradient for it, or none was wanted
            results, came_in = [None] * len(node.edges), ()
        else:
            came_in = (id(grad),) if grad.__class__ is not dict else tuple(map(id, grad.values()))
            if plain and not node.hooked:
                results = node.backward(grad, None, create_graph)
                if node._saved and not keep_graph:
                    node._saved = None
            else:
                results = evaluate(node, grad, keep_graph, create_graph, watch)
        # Add the results to what has arrived where they go, as old + new.
        i = -1
        for edge in node.edges:
            i += 1  # (enumerate would take twice as long as the rest of the loop's head)
            if edge is None:
                continue
            child, nr = edge
            is_leaf = child.__class__ is AccumulateGrad
            grad = results[i]  # and no more what came in: so a leaf can tell whether it alone holds a view of that memory
            if grad is not None:
                slots, place = arriving, child
                if grad.shape != child._shape or grad.dtype is not child._dtype:  # as always where the child has several outputs
                    grad = fit(grad, child, nr, node, i)
                    if child._dtype.__class__ is tuple:
                        slots, place = arriving.setdefault(child, {}), nr
                before = slots.get(place)
                if before is None:
                    if is_leaf and not create_graph:
                        grad = child.keepable(grad, id(grad) in came_in)
                    slots[place] = grad
                else:
                    slots[place] = before + grad
                if watched:
                    for onlooker in onlookers:
                        onlooker.sent(node, i, grad, before, slots[place])
            if is_leaf:
                waiting[child] = missing = waiting[child] - 1
                if not missing and child in arriving:
                    complete += (child,)
        if complete:
            for leaf in complete if len(complete) < 3 else in_queue_order(complete):
                if plain and not leaf.hooked:
                    leaf.backward(arriving.pop(leaf), None, create_graph)
                else:
                    evaluate(leaf, arriving.pop(leaf), keep_graph, create_graph, watch)
            complete = ()
    for onlooker in onlookers:
        onlooker.ends()
    return watch.captured if watch else {}


def evaluate(node: Node, arrived: Any, keep_graph: bool, create_graph: bool, watch: Watch | None) -> list[Any]:
    """Run a node on what has arrived: its hooks, its rules, and the release of what it saved. Onlookers are told."""
    has_several = node._dtype.__class__ is tuple
    grads = [arrived.get(nr) for nr in range(len(node._dtype))] if has_several else [arrived]
    unhooked = grads
    if node.hooked:
        grads = call_pre_hooks(node, grads, create_graph)
        arrived = dict(enumerate(grads)) if has_several else grads[0]
        for onlooker in onlookers:
            onlooker.hooked(node, "pre", unhooked, grads)
    wanted = None
    if watch is not None:
        watch.capture(node, unhooked, grads)
        if node not in watch.needed:
            return [None] * len(node.edges)
        wanted = watch.wanted(node)
    for onlooker in onlookers:
        onlooker.called(node, grads)
    results = node.backward(arrived, wanted, create_graph)
    for onlooker in onlookers:
        onlooker.returned(node, results)
    if node.hooked and node.post_hooks:
        unhooked, results = results, call_post_hooks(node, results, grads, create_graph)
        for onlooker in onlookers:
            onlooker.hooked(node, "post", unhooked, results)
    if not keep_graph:
        if node._saved:
            node._saved = None
        for onlooker in onlookers:
            onlooker.released(node)
    return results


class GraphRoot(Node):
    """Where the walk starts: the consumer of all roots."""

    __slots__ = ("seeds",)
    sequence_nr = 2**64
    _dtype = None

    def __init__(self, edges: list[Edge], seeds: list[Any]) -> None:
        self.edges, self.seeds = edges, seeds

    def backward(self, grad: Any, wanted: list[bool] | None, create_graph: bool) -> list[Any]:
        return self.seeds


class Watch:
    """What a walk to given inputs does beside the walk: it leaves out what leads nowhere, and captures gradients on the way."""

    def __init__(self, order: list[Node], inputs: list[Edge], accumulate: bool) -> None:
        self.goals = {node for node, _ in inputs}
        self.captured: dict[Edge, Any] = dict.fromkeys(inputs)
        self.needed = leads_to(self.goals, order)
        if accumulate:
            self.needed |= self.goals

    def capture(self, node: Node, unhooked: list[Any], grads: list[Any]) -> None:
        """PyTorch lets hooks change a captured gradient only where the walk ends."""
        if node in self.goals:
            seen = unhooked if node in self.needed else grads
            self.captured.update({(node, nr): g for nr, g in enumerate(seen) if (node, nr) in self.captured})

    def wanted(self, node: Node) -> list[bool]:
        """Which inputs of the node need their gradient."""
        return [edge is not None and (edge[0] in self.needed or edge[0] in self.goals) for edge in node.edges]


def in_queue_order(leaves: Iterable[Any]) -> list[Any]:
    """The order in which PyTorch's heap returns entries of equal rank: first, last but one, ... as its sift-down leaves them."""
    heap, order = list(leaves), []
    while heap:
        order.append(heap[0])
        last = heap.pop()
        hole, n = 0, len(heap)
        while 2 * hole + 2 < n:  # of equal children the right one moves up
            heap[hole] = heap[2 * hole + 2]
            hole = 2 * hole + 2
        if 2 * hole + 1 < n:
            heap[hole] = heap[2 * hole + 1]
            hole = 2 * hole + 1
        if n:
            heap[hole] = last
    return order


def collect(root: Node) -> tuple[list[Node], dict[Node, int]]:
    """The nodes behind the root in the order in which they will run, and for each leaf how many gradients it waits for."""
    order = [root]
    waiting: dict[Node, int] = {}
    seen: set[Node] = set()
    for node in order:  # which grows on the way
        for edge in node.edges:
            if edge is not None:
                child = edge[0]
                if child.__class__ is AccumulateGrad:
                    waiting[child] = waiting.get(child, 0) + 1
                elif child not in seen:
                    seen.add(child)
                    order.append(child)
    order.sort(key=by_sequence_nr, reverse=True)
    return order, waiting


def leads_to(goals: set[Node], order: list[Node]) -> set[Node]:
    """The nodes from which a gradient can reach one of the goals."""
    found: set[Node] = set()
    for node in reversed(order):
        for edge in node.edges:
            if edge is not None and (edge[0] in found or edge[0] in goals):
                found.add(node)
                break
    return found


def fit(grad: Any, child: Node, nr: int, source: Node, i: int) -> Any:
    """A gradient in the shape and dtype of the output that it is the gradient of: here, and only here, broadcasting is summed out."""
    shape, dtype = (child._shape[nr], child._dtype[nr]) if child._dtype.__class__ is tuple else (child._shape, child._dtype)
    given = grad.shape
    if given != shape:
        extra = len(given) - len(shape)
        if extra == 1 and shape == given[1:] and len(shape) == 1 and grad.__class__ is np.ndarray and dtype.kind == "f":
            grad = ones(given[0], grad.dtype).dot(grad)  # for a bias: as a product it takes a third of the time
            if grad.dtype is dtype:
                return grad
        else:
            if extra < 0 or any([n not in (1, m) for n, m in zip(shape, given[extra:])]):
                raise RuntimeError(
                    f"Function {source.name()} returned an invalid gradient at index {i} - got {list(grad.shape)} but expected shape "
                    f"compatible with {list(shape)}"
                )
            stretched = tuple([d for d, n in enumerate(shape, extra) if n == 1 and given[d] != 1])
            if stretched:
                grad = np.add.reduce(grad, axis=stretched, keepdims=True)
            if extra:
                grad = np.add.reduce(grad, axis=tuple(range(extra)))
    if isinstance(grad, TensorBase):
        return grad if grad.array.dtype == dtype else grad.to(dtypes.of_numpy(dtype))  # type: ignore[attr-defined]
    return grad if grad.dtype is dtype else grad.astype(dtype, copy=False)


@lru_cache(maxsize=16)
def ones(size: int, dtype: np.dtype) -> np.ndarray:
    return np.ones(size, dtype)


# ---- hooks see Tensors, whatever the engine computes with


def as_tensor(grad: Any) -> Tensor | None:
    return grad if grad is None or isinstance(grad, TensorBase) else wrap(np.asarray(grad))  # type: ignore[return-value]


def from_tensor(grad: Any, create_graph: bool) -> Any:
    return grad if grad is None or create_graph else grad.array


def call_pre_hooks(node: Node, grads: list[Any], create_graph: bool) -> list[Any]:
    """Hooks on the node's outputs, in their order, then those that retain a gradient, then those on the node."""
    tensors = [as_tensor(grad) for grad in grads]
    for hooks in (node.tensor_pre_hooks, node.retain_grad_hooks):
        for nr, hook in list((hooks or {}).values()):
            if tensors[nr] is not None:
                tensors[nr] = replaced(tensors[nr], hook(tensors[nr]), hook)
    for hook in list((node.pre_hooks or {}).values()):
        changed = hook(tuple(tensors))
        if changed is not None:
            tensors = list(changed) if isinstance(changed, (tuple, list)) else [changed]
    return [from_tensor(tensor, create_graph) for tensor in tensors]


def call_post_hooks(node: Node, results: list[Any], grads: list[Any], create_graph: bool) -> list[Any]:
    """Hooks on the node, with the gradients of its inputs and of its outputs."""
    inputs = tuple([as_tensor(grad) for grad in results])
    for hook in list((node.post_hooks or {}).values()):
        changed = hook(inputs, tuple([as_tensor(grad) for grad in grads]))
        if changed is not None:
            inputs = tuple(changed) if isinstance(changed, (tuple, list)) else (changed,)
            if len(inputs) != len(results):
                raise RuntimeError(f"hook returned {len(inputs)} gradients, but {len(results)} were expected")
    return [from_tensor(tensor, create_graph) for tensor in inputs]


def replaced(grad: Any, new: Any, hook: Any) -> Any:
    """What a hook on a tensor returned, if it may stand for the gradient."""
    if new is None:
        return grad
    if not isinstance(new, TensorBase):
        raise TypeError(f"expected Variable, but hook returned '{type(new).__name__}'")
    if new.array.shape != grad.array.shape:
        raise RuntimeError(f"hook '{getattr(hook, '__name__', hook)}' has changed the size of value")
    return new


# ---- the public functions


def backward(
    tensors: Any, grad_tensors: Any = None, retain_graph: bool | None = None, create_graph: bool = False, inputs: Any = None
) -> None:
    """Add the gradient of `tensors` to the `.grad` of the leaves they were computed from. Mirrors torch.autograd.backward.

    `grad_tensors` are the vectors of the vector-Jacobian product, one per tensor; a scalar's may be left out. With `inputs`, only
    those tensors get their gradient.
    """
    tensors = as_tuple(tensors)
    if inputs is not None:
        inputs = as_tuple(inputs)
        if not inputs:
            raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
    if create_graph:
        warnings.warn(
            "Using backward() with create_graph=True will create a reference cycle between the parameter and its gradient which can "
            "cause a memory leak. We recommend using autograd.grad when creating the graph to avoid this. If you have to use this "
            "function, make sure to reset the .grad fields of your parameters to None after use to break the cycle and avoid the leak.",
            stacklevel=3,
        )
    execute(tensors, as_tuple(grad_tensors, len(tensors)), retain_graph, create_graph, inputs, accumulate=True)


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor | None, ...]:
    """The gradients of `outputs` with respect to `inputs`, returned rather than accumulated. Mirrors torch.autograd.grad."""
    if is_grads_batched:
        raise NotImplementedError("is_grads_batched=True needs vmap, which minigrad does not have; call grad once per row")
    if materialize_grads and allow_unused is False:
        raise ValueError("Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False.")
    allow_unused = materialize_grads if allow_unused is None else allow_unused
    outputs, inputs = as_tuple(outputs), as_tuple(inputs)
    found = execute(outputs, as_tuple(grad_outputs, len(outputs)), retain_graph, create_graph, inputs, accumulate=False)
    unused = next((i for i, g in enumerate(found) if g is None), None)
    if not allow_unused and unused is not None:
        raise RuntimeError(
            f"The differentiated Tensor at index {unused} appears to not have been used in the graph. Set allow_unused=True if this is the "
            "desired behavior."
        )
    if materialize_grads:
        found = [wrap(np.zeros_like(x.array)) if g is None else g for x, g in zip(inputs, found)]
    return tuple(found)


def execute(
    tensors: Sequence[Any], grads: Sequence[Any], retain_graph: bool | None, create_graph: bool, inputs: Any, accumulate: bool
) -> list[Any]:
    """Check the request, run it, and return the gradients at `inputs`."""
    for gradient in grads:
        if gradient is not None and not isinstance(gradient, TensorBase):
            raise TypeError(f"gradients can be either Tensors or None, but got {type(gradient).__name__}")
    if len(grads) != len(tensors):
        raise RuntimeError(f"got {len(tensors)} tensors and {len(grads)} gradients")
    seeds, roots, edges = [], [], None
    for i, tensor in enumerate(tensors):
        seeds.append(seed(tensor, grads[i], i, create_graph))
        roots.append(gradient_edge(tensor))
    if inputs is not None:
        for x in inputs:
            if not x.requires_grad:
                raise RuntimeError("One of the differentiated Tensors does not require grad")
            if accumulate and x.grad_fn is not None:
                x.retain_grad()
        edges = [gradient_edge(x) for x in inputs]
    mode = modes.mode
    before, mode.enabled = mode.enabled, create_graph
    try:
        keep = create_graph if retain_graph is None else retain_graph
        with quiet():
            captured = run(roots, seeds, keep, create_graph, edges, accumulate)
    finally:
        mode.enabled = before
    return [as_tensor(captured[edge]) for edge in edges] if edges else []


def seed(tensor: Any, gradient: Any, i: int, create_graph: bool) -> Any:
    """What backward starts with at a tensor: ones for a scalar, the given vector otherwise."""
    if not tensor.requires_grad:
        raise RuntimeError(f"element {i} of tensors does not require grad and does not have a grad_fn")
    array = tensor.array
    if gradient is None:
        if array.size != 1:
            raise RuntimeError("grad can be implicitly created only for scalar outputs")
        one = array.copy()
        one.fill(1)
        return wrap(one) if create_graph else one
    if gradient.array.shape != array.shape:
        raise RuntimeError(
            f"Mismatch in shape: grad_output[{i}] has a shape of {gradient.shape} and output[{i}] has a shape of "
            f"{tensor.shape}."
        )
    return gradient if create_graph else gradient.array


def as_tuple(x: Any, length: int = 0) -> tuple:
    if x is None:
        return (None,) * length
    return (x,) if isinstance(x, TensorBase) else tuple(x)
