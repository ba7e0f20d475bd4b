"""Tensors in safetensors files, which hold numbers and no program. Mirrors safetensors.torch; `pip install 'minigrad[safetensors]'`.

The package writes and reads the files; here its arrays become tensors. In `minigrad run`, this is `safetensors.torch`.
"""
from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds

try:
    from safetensors import numpy as files
except ImportError as error:
    raise ImportError("safetensors files need the package: pip install 'minigrad[safetensors]'") from error

from ..autograd import wrap
from ..ops.devices import check_device
from ..tensor import Tensor


def save_file(tensors: Mapping[str, Tensor], filename: str | os.PathLike[str], metadata: dict[str, str] | None = None) -> None:
    """Write named tensors. ValueError for one that is not contiguous, RuntimeError for some that share memory."""
    arrays = checked(tensors)
    part = f"{os.fspath(filename)}.part"  # an interrupted save leaves the old file whole
    try:
        files.save_file(arrays, part, metadata)
        os.replace(part, filename)
    finally:
        if os.path.exists(part):
            os.remove(part)


def load_file(filename: str | os.PathLike[str], device: Any = "cpu") -> dict[str, Tensor]:
    """The tensors of a file, by name."""
    check_device(device, "load_file")
    return {name: wrap(array) for name, array in files.load_file(filename).items()}


def save(tensors: Mapping[str, Tensor], metadata: dict[str, str] | None = None) -> bytes:
    """What `save_file` would write."""
    return files.save(checked(tensors), metadata)


def load(data: bytes) -> dict[str, Tensor]:
    """The tensors in the bytes of a file."""
    return {name: wrap(array) for name, array in files.load(data).items()}


def checked(tensors: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
    """The tensors' arrays, if a file can hold them as they are."""
    if not isinstance(tensors, Mapping):
        raise ValueError(f"Expected a dict of [str, torch.Tensor] but received {type(tensors)}")
    for name, tensor in tensors.items():
        if not isinstance(tensor, Tensor):
            raise ValueError(f"Key `{name}` is invalid, expected torch.Tensor but received {type(tensor)}")
    shared = sharing({name: tensor.array for name, tensor in tensors.items() if tensor.array.size})
    if shared:
        raise RuntimeError(
            "Some tensors share memory, this will lead to duplicate memory on disk and potential differences when loading them again: "
            f"{shared}. Save one of them, or clone() the others."
        )
    for name, tensor in tensors.items():
        if not tensor.is_contiguous():
            raise ValueError(f"You are trying to save a non contiguous tensor: `{name}` which is not allowed. Call .contiguous() first.")
    return {name: tensor.array for name, tensor in tensors.items()}


def sharing(arrays: Mapping[str, np.ndarray]) -> list[set[str]]:
    """The names of arrays whose memory overlaps, in groups."""
    groups: list[set[str]] = []
    end = 0
    for first, behind, name in sorted([(*byte_bounds(array), name) for name, array in arrays.items()]):
        if first >= end:
            groups.append(set())
        groups[-1].add(name)
        end = max(end, behind)
    return [group for group in groups if len(group) > 1]
