"""Activation functions beside PyTorch's."""
from __future__ import annotations

import numpy as np
import pytest
import torch
from beside import DTYPES, FLOATS, beside, draw, edges

import minigrad

ACTIVATIONS = [
    ("relu", {}),
    ("leaky_relu", {}),
    ("leaky_relu", {"negative_slope": 0.3}),
    ("leaky_relu", {"negative_slope": -0.3}),
    ("elu", {}),
    ("elu", {"alpha": 2.5}),
    ("silu", {}),
    ("softplus", {}),
    ("softplus", {"beta": 2.5, "threshold": 5.0}),
    ("hardtanh", {}),
    ("hardtanh", {"min_val": -3.0, "max_val": 2}),
]
every_activation = pytest.mark.parametrize("name, options", ACTIVATIONS, ids=str)


def of(t, name):
    return getattr(minigrad.ops if t is minigrad else torch.nn.functional, name)


@every_activation
@pytest.mark.parametrize("dtype", FLOATS)
def test_activation(name, options, dtype):
    def f(t, x):
        return of(t, name)(x, **options)

    x = draw(30, low=-12, high=12, dtype=dtype)
    beside(f, x)
    beside(lambda t, x: f(t, x.t()), x.reshape(5, 6))
    beside(f, x[:0])
    beside(f, np.asarray(x[0]))


@every_activation
@pytest.mark.parametrize("dtype", FLOATS)
def test_edges(name, options, dtype):
    x = edges(dtype)
    x = np.concatenate([x[~(np.abs(x) > 1e30)], np.array([-80, 90, 20, -20, 21, 6, -6, 0.01, 100, -0.01], dtype)])
    beside(lambda t, x: of(t, name)(x, **options), x, order=1)
    beside(lambda t, x: of(t, name)(x, **options), x[np.isfinite(x)])
    if name != "silu":  # whose NaN at -inf depends on how it is written
        beside(lambda t, x: of(t, name)(x, **options), np.array([np.inf, -np.inf], dtype), order=1)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "silu", "softplus", "hardtanh"])
def test_other_types(name):
    for dtype in DTYPES[2:]:
        beside(lambda t, x: of(t, name)(x), np.array([1, 0, 3, -2]).astype(dtype), order=1)


def test_in_place():
    x = draw(5)
    beside(lambda t, x: t.relu_(x.clone()), x)
    beside(lambda t, x: x.clone().relu_(), x)
    beside(lambda t, x: x.relu_(), x)
    beside(lambda t, x: of(t, "leaky_relu_")(x.detach().clone(), 0.2), x)
    beside(lambda t: t.relu([1.0]))
