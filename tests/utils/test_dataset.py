"""Datasets, and random_split."""
from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outcomes import same


def rows(t: Any, n: int = 6) -> Any:
    return t.utils.data.TensorDataset(t.arange(3.0 * n).reshape(n, 3), t.arange(n))


def batched(t: Any, n: int = 6, lost: int = 0) -> Any:
    """A dataset that gets samples in batches, and says so."""

    class Batched(t.utils.data.Dataset):
        def __getitems__(self, indices: list[int]) -> list[Any]:
            return [("many", i) for i in indices][lost:]

        def __getitem__(self, i: int) -> Any:
            return "one", i

        def __len__(self) -> int:
            return n

    return Batched()


def stream(t: Any, *items: Any, sized: bool = True) -> Any:
    class Stream(t.utils.data.IterableDataset):
        def __iter__(self) -> Any:
            return iter(items)

    if sized:
        Stream.__len__ = lambda self: len(items)  # type: ignore[attr-defined]
    return Stream()


def subset_kind(t: Any, *names: str) -> Any:
    methods = {
        "__getitem__": lambda self, i: ("own", i),
        "__getitems__": lambda self, indices: [("own", i) for i in indices],
    }
    return type("Own", (t.utils.data.Subset,), {name: methods[name] for name in names})


PROGRAMS: dict[str, Any] = {
    "abstract": lambda d, t: d.Dataset()[0],
    "no length": lambda d, t: len(d.Dataset()),
    "abstract iterable": lambda d, t: d.IterableDataset(),
    "tensors": lambda d, t: [rows(t)[2], rows(t)[-1], rows(t)[1:3], rows(t)[[4, 0]], len(rows(t))],
    "out of range": lambda d, t: rows(t)[6],
    "tensors of different sizes": lambda d, t: d.TensorDataset(t.zeros(3), t.zeros(4)),
    "no tensors": lambda d, t: len(d.TensorDataset()),
    "sum": lambda d, t: [type(rows(t) + rows(t)).__name__, (rows(t) + rows(t))[7], len(rows(t) + rows(t))],
    "concatenated": lambda d, t: [d.ConcatDataset([rows(t, n) for n in (1, 3, 2)])[i] for i in range(-6, 6)],
    "cumulative": lambda d, t: d.ConcatDataset([rows(t, n) for n in (1, 3, 2)]).cumulative_sizes,
    "cummulative": lambda d, t: d.ConcatDataset([rows(t, n) for n in (1, 3, 2)]).cummulative_sizes,
    "cumsum": lambda d, t: d.ConcatDataset.cumsum(["ab", "", "c"]),
    "concatenated, too far back": lambda d, t: d.ConcatDataset([rows(t)])[-7],
    "concatenated, too far": lambda d, t: d.ConcatDataset([rows(t)])[6],
    "concatenated, nothing": lambda d, t: d.ConcatDataset([]),
    "concatenated streams": lambda d, t: d.ConcatDataset([stream(t, 1)]),
    "concatenated generator": lambda d, t: len(d.ConcatDataset(rows(t) for _ in range(2))),
    "chained": lambda d, t: [list(d.ChainDataset([stream(t, 1, 2), stream(t), stream(t, "x")]))],
    "chained length": lambda d, t: len(d.ChainDataset([stream(t, 1, 2), stream(t, 3)])),
    "chained without length": lambda d, t: len(d.ChainDataset([stream(t, 1, 2, sized=False)])),
    "chained rows": lambda d, t: list(d.ChainDataset([stream(t, 1), rows(t)])),
    "chained rows' length": lambda d, t: len(d.ChainDataset([rows(t)])),
    "sum of streams": lambda d, t: list(stream(t, 1) + stream(t, 2)),
    "stream by index": lambda d, t: stream(t, 1)[0],
    "stacked": lambda d, t: [d.StackDataset(rows(t), "abcdef")[1], len(d.StackDataset([7, 8]))],
    "stacked by name": lambda d, t: d.StackDataset(a=rows(t), b="abcdef")[1],
    "stacked batch": lambda d, t: d.StackDataset(rows(t), batched(t)).__getitems__([1, 3]),
    "stacked batch by name": lambda d, t: d.StackDataset(x=rows(t), y=batched(t)).__getitems__([1, 3]),
    "stacked empty batch": lambda d, t: d.StackDataset(rows(t), batched(t)).__getitems__([]),
    "stacked, batch too short": lambda d, t: d.StackDataset(batched(t, lost=1)).__getitems__([1, 3]),
    "stacked, batch by name too short": lambda d, t: d.StackDataset(x=batched(t, lost=1)).__getitems__([1, 3]),
    "stacked both ways": lambda d, t: d.StackDataset("ab", x="ab"),
    "stacked nothing": lambda d, t: d.StackDataset(),
    "stacked, different sizes": lambda d, t: d.StackDataset("ab", "abc"),
    "stacked by name, different sizes": lambda d, t: d.StackDataset(a="ab", b="abc"),
    "subset": lambda d, t: [d.Subset("abcdef", [5, 0, 5])[i] for i in (0, 1, -1)],
    "subset by list": lambda d, t: d.Subset(rows(t), [5, 0, 3])[[0, 2]],
    "subset batch": lambda d, t: d.Subset("abcdef", [5, 0, 3]).__getitems__([2, 0]),
    "subset of batched": lambda d, t: d.Subset(batched(t), [5, 0, 3]).__getitems__([2, 0]),
    "subset of subset": lambda d, t: d.Subset(d.Subset(batched(t), [5, 0, 3]), [1, 2]).__getitems__([1]),
    "subset out of range": lambda d, t: d.Subset("abcdef", [5, 0, 3])[3],
    "subset, item alone": lambda d, t: subset_kind(t, "__getitem__")("abc", [1]),
    "subset, items alone": lambda d, t: subset_kind(t, "__getitems__")("abc", [1])[0],
    "subset, both": lambda d, t: subset_kind(t, "__getitem__", "__getitems__")("abc", [1])[0],
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_alike(program: Any) -> None:
    same(lambda t: program(t.utils.data, t))


def parts(t: Any, lengths: list[float], n: int, own: int | None) -> Any:
    generator = None if own is None else t.Generator().manual_seed(own)
    split = t.utils.data.random_split
    found = split(range(n), lengths) if own is None else split(range(n), lengths, generator)
    return [(type(part).__name__, part.indices, list(part)) for part in found], generator


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 2**64 - 1), st.lists(st.integers(0, 30), min_size=1, max_size=6), st.one_of(st.none(), st.integers(0, 99)))
def test_split_by_length(seed: int, lengths: list[int], own: int | None) -> None:
    same(lambda t: parts(t, lengths, sum(lengths), own), seed)


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 2**64 - 1), st.lists(st.integers(0, 9), min_size=1, max_size=6).filter(any), st.integers(0, 40))
def test_split_by_fraction(seed: int, weights: list[int], n: int) -> None:
    same(lambda t: parts(t, [weight / sum(weights) for weight in weights], n, None), seed)


@pytest.mark.parametrize(
    "lengths", [[1, 2], [], [0.5, 0.6], [0.5, 0.4], [1.5, -0.5], [-0.5, 1.5], [1.0], [2, 3, 5], [1 / 3] * 3, [12, -2], [0.2] * 5]
)
def test_odd_lengths(lengths: list[float]) -> None:
    same(lambda t: parts(t, lengths, 10, None))


def test_no_generator() -> None:
    same(lambda t: t.utils.data.random_split(range(5), [2, 3], None)[0].indices)
