"""diff, cov, corrcoef and histc beside PyTorch: ops/statistics.py."""
from __future__ import annotations

import numpy as np
from beside import beside, draw, program, table

X, Y, Z = draw(3, 6), draw(3, 2, seed=2), np.array([1, 0, 2, 3, 1, 1])
PROGRAMS = """
t.diff(x)
x.diff(n=2, dim=0)
x.diff(n=0, prepend=y)
x.diff(n=9)
t.diff(x, prepend=y, append=y[:, :1])
t.diff(x > 0)
t.diff(z)
t.cov(x)
x.cov(correction=0)
x[0].cov()
t.cov(x, fweights=z)
t.cov(x, aweights=x[0].abs().detach())
t.cov(x, fweights=z, aweights=x[0].abs().detach(), correction=2)
t.cov(x[:, :1])
t.cov(z)
t.corrcoef(x)
x[0].corrcoef()
x.histc(5)
t.histc(x, bins=4, min=-1, max=1)
t.histc(x[:0], 3)
t.histc(t.tensor([2., 2.]), 3)
t.histc(x.float(), 7, min=-1.5, max=2)
"""
ERRORS = """
t.diff(x, n=-1)
t.diff(x[0, 0])
t.diff(x, prepend=x[0])
t.diff(x, prepend=y[:2])
t.diff(x, dim=2)
t.cov(x[None])
t.cov(x > 0)
t.cov(x, fweights=x[0])
t.cov(x, fweights=z[:2])
t.cov(x, fweights=-z)
t.cov(x, fweights=z * 0)
t.cov(x, aweights=z)
t.corrcoef(x[None])
t.histc(z)
t.histc(x, 0)
t.histc(x, 3, min=2, max=1)
t.histc(x / 0.)
"""


@table(PROGRAMS)
def test_program(source):
    beside(program(source), X, Y, Z, tier="T3")


@table(ERRORS)
def test_error(source):
    beside(program(source), X, Y, Z)
