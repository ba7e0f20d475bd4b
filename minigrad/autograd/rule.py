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

The class is also the node that it leaves in the graph: `Mul` is PyTorch's MulBackward0. What the node records and what it does in
backward is written out from the rule (written_out.py).

Rules are plain NumPy. In a first derivative they run on ndarrays; with `create_graph=True` the same rules run on Tensors, which
understand NumPy's functions and record what they do, so that second and higher derivatives need nothing more.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .applied import Applied
from .node import Node
from .saving import changed_since_saved, released
from .variable import TensorBase, alias, wrap
from .written_out import TAKEN, Recorded

if TYPE_CHECKING:
    from ..tensor import Tensor

class Editable(type):
    """The class of rules. They may be edited to see what breaks: after `Mul.grad_a = ...` all code is written from the new rule."""

    def __setattr__(cls, name: str, value: Any) -> None:
        type.__setattr__(cls, name, value)
        if name == "forward" or name.startswith("grad_"):
            cls.edited()

    def __delattr__(cls, name: str) -> None:
        type.__delattr__(cls, name)
        if name == "forward" or name.startswith("grad_"):
            cls.edited()

    def edited(cls) -> None:
        cls.read()  # type: ignore[attr-defined]
        below: list[Any] = cls.__subclasses__()
        for rule in below:
            if "source" not in rule.__dict__:  # the classes of nodes have one
                rule.edited()


class Rule(Node, metaclass=Editable):
    """Base of all operations; see the head of this file for how one is written."""

    __slots__ = ("_saved", "versions", "constants")
    _saved: tuple[Tensor, ...] | None
    versions: int | tuple[int, ...]  # the version of that tensor when it was saved, or their versions
    constants: tuple[Any, ...]  # what else the rules need: settings and shapes

    forward: Callable[..., Any]
    differentiable = False  # whether it has any gradient rule
    node_name: str | None = None  # PyTorch's name of the node, where it is not <class>Backward0
    takes_all = False  # whether its rules take `grads`, those of all outputs, instead of `grad`
    view = False  # whether the output may share the memory of the first input
    tier = "T0"  # how exactly results equal PyTorch's: see comparisons/README.md

    inputs: tuple[str, ...] = ()
    variadic: str | None = None
    positions: list[int] | None = None  # which inputs have a gradient rule, and so an edge; None: all
    settings: dict[str, Any] = {}
    applied: Applied  # the functions that run it
    recorded: Recorded  # the functions that leave a node in the graph

    # Of the class of a node, when some inputs require a gradient: written_out.py makes it.
    record: Callable[..., Rule]
    saved_names: tuple[str, ...] = ()  # what is saved, by the names that the gradient rules have for it: inputs, then outputs
    saved_outputs: tuple[int, ...] = ()
    saves_several = False  # whether the inputs that come in any number are saved too
    constant_names: tuple[str, ...] = ()
    source = ""

    def __init_subclass__(cls, abstract: bool = False) -> None:
        if abstract:
            return
        cls.__name__ = cls.__dict__.get("node_name") or f"{cls.__name__}Backward0"
        cls.applied, cls.recorded = Applied(cls), Recorded(cls)
        cls.read()

    @classmethod
    def read(cls) -> None:
        """See what inputs and settings forward has, and which inputs have a gradient rule."""
        if "forward" in cls.__dict__:
            positional, cls.variadic, cls.settings = signature(cls.forward)
            cls.inputs = (*positional, cls.variadic) if cls.variadic else positional
            if taken := TAKEN.intersection(cls.settings):
                raise TypeError(f"{cls.__name__}: no setting of forward may be called {min(taken)!r}, which the written code uses itself")
        vjps = [getattr(cls, f"grad_{name}", None) for name in cls.inputs]
        cls.differentiable = any(vjps)
        cls.positions = None if all(vjps) else [i for i, vjp in enumerate(vjps) if vjp]
        cls.takes_all = any([vjp.__code__.co_varnames[0] == "grads" for vjp in vjps if vjp])
        cls.applied.clear()
        cls.recorded.clear()

    # ---- what the written code calls

    def complete(self, grads: dict[int, Any]) -> list[Any]:
        """The gradients of all outputs, zero where none came."""
        return [np.zeros(*output) if grads.get(nr) is None else grads[nr] for nr, output in enumerate(self.outputs)]

    def unpack(self) -> list[Tensor]:
        """The saved tensors in their place in the graph, for derivatives that shall be differentiated again."""
        if self._saved is None:
            raise released()
        if any([tensor._counter[0] != version for tensor, version in zip(self._saved, self.saved_versions())]):
            raise self.changed()
        tensors = list(self._saved)
        for k, nr in enumerate(self.saved_outputs, len(self.saved_names) - len(self.saved_outputs)):
            tensors[k] = alias(tensors[k], (self, nr))
        return tensors

    def changed(self) -> RuntimeError:
        """The error for the first saved tensor that has been changed."""
        assert self._saved is not None
        versions = self.saved_versions()
        k = next(k for k, tensor in enumerate(self._saved) if tensor._counter[0] != versions[k])
        nr = k - len(self.saved_names) + len(self.saved_outputs)
        is_output = 0 <= nr < len(self.saved_outputs)
        made_by = (self, self.saved_outputs[nr]) if is_output else self._saved[k]._edge
        return changed_since_saved(self._saved[k], versions[k], made_by)

    # ---- what the student sees

    def saved_tensors(self) -> list[tuple[str, Tensor, int]]:
        """PyTorch's name for each saved tensor, the tensor, and its version when it was saved."""
        names = [self.saved_name(name) for name in self.saved_names]
        names += [str(self.variadic)] * (len(self._saved or ()) - len(names))
        return list(zip(names, self._saved or (), self.saved_versions()))

    def saved_versions(self) -> tuple[int, ...]:
        return self.versions if isinstance(self.versions, tuple) else (self.versions,)

    def arguments(self, place: int, grad: Any) -> dict[str, Any]:
        """What the gradient rule gets that computes the gradient for one of the edges."""
        number = place - len(self.inputs) + 1
        i = place if self.positions is None else self.positions[min(place, len(self.positions) - 1)]
        known = self.values(self._saved or ()) | {"grad": grad, "grads": grad, "i": number}
        vjp = getattr(type(self), f"grad_{self.inputs[min(i, len(self.inputs) - 1)]}")
        return {name: known[name] for name in vjp.__code__.co_varnames[: vjp.__code__.co_argcount]}

    def values(self, tensors: Sequence[Any]) -> dict[str, Any]:
        """By the names that the gradient rules have for them: these saved tensors, and the constants."""
        found: dict[str, Any] = dict(zip(self.saved_names, tensors))
        if self.saves_several:
            found[str(self.variadic)] = tuple(tensors[len(self.saved_names) :])
        return found | dict(zip(self.constant_names, self.constants))

    def saved_values(self) -> dict[str, Any]:
        """What this node keeps for its gradient rules, under PyTorch's names: {'self': tensor(…), 'other': …}."""
        return {self.saved_name(name): value for name, value in self.values(self.unpack()).items()}

    @classmethod
    def saved_name(cls, name: str) -> str:
        """PyTorch's name for a value that a gradient rule asks for."""
        source = name.removesuffix("_shape")
        if name.startswith("out") and name not in (*cls.inputs, *cls.settings):
            return f"result{name[3:] or 0}" if cls.takes_all else "result"
        if name in cls.settings:
            return name
        return TORCH_NAMES.get(source, source) + ("_sym_sizes" if source != name else "")

    @classmethod
    def name_of(cls, i: int) -> str:
        """PyTorch's name of an input."""
        name = cls.inputs[min(i, len(cls.inputs) - 1)]
        return TORCH_NAMES.get(name, name)


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
    """Run an operation on tensors, and record it if any of them requires a gradient. Several outputs come as a tuple.

    (What every step calls many times looks up `rule.applied[n]` itself: this call would be a fifth of an unrecorded operation.)
    """
    return rule.applied[len(inputs)](*inputs, **settings)


def on(rule: type[Rule], *inputs: Any, **settings: Any) -> Any:
    """An operation inside a gradient rule: on ndarrays plain NumPy, and as soon as one input is a Tensor, recorded."""
    for x in inputs:
        if isinstance(x, TensorBase):
            return apply(rule, *[x if isinstance(x, TensorBase) else wrap(np.asarray(x)) for x in inputs], **settings)
    return rule.forward(*inputs, **settings)


def grad_dtype(grad: Any) -> np.dtype:
    """NumPy's dtype of what a gradient rule is given: an ndarray, or a Tensor."""
    return grad.array.dtype if isinstance(grad, TensorBase) else grad.dtype


def record(rule: type[Rule], inputs: Any, output: Any, settings: dict[str, Any]) -> Rule:
    """Leave a node in the graph for an operation some of whose inputs require a gradient."""
    key = 1
    for x in inputs:
        key += key + x.requires_grad
    return rule.recorded[key](output, *inputs, **settings)
