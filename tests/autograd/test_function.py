"""Operations of one's own: torch.autograd.Function, its ctx, and what it refuses."""
from __future__ import annotations

import gc
import weakref

import pytest

import minigrad

from .both import attempt, check


def square_of(torch):
    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, grad):
            (x,) = ctx.saved_tensors
            return 2 * x * grad

    return Square


def first_and_second_derivative(torch):
    x = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64, requires_grad=True)
    y = square_of(torch).apply(x)
    (g,) = torch.autograd.grad((y * y).sum(), x, create_graph=True)
    (g * g).sum().backward()
    return y, g, x.grad, type(y.grad_fn).__name__, y.grad_fn.next_functions


def saved_output(torch):
    class Exp(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            out = x * 0 + 4
            ctx.save_for_backward(out)
            return out

        @staticmethod
        def backward(ctx, grad):
            (out,) = ctx.saved_tensors
            return grad * out

    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = Exp.apply(x)
    (g,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    g.sum().backward()
    z = Exp.apply(x)
    total = z.sum()
    z.add_(1)
    return g, x.grad, attempt(total.backward)


def constants_and_none(torch):
    class Scale(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, factor, y=None):
            ctx.factor = factor
            return x * factor

        @staticmethod
        def backward(ctx, grad):
            return grad * ctx.factor, None, None

    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = Scale.apply(x, 3.0, torch.ones(2))
    y.sum().backward()
    return y, x.grad, y.grad_fn.next_functions


def several_outputs(torch):
    class Both(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            index = (x > 1).long()
            ctx.mark_non_differentiable(index)
            return x * 2, x * 3, index

        @staticmethod
        def backward(ctx, a, b, index):
            return a * 2 + b * 3

    x = torch.tensor([1.0, 2.0], requires_grad=True)
    a, b, index = Both.apply(x)
    a.sum().backward()
    return a, b, index, x.grad


def materialize_grads(torch):
    class Two(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(False)
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, a, b):
            return torch.ones(2) * (10 if b is None else 20)

    x = torch.tensor([1.0, 2.0], requires_grad=True)
    Two.apply(x)[0].sum().backward()
    return x.grad


def needs_input_grad(torch):
    seen = []

    class Mul(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, y):
            ctx.save_for_backward(x, y)
            seen.append(ctx.needs_input_grad)
            return x * y

        @staticmethod
        def backward(ctx, grad):
            x, y = ctx.saved_tensors
            return (grad * y if ctx.needs_input_grad[0] else None), (grad * x if ctx.needs_input_grad[1] else None)

    x = torch.tensor([1.0, 2.0], requires_grad=True)
    Mul.apply(x, torch.tensor([3.0, 4.0])).sum().backward()
    Mul.apply(torch.ones(2), torch.ones(2))
    with torch.no_grad():
        quiet = Mul.apply(x, x)
    return seen, x.grad, quiet.requires_grad


def setup_context(torch):
    class Power(torch.autograd.Function):
        @staticmethod
        def forward(x, n):
            return x**n

        @staticmethod
        def setup_context(ctx, inputs, output):
            x, n = inputs
            ctx.save_for_backward(x)
            ctx.n = n

        @staticmethod
        def backward(ctx, grad):
            (x,) = ctx.saved_tensors
            return grad * ctx.n * x ** (ctx.n - 1), None

    x = torch.tensor([1.0, 2.0], requires_grad=True)
    Power.apply(x, 3).sum().backward()
    return x.grad


def in_place(torch):
    class Inc(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            x.add_(1)
            ctx.mark_dirty(x)
            return x

        @staticmethod
        def backward(ctx, grad):
            return grad * 5

    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    z = Inc.apply(y)
    z.sum().backward()
    return z is y, z, x.grad


def identity_returns_another_tensor(torch):
    class Same(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x

        @staticmethod
        def backward(ctx, grad):
            return -grad  # gradient reversal

    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = Same.apply(x)
    (y * y).sum().backward()
    return y is x, y, x.grad


def once_differentiable(torch):
    class Sin(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx, grad):
            (x,) = ctx.saved_tensors
            return grad * 2 * x

    x = torch.tensor([1.0], requires_grad=True)
    (g,) = torch.autograd.grad(Sin.apply(x).sum(), x, create_graph=True)
    return g.tolist(), attempt(lambda: torch.autograd.grad(g.sum(), x))


def refused(torch):
    class TooMany(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            return grad, grad

    class NoForward(torch.autograd.Function):
        pass

    class NoBackward(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

    x = torch.tensor([1.0], requires_grad=True)
    twice = square_of(torch).apply(x)
    twice.backward()
    return (
        attempt(TooMany.apply(x).backward),
        attempt(lambda: NoForward.apply(x)),
        attempt(NoBackward.apply(x).backward),
        attempt(twice.backward),
    )


PROGRAMS = [f for f in list(globals().values()) if getattr(f, "__module__", None) == __name__ and f is not square_of]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_like_pytorch(program):
    check(program)


def test_a_saved_output_is_no_cycle():
    class Double(minigrad.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            y = x * 2
            ctx.save_for_backward(y)
            return y

        @staticmethod
        def backward(ctx, grad):
            return grad * 2

    gc.disable()
    try:
        y = Double.apply(minigrad.ones(2, requires_grad=True))
        node = weakref.ref(y.grad_fn)
        del y
        assert node() is None
    finally:
        gc.enable()
