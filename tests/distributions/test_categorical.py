"""Categorical, beside PyTorch's: values, draws, gradients, shapes, messages."""
from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import minigrad

SHAPES = [(4,), (1,), (3, 4), (2, 1, 5)]
KINDS = ["probs", "logits"]
sides = [minigrad, torch]


def values(shape: tuple[int, ...], kind: str, dtype: str = "float32") -> np.ndarray:
    array = np.random.default_rng(sum(shape)).standard_normal(shape)
    return (np.exp(array) if kind == "probs" else 3 * array).astype(dtype)


def make(lib: Any, shape: Any, kind: str, dtype: str = "float32", requires_grad: bool = False) -> tuple[Any, Any]:
    param = lib.tensor(values(shape, kind, dtype), requires_grad=requires_grad)
    return lib.distributions.Categorical(**{kind: param}), param


def same(ours: Any, theirs: Any, ulps: float = 8) -> None:
    assert repr(ours.dtype) == repr(theirs.dtype)
    ours, theirs = ours.detach().numpy(), theirs.detach().numpy()
    assert ours.shape == theirs.shape
    if ours.dtype.kind == "f":
        eps = float(np.finfo(ours.dtype).eps)
        np.testing.assert_allclose(ours, theirs, rtol=ulps * eps, atol=ulps * eps)
    else:
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_properties(shape: tuple[int, ...], kind: str, dtype: str) -> None:
    (ours, _), (theirs, _) = (make(lib, shape, kind, dtype) for lib in sides)
    assert repr(ours) == repr(theirs)
    for name in ("probs", "logits", "mean", "mode", "variance", "stddev"):
        same(getattr(ours, name), getattr(theirs, name))
    for name in ("batch_shape", "event_shape", "param_shape", "has_rsample", "has_enumerate_support", "support"):
        assert repr(getattr(ours, name)) == repr(getattr(theirs, name))
    assert repr(ours) == repr(theirs)  # which now shows what was computed meanwhile, too
    same(ours.entropy(), theirs.entropy())
    same(ours.perplexity(), theirs.perplexity(), 16)
    for expand in (True, False):
        same(ours.enumerate_support(expand), theirs.enumerate_support(expand))
    same(ours.log_prob(ours.enumerate_support()), theirs.log_prob(theirs.enumerate_support()))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("sample_shape", [(), (1,), (5,), (2, 3), 7, [4]])
def test_draws_are_pytorchs(shape: tuple[int, ...], kind: str, dtype: str, sample_shape: Any) -> None:
    probs = values(shape, "probs", dtype)  # the same bits on both sides, whatever softmax rounds to
    samples = []
    for lib in sides:
        lib.manual_seed(3)
        distribution = lib.distributions.Categorical(probs=lib.tensor(probs))
        distribution.probs = lib.tensor(probs)
        try:
            samples.append([distribution.sample(sample_shape) for _ in range(20)])
        except TypeError as error:
            samples.append(error)
    ours, theirs = samples
    if isinstance(theirs, TypeError):
        assert isinstance(ours, TypeError)
    else:
        for a, b in zip(ours, theirs):
            same(a, b)
    if kind == "logits" and not isinstance(theirs, TypeError):  # and the shapes and dtypes when drawn from logits
        (ours, _), (theirs, _) = (make(lib, shape, kind, dtype) for lib in sides)
        a, b = ours.sample(sample_shape), theirs.sample(sample_shape)
        assert (tuple(a.shape), repr(a.dtype)) == (tuple(b.shape), repr(b.dtype))


def test_frequencies() -> None:
    minigrad.manual_seed(0)
    probs = np.array([[0.1, 0.2, 0.7], [0.6, 0.4, 0.0]], "f4")
    draws = minigrad.distributions.Categorical(probs=minigrad.tensor(probs)).sample((20000,)).numpy()
    counts = np.stack([(draws == k).mean(0) for k in range(3)], -1)
    np.testing.assert_allclose(counts, probs, atol=0.02)
    assert counts[1, 2] == 0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_gradients(shape: tuple[int, ...], kind: str, dtype: str) -> None:
    rng = np.random.default_rng(1)
    value = rng.integers(0, shape[-1], (6,) + shape[:-1])
    weights = rng.standard_normal(value.shape).astype(dtype)
    grads = []
    for lib in sides:
        distribution, param = make(lib, shape, kind, dtype, requires_grad=True)
        (distribution.log_prob(lib.tensor(value)) * lib.tensor(weights)).sum().backward()
        first = param.grad
        param.grad = None
        distribution, param = make(lib, shape, kind, dtype, requires_grad=True)
        (distribution.entropy() * lib.tensor(weights[0])).sum().backward()
        grads.append((first, param.grad))
    for ours, theirs in zip(*grads):
        same(ours, theirs, 32)


def test_lazy_values_join_the_graph_even_under_no_grad() -> None:
    for lib in sides:
        distribution, param = make(lib, (4,), "logits", requires_grad=True)
        with lib.no_grad():
            assert distribution.probs.requires_grad
        assert not distribution.sample().requires_grad


@pytest.mark.parametrize("dtype", ["int64", "int32", "float32"])
def test_log_prob_of_other_dtypes_and_broadcasting(dtype: str) -> None:
    shapes = [((), (3, 4)), ((3,), (3, 4)), ((2, 3), (3, 4)), ((2, 1), (3, 4)), ((5,), (4,)), ((3, 1), (1, 4))]
    for value_shape, shape in shapes:
        value = np.random.default_rng(2).integers(0, 4, value_shape).astype(dtype)
        (ours, _), (theirs, _) = (make(lib, shape, "logits") for lib in sides)
        same(ours.log_prob(minigrad.tensor(value)), theirs.log_prob(torch.tensor(value)))


@pytest.mark.parametrize("kind", KINDS)
def test_expand(kind: str) -> None:
    (ours, _), (theirs, _) = (make(lib, (3, 4), kind) for lib in sides)
    a, b = ours.expand((2, 3)), theirs.expand((2, 3))
    assert repr(a) == repr(b) and repr(a.batch_shape) == repr(b.batch_shape)
    same(a.probs, b.probs)
    same(a.logits, b.logits)
    same(a.entropy(), b.entropy())
    same(a.enumerate_support(), b.enumerate_support())
    assert a.sample((5,)).shape == (5, 2, 3)


def outcome(act: Callable[[Any], Any], lib: Any) -> tuple[str, str]:
    """What happened: the result's repr, or the error's type and message."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            warnings.simplefilter("error", FutureWarning)
            kind, text = "result", repr(act(lib))
    except Exception as error:
        kind, text = type(error).__name__, str(error)
    return kind, re.sub(r"0x[0-9a-f]+", "0x", text).replace("minigrad", "torch")


def categorical(lib: Any, validate_args: bool | None = None, **params: Any) -> Any:
    return lib.distributions.Categorical(**{k: lib.tensor(v) for k, v in params.items()}, validate_args=validate_args)


def own(lib: Any, **members: Any) -> Any:
    """A distribution of the user's own."""
    return type("Own", (lib.distributions.Distribution,), members)


nan, inf = float("nan"), float("inf")
SAME_OUTCOME: dict[str, Callable[[Any], Any]] = {
    "neither": lambda lib: lib.distributions.Categorical(),
    "both": lambda lib: categorical(lib, probs=[1.0], logits=[1.0]),
    "0-dim probs": lambda lib: categorical(lib, probs=1.0),
    "0-dim logits": lambda lib: categorical(lib, logits=1.0),
    **{f"{kind} {params}": lambda lib, k=kind, p=params: categorical(lib, **{k: p}) for kind in KINDS for params in (
        [0.5, 0.5], [1.0, 3.0], [-1.0, 2.0], [0.0, 0.0], [nan, 1.0], [inf, 1.0], [-inf, 1.0], [[0.5, 0.5], [nan, 1.0]],
        [2.0])},
    "unchecked": lambda lib: categorical(lib, probs=[-1.0, 2.0], validate_args=False),
    "an empty batch of probs": lambda lib: categorical(lib, probs=np.ones((2, 0, 3), "f4")),
    "one event": lambda lib: categorical(lib, probs=[3.0]),
    **{f"log_prob {v}": lambda lib, v=v: categorical(lib, probs=[0.25, 0.75]).log_prob(lib.tensor(v)) for v in (
        0, 1, 2, -1, 0.5, 1.0, nan, True, [0, 1, 1], [0, 5], [[0], [1]])},
    "log_prob of a number": lambda lib: categorical(lib, probs=[0.25, 0.75]).log_prob(1),
    "log_prob of a wrong shape": lambda lib: categorical(lib, probs=[[0.2, 0.8]] * 3).log_prob(lib.tensor([0, 1])),
    "log_prob unchecked": lambda lib: categorical(lib, probs=[0.2, 0.8], validate_args=False).log_prob(lib.tensor(1.7)),
    "rsample": lambda lib: categorical(lib, probs=[0.25, 0.75]).rsample(),
    "cdf": lambda lib: categorical(lib, probs=[0.25, 0.75]).cdf(lib.tensor(1)),
    "icdf": lambda lib: categorical(lib, probs=[0.25, 0.75]).icdf(lib.tensor(0.5)),
    "sample_n": lambda lib: categorical(lib, probs=[0.25, 0.75]).sample_n(3),
    "entropy of a certainty": lambda lib: categorical(lib, probs=[0.0, 1.0]).entropy(),
    "entropy of an impossible event": lambda lib: categorical(lib, logits=[-inf, 0.0]).entropy(),
    "expand to a wrong shape": lambda lib: categorical(lib, probs=[[0.5, 0.5]] * 3).expand((2,)).probs,
    "constraints": lambda lib: [lib.distributions.Categorical.arg_constraints, lib.distributions.constraints.real,
                                lib.distributions.constraints.independent(lib.distributions.constraints.real, 2)],
    "support": lambda lib: [categorical(lib, probs=[0.5, 0.5]).support.check(lib.tensor(v)) for v in (0, 1, 2, -1, .5)],
    "simplex": lambda lib: lib.distributions.constraints.simplex.check(
        lib.tensor([[0.5, 0.5], [0.5, 0.5 + 2e-6], [0.5, 0.5 + 5e-7], [0.6, 0.6], [-0.1, 1.1], [nan, 1.0]])),
    "expanded, unchecked": lambda lib: categorical(lib, probs=[[0.5, 0.5]], validate_args=False).expand((3,)).log_prob(
        lib.tensor(0.5)),
    "expanded, checked": lambda lib: categorical(lib, probs=[[0.5, 0.5]]).expand((3,)).log_prob(lib.tensor(0.5)),
    "dependent": lambda lib: lib.distributions.constraints.dependent.check(lib.tensor(1.0)),
    "a dependent property": lambda lib: (lambda support: [
        lib.distributions.constraints.is_dependent(support), support.is_discrete, support.event_dim
    ])(lib.distributions.Categorical.support),
    "too few dimensions": lambda lib: lib.distributions.constraints.real_vector.check(lib.tensor(1.0)),
    "one's own without constraints": lambda lib: own(lib)(),
    "one's own": lambda lib: own(lib, arg_constraints={})(lib.Size([2])),
    "one's own, mean": lambda lib: own(lib, arg_constraints={})().mean,
    "one's own, mode": lambda lib: own(lib, arg_constraints={})().mode.__class__,
    "one's own, sample": lambda lib: own(lib, arg_constraints={})().sample(),
    "one's own, expand": lambda lib: own(lib, arg_constraints={})().expand((2,)),
    "one's own, without support": lambda lib: own(
        lib, arg_constraints={}, log_prob=lambda self, v: self._validate_sample(v))().log_prob(lib.tensor(1.0)),
    "expand of a subclass": lambda lib: type("Sub", (lib.distributions.Categorical,), {
        "__init__": lambda self: lib.distributions.Categorical.__init__(self, lib.tensor([1.0]))})().expand((2,)),
    "default for validation": lambda lib: lib.distributions.Distribution.set_default_validate_args("x"),
    "kl of others": lambda lib: lib.distributions.kl_divergence(
        own(lib, arg_constraints={})(), categorical(lib, probs=[1.0])),
}


@pytest.mark.parametrize("what", SAME_OUTCOME)
def test_same_outcome(what: str) -> None:
    assert outcome(SAME_OUTCOME[what], minigrad) == outcome(SAME_OUTCOME[what], torch)


def test_validation_can_be_switched_off_for_all() -> None:
    for lib in sides:
        lib.distributions.Distribution.set_default_validate_args(False)
        try:
            categorical(lib, probs=[-1.0, 3.0])
        finally:
            lib.distributions.Distribution.set_default_validate_args(True)
        with pytest.raises(ValueError, match="to satisfy the constraint"):
            categorical(lib, probs=[-1.0, 3.0])


def test_kl_divergence() -> None:
    cases = [([0.2, 0.3, 0.5], [0.5, 0.4, 0.1]), ([0.0, 0.5, 0.5], [0.2, 0.4, 0.4]), ([0.2, 0.4, 0.4], [0.0, 0.5, 0.5]),
             ([[0.2, 0.8], [0.5, 0.5]], [0.3, 0.7])]  # fmt: skip
    for p, q in cases:
        results = []
        for lib in sides:
            a = lib.tensor(p, requires_grad=True)
            b = lib.tensor(q, requires_grad=True)
            kl = lib.distributions.kl_divergence(lib.distributions.Categorical(a), lib.distributions.Categorical(b))
            kl.sum().backward()
            results.append((kl, a.grad, b.grad))
        for ours, theirs in zip(*results):
            same(ours, theirs, 32)


def test_kl_registry_takes_the_closest_and_warns_of_ambiguity() -> None:
    for lib in sides:
        d = lib.distributions
        base = d.Categorical
        sub = type("Sub", (base,), {})
        p, q = base(lib.tensor([1.0])), sub(lib.tensor([1.0]))
        d.register_kl(sub, base)(lambda p, q: "sub base")
        assert d.kl_divergence(q, p) == d.kl_divergence(q, q) == "sub base"
        d.register_kl(base, sub)(lambda p, q: "base sub")
        message = re.escape("Ambiguous kl_divergence(Sub, Sub). Please register_kl(Sub, Sub)")
        with pytest.warns(RuntimeWarning, match=message):
            assert d.kl_divergence(q, q) == "sub base"
        d.register_kl(sub, sub)(lambda p, q: "sub sub")
        assert d.kl_divergence(q, q) == "sub sub"
