"""More activation functions; the formulas stand in ops/units.py."""
from __future__ import annotations

from ...ops import units
from ...ops.arguments import checked

__all__ = [
    "celu", "gelu", "glu", "hardshrink", "hardsigmoid", "hardswish", "logsigmoid", "mish", "prelu", "selu", "softshrink",
    "threshold",
]

(
    celu, gelu, glu, hardshrink, hardsigmoid, hardswish, logsigmoid, mish, prelu, selu, softshrink, threshold,
) = [checked(getattr(units, name), home=__name__) for name in __all__]
