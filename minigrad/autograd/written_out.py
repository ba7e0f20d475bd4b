"""The code that a rule stands for, written out: how its node is recorded, and what the node does in backward.

Which gradient rules will run, and what must be saved for them, follows from the rule and from which inputs require a gradient.
For each such set a class of nodes is written once, in the straight lines that one would write by hand. After y = x * w, where
only w requires a gradient, `print(y.grad_fn.source)` shows

    def record(output, a, b):
        node = node_class()
        node.edges = (None, b._edge if b._edge is not None and (...) else gradient_edge(b))
        node.sequence_nr = next(sequence_numbers)
        node._saved = (a,)
        node.versions = a._counter[0]
        ...

    def backward(node, grad, wanted, create_graph):
        ...
        return [
            None,
            grad_b(grad, a) if wanted is None or wanted[1] else None,
        ]

Tracebacks and debuggers show these lines as if they came from a file. Found by looking up at every call what these lines know,
an operation took a third longer.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

import numpy as np

from .node import Node, sequence_numbers
from .onlookers import onlookers
from .saving import inference_tensor_saved, released
from .variable import UNCOUNTED, alias, gradient_edge

if TYPE_CHECKING:
    from .rule import Rule


class Recorded(dict):
    """The functions that record a rule's nodes, by a number that is 1 and then a bit for every input: whether it requires a gradient.

    A rule whose inputs come in any number has one; there, the edges tell which inputs require a gradient.
    """

    def __init__(self, rule: type[Rule]) -> None:
        self.rule = rule

    def __missing__(self, key: int) -> Callable[..., Rule]:
        rule = self.rule
        if rule.variadic:
            key = (2 << len(rule.inputs)) - 1
        if key not in self:
            bits = f"{key:b}"[1:]
            self[key] = Writer(rule, len(bits), [i for i, bit in enumerate(bits) if bit == "1"]).node_class().record
        return self[key]


def several(output: Any) -> tuple[Any, ...]:
    """The outputs of an operation that has any number of them."""
    return output if output.__class__ is tuple else (output,)


def connect(node: Node, outputs: Any) -> None:
    """Give the outputs of an operation that has several their place in the graph."""
    node._shape = tuple([output.array.shape for output in outputs])
    node._dtype = tuple([output.array.dtype for output in outputs])
    for nr, output in enumerate(outputs):
        if output.array.dtype.kind == "f":
            output._requires_grad = True
            output._edge = node, nr


SCOPE: dict[str, Any] = {  # what the written code calls
    "sequence_numbers": sequence_numbers,
    "gradient_edge": gradient_edge,
    "alias": alias,
    "connect": connect,
    "several": several,
    "onlookers": onlookers,
    "UNCOUNTED": UNCOUNTED,
    "float32": np.dtype(np.float32),
    "inference_tensor_saved": inference_tensor_saved,
    "released": released,
}
TAKEN = {*SCOPE, *"node_class node output defaults array numbers onlooker wanted create_graph i edge each".split(),
         *"apply thread modes result forward recorded needed new ndarray Tensor wrapped mark_view uncounted UNCHANGED".split()}  # fmt: skip

RECORD = """\
def record(output, {inputs}{settings}):
    node = node_class()
    node.edges = {edges}
    node.sequence_nr = next(sequence_numbers)
    node._saved = {kept}
    node.versions = {versions}
    node.constants = {constants}
    {refuse}
    {connect}
    if onlookers:
        for onlooker in onlookers:
            onlooker.recorded(node, {all}, several(output))
    return node
"""

CONNECT = """\
array = output.array
    node._shape = array.shape
    node._dtype = numbers = array.dtype
    if numbers is float32 or numbers.kind == "f":
        output._requires_grad = True
        output._edge = node, 0"""

BACKWARD = """\
def backward(node, {given}, wanted, create_graph):
    {unpack}
    {constants}
    {complete}
    return [
        {results}
    ]
"""

UNPACK = """\
if node._saved is None:
        raise released()
    if create_graph:
        {saved} = node.unpack()
    else:
        {saved} = node._saved
        if {versions} != node.versions:
            raise node.changed()
        {saved} = {arrays}"""


class Writer:
    """Writes the class of nodes for a rule with `count` inputs (the last ones may be left out), the `needed` of which require a
    gradient."""

    def __init__(self, rule: type[Rule], count: int, needed: list[int]) -> None:
        self.rule, self.count = rule, count
        self.positions = [i for i in (range(count) if rule.positions is None else rule.positions) if i < count]
        self.fixed = [local(name) for name in rule.inputs[:count] if name != rule.variadic]
        self.several = local(rule.variadic) if rule.variadic else ""  # those inputs that come in any number
        self.inputs: list[str] = []  # what is saved: inputs,
        self.outputs: list[str] = []  # outputs,
        self.saves_several = False
        self.constants: dict[str, str] = {}  # and values that are no tensors, with the expression for each
        if not rule.variadic:
            for i in needed:
                if i not in self.positions:
                    raise RuntimeError(f"the derivative for '{rule.name_of(i)}' is not implemented.")
        self.results = [self.result(place, i) if i in needed else "None" for place, i in enumerate(self.positions)]

    # ---- what the gradient rules ask for

    def result(self, place: int, i: int) -> str:
        """The expression for the gradient of an input, or of all those that come in any number."""
        rule, name = self.rule, self.rule.inputs[i]
        call = f"grad_{name}({', '.join([self.argument(p) for p in parameters(getattr(rule, f'grad_{name}'))])})"
        if name == rule.variadic:
            condition = f"edge is not None and (wanted is None or wanted[{place} + i])"
            return f"*[{call} if {condition} else None for i, edge in enumerate(node.edges[{place}:])]"
        condition = f"wanted is None or wanted[{place}]"
        return f"{call} if {f'node.edges[{place}] is not None and ({condition})' if rule.variadic else condition} else None"

    def argument(self, name: str) -> str:
        """What a parameter of a gradient rule stands for. What it needs is saved."""
        rule, source = self.rule, name.removesuffix("_shape")
        if name in ("grad", "grads", "i"):
            return name
        if name == rule.variadic:
            self.saves_several = True
        elif name in rule.inputs:
            once(self.inputs, name)
        elif name.startswith("out") and not name[3:].strip("0123456789"):
            once(self.outputs, name)
            return name
        elif name in rule.settings:
            self.constants[name] = name
        elif source == rule.variadic:
            self.constants[name] = f"[each.array.shape for each in {self.several}]"
        elif source in rule.inputs:
            self.constants[name] = f"{local(source)}.array.shape"
        else:
            raise TypeError(f"{rule.__name__}: a gradient rule asks for {name!r}, which forward does not have")
        return local(name)

    # ---- the code

    def record(self) -> str:
        inputs, outputs = [*map(local, self.inputs)], ["output" if out == "out" else f"output[{number(out)}]" for out in self.outputs]
        all = [*self.fixed, f"*{self.several}"] if self.several else self.fixed
        uncounted = [f"{x}._counter is UNCOUNTED" for x in [*inputs, *outputs]]
        uncounted += [f"UNCOUNTED in [each._counter for each in {self.several}]"] * self.saves_several
        code = RECORD.format(
            inputs=", ".join(all),
            settings=setting_parameters(self.rule),
            all=written_tuple(all),
            edges=written_tuple([self.edge(place, i) for place, i in enumerate(self.positions)]),
            # Outputs at no place in the graph: a node that held its own output would be a cycle.
            kept=written_tuple([*inputs, *[f"alias({output})" for output in outputs], *self.each("each")]),
            versions=self.versions([*inputs, *outputs]),
            constants=written_tuple(self.constants.values()),
            connect="connect(node, output)" if self.rule.takes_all else CONNECT,
            refuse=f"if {' or '.join(uncounted)}:\n        raise inference_tensor_saved()" if uncounted else "",
        )
        return without_empty_lines(code)

    def backward(self) -> str:
        saved = [*map(local, self.inputs), *self.outputs]
        unpack = UNPACK.format(
            saved=targets([*saved, f"*{self.several}"] if self.saves_several else saved),
            versions=self.versions(saved),
            arrays=written_tuple([f"{x}.array" for x in saved] + self.each("each.array")),
        )
        code = BACKWARD.format(
            unpack=unpack if saved or self.saves_several else "",
            constants=f"{targets(map(local, self.constants))} = node.constants" if self.constants else "",
            given="grads" if self.rule.takes_all else "grad",
            complete="grads = node.complete(grads)" if self.rule.takes_all else "",
            results=",\n        ".join(self.results) + ",",
        )
        return without_empty_lines(code)

    def edge(self, place: int, i: int) -> str:
        """The expression for where the gradient of an input will go."""
        x = "each" if self.rule.inputs[i] == self.rule.variadic else local(self.rule.inputs[i])
        known = f"{x}._edge is not None and ({x}._base is None or {x}._seen_version == {x}._counter[0])"
        edge = f"{x}._edge if {known} else gradient_edge({x})"
        if not self.rule.variadic:
            return "None" if self.results[place] == "None" else edge
        edge = f"({edge}) if {x}.requires_grad else None"
        return f"*[{edge} for each in {self.several}]" if x == "each" else edge

    def versions(self, saved: list[str]) -> str:
        """The expression for the versions of what is saved: of a single tensor a number, otherwise a tuple."""
        versions = [f"{x}._counter[0]" for x in saved] + self.each("each._counter[0]")
        return versions[0] if len(versions) == 1 and not self.saves_several else written_tuple(versions)

    def each(self, expression: str) -> list[str]:
        """The expression for each of the saved inputs that come in any number, if these are saved."""
        return [f"*[{expression} for each in {self.several}]"] if self.saves_several else []

    def names(self) -> list[str]:
        """What is saved, by the names that the gradient rules have for it."""
        return [*self.inputs, *self.outputs, *([str(self.rule.variadic)] if self.saves_several else []), *self.constants]

    def node_class(self) -> type[Rule]:
        """A subclass of the rule that has this code."""
        rule, source = self.rule, f"{self.record()}\n\n{self.backward()}"
        vjps = {f"grad_{name}": vjp for name in rule.inputs if (vjp := getattr(rule, f"grad_{name}", None))}
        scope = {**SCOPE, **vjps, "defaults": rule.settings}
        compiled(source, rule.__name__, scope)

        class node_class(rule, abstract=True):  # type: ignore[misc, valid-type, call-arg]
            __slots__ = ()
            saved_names, saved_outputs = (*self.inputs, *self.outputs), tuple(map(number, self.outputs))
            saves_several, constant_names = self.saves_several, tuple(self.constants)
            record, backward = staticmethod(scope["record"]), scope["backward"]

        scope["node_class"], node_class.source = node_class, source
        for attribute in ("__name__", "__qualname__", "__module__", "__doc__"):
            setattr(node_class, attribute, getattr(rule, attribute))
        for name in Writer(rule, self.count, self.positions).names():
            setattr(node_class, f"_saved_{rule.saved_name(name)}", Saved(rule.saved_name(name)))
        return node_class


class Saved:
    """The attribute `_saved_<name>` of nodes; None if no rule that will run needs it.

    (A `__getattr__` would do the same, and make every other attribute slow.)
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, node: Rule, cls: type[Rule]) -> Any:
        return node.saved_values().get(self.name)


class Lines:
    """Where tracebacks look for the lines of code that is in no file."""

    def __init__(self, source: str) -> None:
        self.source = source

    def get_source(self, name: str) -> str:
        return self.source


def compiled(source: str, name: str, scope: dict[str, Any]) -> dict[str, Any]:
    """Run code that defines something. Tracebacks will know its lines."""
    scope |= {"__name__": __name__, "__loader__": Lines(source)}
    exec(compile(source, f"{__file__}, {name}", "exec"), scope)
    return scope


def without_empty_lines(code: str) -> str:
    return "\n".join([line for line in code.splitlines() if line.strip()]) + "\n"


def setting_parameters(rule: type[Rule]) -> str:
    """How a written function takes the settings of forward: ", *, dim, keepdim=defaults['keepdim']"."""
    known = rule.forward.__kwdefaults__ or {}
    written = [f", {name}=defaults[{name!r}]" if name in known else f", {name}" for name in rule.settings]
    return "".join(written if rule.variadic or not written else [", *", *written])


def parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    return function.__code__.co_varnames[: function.__code__.co_argcount]


def local(name: str) -> str:
    """The name of a local variable: the rule's own name for it, unless that means something else here."""
    return f"{name}_" if name in TAKEN or name.startswith(("grad", "out")) or iskeyword(name) else name


def number(output: str) -> int:
    """Which output a gradient rule means by `out`, `out0`, `out1`, ..."""
    return int(output[3:] or 0)


def once(names: list[str], name: str) -> None:
    if name not in names:
        names.append(name)


def targets(names: Iterable[str]) -> str:
    """What is left of the `=` when a sequence is unpacked."""
    names = list(names)
    return f"({names[0]},)" if len(names) == 1 else ", ".join(names)


def written_tuple(items: Iterable[str]) -> str:
    items = list(items)
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
