"""What can be measured, by name; each in a process of its own, with the number of threads that is asked for."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

LIMITS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
TIMED = ("qnetwork", "act1", "act32", "policy", "mnist", "cnn", "gpt", "lstm", "chain", "loader", "rand", "layer", "import")
EXTRA = ("operation", "inside", "memory", "growth")  # where the time and the memory go
ROOT = Path(__file__).parents[2]


def measure(name: str, threads: int, **settings: Any) -> Any:
    """What a worker prints, which is JSON. Its progress and its errors go where ours go."""
    with worker(name, threads, **settings) as process:
        result, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"{name} could not be measured")
    return json.loads(result)


def worker(name: str, threads: int, **settings: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "comparisons.benchmark.worker", name, json.dumps({"threads": threads, **settings})]
    environment = {**os.environ, **dict.fromkeys(LIMITS, str(threads))}  # read when the libraries are loaded, and only then
    return subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8", cwd=ROOT, env=environment)
