"""After any sequence of draws, from anywhere in the library, both streams are at the same place, and every number was the same."""
from __future__ import annotations

import math
import warnings
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from kernels import same_kernels

import minigrad
from comparisons.random_streams import SECTIONS, report
from minigrad.random import fused, vectorised
from minigrad.random.normal import box_muller

pytestmark = same_kernels
ROUTINES = {f"{section}, {routine.name}": routine for section, routines in SECTIONS.items() for routine in routines}
NOT_EXACT = [name for name, routine in ROUTINES.items() if "(" not in routine.remark and routine.remark]
EXACT = [name for name in ROUTINES if name not in NOT_EXACT]
RANDN = "torch, randn"
draws = st.tuples(
    st.sampled_from(EXACT),
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
        generator = own if use_own and ROUTINES[name].takes_generator else None
        results.append(ROUTINES[name].draw(t, shape, getattr(t, dtype), generator))
    return results, [t.get_rng_state(), own.get_state()]


def check_equal(ours, theirs):
    if isinstance(theirs, (list, tuple)):
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs):
            check_equal(a, b)
    else:
        assert tuple(ours.shape) == tuple(theirs.shape) and repr(ours.dtype) == repr(theirs.dtype)
        np.testing.assert_array_equal(ours.numpy(force=True), theirs.numpy(force=True))


@settings(max_examples=300, deadline=None)
@given(st.integers(-(2**63), 2**64 - 2), st.lists(draws, min_size=1, max_size=8))
def test_any_sequence(seed, program):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of empty tensors, and of numbers that float16 cannot hold
        check_equal(run(minigrad, seed, program), run(torch, seed, program))


@pytest.mark.parametrize("name", EXACT)
def test_each(name):
    """Every one, for sure, in a large tensor and in both dtypes."""
    for dtype in ("float32", "float64"):
        program = [(name, (37, 29), dtype, False), (name, (3, 5), dtype, True), (RANDN, (1, 1), dtype, False)]
        check_equal(run(minigrad, 5, program), run(torch, 5, program))


@pytest.mark.parametrize("dtype, bound", [("float32", 1e-5), ("float64", 1e-13)])
@pytest.mark.parametrize("name", NOT_EXACT)
def test_nearly(name, dtype, bound):
    """The same draws, of which the last step makes something that is rounded otherwise."""
    for shape in ((4, 4), (30, 7), (7, 30)):
        (ours, our_states), (theirs, their_states) = [run(t, 3, [(name, shape, dtype, False)]) for t in (minigrad, torch)]
        check_equal(our_states, their_states)
        for a, b in zip(flat(ours), flat(theirs)):
            np.testing.assert_allclose(a.numpy(), b.numpy(), atol=bound, rtol=bound)


def flat(results):
    return [x for result in results for x in (result if isinstance(result, list) else [result])]


def test_the_docs_show_what_the_command_prints():
    """But for the lines of what is not exact, and so differs between machines."""
    printed = report().splitlines()
    written = Path(minigrad.__file__).parents[1].joinpath("docs", "random.md").read_text(encoding="utf-8").splitlines()
    assert [a for a in printed if "%" not in a] == [b for b in written if "%" not in b]
    assert not any("apart" in line for line in printed)


@given(st.integers(0, 2**32 - 1), st.integers(16, 5000))
def test_float32_normal(seed, n):
    """The emulated logarithm, sine and cosine, at many points."""
    check_equal(run(minigrad, seed, [(RANDN, (n, 7), "float32", False)]), run(torch, seed, [(RANDN, (n, 7), "float32", False)]))


def test_a_million():
    """More than a block of each loop, and rare ways through them."""
    for n in (1_000_000, 1_000_003):
        for dtype in ("float32", "float64"):
            program = [(f"torch{name}", (n,), dtype, False) for name in (", rand", ", randn", ".Tensor, uniform_")]
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


@given(st.lists(st.floats(-1e300, 1e300), min_size=3, max_size=3))
def test_multiply_add_in_double(numbers):
    """Beside exact arithmetic, up to where numbers end."""
    a, b, c = numbers
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    try:
        expected = float(exact)
    except OverflowError:
        expected = math.inf if exact > 0 else -math.inf
    with np.errstate(all="ignore"):
        assert fused.multiply_add(a, b, c, np.float64) == expected


def test_the_kernels_functions_are_accurate():
    x = np.linspace(2.0**-24, 1, 10_000, dtype=np.float32).astype(np.float64)
    np.testing.assert_allclose(vectorised.log(x), np.log(x), rtol=2e-7, atol=1e-7)
    for value, expected in zip(vectorised.sin_cos(x * 6), (np.sin(x * 6), np.cos(x * 6))):
        np.testing.assert_allclose(value, expected, atol=2e-7)
