"""The trace of a backward pass: its numbers and its order are PyTorch's, its names and places are the program's."""
from __future__ import annotations

import json
import sys

import numpy as np
import pytest
import torch as pytorch

import minigrad
from minigrad import viz


def make(torch):
    """A network in which a weight is used twice, a bias is broadcast, and a target is detached."""
    torch.manual_seed(0)
    nn = torch.nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1 = nn.Linear(3, 4)
            self.fc2 = nn.Linear(4, 2)

        def forward(self, x):
            h = nn.functional.relu(self.fc1(x))
            return self.fc2(h)

    net = Net()
    x = torch.tensor([[1.0, 2.0, 3.0], [0.5, -1.0, 2.0]])

    def loss_of():
        q = net(x)
        target = q.detach().max() * 0.9
        loss = ((q - target) ** 2).mean() + 0.01 * (net.fc1.weight**2).sum()
        return loss

    return net, loss_of


def array(trace, number):
    about = trace.arrays[number]
    return np.array(about["values"], float).reshape(about["shape"])


def order_of_execution(loss):
    """The names of PyTorch's nodes as they run."""
    order, todo, seen = [], [loss.grad_fn], set()
    while todo:
        node = todo.pop()
        if node is not None and node not in seen:
            seen.add(node)
            node.register_prehook(lambda grads, node=node: order.append(node.name()))
            todo += [child for child, _ in node.next_functions]
    loss.backward()
    return order


def test_nodes_run_in_pytorchs_order():
    order = order_of_execution(make(pytorch)[1]())
    trace = viz.trace(make(minigrad)[1])
    names = {"accumulate": "torch::autograd::AccumulateGrad"}
    assert [names.get(s.kind) or trace.nodes[s.node].fn for s in trace if s.kind in ("call", "accumulate")] == order


def test_contributions_add_up_to_the_gradient():
    net, loss_of = make(minigrad)
    trace = viz.trace(loss_of)
    for name, p in net.named_parameters():
        (leaf,) = [n for n in trace.nodes.values() if n.name == f"net.{name}"]
        sent = [array(trace, s.contribution) for s in trace if s.kind == "send" and s.to == leaf.id]
        np.testing.assert_allclose(sum(sent), p.grad.numpy(), rtol=1e-5, atol=1e-7)
        accumulated = [array(trace, s.after) for s in trace if s.kind == "accumulate" and s.node == leaf.id]
        np.testing.assert_allclose(accumulated[-1], p.grad.numpy(), rtol=1e-5, atol=1e-7)
    assert len([s for s in trace if s.kind == "send" and trace.nodes[s.to].name == "net.fc1.weight"]) == 2


def test_every_sum_is_before_plus_contribution():
    trace = viz.trace(make(minigrad)[1])
    added = [s for s in trace if s.kind == "send" and s.before is not None]
    assert added
    for s in added:
        np.testing.assert_allclose(array(trace, s.before) + array(trace, s.contribution), array(trace, s.after), rtol=1e-5)


def test_names_modules_and_places():
    trace = viz.trace(make(minigrad)[1])
    by_name = {n.name: n for n in trace.nodes.values() if n.name}
    assert {"h", "x", "target", "loss", "net.fc1.weight", "net.fc2.bias"} <= set(by_name)
    assert by_name["h"].fn == "ReluBackward0" and by_name["h"].module == "net"
    addmm = [n for n in trace.nodes.values() if n.fn == "AddmmBackward0"]
    assert [n.module for n in addmm] == ["net.fc1", "net.fc2"]
    place = by_name["loss"].code
    line = trace.to_dict()["source"]["files"][place["file"]][place["line"] - 1]
    assert "loss = " in line
    if sys.version_info >= (3, 11):
        assert line[place["col"] : place["end_col"]] == "((q - target) ** 2).mean() + 0.01 * (net.fc1.weight**2).sum()"


def test_what_gets_no_gradient_and_why():
    x = minigrad.ones(2, requires_grad=True)
    data = minigrad.tensor([1.0, 2.0])

    def loss_of():
        y = x * data
        with minigrad.no_grad():
            constant = x * 2
        return (y * constant + y * y.detach()).sum()

    trace = viz.trace(loss_of)
    assert {trace.nodes[s.to].name or s.to: s.why for s in trace if s.kind == "skip"} == {
        "data": "requires_grad=False",
        "constant": "no_grad",
        next(s.to for s in trace if s.kind == "skip" and s.why == "detached"): "detached",
    }


def test_broadcasting_is_a_step_of_its_own():
    w, b = minigrad.ones(3, 2, requires_grad=True), minigrad.ones(2, requires_grad=True)
    trace = viz.trace(lambda: ((w + b) * minigrad.arange(6.0).reshape(3, 2)).sum())
    (step,) = [s for s in trace if s.kind == "sum"]
    assert trace.nodes[step.to].name == "b" and step.axes == [0]
    np.testing.assert_array_equal(array(trace, step.raw).sum(0), array(trace, step.contribution))
    assert array(trace, step.contribution).tolist() == b.grad.tolist() == [6.0, 9.0]


def test_a_loss_that_is_already_there():
    w = minigrad.tensor(2.0, requires_grad=True)
    loss = (w * w).exp().sum()
    trace = viz.trace(loss)
    assert [s.kind for s in trace][:4] == ["forward", "forward", "forward", "seed"]
    exp = next(n for n in trace.nodes.values() if n.fn == "ExpBackward0")
    assert array(trace, exp.value) == pytest.approx(np.exp(4), rel=1e-5)
    assert next(n for n in trace.nodes.values() if n.kind == "leaf").name == "w"
    assert w.grad.item() == pytest.approx(4 * np.exp(4), rel=1e-5)


def test_a_whole_training_step():
    net, loss_of = make(minigrad)
    optimizer = minigrad.optim.SGD(net.parameters(), lr=0.1)
    with viz.trace() as trace:
        optimizer.zero_grad()
        loss_of().backward()
        optimizer.step()
    kinds = [s.kind for s in trace]
    assert kinds[0] == "zero_grad" and kinds[-1] == "step"
    for change in trace[-1].params:
        expected = array(trace, change["before"]) - 0.1 * array(trace, change["grad"])
        np.testing.assert_allclose(array(trace, change["after"]), expected, rtol=1e-4, atol=1e-6)


def test_hooks_are_seen():
    x = minigrad.ones(2, requires_grad=True)

    def loss_of():
        y = x * 2
        y.register_hook(lambda grad: grad * 10)
        return y.sum()

    trace = viz.trace(loss_of)
    (step,) = [s for s in trace if s.kind == "hook"]
    assert (array(trace, step.before).tolist(), array(trace, step.after).tolist()) == ([1, 1], [10, 10])
    assert x.grad.tolist() == [20, 20]


def test_functions_of_ones_own():
    class Double(minigrad.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            return grad * 2

    x = minigrad.ones(2, requires_grad=True)
    trace = viz.trace(lambda: Double.apply(x).sum())
    assert "DoubleBackward" in [n.fn for n in trace.nodes.values()]
    assert x.grad.tolist() == [2, 2]


def test_a_refused_second_derivative():
    class Square(minigrad.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @minigrad.autograd.function.once_differentiable
        def backward(ctx, grad):
            return 2 * grad * ctx.saved_tensors[0]

    x, cotangent = [minigrad.tensor(3.0, requires_grad=True) for _ in range(2)]
    (grad,) = minigrad.autograd.grad(Square.apply(x), x, cotangent, create_graph=True)
    with pytest.raises(RuntimeError, match="differentiate twice"):
        viz.trace(grad * grad)


def test_the_first_nan_is_pointed_out():
    x = minigrad.zeros(2, requires_grad=True)
    trace = viz.trace(lambda: (x.sqrt() * 0).sum())
    (problem,) = trace.problems
    assert trace.nodes[problem["node"]].fn == "SqrtBackward0" and problem["what"] == "nan"
    assert json.loads(trace.to_json())["problems"] == trace.problems


def test_json():
    trace = viz.trace(make(minigrad)[1])
    data = json.loads(trace.to_json())
    assert data["v"] == 1 and len(data["steps"]) == len(trace) and len(data["nodes"]) == len(trace.nodes)
    numbers = [s[key] for s in data["steps"] for key in ("grad", "raw", "contribution", "before", "after") if s.get(key) is not None]
    assert max(numbers) < len(data["arrays"])


def test_large_arrays_are_summarised():
    x = minigrad.arange(200.0).reshape(20, 10).requires_grad_()
    trace = viz.trace(lambda: (x * x).sum())
    leaf = next(n for n in trace.nodes.values() if n.kind == "leaf")
    about = trace.arrays[leaf.value]
    assert "values" not in about and (about["min"], about["max"], about["nan"]) == (0, 199, 0)
    assert np.array(about["rows"]).shape == (8, 8)


def test_nobody_looks_on_afterwards():
    from minigrad.autograd.onlookers import onlookers

    with pytest.raises(RuntimeError, match="boom"):
        viz.trace(lambda: (_ for _ in ()).throw(RuntimeError("boom")))
    viz.trace(make(minigrad)[1])
    assert onlookers == []


@pytest.mark.parametrize(
    ("target", "error", "words"),
    [
        (lambda: minigrad.ones(2), RuntimeError, "element 0 of tensors does not require grad and does not have a grad_fn"),
        (lambda: 3, TypeError, "the function has to return the loss, or run backward; it returned int"),
        (3, TypeError, "a loss, or a function that returns one, is needed, not int"),
    ],
)
def test_bad_input(target, error, words):
    with pytest.raises(error, match=words):
        viz.trace(target)


def test_a_freed_graph():
    loss = (minigrad.ones(2, requires_grad=True) ** 2).sum()
    loss.backward()
    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        viz.trace(loss)


@pytest.mark.parametrize("recorded", ["before", "now"])
def test_the_forward_pass_is_told_in_its_order(recorded):
    loss_of = make(minigrad)[1]
    trace = viz.trace(loss_of() if recorded == "before" else loss_of)
    told = {node.id for node in trace.nodes.values() if node.kind != "op"}
    forward = [step.node for step in trace if step.kind == "forward"]
    for node in forward:
        assert told >= {source["id"] for source in trace.nodes[node].inputs} - {None}
        told.add(node)
    assert forward and told == set(trace.nodes)


def test_ranks_count_the_nodes_of_each_backward():
    w = minigrad.ones(2, requires_grad=True)
    with viz.trace() as trace:
        (w * 2).sum().backward()
        ((w * 3).exp().sum() * 2).backward()
    assert [step.rank for step in trace if step.kind == "call"] == [0, 1, 0, 1, 2, 3]


def test_of_a_long_graph_the_forward_pass_is_left_out():
    def kinds(length):
        y = minigrad.ones(1, requires_grad=True)
        for _ in range(length):
            y = y + 1.0
        return [step.kind for step in viz.trace(y.sum())]

    assert kinds(10).count("forward") == 11
    assert "forward" not in kinds(5_000)


def test_too_many_steps():
    def loss_of():
        y = minigrad.ones(1, requires_grad=True)
        for _ in range(7_000):
            y = y * 1.0
        return y.sum()

    with pytest.raises(ValueError, match="more than 20,000 steps"):
        viz.trace(loss_of)
