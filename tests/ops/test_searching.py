"""Where elements are, and how many, beside PyTorch: ops/searching.py."""
from __future__ import annotations

import numpy as np
from beside import DTYPES, beside, program, table

X = np.array([[3, 0, 2], [0, 0, 1]])
PROGRAMS = """
x.nonzero()
x[0].nonzero()
x[0, 0].nonzero()
x[0, 1].nonzero()
x.nonzero(as_tuple=True)
x[0, 1].nonzero(as_tuple=True)
t.nonzero(x)
t.nonzero(x * 0)
t.argwhere(x)
x.mT.nonzero()
t.unique(x)
t.unique(x, return_inverse=True)
t.unique(x, return_counts=True)
t.unique(x, sorted=True, return_inverse=True, return_counts=True)
t.unique(x, dim=0, return_inverse=True, return_counts=True)
t.unique(x, dim=1)
x.unique()
x[0, 0].unique()
x[:0].unique()
t.searchsorted(t.tensor([0, 2, 3]), x)
t.searchsorted(t.tensor([0, 2, 3]), x, right=True)
t.searchsorted(t.tensor([0, 2, 3]), x, side='right', out_int32=True)
t.searchsorted(t.tensor([0, 2, 3]), 2)
t.searchsorted(t.tensor([[0, 2, 3], [1, 2, 2]]), x)
t.bucketize(x, t.tensor([0, 2, 3]))
t.bucketize(x, t.tensor([0, 2, 3]), right=True, out_int32=True)
t.bucketize(2, t.tensor([0, 2, 3]))
"""
INTEGERS = """
t.nn.functional.one_hot(x)
t.nn.functional.one_hot(x, 5)
t.nn.functional.one_hot(x[0, 0], num_classes=4)
t.nn.functional.one_hot(x[:0], 4)
t.bincount(x[0])
t.bincount(x[0], minlength=6)
t.bincount(x[0], t.tensor([.5, 1., 2.]))
t.bincount(x[0], weights=t.tensor([1, 2, 3]))
t.bincount(x[0], t.tensor([1., 2, 3], dtype=t.float64), 7)
t.bincount(x[0, :0])
"""
ERRORS = """
t.nn.functional.one_hot(x, 2)
t.nn.functional.one_hot(x - 1)
t.nn.functional.one_hot(x.float())
t.nn.functional.one_hot(x[:0])
t.nn.functional.one_hot(x, 0)
t.nn.functional.one_hot([0])
t.searchsorted(t.tensor([[0, 2, 3], [1, 2, 2]]), x[0])
t.searchsorted(t.tensor([0, 2, 3]), x, side='foo')
t.searchsorted(t.tensor([0, 2, 3]), x, side='left', right=True)
t.bucketize(x, x)
t.bincount(x[0] - 1)
t.bincount(x[0].float())
t.bincount(x)
t.bincount(x[0], t.tensor([1.]))
t.bincount(x[0], minlength=-1)
t.nonzero([1])
"""


@table(PROGRAMS)
def test_program(source):
    for dtype in DTYPES:
        if dtype not in ("bool", "float16") or not any(word in source for word in ("searchsorted", "bucketize")):
            beside(program(source), X.astype(dtype), order=0)


@table("x.unique().sum()\nx.unique(dim=0).sum()\nt.bincount(t.tensor([0, 1, 1]), x[0]).sum()")
def test_no_derivative(source):
    beside(lambda t, x: t.autograd.grad(program(source)(t, x), x), X.astype("float64"))


@table(INTEGERS)
def test_integers(source):
    beside(program(source), X)


@table(ERRORS)
def test_error(source):
    beside(program(source), X)


def test_nan_is_not_equal_to_itself():
    beside(program("t.unique(x)"), np.array([1, np.nan, 0, np.nan, np.inf]), order=0)


def test_order_in_memory():
    beside(program("x.nonzero().stride(), [i.stride() for i in x.nonzero(as_tuple=True)]"), X)
