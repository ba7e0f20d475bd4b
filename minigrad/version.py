"""Which minigrad this is, and what it was built for: nothing but the CPU. Mirrors torch.version."""
__version__ = "0.1.0"
cuda = hip = xpu = None
