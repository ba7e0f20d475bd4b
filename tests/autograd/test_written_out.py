"""The code that is written out from rules: what it says, and that it follows the rules when they are edited."""

from __future__ import annotations

import traceback

import pytest

import minigrad
from minigrad.autograd.rule import Rule, apply
from minigrad.ops.arithmetic import Mul
from minigrad.ops.reduce import Max, TakeIndex


def test_the_written_code_is_shown():
    x, w = minigrad.ones(2), minigrad.ones(2, requires_grad=True)
    node = (x * w).grad_fn
    assert "grad_b(grad, a) if wanted is None or wanted[1] else None" in node.source and "grad_a" not in node.source
    with pytest.raises(ZeroDivisionError) as error:
        apply(Faulty, w).sum().backward()
    assert "needed |= 0b10" in Mul.applied[2].source
    lines = traceback.format_exception(error.value)
    assert any("grad_x(grad) if wanted is None or wanted[0] else None" in line for line in lines)


class Faulty(Rule):
    def forward(x):
        return x + 0

    def grad_x(grad):
        raise ZeroDivisionError


def test_an_edited_rule_is_what_runs(monkeypatch):
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    (x * 3).sum().backward()  # the code for Mul is written
    monkeypatch.setattr(Mul, "grad_a", lambda grad, b: grad + b)
    y = x * 3
    x.grad = None
    y.sum().backward()
    assert x.grad.tolist() == [4, 4]
    monkeypatch.setattr(Mul, "forward", lambda a, b: a - b)
    assert (x * 3).tolist() == [-2, -1] and minigrad.mul(x, x).tolist() == [0, 0]
    monkeypatch.undo()
    x.grad = None
    (x * 3).sum().backward()
    assert (x * 3).tolist() == [3, 6] and x.grad.tolist() == [3, 3]


def test_an_edited_rule_edits_those_made_from_it(monkeypatch):
    assert not Max.__dict__.get("forward") and minigrad.tensor([[1.0, 2.0]]).max(dim=1).values.tolist() == [2]
    monkeypatch.setattr(TakeIndex, "forward", lambda x, indices, *, dim, keepdim: indices * 10.0)
    assert minigrad.tensor([[1.0, 2.0]]).max(dim=1).values.tolist() == [10]
    monkeypatch.setattr(Max, "forward", lambda x, indices, *, dim, keepdim: indices * 20.0)
    assert minigrad.tensor([[1.0, 2.0]]).max(dim=1).values.tolist() == [20]
    monkeypatch.undo()
    assert minigrad.tensor([[1.0, 2.0]]).max(dim=1).values.tolist() == [2]
