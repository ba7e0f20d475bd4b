"""What runs in a worker process of a DataLoader. Mirrors torch.utils.data._utils.worker."""
from __future__ import annotations

import io
import pickle
import random
import traceback
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any, NamedTuple

import numpy as np

from ....autograd import wrap
from ....random import manual_seed
from ....tensor import Tensor
from ..dataset import IterableDataset
from .fetch import fetcher


class WorkerInfo(NamedTuple):
    """Which worker this is. Mirrors torch.utils.data._utils.worker.WorkerInfo."""

    id: int
    num_workers: int
    seed: int
    dataset: Any  # this worker's copy
    rng: Any = None
    worker_method: str = "multiprocessing"


_worker_info: WorkerInfo | None = None


def get_worker_info() -> WorkerInfo | None:
    """In a worker process of a DataLoader its id, num_workers, seed and copy of the dataset; elsewhere None.

    Mirrors torch.utils.data.get_worker_info.
    """
    return _worker_info


class Job(NamedTuple):
    """What all workers of a loader do."""

    dataset: Any
    in_batches: bool
    collate_fn: Callable[..., Any]
    drop_last: bool
    init_fn: Callable[[int], None] | None
    num_workers: int
    base_seed: int

    def prepare(self, worker: int) -> Callable[[Any], Any]:
        if self.init_fn is not None:
            self.init_fn(worker)
        return self.fetcher()

    def fetcher(self) -> Callable[[Any], Any]:
        return fetcher(self.dataset, self.in_batches, self.collate_fn, self.drop_last)


# ---- messages: tasks (number, index) go to the worker, and (number, data) come back


class Resume:
    """Instead of a number, to a worker: begin another pass; and back: so I do."""


class Exhausted:
    """Instead of data, from a worker: my dataset has come to its end."""


class Failure:
    """From a worker: an exception, as text, for the tracebacks of another process cannot be sent."""

    def __init__(self, worker: int, error: Exception) -> None:
        self.kind = type(error)
        self.message = f"Caught {self.kind.__name__} in DataLoader worker process {worker}.\nOriginal " + "".join(
            traceback.format_exception(error)
        )

    def reraise(self) -> None:
        """Raise an exception of the same type, or a RuntimeError if that cannot be made from a message."""
        if getattr(self.kind, "message", None):
            raise self.kind(message=self.message)  # type: ignore[call-arg]
        try:
            error = self.kind(Verbatim(self.message) if self.kind is KeyError else self.message)
        except Exception:
            raise RuntimeError(self.message) from None
        raise error


class Verbatim(str):
    """Text that a KeyError, which shows its argument's repr, shows as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class Pickler(pickle.Pickler):
    """Sends of a tensor its values, and neither its graph nor the tensor that it may be a view of."""

    def reducer_override(self, obj: Any) -> Any:
        if not isinstance(obj, Tensor):
            return NotImplemented
        if obj.requires_grad and not obj.is_leaf:
            raise RuntimeError(
                "Cowardly refusing to serialize non-leaf tensor which requires_grad, since autograd does not support "
                "crossing process boundaries.  If you just want to transfer the data, call detach() on the tensor "
                "before serializing (e.g., putting it on the queue)."
            )
        return received, (type(obj), obj.array, obj.requires_grad)


def received(kind: type, array: np.ndarray, requires_grad: bool) -> Tensor:
    tensor = wrap(array)
    return (tensor if kind is Tensor else tensor.as_subclass(kind)).requires_grad_(requires_grad)


def pickled(message: Any) -> memoryview:
    buffer = io.BytesIO()
    Pickler(buffer, protocol=5).dump(message)
    return buffer.getbuffer()


# ---- the worker


def work(job: Job, worker: int, connection: Any, far_end: Any) -> None:
    """Do the tasks that come through the connection, until None comes or the loader's process has ended."""
    far_end.close()  # a copy of the loader's end, which would hide that the loader's process has ended
    tasks: SimpleQueue[Any] = SimpleQueue()
    Thread(target=listen, args=(connection, tasks), daemon=True).start()
    try:
        for number, data in answers(job, worker, tasks):
            try:
                message = pickled((number, data))
            except Exception as error:
                message = pickled((number, Failure(worker, error)))
            connection.send_bytes(message)
    except (KeyboardInterrupt, OSError):  # the loader's process hears of the one, and the other means that it has ended
        pass


def listen(connection: Any, tasks: SimpleQueue[Any]) -> None:
    """Receive at all times: else the loader and the worker might wait for each other, both sending."""
    try:
        while True:
            tasks.put(connection.recv())
    except (EOFError, OSError):
        tasks.put(None)


def answers(job: Job, worker: int, tasks: SimpleQueue[Any]) -> Any:
    """(number, data) for each task. A failure is an answer like any other; after the dataset's end there are none."""
    global _worker_info
    seed_all(job.base_seed, worker)
    _worker_info = WorkerInfo(worker, job.num_workers, job.base_seed + worker, job.dataset)
    fetch, failure = attempt(worker, job.prepare, worker)
    ended = False
    while (task := tasks.get()) is not None:
        number, index = task
        if number is Resume:
            yield task
            fetch, failure = attempt(worker, job.fetcher)
            ended = False
        elif not ended:
            data, error = (None, failure) if failure else attempt(worker, fetch, index)
            ended = error is not None and error.kind is StopIteration and isinstance(job.dataset, IterableDataset)
            yield number, Exhausted if ended else error or data


def attempt(worker: int, function: Callable[..., Any], *args: Any) -> tuple[Any, Failure | None]:
    """(result, None), or (None, failure)."""
    try:
        return function(*args), None
    except Exception as error:
        return None, Failure(worker, error)


def seed_all(base_seed: int, worker: int) -> None:
    """Seed the worker's streams: minigrad's and Python's with the same number, NumPy's with one mixed from it."""
    random.seed(base_seed + worker)
    manual_seed(base_seed + worker)
    entropy = [worker, base_seed & 0xFFFFFFFF, base_seed >> 32, 0]
    np.random.seed(np.random.SeedSequence(entropy).generate_state(4))
