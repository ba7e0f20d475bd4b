"""Where tensors live: on the CPU. Mirrors torch.device."""
from __future__ import annotations

from typing import Any

from .arguments import must_be, type_name

DEVICES = ("cpu", "cuda", "ipu", "xpu", "mkldnn", "opengl", "opencl", "ideep", "hip", "ve", "fpga", "maia", "xla", "lazy", "vulkan",
           "mps", "meta", "hpu", "mtia", "privateuseone")  # fmt: skip


class device:
    """The name of a place for tensors, such as "cpu" or "cuda:1". It may name any; tensors can only be made on the CPU."""

    type: str
    index: int | None

    def __init__(self, type: Any, index: int | None = None) -> None:
        if isinstance(type, device):
            self.type, self.index = type.type, type.index
            return
        if isinstance(type, int):
            raise RuntimeError("Cannot access accelerator device when none is available.")
        if not isinstance(type, str):
            raise must_be("torch.device", "device", "device", 1, type)
        if not type:
            raise RuntimeError("Device string must not be empty")
        name, colon, number = type.partition(":")
        if not name.isalpha() or colon and not number.isdecimal():
            raise RuntimeError(f"Invalid device string: '{type}'")
        if name not in DEVICES:
            raise RuntimeError(f"Expected one of {', '.join(DEVICES)} device type at start of device string: {name}")
        self.type = name
        self.index = int(number) if number else index

    def __repr__(self) -> str:
        return f"device(type='{self.type}'" + (")" if self.index is None else f", index={self.index})")

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))


CPU = device("cpu")


def check_device(where: Any, function: str = "tensor") -> None:
    """Accept the CPU; another device gets PyTorch's error of a build without it."""
    if where is None or where == "cpu" or where is CPU:
        return
    if not isinstance(where, (device, str, int)) or isinstance(where, bool):
        raise TypeError(f"{function}(): argument 'device' must be torch.device, not {type_name(where)}")
    asked = device(where)
    if asked.type == "cuda":
        raise AssertionError("Torch not compiled with CUDA enabled")
    if asked.type != "cpu":
        raise RuntimeError(f"minigrad runs on the CPU only; device {str(asked)!r} does not exist here. Use device='cpu'.")
