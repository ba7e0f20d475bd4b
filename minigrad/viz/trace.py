"""`trace`: backward, one step at a time. The engine runs; an onlooker (recorder.py) writes down what it does.

    for step in viz.trace(loss):          # runs loss.backward()
        print(step.text)
    viz.trace(lambda: loss_of(batch))     # with the forward pass: values, names and the lines of code
    with viz.trace() as trace:            # whatever happens in here: zero_grad, forward, backward, optimizer.step
        ...
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from ..autograd.onlookers import onlookers
from ..nn import Module
from ..tensor import Tensor
from . import code, notebook, page
from .recorder import Recorder, Step, TraceNode


class Trace:
    """What happened in a backward pass: `nodes`, by id, and `steps`, in order. Iterating gives the steps."""

    def __init__(self) -> None:
        self._recorder = Recorder()
        self._frame: FrameType | None = None

    # ---- recording

    def __enter__(self) -> Trace:
        self._begin(sys._getframe(1))
        return self

    def __exit__(self, *exc: object) -> None:
        self._end()

    def look_from(self, frame: FrameType | None) -> None:
        """Take the names of tensors and modules from the variables that the program has there."""
        self._frame = code.program_frame(frame)

    def _begin(self, frame: FrameType | None) -> None:
        self.look_from(frame)
        onlookers.append(self._recorder)

    def _end(self) -> None:
        onlookers.remove(self._recorder)
        self._recorder.settle()
        variables = code.variables(self._frame)
        for frame in self._recorder.frames.values():
            variables += [(name, value) for name, value in frame.f_locals.items() if name != "self"] if frame else []
        self._frame = None
        names = {id(value): name for name, value in reversed(variables) if isinstance(value, Tensor)}
        modules = {id(value): (name, value) for name, value in reversed(variables) if isinstance(value, Module)}
        self._recorder.finish(names, dict(modules.values()))

    # ---- reading

    @property
    def nodes(self) -> dict[str, TraceNode]:
        return self._recorder.nodes

    @property
    def steps(self) -> list[Step]:
        return self._recorder.steps

    @property
    def problems(self) -> list[dict[str, Any]]:
        """The first NaN or infinity that a node made of finite gradients, if there is one."""
        return self._recorder.problems

    @property
    def arrays(self) -> list[dict[str, Any]]:
        """Descriptions of all arrays, which steps and nodes name by number."""
        return self._recorder.pool.described

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __getitem__(self, i: int) -> Step:
        return self.steps[i]

    def __repr__(self) -> str:
        return f"<Trace: {len(self.nodes)} nodes, {len(self.steps)} steps>"

    # ---- writing

    def to_dict(self) -> dict[str, Any]:
        """The trace in plain lists and dicts, in version 1 of its format:

        - `source`: {"files": {path: [line, ...]}}, the program's files that nodes point to.
        - `arrays`: shape, dtype, and up to 64 elements `values` (row by row), else min, max, mean, norm, `rows` (the corner of
          8 by 8), and how many are `nan` and `inf`. What JSON has no number for is a string: "NaN", "Infinity", "-Infinity".
        - `nodes`: id, kind (op, leaf, const), fn (PyTorch's name of the node), op, formula, rules (what the gradient rule of each
          input returns), name, module, shape, dtype, requires_grad, inputs ([{id, name}]), value (the number of an array), saved
          ([{name, array, version}]), code ({file, line, end_line, col, end_col}; columns count UTF-8 bytes).
        - `steps`: kind, node, text, and by kind: forward (value), seed (grad), call (grad, rank), sum (input, to, raw,
          contribution, axes), send (input, to, grad, rule, operands, raw, contribution, summed, before, after, waiting), skip
          (input, to, why), hook (which, before, after), accumulate (before, contribution, after, op), free (names), zero_grad
          (params), step (optimizer, params: [{node, before, grad, after}]).
        - `problems`: node, what (nan, inf), step, text.
        """
        files = dict.fromkeys([node.code["file"] for node in self.nodes.values() if node.code])
        return {
            "v": 1,
            "source": {"files": {file: code.lines(file) for file in files}},
            "arrays": self.arrays,
            "nodes": [vars(node) for node in self.nodes.values()],
            "steps": [{"kind": s.kind, "node": s.node, **s.fields, "text": s.text} for s in self.steps],
            "problems": self.problems,
        }

    def to_json(self) -> str:
        """`to_dict` as JSON."""
        return json.dumps(self.to_dict(), separators=(",", ":"), allow_nan=False)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to step through in a browser: one file, which needs no network. Returns its path."""
        path = Path(path)
        path.write_text(page.html(self.to_dict()), encoding="utf-8")
        return path

    def _repr_html_(self) -> str:
        return notebook.html(self.to_dict())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return notebook.mimebundle(self.to_dict())


def trace(target: Tensor | Callable[[], Any] | None = None) -> Trace:
    """Run backward and return its Trace.

    `target` is the loss; or a function that returns it, whose forward pass is traced too; without one the result is a context
    that traces what happens inside. Raises what `loss.backward()` raises; ValueError for a backward of more than 20,000 steps.
    """
    made = Trace()
    if target is None:
        return made
    if not isinstance(target, Tensor) and not callable(target):
        raise TypeError(f"trace(): a loss, or a function that returns one, is needed, not {type(target).__name__}")
    made._begin(sys._getframe(1))
    try:
        loss = target if isinstance(target, Tensor) else target()
        if not any(step.kind == "seed" for step in made.steps):  # the function may have run backward itself
            if not isinstance(loss, Tensor):
                raise TypeError(f"trace(): the function has to return the loss, or run backward; it returned {type(loss).__name__}")
            loss.backward()
    finally:
        made._end()
    return made
