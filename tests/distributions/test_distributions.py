"""All distributions but the categorical one, beside PyTorch: values, gradients, samples bit for bit, shapes, messages."""
from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch
from beside import graph
from kernels import same_kernels

import minigrad
from minigrad.ops.cascade import row_sums
from minigrad.ops.pathwise import beta_gradient, gamma_gradient

sides = [minigrad, torch]
# Parameters, as functions of nothing but a random generator; each may be a tensor or a number.
POSITIVE, REAL, CHANCE = (0.2, 4.0), (-3.0, 3.0), (0.05, 0.95)
PARAMETERS: dict[str, dict[str, Any]] = {
    "Normal": {"loc": REAL, "scale": POSITIVE},
    "Laplace": {"loc": REAL, "scale": POSITIVE},
    "Cauchy": {"loc": REAL, "scale": POSITIVE},
    "Uniform": {"low": (-3.0, -1.0), "high": (1.0, 3.0)},
    "Exponential": {"rate": POSITIVE},
    "Gamma": {"concentration": POSITIVE, "rate": POSITIVE},
    "Beta": {"concentration1": POSITIVE, "concentration0": POSITIVE},
    "Dirichlet": {"concentration": POSITIVE},
    "Bernoulli": {"probs": CHANCE},
    "Bernoulli by logits": {"logits": REAL},
    "Geometric": {"probs": CHANCE},
    "Geometric by logits": {"logits": REAL},
    "Poisson": {"rate": (0.5, 20.0)},
    "Binomial": {"total_count": 9, "probs": CHANCE},
    "Binomial by logits": {"total_count": 30, "logits": REAL},
}
# PyTorch's logarithms, of which these make samples, differ in their last bit from one machine to the next.
ROUNDED = ["Laplace"]
ALL = pytest.mark.parametrize("name", PARAMETERS)


def data(name: str, shape: tuple[int, ...], dtype: str, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        key: bounds if isinstance(bounds, int) else np.asarray(rng.uniform(*bounds, shape)).astype(dtype)
        for key, bounds in PARAMETERS[name].items()
    }


def make(t: Any, name: str, params: dict[str, Any], requires_grad: bool = False, **more: Any) -> Any:
    given = {k: t.tensor(v, requires_grad=requires_grad) if isinstance(v, np.ndarray) else v for k, v in params.items()}
    return getattr(t.distributions, name.split()[0])(**given, **more), given


def tensors(given: dict[str, Any]) -> list[Any]:
    return [x for x in given.values() if not isinstance(x, int)]


def outcome(function: Any) -> Any:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            return function(), [str(w.message) for w in seen]
        except (ValueError, NotImplementedError, RuntimeError, TypeError) as error:
            return f"{type(error).__name__}: {error}".replace("minigrad", "torch"), []


def close(ours: Any, theirs: Any, rtol: float = 0, atol: float = 0) -> None:
    if isinstance(theirs, torch.Tensor):
        assert isinstance(ours, minigrad.Tensor) and tuple(ours.shape) == tuple(theirs.shape)
        assert repr(ours.dtype) == repr(theirs.dtype) and ours.requires_grad == theirs.requires_grad
        ours, theirs = ours.numpy(force=True), theirs.numpy(force=True)
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=atol)
    else:
        assert ours == theirs


def eps(dtype: str, times: float = 64) -> float:
    return times * float(np.finfo(dtype).eps)


@ALL
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 4)])
def test_properties(name, dtype, shape):
    if name == "Dirichlet":
        shape = (*shape, 3)
    (ours, _), (theirs, _) = [make(t, name, data(name, shape, dtype)) for t in sides]
    assert repr(ours) == repr(theirs)
    for attribute in ("batch_shape", "event_shape", "has_rsample", "has_enumerate_support", "support", "arg_constraints"):
        mine, other = getattr(ours, attribute), getattr(theirs, attribute)
        assert repr(mine) == repr(other) or attribute in ("support", "arg_constraints")
        if attribute == "support":
            assert type(mine).__name__ == type(other).__name__
            assert (mine.is_discrete, mine.event_dim) == (other.is_discrete, other.event_dim)
        if attribute == "arg_constraints":
            assert {k: type(v).__name__ for k, v in mine.items()} == {k: type(v).__name__ for k, v in other.items()}
    for attribute in ("mean", "mode", "variance", "stddev", "probs", "logits", "param_shape"):
        if hasattr(theirs, attribute):
            close(getattr(ours, attribute), getattr(theirs, attribute), eps(dtype), eps(dtype))
    for method in ("entropy", "perplexity"):
        a, b = [outcome(getattr(d, method)) for d in (ours, theirs)]
        if isinstance(b[0], str):
            assert a == b
        else:
            close(a[0], b[0], eps(dtype, 512), eps(dtype, 512))
    assert type(ours).__module__ == type(theirs).__module__.replace("torch", "minigrad")


def check_samples(name: str, ours: Any, theirs: Any, dtype: str) -> None:
    bound = eps(dtype, 8) if name in ROUNDED else 0
    close(ours, theirs, bound, bound)


@same_kernels
@ALL
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sample_shape", [(), (1,), (30,), (2, 3)])
def test_samples_are_pytorchs(name, dtype, sample_shape):
    for shape in ((), (3,), (20, 2)):
        params = data(name, (*shape, 5) if name == "Dirichlet" else shape, dtype)
        drawn = []
        for t in sides:
            t.manual_seed(11)
            distribution, _ = make(t, name, params)
            if "logits" in params:  # as exact as the sigmoid is; from here on the same
                distribution.probs = t.tensor(torch.sigmoid(torch.tensor(params["logits"])).numpy())
            samples = [distribution.sample(sample_shape) for _ in range(2)]
            if distribution.has_rsample:
                samples.append(distribution.rsample(sample_shape))
            drawn.append(samples)
        for ours, theirs in zip(*drawn):
            check_samples(name, ours, theirs, dtype)
        np.testing.assert_array_equal(minigrad.get_rng_state().numpy(), torch.get_rng_state().numpy())


@same_kernels
@pytest.mark.parametrize("n", [1, 2, 5, 8, 17, 64, 100, 513, 5000])
def test_sums_in_pytorchs_order(n):
    """By which Dirichlet samples are divided."""
    for rows in (1, 3, 6):
        x = np.random.default_rng(n).gamma(0.7, size=(2, rows, n))
        np.testing.assert_array_equal(row_sums(x), torch.from_numpy(x).sum(-1, keepdim=True).numpy())


@ALL
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_densities(name, dtype):
    """log_prob, cdf, icdf of given values, and their gradients."""
    shape = (4, 3)
    params = data(name, shape, dtype)
    torch.manual_seed(0)
    values = make(torch, name, params)[0].sample((6,)).numpy()
    chances = np.random.default_rng(1).uniform(0.05, 0.95, (6, *shape)).astype(dtype)
    for method, argument in (("log_prob", values), ("cdf", values), ("icdf", chances)):
        if (name, method) == ("Gamma", "cdf"):  # needs the incomplete gamma function, which is not here
            continue
        results = []
        for t in sides:
            distribution, given = make(t, name, params, requires_grad=True)
            x = t.tensor(argument, requires_grad=True)
            result, _ = outcome(lambda: getattr(distribution, method)(x))
            if not isinstance(result, str):
                result = result, *t.autograd.grad(result.sum(), [*tensors(given), x], allow_unused=True)
            results.append(result)
        if isinstance(results[1], str):
            assert results[0] == results[1]
            continue
        for a, b in zip(*results):
            scale = max(1.0, float(np.abs(b.detach().numpy()).max())) if b is not None else 0
            close(a, b, eps(dtype, 256), eps(dtype, 256) * scale)


@pytest.mark.parametrize("method", ["log_prob", "entropy", "mean", "variance", "rsample", "cdf", "kl_divergence"])
@pytest.mark.parametrize("name", [n for n in PARAMETERS if n.split()[0] not in ("Binomial", "Geometric")])
def test_graphs(name, method):
    """The same operations in the same order, as the graphs show."""
    if (name, method) in [("Gamma", "cdf"), ("Beta", "kl_divergence")]:
        return
    params = data(name, (4, 3), "float64")
    torch.manual_seed(0)
    value = make(torch, name, params)[0].sample().numpy()
    graphs = []
    for t in sides:
        p, q = [make(t, name, params, requires_grad=True)[0] for _ in range(2)]

        def result() -> Any:
            if method == "kl_divergence":
                return t.distributions.kl_divergence(p, q)
            asked = getattr(p, method)
            return asked(t.tensor(value)) if method in ("log_prob", "cdf") else asked() if callable(asked) else asked

        made = outcome(result)[0]
        graphs.append(made if isinstance(made, str) else graph(made.grad_fn))
    assert graphs[0] == graphs[1]


@ALL
def test_gradients_of_samples(name):
    """What flows through rsample. PyTorch's for gamma, beta and Dirichlet samples has three or four digits."""
    params = data(name, (5, 4), "float64")
    grads = []
    for t in sides:
        t.manual_seed(2)
        distribution, given = make(t, name, params, requires_grad=True)
        if not distribution.has_rsample:
            with pytest.raises(NotImplementedError):
                distribution.rsample()
            return
        sample = distribution.rsample((7,))
        weights = t.tensor(np.random.default_rng(3).uniform(0.5, 2, sample.shape))
        grads.append([sample.grad_fn.name(), *t.autograd.grad((sample * weights).sum(), tensors(given))])
    assert grads[0][0] == grads[1][0]
    loose = 5e-3 if name in ("Gamma", "Beta", "Dirichlet") else 1e-13
    for a, b in zip(grads[0][1:], grads[1][1:]):
        close(a, b, loose, loose)


@pytest.mark.parametrize("name", ["Gamma", "Beta", "Dirichlet"])
def test_gradients_of_samples_are_exact(name):
    """Beside the meaning of the word: samples of one quantile for neighbouring parameters, found by integrating the density."""
    rng = np.random.default_rng(5)
    a, b = rng.uniform(0.7, 6, 6), rng.uniform(0.7, 6, 6)
    step = 1e-5
    if name == "Gamma":
        x = rng.gamma(a)
        density, start, gradient = (lambda t, s: s ** (t - 1) * np.exp(-s)), np.zeros(6), gamma_gradient(a, x)
        total = [minigrad.tensor(p).lgamma().exp().numpy() for p in (a - step, a + step, a)]
    else:
        x = rng.beta(a, b)
        density, start, gradient = (lambda t, s: s ** (t - 1) * (1 - s) ** (b - 1)), np.zeros(6), beta_gradient(a, b, x)
        log = [minigrad.tensor(p).lgamma() + minigrad.tensor(b).lgamma() - minigrad.tensor(p + b).lgamma() for p in (a - step, a + step, a)]
        total = [one.exp().numpy() for one in log]
    nodes, weights = np.polynomial.legendre.leggauss(200)
    power = 0.5 * (nodes[:, None] + 1)  # s = x u^4: the density's pole at 0 is gone

    def below(t: np.ndarray) -> np.ndarray:
        s = start + x * power**4
        return (density(t, s) * 4 * x * power**3 * 0.5 * weights[:, None]).sum(0)

    slope = (below(a + step) / total[1] - below(a - step) / total[0]) / (2 * step)
    np.testing.assert_allclose(gradient, -slope / (density(a, x) / total[2]), rtol=1e-6)


@pytest.mark.parametrize("name", [n for n in PARAMETERS if hasattr(getattr(torch.distributions, n.split()[0]), "rsample")])
def test_second_derivatives_of_samples(name):
    """The same, or the same refusal."""
    params = data(name, (5, 4), "float64")
    results = []
    for t in sides:
        t.manual_seed(2)
        distribution, given = make(t, name, params, requires_grad=True)
        if not distribution.has_rsample:
            return
        loss = (distribution.rsample((3,)) ** 2).sum()

        def twice() -> Any:
            grads = t.autograd.grad(loss, tensors(given), create_graph=True)
            return t.autograd.grad(sum(g.sum() for g in grads), tensors(given))

        results.append(outcome(twice)[0])
    ours, theirs = results
    if isinstance(theirs, str):
        assert ours == theirs
    else:
        for a, b in zip(ours, theirs):
            close(a, b, 1e-12, 1e-12)


@same_kernels
@ALL
def test_expand(name):
    params = data(name, (3, 1, 2), "float32")
    drawn = []
    for t in sides:
        t.manual_seed(4)
        wide = make(t, name, params)[0].expand((3, 4) if name == "Dirichlet" else (3, 4, 2))
        drawn.append((repr(wide).replace("minigrad", "torch"), tuple(wide.batch_shape), tuple(wide.event_shape), wide.sample((2,))))
    assert drawn[0][:3] == drawn[1][:3]
    if "logits" not in name:
        check_samples(name, drawn[0][3], drawn[1][3], "float32")

    class Own(getattr(minigrad.distributions, name.split()[0])):
        def __init__(self) -> None:
            super().__init__(**make(minigrad, name, params)[1])

    with pytest.raises(NotImplementedError, match="must also define a custom .expand"):
        Own().expand((3, 4, 2))


@pytest.mark.parametrize("name", [n for n in PARAMETERS if n.split()[0] not in ("Dirichlet", "Binomial")])
def test_numbers_as_parameters(name):
    given = {key: bounds[1] for key, bounds in PARAMETERS[name].items()}
    (ours, _), (theirs, _) = [make(t, name, given) for t in sides]
    assert repr(ours) == repr(theirs) and tuple(ours.batch_shape) == tuple(theirs.batch_shape)
    mixed = {key: np.float64([bounds[1], bounds[0]]) if i == 0 else bounds[1] for i, (key, bounds) in enumerate(PARAMETERS[name].items())}
    (ours, _), (theirs, _) = [make(t, name, mixed) for t in sides]
    assert repr(ours) == repr(theirs)
    close(ours.mean, theirs.mean, 1e-14)


BAD = """
Normal(0., -1.)
Normal(t.tensor([0., float('nan')]), 1.)
Normal('a', 1.)
Normal(t.zeros(2), t.ones(3))
Normal(0., 1.).log_prob(float('nan'))
Normal(0., 1.).log_prob(t.tensor(float('nan')))
Normal(t.zeros(3), 1.).log_prob(t.zeros(2))
Bernoulli(1.5)
Bernoulli()
Bernoulli(0.5, 0.5)
Bernoulli(t.tensor([0.5])).log_prob(t.tensor([0.5]))
Bernoulli(0.5).enumerate_support()
Bernoulli(t.full((2, 3), 0.5)).enumerate_support()
Bernoulli(t.full((2, 3), 0.5)).enumerate_support(False)
Bernoulli(t.tensor([0.5, 0.2, 0.9])).mode
Uniform(1., 0.)
Uniform(t.zeros(2), t.tensor([1., -1.]))
Uniform(0., 1.).log_prob(t.tensor(2.))
Uniform(0., 1.).log_prob(t.tensor(1.))
Uniform(0., 1., validate_args=False).log_prob(t.tensor(2.))
Uniform(0., 1., validate_args=False).cdf(t.tensor([-1., 0.3, 2.]))
Exponential(0.)
Exponential(1.).log_prob(t.tensor(-1.))
Gamma(-1., 1.)
Gamma(1., 1.).log_prob(t.tensor(-1.))
Gamma(1., 1.).log_prob(2.)
Beta(0., 1.)
Beta(1., 1.).log_prob(t.tensor(1.5))
Beta(2., 3.).log_prob(t.tensor(0.5))
Beta(0.5, 0.5).mode
Dirichlet(t.tensor(1.))
Dirichlet(t.tensor([1., -1.]))
Dirichlet(t.tensor([0.5, 0.9])).mode
Dirichlet(t.tensor([[0.5, 0.9], [1.5, 2.]])).mode
Dirichlet(t.tensor([1., 2.])).log_prob(t.tensor([0.5, 0.6]))
Poisson(-1.)
Poisson(2.).log_prob(t.tensor(1.5))
Poisson(2.).log_prob(t.tensor(-1.))
Poisson(2.).entropy()
Geometric(0.)
Geometric(t.tensor([0.5, 0.]))
Geometric(1.5)
Geometric(1.).log_prob(t.tensor([0., 1.]))
Laplace(0., 0.)
Cauchy(0., 0.)
Cauchy(0., 1.).mean
Cauchy(0., 1.).variance
Binomial(5)
Binomial(-1, t.tensor(0.5))
Binomial(5, t.tensor(1.5))
Binomial(5, t.tensor(0.5)).log_prob(t.tensor(6.))
Binomial(5, t.tensor(0.5)).log_prob(t.tensor(2.5))
Binomial(t.tensor([5, 6]), t.tensor(0.5)).entropy()
Binomial(t.tensor([5, 6]), t.tensor(0.5)).enumerate_support()
Binomial(5, t.tensor([0.5, 0.2])).enumerate_support()
Binomial(5, t.tensor([0.5, 0.2])).enumerate_support(False)
Binomial(5, t.tensor([0.5, 0.2])).entropy()
Binomial(t.tensor([5, 6]), t.tensor([1., 0.])).mode
Independent(t.distributions.Normal(t.zeros(2), 1.), 2)
Independent(t.distributions.Normal(t.zeros(2), 1.), 1).log_prob(t.tensor([1., 2., 3.]))
Independent(t.distributions.Normal(t.zeros(2), 1.), 1).enumerate_support()
Independent(t.distributions.Bernoulli(t.ones(2) / 2), 0).enumerate_support()
"""


@pytest.mark.parametrize("source", BAD.strip().split("\n"))
def test_errors_and_edges(source):
    ours, theirs = [outcome(lambda: eval(f"t.distributions.{source}", {"t": t})) for t in sides]
    if isinstance(theirs[0], torch.Tensor):
        close(ours[0], theirs[0], 1e-5)
    else:
        assert ours == theirs


SAME = [n for n in PARAMETERS if "logits" not in n]


@pytest.mark.parametrize("name", SAME)
def test_kl_divergence(name):
    results = []
    for t in sides:
        p, given = make(t, name, data(name, (3, 4), "float64"), requires_grad=True)
        params = data(name, (3, 4), "float64", seed=1)
        if name == "Uniform":
            params = {"low": params["low"] - 1, "high": params["high"] + np.arange(12).reshape(3, 4) / 2 - 1}
        q, others = make(t, name, params, requires_grad=True)
        kl = t.distributions.kl_divergence(p, q)
        finite = kl[kl < 1e9].sum()
        results.append([kl, *t.autograd.grad(finite, [*tensors(given), *tensors(others)])])
    for a, b in zip(*results):
        close(a, b, 1e-8, 1e-8)  # PyTorch's trigamma has nine digits


def test_independent():
    results = []
    for t in sides:
        t.manual_seed(1)
        loc = t.arange(24.0).reshape(2, 3, 4).requires_grad_()
        p = t.distributions.Independent(t.distributions.Normal(loc, 2.0), 2)
        q = t.distributions.Independent(t.distributions.Normal(loc * 2, 1.0), 2)
        of_vectors = t.distributions.Independent(t.distributions.Dirichlet(t.ones(3, 2, 4)), 1)
        value = loc.detach() + 0.3
        wide = p.expand((5, 2))
        results.append(
            [p.sample(), p.rsample((2,)), p.log_prob(value), p.entropy(), p.mean, p.mode, p.variance, p.stddev]
            + [t.distributions.kl_divergence(p, q), of_vectors.sample((2,)), of_vectors.log_prob(of_vectors.mean), wide.sample()]
            + [repr(p), p.batch_shape, p.event_shape, p.has_rsample, p.has_enumerate_support, repr(p.support), wide.event_shape]
            + [of_vectors.batch_shape, of_vectors.event_shape, of_vectors.support.event_dim, repr(of_vectors)]
        )
    for ours, theirs in zip(*results):
        close(ours, theirs, 1e-5, 1e-5) if isinstance(theirs, torch.Tensor) else close(ours, theirs)


@pytest.mark.parametrize("name", ["Normal", "Exponential", "Gamma", "Bernoulli"])
def test_entropy_of_an_exponential_family(name):
    """The general way to the entropy agrees with the particular one."""
    for t in sides:
        distribution, _ = make(t, name, data(name, (3,), "float64"))
        general = t.distributions.ExponentialFamily.entropy(distribution)
        np.testing.assert_allclose(general.detach().numpy(), distribution.entropy().numpy(), rtol=1e-7)


def test_modules_are_where_pytorchs_are():
    for name in PARAMETERS:
        plain = name.split()[0]
        module = getattr(torch.distributions, plain).__module__.removeprefix("torch.distributions.")
        assert getattr(getattr(minigrad.distributions, module), plain) is getattr(minigrad.distributions, plain)
