"""How a tensor prints: PyTorch's repr, character for character (torch._tensor_str)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from math import inf, isfinite, isnan
from numbers import Integral, Real
from typing import Any

import numpy as np

_PROFILES: dict[str, dict[str, Any]] = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": inf, "edgeitems": 3, "linewidth": 80},
}
_options: dict[str, Any] = {**_PROFILES["default"], "sci_mode": None}


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: float | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """How tensors print, as torch.set_printoptions: digits after the point; the number of elements above which a tensor
    is summarized; how many elements a summary shows at each end; characters per line; "default", "short" or "full" as
    a start; scientific notation always (True), never (False) or as the values ask (None, which every call returns to).

    Raises TypeError or ValueError, and changes nothing, for an option that could not print.
    """
    if profile is not None and profile not in _PROFILES:
        raise ValueError(f"unknown profile {profile!r}; choose from {', '.join(_PROFILES)}")
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    given = {name: value for name, value in given.items() if value is not None}
    for name, value in given.items():
        count = name in ("precision", "edgeitems")
        if isinstance(value, bool) or not isinstance(value, Integral if count else Real):
            raise TypeError(f"{name} must be {'an integer' if count else 'a number'}, not {type(value).__name__}")
        if count and value < 0 or isnan(value):
            raise ValueError(f"{name} cannot be {value}")
    _options.update(_PROFILES[profile] if profile else {}, **given, sci_mode=sci_mode)


def get_printoptions() -> dict[str, Any]:
    """The print options in force, fit to be passed to set_printoptions as keywords."""
    return dict(_options)


def tensor_str(
    array: np.ndarray,
    *,
    dtype_name: str,
    default_dtype_name: str = "torch.float32",
    requires_grad: bool = False,
    grad_fn_name: str | None = None,
    prefix: str = "tensor(",
    parameter: bool = False,
) -> str:
    """PyTorch's repr of a tensor of any shape: values, then what a reader could not tell from them.

    A Tensor subclass has its own prefix, "Name("; parameter=True prints an nn.Parameter.
    """
    suffixes = []
    if array.size == 0 and array.ndim != 1 or array.size and not _options["edgeitems"]:
        suffixes.append(f"size={array.shape}")
    # Values tell int64 and bool apart from the default dtype; where there are none, only the default goes without saying.
    if dtype_name not in (default_dtype_name, *(("torch.int64", "torch.bool") if array.size else ())):
        suffixes.append(f"dtype={dtype_name}")
    if grad_fn_name is not None:
        suffixes.append(f"grad_fn=<{grad_fn_name}>")
    elif requires_grad:
        suffixes.append("requires_grad=True")

    text = _with_suffixes(prefix + _values(array, len(prefix)), suffixes, len(prefix))
    if not parameter:
        return text
    return "Parameter containing:\n" + (text if prefix == "tensor(" else f"Parameter({text})")


def _with_suffixes(text: str, suffixes: list[str], indent: int) -> str:
    column = len(text) - text.rfind("\n") + 1  # two past the true column, as PyTorch counts it
    for suffix in suffixes:
        column += len(suffix) + 2
        if column > _options["linewidth"]:
            text += ",\n" + " " * indent + suffix
            column = indent + len(suffix)
        else:
            text += ", " + suffix
    return text + ")"


def _values(array: np.ndarray, indent: int) -> str:
    """The nested brackets, to stand `indent` characters into the line."""
    if array.size == 0:
        return "[]"
    edge = _options["edgeitems"]
    cut = [array.size > _options["threshold"] and size > 2 * edge for size in array.shape]
    for axis in np.flatnonzero(cut):
        array = array.take([*range(edge), *range(-edge, 0)], axis)
    words, width = _words(array.ravel().tolist()) if array.size else ([], 1)
    return _brackets(iter(words), width, array.shape, cut, indent)


def _brackets(words: Iterator[str], width: int, shape: tuple[int, ...], cut: list[bool], indent: int) -> str:
    """Lay out the words, in row-major order, in one bracket per dimension; a cut dimension is dotted in the middle."""
    if not shape:
        return next(words)
    length, *inner = shape
    if inner:
        items = [_brackets(words, width, shape[1:], cut[1:], indent + 1) for _ in range(length)]
        dots, newline = "...", "," + "\n" * len(inner)
        per_line = 1
    else:
        items = list(islice(words, length))
        dots, newline = " ..." if length else "...", ",\n"
        per_line = max(1, int(min((_options["linewidth"] - indent) / (width + 2), length + 1)))
    if cut[0]:
        items.insert(length // 2, dots)
    lines = [", ".join(items[i : i + per_line]) for i in range(0, len(items), per_line)]
    return "[" + (newline + " " * (indent + 1)).join(lines) + "]"


def _words(values: list[Any]) -> tuple[list[str], int]:
    """The values as text, aligned right, and their width. Only nonzero finite floats count for the width."""
    measured = values
    notation: Callable[[Any], str] = str
    if isinstance(values[0], float):
        measured = [value for value in values if value and isfinite(value)]
        notation = _notation(measured)
    width = max((len(notation(value)) for value in measured), default=1)
    return [notation(value).rjust(width) for value in values], width


def _notation(values: list[float]) -> Callable[[float], str]:
    """The one notation, scientific, whole numbers ("2.") or fixed point, for all floats of a tensor."""
    scientific = _options["sci_mode"]
    if scientific is None and values:
        low, high = min(map(abs, values)), max(map(abs, values))
        scientific = high / low > 1000 or high > 1e8 or low < 1e-4
    if scientific and values:
        return f"{{:.{_options['precision']}e}}".format
    if all(value.is_integer() for value in values):
        return lambda value: f"{value:.0f}." if isfinite(value) else f"{value:.0f}"
    return f"{{:.{_options['precision']}f}}".format
