"""Interpolation and shuffled pixels beside PyTorch's: values, first and second derivatives, graphs, errors, repr."""

from __future__ import annotations

import pytest
from beside import beside, draw, program, table


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@table("""
t.nn.functional.interpolate(x, scale_factor=2)
t.nn.functional.interpolate(x, size=7)
t.nn.functional.interpolate(x, size=(3, 11))
t.nn.functional.interpolate(x, scale_factor=(1.5, 0.7))
t.nn.functional.interpolate(x, scale_factor=1.7, recompute_scale_factor=True)
t.nn.functional.interpolate(x, scale_factor=1.7, mode='nearest-exact')
t.nn.functional.interpolate(x[:, :, 0], scale_factor=2.5)
t.nn.functional.interpolate(x[:, :, None], size=(2, 3, 4))
t.nn.functional.interpolate(x, scale_factor=2, mode='bilinear')
t.nn.functional.interpolate(x, scale_factor=1.7, mode='bilinear')
t.nn.functional.interpolate(x, size=(3, 11), mode='bilinear')
t.nn.functional.interpolate(x, size=(3, 11), mode='bilinear', align_corners=True)
t.nn.functional.interpolate(x, size=1, mode='bilinear', align_corners=True)
t.nn.functional.interpolate(x[:, :, 0], scale_factor=2.5, mode='linear')
t.nn.functional.interpolate(x[:, :, None], size=(2, 3, 4), mode='trilinear')
t.nn.functional.interpolate(x, size=3, mode='area')
t.nn.functional.pixel_shuffle(x, 2)
t.nn.functional.pixel_unshuffle(x[:, :, :4], 2)
t.nn.Upsample(scale_factor=2)(x)
t.nn.UpsamplingBilinear2d(size=(7, 8))(x)
""")
def test_resampling(source, dtype):
    beside(program(source), draw(2, 4, 5, 6, dtype=dtype), tier="gradient")


@table("""
t.nn.functional.interpolate(x)
t.nn.functional.interpolate(x, size=3, scale_factor=2)
t.nn.functional.interpolate(x, size=(3, 2, 1))
t.nn.functional.interpolate(x, scale_factor=(3, 2, 1))
t.nn.functional.interpolate(x, size=3, align_corners=True)
t.nn.functional.interpolate(x, size=3, mode='linear')
t.nn.functional.interpolate(x, size=3, mode='trilinear')
t.nn.functional.pixel_shuffle(x, 3)
t.nn.functional.pixel_shuffle(x, 0)
t.nn.functional.pixel_shuffle(x[0, 0], 2)
t.nn.functional.pixel_unshuffle(x, 4)
""")
def test_errors(source):
    beside(program(source), draw(2, 4, 5, 6), order=0)


@table("""
t.nn.Upsample(scale_factor=2), t.nn.Upsample(size=3, mode='bilinear'), t.nn.UpsamplingNearest2d(3), t.nn.UpsamplingBilinear2d(scale_factor=2)
t.nn.PixelShuffle(2), t.nn.PixelUnshuffle(2)
""")
def test_repr(source):
    beside(lambda t: [repr(m) for m in program(source)(t)])
