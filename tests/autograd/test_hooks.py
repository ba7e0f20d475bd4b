"""Hooks on tensors, on leaves, and on nodes: when they run, what they see, and what their results replace."""
from __future__ import annotations

import pytest

from .both import attempt, check


def order(torch):
    log = []

    def note(name, result=None):
        return lambda *args: log.append((name, [a.tolist() if hasattr(a, "tolist") else len(a) for a in args])) or result

    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    y.grad_fn.register_hook(note("post 1"))
    y.retain_grad()
    y.register_hook(note("tensor 1"))
    y.grad_fn.register_prehook(note("pre 1"))
    y.register_hook(note("tensor 2"))
    x.register_hook(note("leaf"))
    x.register_post_accumulate_grad_hook(note("accumulated"))
    y.grad_fn.next_functions[0][0].register_hook(note("AccumulateGrad post"))
    y.grad_fn.next_functions[0][0].register_prehook(note("AccumulateGrad pre"))
    (y * y).sum().backward()
    return log


def results_replace(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    y.register_hook(lambda g: g * 10)
    y.retain_grad()
    y.register_hook(lambda g: g + 1)
    x.register_hook(lambda g: g * 100)
    y.sum().backward()
    return x.grad, y.grad


def node_hooks_replace(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    w = torch.tensor([3.0, 4.0], requires_grad=True)
    y = x * w
    y.grad_fn.register_prehook(lambda grads: (grads[0] * 2,))
    y.grad_fn.register_hook(lambda inputs, outputs: (inputs[0] * 10, None))
    y.sum().backward()
    return x.grad, w.grad


def remove(torch):
    x = torch.tensor([1.0], requires_grad=True)
    seen = []
    handle = x.register_hook(lambda g: seen.append(1))
    (x * 2).sum().backward()
    handle.remove()
    (x * 2).sum().backward()
    with x.register_hook(lambda g: seen.append(2)):
        (x * 2).sum().backward()
    (x * 2).sum().backward()
    return seen


def captured_gradients(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    y.register_hook(lambda g: g * 10)
    x.register_hook(lambda g: g * 100)
    z = (y * y).sum()
    return (
        torch.autograd.grad(z, [x, y], retain_graph=True),
        torch.autograd.grad(z, [y], retain_graph=True),
        torch.autograd.grad(z, [x], retain_graph=True),
        x.grad,
    )


def optimizer_in_backward(torch):
    w = torch.tensor([1.0, 2.0], requires_grad=True)

    def step(leaf):
        with torch.no_grad():
            leaf -= leaf.grad * 0.5
        leaf.grad = None

    w.register_post_accumulate_grad_hook(step)
    (w * w).sum().backward()
    return w, w.grad


def hooks_are_differentiable(torch):
    x = torch.tensor([2.0], dtype=torch.float64, requires_grad=True)
    y = x * x
    y.register_hook(lambda g: g * g)
    (g,) = torch.autograd.grad(y * y, x, create_graph=True)
    return g, torch.autograd.grad(g, x)


def accumulates_and_clips(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = (x * 3) * (x * 5)
    x.register_hook(lambda g: g.clamp(max=40))
    y.sum().backward()
    return x.grad


def refused(torch):
    x = torch.tensor([1.0], requires_grad=True)
    y = x * 2
    y.register_hook(lambda g: "no")
    z = x * 2

    def shrink(g):
        return torch.ones(3)

    z.register_hook(shrink)
    return (
        attempt(lambda: torch.ones(1).register_hook(print)),
        attempt(lambda: (x * 2).register_post_accumulate_grad_hook(print)),
        attempt(lambda: torch.ones(1).register_post_accumulate_grad_hook(print)),
        attempt(y.sum().backward),
        attempt(z.sum().backward)[0],
    )


def node_metadata(torch):
    node = (torch.ones(1, requires_grad=True) * 2).grad_fn
    node.metadata["note"] = 3
    return node.metadata, node.name(), type(node).__name__


PROGRAMS = [f for f in list(globals().values()) if getattr(f, "__module__", None) == __name__]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_like_pytorch(program):
    check(program)
