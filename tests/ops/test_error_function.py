"""erf of arrays, beside Python's."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minigrad.ops.error_function import erf

ANY = np.random.default_rng(0).standard_normal(20000)


@pytest.mark.parametrize("scale", [1e-300, 1e-40, 1e-5, 0.002, 0.1, 1.0, 4.0, 1e10])
def test_float32_is_rounded_from_the_exact_value(scale):
    x = (ANY * scale).astype(np.float32)
    exact = np.array([math.erf(v) for v in x.astype(float)])
    found = erf(x, x.dtype)
    assert found.dtype == np.float32 and (found != exact.astype(np.float32)).sum() <= 1  # one in a million is halfway within 1e-12
    np.testing.assert_array_equal(np.signbit(found), np.signbit(x))


def test_float64_is_pythons():
    np.testing.assert_array_equal(erf(ANY, ANY.dtype), [math.erf(v) for v in ANY])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_shapes_and_ends(dtype):
    x = np.array([[0.0, -0.0, math.inf], [-math.inf, math.nan, 100.0]], dtype)
    found = erf(x, x.dtype)
    np.testing.assert_array_equal(found, [[0, -0.0, 1], [-1, math.nan, 1]])
    assert np.signbit(found[0, 1]) and found.dtype == dtype
    assert erf(x[:0], x.dtype).shape == (0, 3) and erf(x.T[1:], x.dtype).shape == (2, 2) and erf(x[0, 0], x.dtype).shape == ()
