"""From samples to a batch. Mirrors torch.utils.data._utils.collate."""
from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, MutableSequence, Sequence
from copy import copy
from typing import Any, TypeAlias

import numpy as np

from .... import dtypes
from ....ops.data import as_tensor, tensor
from ....ops.parts import stack
from ....tensor import Tensor

CollateMap: TypeAlias = "dict[type | tuple[type, ...], Callable[..., Any]]"

default_collate_err_msg_format = (
    "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {}"
)


def default_convert(data: Any) -> Any:
    """NumPy arrays and scalars as tensors, also those within containers; all else as it is.

    What a DataLoader does with a sample if it makes no batches. Mirrors torch.utils.data.default_convert.
    """
    kind = type(data)
    if isinstance(data, Tensor):
        return data
    if kind.__module__ == "numpy" and kind.__name__ not in ("str_", "string_"):
        return data if kind is np.ndarray and holds_no_numbers(data) else as_tensor(data)
    if isinstance(data, Mapping):
        return refilled(data, {key: default_convert(data[key]) for key in data})
    if is_namedtuple(data):
        return kind(*map(default_convert, data))
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return refilled(data, list(map(default_convert, data)))
    return data


def default_collate(batch: Any) -> Any:
    """A list of samples as one batch: tensors, arrays and numbers stacked, containers part by part, text as a list.

    Tuples become lists; float becomes float64. Mirrors torch.utils.data.default_collate.
    """
    return collate(batch, collate_fn_map=default_collate_fn_map)


def collate(batch: Any, *, collate_fn_map: CollateMap | None = None) -> Any:
    """A batch from samples of the types that the map knows, or containers of these.

    The map says how to collate samples of a type: `fn(batch, collate_fn_map=...)`; the exact type goes before a base
    class.
    """
    first = batch[0]
    kind = type(first)
    fns = collate_fn_map or {}
    fn = fns.get(kind) or next((fns[base] for base in fns if isinstance(first, base)), None)
    if fn:
        return fn(batch, collate_fn_map=collate_fn_map)
    if isinstance(first, Mapping):
        return refilled(
            first, {key: collate([sample[key] for sample in batch], collate_fn_map=collate_fn_map) for key in first}
        )
    if is_namedtuple(first):
        return kind(*[collate(column, collate_fn_map=collate_fn_map) for column in zip(*batch)])
    if isinstance(first, Sequence):
        if any([len(sample) != len(first) for sample in batch]):
            raise RuntimeError("each element in list of batch should be of equal size")
        return refilled(first, [collate(column, collate_fn_map=collate_fn_map) for column in zip(*batch)])
    raise TypeError(default_collate_err_msg_format.format(kind))


def refilled(container: Any, entries: Any) -> Any:
    """A container like the given one with other entries: of its type if that works; a list for a tuple."""
    try:
        if isinstance(container, MutableMapping):
            twin: Any = copy(container)  # the type may have more to it than its entries
            twin.update(entries)
            return twin
        if isinstance(container, MutableSequence):
            twin = copy(container)
            for i, entry in enumerate(entries):
                twin[i] = entry
            return twin
        return entries if isinstance(container, tuple) else type(container)(entries)
    except TypeError:
        return entries


def is_namedtuple(x: Any) -> bool:
    return isinstance(x, tuple) and hasattr(x, "_fields")


def holds_no_numbers(array: np.ndarray) -> bool:
    return array.dtype.kind in "SUO" or array.dtype.str.endswith("a")


# ---- by type


def collate_tensor_fn(batch: Any, *, collate_fn_map: CollateMap | None = None) -> Tensor:
    return stack(batch, 0)


def collate_numpy_array_fn(batch: Any, *, collate_fn_map: CollateMap | None = None) -> Any:
    if holds_no_numbers(batch[0]):
        raise TypeError(default_collate_err_msg_format.format(batch[0].dtype))
    return collate(list(map(as_tensor, batch)), collate_fn_map=collate_fn_map)


def collate_numpy_scalar_fn(batch: Any, *, collate_fn_map: CollateMap | None = None) -> Tensor:
    return as_tensor(batch)


def collate_float_fn(batch: Any, *, collate_fn_map: CollateMap | None = None) -> Tensor:
    return tensor(batch, dtype=dtypes.float64)


def collate_int_fn(batch: Any, *, collate_fn_map: CollateMap | None = None) -> Tensor:
    return tensor(batch)


def collate_str_fn(batch: Any, *, collate_fn_map: CollateMap | None = None) -> Any:
    return batch


default_collate_fn_map: CollateMap = {
    Tensor: collate_tensor_fn,
    np.ndarray: collate_numpy_array_fn,
    (np.bool_, np.number, np.object_): collate_numpy_scalar_fn,
    float: collate_float_fn,
    int: collate_int_fn,
    str: collate_str_fn,
    bytes: collate_str_fn,
}
