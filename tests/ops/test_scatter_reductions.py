"""scatter_reduce beside PyTorch: ops/scatter_reductions.py."""
from __future__ import annotations

import numpy as np
import pytest
from beside import beside, draw, program, table

X, Y, I = draw(3, 4), draw(2, 4, seed=2), np.array([[0, 1, 2, 0], [0, 2, 0, 1]])
REDUCTIONS = ["sum", "prod", "mean", "amax", "amin"]
SOURCES = """
x.scatter_reduce(0, z, y, r)
x.scatter_reduce(0, z, y, r, include_self=False)
x.scatter_reduce(1, z, y, reduce=r)
x.scatter_reduce(1, z[:, :1] * 0, y[:, :1], r)
x.clone().scatter_reduce_(0, z, y, r)
x[0, 0].scatter_reduce(0, t.tensor(0), y[0, 0], r, include_self=False)
x.long().scatter_reduce(0, z, y.long(), r)
t.scatter_reduce(x.long(), 0, z, y.long(), r, include_self=False)
"""
ERRORS = """
x.scatter_reduce(0, z, y, 'foo')
x.scatter_reduce(0, z, y.float(), 'sum')
x.scatter_reduce(0, z.float(), y, 'sum')
x.scatter_reduce(0, z + 2, y, 'sum')
x.scatter_reduce(0, z, 2., 'sum')
x.scatter_reduce(2, z, y, 'sum')
x.bool().scatter_reduce(0, z, y.bool(), 'mean')
"""


@pytest.mark.parametrize("reduce", REDUCTIONS)
@table(SOURCES)
def test_program(source, reduce):
    beside(program(source.replace("r)", f"'{reduce}')").replace("r,", f"'{reduce}',").replace("=r", f"='{reduce}'")), X, Y, I)


@pytest.mark.parametrize("reduce", REDUCTIONS)
@pytest.mark.parametrize("include_self", [True, False])
def test_ties_and_zeros(reduce, include_self):
    """Equal extremes share the gradient; a factor that is zero is the only one that has a gradient."""
    x, y = np.array([0.0, 2.0, 1.0, 3.0]), np.array([0.0, 2.0, 0.0, 5.0, 1.0])
    for place in ([0, 1, 2, 2, 2], [3, 1, 0, 1, 3], [1, 1, 0, 1, 0]):
        f = lambda t, x, y, i: x.scatter_reduce(0, i, y, reduce, include_self=include_self)  # noqa: E731
        twice = reduce != "prod" or place[0] != place[2]
        beside(f, x, y, np.array(place), order=2 if twice else 1)


def test_several_zeros_have_no_second_derivative():
    def second(t, x, y, i):
        (grad,) = t.autograd.grad(x.scatter_reduce(0, i, y, "prod").sum(), y, create_graph=True)
        return t.autograd.grad(grad.sum(), y)

    beside(second, np.ones(2), np.zeros(3), np.array([0, 0, 1]))


@table(ERRORS)
def test_error(source):
    beside(program(source), X, Y, I)


def test_larger_source():
    """The rest of a source that is larger than the index is left where it is. (PyTorch has no gradient then; ours is zero there.)"""
    for reduce in REDUCTIONS:
        beside(lambda t, x, y, i, r=reduce: x.scatter_reduce(0, i[:1, :3], y, r), X, Y, I, order=0)
