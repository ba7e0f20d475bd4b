"""Apple's GPU, absent. Mirrors torch.backends.mps."""
from __future__ import annotations


def is_available() -> bool:
    """False."""
    return False


is_built = is_available
