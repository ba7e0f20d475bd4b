"""nn.utils beside PyTorch's: clipping gradients, parameters as one vector."""

from __future__ import annotations

import pytest

from .sides import draw, same


def parameters(t, scale=1.0, dtype="float32"):
    """Three parameters with gradients and one without."""
    made = []
    for i, shape in enumerate([(3, 4), (5,), (), (2,)]):
        p = t.nn.Parameter(draw(t, *shape, seed=i, dtype=dtype))
        if i < 3:
            p.grad = draw(t, *shape, seed=i + 10, dtype=dtype) * scale
        made.append(p)
    return made


def everything(t, result, ps):
    return [result, [p.grad for p in ps], [p.grad._version > 0 for p in ps if p.grad is not None]]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("norm_type", [2.0, 2, 1, 3.5, 0.5, 0, float("inf"), -float("inf"), "inf"])
@pytest.mark.parametrize("max_norm", [1.0, 2, 100.0])
def test_clip_grad_norm(max_norm, norm_type, dtype):
    def program(t):
        ps = parameters(t, dtype=dtype)
        return everything(t, t.nn.utils.clip_grad_norm_(ps, max_norm, norm_type), ps)

    same(program, rtol=1e-6 if dtype == "float32" else 1e-14)


@pytest.mark.parametrize(
    "call",
    [
        lambda t, ps: t.nn.utils.clip_grad_norm_((p for p in ps), 1.0),
        lambda t, ps: t.nn.utils.clip_grad_norm_(ps[0], 1.0),
        lambda t, ps: t.nn.utils.clip_grad_norm_(ps, 1.0, foreach=True),
        lambda t, ps: t.nn.utils.clip_grad_norm_(
            ps, max_norm=1.0, norm_type=1.0, error_if_nonfinite=True, foreach=False
        ),
        lambda t, ps: t.nn.utils.clip_grad_norm_([], 1.0),
        lambda t, ps: t.nn.utils.clip_grad_norm_((p for p in []), 1.0),
        lambda t, ps: t.nn.utils.clip_grad_norm_(ps[3:], 1.0),
        lambda t, ps: t.nn.utils.clip_grad_norm_(ps, "x"),
        lambda t, ps: t.nn.utils.clip_grad_norm_(ps, 1.0, "x"),
        lambda t, ps: t.nn.utils.clip_grad_norm_(3, 1.0),
        lambda t, ps: t.nn.utils.clip_grad_norm(ps, 1.0),
        lambda t, ps: t.nn.utils.get_total_norm([p.grad for p in ps[:3]]),
        lambda t, ps: t.nn.utils.get_total_norm(p.grad for p in ps[:3]),
        lambda t, ps: t.nn.utils.get_total_norm(ps[0].grad, 1.0),
        lambda t, ps: t.nn.utils.get_total_norm([]),
        lambda t, ps: t.nn.utils.clip_grads_with_norm_(ps, 1.0, t.tensor(4.0)),
        lambda t, ps: t.nn.utils.clip_grads_with_norm_(ps, 1.0, t.tensor(0.5)),
        lambda t, ps: t.nn.utils.clip_grad_value_(ps, 0.3),
        lambda t, ps: t.nn.utils.clip_grad_value_((p for p in ps), 0),
        lambda t, ps: t.nn.utils.clip_grad_value_(ps[0], 0.3, foreach=True),
        lambda t, ps: t.nn.utils.clip_grad_value_(ps, "x"),
    ],
)
def test_other_calls(call):
    def program(t):
        ps = parameters(t)
        try:
            return everything(t, call(t, ps), ps)
        except Exception as error:
            return [str(type(error)), str(error), *everything(t, None, ps)]

    same(program, rtol=1e-6)


@pytest.mark.parametrize("bad", [float("inf"), float("nan")])
@pytest.mark.parametrize("error_if_nonfinite", [True, False])
def test_gradients_that_are_not_finite(error_if_nonfinite, bad):
    def program(t):
        ps = parameters(t)
        with t.no_grad():
            ps[0].grad[1, 2] = bad
        try:
            result = t.nn.utils.clip_grad_norm_(ps, 1.0, error_if_nonfinite=error_if_nonfinite)
        except RuntimeError as error:
            result = str(error)
        return everything(t, result, ps)

    same(program, rtol=1e-6)


@pytest.mark.parametrize("norm_type", [2.0, 1.0, 3.0, float("inf")])
@pytest.mark.parametrize("scale", [1e30, 1e-30, 0.0])
def test_norms_that_overflow_or_vanish(scale, norm_type):
    def program(t):
        ps = parameters(t, scale=scale)
        return everything(t, t.nn.utils.clip_grad_norm_(ps, 1.0, norm_type), ps)

    same(program, rtol=1e-6)


def test_clip_value_keeps_nan():
    def program(t):
        p = t.nn.Parameter(t.zeros(3))
        p.grad = t.tensor([float("nan"), float("inf"), -5.0])
        t.nn.utils.clip_grad_value_(p, 1.0)
        return p.grad

    same(program)


def test_the_norm_has_no_graph():
    def program(t):
        p = t.nn.Parameter(t.ones(3))
        p.grad = t.ones(3, requires_grad=True) * 2
        return [t.nn.utils.clip_grad_norm_(p, 1.0), p.grad.requires_grad, p.grad.detach()]

    same(program, rtol=1e-6)


def test_mixed_dtypes():
    def program(t):
        a, b = t.nn.Parameter(t.ones(3)), t.nn.Parameter(t.ones(2, dtype=t.float64))
        a.grad, b.grad = draw(t, 3), draw(t, 2, dtype="float64")
        return everything(t, t.nn.utils.clip_grad_norm_([a, b], 0.5), [a, b])

    same(program, rtol=1e-6)


def test_parameters_as_a_vector():
    def program(t):
        m = t.nn.Sequential(t.nn.Linear(2, 3), t.nn.Linear(3, 1, bias=False))
        n = sum(p.numel() for p in m.parameters())
        before = list(m.parameters())
        vec = t.arange(n, dtype=t.float32)
        t.nn.utils.vector_to_parameters(vec, m.parameters())
        seen = [list(m.parameters()), [a is b for a, b in zip(before, m.parameters())]]
        vec[0] = 100.0
        out = t.nn.utils.parameters_to_vector(m.parameters())
        return seen + [out, m[0].weight]

    same(program)
    same(lambda t: t.nn.utils.vector_to_parameters([1.0], []))
    same(lambda t: t.nn.utils.vector_to_parameters(t.ones(2), [t.nn.Parameter(t.ones(3))]))
