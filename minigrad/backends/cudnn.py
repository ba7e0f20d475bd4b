"""NVIDIA's library, absent. Its switches can be set and change nothing: everything is deterministic here. Mirrors torch.backends.cudnn."""
from __future__ import annotations

enabled = allow_tf32 = True
benchmark = deterministic = False


def is_available() -> bool:
    """False."""
    return False


def version() -> int | None:
    """None."""
    return None
