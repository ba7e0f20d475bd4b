"""A pass over a DataLoader with worker processes. Mirrors torch.utils.data.dataloader's iterator of that kind."""
from __future__ import annotations

import multiprocessing
import os
import pickle
import sys
import time
import warnings
from contextlib import suppress
from itertools import cycle
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext
from typing import TYPE_CHECKING, Any

from ._utils.worker import Exhausted, Failure, Job, Resume, work
from .iterator import _BaseDataLoaderIter

if TYPE_CHECKING:
    from .dataloader import DataLoader

PATIENCE = 5.0  # seconds that a worker has to come to its end


class _MultiProcessingDataLoaderIter(_BaseDataLoaderIter):
    """Hands tasks to workers in turn, a few to each in advance, and gives out the results in the order of the tasks."""

    def __init__(self, loader: DataLoader) -> None:
        super().__init__(loader)
        self._prefetch_factor: int = loader.prefetch_factor  # type: ignore[assignment]
        self._in_order = loader.in_order
        self._process = os.getpid()
        self._workers: list[Worker] = []
        if self._prefetch_factor <= 0:
            raise AssertionError("prefetch_factor must be greater than 0 for MultiProcessingDataLoaderIter")
        job = Job(
            self._dataset,
            self._auto_collation,
            self._collate_fn,
            self._drop_last,
            loader.worker_init_fn,
            self._num_workers,
            self._base_seed,
        )
        for i in range(self._num_workers):
            self._workers.append(Worker(loader.multiprocessing_context or multiprocessing, job, i))
        self._begin(loader)

    def _begin(self, loader: DataLoader) -> None:
        self._start(loader)
        self._sent = 0
        self._tasks: dict[int, Worker] = {}  # not yet given out, in the order of sending
        self._arrived: dict[int, Any] = {}  # data of tasks that older ones are waited for
        self._turns = cycle(self._workers)
        for _ in range(self._prefetch_factor * self._num_workers):
            self._send_task()

    def _reset(self, loader: DataLoader) -> None:
        """Begin another pass, with the same workers."""
        for worker in self._workers:
            worker.active = True
            worker.send((Resume, None))
        resumed = 0
        while resumed < self._num_workers:  # data of an unfinished pass may come first
            number, _ = self._receive()
            resumed += number is Resume
        self._begin(loader)

    # ---- tasks out, data in

    def _send_task(self) -> None:
        try:
            index = self._next_index()
        except StopIteration:
            return
        for _ in range(self._num_workers):
            worker = next(self._turns)
            if worker.active and (self._in_order or self._has_room(worker)):
                worker.send((self._sent, index))
                self._tasks[self._sent] = worker
                self._sent += 1
                return

    def _has_room(self, worker: Worker) -> bool:
        limit = self._prefetch_factor * self._num_workers // sum([w.active for w in self._workers])
        return list(self._tasks.values()).count(worker) < limit

    def _oldest(self) -> int | None:
        """The first task whose data is here or may still come."""
        for number, worker in list(self._tasks.items()):
            if number in self._arrived or worker.active:
                return number
            del self._tasks[number]
        return None

    def _next_data(self) -> Any:
        while (oldest := self._oldest()) is not None:
            if oldest in self._arrived:
                return self._give(oldest, self._arrived.pop(oldest))
            number, data = self._receive()
            if data is Exhausted:
                self._retire(self._tasks[number])
                self._send_task()
            elif number == oldest or not self._in_order:
                return self._give(number, data)
            else:
                self._arrived[number] = data
        if not self._persistent_workers:
            self._shutdown_workers()
        raise StopIteration

    def _give(self, number: int, data: Any) -> Any:
        del self._tasks[number]
        self._send_task()
        if isinstance(data, Failure):
            data.reraise()
        return data

    def _receive(self) -> Any:
        """The next message from any worker. RuntimeError if one has died, or none says anything within the timeout."""
        active: dict[Any, Worker] = {worker.connection: worker for worker in self._workers if worker.active}
        ends: dict[Any, Worker] = {worker.process.sentinel: worker for worker in active.values()}
        ready = wait([*active, *ends], self._timeout or None)
        if not ready:
            raise RuntimeError(f"DataLoader timed out after {self._timeout} seconds")
        for connection in active.keys() & set(ready):
            with suppress(EOFError, OSError):
                return connection.recv()
        dead = (active | ends)[ready[0]]
        dead.active = False
        dead.process.join(PATIENCE)
        raise RuntimeError(f"DataLoader worker (pid(s) {dead.process.pid}) exited unexpectedly") from dead.cause()

    # ---- the end

    def _retire(self, worker: Worker) -> None:
        """No more tasks in this pass for a worker whose dataset has come to its end."""
        worker.active = False
        if not self._persistent_workers:
            worker.send(None)

    def _shutdown_workers(self) -> None:
        """Let every worker finish what it is doing, or end it if that takes too long."""
        if sys.is_finalizing() or os.getpid() != self._process:
            return  # multiprocessing ends the workers, or they are another process's
        deadline = time.monotonic() + PATIENCE
        for worker in self._workers:
            worker.send(None)
        for worker in self._workers:
            worker.end(deadline)
        self._workers = []

    def __del__(self) -> None:
        if "_workers" in self.__dict__:
            self._shutdown_workers()


class Worker:
    """A worker process, as its loader sees it."""

    def __init__(self, context: Any, job: Job, number: int) -> None:
        self.active = True  # whether it has work to do in this pass
        self.connection, far_end = context.Pipe()
        self.process = context.Process(target=work, args=(job, number, far_end, self.connection), daemon=True)
        try:
            self.process.start()
        except (TypeError, AttributeError, pickle.PicklingError):
            warnings.warn(
                "Got pickle error when attempting to start a worker Process. This might be because the worker "
                "Process arguments are not picklable. Python 3.14+ changed the multiprocessing start method in "
                "non-Mac POSIX platforms to 'forkserver', which requires the worker Process arguments to be "
                "picklable. You can also try multiprocessing.set_start_method('fork').",
                stacklevel=2,
            )
            raise
        far_end.close()

    def send(self, message: Any) -> None:
        with suppress(OSError):  # a worker that has died is noticed where its data is missed
            self.connection.send(message)

    def end(self, deadline: float) -> None:
        """Wait for the end of a worker that was told so, hearing what it still has to say."""
        ends = [self.connection, self.process.sentinel]
        while self.process.is_alive() and wait(ends, max(deadline - time.monotonic(), 0)):
            try:
                self.connection.recv_bytes()
            except (EOFError, OSError):
                ends = [self.process.sentinel]
        if self.process.is_alive():
            self.process.terminate()
            self.process.join(PATIENCE)
        self.connection.close()

    def cause(self) -> RuntimeError:
        """Why it has died."""
        code = self.process.exitcode
        if code is not None and code < 0:
            return RuntimeError(f"DataLoader worker (pid {self.process.pid}) is killed by signal: {-code}.")
        return RuntimeError(
            f"DataLoader worker (pid {self.process.pid}) exited unexpectedly with exit code {code}. Details are lost "
            "due to multiprocessing. Rerunning with num_workers=0 may give better error trace."
        )


def checked_context(context: Any) -> BaseContext:
    """A context for starting processes, from the name of a way to start them or as it is."""
    if isinstance(context, str):
        methods = multiprocessing.get_all_start_methods()
        if context not in methods:
            raise ValueError(
                f"multiprocessing_context option should specify a valid start method in {methods!r}, but got "
                f"multiprocessing_context={context!r}"
            )
        context = multiprocessing.get_context(context)
    if not isinstance(context, BaseContext):
        raise TypeError(
            "multiprocessing_context option should be a valid context object or a string specifying the start method, "
            f"but got multiprocessing_context={context}"
        )
    return context
