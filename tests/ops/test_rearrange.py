"""Elements repeated, reversed and moved around, beside PyTorch: ops/rearrange.py."""
from __future__ import annotations

import numpy as np
from beside import DTYPES, beside, draw, program, table

X = draw(2, 3, 4)
PROGRAMS = """
x[0].repeat(2, 1)
x[0].repeat(2, 1, 3)
x[0].repeat((2, 2))
x[0].detach().repeat(0, 1)
x[0, 0, 0].repeat(3)
x[0, 0, 0].repeat(())
x.transpose(0, 2).repeat(1, 2, 1)
x[0].tile(2)
x[0].tile((2, 1))
x[0].tile((2, 1, 3))
x[0].tile(())
t.tile(x, (2,))
x.repeat_interleave(2)
x.repeat_interleave(2, 1)
x.repeat_interleave(3, dim=-1)
x.repeat_interleave(0, dim=0)
x.repeat_interleave(t.tensor([1, 2, 0]), 1)
x.repeat_interleave(t.tensor(2), 0)
x.repeat_interleave(t.tensor([2]), 0)
t.repeat_interleave(x, t.tensor([1, 2, 0]), dim=1, output_size=3)
t.repeat_interleave(t.tensor([1, 2, 3]))
x.flip(0)
x.flip(0, 2)
x.flip((0, -1))
x.flip([1])
x.flip(())
t.flip(x, (0, 1, 2))
x.transpose(0, 1).flip(0)
x.transpose(0, 2)[1:].flip(0, 2)
x.roll(1)
x.roll(-5)
x.roll(1, 0)
x.roll(-1, 2)
x.roll(7, -1)
x.roll((1, 2), (0, 2))
x.roll((1, 2), (2, 2))
x.roll(shifts=1, dims=1)
t.roll(x, 1, 0)
x[0, 0, 0].roll(1)
x[:0].roll(1)
x.tril()
x.tril(1)
x.tril(-1)
x.tril(diagonal=5)
x.triu()
x.triu(-1)
x.triu(3)
x.transpose(1, 2).tril()
x[:, :0].triu()
t.tril(x / 0.)
t.triu(x * float('nan'), 1)
"""
ERRORS = """
x[0].repeat(2)
x[0].repeat(-1, 1)
x.repeat()
x.repeat_interleave(t.tensor([1, 2]), 1)
x.repeat_interleave(-1)
x.repeat_interleave(t.tensor([1., 2., 0.]), 1)
x.repeat_interleave(2, 3)
x.flip()
x.flip(3)
x.flip(0, 0)
x.roll((1, 2), 0)
x.roll((1, 2))
x.roll(1, 3)
x[0, 0].tril()
x[0, 0, 0].triu()
"""


def tier(source):
    """The gradient of what was repeated is a sum, which is not taken in PyTorch's order."""
    return "T3" if "repeat(" in source or "tile" in source else None


@table(PROGRAMS)
def test_program(source):
    f = program(source)
    beside(f, X, order=0)
    beside(f, X, tier=tier(source))
    beside(lambda t, x: (f(t, x).is_contiguous(), f(t, x)._is_view()), X)


@table(PROGRAMS)
def test_other_dtypes(source):
    for dtype in DTYPES[1:]:
        if "nan" not in source and "/ 0" not in source:
            beside(program(source), X.astype(dtype), order=1, tier=tier(source))


@table(ERRORS)
def test_error(source):
    beside(program(source), X)


def test_flip_keeps_the_order_in_memory():
    beside(lambda t, x: [x.transpose(0, 1).flip(0).stride(), x.permute(2, 0, 1).flip(1).stride()], np.zeros((2, 3, 4)))
