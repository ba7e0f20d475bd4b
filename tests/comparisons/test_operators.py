"""What the walk of PyTorch's operator database would find wrong. (The walk itself, of three samples: ops/test_op_db.py.)"""
from __future__ import annotations

import numpy as np
import pytest
import torch

import minigrad
from comparisons import operators


def op_of(name):
    (op,) = [op for op in operators.op_db if op.name == name]
    return op


def test_a_wrong_value_fails(monkeypatch):
    op = op_of("exp")
    monkeypatch.setattr(minigrad, "exp", lambda x, out=None: minigrad.exp2(x))
    tally = operators.check(op, 2, 1)
    assert {"values", "first"} <= {text.split(":")[0] for text in tally.failures}


def test_a_copy_that_should_be_a_view_fails(monkeypatch):
    op = op_of("expand")
    original = minigrad.Tensor.expand
    monkeypatch.setattr(minigrad.Tensor, "expand", lambda x, *size: original(x, *size).clone())
    assert any(text.startswith("views") for text in operators.check(op, 2, 1).failures)


def test_a_tier_is_enforced(monkeypatch):
    op = op_of("tanh")
    monkeypatch.setattr("minigrad.ops.elementary.Tanh.tier", "T0")
    operators.tiers.pop("tanh", None)
    assert any(text.startswith("tier") for text in operators.check(op, 10, 2).failures)
    operators.tiers.pop("tanh", None)


@pytest.mark.parametrize(("mine", "theirs", "grade"), [
    (np.array([0.0]), np.array([-0.0]), 1),
    (np.array([1.0]), np.array([1.0]), 0),
    (np.array([np.nan]), np.array([-np.nan]), 0),
    (np.array([np.nan]), np.array([1.0]), operators.FAILED),
    (np.array([np.inf]), np.array([1.0]), operators.FAILED),
    (np.array([1.0]), np.array([1 + 3 * 2.0**-52]), 2),
    (np.array([1.0]), np.array([1 + 7 * 2.0**-52]), 3),
    (np.array([1.0]), np.array([1 + 9 * 2.0**-52]), operators.FAILED),
    (np.array([1.0]), np.array([1.0], np.float32), operators.FAILED),
    (np.array([1]), np.array([2]), operators.FAILED),
])  # fmt: skip
def test_grades(mine, theirs, grade):
    assert operators.grade(mine, theirs) == grade


def test_every_name_out_of_scope_has_its_reason():
    missing = [op.name for op in operators.op_db if operators.find(minigrad, op.name) is None and not operators.left_out(op)]
    assert not missing


def both(call):
    """What a call does with either library: the result, or the exception's type and words."""
    found = []
    for library in (minigrad, torch):
        try:
            found.append(call(library).tolist())
        except Exception as error:
            found.append((type(error).__name__, operators.words(error)))
    return found


X = [1.0, -2.0, 3.0]


@pytest.mark.parametrize("call", [
    lambda t: t.add(t.tensor(X), 1, out=t.empty(0)),
    lambda t: t.add(t.tensor(X), 1, out=t.empty(3, dtype=t.float64)),
    lambda t: t.add(t.tensor(X), 1, out=t.empty(3, dtype=t.int64)),
    lambda t: t.add(t.tensor(X, requires_grad=True), 1, out=t.empty(3)),
    lambda t: t.add(t.tensor(X), 1, out=t.empty(3, requires_grad=True)),
    lambda t: t.add(t.tensor(X), 1, out=[1]),
    lambda t: t.add(t.tensor(X), 1, out=t.empty(1).expand(3)),
    lambda t: t.max(t.tensor(X), 0, out=(t.empty(0), t.empty(0, dtype=t.int64)))[1],
    lambda t: t.mm(t.ones(2, 2), t.ones(2, 2), out=t.empty(0, dtype=t.float64)),
    lambda t: t.multinomial(-t.ones(3), 1, out=t.empty(0)),
    lambda t: t.eq(t.tensor(X), 1, out=t.empty(0)),
    lambda t: t.linalg.inv(t.eye(2) * 2, out=t.empty(0)),
    lambda t: t.arange(3, out=t.empty(0)),
    lambda t: t.eq(1, t.tensor(X)),
    lambda t: t.fmod(1, t.tensor(X)),
    lambda t: t.add(t.tensor(X), np.ones(3)),
    lambda t: t.div(t.tensor(X), np.ones(3)),
    lambda t: t.maximum(t.tensor(X), np.ones(3)),
    lambda t: t.where(t.tensor(X) > 0, t.tensor(X), 1e300),
    lambda t: t.nn.functional.leaky_relu(t.tensor(X), 1e300),
    lambda t: t.nn.functional.elu(t.tensor(X), 1e300),
    lambda t: t.nn.functional.softplus(t.tensor(X), 1e300),
    lambda t: t.nn.functional.hardtanh(t.tensor(X), -1e300, 1),
    lambda t: t.lerp(t.tensor(X).half(), t.tensor(X).half() * 2, 1e5),
    lambda t: t.lerp(t.tensor(X).half(), t.tensor(X).half(), 1e5),
])  # fmt: skip
def test_calls(call):
    mine, theirs = both(call)
    assert mine == theirs


def test_out_of_another_shape_warns():
    for library in (minigrad, torch):
        with pytest.warns(UserWarning, match=r"An output with one or more elements was resized since it had shape \[2\]"):
            out = library.empty(2)
            assert library.add(library.ones(3), 1, out=out) is out
        assert out.tolist() == [2.0, 2.0, 2.0]


@pytest.mark.parametrize(("name", "words"), [
    ("unsqueze", "Did you mean 'unsqueeze'?"),
    ("to_sparse", "there are no sparse ones"),
])  # fmt: skip
def test_unknown_names(name, words):
    assert not hasattr(minigrad.Tensor, name)  # where Python itself suggests the closest name
    with pytest.raises(AttributeError, match=words.replace("?", r"\?")):
        getattr(minigrad, name)
    assert not hasattr(minigrad, name)
