"""Layers that have no parameters: a function, and the settings it is called with."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .module import Module


class FunctionModule(Module):
    """Calls `function` on its inputs, with its settings.

    A subclass names the function. Its constructor sets the settings, under the names that the function has for them;
    they are attributes of the module, and its repr shows them (`inplace` only where it is True).
    """

    function: Callable[..., Any]
    _settings: tuple[str, ...] = ()

    def _set(self, **settings: Any) -> None:
        vars(self).update(settings)
        self._settings += tuple(settings)

    def forward(self, *inputs: Any) -> Any:
        return self.function(*inputs, **{name: getattr(self, name) for name in self._settings})

    def extra_repr(self) -> str:
        shown = [name for name in self._settings if name != "inplace" or self.inplace]
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
