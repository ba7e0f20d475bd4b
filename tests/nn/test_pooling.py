"""Pooling beside PyTorch's: values, indices, first and second derivatives, graphs, errors, modules."""

from __future__ import annotations

import numpy as np
import pytest
from beside import beside, draw, program, table

X1, X2, X3 = (2, 3, 11), (2, 3, 9, 8), (2, 2, 7, 6, 5)


@table("""
t.nn.functional.max_pool1d(x, 3)
t.nn.functional.max_pool1d(x[0], 2, 1)
t.nn.functional.max_pool1d(x, 3, 2, 1, 2)
t.nn.functional.max_pool1d(x, 3, 2, ceil_mode=True, return_indices=True)
t.nn.functional.max_pool1d(x, (4,), padding=[2], return_indices=True)
t.nn.functional.avg_pool1d(x, 3)
t.nn.functional.avg_pool1d(x[0], 3, 2, 1)
t.nn.functional.avg_pool1d(x, 3, 2, 1, True, False)
t.nn.functional.avg_pool1d(x, 4, 3, ceil_mode=True)
t.nn.functional.adaptive_avg_pool1d(x, 4)
t.nn.functional.adaptive_avg_pool1d(x, 1)
t.nn.functional.adaptive_avg_pool1d(x[0], 13)
t.nn.functional.adaptive_max_pool1d(x, 4, return_indices=True)
t.nn.functional.adaptive_max_pool1d(x[0], [13])
t.nn.functional.lp_pool1d(x.abs(), 3, 2)
t.nn.functional.lp_pool1d(x, 2, 2, 3, True)
t.nn.functional.max_unpool1d(*t.nn.functional.max_pool1d(x, 2, return_indices=True), 2)
t.nn.functional.max_unpool1d(*t.nn.functional.max_pool1d(x, 2, return_indices=True), 2, output_size=(11,))
""")
def test_signals(source):
    beside(program(source), draw(*X1))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@table("""
t.nn.functional.max_pool2d(x, 2)
t.nn.functional.max_pool2d(x, 2, return_indices=True)
t.nn.functional.max_pool2d(x[0], (2, 3), (1, 2), (1, 0), return_indices=True)
t.nn.functional.max_pool2d(x, 3, 2, 1, 2, True, True)
t.nn.functional.max_pool2d(x, 3, 1, 1)
t.nn.functional.max_pool2d(x, 1, 2)
t.nn.functional.max_pool2d(x[:0], 2)
t.nn.functional.avg_pool2d(x, 2)
t.nn.functional.avg_pool2d(x, (2, 3), (1, 2), (1, 0))
t.nn.functional.avg_pool2d(x[0], 3, 2, 1, True, False)
t.nn.functional.avg_pool2d(x, 3, 2, 1, True, True)
t.nn.functional.avg_pool2d(x, 3, divisor_override=5)
t.nn.functional.adaptive_avg_pool2d(x, 3)
t.nn.functional.adaptive_avg_pool2d(x, (4, 5))
t.nn.functional.adaptive_avg_pool2d(x[0], (None, 1))
t.nn.functional.adaptive_avg_pool2d(x, 1)
t.nn.functional.adaptive_avg_pool2d(x, (12, 8))
t.nn.functional.adaptive_max_pool2d(x, 3, True)
t.nn.functional.adaptive_max_pool2d(x, (4, 5), True)
t.nn.functional.adaptive_max_pool2d(x[0], (12, None))
t.nn.functional.lp_pool2d(x.abs(), 3, 2)
t.nn.functional.lp_pool2d(x, float('inf'), (2, 3))
t.nn.functional.lp_pool2d(x, -float('inf'), (2, 3), ceil_mode=True)
t.nn.functional.max_unpool2d(*t.nn.functional.max_pool2d(x, 2, return_indices=True), 2)
t.nn.functional.max_unpool2d(*t.nn.functional.max_pool2d(x, 2, return_indices=True), 2, output_size=x.size())
""")
def test_images(source, dtype):
    beside(program(source), draw(*X2, dtype=dtype))


@table("""
t.nn.functional.max_pool3d(x, 2, return_indices=True)
t.nn.functional.max_pool3d(x[0], (2, 3, 1), (1, 2, 2), (1, 0, 0))
t.nn.functional.avg_pool3d(x, 2)
t.nn.functional.avg_pool3d(x, 3, 2, 1, True, False)
t.nn.functional.avg_pool3d(x[0], (3, 2, 1), divisor_override=2)
t.nn.functional.adaptive_avg_pool3d(x, (3, None, 2))
t.nn.functional.adaptive_avg_pool3d(x, 1)
t.nn.functional.adaptive_max_pool3d(x, (3, 4, 2), True)
t.nn.functional.lp_pool3d(x.abs(), 3, 2)
t.nn.functional.max_unpool3d(*t.nn.functional.max_pool3d(x, 2, return_indices=True), 2)
""")
def test_volumes(source):
    beside(program(source), draw(*X3))


def test_ties_and_special_values():
    x = np.array([[[1, 1, -np.inf, -np.inf], [1, np.nan, 5, np.nan], [0.0, -0.0, 7, 7], [-0.0, 0.0, np.inf, 8]]])
    for source in ("t.nn.functional.max_pool2d(x, 2, return_indices=True)", "t.nn.functional.max_pool2d(x, 3, 1, 1, return_indices=True)",
                   "t.nn.functional.adaptive_max_pool2d(x, 2, return_indices=True)"):
        beside(lambda t, x: tuple([y.detach() for y in program(source)(t, x)]), x, order=0, tier="T1")


@pytest.mark.parametrize("dtype", ["float16", "int64", "int8", "uint8", "bool"])
@table("""
t.nn.functional.max_pool2d(x, 2, return_indices=True)
t.nn.functional.avg_pool2d(x, 2)
t.nn.functional.adaptive_avg_pool2d(x, 2)
t.nn.functional.adaptive_max_pool2d(x, 2)
""")
def test_dtypes(source, dtype):
    if dtype not in ("float16", "int8", "uint8"):
        beside(program(source), draw(*X2, dtype=dtype), order=0)


@table("""
t.nn.functional.max_pool2d(x, (1, 2, 3))
t.nn.functional.max_pool2d(x, 2, stride=(1, 2, 3))
t.nn.functional.max_pool2d(x, 2, padding=2)
t.nn.functional.max_pool2d(x, 2, padding=-1)
t.nn.functional.max_pool2d(x, 2, stride=0)
t.nn.functional.max_pool2d(x, 2, dilation=0)
t.nn.functional.max_pool2d(x, 10)
t.nn.functional.max_pool2d(x[0, 0], 2)
t.nn.functional.max_pool2d(x[None], 2)
t.nn.functional.max_pool2d(x[:, :0], 2)
t.nn.functional.max_pool1d(x, 2)
t.nn.functional.max_pool1d(x[0], 10)
t.nn.functional.max_pool1d(x[0], 0)
t.nn.functional.max_pool1d(x[0], 3, padding=2)
t.nn.functional.max_pool1d(x[0], 3, padding=-1)
t.nn.functional.max_pool1d(x[0], 3, stride=0)
t.nn.functional.max_pool1d(x[0], 3, dilation=0)
t.nn.functional.max_pool3d(x, 10)
t.nn.functional.max_pool3d(x[0], 2)
t.nn.functional.max_pool3d(x, (1, 2))
t.nn.functional.avg_pool2d(x, 10)
t.nn.functional.avg_pool2d(x, 2, padding=2)
t.nn.functional.avg_pool2d(x, 2, stride=0)
t.nn.functional.avg_pool2d(x, 2, divisor_override=0)
t.nn.functional.avg_pool2d(x[0, 0], 2)
t.nn.functional.avg_pool1d(x[0, 0, 0], 2)
t.nn.functional.avg_pool1d(x[0], 10)
t.nn.functional.avg_pool3d(x[0], 2)
t.nn.functional.avg_pool3d(x, 10)
t.nn.functional.adaptive_avg_pool2d(x, (1, 2, 3))
t.nn.functional.adaptive_avg_pool2d(x[0, 0], 2)
t.nn.functional.adaptive_avg_pool1d(x, 2)
t.nn.functional.adaptive_avg_pool2d(x, -1)
t.nn.functional.adaptive_avg_pool2d(x[:, :, :0], 2)
t.nn.functional.adaptive_max_pool2d(x[0, 0], 2)
t.nn.functional.adaptive_max_pool2d(x, (1, 2, 3))
t.nn.functional.adaptive_max_pool1d(x[0], (1, 2))
t.nn.functional.max_unpool2d(x, t.full((2, 3, 9, 8), 1000), 2)
t.nn.functional.max_unpool2d(x, t.full((2, 3, 8, 7), 0), 2)
t.nn.functional.max_unpool2d(x, t.full((2, 3, 9, 8), 0), 2, output_size=(30, 30))
t.nn.functional.max_unpool2d(x, t.full((2, 3, 9, 8), 0), 2, output_size=(30,))
t.nn.functional.max_unpool2d(x, t.zeros((2, 3, 9, 8)), 2)
""")
def test_errors(source):
    beside(program(source), draw(*X2))


MODULES = [
    ("MaxPool1d(3, 2)", X1),
    ("MaxPool2d(2)", X2),
    ("MaxPool2d((2, 3), stride=2, padding=1, dilation=1, return_indices=True, ceil_mode=True)", X2),
    ("MaxPool3d(2)", X3),
    ("AvgPool1d(2)", X1),
    ("AvgPool2d(2, padding=1, count_include_pad=False)", X2),
    ("AvgPool3d(2, divisor_override=3)", X3),
    ("LPPool1d(2, 3)", X1),
    ("LPPool2d(2, 3)", X2),
    ("LPPool3d(2, 2)", X3),
    ("AdaptiveAvgPool1d(2)", X1),
    ("AdaptiveAvgPool2d((None, 3))", X2),
    ("AdaptiveAvgPool3d(2)", X3),
    ("AdaptiveMaxPool1d(2)", X1),
    ("AdaptiveMaxPool2d((5, 3), return_indices=True)", X2),
    ("AdaptiveMaxPool3d(2)", X3),
    ("MaxUnpool1d(2)", X1),
    ("MaxUnpool2d(2, 3, (1, 1))", X2),
    ("MaxUnpool3d(2)", X3),
]


@pytest.mark.parametrize(("source", "shape"), MODULES)
def test_modules(source, shape):
    def run(t, x):
        layer = eval(f"t.nn.{source}", {"t": t})
        if "Unpool" in source:
            return repr(layer), layer(x, t.arange(x.numel()).reshape(x.shape) % 30)
        return repr(layer), layer(x)

    beside(run, draw(*shape), order=0 if "Unpool" in source else 2)
