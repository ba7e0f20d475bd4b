"""Decorators for PyTorch's compiler of the past: they return what they are given, for minigrad computes at once. Mirrors torch.jit."""
from __future__ import annotations

from typing import Any, TypeVar

T = TypeVar("T")


def script(obj: T, *args: Any, **kwargs: Any) -> T:
    """The function or module itself."""
    return obj


def ignore(drop: Any = False, **kwargs: Any) -> Any:
    """The function itself; with parentheses, a decorator."""
    return drop if callable(drop) else script


export = unused = script_if_tracing = script


def is_scripting() -> bool:
    """False."""
    return False


is_tracing = is_scripting
