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
    ("nn.ELU()", (3, 4)),
    ("nn.ELU(alpha=0.3)", (3, 4)),
    ("nn.SiLU()", (3, 4)),
    ("nn.Softplus()", (3, 4)),
    ("nn.Softplus(beta=2, threshold=1.0)", (3, 4)),
    ("nn.Hardtanh()", (3, 4)),
    ("nn.Hardtanh(-0.3, 0.6)", (3, 4)),
    ("nn.Hardtanh(min_value=-0.3, max_value=0.6)", (3, 4)),
    ("nn.Hardtanh(1, 1)", (3, 4)),
    ("nn.ReLU6()", (3, 4)),
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
            repr(layer),
            list(layer.state_dict()),
            graph(out),
            out,
            x.grad,
            {name: p.grad for name, p in layer.named_parameters()},
        ]

    same(program, rtol=2e-6 if dtype == "float32" else 1e-14)


@pytest.mark.parametrize(
    "source",
    [
        "nn.ReLU(inplace=True)",
        "nn.LeakyReLU(0.2, inplace=True)",
        "nn.ELU(0.5, inplace=True)",
        "nn.SiLU(inplace=True)",
        "nn.Hardtanh(-0.5, 0.5, inplace=True)",
        "nn.ReLU6(inplace=True)",
        "nn.Dropout(0.0, inplace=True)",
    ],
)
def test_inplace(source):
    def program(t):
        layer = eval(source, {"nn": t.nn})
        x = draw(t, 3, 4, requires_grad=True)
        y = x * 1
        out = layer(y)
        out.sum().backward()
        return [repr(layer), out is y, y._version, out, x.grad, graph(out)]

    same(program, rtol=2e-6)


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
        lambda t: t.nn.Tanh(3),
        lambda t: t.nn.Tanh(inplace=True),
        lambda t: t.nn.ReLU(unknown=3),
        lambda t: t.nn.MSELoss(unknown=3),
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


def test_classes_are_apart():
    """Programs look for layers by class, to initialise or replace them."""

    def program(t):
        names = [
            "ReLU",
            "ReLU6",
            "Hardtanh",
            "Softmax",
            "Softmin",
            "LogSoftmax",
            "Tanh",
            "L1Loss",
            "MSELoss",
            "Linear",
            "Identity",
        ]
        kinds = [getattr(t.nn, name) for name in names]
        layers = [kind(1, 1) if kind is t.nn.Linear else kind() for kind in kinds]
        return [[isinstance(layer, kind) for kind in kinds] for layer in layers]

    same(program)


def test_settings_can_be_changed():
    def program(t):
        layer, loss = t.nn.LeakyReLU(0.1), t.nn.SmoothL1Loss()
        layer.negative_slope, loss.beta, loss.reduction = 0.5, 0.1, "sum"
        x = draw(t, 4)
        return [repr(layer), layer(x), loss(x, x + 1), t.nn.Softmax(dim=0).dim, t.nn.HuberLoss(delta=3.0).delta]

    same(program, rtol=1e-6)


def test_linear_by_hand():
    """The graph of a linear layer is PyTorch's: addmm with the transposed weight."""

    def program(t):
        layer = fill(t, t.nn.Linear(3, 2))
        return [graph(layer(draw(t, 4, 3))), graph(layer(draw(t, 4, 3, requires_grad=True))), graph(layer(draw(t, 3)))]

    same(program)


@pytest.mark.parametrize("inplace", [False, True])
@pytest.mark.parametrize("p", [0.0, 0.25, 0.9, 1.0])
def test_dropout_from_one_seed(p, inplace):
    """PyTorch's mask, and nothing is drawn where nothing is dropped."""

    def program(t):
        t.manual_seed(5)
        x = draw(t, 40, 30, requires_grad=True)
        layer = t.nn.Dropout(p, inplace=inplace)
        out = layer(x * 1)
        out.sum().backward()
        return [repr(layer), graph(out), out, x.grad, t.rand(3), layer.eval()(x) is x, t.rand(3)]

    same(program)
