"""Intel's GPU, absent. Mirrors torch.xpu."""
from .mps import device_count as device_count
from .mps import is_available as is_available
from .mps import manual_seed as manual_seed

manual_seed_all = manual_seed
