"""Libraries that PyTorch computes with, none of which is here. Mirrors torch.backends, whose switches can be set and change nothing."""
from . import cuda, cudnn, mps

__all__ = ["cuda", "cudnn", "mps"]
