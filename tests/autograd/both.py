"""One program, run on PyTorch and on minigrad: what it returns, raises and warns must be the same.

The programs compute with small dyadic numbers, on which both engines are exact, so results are compared for equality.
"""
from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

import torch

import minigrad


def outcome(program: Callable[[Any], Any], library: Any) -> Any:
    """What a program did with a library: its result, or its exception, and its warnings."""
    library.manual_seed(0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = plain(program(library))
        except Exception as error:
            result = raised(error)
    return result, [without_addresses(str(w.message)).partition(" (Triggered")[0].strip() for w in caught]


def raised(error: Exception) -> tuple[str, str]:
    return type(error).__name__, without_addresses(str(error))


def without_addresses(text: str) -> str:
    text = text.replace("torch.autograd.gradcheck.", "").replace("minigrad.autograd.gradcheck.", "")
    return re.sub(r" ?(object )?at 0x[0-9a-f]+", "", text)


def plain(value: Any) -> Any:
    """Tensors as (dtype, shape, requires_grad, node, values), containers as lists: comparable between libraries."""
    if isinstance(value, (torch.Tensor, minigrad.Tensor)):
        node = value.grad_fn
        return str(value.dtype), tuple(value.shape), value.requires_grad, node and node.name(), value.tolist()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "next_functions"):
        return value.name()
    return without_addresses(value) if isinstance(value, str) else value


def attempt(action: Callable[[], Any]) -> Any:
    """The result of an action, or the exception that it raised: for programs that go on after an error."""
    try:
        return action()
    except Exception as error:
        return raised(error)


def check(program: Callable[[Any], Any]) -> None:
    theirs, ours = outcome(program, torch), outcome(program, minigrad)
    assert ours == theirs
