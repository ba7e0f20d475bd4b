"""New random tensors. Mirrors PyTorch's random functions, number for number.

The numbers come from a stream (../random/), by default the one that `manual_seed` starts anew.
"""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.rule import Rule, apply, on
from ..autograd.variable import TensorBase, wrap
from ..random import Generator
from ..random.integers import permutation
from ..random.rejection import binomial as binomials
from ..random.rejection import poisson as poissons
from ..random.uniform import exponential, uniform
from .arguments import type_name
from .copies import Zeros
from .creation import float_dtype, like
from .data import finish, shape_from
from .family import broadcast_error, broadcasting, refuse
from .filling import check_chance, check_std, filled, stream, with_bernoulli, with_integers, with_normal, with_uniform
from .ranges import long, natural_range

if TYPE_CHECKING:
    from ..tensor import Tensor

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


class Binomial(Rule):
    """How many of x things happen, each of which has probability p."""

    node_name = "NotImplemented"

    def forward(x, p, *, draw):
        return draw(*np.broadcast_arrays(x, p))

    def grad_x(grad):
        raise RuntimeError("derivative for aten::binomial is not implemented")

    def grad_p(grad):
        raise RuntimeError("derivative for aten::binomial is not implemented")


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


def bernoulli(input: Tensor, p: Any = None, *, generator: Generator | None = None) -> Tensor:
    """1 with the probability that input gives (or p), else 0. Mirrors torch.bernoulli."""
    source, chance = stream(generator, "bernoulli"), input.array if p is None else p
    check_chance(chance)
    return apply(Bernoulli, input, draw=lambda x: with_bernoulli(x, source, chance))


def poisson(input: Tensor, generator: Generator | None = None) -> Tensor:
    """Poisson numbers with the rates that input gives. Mirrors torch.poisson."""
    refuse("poisson_cpu", "biu", input.array)
    source, rates = stream(generator, "poisson"), input.array
    return apply(Poisson, input, draw=lambda x: poissons(source, rates))


def binomial(count: Tensor, prob: Tensor, generator: Generator | None = None) -> Tensor:
    """How many of `count` things happen, each with probability `prob`. Mirrors torch.binomial."""
    source = stream(generator, "binomial")
    for name, x in (("count", count), ("prob", prob)):
        if x.array.dtype.kind != "f":
            raise ValueError(f"binomial only supports floating-point dtypes for {name}, got: {x.dtype.scalar_name}")
    if count.dtype != prob.dtype:
        raise RuntimeError(f"Found dtype {prob.dtype.scalar_name} but expected {count.dtype.scalar_name}")
    return broadcasting(apply, Binomial, count, prob, draw=lambda n, p: binomials(source, n, p))


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
