"""One function beside itself: `beside(f, x, y)` runs `f(t, x, y)` with t = torch and with t = minigrad, on the same NumPy data.

    beside(lambda t, x, y: x * y, draw(3, 1), draw(4))
    beside(lambda t, x: x.clone().exp_(), draw(5))
    beside(lambda t, x: t.add(x, "text"), draw(5))

Arrays become tensors, those of floats require a gradient; other arguments are passed as they are. Both sides must raise the same
exception with the same message, or return the same: values as exactly as the rules declare (`Rule.tier`), dtypes, shapes, the
names of all nodes in the graph. Then the same gradients for a random cotangent, and for random cotangents of these (with
`create_graph`) the same second derivatives; and they must give the same warnings on the way.
"""
from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import minigrad

torch.set_warn_always(True)
ULPS = {"T0": 0, "T1": 1, "T2": 4}  # units in the last place; T0 tells -0.0 from 0.0 too
# T3, and derivatives: rounding errors of the largest number (in derivatives, whose terms may cancel, of at least 1).
BOUNDS = {"T3": 16, "gradient": 16, "second": 4096}


def beside(function: Callable[..., Any], *data: Any, tier: str | None = None, order: int = 2) -> None:
    """Compare a function on both sides, up to derivatives of some order. `tier`: what to ask for, if not what the rules declare."""
    theirs, said_theirs = heard(outcome, function, torch, data)
    ours, said_ours = heard(outcome, function, minigrad, data)
    assert said_ours == said_theirs, f"warnings: {said_ours} is not {said_theirs}"
    if isinstance(theirs, Exception) or isinstance(ours, Exception):
        a, e = said(ours), said(theirs)
        if "invalid combination of arguments" in e:  # PyTorch lists its overloads, which are not ours
            a, e = a.split(":")[0], e.split(":")[0]
        assert a == e, f"{a!r} is not {e!r}"
        return
    tier = tier or max((declared(x) for x in tensors(ours[1])), default="T0")
    same(ours[1], theirs[1], tier, "result")
    for n in range(order):
        inputs = theirs[0]
        theirs, said_theirs = heard(differentiate, torch, *theirs)
        ours, said_ours = heard(differentiate, minigrad, *ours)
        assert said_ours == said_theirs, f"warnings: {said_ours} is not {said_theirs}"
        if not theirs[0]:
            break
        same(ours[1], theirs[1], gradient_tier(tier, n, inputs), ("gradient", "second derivative")[n])


def outcome(function: Callable[..., Any], t: Any, data: Any) -> Any:
    """(inputs, result), or the exception."""
    inputs = [as_tensor(t, x) for x in data]
    try:
        return inputs, function(t, *inputs)
    except Exception as error:
        return error


def heard(function: Callable[..., Any], *args: Any) -> tuple[Any, list[str]]:
    """What a function returns, and the warnings that it gives."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        result = function(*args)
    return result, list(dict.fromkeys(re.sub(r" \(Triggered internally at .*\)", "", str(w.message)) for w in seen))


def as_tensor(t: Any, x: Any) -> Any:
    if not isinstance(x, (np.ndarray, np.generic)):
        return x
    return t.tensor(np.array(x)).requires_grad_(x.dtype.kind == "f")


def differentiate(t: Any, inputs: list[Any], result: Any) -> tuple[list[Any], list[Any]]:
    """The gradients of all inputs for random cotangents, as a function of the inputs and the cotangents."""
    outputs = [y for y in tensors(result) if y.requires_grad]
    inputs = [x for x in tensors(inputs) if x.requires_grad]
    if not (outputs and inputs):
        return [], []
    rng = np.random.default_rng(7)
    cotangents = [as_tensor(t, np.asarray(rng.uniform(0.5, 2, tuple(y.shape)), str(y.dtype)[6:])) for y in outputs]
    grads = t.autograd.grad(outputs, inputs, cotangents, create_graph=True, allow_unused=True)
    return inputs + cotangents, list(grads)


def tensors(x: Any) -> list[Any]:
    """All tensors in nested lists and tuples."""
    if isinstance(x, (list, tuple)):
        return [tensor for item in x for tensor in tensors(item)]
    return [x] if isinstance(x, (torch.Tensor, minigrad.Tensor)) else []


# ---- exactness


def declared(tensor: Any) -> str:
    """The least exact tier among the rules that made a tensor."""
    nodes, found = [tensor.grad_fn], "T0"
    while nodes:
        node = nodes.pop()
        found = max(found, getattr(node, "tier", "T0"))
        nodes += [below for below, _ in getattr(node, "next_functions", ()) if below is not None]
    return found


def gradient_tier(tier: str, n: int, inputs: list[Any]) -> str:
    """Exact rules have exact gradients, unless these are summed up; what was rounded differently is rounded again."""
    if n:
        return "second"
    summed = len({tuple(x.shape) for x in tensors(inputs)}) > 1
    return "T0" if tier == "T0" and not summed else "gradient"


def same(actual: Any, expected: Any, tier: str, where: str) -> None:
    """Compare results: tensors, nested in lists and (named) tuples, or plain values."""
    if isinstance(expected, (list, tuple)):
        assert type(actual).__name__ == type(expected).__name__ and len(actual) == len(expected), where
        for i, (a, e) in enumerate(zip(actual, expected)):
            same(a, e, tier, f"{where}[{i}]")
    elif isinstance(expected, torch.Tensor) and isinstance(actual, minigrad.Tensor):
        kind, mirrored_kind = [(tuple(x.shape), repr(x.dtype)) for x in (actual, expected)]
        assert kind == mirrored_kind, f"{where}: {kind} is not {mirrored_kind}"
        if where.startswith("result"):
            nodes, mirrored = graph(actual.grad_fn), graph(expected.grad_fn)
            assert nodes == mirrored, f"{where}: graph {nodes} is not {mirrored}"
        assert where.startswith("second derivative") or actual.requires_grad == expected.requires_grad, where
        close(actual.numpy(force=True), expected.numpy(force=True), tier, where)
    elif where != "result" and None in (actual, expected):  # no gradient on one side is zero on the other
        assert not any(np.any(x.numpy(force=True)) for x in tensors([actual, expected])), where
    else:
        assert actual == expected and type(actual) is type(expected), f"{where}: {actual!r} is not {expected!r}"


def close(actual: np.ndarray, expected: np.ndarray, tier: str, where: str) -> None:
    if expected.dtype.kind != "f" or not expected.size:
        np.testing.assert_array_equal(actual, expected, where)
        return
    if tier in ULPS:
        apart = ulps(actual, expected)
        off = apart > ULPS[tier]
        if tier == "T0":
            off |= (np.signbit(actual) != np.signbit(expected)) & ~np.isnan(expected)
    else:
        with np.errstate(all="ignore"):
            finite = np.where(np.isfinite(expected), np.abs(expected), 0)
            bound = BOUNDS[tier] * np.finfo(expected.dtype).eps * finite.max(initial=tier != "T3")
            off = ~(np.abs(actual - expected) <= bound)
        off &= ~((actual == expected) | (np.isnan(actual) & np.isnan(expected)))
    assert not off.any(), f"{where}, {tier}: {actual[off]} is not {expected[off]} (at {np.argwhere(off).tolist()})"


def ulps(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """How many numbers of the dtype two are apart; 0 between NaNs, infinitely many between NaN and a number."""
    n = a.dtype.itemsize
    steps = []
    for x in (a, b):
        bits = np.ascontiguousarray(x).view(f"i{n}").reshape(x.shape).astype(object)
        steps.append(np.where(bits < 0, -(2 ** (8 * n - 1)) - bits, bits))  # numbers in order, 0.0 and -0.0 both at 0
    apart = np.abs(steps[0] - steps[1])
    nans = np.isnan(a).astype(int) + np.isnan(b)
    return np.where(nans == 2, 0, np.where(nans == 1, np.inf, apart)).astype(float)


# ---- graphs and messages


def graph(node: Any) -> Any:
    """The names of the nodes behind a result, each with those it leads to."""
    if node is None:
        return None
    below = [graph(one) for one, _ in node.next_functions]
    return [node_name(node), *[x for x in below if x or node_name(node) != "NotImplemented"]]


def node_name(node: Any) -> str:
    return node.name().split("::")[-1]


def said(outcome: Any) -> str:
    """The exception's type and message, without the package's name, and the position of an argument, which in methods is another."""
    if not isinstance(outcome, Exception):
        return f"no error, but {outcome[1]}"
    return f"{type(outcome).__name__}: {re.sub(r' [(]position [0-9]+[)]', '', str(outcome).replace('minigrad', 'torch'))}"


# ---- data

FLOATS = ["float64", "float32"]
DTYPES = [*FLOATS, "float16", "int64", "int32", "int16", "int8", "uint8", "bool"]


def draw(*shape: int, dtype: str = "float64", seed: int = 1, low: float = -3, high: float = 3) -> np.ndarray:
    """Uniform random numbers, the same on both sides."""
    return np.asarray(np.random.default_rng(seed).uniform(low, high, shape)).astype(dtype)


def edges(dtype: str) -> np.ndarray:
    """Numbers at which functions behave in a special way."""
    info = np.finfo(dtype)
    positive = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 7.25, 1e-3, info.tiny, info.smallest_subnormal, info.max, math.inf]
    return np.array([s * x for x in positive for s in (1, -1)] + [math.nan], dtype)


# ---- programs as text, for long tables of them


def program(source: str) -> Callable[..., Any]:
    """`x.view(6, 4)` as a function of t, x, y and z. Statements may come first: `x = x.clone(); x[0] = 7; x`."""
    *statements, expression = source.split("; ")
    body = compile("\n".join(statements), source, "exec"), compile(expression, source, "eval")

    def run(t: Any, x: Any = None, y: Any = None, z: Any = None) -> Any:
        names = {"t": t, "np": np, "x": x, "y": y, "z": z}
        exec(body[0], names)
        return eval(body[1], names)

    return run


def table(text: str) -> Any:
    """A parametrization over the lines of a text, each a program."""
    return pytest.mark.parametrize("source", [line for line in text.strip().split("\n") if line.strip()])
