"""More activation functions; the formulas stand in ops/units.py and ops/gates.py."""
from __future__ import annotations

from ...ops import gates, units
from ...ops.arguments import checked

__all__ = [
    "celu", "gelu", "glu", "hardshrink", "hardsigmoid", "hardswish", "logsigmoid", "mish", "prelu", "selu", "softshrink",
    "threshold",
]

(
    celu, gelu, glu, hardshrink, hardsigmoid, hardswish, logsigmoid, mish, prelu, selu, softshrink, threshold,
) = [checked(getattr(gates if name in ("glu", "prelu") else units, name), home=__name__) for name in __all__]
