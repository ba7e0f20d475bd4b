"""Normalization beside PyTorch's: values, running statistics, first and second derivatives, graphs, errors, modules."""

from __future__ import annotations

import pytest
from beside import beside, draw, program, table

X = (4, 6, 3, 5)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@table("""
t.nn.functional.batch_norm(x, None, None, y, z, True)
t.nn.functional.batch_norm(x, None, None, training=True)
t.nn.functional.batch_norm(x, None, None, y, None, True, eps=0.1)
t.nn.functional.batch_norm(x[:, :, 0, 0], None, None, y, z, training=True)
t.nn.functional.batch_norm(x, t.arange(6).to(x.dtype), t.arange(1, 7).to(x.dtype), y, z)
t.nn.functional.batch_norm(x, t.arange(6).to(x.dtype), t.arange(1, 7).to(x.dtype))
t.nn.functional.instance_norm(x, weight=y, bias=z)
t.nn.functional.instance_norm(x)
t.nn.functional.group_norm(x, 3, y, z)
t.nn.functional.group_norm(x, 1)
t.nn.functional.group_norm(x, 6, y, None, 0.1)
t.nn.functional.layer_norm(x.transpose(1, 3), (6,), y, z)
t.nn.functional.layer_norm(x, (3, 5))
t.nn.functional.layer_norm(x.transpose(1, 3), (6,), y)
t.nn.functional.layer_norm(x, x.shape)
t.nn.functional.layer_norm(y, (6,), y, z)
""")
def test_normalization(source, dtype):
    beside(program(source), draw(*X, dtype=dtype), draw(6, seed=2, dtype=dtype), draw(6, seed=3, dtype=dtype))


@pytest.mark.parametrize("source", [
    "rms_norm(x.transpose(1, 3), (6,), y)", "rms_norm(x, (3, 5), eps=0.1)", "local_response_norm(x, 3, 0.1)",
    "local_response_norm(x[0], 2, 0.1, 0.5, 2.0)", "rms_norm(x, [5])",
])
def test_composed(source):
    """PyTorch's C++ names the additions of numbers otherwise."""
    run = program(f"t.nn.functional.{source}")
    beside(lambda t, x, y: run(t, x, y).detach(), draw(*X), draw(6), tier="gradient")
    beside(lambda t, x, y: t.autograd.grad((run(t, x, y) ** 2).sum(), x)[0].detach(), draw(*X), draw(6), tier="gradient")


MODULES = [
    ("BatchNorm1d(6)", (4, 6)),
    ("BatchNorm1d(6, momentum=None)", (4, 6, 3)),
    ("BatchNorm2d(6, 1e-3, 0.3)", X),
    ("BatchNorm2d(6, affine=False)", X),
    ("BatchNorm2d(6, bias=False)", X),
    ("BatchNorm2d(6, track_running_stats=False)", X),
    ("BatchNorm3d(6)", (2, 6, 2, 3, 2)),
    ("InstanceNorm1d(6)", (4, 6, 3)),
    ("InstanceNorm1d(6)", (6, 3)),
    ("InstanceNorm2d(6, affine=True, track_running_stats=True)", X),
    ("InstanceNorm2d(5)", X),
    ("InstanceNorm3d(6, track_running_stats=True)", (2, 6, 2, 3, 2)),
    ("LayerNorm(5)", X),
    ("LayerNorm((3, 5), 0.1, elementwise_affine=False)", X),
    ("LayerNorm([3, 5], bias=False)", X),
    ("GroupNorm(3, 6)", X),
    ("GroupNorm(2, 6, affine=False)", (4, 6)),
    ("GroupNorm(2, 6, bias=False)", (4, 6, 3)),
    ("RMSNorm(5)", X),
    ("RMSNorm([3, 5], eps=1e-3, elementwise_affine=False)", X),
    ("LocalResponseNorm(2)", X),
]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("source", "shape"), MODULES)
def test_modules(source, shape, dtype):
    """Three batches in training, which move the running statistics, then one in evaluation."""

    def run(t, x):
        layer = eval(f"t.nn.{source}", {"t": t}).to(x.dtype)
        for parameter in layer.parameters():
            parameter.data.add_(t.arange(parameter.numel()).reshape(parameter.shape) / 7)
        outs = [layer(x * k + k).detach() for k in (1, 2, 3)]
        state = {key: value.clone() for key, value in layer.state_dict().items()}
        layer.eval()
        out = layer(x)
        grads = t.autograd.grad((out**3 * x.sin().detach()).sum(), [x, *layer.parameters()])
        return [repr(layer), repr(list(state)), list(state.values()), outs, out.detach(), [g.detach() for g in grads]]

    beside(run, draw(*shape, dtype=dtype), tier="gradient", order=0)


@table("""
t.nn.functional.batch_norm(x[:1, :, :1, :1], None, None, training=True)
t.nn.functional.batch_norm(x, t.zeros(2), t.ones(6))
t.nn.functional.batch_norm(x, t.zeros(6), t.ones(2))
t.nn.functional.batch_norm(x, t.zeros(6), t.ones(6), t.ones(2))
t.nn.functional.batch_norm(x, t.zeros(6), t.ones(6), y, t.ones(2))
t.nn.functional.batch_norm(x, None, None, training=False)
t.nn.functional.batch_norm(x.long(), t.zeros(6), t.ones(6))
t.nn.functional.batch_norm(x.double(), t.zeros(6), t.ones(6))
t.nn.functional.batch_norm(t.ones(3), None, None, training=True)
t.nn.functional.batch_norm(x, None, None, training=True, eps=-1)
t.nn.functional.batch_norm(3, None, None, training=True)
t.nn.functional.layer_norm(x, (4,))
t.nn.functional.layer_norm(x, ())
t.nn.functional.layer_norm(x, (5,), t.ones(4))
t.nn.functional.layer_norm(x, (5,), t.ones(5), t.ones(4))
t.nn.functional.layer_norm(x, 3)
t.nn.functional.layer_norm(x.long(), (5,))
t.nn.functional.layer_norm(x.double(), (5,), t.ones(5))
t.nn.functional.group_norm(x, 4)
t.nn.functional.group_norm(x, 3, t.ones(2))
t.nn.functional.group_norm(x, 3, y, t.ones(2))
t.nn.functional.group_norm(x[0, 0, 0], 3)
t.nn.functional.group_norm(x[:1, :, :1, :1], 6)
t.nn.functional.instance_norm(x[:, :, :1, :1])
t.nn.functional.instance_norm(x, use_input_stats=False)
t.nn.functional.rms_norm(x, (4,))
t.nn.functional.rms_norm(x, (5,), t.ones(4))
t.nn.functional.rms_norm(x, ())
t.nn.functional.rms_norm(x.long(), (5,))
t.nn.functional.local_response_norm(x[0, 0], 2)
t.nn.BatchNorm2d(3)(x[0])
t.nn.BatchNorm1d(3)(x)
t.nn.BatchNorm3d(3)(x)
t.nn.GroupNorm(3, 7)
t.nn.InstanceNorm2d(3)(x[0, 0])
t.nn.InstanceNorm2d(4, affine=True)(x)
t.nn.InstanceNorm2d(3).load_state_dict({'running_mean': t.zeros(3)})
str(t.nn.BatchNorm1d(3).load_state_dict({'running_mean': t.zeros(3), 'running_var': t.ones(3), 'weight': t.ones(3), 'bias': t.ones(3)}))
""")
def test_errors(source):
    beside(program(source), draw(*X, dtype="float32"), draw(6, dtype="float32"), order=0)
