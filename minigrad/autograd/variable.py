"""What the graph knows of a tensor: its array, its place in the graph, its gradient, its version.

`TensorBase` is the part of `minigrad.Tensor` that differentiation needs; the class Tensor, a floor above, adds the operations.
Mirrors torch.Tensor's autograd attributes.
"""
from __future__ import annotations

import warnings
from collections.abc import Callable
from sys import getrefcount
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from .. import dtypes
from .grad_mode import modes
from .node import Edge, Node, RemovableHandle, add_hook

if TYPE_CHECKING:
    from ..tensor import Tensor

_new = object.__new__
UNCOUNTED: Any = [float("-inf")]  # the version counter of all inference tensors: no change in place changes it
UNCHANGED: Any = (0,)  # that of all tensors that were never changed in place, nor share their memory with another tensor

# Two things from the floors above, which put them here: the class of what operations return (tensor.py), and what finds a changed
# view's new place in the graph (inplace.py).
tensor_type: type[Tensor] = None  # type: ignore[assignment]
refresh_view: Callable[[TensorBase], None] = None  # type: ignore[assignment]


class TensorBase:
    """A NumPy array, and its place in the graph.

    A tensor that requires a gradient either was made by a recorded operation, and has an edge to its node, or is a leaf,
    and its gradient is kept in `grad`.
    """

    __slots__ = ("array", "_requires_grad", "_edge", "_counter", "_base", "_seen_version", "_view_note", "__dict__", "__weakref__")
    array: np.ndarray
    _requires_grad: bool
    _edge: Edge | None  # (node that made it, which of its outputs)
    _counter: list[int]  # counts changes in place; one list for all tensors that share memory. Ask `counter` for one to keep or change
    _base: Tensor | None  # of a view: the tensor whose memory it shows
    _seen_version: int  # of a view: the version of that memory when _edge was made
    _view_note: str | None  # of a view: why it may not be changed in place under grad, if it may not

    # Rarely set, so kept in the instance's __dict__, over these defaults.
    _grad: Tensor | None = None
    _hooks: dict[int, tuple[int, Callable]] | None = None
    _post_accumulate_hooks: dict[int, Callable] | None = None
    _accumulator: Any = None  # a weak reference to this leaf's AccumulateGrad
    hooked = False
    _retains_grad: RemovableHandle | None = None
    name: str | None = None

    # ---- its place in the graph

    @property
    def grad_fn(self) -> Node | None:
        """The node that made this tensor; None for a leaf."""
        if self._base is not None and self._seen_version != self._counter[0]:
            refresh_view(self)
        return None if self._edge is None else self._edge[0]

    @property
    def output_nr(self) -> int:
        return 0 if self._edge is None else self._edge[1]

    @property
    def is_leaf(self) -> bool:
        """True for a tensor that no recorded operation made."""
        return self.grad_fn is None

    @property
    def requires_grad(self) -> bool:
        """Whether operations on this tensor are recorded: always for a view of a tensor that requires it, if it holds floats.

        Only a leaf's may be changed.
        """
        return self._requires_grad or (self._base is not None and self._base._requires_grad)

    @requires_grad.setter
    def requires_grad(self, flag: bool) -> None:
        if self._edge is not None:
            if flag:
                return
            raise RuntimeError(
                "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a "
                "subgraph that doesn't require differentiation use var_no_grad = var.detach()."
            )
        if flag and self.array.dtype.kind != "f":
            raise RuntimeError("only Tensors of floating point dtype can require gradients")
        if flag and self.is_inference() and not modes.mode.inference:
            raise RuntimeError("Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.")
        self._requires_grad = bool(flag)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Set `requires_grad` in place, and return the tensor."""
        self.requires_grad = requires_grad
        return self  # type: ignore[return-value]

    @property
    def _version(self) -> int:
        """How often this memory was changed in place."""
        if self.is_inference():
            raise RuntimeError("Inference tensors do not track version counter.")
        return self._counter[0]

    def is_inference(self) -> bool:
        """Whether the tensor was made in inference mode, and so can never enter a graph."""
        return self._counter is UNCOUNTED

    # ---- its gradient

    @property
    def grad(self) -> Tensor | None:
        """The gradient that `backward()` accumulated here: of leaves, and of tensors that asked with `retain_grad()`."""
        if self._grad is None and self._edge is not None and self._requires_grad and self._retains_grad is None:
            warnings.warn(
                "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't be "
                "populated during autograd.backward(). If you indeed want the .grad field to be populated for a non-leaf "
                "Tensor, use .retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure "
                "you access the leaf Tensor instead. See github.com/pytorch/pytorch/pull/30531 for more information.",
                stacklevel=2,
            )
        return self._grad

    @grad.setter
    def grad(self, grad: Tensor | None) -> None:
        if grad is not None:
            if not isinstance(grad, TensorBase):
                raise TypeError(f"assigned grad expected to be a Tensor or None but got grad of type {type(grad).__name__}")
            if grad is self:
                raise RuntimeError("can't assign Variable as its own grad")
            if grad.array.shape != self.array.shape:
                raise RuntimeError(
                    f"attempting to assign a gradient of size '{list(grad.array.shape)}' to a tensor of size "
                    f"'{list(self.array.shape)}'. Please ensure that the gradient and the tensor are the same size"
                )
            if grad.array.dtype != self.array.dtype:
                raise RuntimeError(
                    f"attempting to assign a gradient with dtype '{dtypes.of_array(grad.array).c_name}' to a tensor with "
                    f"grad_dtype '{dtypes.of_array(self.array).scalar_name}'. The gradient must match the tensor's grad_dtype "
                    "(defaults to the tensor's dtype). You can set the tensor's grad_dtype attribute with a specific dtype, or "
                    "None to allow any dtype. Set grad_dtype with caution. Diverging the dtypes of a tensor and its gradient "
                    "may break downstream systems that assume they match."
                )
        self._grad = grad

    @grad.deleter
    def grad(self) -> None:
        self._grad = None

    @property
    def retains_grad(self) -> bool:
        """Whether this tensor is not a leaf, and keeps its gradient all the same."""
        return self._retains_grad is not None

    def retain_grad(self) -> None:
        """Keep the gradient of this tensor in `grad` even though it is not a leaf. On a leaf this does nothing."""
        if not self.requires_grad:
            raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
        node = self.grad_fn
        if node is None or self._retains_grad:
            return
        keeper = ref(self)

        def keep(grad: Tensor) -> None:
            tensor = keeper()
            if tensor is not None:
                tensor._grad = grad.clone() if tensor._grad is None else tensor._grad + grad

        self._retains_grad = add_hook(node, "retain_grad_hooks", (self.output_nr, keep))

    def register_hook(self, hook: Callable) -> RemovableHandle:
        """Call `hook(grad)` whenever the gradient of this tensor is known; what it returns, if not None, replaces it."""
        if not self.requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        node = self.grad_fn
        if node is None:
            accumulator = self._accumulator and self._accumulator()
            if accumulator:
                accumulator.hooked = True
            return add_hook(self, "_hooks", (0, hook))
        return add_hook(node, "tensor_pre_hooks", (self.output_nr, hook))

    def register_post_accumulate_grad_hook(self, hook: Callable) -> RemovableHandle:
        """Call `hook(leaf)` after a gradient was accumulated into `leaf.grad`."""
        if not self.requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        if self.grad_fn is not None:
            raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
        return add_hook(self, "_post_accumulate_hooks", hook)


class AccumulateGrad(Node):
    """Where backward ends: adds what arrives to the `grad` of a leaf. It runs before every other node that is ready."""

    __slots__ = ("variable",)
    variable: Tensor
    edges = ()
    sequence_nr = 2**64 - 1

    def __init__(self, variable: Tensor) -> None:
        self.variable, array = variable, variable.array
        if variable.hooked:
            self.hooked = True
        self._shape, self._dtype = array.shape, array.dtype

    def name(self) -> str:
        return "torch::autograd::AccumulateGrad"

    @property
    def tensor_pre_hooks(self) -> Any:  # type: ignore[override]
        return self.variable._hooks

    def keepable(self, grad: np.ndarray, shared: bool) -> np.ndarray:
        """A gradient that the leaf may keep: a copy, if others may see this memory, or it lies in another order than the leaf's.

        As in PyTorch, references are counted: a view is its memory's only holder if there is no other reference than its own.
        """
        leaf = self.variable
        if leaf._grad is not None:  # to which it will be added
            return grad
        if not shared and (grad.base is None or getrefcount(grad.base) == 2) and grad.strides == leaf.array.strides:
            return grad
        copy = np.empty_like(leaf.array)
        copy[...] = grad
        return copy

    def backward(self, grad: Any, wanted: list[bool] | None, create_graph: bool) -> list[Any]:
        """What arrived becomes the leaf's gradient, or is added to it: in place, unless that sum shall be differentiable."""
        leaf = self.variable
        before = leaf._grad
        if grad is None:
            return []
        if create_graph:
            leaf._grad = grad.clone() if before is None else before + grad
        elif before is None:
            leaf._grad = wrap(grad if grad.__class__ is np.ndarray else np.asarray(grad))
        else:
            before.array += grad
            counter(before)[0] += 1
        if leaf._post_accumulate_hooks:
            for hook in list(leaf._post_accumulate_hooks.values()):
                hook(leaf)
        return []


# ---- making tensors


def wrap(array: np.ndarray) -> Tensor:
    """A tensor over `array`, without a copy; it requires no gradient."""
    tensor = _new(tensor_type)
    tensor.array = array
    tensor._requires_grad = False
    tensor._edge = tensor._base = None
    tensor._counter = UNCHANGED
    return tensor


def counter(tensor: TensorBase) -> list[int]:
    """The tensor's version counter, to be shared, or to count. (Most tensors never need one of their own.)"""
    if tensor._counter is UNCHANGED:
        tensor._counter = [0]
    return tensor._counter


def alias(tensor: TensorBase, edge: Edge | None = None, array: np.ndarray | None = None) -> Tensor:
    """Another tensor over the same memory and version counter, at another place in the graph (by default at none).

    With `array`, a twin that holds that, a converted copy or another view, and still notices when the original changes.
    """
    twin = _new(tensor_type)
    twin.array = tensor.array if array is None else array
    twin._requires_grad = edge is not None
    twin._edge = edge
    twin._base = None
    twin._counter = counter(tensor)
    return twin


def mark_view(output: TensorBase, source: Any, recording: bool) -> None:
    """Tie a view to the tensor whose memory it shows, if it does show it (reshape, for one, may have to copy)."""
    array, owner = output.array, source.array
    if array.base is not None and (array.base is owner or array.base is owner.base):
        output._base = source if source._base is None else source._base
        output._counter = counter(source)
        output._seen_version = source._counter[0]
        output._view_note = None if recording else "no_grad"


def gradient_edge(tensor: TensorBase) -> Edge:
    """Where the gradient of a tensor that requires one goes: its node, or for a leaf its AccumulateGrad.

    The leaf knows its AccumulateGrad weakly, the graph strongly: the leaf's memory outlives no graph, and has no cycle.
    """
    if tensor._base is not None and tensor._seen_version != tensor._counter[0]:
        refresh_view(tensor)
    edge = tensor._edge
    if edge is not None:
        return edge
    accumulator = tensor._accumulator
    node = None if accumulator is None else accumulator()
    if node is None:
        node = AccumulateGrad(tensor)  # type: ignore[arg-type]
        tensor._accumulator = ref(node)
    return node, 0
