"""Where a module keeps its parameters, its buffers and its submodules."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import ref

if TYPE_CHECKING:
    from .module import Module

V = TypeVar("V")


class Registry(dict[str, V]):
    """The parameters (or buffers, or submodules) of one module by name, in order of registration.

    Every entry is at the same time an attribute of the module: a change here changes the module's `__dict__`. There
    Python finds `self.weight` ten times sooner than through `Module.__getattr__`; a forward pass looks up little else.
    """

    __slots__ = ("_module",)

    def __init__(self, module: Module, entries: Mapping[str, V] | Iterable[tuple[str, V]] = ()) -> None:
        self._module = ref(module)  # weak: a module that nobody uses is freed at once, as it has no cycle
        self.update(entries)

    def __setitem__(self, name: str, value: V) -> None:
        super().__setitem__(name, value)
        vars(self._module())[name] = value

    def __delitem__(self, name: str) -> None:
        super().__delitem__(name)
        vars(self._module()).pop(name, None)

    def pop(self, name: str, *default: Any) -> Any:
        if name not in self:
            return super().pop(name, *default)
        value = self[name]
        del self[name]
        return value

    def popitem(self) -> tuple[str, V]:
        name, value = super().popitem()
        del vars(self._module())[name]
        return name, value

    # Those of dict would go past the methods above.
    clear = MutableMapping.clear
    update = MutableMapping.update
    setdefault = MutableMapping.setdefault

    def __ior__(self, other: Any) -> Registry[V]:  # type: ignore[misc, override]
        self.update(other)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles are plain dicts; `Module.__setstate__` makes them the registries of the new module."""
        return dict, (), None, None, iter(self.items())


def install(module: Module, name: str, entries: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()) -> None:
    """Make `module.<name>` a new registry with these entries; those of the old one are no attributes any more."""
    attributes = vars(module)
    for old in attributes.get(name, ()):
        attributes.pop(old, None)
    attributes[name] = Registry(module, dict(entries))
