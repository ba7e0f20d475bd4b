"""After any sequence of draws, from anywhere in the library, both streams are at the same place, and every number was the same."""
from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from kernels import same_kernels

import minigrad
from minigrad.random import fused, vectorised
from minigrad.random.normal import box_muller

pytestmark = same_kernels
DRAWS: dict[str, Any] = {
    "rand": lambda t, shape, dtype, g: t.rand(shape, dtype=dtype, generator=g),
    "randn": lambda t, shape, dtype, g: t.randn(shape, dtype=dtype, generator=g),
    "rand_like": lambda t, shape, dtype, g: t.rand_like(t.ones(shape, dtype=dtype).mT, generator=g),
    "randn_like": lambda t, shape, dtype, g: t.randn_like(t.ones(shape, dtype=dtype).mT, generator=g),
    "randint": lambda t, shape, dtype, g: t.randint(-3, 1000, shape, generator=g),
    "randint, wide": lambda t, shape, dtype, g: t.randint(0, 2**40, shape, generator=g),
    "randint_like": lambda t, shape, dtype, g: t.randint_like(t.ones(shape, dtype=dtype), 7, generator=g),
    "randperm": lambda t, shape, dtype, g: t.randperm(int(np.prod(shape)), generator=g),
    "normal": lambda t, shape, dtype, g: t.normal(t.zeros(shape, dtype=dtype), 0.3, generator=g),
    "normal, tensors": lambda t, shape, dtype, g: t.normal(t.ones(shape, dtype=dtype), t.full(shape, 0.7, dtype=dtype), generator=g),
    "bernoulli": lambda t, shape, dtype, g: t.bernoulli(t.full(shape, 0.3, dtype=dtype), generator=g),
    "poisson": lambda t, shape, dtype, g: t.poisson(t.full(shape, 2.5, dtype=dtype), generator=g),
    "poisson, large": lambda t, shape, dtype, g: t.poisson(t.full(shape, 25.5, dtype=dtype), generator=g),
    "multinomial": lambda t, shape, dtype, g: t.multinomial(t.arange(1, 9).to(dtype), 4, generator=g),
    "multinomial, replaced": lambda t, shape, dtype, g: t.multinomial(t.arange(1, 9).to(dtype), 30, True, generator=g),
    "uniform_": lambda t, shape, dtype, g: t.empty(shape, dtype=dtype).uniform_(-0.3, 1.7, generator=g),
    "uniform_, a view": lambda t, shape, dtype, g: t.zeros(*shape, 3, dtype=dtype)[..., ::2].uniform_(2, 3, generator=g),
    "normal_": lambda t, shape, dtype, g: t.empty(shape, dtype=dtype).normal_(2, 0.1, generator=g),
    "normal_, a view": lambda t, shape, dtype, g: t.zeros(*shape, 3, dtype=dtype)[..., ::2].normal_(2, 0.1, generator=g),
    "log_normal_": lambda t, shape, dtype, g: t.empty(shape, dtype=dtype).log_normal_(-1, 0.3, generator=g),
    "exponential_": lambda t, shape, dtype, g: t.empty(shape, dtype=dtype).exponential_(1.3, generator=g),
    "cauchy_": lambda t, shape, dtype, g: t.empty(shape, dtype=dtype).cauchy_(1, 0.3, generator=g),
    "geometric_": lambda t, shape, dtype, g: t.empty(shape, dtype=dtype).geometric_(0.3, generator=g),
    "bernoulli_": lambda t, shape, dtype, g: t.empty(shape, dtype=dtype).bernoulli_(0.3, generator=g),
    "random_": lambda t, shape, dtype, g: t.empty(shape, dtype=dtype).random_(generator=g),
    "random_, bounds": lambda t, shape, dtype, g: t.empty(shape, dtype=t.int32).random_(-5, 5, generator=g),
    "init.uniform_": lambda t, shape, dtype, g: t.nn.init.uniform_(t.empty(shape, dtype=dtype), -1, 0.3, generator=g),
    "init.normal_": lambda t, shape, dtype, g: t.nn.init.normal_(t.empty(shape, dtype=dtype), 1, 0.3, generator=g),
    "xavier_uniform_": lambda t, shape, dtype, g: t.nn.init.xavier_uniform_(t.empty(shape, dtype=dtype), 1.3, generator=g),
    "xavier_normal_": lambda t, shape, dtype, g: t.nn.init.xavier_normal_(t.empty(shape, dtype=dtype), 1.3, generator=g),
    "kaiming_uniform_": lambda t, shape, dtype, g: t.nn.init.kaiming_uniform_(t.empty(shape, dtype=dtype), 0.3, generator=g),
    "kaiming_normal_": lambda t, shape, dtype, g: t.nn.init.kaiming_normal_(
        t.empty(shape, dtype=dtype), mode="fan_out", nonlinearity="relu", generator=g
    ),
    "trunc_normal_": lambda t, shape, dtype, g: t.nn.init.trunc_normal_(t.empty(shape, dtype=dtype), generator=g),
    "trunc_normal_, narrow": lambda t, shape, dtype, g: t.nn.init.trunc_normal_(t.empty(shape, dtype=dtype), 0, 1, 1, 1.5, generator=g),
}
FROM_THE_DEFAULT: dict[str, Any] = {
    "dropout": lambda t, shape, dtype: t.nn.functional.dropout(t.ones(shape, dtype=dtype), 0.3),
    "alpha_dropout": lambda t, shape, dtype: t.nn.functional.alpha_dropout(t.ones(shape, dtype=dtype), 0.3, True),
    "dropout1d": lambda t, shape, dtype: t.nn.functional.dropout1d(t.ones(shape, dtype=dtype), 0.3),
    "feature_alpha_dropout": lambda t, shape, dtype: t.nn.functional.feature_alpha_dropout(t.ones(shape, dtype=dtype), 0.3, True),
    "sparse_": lambda t, shape, dtype: t.nn.init.sparse_(t.empty(shape, dtype=dtype), 0.4),
    "Linear": lambda t, shape, dtype: list(t.nn.Linear(*shape, dtype=dtype).parameters()),
}
draws = st.tuples(
    st.sampled_from([*DRAWS, *FROM_THE_DEFAULT]),
    st.tuples(st.integers(1, 30), st.integers(1, 30)),
    st.sampled_from(["float32", "float64"]),
    st.booleans(),
)


def run(t, seed, program):
    """What a program of draws gives, from the default stream and from one of its own, and where both end."""
    own = t.Generator().manual_seed(seed ^ 1)
    t.manual_seed(seed)
    results = []
    for name, shape, dtype, use_own in program:
        if name in DRAWS:
            results.append(DRAWS[name](t, shape, getattr(t, dtype), own if use_own else None))
        else:
            results.append(FROM_THE_DEFAULT[name](t, shape, getattr(t, dtype)))
    return results, [t.get_rng_state(), own.get_state()]


def check_equal(ours, theirs):
    if isinstance(theirs, (list, tuple)):
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs):
            check_equal(a, b)
    else:
        assert tuple(ours.shape) == tuple(theirs.shape) and repr(ours.dtype) == repr(theirs.dtype)
        np.testing.assert_array_equal(ours.numpy(force=True), theirs.numpy(force=True))


@settings(max_examples=150, deadline=None)
@given(st.integers(-(2**63), 2**64 - 2), st.lists(draws, min_size=1, max_size=8))
def test_any_sequence(seed, program):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of empty tensors, and of numbers that float16 cannot hold
        check_equal(run(minigrad, seed, program), run(torch, seed, program))


@pytest.mark.parametrize("name", [*DRAWS, *FROM_THE_DEFAULT])
def test_each(name):
    """Every one, for sure, in a large tensor and in both dtypes."""
    for dtype in ("float32", "float64"):
        program = [(name, (37, 29), dtype, False), (name, (3, 2), dtype, False), ("randn", (1, 1), dtype, False)]
        check_equal(run(minigrad, 5, program), run(torch, 5, program))


@pytest.mark.parametrize("dtype, bound", [("float32", 1e-5), ("float64", 1e-13)])
@pytest.mark.parametrize("shape", [(4, 4), (30, 7), (7, 30), (6, 2, 5)])
def test_orthogonal(shape, dtype, bound):
    """The same draws, but the QR decomposition is that of another library, and rounds otherwise."""
    results = []
    for t in (minigrad, torch):
        t.manual_seed(3)
        results.append(t.nn.init.orthogonal_(t.empty(shape, dtype=getattr(t, dtype)), 1.3).numpy())
    np.testing.assert_allclose(*results, atol=bound, rtol=0)
    np.testing.assert_array_equal(minigrad.get_rng_state().numpy(), torch.get_rng_state().numpy())


@given(st.integers(0, 2**32 - 1), st.integers(16, 5000))
def test_float32_normal(seed, n):
    """The emulated logarithm, sine and cosine, at many points."""
    check_equal(run(minigrad, seed, [("randn", (n, 7), "float32", False)]), run(torch, seed, [("randn", (n, 7), "float32", False)]))


def test_a_million():
    """More than a block of each loop, and rare ways through them."""
    for n in (1_000_000, 1_000_003):
        for dtype in ("float32", "float64"):
            program = [("rand", (n,), dtype, False), ("randn", (n,), dtype, False), ("uniform_", (n,), dtype, False)]
            check_equal(run(minigrad, n, program), run(torch, n, program))


def test_slow_multiply_adds_are_the_quick_ones(monkeypatch):
    """Where quick multiply-adds could be wrong slow ones are taken, which is too rare to wait for."""
    u = minigrad.rand(1600).numpy()
    quick = box_muller(u, 0.3, 1.7)
    monkeypatch.setattr(fused.Quick, "exact", lambda self: False)
    np.testing.assert_array_equal(box_muller(u, 0.3, 1.7), quick)


def test_multiply_add_in_the_middle():
    """Sums that a double rounds to the middle between two singles: the slow way sees on which side they are."""
    a, b = np.float32(1 + 2**-12), np.float32(1 + 2**-12)  # their product is 1 + 2^-11 + 2^-24, the middle
    for c, expected in ((2.0**-80, 1 + 2**-11 + 2**-23), (-(2.0**-80), 1 + 2**-11), (0.0, 1 + 2**-11)):
        assert fused.multiply_add(a, b, np.float32(c), np.float32) == expected
    quick = fused.Quick()
    quick(np.array([float(a)]), np.array([float(b)]), np.array([2.0**-80]))
    assert not quick.exact()
    quick = fused.Quick()
    quick(np.array([float(a)]), np.array([float(b)]), np.array([0.0]))
    assert quick.exact()


@given(st.lists(st.floats(-(2.0**60), 2.0**60).filter(lambda x: x == 0 or abs(x) > 2.0**-60), min_size=3, max_size=3))
def test_multiply_add_in_double(numbers):
    """Beside exact arithmetic."""
    from fractions import Fraction

    a, b, c = numbers
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    assert fused.multiply_add(a, b, c, np.float64) == float(exact)


def test_the_kernels_functions_are_accurate():
    x = np.linspace(2.0**-24, 1, 10_000, dtype=np.float32).astype(np.float64)
    np.testing.assert_allclose(vectorised.log(x), np.log(x), rtol=2e-7, atol=1e-7)
    for value, expected in zip(vectorised.sin_cos(x * 6), (np.sin(x * 6), np.cos(x * 6))):
        np.testing.assert_allclose(value, expected, atol=2e-7)
