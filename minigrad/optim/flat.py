"""Many parameters as one: their gradients, and what an optimizer remembers of them, end to end in flat buffers.

A NumPy call costs more than the arithmetic on a small layer, so an update is a dozen calls on everything at once rather
than a dozen per parameter. Updates are elementwise: flat or not, every number comes out the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate, pairwise
from operator import is_
from types import NoneType
from typing import Any

import numpy as np

from .. import dtypes
from ..autograd import wrap
from ..tensor import Tensor
from .arithmetic import Array, add_

CHUNK = 1 << 15  # elements; so few that the arrays of an update stay in the processor's cache from one call to the next

State = Mapping[Tensor, dict[str, Any]]


class Flat:
    """A buffer for the gradients of parameters of one dtype, and one like it for each kind of state in `names`.

    The state's tensors become views into these buffers. Users may replace them, or a parameter's data, at any time:
    `holds` tells whether all is still in its place; if not, a new Flat moves it in again.
    """

    def __init__(self, params: list[Tensor], names: tuple[str, ...], state: State) -> None:
        self.params = params
        self.names = names
        self.arrays = [p.array for p in params]
        self.shapes = [array.shape for array in self.arrays]
        self.bounds = [0, *accumulate([array.size for array in self.arrays])]
        self.dtype = self.arrays[0].dtype
        shaped = [name for name in names if name != "step"]
        kind = type(self.arrays[0])  # a subclass of ndarray computes in its own way
        self.grad, self.scratch, *buffers = aligned(2 + len(shaped), self.bounds[-1], self.dtype).view(kind)
        self.buffers = dict(zip(shaped, buffers, strict=True))
        self.steps = np.zeros(len(params), dtypes.get_default_dtype().numpy).view(kind)  # how many updates each parameter has had
        self.one = np.ones((), self.steps.dtype)
        self.version = [0]  # of the state's tensors: views of one memory count its changes together
        self.numbers = np.empty(8, self.dtype)
        self.zero_d = tuple(self.numbers[i, ...] for i in range(8))
        self.stretches: dict[tuple[int, int], Span] = {}
        self.places = self._move_in(state)

    def views(self, buffer: Array) -> list[Array]:
        """Each parameter's part of a buffer, in the parameter's shape."""
        if buffer is self.steps:
            return [buffer[i, ...] for i in range(len(self.params))]
        return [buffer[a:b].reshape(shape) for (a, b), shape in zip(pairwise(self.bounds), self.shapes, strict=True)]

    def _move_in(self, state: State) -> list[Array]:
        """Copy the state there is into the buffers, and let its tensors show them; begin the state there is not."""
        if not self.names:
            return []
        views = zip(*[self.views(self.buffers.get(name, self.steps)) for name in self.names], strict=True)
        places = [dict(zip(self.names, views_of_one, strict=True)) for views_of_one in views]
        for i, p in enumerate(self.params):
            if has_begun(state[p], self.names):
                self.steps[i] = 1
                for name, place in places[i].items():
                    place[...] = _fitting(state[p][name], name, place)
        for p, own in zip(self.params, places, strict=True):
            for name, place in own.items():
                if not isinstance(state[p].get(name), Tensor):
                    state[p][name] = wrap(place)
                state[p][name].array, state[p][name]._counter = place, self.version
        return [place for own in places for place in own.values()]

    def holds(self, params: list[Tensor], names: tuple[str, ...], state: State) -> bool:
        """Whether these are the parameters, in the same shapes, and their state is where it was put."""
        if names != self.names or len(params) != len(self.params) or not all(map(is_, params, self.params)):
            return False
        arrays = [p.array for p in params]
        if not all(map(is_, arrays, self.arrays)):
            if [(a.__class__, a.shape, a.dtype) for a in arrays] != [(a.__class__, a.shape, a.dtype) for a in self.arrays]:
                return False
            self.arrays = arrays
        if not names:
            return True
        found: list[Any] = []
        try:
            for p in params:
                entries = state[p]
                for name in names:
                    found.append(entries[name].array)
        except (KeyError, AttributeError):
            return False
        return all(map(is_, found, self.places))

    def spans(self) -> list[tuple[Span, list[Any]]]:
        """The parameters that have a gradient, in stretches that have had equally many updates, with the gradients."""
        grads = [p._grad for p in self.params]
        turns: list[Any] = self.steps.tolist()
        start, size = 0, len(turns)
        if turns.count(turns[0]) == size and NoneType not in map(type, grads):  # as in most steps
            return [(self.span(0, size), grads)]
        turns = [None if grad is None else step for grad, step in zip(grads, turns, strict=True)]
        found = []
        while start < size:
            turn, stop = turns[start], start + 1
            while stop < size and turns[stop] == turn:
                stop += 1
            if turn is not None:
                found.append((self.span(start, stop), grads[start:stop]))
            start = stop
        return found

    def span(self, start: int, stop: int) -> Span:
        """The parameters from `start` to `stop`."""
        if (start, stop) not in self.stretches:
            self.stretches[start, stop] = Span(self, start, stop)
        return self.stretches[start, stop]

    def scalars(self, *values: Any) -> tuple[Array, ...]:
        """Numbers computed in double precision, in the parameters' dtype: the 0-d arrays that NumPy reads fastest."""
        self.numbers[: len(values)] = [*map(float, values)]
        return self.zero_d[: len(values)]


def aligned(rows: int, size: int, dtype: np.dtype) -> Array:
    """A table of zeros whose rows begin at multiples of 64 bytes: vector instructions are fastest on those."""
    width = -(-size * dtype.itemsize // 64) * 64
    memory = np.zeros(rows * width + 63, np.uint8)
    start = -memory.__array_interface__["data"][0] % 64
    return memory[start : start + rows * width].reshape(rows, width).view(dtype)[:, :size]


class Span:
    """A stretch of the parameters in a Flat, which are updated together."""

    def __init__(self, flat: Flat, start: int, stop: int) -> None:
        members = slice(start, stop)
        self.params, self.steps = flat.params[members], flat.steps[members]
        self.grads, self.scratch = flat.views(flat.grad)[members], flat.views(flat.scratch)[members]
        self.one, self.version = flat.one, flat.version
        self.chunks = []
        for a in range(flat.bounds[start], flat.bounds[stop], CHUNK):
            part = slice(a, min(a + CHUNK, flat.bounds[stop]))
            state = {name: buffer[part] for name, buffer in flat.buffers.items()}
            self.chunks.append((flat.grad[part], flat.scratch[part], state))

    def begin(self, grads: list[Tensor]) -> float:
        """Copy the gradients into their buffer; count the step, and return its number."""
        for place, grad in zip(self.grads, grads):
            array = grad.array
            if array.shape != place.shape:
                raise RuntimeError("a parameter and its gradient differ in shape: was its data replaced after backward()?")
            place[...] = array
        np.add(self.steps, self.one, out=self.steps)
        return self.steps.item(0)

    def negate(self) -> None:
        """g ← -g"""
        for grad, _, _ in self.chunks:
            np.negative(grad, out=grad)

    def decay(self, weight_decay: Array) -> None:
        """g ← g + weight_decay θ"""
        for grad, p, scratch in zip(self.grads, self.params, self.scratch, strict=True):
            add_(grad, p.array, weight_decay, scratch)

    def shrink(self, factor: Array) -> None:
        """θ ← factor θ"""
        for p in self.params:
            np.multiply(p.array, factor, out=p.array)

    def finish(self) -> None:
        """θ ← θ + g, where g has become the update. Count the change, in the parameters and in their state."""
        for p, update in zip(self.params, self.grads):
            array = p.array
            np.add(array, update, array)
            p._counter[0] += 1
        self.version[0] += 1


def has_begun(entries: dict[str, Any], names: tuple[str, ...]) -> bool:
    """Whether there is state of a parameter yet."""
    return any(entries.get(name) is not None for name in names)


def _fitting(value: Any, name: str, place: Array) -> Any:
    """A value of the state, if it fits its place."""
    if name == "step":
        return float(value)
    if value.array.shape != place.shape or value.array.dtype != place.dtype:
        raise RuntimeError(
            f"the optimizer's state '{name}' is {dtypes.of_array(value.array)} of shape {list(value.array.shape)}, "
            f"its parameter {dtypes.of_array(place)} of shape {list(place.shape)}"
        )
    return value.array
