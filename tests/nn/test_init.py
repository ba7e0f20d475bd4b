"""nn.init beside PyTorch's: the same bounds to the last bit, the same filled tensors, the same errors."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import minigrad

from .sides import plain, same

SHAPES = [(3, 5), (5, 3), (4, 3, 2), (4, 6, 3, 3), (2, 2, 3, 3, 3)]
DRAWING = [
    lambda t, x: t.nn.init.uniform_(x),
    lambda t, x: t.nn.init.uniform_(x, -2.0, 3.0),
    lambda t, x: t.nn.init.normal_(x),
    lambda t, x: t.nn.init.normal_(x, 1.0, 0.02),
    lambda t, x: t.nn.init.xavier_uniform_(x),
    lambda t, x: t.nn.init.xavier_uniform_(x, gain=t.nn.init.calculate_gain("relu")),
    lambda t, x: t.nn.init.xavier_normal_(x),
    lambda t, x: t.nn.init.xavier_normal_(x, 0.7),
    lambda t, x: t.nn.init.kaiming_uniform_(x),
    lambda t, x: t.nn.init.kaiming_uniform_(x, a=5**0.5),
    lambda t, x: t.nn.init.kaiming_uniform_(x, mode="fan_out", nonlinearity="relu"),
    lambda t, x: t.nn.init.kaiming_normal_(x),
    lambda t, x: t.nn.init.kaiming_normal_(x, 0.1, "FAN_OUT", "leaky_relu"),
    lambda t, x: t.nn.init.kaiming_normal_(x, nonlinearity="tanh"),
]
FILLING = [
    lambda t, x: t.nn.init.constant_(x, 0.3),
    lambda t, x: t.nn.init.ones_(x),
    lambda t, x: t.nn.init.zeros_(x),
    lambda t, x: t.nn.init.eye_(x),
    lambda t, x: t.nn.init.dirac_(x),
    lambda t, x: t.nn.init.dirac_(x, 2),
    lambda t, x: t.nn.init.dirac_(x, 3),
]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("program", DRAWING)
def test_the_numbers_that_reach_the_generator(program, shape, monkeypatch):
    """Bounds and standard deviations are equal to the last bit, so the same draws give the same tensors."""
    calls = {}
    for t in (torch, minigrad):
        seen = calls[t] = []
        for name in ("uniform_", "normal_"):
            monkeypatch.setattr(
                t.Tensor,
                name,
                lambda self, *args, _name=name, _seen=seen, **kw: _seen.append((_name, *map(float, args))) or self,
            )
        x = t.ones(shape, requires_grad=True)
        assert program(t, x) is x
    assert calls[torch] == calls[minigrad] and len(calls[torch]) == 1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["uniform_", "xavier_uniform_", "kaiming_uniform_"])
def test_uniform_from_one_seed(name, dtype):
    """Every bit in float32."""

    def program(t):
        t.manual_seed(3)
        return [getattr(t.nn.init, name)(t.empty(20, 30, dtype=getattr(t, dtype))), t.rand(3)]

    same(program, rtol=0 if dtype == "float32" else 1e-15)


@pytest.mark.parametrize(
    "call",
    [
        lambda t, x: t.nn.init.normal_(x, 1.0, 2.0),
        lambda t, x: t.nn.init.xavier_normal_(x),
        lambda t, x: t.nn.init.kaiming_normal_(x),
        lambda t, x: t.nn.init.orthogonal_(x, gain=2.0),
        lambda t, x: t.nn.init.sparse_(x, 0.25),
        lambda t, x: t.nn.init.trunc_normal_(x),
        lambda t, x: t.nn.init.trunc_normal_(x, 0.5, 0.2, 0.0, 1.0),
        lambda t, x: t.nn.init.trunc_normal_(x, 0.0, 1.0, 1.0, 1.2),
        lambda t, x: t.nn.init.trunc_normal_(x, 0.0, 0.1, 0.35, 0.5),
    ],
)
def test_from_one_seed(call):
    """The same words of the stream are used, so that what is drawn next is the same again."""

    def program(t):
        t.manual_seed(3)
        x = t.ones(30, 20, requires_grad=True)
        return [call(t, x) is x, x, t.rand(3)]

    same(program, rtol=2e-6)


def test_a_network_from_one_seed():
    def program(t):
        t.manual_seed(0)
        net = t.nn.Sequential(
            t.nn.Linear(4, 120),
            t.nn.ReLU(),
            t.nn.Linear(120, 84),
            t.nn.Bilinear(3, 2, 4),
            t.nn.Linear(84, 2, bias=False),
        )
        return [net.state_dict(), t.rand(3)]

    same(program)


@pytest.mark.parametrize("shape", [*SHAPES, (3,)])
@pytest.mark.parametrize("program", FILLING)
def test_filled(program, shape):
    def run(t):
        x = t.full(shape, 7.0, requires_grad=True)
        return [program(t, x) is x, x, x._version > 0]

    same(run)


@pytest.mark.parametrize(
    "parameters",
    [
        ("linear",),
        ("conv2d",),
        ("sigmoid",),
        ("tanh",),
        ("relu",),
        ("selu",),
        ("leaky_relu",),
        ("leaky_relu", 0.2),
        ("leaky_relu", 3),
        ("leaky_relu", True),
        ("leaky_relu", "x"),
        ("gelu",),
    ],
)
def test_calculate_gain(parameters):
    same(lambda t: t.nn.init.calculate_gain(*parameters))


@pytest.mark.parametrize(
    "name", ["xavier_uniform_", "xavier_normal_", "kaiming_uniform_", "kaiming_normal_", "orthogonal_"]
)
@pytest.mark.parametrize("shape", [(), (3,)])
def test_too_few_dimensions(name, shape):
    same(lambda t: getattr(t.nn.init, name)(t.ones(shape)))


@pytest.mark.parametrize("name", ["kaiming_uniform_", "kaiming_normal_", "orthogonal_"])
def test_no_elements(name):
    same(lambda t: getattr(t.nn.init, name)(t.ones(0, 3)))


def test_other_errors():
    same(lambda t: t.nn.init.kaiming_uniform_(t.ones(2, 2), mode="fan"))
    same(lambda t: t.nn.init.kaiming_uniform_(t.ones(2, 2), nonlinearity="gelu"))
    same(lambda t: t.nn.init.sparse_(t.ones(2), 0.5))


@pytest.mark.parametrize(
    "old", ["uniform", "normal", "xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal", "orthogonal"]
)
def test_deprecated_names(old):
    same(lambda t: getattr(t.nn.init, old)(t.ones(2, 2)).shape == (2, 2))
    same(lambda t: getattr(t.nn.init, old).__name__)


def test_deprecated_fills():
    same(
        lambda t: [t.nn.init.constant(t.ones(2, 2), 3.0), t.nn.init.eye(t.ones(2, 2)), t.nn.init.dirac(t.ones(2, 2, 2))]
    )


@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (4, 4), (4, 3, 2), (2, 3, 3, 3)])
def test_orthogonal(shape):
    minigrad.manual_seed(0)
    x = minigrad.nn.init.orthogonal_(minigrad.ones(shape, requires_grad=True), gain=2.0)
    q = x.detach().numpy().reshape(shape[0], -1) / 2
    product = q @ q.T if q.shape[0] <= q.shape[1] else q.T @ q
    np.testing.assert_allclose(product, np.eye(len(product)), atol=1e-6)
    assert x.is_leaf and x.requires_grad


def test_orthogonal_signs():
    """q is made unique by a positive diagonal of r, so over many draws every entry of q has mean 0."""
    minigrad.manual_seed(0)
    draws = [minigrad.nn.init.orthogonal_(minigrad.ones(2, 2)).numpy() for _ in range(400)]
    assert np.abs(np.mean(draws, axis=0)).max() < 0.15


def test_linear_starts_within_its_bounds():
    minigrad.manual_seed(0)
    layer = minigrad.nn.Linear(400, 300)
    for parameter in layer.parameters():
        values = parameter.detach().numpy()
        assert np.abs(values).max() <= 1 / 20 and np.abs(values).max() > 0.049
        assert abs(values.std() - 0.05 / 3**0.5) < 1e-2
    assert plain(minigrad.nn.Linear(2, 2).weight)[2]
