"""Random tensors, and writing random numbers into a tensor. Mirrors PyTorch's random functions, number for number.

The numbers come from a stream (random.py), by default the one that `manual_seed` starts anew.
"""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.inplace import inplace
from ..autograd.rule import Rule, apply, on
from ..autograd.variable import TensorBase, wrap
from ..random import Generator, default_generator
from .arguments import check_tensor
from .copies import Zero, Zeros
from .creation import float_dtype
from .data import finish, shape_from
from .family import broadcast_error, refuse

if TYPE_CHECKING:
    from ..tensor import Tensor


def stream(generator: Generator | None) -> Generator:
    return default_generator if generator is None else generator


def as_dtype(dtype: Any) -> np.dtype:
    return np.dtype(np.int64) if dtype is None else dtypes.to_numpy(dtype)


# ---- from a shape


def rand(
    *sizes: Any, size: Any = None, generator: Generator | None = None, dtype: Any = None, requires_grad: bool = False, **place: Any
) -> Tensor:
    """Uniform in [0, 1). Mirrors torch.rand."""
    shape, goal = shape_from(sizes if size is None else (size,), "rand"), float_dtype(dtype, "rand")
    no_integers("check_uniform_bounds", goal)
    return finish("rand", stream(generator).uniform(shape, goal), requires_grad, **place)


def randn(
    *sizes: Any, size: Any = None, generator: Generator | None = None, dtype: Any = None, requires_grad: bool = False, **place: Any
) -> Tensor:
    """Normal with mean 0 and standard deviation 1. Mirrors torch.randn."""
    shape, goal = shape_from(sizes if size is None else (size,), "randn"), float_dtype(dtype, "randn")
    no_integers("normal_kernel_cpu", goal)
    return finish("randn", stream(generator).normal(shape, goal), requires_grad, **place)


def no_integers(kernel: str, dtype: np.dtype) -> None:
    refuse(kernel, "biu", np.empty(0, dtype))


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
    if size is None or high is None:
        raise TypeError("randint() received an invalid combination of arguments: it needs a bound and a size, randint(high, size)")
    goal = as_dtype(dtype)
    values = stream(generator).integers(shape_from((size,), "randint"), *checked_range(low, high, goal))
    return finish("randint", values.astype(goal), requires_grad, **place)


def checked_range(low: Any, high: Any, dtype: np.dtype) -> tuple[int, int]:
    """The bounds of random integers, if the dtype holds all that lie between."""
    low, high = int(low), int(high)
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    limit = integer_limits(dtype)
    for name, bound in (("from", low), ("to - 1", high - 1)):
        if not limit[0] <= bound <= limit[1]:
            raise RuntimeError(f"{name} is out of bounds for {dtypes.of_numpy(dtype).c_name}")
    return low, high


def integer_limits(dtype: np.dtype) -> tuple[int, int]:
    if dtype.kind == "b":
        return 0, 1
    if dtype.kind == "f":
        largest = int(np.finfo(dtype).max)
        return -largest, largest
    limit = np.iinfo(dtype)
    return int(limit.min), int(limit.max)


def randperm(
    n: int, *, generator: Generator | None = None, dtype: Any = None, requires_grad: bool = False, **place: Any
) -> Tensor:
    """The numbers below n in random order. Mirrors torch.randperm."""
    if n < 0:
        raise RuntimeError(f"n must be non-negative, got{n}")
    return finish("randperm", stream(generator).permutation(n).astype(as_dtype(dtype)), requires_grad, **place)


def rand_like(input: Tensor, *, dtype: Any = None, requires_grad: bool = False, generator: Any = None, **place: Any) -> Tensor:
    """`rand` in the shape and dtype of input. Mirrors torch.rand_like."""
    return rand(input.array.shape, generator=generator, dtype=dtype or input.dtype, requires_grad=requires_grad, **place)


def randn_like(input: Tensor, *, dtype: Any = None, requires_grad: bool = False, generator: Any = None, **place: Any) -> Tensor:
    """`randn` in the shape and dtype of input. Mirrors torch.randn_like."""
    return randn(input.array.shape, generator=generator, dtype=dtype or input.dtype, requires_grad=requires_grad, **place)


def randint_like(input: Tensor, *bounds: int, low: int = 0, high: Any = None, dtype: Any = None,
                 requires_grad: bool = False, **place: Any) -> Tensor:  # fmt: skip
    """`randint` in the shape and dtype of input. Mirrors torch.randint_like."""
    low, high = (low, *bounds)[-2:] if bounds else (low, high)
    return randint(low, high, input.array.shape, dtype=dtype or input.dtype, requires_grad=requires_grad, **place)


# ---- from tensors of parameters


class Drawn(Rule):
    """Random numbers whose parameters are x: what was drawn does not depend on them."""

    node_name = "BernoulliBackward0"

    def forward(x, *, values):
        return values

    def grad_x(grad, x_shape):
        return on(Zeros, grad)


class NormalMean(Drawn):
    """Normal numbers around x."""

    node_name = "NormalBackward1"


class NormalStd(Drawn):
    """Normal numbers of standard deviation x."""

    node_name = "NormalBackward2"


class NormalBoth(Drawn):
    """Normal numbers of mean x and standard deviation y."""

    node_name = "NormalBackward3"

    def forward(x, y, *, values):
        return values

    def grad_y(grad):
        return on(Zeros, grad)


@np.errstate(all="ignore")  # PyTorch does not warn of infinities and NaN
def normal(mean: Any, std: Any = 1.0, size: Any = None, *, generator: Generator | None = None, dtype: Any = None,
           requires_grad: bool = False, **place: Any) -> Tensor:  # fmt: skip
    """Normal with the given means and standard deviations, numbers or tensors. Mirrors torch.normal."""
    if size is not None:
        check_std(std)
        goal = float_dtype(dtype, "normal")
        return finish("normal", stream(generator).normal(shape_from((size,), "normal"), goal, mean, std), requires_grad, **place)
    given = [x for x in (mean, std) if isinstance(x, TensorBase)]
    rule = NormalBoth if len(given) == 2 else NormalMean if given[0] is mean else NormalStd
    m, s = [x.array if isinstance(x, TensorBase) else x for x in (mean, std)]
    check_std(s)
    try:
        shape = np.broadcast_shapes(np.shape(m), np.shape(s))
    except ValueError:
        raise broadcast_error(m.shape, s.shape) from None
    dtype = given[0].array.dtype
    values = stream(generator).normal(shape, dtype)
    values = values * (s if isinstance(s, np.ndarray) else dtype.type(s)) + (m if isinstance(m, np.ndarray) else dtype.type(m))
    return apply(rule, *given, values=values.astype(dtype))


def check_std(std: Any) -> None:
    if isinstance(std, np.ndarray):
        if std.size and std.min() < 0:
            raise RuntimeError("normal expects all elements of std >= 0.0")
    elif not std >= 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")


def bernoulli(input: Tensor, p: Any = None, *, generator: Generator | None = None) -> Tensor:
    """1 with the probability that input gives (or p), else 0. Mirrors torch.bernoulli."""
    if p is not None:
        return apply(Drawn, input, values=drawn_bernoulli(input, p, generator))
    chance = input.array
    if chance.dtype.kind != "f":
        refuse("bernoulli_tensor_cpu_p_", "biu", chance)
    if not ((chance >= 0) & (chance <= 1)).all():
        raise RuntimeError("Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message be improved?  If so, "
                           "please report an enhancement request to PyTorch.)")
    return apply(Drawn, input, values=(stream(generator).uniform(chance.shape, chance.dtype) < chance).astype(chance.dtype))


def multinomial(input: Tensor, num_samples: int, replacement: bool = False, *, generator: Generator | None = None) -> Tensor:
    """Indices drawn by the weights in the rows of input. Mirrors torch.multinomial, and its two ways of drawing.

    One draw, or draws without replacement: the largest p / q with q exponential. Draws with replacement: by the cumulative sum.
    """
    p = input.array
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
    if not np.isfinite(p).all() or (p < 0).any():
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    if (np.add.reduce(p, axis=-1) == 0).any():
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
    if not replacement or num_samples == 1:
        with np.errstate(divide="ignore"):
            scores = p / stream(generator).exponential(p.shape, p.dtype)
        return wrap(np.ascontiguousarray(np.argsort(-scores, axis=-1, kind="stable")[..., :num_samples]))
    rows = np.atleast_2d(p)
    cumulative = np.add.accumulate(rows, axis=-1)
    cumulative = cumulative / cumulative[:, -1:]
    cumulative[:, -1] = 1
    chances = stream(generator).chances((len(rows), num_samples))
    drawn = np.stack([np.searchsorted(c, u) for c, u in zip(cumulative, chances)])
    return wrap(drawn.reshape((*p.shape[:-1], num_samples)))


def dropout(input: Tensor, p: float, train: bool) -> Tensor:
    """In training, zero each element with probability p and scale the rest by 1 / (1 - p). Mirrors torch.dropout."""
    check_tensor("dropout", "input", 1, input)
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not train or p == 0 or not input.array.size:
        return input
    if p == 1:
        return input * wrap(np.zeros((), input.array.dtype))
    noise = (default_generator.chances(input.array.shape) < 1 - p).astype(input.array.dtype)
    noise /= noise.dtype.type(1 - p)
    return input * wrap(noise)


# ---- in place: the rule's name is the node's, and no gradient flows back


class Random(Zero):
    """Random integers in place of x."""

    node_name = "RandomBackward2"

    def forward(x, *, values):
        return values.astype(x.dtype)


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


class Exponential(Random):
    """Exponential numbers in place of x."""

    node_name = "ExponentialBackward0"


class Bernoulli(Random):
    """Ones and zeros in place of x."""

    node_name = "BernoulliBackward2"


class BernoulliTensor(Random):
    """Ones and zeros in place of x, with probabilities of their own."""

    node_name = "BernoulliBackward1"

    def forward(x, p, *, values):
        return values.astype(x.dtype)

    def grad_p(grad):
        return on(Zeros, grad)


def uniform_(input: Tensor, a: float = 0.0, b: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Write uniform numbers in [a, b). Mirrors torch.Tensor.uniform_."""
    no_integers("check_uniform_bounds", input.array.dtype)
    check_bounds(input.array.dtype, a, b)
    return inplace(Uniform, input, values=stream(generator).uniform(input.array.shape, input.array.dtype, a, b))


def check_bounds(dtype: np.dtype, low: float, high: float) -> None:
    """The bounds of uniform numbers, and the distance between them, have to be numbers of the dtype."""
    largest, kind = float(np.finfo(dtype).max), dtypes.of_numpy(dtype)
    for name, bound in (("from", low), ("to", high)):
        if not -largest <= bound <= largest:
            raise RuntimeError(f"{name} is out of bounds for {kind.c_name}")
    if low > high:
        raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={low:g} > to={high:g}")
    if high - low > largest:
        raise RuntimeError(
            f"uniform_ expects to-from <= std::numeric_limits<{kind.scalar_name}>::max(), but found to={high:g} and from={low:g} which "
            "result in to-from to exceed the limit"
        )


@np.errstate(all="ignore")  # PyTorch does not warn of infinities and NaN
def normal_(input: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Write normal numbers. Mirrors torch.Tensor.normal_."""
    check_std(std)
    no_integers("normal_kernel_cpu", input.array.dtype)
    return inplace(Normal, input, values=stream(generator).normal(input.array.shape, input.array.dtype, mean, std))


def exponential_(input: Tensor, lambd: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Write exponential numbers of a rate. Mirrors torch.Tensor.exponential_."""
    if lambd <= 0:
        raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={lambd:g}")
    no_integers("exponential_cpu", input.array.dtype)
    return inplace(Exponential, input, values=stream(generator).exponential(input.array.shape, input.array.dtype, lambd))


def bernoulli_(input: Tensor, p: Any = 0.5, *, generator: Generator | None = None) -> Tensor:
    """Write 1 with probability p, else 0. Mirrors torch.Tensor.bernoulli_."""
    values = drawn_bernoulli(input, p, generator)
    return inplace(BernoulliTensor, input, p, values=values) if isinstance(p, TensorBase) else inplace(Bernoulli, input, values=values)


def drawn_bernoulli(input: Tensor, p: Any, generator: Generator | None) -> np.ndarray:
    chance = p.array if isinstance(p, TensorBase) else np.asarray(p)
    if not ((chance >= 0) & (chance <= 1)).all():
        if isinstance(p, TensorBase):
            raise RuntimeError("Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message be improved?  If "
                               "so, please report an enhancement request to PyTorch.)")
        raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p:g}")
    return (stream(generator).chances(input.array.shape) < chance).astype(input.array.dtype)


def random_(input: Tensor, *bounds: int, generator: Generator | None = None) -> Tensor:
    """Write integers in [low, high): random_(), random_(high), random_(low, high). Mirrors torch.Tensor.random_."""
    dtype = input.array.dtype
    mantissa = {"float16": 11, "float32": 24, "float64": 53}.get(dtype.name)
    largest = 2**mantissa if mantissa else integer_limits(dtype)[1]
    low, high = (0, *(bounds or (largest + 1,)))[-2:]
    rule = (Random, RandomTo, RandomBetween)[len(bounds)]
    return inplace(rule, input, values=stream(generator).integers(input.array.shape, *checked_range(low, high, dtype)))
