"""Transforms, and the distributions of vectors and of transformed numbers, beside PyTorch."""

from __future__ import annotations

import pytest

from tests.nn.sides import draw, same

TRANSFORMS = [
    "ExpTransform()", "SigmoidTransform()", "SoftplusTransform()", "TanhTransform()", "TanhTransform(cache_size=1)", "AbsTransform()",
    "PowerTransform(t.tensor(1.5))", "AffineTransform(1.0, -2.0)", "AffineTransform(t.tensor([1.0, 2.0, 3.0]), t.tensor([0.5, -1.0, 2.0]))",
    "AffineTransform(0.0, t.tensor([0.5, 1.0, 2.0]), event_dim=1)", "ExpTransform().inv", "AffineTransform(1.0, 2.0).inv.inv",
    "ComposeTransform([AffineTransform(0.5, 2.0), TanhTransform()])", "ComposeTransform([ExpTransform(), AffineTransform(0.0, 3.0)]).inv",
    "ComposeTransform([])", "IndependentTransform(ExpTransform(), 1)", "ComposeTransform([IndependentTransform(TanhTransform(), 1), ExpTransform()])",
    "SoftmaxTransform()", "ComposeTransform([SigmoidTransform()], cache_size=1)",
]  # fmt: skip


def of(t, made):
    return eval(made, {**vars(t.distributions.transforms), "t": t})


@pytest.mark.parametrize("made", TRANSFORMS)
def test_transform(made):
    def program(t):
        f = of(t, made)
        x = draw(t, 4, 3).abs() * 0.5 + 0.1
        x.requires_grad_()
        y = f(x)
        seen = [repr(f), y, f.inv(y), f.domain, f.codomain, f.bijective, list(f.forward_shape(x.shape)), list(f.inverse_shape(x.shape))]
        if "Softmax" not in made:
            volume = f.log_abs_det_jacobian(x, y)
            seen += [volume.detach(), t.autograd.grad(y.sum() + volume.sum(), x)]
        return [*seen, f == of(t, made), f == of(t, "SoftplusTransform()"), f.with_cache(0) == f]

    same(program, 1e-5)


@pytest.mark.parametrize(
    "use",
    ["TanhTransform(cache_size=2)", "AffineTransform(1.0, 2.0).sign", "AffineTransform(1.0, 0.0).sign", "PowerTransform(t.tensor(-2.0)).sign",
     "TanhTransform().inv.sign", "ComposeTransform([TanhTransform(), AffineTransform(0.0, -1.0)]).sign", "SoftmaxTransform().event_dim",
     "SoftmaxTransform().forward_shape(())", "IndependentTransform(ExpTransform(), 2)(t.ones(3))", "ExpTransform().event_dim",
     "AffineTransform(0.0, 1.0) == AffineTransform(0.0, 2.0)", "AffineTransform(0.0, t.ones(2)) == AffineTransform(0.0, t.ones(2))",
     "ComposeTransform([]).sign", "AffineTransform(0.0, t.ones(3)).forward_shape((2, 1))"],
)  # fmt: skip
def test_properties(use):
    same(lambda t: of(t, use))


def test_cache_returns_what_it_was_made_from():
    def program(t):
        f, x = of(t, "TanhTransform(cache_size=1)"), t.tensor([20.0])
        return [f.inv(f(x)) is x, of(t, "TanhTransform()").inv(t.tanh(x))]

    same(program)


DISTRIBUTIONS = {
    "LogNormal(0.5 * a, b)": "b", "LogNormal(0.3, 0.5)": "t.tensor(2.0)",
    "TransformedDistribution(Normal(a, b), [TanhTransform(cache_size=1)])": "(a / 4).clamp(-0.9, 0.9)",
    "TransformedDistribution(Normal(a, b), [AffineTransform(1.0, 2.0), SigmoidTransform()])": "b / 9",
    "TransformedDistribution(Independent(Normal(a, b), 1), [ExpTransform(), AffineTransform(0.0, 2.0)])": "b",
    "TransformedDistribution(Normal(a, b), IndependentTransform(ExpTransform(), 1))": "b",
    "TransformedDistribution(Uniform(t.zeros(3), t.ones(3)), [SigmoidTransform().inv, AffineTransform(a, b)])": "a",
    "TransformedDistribution(Normal(0.0, 1.0), AffineTransform(a, b))": "b",
    "MultivariateNormal(a, t.eye(3) * 2)": "b", "MultivariateNormal(a[0], scale_tril=(b[:3].diag_embed() + b.mean() * t.ones(3, 3)).tril())": "b",
    "MultivariateNormal(t.zeros(3), b[:3].T @ b[:3] + t.eye(3))": "b", "MultivariateNormal(a, precision_matrix=b[:3].T @ b[:3] + t.eye(3))": "b",
    "OneHotCategorical(logits=a)": "t.eye(3)[[0, 2, 1, 0]]", "OneHotCategorical(b)": "t.eye(3)[1]",
    "OneHotCategoricalStraightThrough(b)": "t.eye(3)[1]", "Multinomial(5, b)": "t.tensor([1.0, 3.0, 1.0])", "Multinomial(7, logits=a)": "t.tensor([0.0, 3.0, 4.0])",
}  # fmt: skip
SHOWN = ["batch_shape", "event_shape", "mean", "variance", "stddev", "mode", "support", "has_rsample"]


def attempt(function):
    try:
        return function()
    except (NotImplementedError, ValueError) as error:
        return f"{type(error).__name__}: {str(error).rpartition('>')[2]}"


@pytest.mark.parametrize("made", DISTRIBUTIONS)
def test_distribution(made):
    def program(t):
        names = {**vars(t.distributions.transforms), **vars(t.distributions), "t": t}
        leaves = {"a": draw(t, 4, 3).requires_grad_(), "b": (draw(t, 4, 3, seed=2).abs() + 0.2).requires_grad_()}
        p = eval(made, {**names, **leaves})
        value = eval(DISTRIBUTIONS[made], {**names, **leaves}).detach()
        log_prob = p.log_prob(value)
        t.manual_seed(0)
        drawn = p.rsample((2,)) if p.has_rsample else p.sample((2,))
        total = log_prob.sum() + drawn.sum()
        grads = t.autograd.grad(total, list(leaves.values()), allow_unused=True) if total.requires_grad else []
        wide = p.expand((5, *p.batch_shape))
        seen = [attempt(lambda: getattr(p, name)) for name in SHOWN]
        rest = [attempt(p.entropy), attempt(lambda: p.cdf(value)), attempt(lambda: p.icdf(drawn.detach().sigmoid().clamp(0.1, 0.9))), p.sample().shape]
        plain = [t.zeros(1) if g is None else g for g in grads]
        return [repr(p), log_prob.detach(), drawn.detach(), plain, wide.batch_shape, wide.log_prob(value).detach(), *seen, *rest]

    same(program, 2e-5)


@pytest.mark.parametrize(
    "use",
    ["LogNormal(0.0, -1.0)", "LogNormal(0.0, 1.0).log_prob(t.tensor(-1.0))", "Multinomial(t.tensor([1, 2]), t.ones(2, 3))",
     "Multinomial(3, t.ones(3)).log_prob(t.ones(3) * 2)", "MultivariateNormal(t.tensor(1.0), t.eye(1))", "MultivariateNormal(t.zeros(2))",
     "MultivariateNormal(t.zeros(2), t.ones(2))", "MultivariateNormal(t.zeros(2), precision_matrix=t.ones(2))",
     "MultivariateNormal(t.zeros(2), scale_tril=t.ones(2))", "MultivariateNormal(t.zeros(2), -t.eye(2))",
     "MultivariateNormal(t.zeros(2), scale_tril=t.ones(2, 2))", "MultivariateNormal(t.zeros(2), t.tensor([[1.0, 2.0], [0.0, 1.0]]))",
     "OneHotCategorical(t.ones(3)).log_prob(t.ones(3))", "OneHotCategorical(t.ones(3)).enumerate_support()",
     "TransformedDistribution(Normal(0.0, 1.0), 3)", "TransformedDistribution(Normal(0.0, 1.0), [3])",
     "TransformedDistribution(Normal(0.0, 1.0), SoftmaxTransform())", "MultivariateNormal(t.zeros(2), t.eye(2)).precision_matrix",
     "MultivariateNormal(t.zeros(2), precision_matrix=2 * t.eye(2)).covariance_matrix", "MultivariateNormal(t.zeros(2), t.eye(2)).scale_tril"],
)  # fmt: skip
def test_refusals_and_views(use):
    same(lambda t: eval(use, {**vars(t.distributions), "t": t}))


@pytest.mark.parametrize(
    "pair",
    ["LogNormal(a, b), LogNormal(0.1, 2.0)", "OneHotCategorical(b), OneHotCategorical(logits=a)",
     "MultivariateNormal(a, t.eye(3)), MultivariateNormal(a[0], b[:3].T @ b[:3] + t.eye(3))",
     "LogNormal(a, b), Normal(a, b)",
     "Multinomial(2, b), Multinomial(2, b)"],
)  # fmt: skip
def test_kl(pair):
    def program(t):
        a, b = draw(t, 4, 3), draw(t, 4, 3, seed=2).abs() + 0.2
        p, q = eval(pair, {**vars(t.distributions), "t": t, "a": a, "b": b})
        return t.distributions.kl_divergence(p, q)

    same(program, 1e-5)
