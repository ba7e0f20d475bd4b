"""What programs need besides tensors and modules. Mirrors torch.utils."""
from . import data

__all__ = ["data"]
