"""Samplers: the same indices as PyTorch's, and the generators in the same state, also when a pass is left early."""
from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outcomes import same

import minigrad

seeds = st.integers(-(2**63), 2**63 - 1)
sizes = st.integers(1, 70)
takes = st.one_of(st.none(), st.integers(0, 80))


def passes(t: Any, sampler: Any, generator: Any, *takes: int | None) -> Any:
    """Some passes over a sampler, each left after so many indices; and where the generator is then."""
    return [list(islice(sampler, take)) for take in takes], len(sampler), generator


def made(t: Any, seed: int | None) -> Any:
    return None if seed is None else t.Generator().manual_seed(seed)


@settings(deadline=None, max_examples=150)
@given(seeds, sizes, st.booleans(), st.one_of(st.none(), st.integers(1, 150)), st.one_of(st.none(), seeds), takes, takes)
def test_random_sampler(
    seed: int, n: int, replacement: bool, num_samples: int | None, own: int | None, first: int | None, second: int | None
) -> None:
    def program(t: Any) -> Any:
        generator = made(t, own)
        sampler = t.utils.data.RandomSampler(range(n), replacement, num_samples, generator)
        return passes(t, sampler, generator, first, second), sampler.num_samples

    same(program, seed)


@settings(deadline=None, max_examples=100)
@given(seeds, sizes, st.one_of(st.none(), seeds), takes, takes)
def test_subset_random_sampler(seed: int, n: int, own: int | None, first: int | None, second: int | None) -> None:
    def program(t: Any) -> Any:
        generator = made(t, own)
        indices = [3 * i + 1 for i in range(n)]
        return passes(t, t.utils.data.SubsetRandomSampler(indices, generator), generator, first, second)

    same(program, seed)


@settings(deadline=None, max_examples=150)
@given(seeds, st.data(), st.lists(st.floats(0.01, 10), min_size=1, max_size=40), st.booleans(), st.one_of(st.none(), seeds), takes)
def test_weighted_random_sampler(
    seed: int, data: Any, weights: list[float], replacement: bool, own: int | None, take: int | None
) -> None:
    num_samples = data.draw(st.integers(1, 60 if replacement else len(weights)))

    def program(t: Any) -> Any:
        generator = made(t, own)
        sampler = t.utils.data.WeightedRandomSampler(weights, num_samples, replacement, generator)
        return passes(t, sampler, generator, take, None), sampler.weights

    same(program, seed)


@settings(deadline=None, max_examples=150)
@given(seeds, sizes, st.integers(1, 12), st.booleans(), st.booleans(), takes)
def test_batch_sampler(seed: int, n: int, batch_size: int, drop_last: bool, random: bool, take: int | None) -> None:
    def program(t: Any) -> Any:
        generator = t.Generator().manual_seed(1)
        inner = t.utils.data.RandomSampler(range(n), generator=generator) if random else range(n)
        return passes(t, t.utils.data.BatchSampler(inner, batch_size, drop_last), generator, take, None)

    same(program, seed)


@settings(deadline=None, max_examples=100)
@given(sizes, st.integers(1, 90), st.data(), st.booleans(), st.booleans(), st.integers(0, 5), st.integers(0, 5))
def test_distributed_sampler(
    n: int, replicas: int, data: Any, shuffle: bool, drop_last: bool, seed: int, epoch: int
) -> None:
    rank = data.draw(st.integers(0, replicas - 1))

    def program(t: Any) -> Any:
        sampler = t.utils.data.DistributedSampler(range(n), replicas, rank, shuffle, seed, drop_last)
        sampler.set_epoch(epoch)
        return list(sampler), len(sampler), sampler.total_size, sampler.num_samples

    same(program)


PROGRAMS = {
    "sequential": lambda d, t: [list(d.SequentialSampler([7, 8, 9])), len(d.SequentialSampler("abcd"))],
    "sampler without iter": lambda d, t: list(d.Sampler()),
    "sampler without len": lambda d, t: len(d.Sampler()),
    "typed": lambda d, t: [d.Sampler[int].__origin__.__name__, d.Dataset[int].__origin__.__name__],
    "random of nothing": lambda d, t: d.RandomSampler([]),
    "random from nothing": lambda d, t: list(d.RandomSampler([], num_samples=3)),
    "random, no samples": lambda d, t: d.RandomSampler([1], num_samples=0),
    "random, float samples": lambda d, t: d.RandomSampler([1], num_samples=1.5),
    "random, replacement no flag": lambda d, t: d.RandomSampler([1], replacement=1),
    "random of a number": lambda d, t: d.RandomSampler(3),
    "subset of nothing": lambda d, t: [list(d.SubsetRandomSampler([])), len(d.SubsetRandomSampler([]))],
    "subset of tensors": lambda d, t: list(d.SubsetRandomSampler(t.arange(5))),
    "subset of text": lambda d, t: list(d.SubsetRandomSampler("abcdef")),
    "weighted, no samples": lambda d, t: d.WeightedRandomSampler([1.0], 0),
    "weighted, a flag of samples": lambda d, t: d.WeightedRandomSampler([1.0], True),
    "weighted, replacement no flag": lambda d, t: d.WeightedRandomSampler([1.0], 1, 1),
    "weighted, matrix": lambda d, t: d.WeightedRandomSampler([[1.0, 2.0]], 1),
    "weighted, number": lambda d, t: d.WeightedRandomSampler(1.0, 1),
    "weighted, too many": lambda d, t: list(d.WeightedRandomSampler([1.0, 2.0], 3, replacement=False)),
    "weighted, negative": lambda d, t: list(d.WeightedRandomSampler([1.0, -2.0], 1)),
    "weighted by a tensor": lambda d, t: list(d.WeightedRandomSampler(t.tensor([1.0, 2.0, 4.0]), 40)),
    "weighted by whole numbers": lambda d, t: list(d.WeightedRandomSampler(np.array([1, 2, 4]), 40)),
    "weighted by text": lambda d, t: d.WeightedRandomSampler("ab", 1),
    "batches of 0": lambda d, t: d.BatchSampler([1], 0, False),
    "batches of a flag": lambda d, t: d.BatchSampler([1], True, False),
    "batches of half": lambda d, t: d.BatchSampler([1], 0.5, False),
    "drop_last no flag": lambda d, t: d.BatchSampler([1], 1, 1),
    "batches of what has no length": lambda d, t: len(d.BatchSampler(iter([1]), 1, False)),
    "batches of an iterator": lambda d, t: list(d.BatchSampler(iter(range(5)), 2, False)),
    "distributed, rank too large": lambda d, t: d.DistributedSampler(range(9), 2, 2),
    "distributed, negative rank": lambda d, t: d.DistributedSampler(range(9), 2, -1),
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_alike(program: Any) -> None:
    same(lambda t: program(t.utils.data, t))


def test_distributed_without_groups() -> None:
    with pytest.raises(RuntimeError, match="Requires distributed package to be available"):
        minigrad.utils.data.DistributedSampler(range(9))


def test_a_dataset_that_grows() -> None:
    def program(t: Any) -> Any:
        source = [1, 2, 3]
        sampler = t.utils.data.RandomSampler(source)
        first = list(sampler)
        source += [4, 5]
        return first, len(sampler), list(sampler)

    same(program)
