"""Two sides of one program: `same(program)` runs it with t = torch and t = minigrad, and compares what can be seen.

That is what it returns, or the exception and its message, and the warnings on the way.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import torch

import minigrad


def same(program: Callable[[Any], Any], rtol: float = 0.0) -> Any:
    """Assert that the program does the same on both sides. Numbers agree to `rtol`; 0 asks for every bit."""
    expected, expected_warnings = outcome(program, torch)
    actual, actual_warnings = outcome(program, minigrad)
    compare(actual, expected, rtol, "result")
    assert actual_warnings == expected_warnings, f"warnings: {actual_warnings} != {expected_warnings}"
    return actual


def outcome(program: Callable[[Any], Any], t: Any) -> tuple[Any, list[str]]:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            result = plain(program(t))
        except Exception as error:
            result = f"{type(error).__name__}: {neutral(str(error))}"
    return result, [f"{w.category.__name__}: {neutral(str(w.message))}" for w in seen]


def plain(x: Any) -> Any:
    """Tensors as (class, dtype, requires_grad, node, array), containers with plain entries, all else as its repr."""
    if isinstance(x, (torch.Tensor, minigrad.Tensor)):
        node = None if x.grad_fn is None else node_name(x.grad_fn)
        return type(x).__name__, str(x.dtype), x.requires_grad, node, x.detach().numpy(force=True).copy()
    if isinstance(x, Mapping):
        return type(x).__name__, [(key, plain(value)) for key, value in x.items()]
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return neutral(repr(x))
    if isinstance(x, (list, tuple)):
        return [plain(value) for value in x]
    return x if isinstance(x, (int, float, str, type(None))) else neutral(repr(x))


def neutral(text: str) -> str:
    """The text without what has to differ: the package's name and addresses in memory."""
    text = re.sub(r"\b0x[0-9a-f]+\b", "0x...", text)
    text = re.sub(r"minigrad\.tensor\.Tensor", "torch.Tensor", text)
    return re.sub(r"\bminigrad\b", "torch", text)


def compare(actual: Any, expected: Any, rtol: float, where: str) -> None:
    if isinstance(expected, np.ndarray):
        assert isinstance(actual, np.ndarray), where
        assert (actual.shape, actual.dtype) == (expected.shape, expected.dtype), where
        if rtol and expected.dtype.kind == "f":
            largest = np.abs(expected[np.isfinite(expected)]).max(initial=0)
            np.testing.assert_allclose(actual, expected, rtol=rtol, atol=rtol * largest, err_msg=where)
        else:
            np.testing.assert_array_equal(actual, expected, err_msg=where, strict=True)
    elif isinstance(expected, (list, tuple)):
        assert isinstance(actual, type(expected)) and len(actual) == len(expected), f"{where}: {actual} != {expected}"
        for i, (a, e) in enumerate(zip(actual, expected)):
            compare(a, e, rtol, f"{where}[{i}]")
    elif isinstance(expected, float):
        assert actual == pytest.approx(expected, rel=rtol, abs=0, nan_ok=True), where
    else:
        assert actual == expected, f"{where}: {actual!r} != {expected!r}"


def fill(t: Any, module: Any, seed: int = 0) -> Any:
    """The module with parameters drawn from NumPy, the same on both sides."""
    rng = np.random.default_rng(seed)
    with t.no_grad():
        for parameter in module.parameters():
            values = rng.standard_normal(tuple(parameter.shape))
            parameter.copy_(t.tensor(values.tolist(), dtype=parameter.dtype))
    return module


def draw(t: Any, *shape: int, seed: int = 1, dtype: str = "float32", requires_grad: bool = False) -> Any:
    """A tensor of standard normal numbers, the same on both sides."""
    values = np.random.default_rng(seed).standard_normal(shape)
    if not values.size:  # a list cannot tell (0, 4) from (0,)
        return t.zeros(shape, dtype=getattr(t, dtype), requires_grad=requires_grad)
    return t.tensor(values.tolist(), dtype=getattr(t, dtype), requires_grad=requires_grad)


def graph(tensor: Any) -> Any:
    """The nodes behind a tensor by name, each with those it leads to."""

    def walk(node: Any) -> Any:
        return [node_name(node), *[walk(below) for below, _ in node.next_functions if below is not None]]

    return None if tensor.grad_fn is None else walk(tensor.grad_fn)


def node_name(node: Any) -> str:
    """MulBackward0 also for MulBackward1, which PyTorch's C++ functions leave when they multiply by a number."""
    return node.name().split("::")[-1].replace("Backward1", "Backward0").replace("ClampMin", "Clamp")
