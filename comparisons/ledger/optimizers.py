"""Every optimizer with every set of options in PyTorch's optimizer database: 100 steps on identical gradients."""
from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.testing._internal.common_optimizers import optim_db

import minigrad

from .modules import ours
from .record import Gauge, Record

TITLE = "Optimizers"
ABOUT = "100 steps on the same random gradients, with every set of options in PyTorch's optimizer database: all parameters and states."
ABSENT = ("SparseAdam", "Adafactor", "Muon")
CALLS_BACK = ("LBFGS",)  # chooses where it wants its gradients, so they cannot be given
STEPS = 100
SHAPES = ((40, 7), (40,), (), (3, 40), (1, 5, 2))


def jobs(quick: bool) -> list[int]:
    return [i for i, info in enumerate(optim_db) if info.name not in ABSENT + CALLS_BACK]


def measure(job: int, quick: bool) -> list[Record]:
    info = optim_db[job]
    found = []
    for sample in info.optim_inputs_func("cpu", torch.float32)[: 1 if quick else None]:
        for dtype in ("float64", "float32"):
            found.append(compare(info.name, sample.kwargs, sample.desc, dtype))
    return found


def compare(name: str, options: dict[str, Any], description: str, dtype: str) -> Record:
    rng = np.random.default_rng(0)
    arrays = [np.asarray(rng.standard_normal(shape), dtype) for shape in SHAPES]
    mine = [minigrad.tensor(array, requires_grad=True) for array in arrays]
    theirs = [torch.tensor(array, requires_grad=True) for array in arrays]
    here, there = getattr(minigrad.optim, name)(mine, **ours(options, {})), getattr(torch.optim, name)(theirs, **options)
    for _ in range(STEPS):
        for p, q in zip(mine, theirs):
            grad = np.asarray(rng.standard_normal(tuple(q.shape)), dtype)
            p.grad, q.grad = minigrad.from_numpy(grad), torch.from_numpy(grad)
        here.step()
        there.step()
    gauge = Gauge()
    gauge.samples = STEPS
    pairs = [("parameter", p, q) for p, q in zip(mine, theirs)]
    pairs += [(key, here.state[p][key], value) for p, q in zip(mine, theirs) for key, value in there.state.get(q, {}).items()]
    scales = {key: max([float(b.detach().abs().max()) for name, _, b in pairs if name == key]) for key, *_ in pairs}
    for key, a, b in pairs:
        gauge.add(a.numpy(force=True), b.numpy(force=True), scales[key])
    return gauge.record("optimizers", f"{name}: {description}", "T3", what="parameters and state", dtype=dtype)
