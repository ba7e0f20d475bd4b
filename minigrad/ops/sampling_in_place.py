"""Random numbers written into a tensor: uniform_, normal_, ... Mirrors the methods of torch.Tensor, number for number."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.inplace import inplace
from ..autograd.rule import on
from ..autograd.variable import TensorBase
from ..random import Generator
from ..random.integers import integers
from ..random.normal import log_normal
from ..random.uniform import cauchy, exponential, geometric
from .broadcast import expand
from .copies import Zero, Zeros
from .family import refuse
from .filling import check_chance, check_std, filled, stream, with_bernoulli, with_integers, with_normal, with_uniform
from .ranges import long, natural_range

if TYPE_CHECKING:
    from ..tensor import Tensor

# ---- rules, whose names are the nodes'; no gradient flows back


class Random(Zero):
    """Random integers in place of x."""

    node_name = "RandomBackward2"

    def forward(x, *, draw):
        return draw(x)


class RandomTo(Random):
    """Random integers below a bound in place of x."""

    node_name = "RandomBackward1"


class RandomBetween(Random):
    """Random integers between bounds in place of x."""

    node_name = "RandomBackward0"


class Uniform(Random):
    """Uniform numbers in place of x."""

    node_name = "UniformBackward0"


class Normal(Random):
    """Normal numbers in place of x."""

    node_name = "NormalBackward0"


class LogNormal(Random):
    """Numbers whose logarithms are normal in place of x."""

    node_name = "LogNormalBackward0"


class Exponential(Random):
    """Exponential numbers in place of x."""

    node_name = "ExponentialBackward0"


class Geometric(Random):
    """Geometric numbers in place of x."""

    node_name = "GeometricBackward0"


class Cauchy(Random):
    """Cauchy numbers in place of x."""

    node_name = "CauchyBackward0"


class BernoulliNumber(Random):
    """Ones and zeros in place of x."""

    node_name = "BernoulliBackward2"


class BernoulliTensor(Random):
    """Ones and zeros in place of x, with probabilities of their own."""

    node_name = "BernoulliBackward1"

    def forward(x, p, *, draw):
        return draw(x)

    def grad_p(grad):
        return on(Zeros, grad)


# ---- functions


def uniform_(input: Tensor, a: float = 0.0, b: float = 1.0, *, generator: Generator | None = None, **named: float) -> Tensor:
    """Write uniform numbers in [a, b), which may also be called from and to. Mirrors torch.Tensor.uniform_."""
    a, b = named.pop("from", a), named.pop("to", b)
    no_more("uniform_", named)
    source = stream(generator, "uniform_")

    def draw(x: np.ndarray) -> np.ndarray:
        refuse("check_uniform_bounds", "biu", x)
        check_uniform(a, b, x.dtype)
        return with_uniform(x, source, a, b)

    return inplace(Uniform, input, draw=draw)


def check_uniform(a: float, b: float, dtype: np.dtype) -> None:
    largest, name = float(np.finfo(dtype).max), dtypes.of_numpy(dtype)
    for argument, bound in (("from", a), ("to", b)):
        if not -largest <= bound <= largest:
            raise RuntimeError(f"{argument} is out of bounds for {name.c_name}")
    if a > b:
        raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={a:g} > to={b:g}")
    if b - a > largest:
        raise RuntimeError(
            f"uniform_ expects to-from <= std::numeric_limits<{name.scalar_name}>::max(), but found to={b:g} and from={a:g} which "
            "result in to-from to exceed the limit"
        )


def no_more(function: str, named: dict[str, Any]) -> None:
    if named:
        raise TypeError(f"{function}() got an unexpected keyword argument '{next(iter(named))}'")


def normal_(input: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Write normal numbers. Mirrors torch.Tensor.normal_."""
    check_std(std)
    source = stream(generator, "normal_")
    return inplace(Normal, input, draw=lambda x: with_normal(x, source, mean, std))


def log_normal_(input: Tensor, mean: float = 1.0, std: float = 2.0, *, generator: Generator | None = None) -> Tensor:
    """Write e to the power of normal numbers. Mirrors torch.Tensor.log_normal_."""
    if not std > 0:
        raise RuntimeError(f"log_normal_ expects std > 0.0, but found std={std:g}")
    source = stream(generator, "log_normal_")

    def draw(x: np.ndarray) -> np.ndarray:
        refuse("log_normal_cpu", "biu" if x.size else "", x)
        return filled(x, lambda n: log_normal(source, n, mean, std))

    return inplace(LogNormal, input, draw=draw)


def exponential_(input: Tensor, lambd: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Write exponential numbers of a rate. Mirrors torch.Tensor.exponential_."""
    if not lambd > 0:
        raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={lambd:g}")
    source = stream(generator, "exponential_")
    if input.array.size:
        check_continuous("Exponential", input, dtypes.of_array(input.array).scalar_name)
    return inplace(Exponential, input, draw=lambda x: filled(x, lambda n: exponential(source, n, lambd)))


def cauchy_(input: Tensor, median: float = 0.0, sigma: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Write numbers of Cauchy's distribution. Mirrors torch.Tensor.cauchy_."""
    if not sigma > 0:
        raise RuntimeError(f"cauchy_ expects sigma > 0.0, but found sigma={sigma:g}")
    source = stream(generator, "cauchy_")
    check_continuous("Cauchy", input, dtypes.of_array(input.array).c_name)
    return inplace(Cauchy, input, draw=lambda x: filled(x, lambda n: cauchy(source, n, median, sigma)))


def check_continuous(distribution: str, input: Tensor, dtype: str) -> None:
    if input.array.dtype.kind != "f":
        raise RuntimeError(
            f"{distribution} distribution is a continuous probability distribution. dtype must be a floating point but you specified "
            f"{dtype}"
        )


def geometric_(input: Tensor, p: float, *, generator: Generator | None = None) -> Tensor:
    """Write how often something of probability p is tried until it happens. Mirrors torch.Tensor.geometric_."""
    if not 0 < p < 1:
        raise RuntimeError(f"geometric_ expects p to be in (0, 1), but got p={p:g}")
    source = stream(generator, "geometric_")

    def draw(x: np.ndarray) -> np.ndarray:
        refuse("geometric_cpu", "b" if x.size else "", x)
        return filled(x, lambda n: geometric(source, n, p))

    return inplace(Geometric, input, draw=draw)


def bernoulli_(input: Tensor, p: Any = 0.5, *, generator: Generator | None = None) -> Tensor:
    """Write 1 with probability p, a number or a tensor, else 0. Mirrors torch.Tensor.bernoulli_."""
    source = stream(generator, "bernoulli_")
    if isinstance(p, TensorBase):
        check_chance(p.array)
        chance = expand(p.detach(), input.array.shape).array  # type: ignore[attr-defined]
        return inplace(BernoulliTensor, input, p, draw=lambda x: with_bernoulli(x, source, chance))
    check_chance(p)
    return inplace(BernoulliNumber, input, draw=lambda x: with_bernoulli(x, source, p))


def random_(input: Tensor, *bounds: Any, generator: Generator | None = None, **named: Any) -> Tensor:
    """Write integers: random_() all that are not negative, random_(to) below, random_(from, to). Mirrors torch.Tensor.random_."""
    if "from" in named:
        bounds = (named.pop("from"), *bounds)
    if "to" in named:
        bounds = (*bounds, named.pop("to"))
    no_more("random_", named)
    source = stream(generator, "random_")

    def draw(x: np.ndarray) -> np.ndarray:
        if bounds:
            low, high = (0, *bounds)[-2:]
            low, high = long("random_", "from", low), None if high is None else long("random_", "to", high)
            return with_integers(x, source, low, high)
        limits = natural_range(x.dtype)
        return filled(x, lambda n: integers(source, n, *limits, wide=x.itemsize == 8))

    return inplace((Random, RandomTo, RandomBetween)[len(bounds)], input, draw=draw)
