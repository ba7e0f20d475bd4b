"""The Kullback-Leibler divergence, and the table of pairs for which it is known. Mirrors torch.distributions.kl."""
from __future__ import annotations

import warnings
from collections.abc import Callable
from itertools import product
from typing import Any, TypeAlias

from ..tensor import Tensor
from .categorical import Categorical
from .distribution import Distribution

Formula: TypeAlias = Callable[[Any, Any], Tensor]
_REGISTRY: dict[tuple[type, type], Formula] = {}


def register_kl(type_p: type, type_q: type) -> Callable[[Formula], Formula]:
    """A decorator: the function computes KL(p || q) for these types and their subclasses; the closest types win."""
    if not isinstance(type_p, type) and issubclass(type_p, Distribution):
        raise TypeError(f"Expected type_p to be a Distribution subclass but got {type_p}")
    if not isinstance(type_q, type) and issubclass(type_q, Distribution):
        raise TypeError(f"Expected type_q to be a Distribution subclass but got {type_q}")

    def register(function: Formula) -> Formula:
        _REGISTRY[type_p, type_q] = function
        return function

    return register


def kl_divergence(p: Distribution, q: Distribution) -> Tensor:
    """∫ p(x) log (p(x) / q(x)) dx, in the batch's shape. NotImplementedError for types of which no formula is known."""
    mro_p, mro_q = type(p).__mro__, type(q).__mro__
    by_p = [pair for pair in product(mro_p, mro_q) if pair in _REGISTRY]
    by_q = [(a, b) for b, a in product(mro_q, mro_p) if (a, b) in _REGISTRY]
    if not by_p:
        raise NotImplementedError(
            f"No KL(p || q) is implemented for p type {type(p).__name__} and q type {type(q).__name__}"
        )
    if _REGISTRY[by_p[0]] is not _REGISTRY[by_q[0]]:
        warnings.warn(
            f"Ambiguous kl_divergence({type(p).__name__}, {type(q).__name__}). "
            f"Please register_kl({by_p[0][0].__name__}, {by_q[0][1].__name__})",
            RuntimeWarning,
            stacklevel=2,
        )
    return _REGISTRY[by_p[0]](p, q)


@register_kl(Categorical, Categorical)
def _categorical_categorical(p: Categorical, q: Categorical) -> Tensor:
    t = p.probs * (p.logits - q.logits)
    t[(q.probs == 0).expand_as(t)] = float("inf")
    t[(p.probs == 0).expand_as(t)] = 0
    return t.sum(-1)
