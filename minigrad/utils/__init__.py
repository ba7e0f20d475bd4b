"""What programs need besides tensors and modules. Mirrors torch.utils."""
from . import checkpoint, data

__all__ = ["checkpoint", "data"]
