"""What the stepper shows, written down while it happens: an onlooker of the engine that makes nodes and steps of what it is told."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import numpy as np

from ..autograd.engine import GraphRoot
from ..autograd.grad_mode import is_grad_enabled
from ..autograd.node import Node
from ..autograd.onlookers import Onlooker
from ..autograd.rule import Rule
from ..autograd.variable import AccumulateGrad, counter
from . import code
from .arrays import Pool
from .narration import sentence

MOST_STEPS = 20_000


class TraceNode:
    """A box in the picture: an operation, a leaf, or a constant. Its fields are those of the JSON trace (see Trace.to_dict)."""

    def __init__(self, id: str, kind: str, fn: str, op: str, shape: tuple[int, ...], dtype: str, requires_grad: bool) -> None:
        self.id, self.kind, self.fn, self.op = id, kind, fn, op
        self.shape, self.dtype, self.requires_grad = list(shape), dtype, requires_grad
        self.formula: str | None = None
        self.rules: dict[str, str] = {}
        self.name: str | None = None
        self.module: str | None = None
        self.inputs: list[dict[str, Any]] = []
        self.value: int | None = None
        self.saved: list[dict[str, Any]] = []
        self.code: dict[str, Any] | None = None

    @property
    def label(self) -> str:
        """What a sentence calls it."""
        if self.name or self.kind != "op":
            return self.name or ("a leaf" if self.kind == "leaf" else "a constant")
        inside = self.module and "." in self.module  # the outermost module makes everything
        return f"{self.module}'s {self.op}" if inside else self.op

    def __repr__(self) -> str:
        return f"<{self.id} {self.fn} {self.label} {self.shape}>"


class Step:
    """One thing that happened. Besides `kind`, `node` and `text` it has the fields that its kind has in the JSON trace."""

    def __init__(self, kind: str, node: str | None = None, **fields: Any) -> None:
        self.kind, self.node, self.text = kind, node, ""
        self.fields = fields

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["fields"][name]
        except KeyError:
            raise AttributeError(f"a step of kind {self.kind!r} has no {name!r}; it has {', '.join(self.fields)}") from None

    def __repr__(self) -> str:
        return f"<{self.kind}: {self.text}>"


class Recorder(Onlooker):
    """Writes nodes and steps; arrays go into a pool, where both name them by number."""

    def __init__(self) -> None:
        self.nodes: dict[str, TraceNode] = {}
        self.steps: list[Step] = []
        self.problems: list[dict[str, Any]] = []
        self.pool = Pool()
        self.at_work: list[tuple[str, list[Any]]] = []  # which modules were being called when an operation was recorded
        self._call: FrameType | None = None  # the last operation was recorded in it,
        self._last: Any = None  # as this node
        self.frames: dict[int, FrameType | None] = {}  # of the program, in which operations were recorded
        self._ids: dict[int, str] = {}  # by id() of a graph node, a leaf or a constant
        self._kept: list[Any] = []  # what those ids belong to, so that they stay theirs
        self._tensors: dict[str, Any] = {}  # leaves and constants by the id in the trace
        self._counts = {"n": 0, "leaf": 0, "const": 0}
        self._in_graph: set[int] = set()  # ids of the version counters of tensors in the graph
        self._unrecorded: dict[int, tuple[str | None, str | None]] = {}  # by id of a tensor without a node: why, and its name
        self._waiting: dict[Node, int] = {}
        self._returned: list[Any] = []
        self._before: Any = None
        self._skips: list[tuple[int, str]] = []
        self._locals: dict[int, str] = {}  # the program's names for its tensors, by id, where it is now
        self._operands: list[dict[str, Any]] = []
        self._updated: list[tuple[Any, Any]] = []
        self._rank = 0

    # ---- forward

    def recorded(self, node: Node, inputs: Any, outputs: Any) -> None:
        frame = sys._getframe(1)
        traced = self.add_op(node)
        here = code.program_frame(frame)
        traced.code = code.location(here)
        self._locals = {id(value): name for name, value in here.f_locals.items()} if here else {}
        self.frames[id(here)] = here
        traced.name = code.assigned_name(traced.code)
        call = code.call_from_program(frame)
        if call is self._call and traced.name:
            self._last.name = None  # one expression made both: its value, and the name of that, is the last's
        self._call, self._last = call, traced
        self.at_work.append((traced.id, code.modules_at_work(frame)))
        self.describe_inputs(node, traced, inputs)
        traced.value = self.pool.add(outputs[0])
        for output in outputs:
            self._in_graph.add(id(self.keep(counter(output))))
        self.describe_saved(node, traced)
        self.say(Step("forward", traced.id, value=traced.value))

    def unrecorded(self, inputs: Any, outputs: Any) -> None:
        frame = sys._getframe(1)
        name = code.assigned_name(code.location(code.program_frame(frame)))
        why = "no_grad" if not is_grad_enabled() else "detached" if any([self.is_detached(x) for x in inputs]) else None
        for output in outputs:
            self._unrecorded[id(self.keep(output))] = why, name

    def is_detached(self, tensor: Any) -> bool:
        """Whether a tensor that is not in the graph came out of it."""
        if tensor._edge is not None or tensor._requires_grad:
            return False
        return id(tensor._counter) in self._in_graph or self._unrecorded.get(id(tensor), (None,))[0] == "detached"

    def keep(self, owner: Any) -> Any:
        self._kept.append(owner)
        return owner

    def new_id(self, kind: str, owner: Any) -> str:
        name = self._ids[id(self.keep(owner))] = f"{kind}{self._counts[kind]}"
        self._counts[kind] += 1
        return name

    def add_op(self, node: Node) -> TraceNode:
        """The box of an operation that is not yet in the trace."""
        shape, dtype = node.outputs[0]
        fn = node.name()
        op = fn.removeprefix("torch::autograd::").partition("Backward")[0].lower()
        traced = TraceNode(self.new_id("n", node), "op", fn, op, shape, dtype.name, True)
        if isinstance(node, Rule):
            traced.formula, rules = code.written(type(node))
            names = node.inputs
            traced.rules = {str(i): rules[name] for i, name in enumerate(names) if name in rules}
        self.nodes[traced.id] = traced
        return traced

    def describe_inputs(self, node: Node, traced: TraceNode, inputs: Any) -> None:
        positions = getattr(node, "positions", None) or range(len(node.edges))
        edges = dict(zip(positions, node.edges))
        for k, tensor in enumerate(inputs):
            edge = edges.get(k)
            name = input_name(node, k)
            traced.inputs.append({"id": self.id_of(edge[0]) if edge else self.constant(tensor), "name": name})

    def describe_saved(self, node: Node, traced: TraceNode) -> None:
        if isinstance(node, Rule) and node._saved:
            for name, tensor, version in node.saved_tensors():
                traced.saved.append({"name": name, "array": self.pool.add(tensor), "version": version})

    def id_of(self, node: Node) -> str:
        """The id of a graph node: of an operation, or of the leaf behind an AccumulateGrad."""
        owner = node.variable if isinstance(node, AccumulateGrad) else node
        if id(owner) in self._ids:
            return self._ids[id(owner)]
        if isinstance(node, AccumulateGrad):
            return self.add_tensor("leaf", owner)
        return self.discover(node).id

    def discover(self, node: Node) -> TraceNode:
        """An operation that was recorded before anybody looked on: what its node still knows."""
        traced = self.add_op(node)
        positions = getattr(node, "positions", None) or range(len(node.edges))
        for k, edge in zip(positions, node.edges):
            name = input_name(node, k)
            traced.inputs.append({"id": None, "name": name, "edge": edge})
        self.describe_saved(node, traced)
        return traced

    def constant(self, tensor: Any) -> str:
        """A tensor that needs no gradient. Numbers are drawn once for each use."""
        if tensor.array.ndim and id(tensor) in self._ids:
            return self._ids[id(tensor)]
        return self.add_tensor("const", tensor)

    def add_tensor(self, kind: str, tensor: Any) -> str:
        fn, op = ("AccumulateGrad", "leaf") if kind == "leaf" else ("", "const")
        array = tensor.array
        traced = TraceNode(self.new_id(kind, tensor), kind, fn, op, array.shape, array.dtype.name, kind == "leaf")
        traced.name = tensor.name or self._unrecorded.get(id(tensor), (None, None))[1] or self._locals.get(id(tensor))
        traced.value = self.pool.add(tensor)
        self.nodes[traced.id] = traced
        self._tensors[traced.id] = tensor
        return traced.id

    # ---- backward

    def starts(self, roots: Any, seeds: list[Any], order: list[Node]) -> None:
        steps = len(self.steps) + sum(1 + len(node.edges) + bool(node._saved) for node in order)
        if steps > MOST_STEPS:
            raise ValueError(
                f"this backward has {len(order):,} nodes: more than {MOST_STEPS:,} steps, which nobody would step through. Trace a smaller "
                "batch, fewer layers or time steps, or one part of the loss."
            )
        self._rank = 0
        unseen = [node for node in reversed(order[1:]) if id(node) not in self._ids]
        for node in unseen:  # the forward pass, told afterwards, unless that would be too long
            step = Step("forward", self.id_of(node), value=None)
            if steps + len(unseen) <= MOST_STEPS:
                self.say(step)
        for node in order[1:]:
            traced = self.nodes[self.id_of(node)]
            for source in traced.inputs:
                if "edge" in source:
                    edge = source.pop("edge")
                    source["id"] = self.id_of(edge[0]) if edge else None
        self.find_values(order[1:])
        self._waiting = {}
        for node in order:
            for edge in node.edges:
                if edge is not None:
                    self._waiting[edge[0]] = self._waiting.get(edge[0], 0) + 1

    def find_values(self, order: list[Node]) -> None:
        """What nodes have saved are the values of the nodes that made it."""
        for node in order:
            for tensor in (node._saved or ()) if isinstance(node, Rule) else ():
                made_by = tensor._edge and self.nodes.get(self._ids.get(id(tensor._edge[0]), ""))
                if made_by and made_by.value is None:
                    made_by.value = self.pool.add(tensor)
            if isinstance(node, Rule) and node._saved and node.saved_outputs[:1] == (0,):
                traced = self.nodes[self._ids[id(node)]]
                if traced.value is None:
                    traced.value = self.pool.add(node._saved[len(node.saved_names) - len(node.saved_outputs)])

    def called(self, node: Node, grads: list[Any]) -> None:
        self.settle()
        if isinstance(node, GraphRoot):
            return
        if isinstance(node, AccumulateGrad):
            self._before = self.pool.add(node.variable._grad)
            self._returned = [self.pool.add(grads[0])]
            return
        grad = next((g for g in grads if g is not None), None)
        self.say(Step("call", self.id_of(node), grad=self.pool.add(grad), rank=self._rank))
        self._rank += 1
        self._operands = self.operands(node, grad)

    def operands(self, node: Node, grad: Any) -> list[dict[str, Any]]:
        """By edge: what the gradient rule is given, arrays by number, settings as they are."""
        found: list[dict[str, Any]] = [{} for _ in node.edges]
        if isinstance(node, Rule) and node._saved is not None:
            for i, edge in enumerate(node.edges):
                if edge is not None:
                    found[i] = {
                        name: self.pool.add(value) if hasattr(value, "dtype") else repr(value)
                        for name, value in node.arguments(i, grad).items()
                    }
        return found

    def hooked(self, node: Node, which: str, before: list[Any], after: list[Any]) -> None:
        self.settle()
        first, last = next(((b, a) for b, a in zip(before, after) if b is not None), (None, None))
        self.say(Step("hook", self.id_of(node), which=which, before=self.pool.add(first), after=self.pool.add(last)))

    def returned(self, node: Node, results: list[Any]) -> None:
        if isinstance(node, AccumulateGrad):
            leaf = node.variable
            name, op = self.id_of(node), "=" if self._before is None else "+="
            (grad,) = self._returned
            self.say(Step("accumulate", name, before=self._before, contribution=grad, after=self.pool.add(leaf._grad), op=op))
            if leaf._post_accumulate_hooks:
                grad = self.pool.add(leaf._grad)
                self.say(Step("hook", name, which="post_accumulate", before=grad, after=grad))
            return
        self._returned = [result if result is None else (self.pool.add(result), tuple(result.shape)) for result in results]
        if isinstance(node, GraphRoot):
            return
        self.look_for_problems(node, results)
        traced = self.nodes[self.id_of(node)]
        positions = getattr(node, "positions", None) or range(len(node.edges))
        for k, edge, result in zip(positions, node.edges, results):
            if edge is None or result is None:
                source = traced.inputs[k]["id"] if k < len(traced.inputs) else None
                self._skips.append((k, "not needed" if edge else self.why_not(source)))
        self._called = traced

    def why_not(self, source: str | None) -> str:
        """Why no gradient goes to a constant."""
        tensor = self._tensors.get(source or "")
        if tensor is None:
            return "requires_grad=False"
        if self.is_detached(tensor):
            return "detached"
        return self._unrecorded.get(id(tensor), (None,))[0] or "requires_grad=False"

    def look_for_problems(self, node: Node, results: list[Any]) -> None:
        """The first node that made a NaN or an infinity."""
        if self.problems:
            return
        for result in results:
            array = np.asarray(getattr(result, "array", result)) if result is not None else None
            if array is not None and array.dtype.kind == "f" and not np.isfinite(array).all():
                what = "nan" if np.isnan(array).any() else "inf"
                text = f"{node.name()} made the first {'NaN' if what == 'nan' else 'infinity'} of this backward."
                self.problems.append({"node": self.id_of(node), "what": what, "step": len(self.steps) - 1, "text": text})
                return

    def sent(self, node: Node, i: int, grad: Any, before: Any, after: Any) -> None:
        child = node.edges[i][0]  # type: ignore[index]
        to = self.id_of(child)
        self._waiting[child] = self._waiting.get(child, 1) - 1
        if isinstance(node, GraphRoot):
            self.say(Step("seed", to, grad=self.pool.add(grad)))
            return
        k = node.positions[i] if getattr(node, "positions", None) else i  # type: ignore[attr-defined]
        self.settle(k)
        raw, shape = self._returned[i]
        contribution = self.pool.add(grad)
        name = self.id_of(node)
        axes: list[int] | None = None
        if shape != tuple(grad.shape):
            axes = summed_axes(shape, tuple(grad.shape))
            self.say(Step("sum", name, input=k, to=to, raw=raw, contribution=contribution, axes=axes))
        rule = self.nodes[name].rules.get(str(k))
        fields = {"grad": self._grad_of_call(), "rule": rule, "operands": self._operands[i], "raw": raw, "contribution": contribution}
        numbers = {"before": self.pool.add(before), "after": self.pool.add(after), "waiting": self._waiting[child]}
        self.say(Step("send", name, input=k, to=to, **fields, summed=axes, **numbers))

    def _grad_of_call(self) -> Any:
        return next((step.grad for step in reversed(self.steps) if step.kind == "call"), None)

    def settle(self, before: int | None = None) -> None:
        """Say which inputs got nothing: those up to one, or all that are left."""
        while self._skips and (before is None or self._skips[0][0] < before):
            k, why = self._skips.pop(0)
            source = self._called.inputs[k]["id"] if k < len(self._called.inputs) else None
            self.say(Step("skip", self._called.id, input=k, to=source, why=why))

    def released(self, node: Node) -> None:
        if not isinstance(node, (GraphRoot, AccumulateGrad)):
            names = [entry["name"] for entry in self.nodes[self.id_of(node)].saved]
            if names:
                self.say(Step("free", self.id_of(node), names=names))

    def ends(self) -> None:
        self.settle()

    # ---- around backward

    def zeroed(self, params: list[Any]) -> None:
        self.say(Step("zero_grad", None, params=[self.leaf(p) for p in params]))

    def updating(self, optimizer: Any) -> None:
        self._updated = [(p, self.pool.add(p)) for group in optimizer.param_groups for p in group["params"] if p.grad is not None]

    def updated(self, optimizer: Any) -> None:
        changes = [
            {"node": self.leaf(p), "before": before, "grad": self.pool.add(p.grad), "after": self.pool.add(p)}
            for p, before in self._updated
        ]
        self.say(Step("step", None, optimizer=type(optimizer).__name__, params=changes))

    def leaf(self, tensor: Any) -> str:
        return self._ids.get(id(tensor)) or self.add_tensor("leaf", tensor)

    # ---- the end

    def say(self, step: Step) -> None:
        self.steps.append(step)

    def finish(self, names: dict[int, str], roots: dict[str, Any]) -> None:
        """Give tensors and modules the names that the program has for them, and steps their text; let go of what was kept."""
        paths: dict[int, str] = {}
        for root_name, root in roots.items():
            for path, module in root.named_modules():
                paths.setdefault(id(module), f"{root_name}.{path}" if path else root_name)
        for modules in [at_work for _, at_work in self.at_work if at_work]:
            root = modules[0]
            if id(root) not in paths:
                for path, module in root.named_modules():
                    paths[id(module)] = f"{type(root).__name__.lower()}.{path}" if path else type(root).__name__.lower()
        for name, modules in self.at_work:
            if modules:
                self.nodes[name].module = paths.get(id(modules[-1]))
        parameters: dict[int, str] = {}
        for module in {id(m): m for _, at_work in self.at_work for m in at_work}.values():
            for own, parameter in module.named_parameters(recurse=False):
                parameters[id(parameter)] = f"{paths.get(id(module), type(module).__name__.lower())}.{own}"
        for root_name, root in roots.items():
            for own, parameter in root.named_parameters():
                parameters.setdefault(id(parameter), f"{root_name}.{own}")
        for name, tensor in self._tensors.items():
            traced = self.nodes[name]
            traced.name = parameters.get(id(tensor)) or traced.name or names.get(id(tensor))
        for step in self.steps:
            step.text = sentence(step, self.nodes, self.pool)
        self._ids, self._kept, self._tensors, self._waiting, self.frames = {}, [], {}, {}, {}
        self._call = self._last = None


def input_name(node: Node, k: int) -> str:
    """What the node's formula calls an input."""
    return node.inputs[min(k, len(node.inputs) - 1)] if isinstance(node, Rule) else f"input {k}"


def summed_axes(raw: tuple[int, ...], wanted: tuple[int, ...]) -> list[int]:
    """The axes over which a gradient was summed to undo broadcasting."""
    extra = len(raw) - len(wanted)
    return [*range(extra), *[d for d, n in enumerate(wanted, extra) if n == 1 and raw[d] != 1]]
