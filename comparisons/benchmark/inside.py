"""The share of a training step that is spent inside NumPy: where the processor is, asked a thousand times a second.

A process that only trains is stopped by ptrace, its instruction pointer read, and looked up among the files that are mapped there.
So this is about Linux on x86-64. Nothing in the process knows, and nothing is slowed down between two questions.
"""
from __future__ import annotations

import ctypes
import os
import platform
import sys
import time
from collections import Counter
from typing import Any

from tqdm import tqdm

from .measurements import worker
from .workloads import WORKLOADS

NETWORKS = {"qnetwork": 0.8, "policy": 0.8, "mnist": 0.8, "cnn": None, "gpt": None, "lstm": None}  # and the least share wanted
SAMPLES = 1500
PAUSE = 0.001  # seconds
SEIZE, INTERRUPT, GET_REGISTERS, CONTINUE, ALL_THREADS = 0x4206, 0x4207, 12, 7, 0x40000000
INSTRUCTION_POINTER = 16  # its place among the registers


def shares(threads: int, rounds: int) -> dict[str, Any]:
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return {"kind": "inside", "missing": "only Linux on x86-64 tells another process where the processor is"}
    rows = {}
    for name in tqdm(NETWORKS, desc="inside", leave=False):
        with worker("busy", threads, workload=name) as process:
            try:
                process.stdout.readline()  # type: ignore[union-attr]
                rows[WORKLOADS[name].title] = {"target": NETWORKS[name], "samples": sampled(process.pid, max(2, SAMPLES * rounds // 50))}
            except OSError as error:
                return {"kind": "inside", "missing": f"the system does not let a process be watched: {error.strerror}"}
            finally:
                process.kill()
    return {"kind": "inside", "rows": rows}


def forever(threads: int, workload: str) -> None:
    """Train until killed."""
    step = WORKLOADS[workload].contenders()["minigrad"]()
    for _ in range(20):
        step()
    print("ready", flush=True)
    while True:
        step()


def sampled(pid: int, count: int) -> dict[str, int]:
    """In what a process spends its time: how often it was found there."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes, libc.ptrace.restype = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p], ctypes.c_long

    def ptrace(request: int, address: int | None = None) -> None:
        if libc.ptrace(request, pid, None, address) < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    registers = (ctypes.c_ulonglong * 27)()
    found: Counter[str] = Counter()
    ptrace(SEIZE)
    code = mapped(pid)
    for _ in range(count):
        time.sleep(PAUSE)
        ptrace(INTERRUPT)
        os.waitpid(pid, ALL_THREADS)
        ptrace(GET_REGISTERS, ctypes.addressof(registers))
        ptrace(CONTINUE)
        at = registers[INSTRUCTION_POINTER]
        found[kind(next((path for low, high, path in code if low <= at < high), ""))] += 1
    return dict(found)


def mapped(pid: int) -> list[tuple[int, int, str]]:
    """The pieces of memory with code, and the files they come from."""
    pieces = []
    with open(f"/proc/{pid}/maps") as lines:
        for line in lines:
            span, rights, _, _, _, *path = line.split(maxsplit=5)
            if "x" in rights:
                low, high = [int(end, 16) for end in span.split("-")]
                pieces.append((low, high, path[0].strip() if path else ""))
    return pieces


def kind(path: str) -> str:
    folder, name = os.path.split(path)
    if any(blas in name for blas in ("blas", "mkl", "blis")):
        return "BLAS"
    if "numpy" in folder or name.startswith("libm."):
        return "ufuncs"
    return "C library" if name.startswith(("libc.", "libc-")) else "Python"
