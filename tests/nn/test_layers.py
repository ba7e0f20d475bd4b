"""Every layer beside PyTorch's: repr, parameter names, output, and the gradients of input and parameters."""
from __future__ import annotations

import pytest

from .sides import draw, fill, graph, same

LAYERS = [
    ("nn.Linear(4, 3)", (5, 4)),
    ("nn.Linear(4, 3, bias=False)", (5, 4)),
    ("nn.Linear(4, 3)", (4,)),
    ("nn.Linear(4, 3)", (2, 5, 4)),
    ("nn.Linear(4, 3, bias=False)", (2, 5, 4)),
    ("nn.Linear(4, 3, dtype=t.float64)", (5, 4)),
    ("nn.Linear(4, 3)", (0, 4)),
    ("nn.Identity(54, unused=True)", (2, 3)),
    ("nn.ReLU()", (3, 4)),
    ("nn.LeakyReLU()", (3, 4)),
    ("nn.LeakyReLU(0.3)", (3, 4)),
    ("nn.Tanh()", (3, 4)),
    ("nn.Sigmoid()", (3, 4)),
    ("nn.Softsign()", (3, 4)),
    ("nn.Tanhshrink()", (3, 4)),
    ("nn.Softmax(dim=1)", (3, 4)),
    ("nn.Softmax(0)", (3, 4)),
    ("nn.Softmax()", (3, 4)),
    ("nn.Softmax()", (2, 3, 4)),
    ("nn.Softmin(dim=-1)", (3, 4)),
    ("nn.LogSoftmax(dim=1)", (3, 4)),
    ("nn.LogSoftmax()", (4,)),
    ("nn.Flatten()", (2, 3, 4)),
    ("nn.Flatten(0, 1)", (2, 3, 4)),
    ("nn.Flatten(start_dim=-2)", (2, 3, 4)),
    ("nn.Unflatten(1, (2, 3))", (4, 6)),
    ("nn.Unflatten(-1, [3, -1])", (4, 6)),
    ("nn.Dropout(0.0)", (3, 4)),
    ("nn.Dropout(1.0)", (3, 4)),
    ("nn.Dropout(0.5).eval()", (3, 4)),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("source", "shape"), LAYERS)
def test_layer(source, shape, dtype):
    def program(t):
        layer = fill(t, eval(source, {"t": t, "nn": t.nn}).to(getattr(t, dtype)))
        x = draw(t, *shape, dtype=dtype, requires_grad=True)
        out = layer(x)
        (out * draw(t, *out.shape, seed=2, dtype=dtype)).sum().backward()
        return [
            repr(layer), list(layer.state_dict()), graph(out), out, x.grad, {name: p.grad for name, p in layer.named_parameters()}
        ]

    same(program, rtol=2e-6 if dtype == "float32" else 1e-14)


@pytest.mark.parametrize("source", ["nn.ReLU(inplace=True)", "nn.LeakyReLU(0.2, inplace=True)", "nn.Dropout(0.0, inplace=True)"])
def test_inplace(source):
    def program(t):
        layer = eval(source, {"nn": t.nn})
        x = draw(t, 3, 4, requires_grad=True)
        y = x * 1
        out = layer(y)
        out.sum().backward()
        return [repr(layer), out is y, y._version, out, x.grad, graph(out)]

    same(program)


TWO_INPUTS = [
    ("nn.Bilinear(3, 4, 2)", (5, 3), (5, 4)),
    ("nn.Bilinear(3, 4, 2, bias=False)", (2, 5, 3), (2, 5, 4)),
    ("nn.CosineSimilarity()", (5, 3), (5, 3)),
    ("nn.CosineSimilarity(dim=0, eps=1e-3)", (5, 3), (5, 1)),
    ("nn.PairwiseDistance()", (5, 3), (5, 3)),
    ("nn.PairwiseDistance(p=1, keepdim=True)", (5, 3), (3,)),
]


@pytest.mark.parametrize(("source", "shape1", "shape2"), TWO_INPUTS)
def test_layer_of_two_inputs(source, shape1, shape2):
    def program(t):
        layer = fill(t, eval(source, {"nn": t.nn}))
        x = draw(t, *shape1, requires_grad=True)
        y = draw(t, *shape2, seed=3, requires_grad=True)
        out = layer(x, y)
        (out.detach() * out).sum().backward()
        return [repr(layer), out.detach(), x.grad, y.grad, [p.grad for p in layer.parameters()]]

    same(program, rtol=1e-5)


@pytest.mark.parametrize(
    "program",
    [
        lambda t: t.nn.Linear(-1, 2),
        lambda t: t.nn.Linear(2.5, 2),
        lambda t: t.nn.Linear("a", 2),
        lambda t: t.nn.Linear(2),
        lambda t: t.nn.Linear(2, 2, dtype=t.int64),
        lambda t: t.nn.Linear(2, 2, device="cuda"),
        lambda t: t.nn.Linear(0, 2),
        lambda t: t.nn.Linear(2, 0)(t.ones(3, 2)),
        lambda t: t.nn.Linear(2, 3)(t.ones(3, 4)),
        lambda t: t.nn.Linear(2, 3)(t.ones(4)),
        lambda t: t.nn.Linear(2, 3)(t.ones(())),
        lambda t: t.nn.Linear(2, 3)(t.ones(3, 2, dtype=t.float64)),
        lambda t: t.nn.Linear(2, 3)(t.ones(3, 2, dtype=t.int64)),
        lambda t: t.nn.Linear(2, 3)(3),
        lambda t: t.nn.Linear(2, 3)([[1.0, 2.0]]),
        lambda t: t.nn.Linear(2, 3)(),
        lambda t: t.nn.Linear(2, 3)(t.ones(3, 2), 3),
        lambda t: t.nn.Bilinear(0, 1, 1),
        lambda t: t.nn.Dropout(-0.1),
        lambda t: t.nn.Dropout(1.5),
        lambda t: t.nn.functional.dropout(t.ones(2), 1.5),
        lambda t: t.nn.Flatten(2, 1)(t.ones(2, 3, 4)),
        lambda t: t.nn.Flatten(5)(t.ones(2, 3, 4)),
        lambda t: t.nn.Unflatten(1, (2, 2))(t.ones(2, 3)),
        lambda t: t.nn.Unflatten(1, 3),
        lambda t: t.nn.Unflatten(1, (2, "x")),
        lambda t: t.nn.Softmax(dim=5)(t.ones(2, 3)),
        lambda t: t.nn.ReLU()("x"),
    ],
)
def test_bad_input(program):
    same(program)


def test_linear_by_hand():
    """The graph of a linear layer is PyTorch's: addmm with the transposed weight."""

    def program(t):
        layer = fill(t, t.nn.Linear(3, 2))
        return [graph(layer(draw(t, 4, 3))), graph(layer(draw(t, 4, 3, requires_grad=True))), graph(layer(draw(t, 3)))]

    same(program)


def test_dropout_drops_and_scales():
    from minigrad import manual_seed, nn, ones

    manual_seed(0)
    layer = nn.Dropout(0.25)
    x = ones(200, 100, requires_grad=True)
    out = layer(x)
    out.sum().backward()
    kept = out.detach().numpy()
    assert set(kept.ravel().tolist()) == {0.0, (ones(1) / 0.75).item()}
    assert abs((kept == 0).mean() - 0.25) < 0.01
    assert (x.grad.numpy() == kept).all()
    assert out.grad_fn.name() == "MulBackward0"
