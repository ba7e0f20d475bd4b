"""Settings given as one number or as one for each dimension."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


def ntuple(x: Any, n: int) -> tuple[Any, ...]:
    """n times the same, unless several are given."""
    return tuple(x) if isinstance(x, Iterable) else (x,) * n


def reverse_repeat(x: Iterable[int]) -> list[int]:
    """(height, width) as (left, right, top, bottom): the margins that F.pad takes."""
    return [side for one in reversed(tuple(x)) for side in (one, one)]


def _ntuple(n: int) -> Callable[[Any], tuple[Any, ...]]:
    """`ntuple` for one n; programs that define layers import these from PyTorch."""
    return lambda x: ntuple(x, n)


_single, _pair, _triple, _quadruple = [_ntuple(n) for n in (1, 2, 3, 4)]
