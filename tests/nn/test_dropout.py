"""The dropout layers and functions beside PyTorch's: numbers, gradients, shapes, in place, warnings and errors."""
from __future__ import annotations

import numpy as np
import pytest
from beside import beside, draw, program, table

LAYERS = ["Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"]
FUNCTIONS = ["dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout"]
SHAPES = [(7,), (4, 3), (4, 3, 5), (2, 3, 4, 2), (2, 3, 2, 2, 2), (1, 2, 1, 2, 2, 1)]


def seeded(function):
    """After a seed, and with the next number of the stream: as much was drawn on both sides."""

    def run(t, *args):
        t.manual_seed(5)
        return function(t, *args), t.rand(2)

    return run


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_function(name, shape, dtype):
    for p in (0.0, 0.3, 1.0):
        for training in (True, False):
            beside(seeded(lambda t, x: getattr(t.nn.functional, name)(x, p, training)), draw(*shape, dtype=dtype), order=1)
            beside(seeded(lambda t, x: getattr(t.nn.functional, name)(x * 1, p, training, True)), draw(*shape, dtype=dtype), order=1)


@pytest.mark.parametrize("name", LAYERS)
def test_layer(name):
    """In training and in evaluation; `inplace` changes the input (alpha dropout ignores it, as PyTorch's does)."""

    def run(t, x, inplace):
        layer = getattr(t.nn, name)(0.4, inplace)
        x = x * 1
        trained = layer(x)
        return repr(layer), trained, x, layer.eval()(x), layer.p, layer.inplace

    for shape in ((4, 3, 5), (2, 3, 4, 2)):
        for inplace in (False, True):
            beside(seeded(lambda t, x: run(t, x, inplace)), draw(*shape), order=1)


def test_views_keep_their_order():
    """A mask is drawn in the order in which the elements lie in memory."""
    beside(seeded(lambda t, x: t.dropout(x.permute(2, 0, 1), 0.3, True)), draw(3, 4, 5), order=1)
    beside(seeded(lambda t, x: t.dropout(x[:, ::2], 0.3, True)), draw(6, 8), order=1)
    beside(seeded(lambda t, x: t.dropout(x.expand(4, 3), 0.3, True)), draw(1, 3), order=1)
    beside(seeded(lambda t, x: t.feature_dropout(x.permute(2, 0, 1), 0.3, True)), draw(3, 4, 5), order=1)


@table("""
t.nn.Dropout(-0.1)
t.nn.Dropout2d(1.5)
t.nn.AlphaDropout(p='a')
t.nn.functional.dropout(x, 1.5)
t.nn.functional.alpha_dropout(x, -1)
t.dropout(x, 1.5, True)
t.dropout_(x, 0.5, True)
t.feature_dropout(x, 0.5, True)
t.feature_alpha_dropout(x, 0.5, True)
t.dropout(t.ones(3, dtype=t.int64), 0.5, True)
t.dropout(t.ones(3, dtype=t.int64), 0.5, False)
t.alpha_dropout(t.ones(3, dtype=t.int64), 0.5, True)
t.dropout(t.ones(0), 0.5, True)
""")
def test_errors(source):
    beside(program(source), draw(3), order=0)


@table("""
t.nn.functional.rrelu(x, training=True), t.nn.functional.rrelu(x), t.nn.functional.rrelu(x, 0.1, 0.4, True)
t.nn.functional.rrelu(x * 1, 0.1, 0.4, True, True), t.nn.functional.rrelu(x * 1, 0.1, 0.4, inplace=True)
t.nn.RReLU()(x), t.nn.RReLU(0.1, 0.4).eval()(x), t.nn.RReLU(-0.4, 0.4, True)(x * 1)
t.rrelu(x.mT if x.ndim > 1 else x, training=True, generator=t.Generator().manual_seed(4)), t.rrelu_(x * 1, 0.2, 0.2, True)
repr(t.nn.RReLU()), repr(t.nn.RReLU(0.5, 0.1, inplace=True))
t.rrelu(x, 0.5, 0.1)
t.rrelu(x, float('nan'), 0.1, True)
t.rrelu(x, 0., float('inf'), True)
t.rrelu(t.tensor([1, -2]))
t.rrelu(t.tensor([1, -2]), training=True)
t.rrelu(t.tensor([0., -0., float('nan'), float('inf'), -float('inf')]), training=True)
t.nn.RReLU(0.5, 0.1)(x)
""")
def test_rrelu(source):
    for dtype in ("float64", "float32"):
        for shape in ((50,), (4, 7)):
            beside(seeded(program(source)), draw(*shape, dtype=dtype))


def test_mean_and_variance_stay():
    """What alpha dropout is for."""
    import minigrad

    x = minigrad.randn(200_000, generator=minigrad.Generator(), dtype=minigrad.float64)
    y = minigrad.nn.AlphaDropout(0.2)(x).numpy()
    np.testing.assert_allclose([y.mean(), y.std()], [0, 1], atol=0.02)
