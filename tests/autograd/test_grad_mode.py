"""no_grad and its kin, as contexts and decorators; inference mode; anomaly mode."""
from __future__ import annotations

import pytest

from .both import attempt, check


def contexts(torch):
    x = torch.ones(2, requires_grad=True)
    seen = [torch.is_grad_enabled()]
    with torch.no_grad():
        seen.append((x * 2).requires_grad)
        with torch.enable_grad():
            seen.append((x * 2).requires_grad)
            with torch.set_grad_enabled(False):
                seen.append((x * 2).requires_grad)
            seen.append(torch.is_grad_enabled())
        seen.append(torch.is_grad_enabled())
    seen.append((x * 2).requires_grad)
    torch.set_grad_enabled(False)
    seen.append(torch.is_grad_enabled())
    torch.set_grad_enabled(True)
    return seen, torch.is_grad_enabled()


def decorators(torch):
    x = torch.ones(2, requires_grad=True)

    @torch.no_grad()
    def a():
        "Documented."
        return (x * 2).requires_grad

    @torch.no_grad
    def b():
        return (x * 2).requires_grad

    @torch.enable_grad()
    def c():
        return (x * 2).requires_grad

    @torch.inference_mode()
    def d():
        return (x * 2).requires_grad

    @torch.set_grad_enabled(False)
    def e():
        return (x * 2).requires_grad

    with torch.no_grad():
        within = a(), b(), c(), d(), e()
    return within, a(), b(), c(), d(), e(), torch.is_grad_enabled(), a.__name__, a.__doc__


def generators(torch):
    @torch.no_grad()
    def counting():
        got = yield torch.is_grad_enabled()
        yield torch.is_grad_enabled(), got

    steps = counting()
    first = next(steps)
    outside = torch.is_grad_enabled()
    return first, outside, steps.send(5), torch.is_grad_enabled()


def leaves_made_under_no_grad(torch):
    with torch.no_grad():
        w = torch.ones(2, requires_grad=True)
        quiet = w * 2
    (w * 3).sum().backward()
    return w.grad, quiet.requires_grad, quiet.is_leaf


def after_an_exception(torch):
    def fail():
        with torch.no_grad():
            raise ValueError("x")

    return attempt(fail), torch.is_grad_enabled()


def inference(torch):
    w = torch.ones(2, requires_grad=True)
    with torch.inference_mode():
        x = w * 2
        x.add_(1)
        inside = torch.is_inference_mode_enabled(), torch.is_grad_enabled(), x.is_inference()
    with torch.inference_mode(False):
        seen = torch.is_inference_mode_enabled(), (w * 2).requires_grad
    return (
        inside,
        seen,
        torch.is_inference_mode_enabled(),
        attempt(lambda: w * x),
        attempt(lambda: x.add_(1)),
        attempt(lambda: x.requires_grad_()),
        (x.clone() * w).requires_grad,
        (w + x).requires_grad,
    )


def anomaly(torch):
    x = torch.tensor([0.0, 1.0], requires_grad=True)
    with torch.autograd.set_detect_anomaly(True):
        y = (x / x.detach()).sum()
        outcome = attempt(y.backward)
    (x / x.detach()).sum().backward()
    return outcome, x.grad[1].item()


def anomaly_without_checking(torch):
    x = torch.tensor([0.0, 1.0], requires_grad=True)
    with torch.autograd.set_detect_anomaly(True, check_nan=False):
        (x / x.detach()).sum().backward()
    return x.grad[1].item()


def gradcheck(torch):
    def wrong(x):
        class Wrong(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return x * 2

            @staticmethod
            def backward(ctx, grad):
                return grad * 3

        return Wrong.apply(x)

    x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    w = torch.tensor([[1.0, 2.0], [3.0, -4.0]], dtype=torch.float64, requires_grad=True)
    check_, twice = torch.autograd.gradcheck, torch.autograd.gradgradcheck
    return (
        check_(lambda x, w: (x @ w).tanh() * x, (x, w)),
        twice(lambda x, w: (x @ w).tanh() * x, (x, w)),
        check_(lambda x: (x * 2, x.detach()), x),
        check_(wrong, (x,), raise_exception=False),
        attempt(lambda: check_(wrong, (x,)))[0],
        attempt(lambda: check_(lambda x: x, (torch.ones(2),))),
    )


PROGRAMS = [f for f in list(globals().values()) if getattr(f, "__module__", None) == __name__]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_like_pytorch(program):
    check(program)
