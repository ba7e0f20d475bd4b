"""More activation functions; the formulas stand in ops/units.py."""
from __future__ import annotations

from ...ops import units
from ...ops.arguments import checked

__all__ = [
    "celu", "gelu", "glu", "hardshrink", "hardsigmoid", "hardswish", "logsigmoid", "mish", "prelu", "selu", "softshrink",
    "threshold",
]

gelu, selu, celu, mish = map(checked, (units.gelu, units.selu, units.celu, units.mish))
hardswish, hardsigmoid, hardshrink, softshrink = map(
    checked, (units.hardswish, units.hardsigmoid, units.hardshrink, units.softshrink)
)
threshold, logsigmoid, prelu, glu = map(checked, (units.threshold, units.logsigmoid, units.prelu, units.glu))
