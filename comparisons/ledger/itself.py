"""PyTorch beside itself: the same call with other kernels, and the same row in a batch and alone. Nothing here is minigrad's."""
from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

from .record import Gauge, Record

TITLE = "PyTorch beside itself"
ABOUT = "The same PyTorch, the same inputs, and kernels that it takes on other processors: how many bits are its own to begin with."
KERNELS = {
    "without vector instructions": {"ATEN_CPU_CAPABILITY": "default"},
    "MKL as on a processor with AVX2": {"MKL_ENABLE_INSTRUCTIONS": "AVX2"},
    "MKL's kernels that are the same everywhere": {"MKL_CBWR": "COMPATIBLE"},
}
DTYPES = (torch.float64, torch.float32)


def jobs(quick: bool) -> list[str]:
    return ["a row alone", *list(KERNELS)[-1 if quick else 0 :]]


def measure(job: str, quick: bool) -> list[Record]:
    return alone() if job == "a row alone" else with_kernels(job)


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


def with_kernels(job: str) -> list[Record]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "results.npz")
        environment = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"} | KERNELS[job]
        subprocess.run([sys.executable, "-m", __spec__.name, str(file)], env=environment, cwd=Path(__file__).parents[2], check=True)
        with np.load(file) as theirs:
            return [compare(job, *name.split("|"), value, theirs[name]) for name, value in results().items()]


def alone() -> list[Record]:
    """The rows of a batch, multiplied together and one by one."""
    found = []
    for dtype in DTYPES:
        generator = torch.Generator().manual_seed(0)
        x, w = torch.randn(128, 120, generator=generator, dtype=dtype), torch.randn(84, 120, generator=generator, dtype=dtype)
        together, single = (x @ w.T).numpy(), torch.cat([row[None] @ w.T for row in x]).numpy()
        found.append(compare("each row of a batch alone", "128x120 by 120x84 product", str(dtype)[6:], single, together))
    return found


def compare(setting: str, what: str, dtype: str, mine: np.ndarray, theirs: np.ndarray) -> Record:
    gauge = Gauge()
    gauge.samples = 1
    gauge.add(mine, theirs)
    record = gauge.record("itself", setting, "T3", what=what, dtype=dtype)
    record.tier = "none"
    return record


if __name__ == "__main__":
    np.savez(sys.argv[1], **results())
