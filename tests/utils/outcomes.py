"""One program on both sides: what it returns, the error, the warnings, and where it leaves the stream of random numbers."""
from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

import minigrad


def same(act: Callable[[Any], Any], seed: int = 0) -> None:
    """`act(t)` does the same with t = torch as with t = minigrad."""
    ours, theirs = outcome(act, minigrad, seed), outcome(act, torch, seed)
    assert ours == theirs, f"\n{ours}\nis not\n{theirs}"


def outcome(act: Callable[[Any], Any], t: Any, seed: int = 0) -> dict[str, Any]:
    t.manual_seed(seed)
    found: dict[str, Any] = {}
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            found["result"] = plain(act(t))
        except Exception as error:
            found["error"] = type(error).__name__, neutral(str(error))
    found["warnings"] = [(w.category.__name__, neutral(str(w.message))) for w in said if "fork" not in str(w.message)]
    found["stream"] = next_number(t)
    return found


def neutral(text: str) -> str:
    """A message without the package's name, addresses, and all but the first and the last line of a traceback."""
    lines = re.sub(r"0x[0-9a-f]+", "0x", text.replace("minigrad", "torch")).strip().split("\n")
    return "\n".join([lines[0], lines[-1]] if "Traceback" in text else lines)


def next_number(t: Any, generator: Any = None) -> int:
    """What the stream would give next, which tells where it is."""
    return t.empty((), dtype=t.int64).random_(generator=generator).item()


def plain(x: Any) -> Any:
    """A result as something that can be compared: tensors as their dtype, shape and values."""
    if isinstance(x, (torch.Tensor, minigrad.Tensor)):
        return "tensor", str(x.dtype), tuple(x.shape), x.requires_grad, x.tolist()
    if isinstance(x, np.ndarray):
        return "array", x.dtype, x.tolist()
    if isinstance(x, dict):
        return type(x).__name__, [(key, plain(value)) for key, value in x.items()]
    if isinstance(x, (list, tuple)):
        return type(x).__name__, [plain(item) for item in x]
    if isinstance(x, (torch.Generator, minigrad.Generator)):
        return next_number(torch if isinstance(x, torch.Generator) else minigrad, x)
    return type(x).__name__, x if isinstance(x, (bool, int, float, str, bytes, type(None))) else neutral(str(x))
