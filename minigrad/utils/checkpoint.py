"""PyTorch can trade time for memory and compute parts of the forward pass again in backward; here they are kept. Mirrors
torch.utils.checkpoint, whose results are the same either way.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any


def checkpoint(function: Callable[..., Any], *args: Any, use_reentrant: bool | None = None, context_fn: Any = None,
               determinism_check: str = "default", debug: bool = False, preserve_rng_state: bool = True, early_stop: bool = True,
               **kwargs: Any) -> Any:
    """`function(*args, **kwargs)`."""
    return function(*args, **kwargs)


def checkpoint_sequential(functions: Any, segments: int, input: Any, use_reentrant: bool | None = None, **kwargs: Any) -> Any:
    """`input` through all the functions, one after the other."""
    for function in functions:
        input = function(input)
    return input
