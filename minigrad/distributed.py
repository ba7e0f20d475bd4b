"""Training in several processes, which there is not here: what programs ask before they do. Mirrors torch.distributed."""
from __future__ import annotations

from typing import Any

__all__ = ["barrier", "destroy_process_group", "get_rank", "get_world_size", "init_process_group", "is_available", "is_initialized"]

NO_GROUP = "Default process group has not been initialized, please make sure to call init_process_group."


def is_available() -> bool:
    """False."""
    return False


is_initialized = is_available


def init_process_group(backend: str | None = None, init_method: str | None = None, timeout: Any = None, world_size: int = -1,
                       rank: int = -1, store: Any = None, group_name: str = "", pg_options: Any = None, device_id: Any = None,
                       _ranks: Any = None) -> None:
    """Raises."""
    raise RuntimeError("minigrad trains in one process: run the program without torch.distributed")


def get_rank(group: Any = None) -> int:
    """Raises: there is no group of processes."""
    raise ValueError(NO_GROUP)


barrier = destroy_process_group = get_world_size = get_rank
