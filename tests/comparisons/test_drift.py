"""The distances from PyTorch, and of PyTorch from itself with other kernels, over training steps."""
from __future__ import annotations

import numpy as np

from comparisons.drift import LIMITS, Drift, as_table, drift


def test_the_series_begin_within_the_limit():
    series = drift("float64", steps=20)
    for distances in (series.from_pytorch, series.between_kernels):
        assert distances.shape == (20,)
        assert (distances < LIMITS["float64"]).all()
    assert series.from_pytorch[-1] > 0  # what is measured is not the same run


def test_the_table_has_the_last_step_and_the_largest_distance():
    lines = as_table([Drift("float64", np.array([1e-16, 3e-16, 2e-16]), np.array([4e-16, 5e-16, 6e-16]))]).splitlines()
    assert [line.split() for line in lines[2:]] == [["1", "1.0e-16", "4.0e-16"], ["3", "2.0e-16", "6.0e-16"], ["largest", "3.0e-16", "6.0e-16"]]
