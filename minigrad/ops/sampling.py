"""Random tensors, and writing random numbers into a tensor. Mirrors PyTorch's random functions, number for number.

The numbers come from a stream (../random/), by default the one that `manual_seed` starts anew. A tensor is filled in the order
in which its elements lie in memory.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes, random
from ..autograd.inplace import inplace
from ..autograd.rule import Rule, apply, on
from ..autograd.variable import TensorBase, wrap
from ..random import Generator
from ..random.integers import integers, permutation
from ..random.normal import log_normal, normal_pairs
from ..random.normal import normal as normal_blocks
from ..random.rejection import poisson as poissons
from ..random.uniform import bernoulli as bernoullis
from ..random.uniform import cauchy, exponential, geometric, uniform
from .arguments import type_name
from .copies import Zero, Zeros
from .creation import float_dtype, like
from .data import finish, shape_from
from .devices import CPU
from .family import broadcast_error, refuse
from .ranges import checked_range, long, natural_range
from .shape import expand

if TYPE_CHECKING:
    from ..tensor import Tensor

Generator.device = CPU


def stream(generator: Generator | None, function: str) -> Generator:
    if generator is None:
        return random.default_generator
    if not isinstance(generator, Generator):
        raise TypeError(f"{function}(): argument 'generator' must be torch.Generator, not {type_name(generator)}")
    return generator


# ---- filling arrays


def filled(array: np.ndarray, draw: Callable[[int], np.ndarray]) -> np.ndarray:
    """n = array.size numbers in the shape and dtype of an array: the first for the element that lies first in memory, and so on."""
    values = draw(array.size)
    if values.dtype == np.float64 and array.dtype == np.float16:
        values = values.astype(np.float32)  # as C++ converts
    values = values.astype(array.dtype, copy=False)
    if array.flags.c_contiguous:
        return values.reshape(array.shape)
    order = memory_order(array)
    return values.reshape([array.shape[d] for d in order]).transpose(np.argsort(order))


def memory_order(array: np.ndarray) -> list[int]:
    """The dimensions, the one with the longest way from element to element first."""
    return sorted(range(array.ndim), key=lambda d: -array.strides[d])


def with_uniform(array: np.ndarray, generator: Generator, low: float = 0.0, high: float = 1.0) -> np.ndarray:
    refuse("check_uniform_bounds", "biu", array)
    return filled(array, lambda n: uniform(generator, n, array.dtype, low, high))


def with_normal(array: np.ndarray, generator: Generator, mean: float = 0.0, std: float = 1.0) -> np.ndarray:
    """Normal numbers: in blocks, if there are at least 16 that lie in order, else pair by pair."""
    refuse("normal_kernel_cpu", "biu", array)
    if array.size >= 16 and array.flags.c_contiguous:
        return normal_blocks(generator, array.size, array.dtype, mean, std).reshape(array.shape)
    return filled(array, lambda n: normal_pairs(generator, n, mean, std))


def with_bernoulli(array: np.ndarray, generator: Generator, p: Any) -> np.ndarray:
    """Ones with probability p, a number or an array of the same shape, and zeros."""
    if not isinstance(p, np.ndarray):
        return filled(array, lambda n: bernoullis(generator, n, p))
    refuse("bernoulli_tensor_cpu_p_", "biu", p)
    return filled(array, lambda n: bernoullis(generator, n, p.transpose(memory_order(array)).reshape(-1), p.dtype))


# ---- from a shape


def rand(
    *sizes: Any, size: Any = None, generator: Generator | None = None, dtype: Any = None, requires_grad: bool = False, **place: Any
) -> Tensor:
    """Uniform in [0, 1). Mirrors torch.rand."""
    empty = np.empty(shape_from(sizes if size is None else (size,), "rand"), float_dtype(dtype, "rand"))
    return finish("rand", with_uniform(empty, stream(generator, "rand")), requires_grad, **place)


def randn(
    *sizes: Any, size: Any = None, generator: Generator | None = None, dtype: Any = None, requires_grad: bool = False, **place: Any
) -> Tensor:
    """Normal with mean 0 and standard deviation 1. Mirrors torch.randn."""
    empty = np.empty(shape_from(sizes if size is None else (size,), "randn"), float_dtype(dtype, "randn"))
    return finish("randn", with_normal(empty, stream(generator, "randn")), requires_grad, **place)


def randint(
    *bounds: Any,
    low: int = 0,
    high: Any = None,
    size: Any = None,
    generator: Generator | None = None,
    dtype: Any = None,
    requires_grad: bool = False,
    **place: Any,
) -> Tensor:
    """Integers in [low, high): randint(high, size) or randint(low, high, size). Mirrors torch.randint."""
    if size is None and bounds:
        *bounds, size = bounds  # type: ignore[assignment]
    if bounds:
        low, high = (low, *bounds)[-2:]
    if high is None:
        raise TypeError("randint() received an invalid combination of arguments: it needs high and size, or low, high and size")
    if not isinstance(size, (tuple, list)):
        raise TypeError(f"randint(): argument 'size' must be tuple of ints, not {type_name(size)}")
    limits = long("randint", "low", low), long("randint", "high", high)
    empty = np.empty(shape_from((size,), "randint"), integer_dtype(dtype))
    return finish("randint", with_integers(empty, stream(generator, "randint"), *limits), requires_grad, **place)


def with_integers(array: np.ndarray, generator: Generator, low: int, high: int | None) -> np.ndarray:
    limits = checked_range(low, high, array.dtype)
    return filled(array, lambda n: integers(generator, n, *limits))


def integer_dtype(dtype: Any) -> np.dtype:
    return np.dtype(np.int64) if dtype is None else dtypes.to_numpy(dtype)


def randperm(
    n: int, *, generator: Generator | None = None, dtype: Any = None, requires_grad: bool = False, **place: Any
) -> Tensor:
    """The numbers below n in random order. Mirrors torch.randperm."""
    n = long("randperm", "n", n)
    if n < 0:
        raise RuntimeError(f"Trying to create tensor with negative dimension {n}: [{n}]")
    goal = integer_dtype(dtype)
    refuse("randperm", "b", np.empty(0, goal))
    most = natural_range(goal)[1]
    if n > most:
        kind = dtypes.of_numpy(goal)
        if goal.kind == "f":
            raise RuntimeError(f"n cannot be greater than {most} for {kind.scalar_name} type.")
        raise RuntimeError(f"value cannot be converted to type {goal.name}_t without overflow")
    order = permutation(stream(generator, "randperm"), n)
    return finish("randperm", order.astype(goal), requires_grad, **place)


# ---- in the shape and dtype of a tensor, and in its order in memory


def rand_like(input: Tensor, *, generator: Generator | None = None, dtype: Any = None, requires_grad: bool = False,
              memory_format: Any = None, **place: Any) -> Tensor:  # fmt: skip
    """`rand` in the shape and dtype of input. Mirrors torch.rand_like."""
    empty = np.empty_like(*like("rand_like", input, dtype, memory_format))
    return finish("rand_like", with_uniform(empty, stream(generator, "rand_like")), requires_grad, **place)


def randn_like(input: Tensor, *, generator: Generator | None = None, dtype: Any = None, requires_grad: bool = False,
               memory_format: Any = None, **place: Any) -> Tensor:  # fmt: skip
    """`randn` in the shape and dtype of input. Mirrors torch.randn_like."""
    empty = np.empty_like(*like("randn_like", input, dtype, memory_format))
    return finish("randn_like", with_normal(empty, stream(generator, "randn_like")), requires_grad, **place)


def randint_like(input: Tensor, *bounds: int, low: int = 0, high: Any = None, generator: Generator | None = None,
                 dtype: Any = None, requires_grad: bool = False, memory_format: Any = None, **place: Any) -> Tensor:  # fmt: skip
    """`randint` in the shape and dtype of input. Mirrors torch.randint_like."""
    low, high = (low, *bounds)[-2:] if bounds else (low, high)
    low, high = long("randint_like", "low", low), long("randint_like", "high", high)
    empty = np.empty_like(*like("randint_like", input, dtype, memory_format))
    return finish("randint_like", with_integers(empty, stream(generator, "randint_like"), low, high), requires_grad, **place)


# ---- from tensors of parameters: what was drawn does not depend on them


class Bernoulli(Rule):
    """Ones with the probabilities x, and zeros."""

    def forward(x, *, draw):
        return draw(np.empty_like(x, order="C"))

    def grad_x(grad):
        return on(Zeros, grad)


class Poisson(Bernoulli):
    """Poisson numbers with the rates x."""

    def grad_x(grad):
        return on(Zeros, grad)


class NormalMean(Rule):
    """Normal numbers around x."""

    node_name = "NormalBackward1"

    def forward(x, *, draw):
        return draw(np.empty_like(x, order="C")) + x

    def grad_x(grad):
        return on(Zeros, grad)


class NormalStd(Rule):
    """Normal numbers of standard deviation x."""

    node_name = "NormalBackward2"

    def forward(x, *, mean, draw):
        check_std(x)
        values = draw(np.empty_like(x, order="C"))
        values *= x
        values += x.dtype.type(mean)
        return values

    def grad_x(grad):
        return on(Zeros, grad)


class NormalBoth(Rule):
    """Normal numbers of mean x and standard deviation y."""

    node_name = "NormalBackward3"

    def forward(x, y, *, draw):
        check_std(y)
        values = draw(np.empty(np.broadcast_shapes(x.shape, y.shape), x.dtype))
        np.multiply(values, y, out=values, casting="same_kind")
        values += x
        return values

    def grad_x(grad):
        return on(Zeros, grad)

    def grad_y(grad):
        return on(Zeros, grad)


def normal(mean: Any, std: Any = 1.0, size: Any = None, *, generator: Generator | None = None, dtype: Any = None,
           requires_grad: bool = False, **place: Any) -> Tensor:  # fmt: skip
    """Normal with the given means and standard deviations, numbers or tensors. Mirrors torch.normal."""
    source = stream(generator, "normal")
    if size is not None:
        check_std(std)
        empty = np.empty(shape_from((size,), "normal"), float_dtype(dtype, "normal"))
        return finish("normal", with_normal(empty, source, mean, std), requires_grad, **place)
    if not isinstance(std, TensorBase):
        if not isinstance(mean, TensorBase):
            raise TypeError("normal() received an invalid combination of arguments: numbers need a size")
        check_std(std)
        return apply(NormalMean, mean, draw=lambda x: with_normal(x, source, 0.0, std))
    if not isinstance(mean, TensorBase):
        return apply(NormalStd, std, mean=mean, draw=lambda x: with_normal(x, source))
    try:
        return apply(NormalBoth, mean, std, draw=lambda x: with_normal(x, source))
    except ValueError:
        raise broadcast_error(mean.array.shape, std.array.shape) from None


def check_std(std: Any) -> None:
    if isinstance(std, np.ndarray):
        if std.size and not std.min() >= 0:
            raise RuntimeError("normal expects all elements of std >= 0.0")
    elif not std >= 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")


def bernoulli(input: Tensor, p: Any = None, *, generator: Generator | None = None) -> Tensor:
    """1 with the probability that input gives (or p), else 0. Mirrors torch.bernoulli."""
    source, chance = stream(generator, "bernoulli"), input.array if p is None else p
    check_chance(chance)
    return apply(Bernoulli, input, draw=lambda x: with_bernoulli(x, source, chance))


def check_chance(p: Any) -> None:
    if isinstance(p, np.ndarray):
        if p.dtype.kind == "f" and not ((p >= 0) & (p <= 1)).all():
            raise RuntimeError(
                "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message be improved?  If so, please "
                "report an enhancement request to PyTorch.)"
            )
    elif not 0 <= p <= 1:
        raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p:g}")


def poisson(input: Tensor, generator: Generator | None = None) -> Tensor:
    """Poisson numbers with the rates that input gives. Mirrors torch.poisson."""
    refuse("poisson_cpu", "biu", input.array)
    source, rates = stream(generator, "poisson"), input.array
    return apply(Poisson, input, draw=lambda x: poissons(source, rates))


def multinomial(input: Tensor, num_samples: int, replacement: bool = False, *, generator: Generator | None = None) -> Tensor:
    """Indices drawn by the weights in the rows of input. Mirrors torch.multinomial, and its two ways of drawing.

    One draw, or draws without replacement: the largest p / q with q exponential. Draws with replacement: by the cumulative sum.
    """
    p, source = input.array, stream(generator, "multinomial")
    if p.ndim not in (1, 2):
        raise RuntimeError("prob_dist must be 1 or 2 dim")
    if p.dtype.kind != "f":
        raise RuntimeError(
            f"multinomial only supports floating-point dtypes for input, got: {dtypes.of_array(p).scalar_name}"
        )
    if num_samples <= 0:
        raise RuntimeError("cannot sample n_sample <= 0 samples")
    if not replacement and num_samples > p.shape[-1]:
        raise RuntimeError("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
    if p.shape[-1] > 2**24:
        raise RuntimeError("number of categories cannot exceed 2^24")
    if not p.size:
        return wrap(np.empty((*p.shape[:-1], num_samples), np.int64))
    cumulated = replacement and num_samples > 1
    if not (p >= 0).all() or not np.isfinite(p).all():
        if not cumulated:
            raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
        entry = "entry = infinity or NaN" if (p >= 0).all() else "entry < 0"
        raise RuntimeError(f"invalid multinomial distribution (encountering probability {entry})")
    if (np.add.reduce(p, axis=-1) == 0).any():
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
    if not cumulated:
        with np.errstate(divide="ignore", over="ignore"):
            scores = p / filled(p, lambda n: exponential(source, n))
        return wrap(np.ascontiguousarray(np.argsort(-scores, axis=-1, kind="stable")[..., :num_samples]))
    cumulative = np.add.accumulate(np.atleast_2d(p), axis=-1)
    cumulative = cumulative / cumulative[:, -1:]
    cumulative[:, -1] = 1
    chances = uniform(source, len(cumulative) * num_samples, np.dtype(np.float64)).reshape(len(cumulative), num_samples)
    drawn = np.stack([np.searchsorted(c, u) for c, u in zip(cumulative, chances)])
    return wrap(drawn.reshape((*p.shape[:-1], num_samples)))


# ---- in place: the rule's name is the node's, and no gradient flows back


class Random(Zero):
    """Random integers in place of x."""

    node_name = "RandomBackward2"

    def forward(x, *, draw):
        return draw(x) if x.size else x


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
        return draw(x) if x.size else x

    def grad_p(grad):
        return on(Zeros, grad)


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
        refuse("log_normal_cpu", "biu", x)
        return filled(x, lambda n: log_normal(source, n, mean, std))

    return inplace(LogNormal, input, draw=draw)


def exponential_(input: Tensor, lambd: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Write exponential numbers of a rate. Mirrors torch.Tensor.exponential_."""
    if not lambd > 0:
        raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={lambd:g}")
    source = stream(generator, "exponential_")
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
        refuse("geometric_cpu", "b", x)
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
