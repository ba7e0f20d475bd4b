"""The canary: whether this machine's PyTorch computes random numbers with the kernels that minigrad reproduces.

Those are the ones for AVX2 (with fused multiply-adds), which PyTorch takes on all x86 processors of the last ten years. Elsewhere
the streams of words are the same, but some numbers differ in their last bit; the tests that ask for bits then say so and skip.
"""
from __future__ import annotations

import pytest
import torch

import minigrad


def difference() -> str:
    """Why the bits cannot be expected to be equal here, or ''."""
    capability = torch.backends.cpu.get_cpu_capability()
    if capability in ("AVX2", "AVX512"):
        return ""  # then they are expected
    draws = {
        "uniform_": lambda t: t.empty(4096).uniform_(-0.3, 1.4),
        "normal_": lambda t: t.randn(4096),
        "normal_ in float64": lambda t: t.randn(4096, dtype=t.float64),
    }
    differ = []
    for name, draw in draws.items():
        minigrad.manual_seed(0), torch.manual_seed(0)
        if draw(minigrad).tolist() != draw(torch).tolist():
            differ.append(name)
    return f"PyTorch's {capability} kernels round otherwise than those for AVX2: {', '.join(differ)}" if differ else ""


DIFFERENCE = difference()
same_kernels = pytest.mark.skipif(bool(DIFFERENCE), reason=DIFFERENCE)
