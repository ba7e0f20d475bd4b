"""What only nn.functional has: softmax without a dimension, one_hot, normalize, distances, gumbel_softmax, linear."""

from __future__ import annotations

import pytest

from .sides import draw, graph, same

PROGRAMS = [
    lambda t, F, x: F.relu(x),
    lambda t, F, x: F.relu(x, inplace=True) is x,
    lambda t, F, x: F.leaky_relu(x, 0.2),
    lambda t, F, x: F.tanh(x),
    lambda t, F, x: F.sigmoid(x),
    lambda t, F, x: F.softsign(x),
    lambda t, F, x: F.tanhshrink(x),
    lambda t, F, x: F.softmax(x),
    lambda t, F, x: F.softmax(x, 0),
    lambda t, F, x: F.softmax(x, dim=-1, dtype=t.float64),
    lambda t, F, x: F.softmin(x),
    lambda t, F, x: F.softmin(x, 0, dtype=t.float64),
    lambda t, F, x: F.log_softmax(x),
    lambda t, F, x: F.log_softmax(x, 1),
    lambda t, F, x: F.log_softmax(x, 1, dtype=t.float64),
    lambda t, F, x: F.softmax(x[0]),
    lambda t, F, x: F.softmax(x, 2),
    lambda t, F, x: F.softmax(x.long(), 0),
    lambda t, F, x: F.normalize(x),
    lambda t, F, x: F.normalize(x, p=1, dim=0),
    lambda t, F, x: F.normalize(x * 0),
    lambda t, F, x: F.normalize(x, dim=-1, eps=10.0),
    lambda t, F, x: F.normalize(x, out=t.empty(4, 3)),
    lambda t, F, x: F.cosine_similarity(x, x + 1),
    lambda t, F, x: F.cosine_similarity(x, x[0], dim=-1),
    lambda t, F, x: F.cosine_similarity(x, x[:2]),
    lambda t, F, x: F.pairwise_distance(x, x + 1),
    lambda t, F, x: F.pairwise_distance(x, x[0], p=3.0, keepdim=True),
    lambda t, F, x: F.linear(x, t.ones(2, 3)),
    lambda t, F, x: F.linear(x, t.ones(2, 3), t.ones(2)),
    lambda t, F, x: F.linear(x, t.ones(3)),
    lambda t, F, x: F.linear(x, t.ones(2, 4)),
    lambda t, F, x: F.linear(x, t.ones(2, 3), t.ones(3)),
    lambda t, F, x: F.bilinear(x, x + 1, t.ones(2, 3, 3), t.ones(2)),
    lambda t, F, x: F.bilinear(x, x[:2], t.ones(2, 3, 3)),
    lambda t, F, x: F.bilinear(x, x, t.ones(2, 3, 4)),
    lambda t, F, x: F.dropout(x, 0.0),
    lambda t, F, x: F.dropout(x, 0.7, training=False) is x,
    lambda t, F, x: F.dropout(x, 1.0),
    lambda t, F, x: F.dropout(x, 1.0, inplace=True) is x,
    lambda t, F, x: F.gumbel_softmax(x, eps=1e-5).sum(-1),
    lambda t, F, x: F.gumbel_softmax(x, hard=True).sum(-1),
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_function(program):
    same(lambda t: program(t, t.nn.functional, draw(t, 4, 3)), rtol=2e-6)


@pytest.mark.parametrize(
    "program",
    [
        p
        for p in PROGRAMS
        if p.__code__.co_names[0] in ("softsign", "normalize", "cosine_similarity")
        and "empty" not in p.__code__.co_names
    ],
)
def test_gradient_and_graph(program):
    def run(t):
        x = draw(t, 4, 3, dtype="float64", requires_grad=True)
        out = program(t, t.nn.functional, x)
        return [graph(out), t.autograd.grad((out * draw(t, *out.shape, seed=2, dtype="float64")).sum(), x)]

    same(run, rtol=1e-12)


@pytest.mark.parametrize(
    "program",
    [
        lambda t, F: F.one_hot(t.tensor([0, 2, 1])),
        lambda t, F: F.one_hot(t.tensor([[0, 2], [1, 1]]), 4),
        lambda t, F: F.one_hot(t.tensor(2), num_classes=3),
        lambda t, F: F.one_hot(t.tensor([0, 2, 1]), 2),
        lambda t, F: F.one_hot(t.tensor([0, -1])),
        lambda t, F: F.one_hot(t.tensor([0.0, 1.0])),
        lambda t, F: F.one_hot(t.tensor([0, 1], dtype=t.int32)),
        lambda t, F: F.one_hot(t.zeros(0, dtype=t.int64)),
        lambda t, F: F.one_hot(t.zeros(0, 2, dtype=t.int64), 3),
        lambda t, F: F.one_hot(t.tensor([0, 1]), 0),
    ],
)
def test_one_hot(program):
    same(lambda t: program(t, t.nn.functional))


def test_hard_gumbel_samples_have_the_soft_gradient():
    def program(t):
        t.manual_seed(7)
        x = draw(t, 5, 3, requires_grad=True)
        out = t.nn.functional.gumbel_softmax(x, hard=True)
        (grad,) = t.autograd.grad((out * draw(t, 5, 3, seed=2)).sum(), x)
        return [graph(out), out, grad]

    same(program, rtol=1e-5)
