"""Arrays as a trace keeps them: small ones whole, larger ones in figures."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import numpy as np

WHOLE = 64  # elements, up to which an array is kept whole
CORNER = 8  # rows and columns of a larger one that are kept


class Pool:
    """Descriptions of arrays, by number. Equal ones share a number."""

    def __init__(self) -> None:
        self.described: list[dict[str, Any]] = []
        self._numbers: dict[Any, int] = {}

    def add(self, value: Any) -> int | None:
        """The number of an array, or of a Tensor's array; None for None."""
        if value is None:
            return None
        array = np.asarray(getattr(value, "array", value))
        content = array.tobytes() if array.size <= WHOLE else blake2b(array.tobytes()).digest()
        key = (array.shape, array.dtype.str, content)
        if key not in self._numbers:
            self._numbers[key] = len(self.described)
            self.described.append(describe(array))
        return self._numbers[key]


def describe(array: np.ndarray) -> dict[str, Any]:
    """An array up to 64 elements with all of them, else with what stands for them."""
    about: dict[str, Any] = {"shape": list(array.shape), "dtype": array.dtype.name}
    if array.size <= WHOLE:
        return about | {"values": [number(x) for x in array.ravel().tolist()]}
    corner = array[(0,) * (array.ndim - 2)] if array.ndim > 2 else np.atleast_2d(array)
    rows = [[number(x) for x in row] for row in corner[:CORNER, :CORNER].tolist()]
    if array.dtype.kind != "f":
        return about | {"min": number(array.min()), "max": number(array.max()), "rows": rows}
    finite = array[np.isfinite(array)].astype(np.float64)
    if not finite.size:
        finite = np.full(1, np.nan)
    figures = {"min": finite.min(), "max": finite.max(), "mean": finite.mean(), "norm": np.sqrt(np.add.reduce(finite * finite))}
    about |= {name: number(x) for name, x in figures.items()}
    return about | {"rows": rows, "nan": int(np.isnan(array).sum()), "inf": int(np.isinf(array).sum())}


def number(x: Any) -> Any:
    """A number in JSON, with as many digits as anybody reads; what JSON has no number for is a string."""
    if isinstance(x, (bool, int, np.integer, np.bool_)):
        return int(x)
    x = float(x)
    if x != x:
        return "NaN"
    if x in (float("inf"), float("-inf")):
        return "Infinity" if x > 0 else "-Infinity"
    return float(f"{x:.6g}")
