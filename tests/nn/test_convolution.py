"""Convolutions, unfold and fold, and margins beside PyTorch's: values, first and second derivatives, graphs, errors."""

from __future__ import annotations

import pytest
from beside import beside, draw, program, table

X1, X2, X3 = (2, 4, 9), (2, 4, 7, 6), (2, 4, 5, 4, 5)

CONVOLUTIONS = """
t.nn.functional.conv1d(x, y, z)
t.nn.functional.conv1d(x, y)
t.nn.functional.conv1d(x[0], y, z)
t.nn.functional.conv1d(x, y, z, 2, 1)
t.nn.functional.conv1d(x, y, z, stride=3, padding=2, dilation=2)
t.nn.functional.conv1d(x, y, z, padding='same')
t.nn.functional.conv1d(x, y, z, padding='same', dilation=3)
t.nn.functional.conv1d(x, y, z, padding='valid', stride=2)
t.nn.functional.conv1d(x, y[:, :2], z, groups=2)
t.nn.functional.conv1d(x[:, :2], y[:, :1], z, groups=2)
t.conv1d(x, y[:, :, :1], z)
t.nn.functional.conv1d(x[:0], y, z)
t.nn.functional.conv_transpose1d(x, y[:4])
t.nn.functional.conv_transpose1d(x, y[:4], z[:4], 2, 1, 1)
t.nn.functional.conv_transpose1d(x, y[:4], stride=3, padding=2, output_padding=2, dilation=2)
t.nn.functional.conv_transpose1d(x, y[:4], dilation=3, output_padding=2)
t.nn.functional.conv_transpose1d(x, y[:4, :2], z[:4], groups=2)
t.nn.functional.conv_transpose1d(x[0], y[:4])
"""


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@table(CONVOLUTIONS)
def test_one_dimension(source, dtype):
    beside(program(source), draw(*X1, dtype=dtype), draw(6, 4, 3, seed=2, dtype=dtype), draw(6, seed=3, dtype=dtype))


@pytest.fixture(params=[1, 1000], ids=["rows of windows", "whole windows"])
def lowered(request, monkeypatch):
    monkeypatch.setattr("minigrad.ops.lowering.HIGH", request.param)


@table("""
t.nn.functional.conv2d(x, y, z)
t.nn.functional.conv2d(x, y, z, 2, 1)
t.nn.functional.conv2d(x[1], y, z, (2, 1), (0, 2))
t.nn.functional.conv2d(x, y, z, dilation=(2, 1), padding=(1, 0))
t.nn.functional.conv2d(x, y, z, padding='same', dilation=2)
t.nn.functional.conv2d(x, y[:4, :1], groups=4, padding=1)
t.nn.functional.conv2d(x.permute(1, 0, 2, 3)[:2], y[:, :2], z)
t.nn.functional.conv_transpose2d(x, y[:4])
t.nn.functional.conv_transpose2d(x, y[:4], z[:4], (2, 3), (1, 0), (1, 2))
t.nn.functional.conv_transpose2d(x, y[:4, :1], stride=2, groups=4)
t.nn.functional.conv_transpose2d(x, y[:4], dilation=2, padding=2)
""")
def test_two_dimensions(source, lowered):
    beside(program(source), draw(*X2), draw(6, 4, 3, 2, seed=2), draw(6, seed=3))


@table("""
t.nn.functional.conv3d(x, y, z)
t.nn.functional.conv3d(x, y, z, 2, (1, 0, 2))
t.nn.functional.conv3d(x[1], y[:, :2], z, groups=2)
t.nn.functional.conv_transpose3d(x, y[:4])
t.nn.functional.conv_transpose3d(x, y[:4, :2], z[:4], stride=(1, 2, 1), output_padding=(0, 1, 0), groups=2)
""")
def test_three_dimensions(source, lowered):
    beside(program(source), draw(*X3), draw(6, 4, 2, 3, 2, seed=2), draw(6, seed=3))


def test_large_batches_go_in_blocks():
    beside(program("t.nn.functional.conv2d(x, y, z, padding=1)"), draw(40, 8, 16, 16), draw(8, 8, 3, 3, seed=2), draw(8, seed=3), order=1)


@pytest.mark.parametrize("dtype", ["float16", "int64", "int32", "bool"])
def test_dtypes(dtype, lowered):
    data = draw(*X2, dtype=dtype), draw(6, 4, 3, 2, seed=2, dtype=dtype)
    if dtype == "float16":
        beside(program("t.nn.functional.conv2d(x, y).detach()"), *data)
    else:
        beside(program("t.nn.functional.conv2d(x, y)"), *data)


@table("""
t.nn.functional.conv2d(t.ones(2, 3), y)
t.nn.functional.conv2d(t.ones(2, 2, 8, 8), y)
t.nn.functional.conv2d(t.ones(2, 3, 2, 2), y)
t.nn.functional.conv2d(t.ones(2, 3, 4, 4), y, dilation=2)
t.nn.functional.conv2d(x.double(), y)
t.nn.functional.conv2d(x, y, t.ones(3))
t.nn.functional.conv2d(x, y, t.ones(4, 1))
t.nn.functional.conv2d(x, y, t.ones(4, dtype=t.float64))
t.nn.functional.conv2d(x, y, stride=0)
t.nn.functional.conv2d(x, y, stride=-1)
t.nn.functional.conv2d(x, y, padding=-1)
t.nn.functional.conv2d(x, y, dilation=-1)
t.nn.functional.conv2d(x, y, groups=2)
t.nn.functional.conv2d(x, y, groups=0)
t.nn.functional.conv2d(x, t.ones(4, 1, 3, 3), groups=3)
t.nn.functional.conv2d(x, y, padding='foo')
t.nn.functional.conv2d(x, y, padding='same', stride=2)
t.nn.functional.conv2d(x, y, stride=(1, 2, 3))
t.nn.functional.conv2d(x, y, padding=(1, 2, 3))
t.nn.functional.conv2d(x, t.ones(4, 3, 3))
t.nn.functional.conv2d(x, t.ones(3, 3))
t.nn.functional.conv2d(t.ones(2, 3, 0, 8), y)
t.nn.functional.conv_transpose2d(t.ones(2, 4), y)
t.nn.functional.conv_transpose2d(t.ones(2, 3, 8, 8), y)
t.nn.functional.conv_transpose2d(t.ones(2, 4, 8, 8), y, output_padding=1)
t.nn.functional.conv_transpose2d(t.ones(2, 4, 8, 8), y, stride=2, output_padding=2)
t.nn.functional.conv_transpose2d(t.ones(2, 4, 8, 8), y, stride=2, output_padding=-1)
t.nn.functional.conv_transpose2d(t.ones(2, 4, 1, 1), y, t.ones(4))
t.nn.functional.conv_transpose2d(t.ones(2, 4, 8, 8), y, groups=3)
t.nn.functional.unfold(x, (1, 2, 3))
t.nn.functional.unfold(x, 3, stride=0)
t.nn.functional.unfold(x, 3, dilation=0)
t.nn.functional.unfold(x, 3, padding=-1)
t.nn.functional.unfold(x, 0)
t.nn.functional.unfold(t.ones(3), 3)
t.nn.functional.unfold(t.ones(3, 2), 3)
t.nn.functional.unfold(t.ones(3, 2, 2), 3)
t.nn.functional.unfold(x.long(), 3)
t.nn.functional.fold(t.ones(1, 28, 36), (8, 8), 3)
t.nn.functional.fold(t.ones(1, 27, 35), (8, 8), 3)
t.nn.functional.fold(t.ones(1, 27, 36), (8, 8, 8), 3)
t.nn.functional.fold(t.ones(27), (8, 8), 3)
t.nn.functional.fold(t.ones(1, 27, 36), 8, 3, dilation=0)
t.nn.functional.pad(x, (1, 2, 3))
t.nn.functional.pad(x, (1,) * 10)
t.nn.functional.pad(x, (-5, -4))
t.nn.functional.pad(x, (1, 2, 3, 4), mode='foo')
t.nn.functional.pad(x, (1, 2), mode='reflect')
t.nn.functional.pad(x, (9, 2, 1, 1), mode='reflect')
t.nn.functional.pad(x, (1, 2, 8, 1), mode='reflect')
t.nn.functional.pad(x, (9, 2, 1, 1), mode='circular')
t.nn.functional.pad(x, (-5, -4, 1, 1), mode='circular')
t.nn.functional.pad(x, (1, 1, 1, 1), mode='reflect', value=3)
t.nn.functional.pad(x, (-5, -4, 1, 1), mode='replicate')
t.nn.Conv2d(3, 4, 3, padding='same', stride=2)
t.nn.Conv2d(3, 4, 3, groups=2)
t.nn.Conv2d(3, 4, 3, groups=3)
t.nn.Conv2d(3, 4, 3, groups=0)
t.nn.ConvTranspose2d(3, 4, 3, padding_mode='reflect')
t.nn.ConvTranspose2d(3, 4, 3)(x, output_size=[3])
t.nn.ConvTranspose2d(3, 4, 3, stride=2)(x, output_size=[50, 51])
t.nn.CircularPad2d(1)(t.ones(3, 4))
""")
def test_errors(source):
    beside(program(source), draw(2, 3, 8, 8, dtype="float32"), draw(4, 3, 3, 3, dtype="float32", seed=2))


@table("""
t.nn.functional.unfold(x, 3)
t.nn.functional.unfold(x, (3, 2), dilation=(1, 2), padding=(2, 1), stride=(2, 1))
t.nn.functional.unfold(x[0], (2, 3), stride=2)
t.nn.functional.fold(x.reshape(2, 12, 14), (8, 3), (2, 2))
t.nn.functional.fold(x.reshape(24, 14), (15, 4), (2, 3), padding=(0, 1), stride=(2, 2))
t.nn.functional.pad(x, (1, 2))
t.nn.functional.pad(x, (1, 2), value=3)
t.nn.functional.pad(x, (-1, 2, 3, -2, 1, 0), value=-2.5)
t.nn.functional.pad(x, (-1, 2)).long()
t.nn.functional.pad(x, (1, 2, 3, 4), mode='reflect')
t.nn.functional.pad(x[0], (3, 2), mode='reflect')
t.nn.functional.pad(x, (-1, 2, 3, 0), mode='reflect')
t.nn.functional.pad(x[:, :, 0], (3, 4), mode='replicate')
t.nn.functional.pad(x[0], (1, 2, 10, 1), mode='replicate')
t.nn.functional.pad(x[None], (1, 2, 0, 1, 2, 2), mode='replicate')
t.nn.functional.pad(x[None], (1, 2, 0, 1, 2, 2), mode='reflect')
""")
def test_unfold_fold_and_pad(source):
    beside(program(source), draw(*X2), tier="T3")


@table("""
t.nn.functional.pad(x, (1, 2, 3, 4), mode='circular')
t.nn.functional.pad(x[0], (6, 6), mode='circular')
t.nn.functional.pad(x, (-1, 2, 3, -2), mode='circular')
t.nn.functional.pad(x[None], (1, 2, 0, 1, 2, 2), mode='circular')
""")
def test_circular_padding(source):
    """PyTorch's is made of copies into slices, and so its graph is another."""
    run = program(source)
    beside(lambda t, x: run(t, x).detach(), draw(*X2))
    beside(lambda t, x: t.autograd.grad((run(t, x) ** 3).sum(), x)[0].detach(), draw(*X2), tier="T3")


MODULES = [
    ("Conv1d(4, 6, 3)", X1),
    ("Conv1d(4, 6, 3, stride=2, padding=1, dilation=2, groups=2, bias=False)", X1),
    ("Conv2d(4, 6, 3)", X2),
    ("Conv2d(4, 6, (3, 2), (2, 1), padding=(1, 2))", X2),
    ("Conv2d(4, 6, 3, padding='same')", X2),
    ("Conv2d(4, 6, 3, padding=1, padding_mode='reflect')", X2),
    ("Conv2d(4, 6, 3, padding='same', padding_mode='replicate', dilation=2)", X2),
    ("Conv3d(4, 6, 2, padding='valid')", X3),
    ("Conv3d(4, 6, (1, 2, 3), dtype=t.float64)", X3),
    ("ConvTranspose1d(4, 6, 3, 2, 1, 1)", X1),
    ("ConvTranspose2d(4, 6, 3, output_padding=1, stride=2, groups=2)", X2),
    ("ConvTranspose3d(4, 6, 2, dilation=2, bias=False)", X3),
    ("Fold((8, 3), 2)", (2, 12, 14)),
    ("Unfold((3, 2), padding=1)", X2),
    ("ZeroPad1d(2)", X1),
    ("ZeroPad2d((1, 2, 3, 4))", X2),
    ("ZeroPad3d(1)", X3),
    ("ConstantPad1d(2, 3.5)", X1),
    ("ConstantPad2d(2, 3)", X2),
    ("ConstantPad3d((1, 2, 0, 0, 1, -1), 0.5)", X3),
    ("ReflectionPad1d(2)", X1),
    ("ReflectionPad2d((1, 2, 3, 4))", X2),
    ("ReflectionPad3d(1)", X3),
    ("ReplicationPad1d((3, 1))", X1),
    ("ReplicationPad2d(2)", X2),
    ("ReplicationPad3d(2)", X3),
]


@pytest.mark.parametrize(("source", "shape"), MODULES)
def test_modules(source, shape):
    """Beginning with weights drawn from one seed."""

    def run(t, x):
        t.manual_seed(4)
        layer = eval(f"t.nn.{source}", {"t": t}).double()
        names = [repr(layer), str(list(layer.state_dict()))]
        return [*names, [p.detach() for p in layer.parameters()], layer(x)]

    beside(run, draw(*shape), tier="T3")


def test_output_size():
    def run(t, x):
        t.manual_seed(4)
        layer = t.nn.ConvTranspose2d(4, 6, 3, stride=2).double()
        return layer(x), layer(x, output_size=[16, 14]), layer(x, [2, 6, 15, 14])

    beside(run, draw(*X2), tier="T3")


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize(("stride", "padding", "dilation"), [(1, 0, 1), (2, 1, 1), (1, 2, 2)])
def test_many_images(groups, stride, padding, dilation, lowered, monkeypatch):
    """These are taken in several blocks."""
    monkeypatch.setattr("minigrad.ops.convolution.BLOCK", 10000)

    def run(t, x, w, b):
        out = t.nn.functional.conv2d(x, w, b, stride, padding, dilation, groups)
        assert out.is_contiguous()
        return out, t.nn.functional.conv_transpose2d(out, w, None, stride, padding, 0, groups, dilation)

    beside(run, draw(70, 4, 8, 7), draw(6, 4 // groups, 3, 2), draw(6), tier="T3")
