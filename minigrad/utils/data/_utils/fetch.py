"""From indices to a batch: get the samples, collate them. Mirrors torch.utils.data._utils.fetch."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ....autograd import wrap
from ....tensor import Tensor
from ..dataset import IterableDataset, Subset, TensorDataset
from .collate import default_collate, default_collate_fn_map

_ORIGINAL_MAP = dict(default_collate_fn_map)


def fetcher(dataset: Any, in_batches: bool, collate_fn: Callable[..., Any], drop_last: bool) -> Callable[[Any], Any]:
    """The function that turns what the sampler yields, an index or with `in_batches` a list of them, into data.

    StopIteration at the end of an iterable dataset.
    """
    if isinstance(dataset, IterableDataset):
        return fetch_next(dataset, in_batches, collate_fn, drop_last)
    if not in_batches:
        return lambda index: collate_fn(dataset[index])
    if collate_fn is default_collate:
        return lambda indices: rows(dataset, indices) or collate_fn(samples(dataset, indices))
    return lambda indices: collate_fn(samples(dataset, indices))


def fetch_next(dataset: Any, in_batches: bool, collate_fn: Callable[..., Any], drop_last: bool) -> Callable[[Any], Any]:
    """A function that collates the next samples, as many as it is given indices, or the next one."""
    iterator = iter(dataset)
    ended = False

    def fetch(indices: Any) -> Any:
        nonlocal ended
        if ended:
            raise StopIteration
        if not in_batches:
            return collate_fn(next(iterator))
        data = []
        for _ in indices:
            try:
                data.append(next(iterator))
            except StopIteration:
                ended = True
                break
        if not data or (drop_last and len(data) < len(indices)):
            raise StopIteration
        return collate_fn(data)

    return fetch


def samples(dataset: Any, indices: list[Any]) -> Any:
    if getattr(dataset, "__getitems__", None):
        return dataset.__getitems__(indices)
    return [dataset[index] for index in indices]


def rows(dataset: Any, indices: Any) -> list[Tensor] | None:
    """A batch of a TensorDataset, or of a Subset of one, straight from the arrays; None where that might differ.

    A list of whole numbers picks the very rows that `default_collate` would stack one by one. What is left to it:
    classes that get their samples in another way, tensors that record a graph, indices out of range, for the right
    error.
    """
    if type(indices) is not list:  # it may be something that can be gone through once
        return None
    while isinstance(dataset, Subset) and type(dataset).__getitems__ is Subset.__getitems__:
        indices = [dataset.indices[i] for i in indices]
        dataset = dataset.dataset
    if getattr(type(dataset), "__getitem__", None) is not TensorDataset.__getitem__ or hasattr(dataset, "__getitems__"):
        return None
    kinds = set(map(type, indices))
    if not kinds or kinds - {int, np.int64} or default_collate_fn_map != _ORIGINAL_MAP:
        return None
    if any([type(tensor) is not Tensor or tensor.requires_grad for tensor in dataset.tensors]):
        return None
    where = np.array(indices)
    try:
        return [wrap(tensor.array.take(where, axis=0)) for tensor in dataset.tensors]
    except (IndexError, TypeError):  # out of range, of the array or of all 64-bit numbers
        return None
