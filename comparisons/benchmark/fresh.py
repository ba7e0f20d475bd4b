"""What an import costs: the CPU time, and the memory that the interpreter then holds."""
from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from typing import Any

from tqdm import tqdm

from .measurements import ROOT

MODULES = "minigrad", "numpy", "torch"
SHARE = 0.3  # of the rounds of other measurements, for importing PyTorch takes a second
IMPORT = """
import time
start = time.process_time()
import {}
seconds = time.process_time() - start
from comparisons.benchmark.resident import resident
import json
print(json.dumps([seconds, resident()]))
"""


def imports(threads: int, rounds: int) -> dict[str, Any]:
    """In fresh interpreters, taken in turns.

    Compiled beforehand, as an installed package is: also where the environment tells Python to write no bytecode.
    """
    seconds: dict[str, list[float]] = {module: [] for module in MODULES}
    size: dict[str, list[float]] = {module: [] for module in MODULES}
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)

        def of(module: str) -> list[float]:
            command = [sys.executable, "-c", IMPORT.format(module)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment, cwd=ROOT)
            return list(json.loads(done.stdout))

        for module in MODULES:
            of(module)
        for _ in tqdm(range(max(2, round(SHARE * rounds))), desc="import", leave=False):
            for module in MODULES:
                taken, held = of(module)
                seconds[module].append(taken)
                size[module].append(held)
    targets = {"seconds": {"torch": 0.10, "numpy": 0.020}, "bytes": {"torch": 0.15, "numpy": 2e6}}
    return {"kind": "imports", "title": "Import in a fresh interpreter", "seconds": seconds, "bytes": size, "targets": targets}
