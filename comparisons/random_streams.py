"""Every routine that draws random numbers, in minigrad and in PyTorch from one seed: are the numbers the same bits?

    python -m comparisons.random_streams > docs/random.md

A routine is a function of the library, a shape, a dtype and a generator, so that both sides run one source.
"""
from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

import minigrad
from comparisons.distance import distance

SEEDS = range(3)
SHAPES = [(3, 5), (4, 4), (37, 29)]  # below, at and above 16 numbers, where PyTorch's normal numbers change their way
DTYPES = ["float32", "float64"]


@dataclass(frozen=True)
class Routine:
    """One row of the table."""

    name: str
    draw: Callable[..., Any]  # (library, shape, dtype, generator) -> a tensor, or several
    takes_generator: bool = True
    remark: str = ""  # why not every bit is equal


def default_only(name: str, draw: Callable[..., Any], remark: str = "") -> Routine:
    """A routine that draws from the default stream, whatever generator it is run with."""
    return Routine(name, lambda t, shape, dtype, g: draw(t, shape, dtype), False, remark)


def empty(t: Any, shape: Any, dtype: Any) -> Any:
    return t.empty(shape, dtype=dtype)


def every_other(t: Any, shape: Any, dtype: Any) -> Any:
    """A tensor that is not contiguous."""
    return t.zeros(*shape, 3, dtype=dtype)[..., ::2]


def weights(t: Any, dtype: Any) -> Any:
    return t.arange(1, 9).to(dtype)


CREATION = [
    Routine("rand", lambda t, shape, dtype, g: t.rand(shape, dtype=dtype, generator=g)),
    Routine("rand_like", lambda t, shape, dtype, g: t.rand_like(empty(t, shape, dtype), generator=g)),
    Routine("rand_like, transposed", lambda t, shape, dtype, g: t.rand_like(empty(t, shape, dtype).mT, generator=g)),
    Routine("randn", lambda t, shape, dtype, g: t.randn(shape, dtype=dtype, generator=g)),
    Routine("randn_like", lambda t, shape, dtype, g: t.randn_like(empty(t, shape, dtype), generator=g)),
    Routine("randn_like, transposed", lambda t, shape, dtype, g: t.randn_like(empty(t, shape, dtype).mT, generator=g)),
    Routine("randint", lambda t, shape, dtype, g: t.randint(-3, 1000, shape, generator=g)),
    Routine("randint, from a range above 2^28", lambda t, shape, dtype, g: t.randint(0, 2**40, shape, generator=g)),
    Routine("randint_like", lambda t, shape, dtype, g: t.randint_like(empty(t, shape, dtype), 7, generator=g)),
    Routine("randperm", lambda t, shape, dtype, g: t.randperm(math.prod(shape), generator=g)),
    Routine("normal, of a tensor of means", lambda t, shape, dtype, g: t.normal(t.zeros(shape, dtype=dtype), 0.3, generator=g)),
    Routine("normal, of a tensor of deviations", lambda t, shape, dtype, g: t.normal(0.2, t.full(shape, 0.7, dtype=dtype), generator=g)),
    Routine("normal, of both", lambda t, shape, dtype, g: t.normal(t.ones(shape, dtype=dtype), t.full(shape, 0.7, dtype=dtype), generator=g)),
    Routine("normal, of a size", lambda t, shape, dtype, g: t.normal(0.2, 0.7, shape, dtype=dtype, generator=g)),
    Routine("bernoulli", lambda t, shape, dtype, g: t.bernoulli(t.full(shape, 0.3, dtype=dtype), generator=g)),
    Routine("bernoulli, of one probability", lambda t, shape, dtype, g: t.bernoulli(empty(t, shape, dtype), 0.3, generator=g)),
    Routine("poisson, rate below 10", lambda t, shape, dtype, g: t.poisson(t.full(shape, 2.5, dtype=dtype), generator=g)),
    Routine("poisson, rate from 10", lambda t, shape, dtype, g: t.poisson(t.full(shape, 25.5, dtype=dtype), generator=g)),
    Routine(
        "binomial, few expected",
        lambda t, shape, dtype, g: t.binomial(t.full(shape, 12.0, dtype=dtype), t.full(shape, 0.3, dtype=dtype), generator=g),
    ),
    Routine(
        "binomial, many expected",
        lambda t, shape, dtype, g: t.binomial(t.full(shape, 80.0, dtype=dtype), t.full(shape, 0.7, dtype=dtype), generator=g),
    ),
    Routine("multinomial, one draw", lambda t, shape, dtype, g: t.multinomial(t.ones(shape, dtype=dtype), 1, generator=g)),
    Routine(
        "multinomial, without replacement",
        lambda t, shape, dtype, g: t.multinomial(weights(t, dtype), 4, generator=g),
        remark="(if there are too few positive weights, those of weight 0 follow in another order)",
    ),
    Routine("multinomial, with replacement", lambda t, shape, dtype, g: t.multinomial(weights(t, dtype), 30, True, generator=g)),
]
IN_PLACE = [
    Routine("uniform_", lambda t, shape, dtype, g: empty(t, shape, dtype).uniform_(-0.3, 1.7, generator=g)),
    Routine("uniform_, not contiguous", lambda t, shape, dtype, g: every_other(t, shape, dtype).uniform_(2, 3, generator=g)),
    Routine("normal_", lambda t, shape, dtype, g: empty(t, shape, dtype).normal_(2, 0.1, generator=g)),
    Routine("normal_, not contiguous", lambda t, shape, dtype, g: every_other(t, shape, dtype).normal_(2, 0.1, generator=g)),
    Routine("log_normal_", lambda t, shape, dtype, g: empty(t, shape, dtype).log_normal_(-1, 0.3, generator=g)),
    Routine("exponential_", lambda t, shape, dtype, g: empty(t, shape, dtype).exponential_(1.3, generator=g)),
    Routine("cauchy_", lambda t, shape, dtype, g: empty(t, shape, dtype).cauchy_(1, 0.3, generator=g)),
    Routine("geometric_", lambda t, shape, dtype, g: empty(t, shape, dtype).geometric_(0.3, generator=g)),
    Routine("bernoulli_", lambda t, shape, dtype, g: empty(t, shape, dtype).bernoulli_(0.3, generator=g)),
    Routine("bernoulli_, of a tensor", lambda t, shape, dtype, g: empty(t, shape, dtype).bernoulli_(t.full(shape[-1:], 0.3), generator=g)),
    Routine("random_", lambda t, shape, dtype, g: empty(t, shape, dtype).random_(generator=g)),
    Routine("random_, below a bound", lambda t, shape, dtype, g: empty(t, shape, t.int32).random_(7, generator=g)),
    Routine("random_, between bounds", lambda t, shape, dtype, g: empty(t, shape, t.int32).random_(-5, 5, generator=g)),
]
INIT = [
    Routine("uniform_", lambda t, shape, dtype, g: t.nn.init.uniform_(empty(t, shape, dtype), -1, 0.3, generator=g)),
    Routine("normal_", lambda t, shape, dtype, g: t.nn.init.normal_(empty(t, shape, dtype), 1, 0.3, generator=g)),
    Routine("xavier_uniform_", lambda t, shape, dtype, g: t.nn.init.xavier_uniform_(empty(t, shape, dtype), 1.3, generator=g)),
    Routine("xavier_normal_", lambda t, shape, dtype, g: t.nn.init.xavier_normal_(empty(t, shape, dtype), 1.3, generator=g)),
    Routine("kaiming_uniform_", lambda t, shape, dtype, g: t.nn.init.kaiming_uniform_(empty(t, shape, dtype), 0.3, generator=g)),
    Routine(
        "kaiming_normal_",
        lambda t, shape, dtype, g: t.nn.init.kaiming_normal_(empty(t, shape, dtype), 0, "fan_out", "relu", generator=g),
    ),
    Routine("trunc_normal_", lambda t, shape, dtype, g: t.nn.init.trunc_normal_(empty(t, shape, dtype), generator=g)),
    Routine(
        "trunc_normal_, a narrow part",
        lambda t, shape, dtype, g: t.nn.init.trunc_normal_(empty(t, shape, dtype), 0, 1, 1, 1.5, generator=g),
    ),
    default_only("sparse_", lambda t, shape, dtype: t.nn.init.sparse_(empty(t, shape, dtype), 0.4)),
    Routine(
        "orthogonal_",
        lambda t, shape, dtype, g: t.nn.init.orthogonal_(empty(t, shape, dtype), generator=g),
        remark="the draws are the same; the QR decomposition is that of another library, and rounds otherwise",
    ),
]
MODULES = [
    default_only("Linear", lambda t, shape, dtype: [*t.nn.Linear(*shape, dtype=dtype).parameters()]),
    default_only("Bilinear", lambda t, shape, dtype: [*t.nn.Bilinear(*shape, 3, dtype=dtype).parameters()]),
]
FUNCTIONAL = [
    default_only("dropout", lambda t, shape, dtype: t.nn.functional.dropout(t.ones(shape, dtype=dtype), 0.3)),
    default_only("dropout, transposed", lambda t, shape, dtype: t.nn.functional.dropout(t.ones(shape, dtype=dtype).mT, 0.3)),
    default_only("dropout1d", lambda t, shape, dtype: t.nn.functional.dropout1d(t.ones(*shape, 2, dtype=dtype), 0.3)),
    default_only("dropout2d", lambda t, shape, dtype: t.nn.functional.dropout2d(t.ones(*shape, 2, 2, dtype=dtype), 0.3)),
    default_only("dropout3d", lambda t, shape, dtype: t.nn.functional.dropout3d(t.ones(*shape, 2, 2, 1, dtype=dtype), 0.3)),
    default_only("alpha_dropout", lambda t, shape, dtype: t.nn.functional.alpha_dropout(t.ones(shape, dtype=dtype), 0.3, True)),
    default_only("rrelu", lambda t, shape, dtype: t.nn.functional.rrelu(t.full(shape, -1.5, dtype=dtype), 0.1, 0.4, True)),
    default_only(
        "gumbel_softmax",
        lambda t, shape, dtype: t.nn.functional.gumbel_softmax(t.ones(shape, dtype=dtype)),
        "the last steps are a logarithm and a softmax, whose last bits in PyTorch depend on the machine",
    ),
    default_only("gumbel_softmax, hard", lambda t, shape, dtype: t.nn.functional.gumbel_softmax(t.ones(shape, dtype=dtype), hard=True).round()),
    default_only(
        "feature_alpha_dropout", lambda t, shape, dtype: t.nn.functional.feature_alpha_dropout(t.ones(*shape, 2, dtype=dtype), 0.3, True)
    ),
]


def samples(name: str, remark: str = "", **parameters: float) -> Routine:
    """A distribution's `sample`, and `rsample` if it has one."""

    def draw(t: Any, shape: Any, dtype: Any) -> Any:
        given = {key: t.full(shape, value, dtype=dtype) for key, value in parameters.items()}
        distribution = getattr(t.distributions, name)(**given)
        return [distribution.sample((2,)), *([distribution.rsample()] if distribution.has_rsample else [])]

    return default_only(name, draw, remark)


DISTRIBUTIONS = [
    samples("Bernoulli", probs=0.3),
    samples("Beta", concentration1=0.7, concentration0=2.5),
    default_only("Categorical, one draw", lambda t, shape, dtype: t.distributions.Categorical(t.ones(shape, dtype=dtype)).sample()),
    default_only("Categorical, several", lambda t, shape, dtype: t.distributions.Categorical(t.ones(shape, dtype=dtype)).sample((7,))),
    samples("Binomial", total_count=12.0, probs=0.3),
    samples("Cauchy", loc=0.5, scale=2.0),
    samples("Dirichlet", concentration=0.7),
    samples("Exponential", rate=1.7),
    samples("Gamma", concentration=0.7, rate=1.3),
    samples("Geometric", "(a logarithm is rounded down, whose last bit in PyTorch depends on the machine)", probs=0.3),
    samples("Laplace", "the last step is a logarithm, whose last bit in PyTorch depends on the machine", loc=0.5, scale=2.0),
    samples("Normal", loc=0.5, scale=2.0),
    samples("Poisson", rate=2.5),
    samples("Uniform", low=-0.5, high=2.0),
]


def loaded(t: Any, n: int, **options: Any) -> Any:
    """Two epochs of a DataLoader."""
    data = t.utils.data
    loader = data.DataLoader(data.TensorDataset(t.arange(n)), batch_size=4, **options)
    return [batch[0] for _ in range(2) for batch in loader]


def sampled(t: Any, sampler: Any) -> Any:
    return t.tensor([*sampler])


def own(generator: Any) -> dict[str, Any]:
    """For a function whose `generator` may not be None."""
    return {} if generator is None else {"generator": generator}


DATA = [
    Routine("RandomSampler", lambda t, shape, dtype, g: sampled(t, t.utils.data.RandomSampler(range(math.prod(shape)), generator=g))),
    Routine(
        "RandomSampler, with replacement",
        lambda t, shape, dtype, g: sampled(t, t.utils.data.RandomSampler(range(math.prod(shape)), True, 50, generator=g)),
    ),
    Routine("SubsetRandomSampler", lambda t, shape, dtype, g: sampled(t, t.utils.data.SubsetRandomSampler(range(*shape), generator=g))),
    Routine(
        "WeightedRandomSampler",
        lambda t, shape, dtype, g: sampled(t, t.utils.data.WeightedRandomSampler([0.1, 0.5, 0.4], 20, generator=g)),
    ),
    Routine(
        "random_split",
        lambda t, shape, dtype, g: [t.tensor([*part]) for part in t.utils.data.random_split(range(20), [0.7, 0.3], **own(g))],
    ),
    Routine("DataLoader, shuffle=True", lambda t, shape, dtype, g: loaded(t, shape[0], shuffle=True, generator=g)),
    Routine("DataLoader, in order", lambda t, shape, dtype, g: loaded(t, shape[0], generator=g)),
]
SECTIONS: dict[str, list[Routine]] = {
    "torch": CREATION,
    "torch.Tensor": IN_PLACE,
    "torch.nn.functional": FUNCTIONAL,
    "torch.nn.init": INIT,
    "torch.nn, the parameters of a new": MODULES,
    "torch.distributions": DISTRIBUTIONS,
    "torch.utils.data": DATA,
}


def run(t: Any, routine: Routine, seed: int, shape: tuple[int, ...], dtype: str) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """What a routine draws from the default stream, then from a generator of its own; and where both streams are afterwards."""
    own = t.Generator().manual_seed(seed + 1)
    t.manual_seed(seed)
    drawn = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # dropout2d of three dimensions, ...
        for generator in [None, own] if routine.takes_generator else [None]:
            result = routine.draw(t, shape, getattr(t, dtype), generator)
            drawn += [x.numpy(force=True) for x in (result if isinstance(result, list) else [result])]
    return drawn, [t.get_rng_state().numpy(), own.get_state().numpy()]


def status(routine: Routine, dtype: str) -> tuple[str, bool]:
    """How equal the numbers are, in words, and whether the streams are at the same place afterwards."""
    equal, absolute, in_step = [], [0.0], True
    for seed in SEEDS:
        for shape in SHAPES:
            (ours, our_states), (theirs, their_states) = [run(t, routine, seed, shape, dtype) for t in (minigrad, torch)]
            in_step &= all(np.array_equal(a, b) for a, b in zip(our_states, their_states, strict=True))
            for a, b in zip(ours, theirs, strict=True):
                apart = distance(*[x if x.dtype.kind == "f" else x.astype(np.float64) for x in (a, b)])
                equal.append((apart.equal, b.size))
                absolute.append(apart.absolute)
    share = sum(part * size for part, size in equal) / sum(size for _, size in equal)
    return ("bit-equal" if share == 1 else f"{100 * share:.0f} % of the bits, within {max(absolute):.0e}"), in_step


def report() -> str:
    """The page for the docs."""
    lines = [
        "# Random numbers beside PyTorch's",
        "",
        "What `python -m comparisons.random_streams` prints: every routine that draws, in minigrad and in PyTorch, from the same seeds,",
        "in shapes below and above the 16 numbers from which PyTorch makes normal ones in blocks, from the default stream and, where",
        "there is `generator=`, from another. *Bit-equal* means every bit of every number. In every line both sides' streams were at the",
        "same place afterwards, unless it says otherwise.",
        "",
        "Last bits depend on PyTorch's kernels for AVX2, which it takes on all x86 processors of the last ten years. Elsewhere the",
        "streams are the same, but normal and scaled uniform numbers may be rounded differently; `tests/kernels.py` finds out, and the",
        "tests say so. In float16 uniform, normal and the other numbers written in place are bit-equal too (`tests/test_random.py`).",
    ]
    for section, routines in SECTIONS.items():
        lines += ["", f"| {section} | float32 | float64 | why not |", "|---|---|---|---|"]
        for routine in routines:
            (single, in_step), (double, also) = [status(routine, dtype) for dtype in DTYPES]
            remark = " ".join([*([] if in_step and also else ["The streams are apart afterwards."]), routine.remark])
            lines.append(f"| {routine.name} | {single} | {double} | {remark} |")
    return "\n".join(lines)


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(report())
