"""Many parameters as one: what an optimizer remembers of them end to end in flat buffers, and their gradients too, a chunk at a time.

A NumPy call costs more than the arithmetic on a small layer, so an update is a dozen calls on everything at once rather
than a dozen per parameter. Updates are elementwise: flat or not, every number comes out the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import accumulate, pairwise
from operator import is_
from types import NoneType
from typing import Any

import numpy as np

from .. import dtypes
from ..autograd.variable import counter, wrap
from ..tensor import Tensor
from .arithmetic import Array, add_

CHUNK = 1 << 15  # elements

State = Mapping[Tensor, dict[str, Any]]


class Flat:
    """Parameters of one dtype, and a buffer for each kind of their state in `names`.

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
        buffers = aligned(len(shaped), self.bounds[-1], self.dtype).view(kind)
        largest = max([size for shape in self.shapes for _, size in in_rows(shape)])
        self.grad, self.scratch = aligned(2, min(max(CHUNK, largest), self.bounds[-1]), self.dtype).view(kind)
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

    def _move_in(self, state: State) -> list[list[tuple[str, Array]]]:
        """Copy the state there is into the buffers, and let its tensors show them; begin the state there is not.

        Returns where each parameter's state is now, by its name."""
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
        return [list(own.items()) for own in places]

    def holds(self, params: list[Tensor], names: tuple[str, ...], state: State) -> bool:
        """Whether these are the parameters, in the same shapes, and their state is where it was put."""
        if names != self.names or len(params) != len(self.params) or not all(map(is_, params, self.params)):
            return False
        arrays = [p.array for p in params]
        if not all(map(is_, arrays, self.arrays)):
            if [(a.__class__, a.shape, a.dtype) for a in arrays] != [(a.__class__, a.shape, a.dtype) for a in self.arrays]:
                return False
            self.arrays = arrays
        try:
            for p, own in zip(params, self.places):
                entries = state[p]
                for name, place in own:
                    if entries[name].array is not place:
                        return False
        except (KeyError, AttributeError):
            return False
        return True

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
        self.params, self.steps, self.shapes = flat.params[members], flat.steps[members], flat.shapes[members]
        self.one, self.version = flat.one, flat.version
        self.chunks: list[Chunk] = []
        pieces: list[tuple[int, Any]] = []
        first = last = flat.bounds[start]
        for i, shape in enumerate(self.shapes):
            for rows, size in in_rows(shape):
                if last + size - first > CHUNK and pieces:
                    self.chunks.append(Chunk(flat, self, first, pieces))
                    first, pieces = last, []
                pieces.append((i, rows))
                last += size
        self.chunks.append(Chunk(flat, self, first, pieces))

    def begin(self, grads: list[Tensor]) -> float:
        """Count the step, and return its number."""
        for shape, grad in zip(self.shapes, grads):
            if grad.array.shape != shape:
                raise RuntimeError("a parameter and its gradient differ in shape: was its data replaced after backward()?")
        np.add(self.steps, self.one, out=self.steps)
        return self.steps.item(0)

    def finish(self) -> None:
        """Count the change, in the parameters and in their state."""
        for p in self.params:
            counter(p)[0] += 1
        self.version[0] += 1


class Chunk:
    """Parameters, or rows of one, so few that an update's arrays stay in the processor's cache from the copy of the gradients to the
    change of the parameters. The gradients' buffer is the same for all chunks, and so is the scratch."""

    def __init__(self, flat: Flat, span: Span, start: int, pieces: list[tuple[int, Any]]) -> None:
        self.params, self.pieces = span.params, []
        size = 0
        for i, rows in pieces:
            shape = span.shapes[i] if rows is None else (rows.stop - rows.start, *span.shapes[i][1:])
            part = slice(size, size + math.prod(shape))
            self.pieces.append((i, rows, flat.grad[part].reshape(shape), flat.scratch[part].reshape(shape)))
            size = part.stop
        self.grad, self.scratch = flat.grad[:size], flat.scratch[:size]
        self.state = {name: buffer[start : start + size] for name, buffer in flat.buffers.items()}

    def load(self, grads: list[Tensor]) -> None:
        """Copy the gradients into their buffer."""
        for i, rows, place, _ in self.pieces:
            place[...] = part_of(grads[i], rows)

    def decay(self, weight_decay: Array) -> None:
        """g ← g + weight_decay θ"""
        for i, rows, grad, scratch in self.pieces:
            add_(grad, part_of(self.params[i], rows), weight_decay, scratch)

    def shrink(self, factor: Array) -> None:
        """θ ← factor θ"""
        for i, rows, _, _ in self.pieces:
            array = part_of(self.params[i], rows)
            np.multiply(array, factor, out=array)

    def apply(self) -> None:
        """θ ← θ + g, where g has become the update."""
        for i, rows, update, _ in self.pieces:
            array = part_of(self.params[i], rows)
            np.add(array, update, array)


def part_of(tensor: Tensor, rows: slice | None) -> np.ndarray:
    """These rows of a tensor; None: all of it."""
    return tensor.array if rows is None else tensor.array[rows]


def in_rows(shape: tuple[int, ...]) -> Iterator[tuple[Any, int]]:
    """All of a parameter, or where it is larger than a chunk, its rows in pieces; and the sizes of these."""
    size = math.prod(shape)
    if size <= CHUNK:
        yield None, size
        return
    width = size // shape[0]
    step = max(1, CHUNK // width)
    for start in range(0, shape[0], step):
        rows = slice(start, min(start + step, shape[0]))
        yield rows, (rows.stop - rows.start) * width


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
