"""A GPU's arithmetic: there is none, so its switches can be set and change nothing. Mirrors torch.backends.cuda."""
from __future__ import annotations


class Matmul:
    """The switches for products of matrices."""

    allow_tf32 = False
    allow_fp16_reduced_precision_reduction = allow_bf16_reduced_precision_reduction = True


matmul = Matmul()


def is_built() -> bool:
    """False."""
    return False
