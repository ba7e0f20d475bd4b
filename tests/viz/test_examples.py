"""Every example shows what its sentence says, with PyTorch's numbers."""

from __future__ import annotations

import inspect
import subprocess
import sys

import numpy as np
import pytest
import torch as pytorch

from minigrad import viz
from minigrad.viz import examples


def values(trace, number):
    about = trace.arrays[number]
    return np.array(about["values"], float).reshape(about["shape"])


def traced(name):
    return viz.trace(examples.EXAMPLES[name])


def grads(trace):
    """What each leaf's .grad holds at the end, by name."""
    return {trace.nodes[s.node].name: values(trace, s.after) for s in trace if s.kind == "accumulate"}


def test_the_issues_list_is_there_each_with_its_lesson():
    assert examples.names() == [
        *("diamond", "broadcast_bias", "reused_weight", "without_zero_grad", "with_zero_grad", "td_target", "dueling_head"),
        *("cross_entropy", "gradient_clipping", "dead_relu", "vanishing_gradients"),
    ]
    for name in examples.names():
        lesson = examples.lesson(name)
        assert 40 < len(lesson) < 160 and lesson.endswith(".") and ". " not in lesson


@pytest.mark.parametrize("name", examples.names())
def test_the_gradients_are_pytorchs(name, monkeypatch):
    """The same program, its imports being PyTorch's, ends with the same gradients."""
    source = inspect.getsource(examples).replace("import minigrad as torch", "import torch")
    source = source.replace("from minigrad import", "from torch import").replace("from minigrad.nn", "from torch.nn")
    program = {"__name__": "program"}
    exec(source, program)
    accumulated = []
    real = pytorch.Tensor.register_post_accumulate_grad_hook

    def note(parameter):
        real(parameter, lambda p: accumulated.append(p.grad.detach().clone().numpy()))
        return parameter

    with monkeypatch.context() as patch:  # every leaf tells what it has accumulated
        patch.setattr(pytorch, "tensor", lambda *a, make=pytorch.tensor, **k: note(make(*a, **k)) if k.get("requires_grad") else make(*a, **k))
        patch.setattr(
            pytorch.nn.Module, "register_parameter",
            lambda self, key, p, keep=pytorch.nn.Module.register_parameter: keep(self, key, p if p is None else note(p)),
        )  # fmt: skip
        loss = program[name]()
        if loss is not None:
            loss.backward()
    trace = traced(name)
    ours = [values(trace, s.after) for s in trace if s.kind == "accumulate"]
    assert len(ours) == len(accumulated) > 0
    for a, b in zip(ours, accumulated):
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=1e-9)


@pytest.mark.parametrize("name", examples.names())
def test_names_and_lines_are_the_examples_own(name):
    trace = traced(name)
    for node in trace.nodes.values():
        if node.kind == "leaf":
            assert node.name and node.name.partition(".")[0] in ("x", "w", "b", "q", "net", "logits")
        if node.kind == "op":
            assert node.code["file"] == examples.__file__
    assert not trace.problems


def test_a_name_belongs_to_the_last_operation_of_an_expression_each_time_it_runs():
    ops = [n for n in traced("cross_entropy").nodes.values() if n.kind == "op"]
    assert [(n.fn, n.name) for n in ops] == [("LogSoftmaxBackward0", None), ("NllLossBackward0", "loss")]
    ops = [n for n in traced("reused_weight").nodes.values() if n.kind == "op"]
    assert [n.fn for n in ops if n.name == "h"] == ["TanhBackward0"] * 3


def sends(trace, name):
    return [s for s in trace if s.kind == "send" and trace.nodes[s.to].name == name]


def test_diamond_adds_two_gradients():
    trace = traced("diamond")
    assert [values(trace, s.contribution) for s in sends(trace, "a")] == [36, 42, 42]
    assert grads(trace) == {"x": 240}


def test_broadcast_bias_is_summed():
    assert [s.axes for s in traced("broadcast_bias") if s.kind == "sum"] == [[0]]


def test_reused_weight_gets_one_contribution_per_time_step():
    trace = traced("reused_weight")
    contributions = [values(trace, s.contribution) for s in sends(trace, "w")]
    assert len(contributions) == 3
    np.testing.assert_allclose(sum(contributions), grads(trace)["w"], rtol=1e-5)


def test_zero_grad_makes_the_difference():
    without, with_it = traced("without_zero_grad"), traced("with_zero_grad")
    assert [s.op for s in without if s.kind == "accumulate"] == ["=", "+="]
    assert [s.op for s in with_it if s.kind == "accumulate"] == ["=", "="]
    assert len([s for s in with_it if s.kind == "zero_grad"]) == 2
    for trace in (without, with_it):
        assert len([s for s in trace if s.kind == "step"]) == 2


def test_td_target_is_detached():
    trace = traced("td_target")
    (skip,) = [s for s in trace if s.kind == "skip" and s.why == "detached"]
    assert trace.nodes[skip.to].name == "target"
    reached = {s.to for s in trace if s.kind == "send"}
    assert not [n for n in trace.nodes.values() if n.name == "best" and n.id in reached]


def test_dueling_head_splits_the_gradient():
    found = grads(traced("dueling_head"))
    np.testing.assert_allclose(found["net.advantage.bias"].sum(), 0, atol=1e-6)
    chosen = found["net.value.bias"][0]
    np.testing.assert_allclose(found["net.advantage.bias"], chosen * np.array([-1 / 3, -1 / 3, 2 / 3]), rtol=1e-5)


def test_cross_entropy_is_prediction_minus_truth():
    logits = np.array([[2.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    np.testing.assert_allclose(grads(traced("cross_entropy"))["logits"], (p - np.eye(3)[[0, 2]]) / 2, atol=1e-6)


def test_gradient_clipping_keeps_the_direction():
    trace = traced("gradient_clipping")
    (step,) = [s for s in trace if s.kind == "step"]
    before, after = grads(trace)["w"], values(trace, step.params[0]["grad"])
    assert np.linalg.norm(before) == 50
    np.testing.assert_allclose(after, before / 50, rtol=1e-5)


def test_dead_relu_gets_nothing():
    found = grads(traced("dead_relu"))
    assert (found["w"][:, 1] == 0).all() and found["b"][1] == 0
    assert (found["w"][:, 0] != 0).all()


def test_gradients_vanish_towards_the_first_layer():
    found = grads(traced("vanishing_gradients"))
    sizes = [np.abs(found[f"net.{2 * k}.weight"]).max() for k in range(8)]
    assert sizes[0] < sizes[-1] / 50
    assert max(sizes[:4]) < min(sizes[4:])


def test_examples_are_reached_from_viz():
    program = "import minigrad; print(minigrad.viz.examples.diamond().item())"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "252.0\n"
