"""What a measurement depends on beside the code: versions, BLAS and its kernel, threads."""
from __future__ import annotations

import platform
from typing import Any

import numpy as np
import torch

import minigrad

from .contenders import TAPES, installed


def describe(threads: int) -> dict[str, Any]:
    """The environment, to be printed above every table of times."""
    return {
        "minigrad": minigrad.__version__,
        "Python": platform.python_version(),
        "NumPy": np.__version__,
        "NumPy's BLAS": blas(),
        "PyTorch": torch.__version__,
        "PyTorch's kernels": f"{torch.backends.cpu.get_cpu_capability()}, {'MKL' if torch.backends.mkl.is_available() else 'no MKL'}",
        "threads": threads,
        "processor": processor(),
    }


def describe_all(threads: int) -> dict[str, Any]:
    """The environment, and which of the optional libraries there are."""
    optional = {name: "installed" if installed(name) else f"not installed (pip install {TAPES[name].partition('.')[0]})" for name in TAPES}
    return {**describe(threads), **optional}


def blas() -> str:
    """The BLAS that NumPy calls, and which of its kernels this processor gets."""
    try:
        from threadpoolctl import threadpool_info  # an optional extra
    except ImportError:
        config: Any = np.show_config(mode="dicts")
        built_with = config["Build Dependencies"]["blas"]
        return f"{built_with['name']} {built_with['version']} (`pip install threadpoolctl` shows its kernels)"
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    return "; ".join(
        f"{pool['internal_api']} {pool['version']}, {pool.get('architecture', 'unknown')} kernels, "
        f"threads: {pool['num_threads']}"
        for pool in pools
    )


def processor() -> str:
    """The processor's name, where the system tells it."""
    try:
        with open("/proc/cpuinfo") as lines:
            names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()
