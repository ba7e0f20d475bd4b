"""PyTorch in the one environment where it can be predicted to the last bit: MKL's compatible kernels, one thread.

A comparison that needs it runs in a process of its own: elsewhere.py.
"""
from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np
import torch

from minigrad.exact_mode.products import in_sequence
from minigrad.random.fused import multiply_add

from .distance import same_bits
from .elsewhere import ONE_THREAD
from .kernels import COMPATIBLE, KERNELS

ENVIRONMENT = KERNELS[COMPATIBLE] | ONE_THREAD


def is_pinned() -> bool:
    return ENVIRONMENT.items() <= os.environ.items()


def canary() -> str:
    """Why this machine's PyTorch cannot be equal to minigrad's exact mode bit for bit, or ''."""
    if not is_pinned():
        return f"PyTorch must be started with {' '.join([f'{key}={value}' for key, value in ENVIRONMENT.items()])}"
    return "; ".join([name for name, actual, expected in trials() if not same_bits(actual, expected).all()])


def trials() -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """What PyTorch computes, and what it has to be; named by what it means if they differ."""
    rng = np.random.default_rng(0)
    for rows, inner, columns in ((128, 4, 120), (128, 120, 84), (128, 84, 2), (4, 128, 30)):
        x, w = [rng.standard_normal(shape) for shape in ((rows, inner), (columns, inner))]
        note = f"PyTorch's product of {rows}x{inner} and {inner}x{columns} matrices is not added up in sequence"
        yield note, (torch.tensor(x) @ torch.tensor(w).T).numpy(), in_sequence(x, w.T)
    a, b = rng.standard_normal((2, 1003))
    sums = torch.add(torch.tensor(a), torch.tensor(b), alpha=0.1).numpy()
    yield "PyTorch's kernels do not fuse multiplications and additions", sums, multiply_add(0.1, b, a, np.float64)
    p, g = [torch.tensor(x).requires_grad_() for x in (a, b)]
    p.grad = g.detach()
    optimizer = torch.optim.Adam([p], fused=True)
    optimizer.step()
    v = optimizer.state[p]["exp_avg_sq"].numpy()
    roots = np.sqrt(v) / (1 - 0.999) ** 0.5 + 1e-8
    step = a + -(1e-3 / (1 - 0.9)) * optimizer.state[p]["exp_avg"].numpy() / roots
    yield "the square root in PyTorch's fused Adam is not the processor's", p.detach().numpy(), step
