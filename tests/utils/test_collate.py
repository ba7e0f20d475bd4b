"""default_collate and default_convert: which samples become what."""
from __future__ import annotations

from collections import OrderedDict, UserDict, UserList, defaultdict, deque, namedtuple
from collections.abc import Mapping
from types import MappingProxyType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from outcomes import same

Point = namedtuple("Point", "x y")


class Fixed(Mapping):
    """A mapping that cannot be changed, nor made from another."""

    def __init__(self) -> None:
        self.entries = {"a": 1, "b": np.ones(2)}

    def __getitem__(self, key: str) -> Any:
        return self.entries[key]

    def __iter__(self) -> Any:
        return iter(self.entries)

    def __len__(self) -> int:
        return 2


class Labelled(dict):
    """A dict with more to it than its entries."""

    label = "none"


def labelled(**entries: Any) -> Labelled:
    made = Labelled(entries)
    made.label = "mine"
    return made


def rec(n: int) -> Any:
    return {"obs": np.full(3, n, np.float32), "reward": 0.5 * n, "done": n > 1, "info": {"id": n, "name": f"env{n}"}}


def twice(batch: Any, *, collate_fn_map: Any = None) -> Any:
    return [2 * sample for sample in batch]


def whole_map(t: Any, extra: Any) -> Any:
    module = t.utils.data._utils.collate
    return {**module.default_collate_fn_map, **extra}


BATCHES: dict[str, Any] = {
    "tensors": lambda t: [t.tensor([1.0, 2.0]), t.tensor([3.0, 4.0])],
    "numbers in tensors": lambda t: [t.tensor(1), t.tensor(2)],
    "tensors with gradients": lambda t: [t.ones(2, requires_grad=True), t.ones(2)],
    "tensors of different sizes": lambda t: [t.ones(2), t.ones(3)],
    "tensors and numbers": lambda t: [t.ones(()), 3.0],
    "arrays": lambda t: [np.arange(3), np.arange(3) + 1],
    "arrays of bytes": lambda t: [np.zeros(2, np.uint8), np.ones(2, np.uint8)],
    "arrays without dimensions": lambda t: [np.array(2.5, np.float32), np.array(3)],
    "arrays of text": lambda t: [np.array(["a"]), np.array(["b"])],
    "arrays of objects": lambda t: [np.array([None]), np.array([None])],
    "arrays of different sizes": lambda t: [np.ones(2), np.ones(3)],
    "NumPy's numbers": lambda t: [np.float32(1.5), np.float32(2)],
    "NumPy's doubles": lambda t: [np.float64(1.5), np.float64(2)],
    "NumPy's whole numbers": lambda t: [np.int16(1), np.int16(2)],
    "NumPy's flags": lambda t: [np.bool_(True), np.bool_(False)],
    "NumPy's text": lambda t: [np.str_("a"), np.str_("b")],
    "floats": lambda t: [1.0, 2.5],
    "whole numbers": lambda t: [1, 2, 2**40],
    "whole numbers and floats": lambda t: [1, 2.5],
    "too large numbers": lambda t: [1, 2**70],
    "flags": lambda t: [True, False],
    "text": lambda t: ["a", "b"],
    "bytes": lambda t: [b"a", b"b"],
    "tuples": lambda t: [(1, "a", 2.0), (3, "b", 4.0)],
    "empty tuples": lambda t: [(), ()],
    "lists": lambda t: [[1, 2.0], [3, 4.0]],
    "lists of different sizes": lambda t: [[1, 2], [3]],
    "dicts": lambda t: [rec(0), rec(1), rec(2)],
    "dicts with other keys": lambda t: [{"a": 1}, {"b": 2}],
    "ordered dicts": lambda t: [OrderedDict(a=1, b=2), OrderedDict(b=3, a=4)],
    "default dicts": lambda t: [defaultdict(list, a=1), defaultdict(list, a=2)],
    "dicts with more to them": lambda t: [labelled(a=1), labelled(a=2)],
    "user's dicts": lambda t: [UserDict(a=1), UserDict(a=2)],
    "user's lists": lambda t: [UserList([1, 2]), UserList([3, 4])],
    "fixed mappings": lambda t: [Fixed(), Fixed()],
    "views of mappings": lambda t: [MappingProxyType({"a": 1}), MappingProxyType({"a": 2})],
    "named tuples": lambda t: [Point(1, (2.0,)), Point(3, (4.0,))],
    "named tuples of different sizes": lambda t: [Point(1, (2.0,)), Point(3, (4.0, 5.0))],
    "queues": lambda t: [deque([1, 2]), deque([3, 4])],
    "ranges": lambda t: [range(3), range(3, 6)],
    "byte arrays": lambda t: [bytearray(b"ab"), bytearray(b"cd")],
    "nothing": lambda t: [],
    "None": lambda t: [None, None],
    "sets": lambda t: [{1}, {2}],
    "objects": lambda t: [SimpleNamespace(a=1)],
    "None within": lambda t: [(1, None), (2, None)],
    "a set within a dict": lambda t: [{"a": {1}}],
    "an iterator": lambda t: iter([1, 2]),
    "a tuple of samples": lambda t: (1, 2),
    "a tensor of samples": lambda t: t.arange(3),
}
SINGLES: dict[str, Any] = {
    "complex nesting": lambda t: {"a": [np.ones(2), ("x", np.float32(3))], "b": Point(np.arange(2), None)},
    "text array": lambda t: np.array(["a"]),
    "text": lambda t: np.str_("a"),
    "bytes": lambda t: b"ab",
    "a number": lambda t: 7,
    "a tensor": lambda t: t.ones(2),
    "tuple": lambda t: (np.ones(1), 2),
    "mapping": lambda t: Fixed(),
    "view": lambda t: MappingProxyType({"a": np.ones(1)}),
    "range": lambda t: range(3),
    "queue": lambda t: deque([np.ones(1)]),
    "NumPy's number": lambda t: np.int32(3),
}


@pytest.mark.parametrize("batch", BATCHES.values(), ids=BATCHES)
def test_collate(batch: Any) -> None:
    same(lambda t: t.utils.data.default_collate(batch(t)))


@pytest.mark.parametrize("sample", [*BATCHES.values(), *SINGLES.values()], ids=[*BATCHES, *SINGLES])
def test_convert(sample: Any) -> None:
    same(lambda t: t.utils.data.default_convert(sample(t)))


def test_what_else_a_dict_has_stays() -> None:
    same(lambda t: t.utils.data.default_collate([labelled(a=1)]).label)
    same(lambda t: t.utils.data.default_convert(labelled(a=1)).label)


def test_samples_are_left_alone() -> None:
    def program(t: Any) -> Any:
        batch = [{"a": [1, 2]}, {"a": [3, 4]}]
        return t.utils.data.default_collate(batch), t.utils.data.default_convert(batch), batch

    same(program)


@pytest.mark.parametrize("extra", [{SimpleNamespace: len}, {int: twice}, {(float, tuple): twice}, {object: twice}])
def test_maps(extra: Any) -> None:
    def program(t: Any) -> Any:
        collate = t.utils.data._utils.collate.collate
        return collate([[1, 2.5, (3,)], [4, 5.5, (6,)]], collate_fn_map=whole_map(t, extra))

    same(program)


def test_no_map() -> None:
    same(lambda t: t.utils.data._utils.collate.collate([[1], [2]]))
    same(lambda t: t.utils.data._utils.collate.collate([[], []]))
