"""DataLoader: the same batches in the same order as PyTorch's, errors and warnings too, and the generators in the same state."""
from __future__ import annotations

import os
import subprocess
import sys
from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outcomes import outcome, same

import minigrad
from minigrad.utils.data._utils import fetch


def tensors(t: Any, n: int) -> Any:
    return t.utils.data.TensorDataset(t.arange(3.0 * n).reshape(n, 3), t.arange(n))


def mixed(t: Any, n: int) -> Any:
    class Mixed(t.utils.data.Dataset):
        def __len__(self) -> int:
            return n

        def __getitem__(self, i: int) -> Any:
            return {"x": np.full(2, i, np.float32), "y": i, "z": [0.5 * i, str(i)], "w": t.rand(2)}

    return Mixed()


def grown(t: Any, n: int) -> Any:
    """A TensorDataset with samples of its own."""

    class Grown(t.utils.data.TensorDataset):
        def __getitem__(self, i: int) -> Any:
            return (*super().__getitem__(i), i)

    return Grown(t.arange(n))


def at_once(t: Any, n: int) -> Any:
    class AtOnce(t.utils.data.TensorDataset):
        def __getitems__(self, indices: list[int]) -> Any:
            return [(i, -i) for i in indices]

    return AtOnce(t.arange(n))


DATASETS: dict[str, Any] = {
    "tensors": tensors,
    "no tensors": lambda t, n: tensors(t, n) if n > 7 else range(n),
    "range": lambda t, n: range(n),
    "text": lambda t, n: "abcdefghijklmnopqrstuvwxyz0123456789"[:n],
    "mixed": mixed,
    "grown": grown,
    "at once": at_once,
    "subset": lambda t, n: t.utils.data.Subset(tensors(t, 2 * n), list(range(0, 2 * n, 2))),
    "subset by array": lambda t, n: t.utils.data.Subset(tensors(t, 2 * n), np.arange(2 * n)[::-2]),
    "subset by tensor": lambda t, n: t.utils.data.Subset(tensors(t, 2 * n), t.arange(n)),
    "subset of a subset": lambda t, n: t.utils.data.Subset(
        t.utils.data.Subset(tensors(t, 3 * n), range(-2 * n, 0)), range(n)
    ),
    "split": lambda t, n: t.utils.data.random_split(tensors(t, n + 3), [n, 3])[0],
    "subset of grown": lambda t, n: t.utils.data.Subset(grown(t, n), range(n)),
    "concatenated": lambda t, n: tensors(t, n // 2) + tensors(t, n - n // 2),
    "stacked": lambda t, n: t.utils.data.StackDataset(a=tensors(t, n), b=range(n)),
    "gradients": lambda t, n: t.utils.data.TensorDataset(t.arange(1.0 * n).requires_grad_()),
    "parameters": lambda t, n: t.utils.data.TensorDataset(t.nn.Parameter(t.arange(1.0 * n), requires_grad=False)),
    "strided": lambda t, n: t.utils.data.TensorDataset(t.arange(6.0 * n).reshape(3, 2 * n).t()[::2], t.arange(n).expand(n)),
    "flags": lambda t, n: t.utils.data.TensorDataset(t.arange(n) > 2, t.ones(n, 0)),
}
seeds = st.integers(0, 2**64 - 1)


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(sorted(DATASETS)),
    seeds,
    st.integers(1, 36),
    st.one_of(st.none(), st.integers(1, 12)),
    st.one_of(st.none(), st.booleans()),
    st.booleans(),
    st.one_of(st.none(), seeds),
    st.lists(st.one_of(st.none(), st.integers(0, 5)), min_size=1, max_size=3),
)
def test_passes(
    name: str,
    seed: int,
    n: int,
    batch_size: int | None,
    shuffle: bool | None,
    drop_last: bool,
    own: int | None,
    takes: list[int | None],
) -> None:
    def program(t: Any) -> Any:
        generator = None if own is None else t.Generator().manual_seed(own)
        loader = t.utils.data.DataLoader(
            DATASETS[name](t, n), batch_size, shuffle, drop_last=drop_last and batch_size is not None, generator=generator
        )
        found = [len(loader)]
        for take in takes:
            found.append([(batch, t.rand(1)) for batch in islice(loader, take)])
        return found, generator

    same(program, seed)


def orders(t: Any, n: int, own: int) -> dict[str, dict[str, Any]]:
    data, generator = t.utils.data, t.Generator().manual_seed(own)
    weights = [1.0 + i % 3 for i in range(n)]
    return {
        "with replacement": {"sampler": data.RandomSampler(range(n), True, 2 * n, generator)},
        "again and again": {"sampler": data.RandomSampler(range(n), num_samples=2 * n + 1)},
        "weighted": {"sampler": data.WeightedRandomSampler(weights, n), "batch_size": 4, "drop_last": True},
        "subset": {"sampler": data.SubsetRandomSampler(range(n // 2), generator), "batch_size": 3},
        "list": {"sampler": [n - 1, 0, -1], "batch_size": 2},
        "batches": {"batch_sampler": data.BatchSampler(data.RandomSampler(range(n)), 3, True)},
        "lists": {"batch_sampler": [[0], [n - 1, 0], (0, -1)]},
        "tensors": {"batch_sampler": t.zeros(2, 3, dtype=t.int64)},
        "arrays": {"batch_sampler": np.zeros((2, 3), np.int64)},
        "once": {"batch_sampler": [iter([0, n - 1]), iter([0])]},
        "flags": {"batch_sampler": [[True, False]]},
        "empty": {"batch_sampler": [[0], []]},
        "out of range": {"batch_sampler": [[0], [0, n]]},
        "numbers": {"batch_sampler": [0, 1]},
        "slices": {"sampler": [slice(0, 2), slice(1, 3)], "batch_size": None},
        "whole batches": {"sampler": data.BatchSampler(range(n), 4, False), "batch_size": None},
    }


@pytest.mark.parametrize("name", ["tensors", "mixed", "range", "subset", "subset of a subset", "grown", "at once"])
@pytest.mark.parametrize("order", orders(minigrad, 8, 1))
@pytest.mark.parametrize("n", [8, 20])
def test_orders(name: str, order: str, n: int) -> None:
    def program(t: Any) -> Any:
        loader = t.utils.data.DataLoader(DATASETS[name](t, n), **orders(t, n, 5)[order])
        return list(loader), list(loader)

    if name in ("range", "mixed") and order in ("slices", "whole batches", "tensors"):
        return  # what Python says of such indices
    same(program)


def test_rows_are_taken_at_once_where_they_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = {name: fetch.rows(dataset(minigrad, 8), [1, 0, -1]) is not None for name, dataset in DATASETS.items()}
    assert [name for name in taken if taken[name]] == [
        "tensors", "no tensors", "subset", "subset by array", "subset of a subset", "split", "strided", "flags"
    ]  # fmt: skip
    for index in (8, -9, 2**70, True, 1.0):
        assert fetch.rows(DATASETS["tensors"](minigrad, 8), [index]) is None
    monkeypatch.setitem(fetch.default_collate_fn_map, minigrad.Tensor, None)
    assert fetch.rows(DATASETS["tensors"](minigrad, 8), [1]) is None


def test_own_collate_functions_are_heard() -> None:
    def doubled(t: Any) -> Any:
        module = t.utils.data._utils.collate
        plain = module.default_collate_fn_map[t.Tensor]
        module.default_collate_fn_map[t.Tensor] = lambda batch, **more: plain(batch, **more) * 2
        try:
            return list(t.utils.data.DataLoader(tensors(t, 5), 2)), list(t.utils.data.DataLoader(tensors(t, 5), 2, collate_fn=len))
        finally:
            module.default_collate_fn_map[t.Tensor] = plain

    same(doubled)


def test_batches_are_copies() -> None:
    def program(t: Any) -> Any:
        dataset = tensors(t, 4)
        for x, y in t.utils.data.DataLoader(dataset, 2):
            x.zero_()
            y.add_(1)
        return dataset.tensors

    same(program)


# ---- iterable datasets


def stream(t: Any, n: int, claimed: int | None = None) -> Any:
    class Stream(t.utils.data.IterableDataset):
        def __iter__(self) -> Any:
            for i in range(n):
                yield i, t.rand(())

        def __repr__(self) -> str:
            return "Stream"

    if claimed is not None:
        Stream.__len__ = lambda self: claimed  # type: ignore[attr-defined]
    return Stream()


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 20), st.one_of(st.none(), st.integers(1, 7)), st.booleans(), st.one_of(st.none(), st.integers(0, 25)), st.booleans())
def test_streams(n: int, batch_size: int | None, drop_last: bool, claimed: int | None, ask: bool) -> None:
    def program(t: Any) -> Any:
        loader = t.utils.data.DataLoader(
            stream(t, n, claimed), batch_size, drop_last=drop_last and batch_size is not None, shuffle=False
        )
        length = len(loader) if ask and claimed is not None else None
        return length, list(loader), list(loader)

    same(program)


def test_after_the_end_of_a_stream() -> None:
    def program(t: Any) -> Any:
        iterator = iter(t.utils.data.DataLoader(stream(t, 3), 2))
        return [next(iterator, "end") for _ in range(5)]

    same(program)


# ---- options, attributes, errors

OPTIONS: dict[str, Any] = {
    "workers below none": {"num_workers": -1},
    "timeout below none": {"timeout": -1},
    "timeout without workers": {"timeout": 1},
    "prefetch without workers": {"prefetch_factor": 2},
    "prefetch below none": {"num_workers": 1, "prefetch_factor": -1},
    "no prefetch": {"num_workers": 1, "prefetch_factor": 0},
    "persistent without workers": {"persistent_workers": True},
    "context without workers": {"multiprocessing_context": "fork"},
    "unknown context": {"num_workers": 1, "multiprocessing_context": "knife"},
    "no context": {"num_workers": 1, "multiprocessing_context": 3},
    "sampler and shuffle": {"sampler": [1], "shuffle": True},
    "batch_sampler and batch_size": {"batch_sampler": [[1]], "batch_size": 2},
    "batch_sampler and shuffle": {"batch_sampler": [[1]], "shuffle": True},
    "batch_sampler and sampler": {"batch_sampler": [[1]], "sampler": [1]},
    "batch_sampler and drop_last": {"batch_sampler": [[1]], "drop_last": True},
    "no batches and drop_last": {"batch_size": None, "drop_last": True},
    "batch_size 0": {"batch_size": 0},
    "batch_size 2.5": {"batch_size": 2.5},
    "drop_last 1": {"drop_last": 1},
    "pinned": {"pin_memory": True},
    "pinned where": {"pin_memory": True, "pin_memory_device": "cuda"},
    "not pinned where": {"pin_memory_device": "cuda"},
    "out of order": {"in_order": False},
    "unknown": {"colour": 1},
}
STREAM_OPTIONS: dict[str, Any] = {
    "shuffle": {"shuffle": True},
    "shuffle 3": {"shuffle": 3},
    "shuffle 0": {"shuffle": 0},
    "sampler": {"sampler": [1]},
    "batch_sampler": {"batch_sampler": [[1]]},
}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # PyTorch's, without prefetch
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_options(options: Any) -> None:
    same(lambda t: list(t.utils.data.DataLoader(tensors(t, 3), **options)))


@pytest.mark.parametrize("options", STREAM_OPTIONS.values(), ids=STREAM_OPTIONS)
def test_options_of_streams(options: Any) -> None:
    same(lambda t: list(t.utils.data.DataLoader(stream(t, 3), **options)))


PROGRAMS: dict[str, Any] = {
    "of nothing": lambda d, t: list(d.DataLoader([])),
    "of nothing, shuffled": lambda d, t: d.DataLoader([], shuffle=True),
    "of what has no length": lambda d, t: list(d.DataLoader(d.Dataset())),
    "length of a stream": lambda d, t: len(d.DataLoader(stream(t, 3))),
    "length of a pass": lambda d, t: len(iter(d.DataLoader(range(7), 2))),
    "iterators": lambda d, t: [next(it := iter(d.DataLoader(range(7), 2))), iter(it) is it, list(it)],
    "attributes": lambda d, t: {
        name: getattr(d.DataLoader(range(7), 2, True, drop_last=True), name)
        for name in ("batch_size", "num_workers", "pin_memory", "drop_last", "timeout", "prefetch_factor", "worker_init_fn",
                     "persistent_workers", "pin_memory_device", "generator", "multiprocessing_context", "in_order")
    },
    "parts": lambda d, t: [type(getattr(d.DataLoader(range(7), 2, True), name)).__name__ for name in ("sampler", "batch_sampler")],
    "parts without batches": lambda d, t: [d.DataLoader([1], None).batch_sampler, d.DataLoader([1], None).collate_fn.__name__],
    "workers": lambda d, t: [d.DataLoader([1], num_workers=1).prefetch_factor, d.DataLoader([1], num_workers=1, prefetch_factor=3).prefetch_factor],
    "context": lambda d, t: d.DataLoader([1], num_workers=1, multiprocessing_context="spawn").multiprocessing_context.get_start_method(),
    "too many workers": lambda d, t: d.DataLoader([1], num_workers=4096),
    "typed": lambda d, t: list(d.DataLoader[int]([1, 2])),
    "get_worker_info": lambda d, t: d.get_worker_info(),
    "an error in the dataset": lambda d, t: list(d.DataLoader({0: 1, 2: 3})),
    "samples of different sizes": lambda d, t: list(d.DataLoader([t.ones(1), t.ones(2)], 2)),
    "the end in a dataset": lambda d, t: list(d.DataLoader(Ending(), 2)),
    "pickled": lambda d, t: __import__("pickle").dumps(iter(d.DataLoader([1]))),
    "two passes at a time": lambda d, t: list(zip(loader := d.DataLoader(range(5), 2, True), loader)),
}  # fmt: skip


class Ending:
    def __len__(self) -> int:
        return 5

    def __getitem__(self, i: int) -> int:
        if i == 3:
            raise StopIteration
        return i


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_alike(program: Any) -> None:
    same(lambda t: program(t.utils.data, t))


@pytest.mark.parametrize("name", ["batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers", "timeout", "own"])
def test_setting(name: str) -> None:
    def program(t: Any) -> Any:
        class Loader(t.utils.data.DataLoader):
            pass

        loader = Loader(range(3))
        setattr(loader, name, 5)
        return getattr(loader, name)

    same(program)


def test_a_sampler_that_draws_when_it_starts() -> None:
    def program(t: Any) -> Any:
        class Eager(t.utils.data.Sampler):
            def __iter__(self) -> Any:
                return iter(t.randperm(6).tolist())

        return list(t.utils.data.DataLoader(range(6), None, sampler=Eager()))

    same(program, 3)


# ---- imports


def test_cheap_imports() -> None:
    program = (
        "import sys, minigrad; heavy = {'multiprocessing', 'random', 'minigrad.utils'} & set(sys.modules); assert not heavy, heavy;"
        "list(minigrad.utils.data.DataLoader([1, 2])); assert 'multiprocessing' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env=os.environ)


def test_the_comparison_notices() -> None:
    found = outcome(lambda t: list(t.utils.data.DataLoader(range(9), shuffle=True)), minigrad, 1)
    assert found != outcome(lambda t: list(t.utils.data.DataLoader(range(9), shuffle=True)), minigrad, 2)
    assert found["stream"] != outcome(lambda t: None, minigrad, 1)["stream"]
