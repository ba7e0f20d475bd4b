"""DataLoader with worker processes: PyTorch's order, PyTorch's seeds in every worker, and what happens in a failure."""
from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outcomes import neutral, plain, same

import minigrad

# Processes are slow to start and PyTorch's slower: few examples, each with several passes.
FEW = settings(deadline=None, max_examples=12)
# Two of them on this machine's processors; PyTorch's advice about more is the same on both sides.
workers = st.integers(1, 3)
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
    pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="the classes here are local: only fork takes them"),
]


@pytest.fixture(autouse=True, scope="module")
def forked() -> Any:
    """Fork, where another way has become the usual one."""
    before = multiprocessing.get_start_method()
    if "fork" in multiprocessing.get_all_start_methods():
        multiprocessing.set_start_method("fork", force=True)
    yield
    multiprocessing.set_start_method(before, force=True)


def told(t: Any, n: int) -> Any:
    """Samples that tell where they were made, and what the worker's streams gave."""

    class Told(t.utils.data.Dataset):
        calls = 0

        def __len__(self) -> int:
            return n

        def __getitem__(self, i: int) -> Any:
            self.calls += 1
            info = t.utils.data.get_worker_info()
            return i, info.id, info.num_workers, info.seed, self.calls, info.dataset is self, random.random(), np.random.rand(), t.rand(2)

    return Told()


def stream(t: Any, n: int) -> Any:
    """Each worker's share of numbers; unequal shares, and one worker may have none."""

    class Stream(t.utils.data.IterableDataset):
        passes = 0

        def __iter__(self) -> Any:
            self.passes += 1
            info = t.utils.data.get_worker_info()
            for i in range(info.id, n, info.id + 1 + info.num_workers):
                yield i, info.id, self.passes, t.rand(())

    return Stream()


@FEW
@given(
    st.integers(0, 2**64 - 1),
    st.integers(1, 30),
    st.one_of(st.none(), st.integers(1, 8)),
    st.booleans(),
    workers,
    st.integers(1, 3),
    st.one_of(st.none(), st.integers(0, 99)),
    st.booleans(),
    st.one_of(st.none(), st.integers(0, 4)),
)
def test_passes(
    seed: int, n: int, size: int | None, shuffle: bool, workers: int, ahead: int, own: int | None, persistent: bool, take: int | None
) -> None:
    def program(t: Any) -> Any:
        generator = None if own is None else t.Generator().manual_seed(own)
        loader = t.utils.data.DataLoader(
            told(t, n), size, shuffle, num_workers=workers, prefetch_factor=ahead, generator=generator, persistent_workers=persistent
        )
        found = []
        for some in (take, None):
            if some is not None and persistent:
                found.append(len(list(loader)))  # which calls have been made when a pass is left early, is a matter of speed
            iterator = iter(loader)
            found.append(t.rand(1).item())  # the first indices have been drawn by now
            found.append(list(islice(iterator, some)))
        return found, generator

    same(program, seed)


@FEW
@given(st.integers(0, 2**64 - 1), st.integers(0, 30), st.one_of(st.none(), st.integers(1, 5)), st.booleans(), workers, st.booleans())
def test_streams(seed: int, n: int, size: int | None, drop_last: bool, workers: int, persistent: bool) -> None:
    def program(t: Any) -> Any:
        loader = t.utils.data.DataLoader(
            stream(t, n), size, drop_last=drop_last and size is not None, num_workers=workers, persistent_workers=persistent
        )
        return list(loader), list(loader)

    same(program, seed)


def test_a_sampler_that_draws_when_it_starts() -> None:
    """PyTorch starts it twice."""

    def program(t: Any) -> Any:
        class Eager(t.utils.data.Sampler):
            def __iter__(self) -> Any:
                return iter(t.randperm(6).tolist())

        return list(t.utils.data.DataLoader(told(t, 6), None, sampler=Eager(), num_workers=2))

    same(program, 3)


def test_a_stream_longer_than_it_said() -> None:
    def program(t: Any) -> Any:
        class Stream(t.utils.data.IterableDataset):
            def __iter__(self) -> Any:
                return iter(range(3))

            def __len__(self) -> int:
                return 3

            def __repr__(self) -> str:
                return "Stream"

        loader = t.utils.data.DataLoader(Stream(), None, num_workers=2)
        return len(loader), list(loader)

    same(program)


def test_out_of_order() -> None:
    """Which worker is first is a matter of speed; that all come is not."""

    class Slow(minigrad.utils.data.Dataset):
        def __len__(self) -> int:
            return 12

        def __getitem__(self, i: int) -> int:
            time.sleep(0.3 if i == 0 else 0.0)
            return i

    loader = minigrad.utils.data.DataLoader(Slow(), None, num_workers=2, in_order=False)
    found = list(loader)
    assert sorted(found) == list(range(12)) and found[-2:] == [0, 2]  # no more tasks for a worker that has two
    assert list(minigrad.utils.data.DataLoader(Slow(), None, num_workers=2)) == list(range(12))


def test_worker_init_fn() -> None:
    def program(t: Any) -> Any:
        dataset = told(t, 6)

        def begin(worker: int) -> None:
            t.utils.data.get_worker_info().dataset.calls = 100 * worker
            t.rand(worker + 1)

        return list(t.utils.data.DataLoader(dataset, 2, num_workers=2, worker_init_fn=begin)), dataset.calls, t.utils.data.get_worker_info()

    same(program)


def test_worker_info() -> None:
    def program(t: Any) -> Any:
        class Info(t.utils.data.Dataset):
            def __len__(self) -> int:
                return 1

            def __getitem__(self, i: int) -> str:
                return str(t.utils.data.get_worker_info())

            def __repr__(self) -> str:
                return "Info"

        return list(t.utils.data.DataLoader(Info(), None, num_workers=1))

    same(program)


def test_what_comes_back() -> None:
    """Tensors of all kinds, as they are; of views only what they show."""

    def program(t: Any) -> Any:
        whole = t.arange(1000.0)
        samples = [whole[3:5], t.ones(2, requires_grad=True), t.tensor(True), t.zeros(0, 3, dtype=t.int16), {"a": (whole[:1], "b")}]
        found = list(t.utils.data.DataLoader(samples, None, num_workers=1))
        for tensor in found[:4]:
            tensor.detach().add_(1)
        return found, found[0].is_leaf

    same(program)


def test_a_parameter_comes_back() -> None:
    (found,) = minigrad.utils.data.DataLoader([minigrad.nn.Parameter(minigrad.ones(2))], None, num_workers=1)
    assert type(found) is minigrad.nn.Parameter and found.requires_grad and plain(found.data) == plain(minigrad.ones(2))


def test_a_graph_cannot_be_sent() -> None:
    loader = minigrad.utils.data.DataLoader([minigrad.ones(2, requires_grad=True) * 2], None, num_workers=1)
    with pytest.raises(RuntimeError, match="Cowardly refusing to serialize non-leaf tensor which requires_grad, since autograd"):
        next(iter(loader))


def test_large_batches_and_long_lists_of_indices() -> None:
    """More than fits in a pipe, both ways."""
    x = minigrad.randn(60000, 40)
    loader = minigrad.utils.data.DataLoader(minigrad.utils.data.TensorDataset(x), 30000, num_workers=2, prefetch_factor=4)
    for _ in range(2):
        assert minigrad.equal(minigrad.cat([batch for (batch,) in loader]), x)


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_other_ways_to_start(method: str) -> None:
    def program(t: Any) -> Any:
        loader = t.utils.data.DataLoader(
            t.utils.data.TensorDataset(t.arange(10.0)), 3, True, num_workers=1, multiprocessing_context=method
        )
        return list(loader)

    same(program)


def test_what_cannot_be_started() -> None:
    def program(t: Any) -> Any:
        return list(t.utils.data.DataLoader([1], num_workers=1, collate_fn=lambda batch: batch, multiprocessing_context="spawn"))

    same(program)


# ---- failures


class Two(Exception):
    def __init__(self, one: Any, two: Any) -> None:
        super().__init__(one, two)


class Told(Exception):
    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class Titled(Exception):
    message = "nothing"

    def __init__(self, message: str) -> None:
        super().__init__(message)


def raising(t: Any, error: Exception | None) -> Any:
    class Raising(t.utils.data.Dataset):
        def __len__(self) -> int:
            return 4

        def __getitem__(self, i: int) -> int:
            if i == 2:
                raise error
            return i

    return Raising()


@pytest.mark.parametrize("error", [ValueError("no"), KeyError("a"), Two(1, 2), Told("x"), Titled("x"), StopIteration(), IndexError(3)])
def test_errors(error: Exception) -> None:
    def program(t: Any) -> Any:
        iterator = iter(t.utils.data.DataLoader(raising(t, error), None, num_workers=2))
        found: list[Any] = []
        for _ in range(5):
            try:
                found.append(next(iterator))
            except Exception as caught:
                found.append((type(caught).__name__, neutral(str(caught))))
        return found

    same(program)


def test_an_error_in_worker_init_fn() -> None:
    def fail(worker: int) -> None:
        raise ValueError(worker)

    same(lambda t: list(t.utils.data.DataLoader(range(4), num_workers=2, worker_init_fn=fail)))


def test_an_error_at_the_start_of_a_stream() -> None:
    class Broken(minigrad.utils.data.IterableDataset):
        def __iter__(self) -> Any:
            raise ValueError("broken")

    with pytest.raises(ValueError, match="Caught ValueError in DataLoader worker process 0(.|\n)*broken"):
        list(minigrad.utils.data.DataLoader(Broken(), num_workers=1))


def test_what_cannot_be_pickled() -> None:
    loader = minigrad.utils.data.DataLoader([lambda: 1], None, num_workers=1)
    with pytest.raises(Exception, match="Caught .* in DataLoader worker process 0(.|\n)*pickle"):
        next(iter(loader))


def test_timeout() -> None:
    def program(t: Any) -> Any:
        class Slow(t.utils.data.Dataset):
            def __len__(self) -> int:
                return 1

            def __getitem__(self, i: int) -> int:
                time.sleep(1)
                return i

        return list(t.utils.data.DataLoader(Slow(), num_workers=1, timeout=0.3))

    same(program)


@pytest.mark.parametrize("end", [lambda: os._exit(3), lambda: os.kill(os.getpid(), signal.SIGKILL)], ids=["exit", "kill"])
def test_a_worker_that_dies(end: Any) -> None:
    def program(t: Any) -> Any:
        class Deadly(t.utils.data.Dataset):
            def __len__(self) -> int:
                return 6

            def __getitem__(self, i: int) -> int:
                if i == 3:
                    end()
                return i

        iterator = iter(t.utils.data.DataLoader(Deadly(), None, num_workers=2))
        found = [next(iterator)]  # how far it comes is a matter of speed
        try:
            list(iterator)
        except RuntimeError as error:
            text = str(error).replace(str(iterator._workers[1].pid if t is not minigrad else iterator._workers[1].process.pid), "PID")
            found.append(text)
        return found

    same(program)


def test_why_a_worker_died() -> None:
    loader = minigrad.utils.data.DataLoader([1], None, num_workers=1, worker_init_fn=lambda worker: os._exit(3))
    with pytest.raises(RuntimeError, match="exited unexpectedly") as caught:
        next(iter(loader))
    assert "exited unexpectedly with exit code 3" in str(caught.value.__cause__)


# ---- no process stays behind


def children() -> int:
    return len(multiprocessing.active_children())


def test_workers_end() -> None:
    loader = minigrad.utils.data.DataLoader(minigrad.arange(10), 1, num_workers=2)
    for _ in loader:
        pass
    assert children() == 0
    iterator = iter(loader)
    next(iterator)
    assert children() == 2
    del iterator
    assert children() == 0
    kept = minigrad.utils.data.DataLoader(minigrad.arange(10), 1, num_workers=2, persistent_workers=True)
    pids = [[worker.process.pid for worker in iter(kept)._workers] for _ in range(2)]
    assert children() == 2 and pids[0] == pids[1]
    del kept
    assert children() == 0


def test_workers_end_with_a_busy_pipe() -> None:
    x = minigrad.zeros(50, 1_000_000)
    iterator = iter(minigrad.utils.data.DataLoader(minigrad.utils.data.TensorDataset(x), 2, num_workers=2, prefetch_factor=8))
    next(iterator)
    begun = time.monotonic()
    del iterator
    assert children() == 0 and time.monotonic() - begun < 4


def test_workers_end_with_their_loader_s_process() -> None:
    program = (
        "import minigrad, os, sys\n"
        "its = [iter(minigrad.utils.data.DataLoader(minigrad.arange(100), 1, num_workers=2)) for _ in range(2)]\n"
        "print(*[worker.process.pid for it in its for worker in it._workers], flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    found = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, env=os.environ, text=True)
    pids = found.stdout.split()
    assert len(pids) == 4
    for _ in range(100):
        if not any(alive(pid) for pid in pids):
            return
        time.sleep(0.05)
    raise AssertionError("a worker is still there")


def alive(pid: str) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
