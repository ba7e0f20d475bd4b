"""Calls in a process of its own, where PyTorch is loaded with other settings.

MKL and ATen choose their kernels once, when they are loaded. To load PyTorch takes seconds, so one process answers several calls.
"""
from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
ONE_THREAD = {"MKL_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
SETTINGS = ("MKL_CBWR", "MKL_ENABLE_INSTRUCTIONS", "ATEN_CPU_CAPABILITY")


def calls(settings: Mapping[str, str], *wanted: tuple[Any, ...]) -> list[Any]:
    """What each (function, *arguments) returns where these settings hold, and none of those made here; with one thread."""
    inherited = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    named = [(home(function), function.__qualname__, arguments) for function, *arguments in wanted]
    command = [sys.executable, "-m", "comparisons.elsewhere"]
    environment = inherited | ONE_THREAD | dict(settings)
    done = subprocess.run(command, input=pickle.dumps(named), stdout=subprocess.PIPE, cwd=ROOT, env=environment, check=True)
    return pickle.loads(done.stdout)


def home(function: Callable[..., Any]) -> str:
    """The module of a function, by the name that it has when it is not the program that runs."""
    spec = sys.modules[function.__module__].__spec__
    return spec.name if spec else function.__module__


def main() -> None:
    wanted = pickle.load(sys.stdin.buffer)
    with redirect_stdout(sys.stderr):  # standard output is the answer's
        found = [getattr(import_module(module), name)(*arguments) for module, name, arguments in wanted]
    pickle.dump(found, sys.stdout.buffer)


if __name__ == "__main__":
    main()
