"""The code that is written out from rules: what it says, what it records and saves, and that it follows the rules when they are edited."""

from __future__ import annotations

import gc
import traceback
import weakref

import numpy as np
import pytest

import minigrad
from minigrad.autograd import applied, written_out
from minigrad.autograd.rule import Rule, apply
from minigrad.ops.arithmetic import Mul
from minigrad.ops.selection import Max, TakeIndex

from .both import check


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


def test_of_several_inputs_only_those_that_are_asked_for_get_a_gradient():
    asked = []

    class Several(Rule):
        def forward(*tensors):
            return sum(tensors)

        def grad_tensors(grad, i):
            asked.append(i)
            return grad

    x, y, z = [minigrad.ones(2, requires_grad=True) for _ in range(3)]
    minigrad.autograd.grad(apply(Several, x, y, z.detach()).sum(), y)
    assert asked == [1]
    apply(Several, x, y, z.detach()).sum().backward()
    assert asked == [1, 0, 1]


def test_nodes_are_known_by_their_rule():
    node = minigrad.ones(2, requires_grad=True).exp().grad_fn
    rule = next(cls for cls in type(node).__mro__[1:] if issubclass(cls, Rule))
    assert [getattr(type(node), name) for name in ("__qualname__", "__module__", "__doc__")] == [rule.__qualname__, rule.__module__, rule.__doc__]


def test_what_no_rule_needs_is_saved_as_none():
    def saved(torch):
        node = (torch.ones(2) * torch.ones(2, requires_grad=True)).grad_fn
        return node._saved_other is None, node._saved_self

    check(saved)


def test_integers_have_no_place_in_the_graph():
    def places(torch):
        x = torch.ones(2, 3, requires_grad=True)
        outputs = [*x.max(1), *x.sort(1), *x.topk(2), *x.mode(1), *torch.unique(x, return_counts=True), x.argmax()]
        return [(y.requires_grad, y.grad_fn is None) for y in outputs]

    check(places)


def test_a_saved_output_is_freed_with_its_tensor():
    y = minigrad.ones(2, requires_grad=True).exp()
    held = weakref.ref(y)
    gc.disable()
    try:
        del y
        assert held() is None
    finally:
        gc.enable()


def test_a_rule_may_call_its_inputs_as_it_likes():
    class Awkward(Rule):
        def forward(node, array, *, dtype, outputs):
            return node * array * dtype + outputs

        def grad_node(grad, array, dtype):
            return grad * array * dtype

        def grad_array(grad, node, dtype):
            return grad * node * dtype

    a, b = minigrad.tensor([2.0], requires_grad=True), minigrad.tensor([5.0], requires_grad=True)
    apply(Awkward, a, b, dtype=3.0, outputs=1.0).sum().backward()
    assert (a.grad.item(), b.grad.item()) == (15, 6)


def test_an_input_without_a_rule_is_told_at_once():
    class Half(Rule):
        def forward(a, b):
            return a + b

        def grad_a(grad):
            return grad

    x = minigrad.ones(2, requires_grad=True)
    assert apply(Half, x, x.detach()).requires_grad
    with pytest.raises(RuntimeError, match="the derivative for 'other' is not implemented"):
        apply(Half, x.detach(), x)


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


def test_inputs_may_have_the_names_that_the_written_code_uses():
    assert {*applied.SCOPE, *written_out.SCOPE} <= written_out.TAKEN

    class Named(Rule):
        def forward(new, *, dtype):
            return new * dtype

        def grad_new(grad, dtype):
            return grad * dtype

    x = minigrad.ones(2, requires_grad=True)
    apply(Named, x, dtype=3.0).sum().backward()
    assert x.grad.tolist() == [3, 3]


def test_settings_may_not():
    with pytest.raises(TypeError, match="no setting of forward may be called 'output'"):

        class Named(Rule):
            def forward(x, *, output):
                return x * output


def test_gradient_rules_of_several_outputs_take_them_all():
    class Twice(Rule):
        def forward(x):
            return x, 2 * x

        def grad_x(grad):
            return grad

    with pytest.raises(TypeError, match="TwiceBackward0: forward returned several outputs, so its gradient rules must take `grads`"):
        apply(Twice, minigrad.ones(2, requires_grad=True))


def test_leaves_do_not_share_a_gradient_that_an_operation_of_several_outputs_passed_on():
    class Pair(Rule):
        def forward(a, b):
            return a + b, a + b

        def grad_a(grads):
            return grads[0]

        def grad_b(grads):
            return grads[0]

    a, b, given = minigrad.ones(2, requires_grad=True), minigrad.ones(2, requires_grad=True), minigrad.tensor([3.0, 4.0])
    minigrad.autograd.backward(apply(Pair, a, b)[:1], [given])
    for one, other in ((a.grad, b.grad), (a.grad, given), (b.grad, given)):
        assert one.tolist() == [3, 4] and not np.shares_memory(one.numpy(), other.numpy())
