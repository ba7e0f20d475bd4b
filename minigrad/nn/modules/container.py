"""Modules that hold others: in sequence, in a list, in a dictionary. Mirrors torch.nn.modules.container."""
from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from itertools import chain
from typing import Any, TypeVar

from ..._typename import typename
from ...tensor import Tensor
from ..parameter import Parameter
from .module import Module, block, indent
from .registry import install

__all__ = ["ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential"]

Self = TypeVar("Self", bound="_ListLike")


# ---- lists


class _ListLike(Module):
    """Entries named by their position: '0', '1', ..."""

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._modules.values())

    def _position(self, idx: Any) -> int:
        i = operator.index(idx)
        if not -len(self) <= i < len(self):
            raise IndexError(f"index {i} is out of range")
        return i % len(self)

    def _key(self, idx: Any) -> str:
        return list(self._modules)[self._position(idx)]

    def __getitem__(self, idx: int | slice) -> Any:
        if isinstance(idx, slice):
            return type(self)(list(self)[idx])
        return getattr(self, self._key(idx))

    def __setitem__(self, idx: int, module: Module) -> None:
        setattr(self, self._key(idx), module)

    def __delitem__(self, idx: int | slice) -> None:
        for key in list(self._modules)[idx] if isinstance(idx, slice) else [self._key(idx)]:
            delattr(self, key)
        self._renumber(list(self))

    def _renumber(self, modules: list[Any]) -> None:
        install(self, "_modules", [(str(i), module) for i, module in enumerate(modules)])

    def append(self: Self, module: Any) -> Self:
        """Add one at the end."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self: Self, modules: Iterable[Any]) -> Self:
        """Add several at the end."""
        if not isinstance(modules, Iterable) or isinstance(modules, Tensor):
            name = type(self).__name__
            raise TypeError(f"{name}.extend should be called with an iterable, but got {type(modules).__name__}")
        for module in list(modules):
            self.append(module)
        return self

    def __iadd__(self: Self, modules: Iterable[Any]) -> Self:
        return self.extend(modules)

    def insert(self, index: int, module: Module) -> Any:
        """Insert one before position `index`."""
        modules = list(self)
        modules.insert(index, module)
        self._renumber(modules)

    def pop(self, key: int | slice) -> Any:
        """Remove one, or a slice, and return it."""
        removed = self[key]
        del self[key]
        return removed


class Sequential(_ListLike):
    """Modules applied one after the other: Sequential(f, g)(x) = g(f(x)). Also from an OrderedDict of names.

    Behaves as a list. Mirrors torch.nn.Sequential.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__()
        named = len(args) == 1 and isinstance(args[0], OrderedDict)
        for name, module in args[0].items() if named else enumerate(args):
            self.add_module(str(name), module)

    def forward(self, input: Any) -> Any:
        for module in self._modules.values():
            input = module(input)
        return input

    def __getitem__(self, idx: int | slice) -> Any:
        if isinstance(idx, slice):
            return type(self)(OrderedDict(list(self._modules.items())[idx]))
        return super().__getitem__(idx)

    def insert(self, index: int, module: Module) -> Sequential:
        """Insert one before position `index`."""
        if not isinstance(module, Module):
            raise AssertionError(f"module should be of type: {Module}")
        if not -len(self) <= index <= len(self):
            raise IndexError(f"Index out of range: {index}")
        super().insert(index, module)
        return self

    def __add__(self, other: Any) -> Sequential:
        return Sequential(*self, *self._checked(other))

    def __iadd__(self, other: Any) -> Sequential:
        return self.extend(self._checked(other))

    def __mul__(self, other: Any) -> Sequential:
        return Sequential(*list(self) * self._factor(other))

    __rmul__ = __mul__

    def __imul__(self, other: Any) -> Sequential:
        return self.extend(list(self) * (self._factor(other) - 1))

    @staticmethod
    def _checked(other: Any) -> Sequential:
        if not isinstance(other, Sequential):
            raise ValueError(f"add operator supports only objects of Sequential class, but {type(other)} is given.")
        return other

    def _factor(self, other: Any) -> int:
        if not isinstance(other, int):
            raise TypeError(f"unsupported operand type(s) for *: {type(self)} and {type(other)}")
        if other <= 0:
            raise ValueError(f"Non-positive multiplication factor {other} for {type(self)}")
        return other


class ModuleList(_ListLike):
    """A list of modules, to be called as you like. Mirrors torch.nn.ModuleList."""

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.extend(modules)

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList(chain(self, other))

    def __repr__(self) -> str:
        """Equal modules in a row are written once, with their number."""
        runs: list[list[Any]] = []  # [first, last, repr]
        for i, text in enumerate(map(repr, self)):
            if runs and runs[-1][2] == text:
                runs[-1][1] = i
            else:
                runs.append([i, i, text])
        lines = [indent(f"({i}): {text}" if i == j else f"({i}-{j}): {j - i + 1} x {text}") for i, j, text in runs]
        return block(self._get_name(), lines) if lines else f"{self._get_name()}()"


class ParameterList(_ListLike):
    """A list of parameters; tensors become parameters, other objects are kept. Mirrors torch.nn.ParameterList."""

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self._size = 0
        if values is not None:
            self.extend(values)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Any]:
        return iter([getattr(self, str(i)) for i in range(self._size)])

    def _key(self, idx: Any) -> str:
        return str(self._position(idx))

    def __setitem__(self, idx: int, value: Any) -> None:
        setattr(self, self._key(idx), as_parameter(value))

    def append(self, value: Any) -> ParameterList:
        """Add one at the end."""
        setattr(self, str(self._size), as_parameter(value))
        self._size += 1
        return self

    def extra_repr(self) -> str:
        return "\n".join(describe(i, value, lambda tensor: str(tensor.dtype)) for i, value in enumerate(self))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("ParameterList should not be called.")


# ---- dictionaries


class _DictLike(Module):
    """Entries by key."""

    _keys: Any  # the keys, in order

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __contains__(self, key: Any) -> bool:
        return key in self._keys

    def keys(self) -> KeysView[str]:
        return KeysView(self)

    def values(self) -> ValuesView[Any]:
        return ValuesView(self)

    def items(self) -> ItemsView[str, Any]:
        return ItemsView(self)

    def pop(self, key: str) -> Any:
        """Remove an entry and return it."""
        value = self[key]  # type: ignore[index]
        del self[key]
        return value

    def clear(self) -> None:
        """Remove all."""
        for key in list(self):
            del self[key]

    def _update(self, entries: Any, name: str) -> None:
        """Add the entries of a mapping, or pairs given one by one."""
        if not isinstance(entries, Iterable):
            raise TypeError(
                f"{name}.update should be called with an iterable of key/value pairs, but got {type(entries).__name__}"
            )
        kind = type(self).__name__
        for j, entry in enumerate(entries.items() if isinstance(entries, (Mapping, _DictLike)) else entries):
            if not isinstance(entry, Iterable):
                raise TypeError(f"{kind} update sequence element #{j} should be Iterable; is{type(entry).__name__}")
            pair = tuple(entry)
            if len(pair) != 2:
                raise ValueError(f"{kind} update sequence element #{j} has length {len(pair)}; 2 is required")
            self[pair[0]] = pair[1]


class ModuleDict(_DictLike):
    """A dictionary of modules, to be called as you like. Mirrors torch.nn.ModuleDict."""

    _keys = property(lambda self: self._modules)

    def __init__(self, modules: Any = None) -> None:
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key: str) -> Any:
        return self._modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def update(self, modules: Any) -> None:
        """Add the modules of a mapping, or of pairs (key, module)."""
        self._update(modules, "ModuleDict")


class ParameterDict(_DictLike):
    """A dictionary of parameters; tensors become parameters, others are kept. Mirrors torch.nn.ParameterDict."""

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        self._keys: dict[str, None] = {}
        if parameters is not None:
            self.update(parameters)

    def __getitem__(self, key: str) -> Any:
        return getattr(self, self._checked(key))

    def __setitem__(self, key: str, value: Any) -> None:
        setattr(self, self._checked(key), as_parameter(value))
        self._keys[key] = None

    def __delitem__(self, key: str) -> None:
        del self._keys[key]
        delattr(self, key)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._keys)

    def __or__(self, other: Any) -> ParameterDict:
        merged = self.copy()
        merged.update(other)
        return merged

    def __ior__(self, other: Any) -> ParameterDict:
        self.update(other)
        return self

    @staticmethod
    def _checked(key: Any) -> str:
        if not isinstance(key, str):
            raise TypeError(
                "Index given to ParameterDict cannot be used as a key as it is not a string (type is "
                f"'{type(key).__name__}'). Open an issue on github if you need non-string keys."
            )
        return key

    def get(self, key: str, default: Any = None) -> Any:
        """The entry of that key, or `default`."""
        return self[key] if key in self else default

    def setdefault(self, key: str, default: Any = None) -> Any:
        """The entry of that key, which becomes `default` if there was none."""
        if key not in self:
            self[key] = default
        return self[key]

    def popitem(self) -> tuple[str, Any]:
        """Remove the last pair (key, value) and return it."""
        key = next(reversed(self._keys))
        return key, self.pop(key)

    def copy(self) -> ParameterDict:
        """Another dictionary with the same parameters."""
        return ParameterDict(OrderedDict(self.items()))

    def fromkeys(self, keys: Iterable[str], default: Any = None) -> ParameterDict:
        """A new dictionary with these keys, and `default` for each."""
        return ParameterDict([(key, default) for key in keys])

    def update(self, parameters: Any) -> None:
        """Add the entries of a mapping (those of a plain dict in the order of their keys), or of pairs (key, value)."""
        if isinstance(parameters, Mapping) and not isinstance(parameters, OrderedDict):
            parameters = sorted(parameters.items())
        self._update(parameters, "ParametersDict")

    def extra_repr(self) -> str:
        return "\n".join(describe(key, value, typename) for key, value in self.items())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("ParameterDict should not be called.")


def as_parameter(value: Any) -> Any:
    return Parameter(value) if isinstance(value, Tensor) and not isinstance(value, Parameter) else value


def describe(key: Any, value: Any, kind: Any) -> str:
    """One line of the repr of a ParameterList or ParameterDict."""
    if not isinstance(value, Tensor):
        return f"  ({key}): Object of type: {type(value).__name__}"
    name = "Parameter" if isinstance(value, Parameter) else "Tensor"
    size = "x".join(str(n) for n in value.shape)
    return f"  ({key}): {name} containing: [{kind(value)} of size {size}]"
