"""What is no tensor where a tensor is wanted: PyTorch's TypeError, in every function and method that takes tensors."""
from __future__ import annotations

import pickle
from inspect import signature
from types import FunctionType

import numpy as np
import pytest
import torch
from beside import beside, draw, table

import minigrad
from minigrad.ops.arguments import tensor_parameters

NO_TENSORS = [3, 2.5, "s", None, [1.0], range(2)]
PYTHON = {"norm", "repeat_interleave", "searchsorted", "set_rng_state", "split", "tensordot", "unique", "unravel_index", "where"}  # whose words come from other functions
NUMBERS_TOO = {"fmod", "eq", "ne", "lt", "le", "gt", "ge"}  # whose first operand may be a number here


def required(f):
    """The names of the arguments that a function needs."""
    return [name for name, p in signature(f).parameters.items() if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]


FUNCTIONS = {
    name: required(f)
    for name in dir(minigrad)
    if isinstance(f := getattr(minigrad, name), FunctionType) and f.__name__ == name and hasattr(torch, name) and name not in PYTHON | NUMBERS_TOO
    and required(f) and required(f)[0] in tensor_parameters(f)
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name):
    for x in NO_TENSORS:

        def run(t, x=x):
            others = {other: t.ones(2) if other == "other" else 0 for other in FUNCTIONS[name][1:]}
            return getattr(t, name)(x, **others)

        beside(run)


OTHERS = """
t.gather(x, 0, 3)
t.gather(x, dim=0, index=[1])
t.scatter(x, 0, 3, x)
t.scatter_add(x, 0, t.zeros(2, dtype=t.int64), 3)
t.index_select(x, 0, [0])
t.index_add(x, 0, t.tensor([0]), 3)
t.index_copy(x, 0, 3, x)
t.masked_select(x, True)
t.masked_fill(x, True, 0)
t.take(x, [0])
t.take_along_dim(x, 0)
t.addmm(x, 3, x)
t.addmm(x, x, None)
t.addmm(3, x, x)
t.baddbmm(x, x, 3)
t.matmul(x, 3)
t.dist(x, 3)
t.dist(3, x)
t.lerp(x, 3, 0.5)
t.addcmul(x, x, 3)
t.isclose(x, 3)
t.allclose(x, [1.0])
t.equal(x, 3)
t.bucketize(x, 3)
t.searchsorted(3, x)
t.cat([x, 3])
t.cat(x)
t.stack([x, None])
t.stack(3)
t.broadcast_tensors(x, 3)
t.broadcast_tensors([x, x])
t.meshgrid(x, 3, indexing="ij")
x.gather(0, 3)
x.scatter(0, 3, x)
x.index_select(0, 3)
x.index_fill(0, 3, 1)
x.masked_fill(3, 1)
x.masked_select([True])
x.matmul(3)
x.mm([1.0])
x.addmm(x, 3)
x.lerp(3, 0.5)
x.addcdiv(x, 3)
x.expand_as(3)
x.view_as([1])
x.take("s")
t.nn.functional.relu(3)
t.nn.functional.linear(3, x)
t.nn.functional.linear(x, None)
t.nn.functional.bilinear(x, 3, x)
t.nn.functional.elu(3)
t.nn.functional.leaky_relu("s")
t.nn.functional.leaky_relu_(3)
t.nn.functional.hardtanh(None)
t.nn.functional.softplus([1.0])
t.nn.functional.silu(3)
t.nn.functional.dropout(3)
t.nn.functional.cosine_similarity(x, 3)
t.nn.functional.pairwise_distance(3, x)
t.nn.functional.softmax(3, 0)
t.nn.functional.one_hot(3)

t.nn.functional.mse_loss(x, 3)
t.nn.functional.mse_loss(3, x)
t.nn.functional.l1_loss(x, [1.0])
t.nn.functional.smooth_l1_loss(x, None)
t.nn.functional.huber_loss(x, "s")
t.nn.functional.nll_loss(x, 3)
t.nn.functional.nll_loss(3, x)
t.nn.functional.nll_loss(x, x, 3)
t.nn.functional.cross_entropy(x, np.ones(2))
t.nn.functional.cross_entropy(x, x, weight=3)
t.nn.functional.binary_cross_entropy(x, 3)
t.nn.functional.binary_cross_entropy(3, x)
t.nn.functional.binary_cross_entropy_with_logits(x, 3)
t.nn.functional.binary_cross_entropy_with_logits(x, x, 3)
t.nn.functional.binary_cross_entropy_with_logits(x, x, pos_weight=3)
"""


@table(OTHERS)
def test_other_arguments(source):
    beside(lambda t, x: eval(source, {"t": t, "x": x, "np": np}), draw(2))


def test_none_is_no_wrong_tensor():
    """What else is wrong is said, not that an optional tensor is missing."""
    beside(lambda t, x: t.bincount(x.long().abs(), None, -1), draw(2))


def test_a_failure_inside_is_passed_on():
    class Broken:
        def __index__(self):
            raise AttributeError("inside")

    beside(lambda t, x: t.sum(x, Broken()), draw(2))
    beside(lambda t, x: x.gather(0, t.tensor([0]), nonsense=True), draw(2))


def test_arrays_are_no_tensors():
    for name in ("exp", "relu", "sum", "argmax", "flatten", "matmul"):
        beside(lambda t: getattr(t, name)(*[np.ones(2)] * (1 + (name == "matmul"))))


def test_functions_can_be_pickled():
    """A module may keep one, as its activation."""
    for faces in (minigrad, minigrad.nn.functional):
        for name, f in vars(faces).items():
            if isinstance(f, FunctionType) and not name.startswith("_"):
                assert pickle.loads(pickle.dumps(f)) is f, name


@pytest.mark.parametrize(
    "use",
    ["x.sum(axis=0)", "x.sum(axis=1, keepdims=True)", "t.mean(x, axis=(0, 1), keepdims=True)", "x.max(axis=1).indices", "t.max(x, axis=1, keepdims=True)[0]",
     "x.argmax(axis=0)", "x.std(axis=0)", "t.var(x, axis=0, keepdims=True)", "t.softmax(x, axis=1)", "x.cumsum(axis=0)", "x.unsqueeze(axis=0)",
     "t.cat([x, x], axis=1)", "t.sort(x, axis=0).values", "x.norm(dim=0, keepdim=True)", "t.logsumexp(x, axis=0)", "x.sum(axes=0)", "x.exp(axis=0)",
     "x.sum(dim=0, axis=0)", "x.prod(axis=0)", "x.any(axis=0)", "t.median(x, axis=0).values", "t.argsort(x, axis=0)"],
)  # fmt: skip
def test_names_of_numpy(use):
    def program(t):
        try:
            result = eval(use, {"t": t, "x": t.arange(12.0).reshape(3, 4) / 7})
        except TypeError as error:
            return type(error).__name__
        return result.shape, result.tolist()

    ours, theirs = program(minigrad), program(torch)
    assert ours == theirs if isinstance(theirs, str) else (ours[0] == theirs[0] and np.allclose(ours[1], theirs[1], rtol=1e-6))
