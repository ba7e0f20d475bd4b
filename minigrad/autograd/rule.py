"""An operation is one small class: `forward`, and beside it one gradient rule per input. This file gives such a class its life.

    class Mul(Rule):
        def forward(a, b):     return a * b
        def grad_a(grad, b):   return grad * b
        def grad_b(grad, a):   return grad * a

A gradient rule is a vector-Jacobian product: from `grad`, the gradient of the output (the cotangent), to that of its input.
Its other parameters name what must be saved for it, and nothing else is kept alive: an input (`a`), the output (`out`), the
shape of an input (`a_shape`), or a setting of forward (its keyword-only parameters). An input without a rule has no derivative.
An operation with several outputs takes `grads`, a list, instead of `grad`.
Inputs that come in any number (`*tensors`) share one rule, which may ask for `i`, the number of the input it is for.

The class is also the node that it leaves in the graph: `Mul` is PyTorch's MulBackward0.

Rules are plain NumPy. In a first derivative they run on ndarrays; with `create_graph=True` the same rules run on Tensors, which
understand NumPy's functions and record what they do, so that second and higher derivatives need nothing more.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from .grad_mode import modes
from .node import Edge, Node, next_sequence_nr
from .onlookers import onlookers
from .variable import UNCOUNTED, TensorBase, alias, gradient_edge, wrap

if TYPE_CHECKING:
    from ..tensor import Tensor

ndarray = np.ndarray
_new = object.__new__
NOTHING: Any = ()


class Rule(Node):
    """Base of all operations; see the head of this file for how one is written."""

    __slots__ = ("plan", "saved", "constants")
    plan: Plan  # which rules will run, and on what
    saved: list[tuple[Tensor, int]] | None  # tensors, and their versions when they were saved; None once released
    constants: list[Any]  # what else the rules need: settings and shapes

    forward: Callable[..., Any]
    differentiable = False  # whether it has any gradient rule
    node_name: str | None = None  # PyTorch's name of the node, where it is not <class>Backward0
    takes_all = False  # whether its rules take `grads`, those of all outputs, instead of `grad`
    view = False  # whether the output may share the memory of the first input
    tier = "T0"  # how exactly results equal PyTorch's: see comparisons/README.md

    inputs: tuple[str, ...] = ()
    variadic: str | None = None
    positions: list[int] | None = None  # which inputs have a gradient rule, and so an edge; None: all
    traits: tuple[Callable[..., Any], bool, bool]  # forward, view, differentiable: what `apply` asks each time, at one look
    settings: dict[str, Any] = {}
    plans: dict[Any, Plan]

    def __init_subclass__(cls, abstract: bool = False) -> None:
        if abstract:
            return
        cls.__name__ = cls.__dict__.get("node_name") or f"{cls.__name__}Backward0"
        cls.plans = {}
        if "forward" in cls.__dict__:
            positional, cls.variadic, cls.settings = signature(cls.forward)
            cls.inputs = (*positional, cls.variadic) if cls.variadic else positional
        for key, value in list(cls.__dict__.items()):
            if key == "forward" or key.startswith("grad_"):
                setattr(cls, key, staticmethod(value))
                cls.takes_all |= key != "forward" and value.__code__.co_varnames[0] == "grads"
        with_rule = [i for i, name in enumerate(cls.inputs) if hasattr(cls, f"grad_{name}")]
        cls.differentiable = bool(with_rule)
        cls.positions = None if len(with_rule) == len(cls.inputs) else with_rule
        cls.traits = cls.forward, cls.view, cls.differentiable

    # ---- backward

    def backward(self, grads: list[Any], wanted: list[bool] | None, create_graph: bool) -> list[Any]:
        """Run the gradient rules on what was saved: on ndarrays, or on Tensors when the results shall be differentiated again."""
        saved = self.saved
        if saved is None:
            raise released()
        values: list[Any] = []
        for tensor, version in saved:
            if tensor._counter[0] != version:
                raise self.changed(len(values))
            values.append(tensor.array)
        if create_graph:
            values = self.unpack()
        else:
            values += self.constants
        plan = self.plan
        grad = self.complete(grads) if plan.takes_all else grads[0]
        results: list[Any] = [None] * plan.edges
        for i, vjp, pick in plan.calls:
            if wanted is None or wanted[i]:
                results[i] = vjp(grad, *pick(values))
        return results

    def complete(self, grads: list[Any]) -> list[Any]:
        """The gradients of all outputs, zero where none came."""
        return [np.zeros(*self.outputs[nr]) if grad is None else grad for nr, grad in enumerate(grads)]

    def unpack(self) -> list[Any]:
        """The saved values as Tensors in their place in the graph, for derivatives that shall be differentiated again."""
        if self.saved is None:
            raise released()
        for k, (tensor, version) in enumerate(self.saved):
            if tensor._counter[0] != version:
                raise self.changed(k)
        values: list[Any] = [tensor for tensor, _ in self.saved]
        for k, nr in enumerate(self.plan.outputs, len(self.plan.inputs)):
            values[k] = alias(values[k], (self, nr))
        return values + list(self.constants)

    def changed(self, k: int) -> RuntimeError:
        """The error for the k-th saved tensor."""
        assert self.saved is not None
        tensor, version = self.saved[k]
        nr = k - len(self.plan.inputs)
        return changed_since_saved(tensor, version, tensor._edge if nr < 0 else (self, self.plan.outputs[nr]))

    def release(self) -> None:
        if self.saved:
            self.saved = None

    # ---- what the student sees

    def saved_values(self) -> dict[str, Any]:
        """What this node keeps for its gradient rules, under PyTorch's names: {'self': tensor(…), 'other': …}."""
        shown: dict[str, Any] = {}
        for name, value in zip(self.plan.names, self.unpack()):
            shown[name] = (*shown.get(name, ()), value) if name == self.variadic else value  # inputs in any number, as one tuple
        return shown

    @classmethod
    def name_of(cls, i: int) -> str:
        """PyTorch's name of an input."""
        name = cls.inputs[min(i, len(cls.inputs) - 1)]
        return TORCH_NAMES.get(name, name)


class Saved:
    """The attribute `_saved_<name>` of nodes. (A `__getattr__` would do the same, and make every other attribute slow.)"""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, node: Rule, cls: type[Rule]) -> Any:
        values = node.saved_values()
        if self.name not in values:
            raise AttributeError(f"'{node.name()}' object has no attribute '_saved_{self.name}'")
        return values[self.name]


class Plan:
    """What one rule class saves and runs when just these inputs require a gradient. Made once for each such set."""

    def __init__(self, rule: type[Rule], needed: list[int], edges: int, count: int) -> None:
        self.rule, self.count = rule, count
        self.takes_all, self.edges = rule.takes_all, edges
        self.sources: dict[str, list[Any]] = {"input": [], "output": [], "constant": []}
        calls = []
        for i in needed:
            k = i if rule.positions is None else rule.positions[i]
            vjp = getattr(rule, f"grad_{rule.inputs[min(k, len(rule.inputs) - 1)]}")
            calls.append((i, vjp, [self.source(parameter, i) for parameter in signature(vjp)[0][1:]]))
        # The saved values in order: inputs, outputs, constants.
        self.inputs, self.outputs, self.constants = self.sources.values()
        self.defaults = [rule.settings[key] if kind == "setting" else None for kind, key in self.constants]
        self.has_shapes = any(kind != "setting" for kind, _ in self.constants)
        start = {"input": 0, "output": len(self.inputs), "constant": len(self.inputs) + len(self.outputs)}

        def absolute(need: Any) -> Any:
            return [absolute(one) for one in need] if isinstance(need, list) else start[need[0]] + need[1]

        self.calls = [(i, vjp, picker(absolute(needs))) for i, vjp, needs in calls]
        self.names = [rule.name_of(i) for i in self.inputs] + [f"result{nr}" if rule.takes_all else "result" for nr in self.outputs]
        self.names += [key if kind == "setting" else f"{rule.name_of(key)}_sym_sizes" for kind, key in self.constants]
        for name in self.names:
            setattr(rule, f"_saved_{name}", Saved(name))

    def source(self, name: str, i: int) -> Any:
        """What a parameter of a gradient rule means: its kind, and its place among the values of that kind (or several)."""
        rule = self.rule
        kind: str
        key: Any
        if name == rule.variadic:
            return [self.place("input", k) for k in range(len(rule.inputs) - 1, self.count)]
        if name in rule.inputs:
            kind, key = "input", rule.inputs.index(name)
        elif name == "out":
            kind, key = "output", 0
        elif name.startswith("out") and name[3:].isdigit():
            kind, key = "output", int(name[3:])
        elif name in rule.settings:
            kind, key = "constant", ("setting", name)
        elif name == "i":
            kind, key = "constant", ("number", i - len(rule.inputs) + 1)
        elif name.endswith("_shape") and name[:-6] in rule.inputs:
            k = rule.inputs.index(name[:-6])
            kind, key = "constant", ("shapes", k) if name[:-6] == rule.variadic else ("shape", k)
        else:
            raise TypeError(f"{rule.__name__}: a gradient rule asks for {name!r}, which forward does not have")
        return self.place(kind, key)

    def place(self, kind: str, key: Any) -> tuple[str, int]:
        if key not in self.sources[kind]:
            self.sources[kind].append(key)
        return kind, self.sources[kind].index(key)


def picker(places: list[Any]) -> Callable[[list[Any]], Sequence[Any]]:
    """Takes the values at some places out of a list, in C. A list of places takes a list of values."""
    if any(isinstance(place, list) for place in places):
        return lambda values: [[values[k] for k in p] if isinstance(p, list) else values[p] for p in places]
    if len(places) > 1:
        return itemgetter(*places)
    return itemgetter(slice(places[0], places[0] + 1) if places else slice(0))


def constant(rule: type[Rule], kind: str, key: Any, inputs: Any, settings: dict[str, Any]) -> Any:
    """A value that a gradient rule needs and that is no tensor."""
    if kind == "setting":
        return settings.get(key, rule.settings[key])
    if kind == "shape":
        return inputs[key].array.shape
    if kind == "shapes":
        return [x.array.shape for x in inputs[key:]]
    return key


# The names under which PyTorch's nodes show what they save.
TORCH_NAMES = {"x": "self", "a": "self", "b": "other"}


def signature(function: Callable) -> tuple[tuple[str, ...], str | None, dict[str, Any]]:
    """Positional parameters, the variadic one, and the keyword-only ones with their defaults."""
    code = function.__code__
    n, k = code.co_argcount, code.co_kwonlyargcount
    variadic = code.co_varnames[n + k] if code.co_flags & 0x04 else None
    return code.co_varnames[:n], variadic, dict.fromkeys(code.co_varnames[n : n + k]) | (function.__kwdefaults__ or {})


# ---- forward


def apply(rule: type[Rule], *inputs: Any, **settings: Any) -> Any:
    """Run an operation on tensors, and record it if any of them requires a gradient. Several outputs come as a tuple."""
    forward, view, differentiable = rule.traits
    mode = modes.mode
    if len(inputs) == 2:  # the same three times: on small tensors the general form takes half as long again
        a, b = inputs
        result = mode.quietly(forward, a.array, b.array, **settings)
    elif len(inputs) == 1:
        (a,) = inputs
        result = mode.quietly(forward, a.array, **settings)
    else:
        result = mode.quietly(forward, *[x.array for x in inputs], **settings)
    several = result.__class__ is tuple
    if several:
        outputs = tuple([wrap(np.asarray(array)) for array in result])
    else:
        outputs = (wrap(result if result.__class__ is ndarray else np.asarray(result)),)
    if view:
        for output in outputs:
            mark_view(output, inputs[0])
    if mode.enabled and differentiable:
        for x in inputs:
            if x._requires_grad or (x._base is not None and x._base._requires_grad):
                record(rule, inputs, outputs, settings)
                return outputs if several else outputs[0]
    elif mode.inference:
        for output in outputs:
            if output._base is None:
                output._counter = [UNCOUNTED]
    for onlooker in onlookers:
        onlooker.unrecorded(inputs, outputs)
    return outputs if several else outputs[0]


def on(rule: type[Rule], *inputs: Any, **settings: Any) -> Any:
    """An operation inside a gradient rule: on ndarrays plain NumPy, and as soon as one input is a Tensor, recorded."""
    for x in inputs:
        if isinstance(x, TensorBase):
            return apply(rule, *[x if isinstance(x, TensorBase) else wrap(np.asarray(x)) for x in inputs], **settings)
    return rule.forward(*inputs, **settings)


def record(rule: type[Rule], inputs: Any, outputs: Any, settings: dict[str, Any]) -> Rule:
    """Leave a node in the graph: edges to where the inputs came from, and what the gradient rules will need."""
    edges: list[Edge | None] = []
    key: Any = 1  # a bit per input: whether it requires a gradient (and how many there are, if that can vary)
    for x in inputs if rule.positions is None else differentiable_inputs(rule, inputs):
        if x._requires_grad or (x._base is not None and x._base._requires_grad):
            edge = x._edge
            edges.append(gradient_edge(x) if edge is None or x._base is not None else edge)
            key += key + 1
        else:
            edges.append(None)
            key += key
    if rule.variadic:
        key = key, len(inputs)
    plan = rule.plans.get(key)
    if plan is None:
        plan = rule.plans[key] = Plan(rule, [i for i, edge in enumerate(edges) if edge is not None], len(edges), len(inputs))
    node = _new(rule)
    node.plan = plan
    node.sequence_nr = next_sequence_nr()
    node.edges = edges
    if plan.inputs or plan.outputs:
        node.saved = saved = []
        for i in plan.inputs:
            tensor = inputs[i]
            version = tensor._counter[0]
            if version == UNCOUNTED:
                raise RuntimeError(
                    "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in computation "
                    "tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it in autograd, or "
                    "use `torch.no_grad()` instead of `torch.inference_mode()`."
                )
            saved.append((tensor, version))
        for nr in plan.outputs:  # kept at no place in the graph: a node that held its own output would be a cycle
            tensor = outputs[nr]
            saved.append((alias(tensor), tensor._counter[0]))
    else:
        node.saved = NOTHING
    if settings or plan.has_shapes:
        node.constants = [constant(rule, kind, name, inputs, settings) for kind, name in plan.constants]
    else:
        node.constants = plan.defaults
    metadata: list[tuple[tuple[int, ...], Any]] = []
    node.outputs = metadata
    for output in outputs:
        array = output.array
        dtype = array.dtype
        if dtype.kind == "f":
            output._requires_grad = True
            output._edge = (node, len(metadata))
        metadata.append((array.shape, dtype))
    for onlooker in onlookers:
        onlooker.recorded(node, inputs, outputs)
    return node


def differentiable_inputs(rule: type[Rule], inputs: Any) -> list[Tensor]:
    """The inputs that have a gradient rule. Those without must not require a gradient."""
    assert rule.positions is not None
    for i, x in enumerate(inputs):
        if x.requires_grad and i not in rule.positions:
            raise RuntimeError(f"the derivative for '{rule.name_of(i)}' is not implemented.")
    return [inputs[i] for i in rule.positions]


def mark_view(output: Tensor, source: Any) -> None:
    """Tie a view to the tensor whose memory it shows, if it does show it (reshape, for one, may have to copy)."""
    array, owner = output.array, source.array
    if array.base is not None and (array.base is owner or array.base is owner.base):
        output._base = source if source._base is None else source._base
        output._counter = source._counter
        output._seen_version = source._counter[0]
        if not modes.mode.enabled:
            output._view_note = "no_grad"


def released() -> RuntimeError:
    """PyTorch's words for a second backward. (An operation that saved nothing can run twice.)"""
    return RuntimeError(
        "Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). "
        "Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retain_graph=True if "
        "you need to backward through the graph a second time or if you need to access saved tensors after calling backward."
    )


def changed_since_saved(tensor: TensorBase, version: int, made_by: Edge | None) -> RuntimeError:
    """PyTorch's words for a saved tensor that was changed in place before backward could use it."""
    origin = f", which is output {made_by[1]} of {operation(made_by[0])}," if made_by else ""
    return RuntimeError(
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        f"[{tensor.type()} {list(tensor.array.shape)}]{origin} is at version {tensor._counter[0]}; expected version {version} "  # type: ignore[attr-defined]
        "instead. Hint: enable anomaly detection to find the operation that failed to compute its gradient, with "
        "torch.autograd.set_detect_anomaly(True, check_nan=False)."
    )


def operation(node: Node) -> str:
    """The node's name without what says that it is a node: 'Add' for AddBackward0."""
    return node.name().partition("Backward")[0]
