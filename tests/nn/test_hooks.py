"""Hooks on modules, side by side with PyTorch's: when they run, what they see, what they change."""

from __future__ import annotations

import copy
import pickle
from collections import namedtuple

import pytest

import minigrad

from .sides import draw, fill, same

Pair = namedtuple("Pair", "left right")


def net(t):
    class Net(t.nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = t.nn.Linear(3, 2)

        def forward(self, x, scale=1.0):
            if isinstance(scale, str):
                raise ValueError("no such scale")
            return self.fc(x) * scale

    return fill(t, Net())


def two(t):
    """Two arguments, two results."""

    class Two(t.nn.Module):
        def forward(self, x, name, y, pair=False):
            return Pair(x * y, x + y) if pair else (x * y, name, x + y)

    return Two()


def test_forward_hooks_in_order():
    def program(t):
        m = net(t)
        seen = []
        m.register_forward_pre_hook(lambda module, args: seen.append(["pre", module is m, args]))
        m.register_forward_pre_hook(
            lambda module, args, kwargs: seen.append(["kwargs", args, kwargs]), with_kwargs=True
        )
        m.register_forward_pre_hook(lambda module, args: seen.append(["first", args]), prepend=True)
        m.register_forward_hook(lambda module, args, out: seen.append(["after", args, out]))
        m.register_forward_hook(
            lambda module, args, kwargs, out: seen.append(["kwargs", args, kwargs, out]), with_kwargs=True, prepend=True
        )
        out = m(draw(t, 2, 3), scale=2.0)
        return [seen, out, [len(h) for h in (m._forward_hooks, m._forward_pre_hooks, m._backward_hooks)]]

    same(program, rtol=1e-6)


def test_forward_hooks_change_arguments_and_results():
    def program(t):
        m = net(t)
        handles = [
            m.register_forward_pre_hook(lambda module, args: args[0] * 2),
            m.register_forward_pre_hook(lambda module, args: (args[0] + 1,)),
            m.register_forward_pre_hook(lambda module, args, kwargs: (args, {"scale": 3.0}), with_kwargs=True),
            m.register_forward_hook(lambda module, args, out: out + 1),
            m.register_forward_hook(lambda module, args, out: (out, args[0])),
        ]
        x = draw(t, 2, 3)
        results = [m(x)]
        for handle in handles:
            handle.remove()
            results.append(m(x))
        handle.remove()
        return results

    same(program, rtol=1e-6)


def test_a_pre_hook_with_kwargs_returns_both():
    def program(t):
        m = net(t)
        m.register_forward_pre_hook(lambda module, args, kwargs: 3, with_kwargs=True)
        m(draw(t, 2, 3))

    same(program)


def test_handles_are_context_managers():
    def program(t):
        m = net(t)
        seen = []
        with m.register_forward_hook(lambda *args: seen.append(1)):
            m(draw(t, 2, 3))
        m(draw(t, 2, 3))
        m._forward_hooks.clear()
        return seen

    same(program)


def test_always_call():
    def program(t):
        m = net(t)
        seen = []
        m.register_forward_hook(lambda module, args, out: seen.append(("never", out)))
        m.register_forward_hook(lambda module, args, out: seen.append(("always", out)), always_call=True)
        m.register_forward_hook(
            lambda module, args, kwargs, out: seen.append(("kwargs", kwargs, out)), always_call=True, with_kwargs=True
        )
        m.register_forward_hook(lambda module, args, out: 1 / 0, always_call=True)
        try:
            m(draw(t, 2, 3), scale="x")
        except ValueError as error:
            seen.append(str(error))
        return seen

    same(program)


def test_always_call_runs_once_when_a_later_hook_fails():
    def program(t):
        m = net(t)
        seen = []
        m.register_forward_hook(lambda module, args, out: seen.append("first"), always_call=True)
        m.register_forward_hook(lambda module, args, out: 1 / 0)
        m.register_forward_hook(lambda module, args, out: seen.append("last"), always_call=True)
        try:
            m(draw(t, 2, 3))
        except ZeroDivisionError as error:
            seen.append(str(error))
        return seen

    same(program)


@pytest.mark.parametrize("requires_grad", [True, False])
def test_full_backward_hooks(requires_grad):
    def program(t):
        m = net(t)
        seen = []
        m.register_full_backward_pre_hook(lambda module, grad_output: seen.append(["pre", module is m, grad_output]))
        m.register_full_backward_hook(
            lambda module, grad_input, grad_output: seen.append(["post", grad_input, grad_output])
        )
        m.register_full_backward_hook(lambda module, grad_input, grad_output: seen.append(["first"]), prepend=True)
        x = draw(t, 2, 3, requires_grad=requires_grad)
        out = m(x, scale=2.0)
        seen.append(out.grad_fn.name())
        (out * draw(t, 2, 2, seed=5)).sum().backward()
        return [seen, x.grad, [p.grad for p in m.parameters()]]

    same(program, rtol=1e-6)


def test_full_backward_hooks_replace_gradients():
    def program(t):
        m = net(t)
        m.register_full_backward_pre_hook(lambda module, grad_output: (grad_output[0] * 2,))
        m.register_full_backward_pre_hook(lambda module, grad_output: (grad_output[0] + 1,))
        m.register_full_backward_hook(lambda module, grad_input, grad_output: (grad_input[0] * 3,))
        m.register_full_backward_hook(lambda module, grad_input, grad_output: (grad_input[0] - grad_output[0].sum(),))
        x = draw(t, 2, 3, requires_grad=True)
        m(x).sum().backward()
        return [x.grad, [p.grad for p in m.parameters()]]

    same(program, rtol=1e-6)


@pytest.mark.parametrize("pair", [False, True])
def test_full_backward_hooks_with_several_arguments(pair):
    def program(t):
        m = two(t)
        seen = []
        m.register_full_backward_hook(lambda module, grad_input, grad_output: seen.append([grad_input, grad_output]))
        x, y = draw(t, 3, requires_grad=True), draw(t, 3, seed=2)
        out = m(x, t.ones(()) if pair else "name", y, pair=pair)
        seen.append(type(out).__name__)
        out[-1].sum().backward()
        return [seen, x.grad, y.grad]

    same(program, rtol=1e-6)


@pytest.mark.parametrize(
    "hook",
    [
        lambda m: m.register_full_backward_pre_hook(lambda module, grads: ()),
        lambda m: m.register_full_backward_hook(lambda module, grad_input, grad_output: (None, None)),
    ],
)
def test_full_backward_hooks_must_keep_the_number(hook):
    def program(t):
        m = net(t)
        hook(m)
        m(draw(t, 2, 3, requires_grad=True)).sum().backward()

    same(program)


def test_full_backward_hook_without_input_gradient_must_return_none():
    def program(t):
        m = net(t)
        m.register_full_backward_hook(lambda module, grad_input, grad_output: (grad_output[0],))
        m(draw(t, 2, 3)).sum().backward()

    same(program)


def test_full_backward_hook_on_a_dictionary():
    def program(t):
        class Odd(t.nn.Module):
            def forward(self, x):
                return {"x": x * 2}

        m = Odd()
        m.register_full_backward_hook(lambda *args: 1 / 0)
        m(draw(t, 2, requires_grad=True))["x"].sum().backward()

    same(program)


def test_backward_hooks_rest_without_grad():
    def program(t):
        m = net(t)
        m.register_full_backward_hook(lambda *args: 1 / 0)
        with t.no_grad():
            out = m(draw(t, 2, 3))
        return out

    same(program, rtol=1e-6)


def test_backward_hooks_in_a_double_backward():
    def program(t):
        m = t.nn.Sequential(t.nn.Linear(2, 2, bias=False), t.nn.Tanh())
        fill(t, m)
        seen = []
        m.register_full_backward_hook(lambda module, grad_input, grad_output: seen.append([grad_input, grad_output]))
        x = draw(t, 3, 2, requires_grad=True)
        (g,) = t.autograd.grad(m(x).sum(), x, create_graph=True)
        (h,) = t.autograd.grad((g * g).sum(), x)
        return [[[type(grad).__name__ for grad in pair] for pair in seen], g, h]

    same(program, rtol=1e-5)


def test_hooks_on_every_module():
    def program(t):
        everywhere = t.nn.modules.module
        seen = []
        m = t.nn.Sequential(t.nn.Linear(2, 2), t.nn.ReLU())
        m[1].register_forward_hook(lambda module, args, out: seen.append("own"))

        def name(module):
            return type(module).__name__

        handles = [
            everywhere.register_module_forward_pre_hook(lambda module, args: seen.append(f"pre {name(module)}")),
            everywhere.register_module_forward_hook(lambda module, args, out: seen.append(f"post {name(module)}")),
            everywhere.register_module_forward_hook(
                lambda module, args, kwargs, out: seen.append(f"kwargs {kwargs}"), with_kwargs=True
            ),
            everywhere.register_module_full_backward_pre_hook(lambda module, grad: seen.append(f"back {name(module)}")),
            everywhere.register_module_full_backward_hook(lambda module, gi, go: seen.append(f"done {name(module)}")),
        ]
        try:
            m(draw(t, 3, 2, requires_grad=True)).sum().backward()
        finally:
            for handle in handles:
                handle.remove()
        m(draw(t, 3, 2))
        return seen

    same(program)
    assert not minigrad.nn.Linear(1, 1)._hooked


def shout(module, args, output):
    return output * 0 + 7


def forget(module, grad_input, grad_output):
    return (grad_input[0] * 0,)


@pytest.mark.parametrize("how", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_hooks_are_copied(how):
    def program(t):
        m = t.nn.Sequential(t.nn.ReLU())
        m.register_forward_hook(shout)
        m[0].register_full_backward_hook(forget)
        twin = how(m)
        m._forward_hooks.clear()
        x = draw(t, 3, requires_grad=True)
        out = twin(x)
        out.sum().backward()
        return [out, x.grad, m(x)]

    same(program)
