"""Operations in place, also on views. Mirrors PyTorch's rebasing of history: CopySlices, and the AsStridedBackward0 of views.

`x.mul_(y)` runs the same rule as `x * y`, writes the result into x's memory, counts a new version, and moves x to the end of
the graph: its edge now leads to the new node. If x is a view, its base moves instead, to a CopySlices node that applies the
rule to a slice of the base's gradient; x, and every other view of that memory, finds its new place when next asked for it.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from .. import dtypes
from . import variable
from .grad_mode import modes
from .node import Edge, Node, sequence_numbers
from .rule import Rule, on, record
from .saving import operation
from .variable import TensorBase, alias, counter, gradient_edge


def inplace(rule: type[Rule], target: Any, *others: Any, **settings: Any) -> Any:
    """Run `rule` on (target, *others), write the result into target, and return target."""
    inputs = (target, *others)
    recording = modes.mode.enabled and rule.differentiable and any([x.requires_grad for x in inputs])
    check_may_change(target, recording)
    result = np.asarray(modes.mode.quietly(rule.forward, *[x.array for x in inputs], **settings))
    check_fits(result, target.array)
    if not recording:
        target.array[...] = result
        counter(target)[0] += 1
        return target

    # The old value, at its old place in the graph; a copy of it, in case the gradient rules want to see it.
    old = alias(target, gradient_edge(target) if target.requires_grad else None, array=target.array.copy())
    old._counter = [0]
    base = target._base
    base_edge = gradient_edge(base) if base is not None and base._requires_grad else None
    target.array[...] = result
    counter(target)[0] += 1
    changed = alias(target)
    node = record(rule, (old, *others), changed, settings)
    if base is None:
        target._edge, target._requires_grad = changed._edge, True
        if target._retains_grad is not None:  # it is the gradient of the new value that will be kept
            target._retains_grad.remove()
            target._retains_grad = None
            target.retain_grad()
    else:
        base._edge, base._requires_grad = (CopySlices(node, base_edge, base, positions(base.array, target.array)), 0), True
        variable.refresh_view(target)
    return target


def check_may_change(target: TensorBase, recording: bool) -> None:
    """PyTorch's refusals to change a tensor in place, before anything was written."""
    if not target.array.flags.writeable:
        raise RuntimeError(
            "unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please "
            "clone() the tensor before performing the operation."
        )
    if target.is_inference() and not modes.mode.inference and (recording or modes.mode.enabled):
        raise RuntimeError(
            "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal "
            "tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details."
        )
    if not (modes.mode.enabled and (recording or target.requires_grad)):
        return
    base = target._base
    if base is not None:
        if target._view_note == "multi":
            assert target._edge is not None
            node, nr = target._edge
            raise RuntimeError(
                f"Output {nr} of {operation(node)} is a view and is being modified inplace. This view is the output of a function "
                "that returns multiple views. Such functions do not allow the output views to be modified inplace. You should "
                "replace the inplace operation by an out-of-place one."
            )
        if base._requires_grad and base._edge is None:
            raise RuntimeError("a view of a leaf Variable that requires grad is being used in an in-place operation.")
        if target._view_note == "no_grad":
            raise RuntimeError(
                "A view was created in no_grad mode and is being modified inplace with grad mode enabled. Given that this use "
                "case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the "
                "inplace either both inside the no_grad block (if you don't want the inplace to be tracked) or both outside "
                "(if you want the inplace to be tracked)."
            )
    if target.requires_grad and target._edge is None:  # also a view that has not been asked for its place in the graph yet
        raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")


def check_fits(result: np.ndarray, target: np.ndarray) -> None:
    """A result goes into memory of its own shape, and of a kind of number that holds it."""
    if result.shape != target.shape:
        raise RuntimeError(
            f"output with shape {list(target.shape)} doesn't match the broadcast shape {list(result.shape)}"
        )
    source, goal = dtypes.of_array(result), dtypes.of_array(target)
    if not dtypes.can_cast(source, goal):
        raise RuntimeError(
            f"result type {source.scalar_name} can't be cast to the desired output type {goal.scalar_name}"
        )


def positions(base: np.ndarray, view: np.ndarray) -> np.ndarray:
    """For each element of a view, its position in the flattened base.

    The memory is numbered as the base sees it, and the numbers are read as the view sees it, whatever the strides of both.
    """
    item = base.itemsize
    reach = [(n - 1) * s for n, s in zip(base.shape, base.strides)]
    first = sum(r for r in reach if r < 0)
    numbers = np.empty((sum(map(abs, reach)) // item) + 1, np.intp)

    def seen_as(array: np.ndarray) -> np.ndarray:
        start = (address(array) - address(base) - first) // item
        strides = [s // item * numbers.itemsize for s in array.strides]
        return np.lib.stride_tricks.as_strided(numbers[start:], array.shape, strides)

    if view.size == 0:
        return np.empty(view.shape, np.intp)
    seen_as(base)[...] = np.arange(base.size).reshape(base.shape)
    return np.ascontiguousarray(seen_as(view))


def address(array: np.ndarray) -> int:
    return array.__array_interface__["data"][0]


class AsStrided(Rule):
    """The elements of x at some positions of its memory: how a view is found again after that memory was changed."""

    def forward(x, *, at):
        return x.reshape(-1)[at]

    def grad_x(grad, at, x_shape):
        return on(AsStridedScatter, grad, at=at, shape=x_shape)


class AsStridedScatter(Rule):
    """Zeros of a shape, with x added at some positions."""

    def forward(x, *, at, shape):
        total = np.zeros(shape, x.dtype)
        np.add.at(total.reshape(-1), at, x)
        return total

    def grad_x(grad, at):
        return on(AsStrided, grad, at=at)


class SliceScatter(Rule):
    """A copy of `a` with `b` written at some positions."""

    def forward(a, b, *, at):
        result = np.array(a)
        result.reshape(-1)[at] = b
        return result

    def grad_a(grad, at):
        return on(SliceScatter, grad, np.zeros(at.shape), at=at)

    def grad_b(grad, at):
        return on(AsStrided, grad, at=at)


class CopySlices(Node):
    """An operation in place on a view, seen from the view's base: one slice of the gradient goes through the operation."""

    __slots__ = ("inner", "at")

    def __init__(self, inner: Rule, base_edge: Edge | None, base: TensorBase, at: np.ndarray) -> None:
        self.inner = inner
        self.at = at
        self.edges = (base_edge, *inner.edges[1:])
        self._shape, self._dtype = base.array.shape, base.array.dtype
        self.sequence_nr = next(sequence_numbers)

    def name(self) -> str:
        return "torch::autograd::CopySlices"

    def backward(self, grad: Any, wanted: list[bool] | None, create_graph: bool) -> list[Any]:
        results = self.inner.backward(on(AsStrided, grad, at=self.at), wanted, create_graph)
        if self.edges[0] is not None:
            into_slice = results[0]
            if into_slice is None:  # the view itself needed no gradient, the rest of its base does
                into_slice = np.zeros(self.at.shape, self._dtype)
            results[0] = on(SliceScatter, grad, into_slice, at=self.at)
        return results

    @property
    def _saved(self) -> Any:
        return self.inner._saved

    @_saved.setter
    def _saved(self, saved: Any) -> None:
        self.inner._saved = saved


def refresh_view(view: TensorBase) -> None:
    """The memory behind a view was changed: the view's value now comes from whatever its base is."""
    base = view._base
    assert base is not None
    view._seen_version = view._counter[0]
    if base._requires_grad and view.array.dtype.kind == "f":
        record(AsStrided, (base,), view, {"at": positions(base.array, view.array)})


variable.refresh_view = refresh_view
