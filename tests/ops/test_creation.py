"""Tensors from a shape, beside PyTorch: ops/creation.py."""
from __future__ import annotations

import numpy as np
import pytest
from beside import DTYPES, beside, program, table

import minigrad

FILLED = """
t.zeros(2, 3)
t.zeros((2, 3))
t.zeros([2, 3], dtype=t.int32)
t.zeros(())
t.zeros(0)
t.zeros(2, 0)
t.zeros(t.tensor(2), 3)
t.zeros((np.int64(2), t.tensor(3)))
t.zeros(size=(2, 3))
t.zeros(t.Size([2, 3]))
t.zeros(2, requires_grad=True)
t.zeros(2, 3, layout=t.strided, device='cpu', pin_memory=False)
t.zeros(2, dtype=float), t.zeros(2, dtype=int), t.zeros(2, dtype=bool)
t.ones(2, 3, dtype=t.float64, requires_grad=True)
t.ones(size=(2,))
t.empty(2, 3).shape, t.empty(2, dtype=t.int8).dtype is t.int8, t.empty(2, requires_grad=True).requires_grad
t.empty((2,), memory_format=t.contiguous_format).shape
t.full((2, 3), 1.5)
t.full((2,), 2), t.full((2,), True), t.full((), 2.)
t.full((2,), 2, dtype=t.float32)
t.full((2,), t.tensor(3)), t.full((2,), t.tensor(3.5))
t.full((2,), np.float64(3.5)), t.full((2,), np.float32(3.5)), t.full((2,), np.int32(3))
t.full((2,), 1.9, dtype=t.int64)
t.full(size=(2,), fill_value=3., requires_grad=True)
t.eye(3)
t.eye(2, 3)
t.eye(n=3, m=2, dtype=t.int64)
t.eye(0)
t.eye(3, dtype=t.bool)
t.eye(3, requires_grad=True)
t.tril_indices(3, 4), t.tril_indices(4, 3, 1), t.tril_indices(4, 3, offset=-1, dtype=t.int32), t.tril_indices(0, 3)
t.triu_indices(3, 4), t.triu_indices(4, 3, 1), t.triu_indices(4, 3, offset=-1), t.triu_indices(3, 0)
"""
RANGES = """
t.arange(5)
t.arange(5.)
t.arange(1, 5)
t.arange(1, 5, 2)
t.arange(5, 1, -2)
t.arange(1, 2.5, 0.5)
t.arange(0, 1, 0.25)
t.arange(0)
t.arange(2, 2)
t.arange(start=1, end=4), t.arange(end=4), t.arange(1, end=4), t.arange(1, 4, step=2), t.arange(1, end=4, step=2)
t.arange(5, dtype=t.float32), t.arange(5, dtype=t.int8), t.arange(5., dtype=t.int64)
t.arange(0.5, 5, dtype=t.int64), t.arange(0.5, 5, 1.5, dtype=t.int64), t.arange(0, 5.5, dtype=t.int32)
t.arange(t.tensor(4)), t.arange(t.tensor(4.)), t.arange(np.int64(4)), t.arange(np.float64(4)), t.arange(True)
t.arange(5., requires_grad=True)
t.arange(2**40, 2**40 + 3)
t.linspace(0, 1, 5)
t.linspace(0, 1, 1), t.linspace(0, 1, 0), t.linspace(0, 1, 2), t.linspace(3, 3, 4)
t.linspace(-8, 8, 33)
t.linspace(0, 10, 5, dtype=t.int64), t.linspace(-10, 10, 9, dtype=t.int16), t.linspace(0, 10, 6, dtype=t.int32)
t.linspace(t.tensor(0.), t.tensor(1.), 3), t.linspace(0, t.tensor(1.), 3)
t.linspace(start=0, end=1, steps=3, requires_grad=True)
t.logspace(0, 4, 5, base=2), t.logspace(0, 4, 5, 2), t.logspace(0, 4, 1), t.logspace(0, 3, 4, dtype=t.int64)
"""
ERRORS = """
t.zeros(-1)
t.zeros(2, -3)
t.zeros(1.5)
t.zeros('a')
t.zeros(2, 1.5)
t.zeros((2, 1.5))
t.zeros()
t.zeros(None)
t.zeros(2, dtype=t.int64, requires_grad=True)
t.zeros(2, device='cuda')
t.zeros(2, foo=1)
t.ones(-1)
t.ones('a')
t.ones(2, foo=1)
t.empty(-2)
t.full(3, 2.)
t.full((2,), 'a')
t.full((2,), None)
t.full((2,), [1, 2])
t.full((2,), 2, requires_grad=True)
t.full((-1,), 2)
t.full((2,), 1e39)
t.full((2,), 2**63)
t.full((2,), 2**64)
t.full((2,), 1e39, dtype=t.float16)
t.arange(5, 1)
t.arange(1, 5, -1)
t.arange(1, 5, 0)
t.arange(-3)
t.arange(5, dtype=t.bool)
t.arange(float('nan'))
t.arange(float('inf'))
t.arange(5, requires_grad=True)
t.arange(3, device='cuda')
t.arange('a')
t.linspace(0, 1, -1)
t.linspace(0, 1, 2.5)
t.logspace(0, 4, -5)
t.eye(-1)
t.eye(2, -1)
t.eye(2.5)
t.tril_indices(-1, 3)
t.triu_indices(3, -1)
t.zeros_like([1])
t.full_like(t.ones(2), 'a')
t.full_like(t.ones(2, dtype=t.uint8), 300)
t.ones_like(t.ones(2, dtype=t.int64), requires_grad=True)
t.zeros_like(t.ones(2), device='cuda')
t.ones(2).new_zeros(-1)
t.ones(2, dtype=t.int64).new_ones((2,), requires_grad=True)
t.ones(2).new_full((2,), 'a')
"""
LIKE = """
t.zeros_like(x)
t.zeros_like(x, dtype=t.int64)
t.zeros_like(x, requires_grad=True)
t.zeros_like(x.requires_grad_())
t.zeros_like(x, memory_format=t.contiguous_format)
t.zeros_like(x, memory_format=t.preserve_format)
t.ones_like(x)
t.ones_like(x, dtype=t.bool)
t.full_like(x, 2)
t.full_like(x, 2.7, dtype=t.int64)
t.full_like(x, t.tensor(2))
t.zeros_like(x.long()), t.ones_like(x.long()), t.full_like(x.long(), 2.7)
x.double().new_zeros(2, 3), x.double().new_zeros((2, 3)), x.new_zeros(3, dtype=t.int64), x.new_zeros(3, requires_grad=True)
x.long().new_ones(2), x.new_ones((2, 1)), x.new_ones(())
x.long().new_full((2,), 3.5), x.double().new_full((2,), 3), x.new_full([2], True)
t.empty_like(x).shape, x.new_empty(2).shape, x.double().new_empty((2, 3)).dtype is t.float64
"""
SHAPES = ["t.arange(24.).view(2, 3, 4)", "t.ones(2, 3).t()", "t.ones(2, 3, 4).permute(2, 0, 1)", "t.ones(4, 6)[:, ::2]",
          "t.ones(1, 3).expand(2, 3)", "t.ones(0, 2)", "t.tensor(1.)"]  # fmt: skip


@table(FILLED + RANGES + ERRORS)
def test_program(source):
    beside(program(source), order=0)


@table(LIKE)
@pytest.mark.parametrize("shape", SHAPES)
def test_like(source, shape):
    f = program(f"x = {shape}; {source}")
    beside(f, order=0)
    beside(lambda t: [y.stride() for y in (f(t) if isinstance(f(t), tuple) else (f(t),)) if isinstance(y, t.Tensor) and y.numel()])


@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes(dtype):
    for source in ("zeros(2)", "ones(2)", "full((2,), 1)", "eye(2)", "arange(5)", "arange(0, 5, 2)", "linspace(0, 8, 5)"):
        if dtype != "bool" or "space" not in source:
            beside(program(f"t.{source[:-1]}, dtype=t.{dtype})"), order=0)
    if dtype[0] == "f":
        for source in ("zeros(2)", "ones(2)", "full((2,), 1.5)", "eye(2)", "arange(2.5)", "linspace(0, 1, 3)", "tensor([1.5])"):
            beside(with_default(source, dtype), order=0)


def with_default(source, dtype):
    def run(t):
        t.set_default_dtype(getattr(t, dtype))
        try:
            return program(f"t.{source}")(t)
        finally:
            t.set_default_dtype(t.float32)

    return run


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rounding_of_ranges(dtype):
    """PyTorch computes these in blocks as long as the machine's vectors, so their last bits depend on the machine: each number is
    within two roundings of the largest."""
    import torch

    rng = np.random.default_rng(0)
    for _ in range(200):
        a, step, n = rng.normal() * 3, rng.uniform(0.01, 1), int(rng.integers(2, 200))
        for call in (lambda t: t.arange(a, a + step * (n - 0.5), step, dtype=getattr(t, dtype)),
                     lambda t: t.linspace(a, a + step * n, n, dtype=getattr(t, dtype))):  # fmt: skip
            ours, theirs = call(minigrad).numpy(), call(torch).numpy()
            assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
            assert np.abs(ours - theirs).max() <= 2 * np.finfo(dtype).eps * np.abs(theirs).max()
    base = torch.logspace(-3, 3, 50, dtype=getattr(torch, dtype)).numpy()
    np.testing.assert_allclose(minigrad.logspace(-3, 3, 50, dtype=getattr(minigrad, dtype)).numpy(), base, rtol=8 * np.finfo(dtype).eps)
