"""Many parameters as one: a group's tensors, and what an optimizer remembers of them, end to end in flat buffers.

A NumPy call costs more than the arithmetic on a small layer, so an update is a dozen calls on everything at once rather
than a dozen per parameter. Updates are elementwise: flat or not, every number comes out the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import accumulate, groupby, pairwise
from operator import is_
from typing import Any

import numpy as np

from .. import dtypes
from ..autograd import wrap
from ..tensor import Tensor

CHUNK = 1 << 15  # elements; so few that the arrays of an update stay in the processor's cache from one call to the next

State = Mapping[Tensor, dict[str, Any]]


class Flat:
    """Parameters of one dtype in one buffer, with a buffer like it for each kind of state in `names`.

    The state's tensors become views into these buffers. Users may replace them, or a parameter's data, at any time:
    `holds` tells whether all is still in its place; if not, a new Flat moves it in again.
    """

    def __init__(self, params: list[Tensor], names: tuple[str, ...], state: State) -> None:
        self.params = params
        self.names = names
        self.shapes = [p.array.shape for p in params]
        self.bounds = [0, *accumulate([p.array.size for p in params])]
        self.dtype = params[0].array.dtype
        self.param, self.grad = np.empty((2, self.bounds[-1]), self.dtype)
        self.scratch = np.empty(min(self.bounds[-1], CHUNK), self.dtype)
        self.steps = np.zeros(len(params), dtypes.get_default_dtype().numpy)  # how many updates each parameter has had
        self.one = np.ones((), self.steps.dtype)
        self.memory = {name: np.zeros(self.bounds[-1], self.dtype) for name in names if name != "step"}
        self.version = [0]  # of the state's tensors: views of one memory count its changes together
        self.numbers = np.empty(8, self.dtype)
        self.zero_d = tuple(self.numbers[i, ...] for i in range(8))
        self.stretches: dict[tuple[int, int], Span] = {}
        self.placed = [*params, *[p.array for p in params], *self._move_in(state)]

    def views(self, buffer: np.ndarray) -> list[np.ndarray]:
        """Each parameter's part of a buffer, in the parameter's shape."""
        if buffer is self.steps:
            return [buffer[i, ...] for i in range(len(self.params))]
        return [buffer[a:b].reshape(shape) for (a, b), shape in zip(pairwise(self.bounds), self.shapes, strict=True)]

    def _move_in(self, state: State) -> list[np.ndarray]:
        """Copy the state there is into the buffers, and let its tensors show them; begin the state there is not."""
        if not self.names:
            return []
        views = zip(*[self.views(self.memory.get(name, self.steps)) for name in self.names], strict=True)
        places = [dict(zip(self.names, of_one, strict=True)) for of_one in views]
        memories = [state[p] for p in self.params]
        for i, memory in enumerate(memories):
            if remembers(memory, self.names):
                self.steps[i] = 1
                for name, place in places[i].items():
                    place[...] = _fitting(memory[name], name, place)
            else:
                memory.update(dict.fromkeys(self.names))
        for memory, own in zip(memories, places, strict=True):
            for name, place in own.items():
                if not isinstance(memory[name], Tensor):
                    memory[name] = wrap(place)
                memory[name].array, memory[name]._counter = place, self.version
        return [place for own in places for place in own.values()]

    def holds(self, params: list[Tensor], names: tuple[str, ...], state: State) -> bool:
        """Whether these are the parameters, and all memory is where it was put."""
        if names != self.names or len(params) != len(self.params):
            return False
        found: list[Any] = [*params, *[p.array for p in params]]
        if names:
            try:
                found += [memory[name].array for memory in [state[p] for p in params] for name in names]
            except (KeyError, AttributeError):
                return False
        return all(map(is_, found, self.placed))

    def spans(self) -> Iterator[Span]:
        """The parameters that have a gradient, in stretches whose members have had the same number of updates."""
        turns = [None if p.grad is None else step for p, step in zip(self.params, self.steps.tolist(), strict=True)]
        i = 0
        for turn, members in groupby(turns):
            j = i + len([*members])
            if turn is not None:
                if (i, j) not in self.stretches:
                    self.stretches[i, j] = Span(self, i, j)
                yield self.stretches[i, j]
            i = j

    def scalars(self, *values: Any) -> tuple[np.ndarray, ...]:
        """Numbers computed in double precision, in the parameters' dtype: the 0-d arrays that NumPy reads fastest."""
        self.numbers[: len(values)] = [*map(float, values)]
        return self.zero_d[: len(values)]


class Span:
    """A stretch of the parameters in a Flat, which are updated together."""

    def __init__(self, flat: Flat, i: int, j: int) -> None:
        a, b = flat.bounds[i], flat.bounds[j]
        self.params, self.shapes, self.steps = flat.params[i:j], flat.shapes[i:j], flat.steps[i:j]
        self.param, self.grad = flat.views(flat.param)[i:j], flat.views(flat.grad)[i:j]
        self.whole_grad = flat.grad[a:b]
        self.one, self.version = flat.one, flat.version
        self.chunks = []
        for start in range(a, b, CHUNK):
            stop = min(start + CHUNK, b)
            arrays = flat.param[start:stop], flat.grad[start:stop], flat.scratch[: stop - start]
            self.chunks.append((arrays, {name: buffer[start:stop] for name, buffer in flat.memory.items()}))

    def gather(self, maximize: bool) -> float:
        """Copy the parameters and their gradients into the buffers; count the step, and return its number."""
        grads = [p.grad.array for p in self.params]  # type: ignore[union-attr]
        if [grad.shape for grad in grads] != self.shapes:
            raise RuntimeError("a parameter and its gradient differ in shape: was its data replaced after backward()?")
        for p, param, grad, place in zip(self.params, self.param, grads, self.grad, strict=True):
            param[...] = p.array
            place[...] = grad
        if maximize:
            np.negative(self.whole_grad, out=self.whole_grad)
        np.add(self.steps, self.one, out=self.steps)
        return self.steps.item(0)

    def scatter(self) -> None:
        """Copy the updated parameters back into their own memory, and count the change, in them and in the state."""
        for p, param in zip(self.params, self.param, strict=True):
            p.array[...] = param
            p._counter[0] += 1
        self.version[0] += 1


def remembers(memory: dict[str, Any], names: tuple[str, ...]) -> bool:
    """Whether a parameter's state has begun."""
    return any(memory.get(name) is not None for name in names)


def _fitting(value: Any, name: str, place: np.ndarray) -> Any:
    """A value of the state, if it fits its place."""
    if name == "step":
        return float(value)
    if value.array.shape != place.shape or value.array.dtype != place.dtype:
        raise RuntimeError(
            f"the optimizer's state '{name}' is {dtypes.of_array(value.array)} of shape {list(value.array.shape)}, "
            f"its parameter {dtypes.of_array(place)} of shape {list(place.shape)}"
        )
    return value.array
