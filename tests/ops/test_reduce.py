"""Reductions beside PyTorch's: dimensions, dtypes, ties, NaN, empty tensors, derivatives."""
from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from beside import beside, draw

INPUTS = {
    "3d": draw(3, 4, 2),
    "float32": draw(3, 4, 2, dtype="float32"),
    "long": draw(2, 40, 3),
    "vector": draw(5),
    "number": np.array(2.5),
    "empty": draw(0, 3),
    "empty inside": draw(3, 0, 2),
    "zeros": np.array([[2.0, 0, 3, 0, 1], [1, 2, 0, 4, 5], [0, 0, 0, 0, 0]]),
    "ties": np.array([[2.0, 2, 1], [1, 2, 2]]),
    "nan": np.array([[1, math.nan, 3], [2, 5, -math.inf]]),
    "infinite": np.array([[-math.inf] * 3, [1, 2, math.inf], [1, 2, -math.inf]]),
    "int64": np.arange(-6, 6).reshape(3, 4),
    "int32": np.array([[3, 1, 2], [1, 1, 0]], "int32"),
    "uint8": np.arange(6, dtype="uint8").reshape(2, 3),
    "bool": np.array([[True, False], [True, True]]),
}
OVER_DIMS = "sum mean var std amax amin all any count_nonzero logsumexp norm".split()
OVER_DIM = "prod max min argmax argmin".split()
ALONG_DIM = "cumsum cumprod softmax log_softmax sort argsort median".split()
DIMS = [0, -1, (0,), (0, 2), (-1, 1), [0, 1], (0, 1, 2), 3, -4, (0, 0)]
every_input = pytest.mark.parametrize("name", INPUTS)


def order_of(x: np.ndarray) -> int:
    """How many derivatives to compare: the second of what is not finite, or of nothing, depends on how it is written."""
    return 2 if x.size and np.isfinite(x).all() else 1


def tier_of(operation: str, x: np.ndarray) -> str | None:
    """Of results without a graph, which says what the rules declare."""
    return "T3" if operation in ("logsumexp", "softmax", "log_softmax") and x.dtype.kind != "f" else None


@every_input
@pytest.mark.parametrize("operation", OVER_DIMS)
def test_over_dims(operation, name):
    x = INPUTS[name]
    for dim in DIMS:
        if operation in ("amax", "amin") and not x.size and (x.ndim <= 2 and dim in ((0, 2), (-1, 1), (0, 1, 2), (0, 0))):
            continue  # PyTorch complains of emptiness before it looks at all dimensions
        for keepdim in (False, True):
            options = {"dim": dim} if operation == "count_nonzero" else {"dim": dim, "keepdim": keepdim}
            if operation == "norm" and dim == (0, 1, 2) and (x.ndim < 3 or x.dtype.kind != "f"):
                continue  # which is no norm of a matrix, for one reason or another
            order = order_of(x) if x.ndim or operation != "var" else 1
            beside(lambda t, x: getattr(t, operation)(x, **options), x, order=order, tier=tier_of(operation, x))
    if operation != "logsumexp":
        beside(lambda t, x: getattr(t, operation)(x), x, order=order)
        beside(lambda t, x: getattr(x, operation)(), x, order=order)


@every_input
@pytest.mark.parametrize("operation", OVER_DIM)
def test_over_a_dim(operation, name):
    x = INPUTS[name]
    order = 0 if operation == "prod" and order_of(x) == 1 else order_of(x)  # where PyTorch divides by what is not finite
    if operation == "prod" and name == "long":
        x = x[:, :6]  # rounding errors add up
    for dim, keepdim in itertools.product([0, -1, 1, 2, -4], (False, True)):
        beside(lambda t, x: getattr(t, operation)(x, dim, keepdim), x, order=order)
        beside(lambda t, x: getattr(x, operation)(dim=dim, keepdim=keepdim), x, order=order)
    beside(lambda t, x: getattr(t, operation)(x), x, order=order)


@every_input
@pytest.mark.parametrize("operation", ALONG_DIM)
def test_along_a_dim(operation, name):
    x = INPUTS[name]
    order = 0 if operation == "cumprod" and order_of(x) == 1 else order_of(x)
    for dim in (0, -1, 1, 2, -4):
        beside(lambda t, x: getattr(t, operation)(x, dim=dim), x, order=order, tier=tier_of(operation, x))
    if operation in ("sort", "argsort", "median"):
        beside(lambda t, x: getattr(t, operation)(x), x, order=order)
    if operation in ("sort", "argsort") and x.ndim:
        beside(lambda t, x: getattr(t, operation)(x, dim=-1, descending=True), x)
        beside(lambda t, x: t.argsort(x, dim=0, stable=True), x)
        beside(lambda t, x: t.sort(x, dim=0, descending=True, stable=True).indices, x)


@pytest.mark.parametrize("name", [name for name in INPUTS if name != "zeros"])  # many equal: PyTorch's choice is its own
def test_topk(name):
    x = INPUTS[name]
    if name == "bool":
        x = np.array([[True], [False]])
    for k, dim, largest in itertools.product((0, 1, 2, 3, 9), (0, -1), (True, False)):
        if x.dtype != bool or k <= 1:
            beside(lambda t, x: t.topk(x, k, dim, largest), x, order=order_of(x))
    beside(lambda t, x: x.topk(1), x, order=order_of(x))


@every_input
@pytest.mark.parametrize("operation", ["var", "std"])
def test_corrections(operation, name):
    x = INPUTS[name]
    order = order_of(x) if x.ndim else 1
    for f in [
        lambda f, x: f(x, False),
        lambda f, x: f(x, unbiased=False),
        lambda f, x: f(x, 0, False),
        lambda f, x: f(x, 0, False, True),
        lambda f, x: f(x, dim=0, correction=0),
        lambda f, x: f(x, dim=-1, correction=1, keepdim=True),
    ]:
        beside(lambda t, x: f(getattr(t, operation), x), x, order=order)
        if name != "infinite":  # of which PyTorch has another mean here than elsewhere
            beside(lambda t, x: f(getattr(t, f"{operation}_mean"), x), x, order=order)
    for correction in (2, 1.5, 5):
        beside(lambda t, x: getattr(t, operation)(x, 0, correction=correction), x, order=x.ndim > 1)


@every_input
@pytest.mark.parametrize("operation", ["sum", "mean", "prod", "cumsum", "cumprod", "softmax", "log_softmax"])
def test_dtypes(operation, name):
    along = operation in ALONG_DIM
    if name in ("nan", "infinite"):  # of which no integer is made alike everywhere
        return
    for dtype in ("float64", "float32", "int64", "bool"):
        if dtype == "bool" and operation.startswith("cum") or "empty" in name and "softmax" in operation and dtype[0] != "f":
            continue
        options = {"dim": 0} if along else {}
        tier = "T3" if operation != "cumsum" else None
        beside(lambda t, x: getattr(t, operation)(x.detach(), dtype=getattr(t, dtype), **options), INPUTS[name], tier=tier)
        if dtype == "float64" and not operation.startswith("cum"):  # whose gradients PyTorch adds up in float32
            beside(lambda t, x: getattr(t, operation)(x, dtype=t.float64, **options), draw(3, 4, dtype="float32"))


@every_input
def test_norms(name):
    x = INPUTS[name]
    for p in (0, 1, 2, 3, 0.5, -1, -2, math.inf, -math.inf, "fro", None, (0, 1)):
        if not x.size and p in (-1, -2, -math.inf, math.inf, (0, 1)):  # which have no value there
            continue
        order = 0 if name in ("nan", "infinite") else order_of(x) if name != "zeros" or p in (0, 1, 2) else 1
        beside(lambda t, x: t.norm(x, p), x, order=order)
        beside(lambda t, x: x.norm(p, dim=0), x, order=order)
        beside(lambda t, x: t.norm(x, p=p, dim=(0, 1), keepdim=True), x, order=order)
    beside(lambda t, x: t.dist(x, x + 1.5), x, order=order_of(x))
    beside(lambda t, x: t.dist(x, x[:1] if x.ndim and len(x) else x, 1), x, order=order_of(x))
    beside(lambda t, x: (x * 0).norm(), x, order=1)


def test_of_two_tensors():
    x, y = draw(3, 4), draw(4, seed=2)
    for name in ("max", "min"):
        beside(lambda t, x, y: getattr(t, name)(x, y), x, y)
        beside(lambda t, x, y: getattr(x, name)(other=y), x, y)


def test_printing():
    for operation in ("max", "min", "sort", "median"):
        beside(lambda t, x: repr(getattr(t, operation)(x, 0)), draw(3, 2, dtype="float32"))
    beside(lambda t, x: repr(t.topk(x, 1)), draw(3, 2, dtype="float32"))


def test_strided():
    x = draw(4, 6)
    for operation in OVER_DIMS[:10] + OVER_DIM + ALONG_DIM:
        if operation != "logsumexp":
            beside(lambda t, x: getattr(t, operation)(x.t()[::2], dim=1), x, order=0, tier=tier_of(operation, x))


def test_short_rows():
    """Of many short rows, softmax takes the maximum another way."""
    x = draw(50, 3, dtype="float32")
    beside(lambda t, x: t.log_softmax(x, 1), x)
    beside(lambda t, x: t.softmax(x * 30, 1), x)


@pytest.mark.parametrize("dim", ["x", 1.5, True, (0, "x"), (1.5,)], ids=str)
def test_bad_dims(dim):
    for operation in ("sum", "amax", "all", "var") if not isinstance(dim, bool) else ("sum", "amax"):
        if not isinstance(dim, tuple):
            beside(lambda t, x: getattr(t, operation)(x, dim), draw(2, 2))
    for operation in ("cumsum", "prod", "max", "argmax", "softmax", "sort", "median", "cumprod", "log_softmax"):
        if not isinstance(dim, tuple):
            beside(lambda t, x: getattr(t, operation)(x, dim=dim), draw(2, 2))
