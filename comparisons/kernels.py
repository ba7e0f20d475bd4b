"""PyTorch's kernels: settings with which it takes others on the same processor, and what it then makes of the same numbers."""
from __future__ import annotations

import numpy as np
import torch

COMPATIBLE = "MKL's kernels that are the same everywhere"
KERNELS = {
    "without vector instructions": {"ATEN_CPU_CAPABILITY": "default"},
    "MKL as on a processor with AVX2": {"MKL_ENABLE_INSTRUCTIONS": "AVX2"},
    COMPATIBLE: {"MKL_CBWR": "COMPATIBLE"},
}
DTYPES = (torch.float64, torch.float32)


def results() -> dict[str, np.ndarray]:
    """What this process's PyTorch makes of some numbers, by operation and dtype."""
    torch.set_num_threads(1)
    found = {}
    for dtype in DTYPES:
        generator = torch.Generator().manual_seed(0)
        x, y = [torch.randn(20_000, generator=generator, dtype=torch.float64).to(dtype) for _ in range(2)]
        batch, weight = x[: 128 * 120].reshape(128, 120), y[: 84 * 120].reshape(84, 120)
        values = {
            "exp": x.exp(), "log": x.abs().log(), "sqrt": x.abs().sqrt(), "tanh": x.tanh(), "sigmoid": x.sigmoid(), "erf": x.erf(),
            "a + 0.1 b": torch.add(x, y, alpha=0.1), "sum of 100": x.reshape(-1, 100).sum(1), "softmax of 100": x.reshape(-1, 100).softmax(1),
            "128x120 by 120x84 product": batch @ weight.T,
        }  # fmt: skip
        found |= {f"{name}|{str(dtype)[6:]}": value.numpy() for name, value in values.items()}
    return found
