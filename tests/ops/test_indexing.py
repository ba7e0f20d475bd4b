"""x[index], read and written, beside PyTorch: ops/indexing.py."""
from __future__ import annotations

import numpy as np
import pytest
from beside import DTYPES, beside, draw, program, table

X = draw(2, 3, 4)
INDICES = """
0
-1
True
False
None
...
()
:
::2
1:
:-1
-1:
5:
:10
1:1
2:1
-10:
::3
t.tensor(1):
slice(np.int64(0), np.int64(1))
0, 1
0, -1
0, 1, 2
0, 1:
:, 1
:, 1:3
..., 0
..., 0, 1
0, ..., 1
..., 1:3
..., None
None, ...
None, 0
0, None
:, None
None, None
..., ...
0, ..., 1, 2, ...
None, ..., None
0, None, 1
:, :, ::2
::1, ::2, ::3
1:2, 0
:, :, :, None
t.tensor(1)
t.tensor(-1)
t.tensor(1, dtype=t.int32)
t.tensor(1), 0
0, t.tensor(1)
t.tensor(1), t.tensor(0)
np.int64(1)
np.array(1)
t.tensor(True)
t.tensor(False)
t.tensor([0, 1])
t.tensor([1, 0, 1])
t.tensor([-1])
t.tensor([[0, 1], [1, 0]])
t.tensor([], dtype=t.int64)
t.tensor([0, 1], dtype=t.int32)
t.tensor([True, False])
t.tensor([False, False])
x > 0
x[..., 0] > 0
0, x[0] > 0
:, x[0] > 0
..., x[0, 0] > 0
x[:, 0, 0] > -9, 1
x[:, 0, 0] > -9, t.tensor([1, 2])
x[..., 0] > 0, 1:
x[..., 0] > 0, None
x[..., 0] > 0, [0]
[0, 1]
[1, 0, 1]
[]
[True, False]
[[0, 1]]
[[0, 1], [1, 0]]
[[0, 1], [0]]
[0, [1]]
[[[0]]]
[0., 1]
[None]
[0, None]
[slice(None)]
[0, slice(1, 2)]
[t.tensor(0), t.tensor(1)]
[t.tensor([0, 1]), t.tensor([1, 0])]
[np.int64(0), 1]
(0, 1)
((0, 1),)
((0, 1), 1)
[0, 1], [1, 2]
[0, 1], 1
1, [0, 1]
[0, 1], :, [1, 2]
:, [0, 1], [1, 2]
:, [0, 1], 1
0, :, [1, 2]
[0, 1], [0, 1], [0, 1]
[0, 0], [1, 1], [2, 2]
[[0], [1]], [0, 1, 2]
[0, 1], None
None, [0, 1]
None, [0, 1], None, [1, 2]
..., [0, 1]
[0], ..., [1]
[0, 1], ..., [1, 2]
1:, [0, 1]
::2, [2, 0], 1:
[], []
[0, 1], [[0], [1]]
t.tensor([0, 1]), t.tensor(1)
t.tensor([[0], [1]]), t.tensor([0, 2])
:, t.tensor([[0], [1]]), t.tensor([0, 2])
t.tensor([0, 1]), 1:, t.tensor([0, 1])
np.array([0, 1])
np.array([True, False])
np.array([0., 1.])
np.array([], np.int64)
range(2)
range(0, 2), range(2)
True, 0
0, True
:, True
True, False
True, [0, 1]
..., True
True, t.tensor([True, False])
"""
BYTES = """
t.tensor([0, 1], dtype=t.uint8)
(x > 0).to(t.uint8)
t.tensor(1, dtype=t.uint8)
np.array([1, 0], np.uint8)
"""
ERRORS = """
(x > 0)[0], 0
None, x[0] > 0
1.5
2
-3
'a'
::0
::-1
1.5:2
t.tensor([1]):t.tensor([1, 2])
0, 3
0, 0, -5
None, 5
..., 9
0, 1, 2, 3
0, ..., 1, 2, 3
[0, 1], [0, 1], [0, 1], [0, 1]
t.tensor(2)
0, t.tensor(9)
t.tensor(1.)
t.tensor([2])
t.tensor([-3])
t.tensor([0.])
t.tensor([])
t.tensor([0, 1], dtype=t.int16)
t.tensor([0, 1], dtype=t.int8)
t.tensor([True, False, True])
(x > 0)[..., :3]
(x > 0)[0], 1:
t.tensor([True]), 0
t.zeros(2, 3, 4, 1, dtype=t.bool)
[2]
[True, False, True]
[0, 1], [0, 1, 2]
[0, 1], [5, 1]
[0, 1], [-4, 1]
:, :, [9]
[0, 9], [0, 9]
{}
object
iter([0])
np.float64(1)
t.tensor([0]), 1.5
"""
VALUES = """
7
-2.5
True
np.float64(3)
np.int64(3)
t.tensor(3.)
t.tensor(3)
t.tensor(3., dtype=t.float64)
x[0, 0, 0].detach().clone()
y
y * 2
y.detach()
y[None, None]
y[:1]
y.float()
y.long()
t.zeros(2, 3, 4)
t.ones(5)
t.zeros(0)
[1., 2., 3., 4.]
np.ones(4)
np.float32(2)
None
'a'
"""
TARGETS = ["0", ":", "...", "0, 1", "0, 0, 0", ":, 1", ":, :, 1:3", "None, 0", "True", "False", "[]", "[0, 1]", "[0, 0]", "[0, 1], 1",
           ":, [0, 1]", "[[0], [1]], [0, 2]", "[0, 1], :, [1, 2]", "t.tensor([True, False])", "x > 0", "0, x[0] > 0",
           "x[..., 0] > 0", "t.tensor(1)", "t.tensor(True)", "x > 99"]  # fmt: skip


@table(INDICES)
def test_get(source):
    """Values, gradients, the graph; for a view, where in memory it lies; that a copy is contiguous."""
    f = program(f"x[{source}]")
    beside(f, X)

    def layout(t, x):
        y = f(t, x)
        if y._is_view():
            return (y.stride(), y.storage_offset()) if y.numel() else None, y._base is x
        return y.is_contiguous()

    beside(layout, X)


@table(INDICES)
def test_get_from_a_transposed(source):
    beside(program(f"x[{source}]"), X.T.copy().T, order=1)
    beside(program(f"x = x.permute(2, 0, 1).permute(1, 2, 0); x[{source}]"), X, order=1)


@table(BYTES)
def test_get_by_bytes(source):
    beside(program(f"x[{source}]"), X, order=0)


@table(ERRORS)
def test_get_error(source):
    beside(program(f"x[{source}]"), X)


@table(ERRORS)
def test_set_error(source):
    f = program(f"x[{source}] = 7; x")
    beside(lambda t, x: f(t, x.detach()), X)


@table(INDICES)
def test_set(source):
    """A number and a tensor; on a leaf outside the graph, on a tensor in the graph, and on a leaf, where it is refused."""
    if "x" in source:  # the index is computed before x becomes another tensor
        source = source.replace("x", "z")
    for before in ("x = x.detach()", "x = x * 1", "x = (x * 1)[:]", "x"):
        beside(program(f"z = x.detach().clone(); {before}; x[{source}] = 7; x, x._version"), X)
        beside(program(f"z = x.detach().clone(); {before}; x[{source}] = y; x"), X, np.array(0.5), tier="T3")


@table(VALUES)
@pytest.mark.parametrize("index", TARGETS)
def test_set_value(index, source):
    index = index.replace("x", "z")
    beside(program(f"z = x.detach().clone(); x = x * 1; x[{index}] = {source}; x, x._version"), X, draw(4), tier="T3")


@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes(dtype):
    for index in ("0", "0, 1:, 2", "[0, 1], 1", "x[0] > 0, 1", "x > 0", ":, [1, 0]", "x[..., 0] > 0"):
        x = np.abs(X).astype(dtype)
        beside(program(f"x[{index}]"), x, order=1)
        for value in ("1", "y[0, 0, 0]", "True", "2.5"):
            beside(program(f"y = x; x = x.detach().clone(); x[{index}] = {value}; x"), x, order=1, tier="T3")


SCALARS = """
x[0]
x[...]
x[None]
x[:]
x[()]
x[True]
x[False]
x[t.tensor(True)]
x[t.tensor(0)]
x[[0]]
x[t.tensor([0])]
x[..., None]
x[None, None]
x[0, 0]
x[t.tensor([True])]
x = x * 1; x[()] = 3; x
x = x * 1; x[...] = 3; x
x = x * 1; x[None] = t.ones(1); x
x = x * 1; x[0] = 3; x
x = x * 1; x[t.tensor(True)] = 3; x
"""


@table(SCALARS)
def test_scalar(source):
    beside(program(source), np.array(2.5))


@table("x[0]\nx[:]\nx[[]]\nx[t.tensor([], dtype=t.int64)]\nx[t.zeros(0, dtype=t.bool)]\nx[..., None]\nx[[0]]\nx[:, None]\nx[x > 0]")
def test_empty(source):
    beside(program(source), np.zeros(0))
    beside(program(source), np.zeros((0, 3)))


PUT = """
x.index_put((t.tensor([0, 1]), t.tensor([1, 2])), y)
x.index_put((t.tensor([0, 1]),), y[0])
x.index_put((t.tensor([0, 0, 1]),), y[0], accumulate=True)
x.index_put((t.tensor([0, 0]), t.tensor([1, 1])), y, accumulate=True)
x.index_put([t.tensor([0]), t.tensor([1]), t.tensor([2])], y[0, 0], True)
x.index_put((x > 0,), y[0, 0])
x.index_put((x[..., 0] > 0,), y[0])
t.index_put(x, (t.tensor([1]),), y[0])
x.mul(1).index_put_((t.tensor([0, 1]),), y[0])
x.mul(1).index_put_((t.tensor([0, 0]),), y[0], accumulate=True)
x.index_put_((t.tensor([0, 1]),), y[0])
x.index_put((t.tensor([0, 9]),), y[0])
x.index_put((t.tensor([0]),), t.tensor(0))
x.index_put((t.tensor([0.]),), y[0])
x.index_put((t.tensor([0]),) * 4, y[0])
x.index_put((t.tensor([0]),), y[:, :3])
"""


@table(PUT)
def test_index_put(source):
    beside(program(source), X, draw(2, 4), order=0)
    beside(program(source), X, draw(2, 4), tier="T3")


MASKED = """
x.masked_select(x > 0)
t.masked_select(x, x[0] > 0)
x[0].masked_select(x > 0)
x.masked_select(x > 99)
x[0, 0, 0].masked_select(x > 0)
x.masked_select(t.tensor(True))
x.mT.masked_select(x.mT > 0)
x.masked_select(t.tensor([1, 0, 1, 0]))
x[:, 0, 0].masked_select(t.tensor([True, False, True]))
"""


@table(MASKED)
def test_masked_select(source):
    beside(program(source), X, order=0)
    beside(program(source), X, tier="T3")


def test_changes_of_an_index_are_noticed():
    """What an index was cannot be forgotten before backward: PyTorch compares versions."""

    def run(t, x):
        index = t.tensor([0, 1])
        y = x[index]
        index[0] = 1
        return t.autograd.grad(y.sum(), x)

    beside(run, X, order=0)
