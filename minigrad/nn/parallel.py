"""A module on several devices; there is one here. Mirrors torch.nn.parallel."""
from __future__ import annotations

from typing import Any

from ..distributed import NO_GROUP
from .modules.module import Module

__all__ = ["DataParallel", "DistributedDataParallel"]


class DataParallel(Module):
    """Calls the module it wraps, as PyTorch's does where there is no GPU. Mirrors torch.nn.DataParallel."""

    def __init__(self, module: Module, device_ids: Any = None, output_device: Any = None, dim: int = 0) -> None:
        super().__init__()
        self.module = module
        self.device_ids: list[int] = []

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        return self.module(*inputs, **kwargs)


class DistributedDataParallel(Module):
    """Raises, as PyTorch's does before `torch.distributed.init_process_group`. Mirrors torch.nn.parallel.DistributedDataParallel."""

    def __init__(self, module: Module, *args: Any, **kwargs: Any) -> None:
        raise ValueError(NO_GROUP)
