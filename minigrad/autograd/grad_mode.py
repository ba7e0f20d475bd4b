"""Whether operations are recorded: a switch per thread. Mirrors torch.autograd.grad_mode.

Each switch works as a context (`with no_grad():`) and as a decorator (`@no_grad()`, `@no_grad`).
"""
from __future__ import annotations

import contextvars
import functools
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

_GENERATOR = 0x20  # inspect.CO_GENERATOR; the inspect module itself costs milliseconds to import


def quiet_context() -> contextvars.Context:
    """A context in which NumPy does not warn of infinities and NaN, for PyTorch does not."""
    context = contextvars.Context()
    context.run(np.seterr, all="ignore")
    return context


((_warnings, _off),) = quiet_context().items()  # where NumPy keeps its setting


class quiet:
    """`with quiet():` NumPy does not warn of infinities and NaN. (np.errstate takes five times as long.)"""

    def __enter__(self) -> None:
        self._before = _warnings.set(_off)

    def __exit__(self, *exc: object) -> None:
        _warnings.reset(self._before)


class Mode:
    """The state of one thread."""

    __slots__ = ("enabled", "inference", "quietly")

    def __init__(self) -> None:
        self.enabled = True
        self.inference = False
        self.quietly = quiet_context().run  # calls a function in which NumPy does not warn


class _Modes(threading.local):
    def __init__(self) -> None:
        self.mode = Mode()


modes = _Modes()  # modes.mode is this thread's


def is_grad_enabled() -> bool:
    """Whether operations on this thread are recorded now."""
    return modes.mode.enabled


def is_inference_mode_enabled() -> bool:
    """Whether this thread is inside `inference_mode()`."""
    return modes.mode.inference


class _Switch:
    """A context manager that sets `mode.enabled`, and a decorator that runs a function, or a generator, inside it."""

    enabled = True

    def __new__(cls, function: Any = None, *args: Any, **kwargs: Any) -> Any:
        self = object.__new__(cls)
        if callable(function):  # @no_grad, without parentheses
            self.__init__()  # type: ignore[misc]
            return self(function)
        return self

    def __enter__(self) -> None:
        mode = modes.mode
        self._before = mode.enabled, mode.inference
        mode.enabled = self.enabled

    def __exit__(self, *exc: object) -> None:
        mode = modes.mode
        mode.enabled, mode.inference = self._before

    def clone(self) -> _Switch:
        return type(self)()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if getattr(getattr(function, "__code__", None), "co_flags", 0) & _GENERATOR:
            return self._wrap_generator(function)

        @functools.wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with self.clone():
                return function(*args, **kwargs)

        return inside

    def _wrap_generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The switch holds while the generator runs, not while its consumer does."""

        @functools.wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            generator = function(*args, **kwargs)
            resume: Callable[[], Any] = lambda: next(generator)  # noqa: E731
            while True:
                try:
                    with self.clone():
                        value = resume()
                except StopIteration as stop:
                    return stop.value
                try:
                    sent = yield value
                    resume = functools.partial(generator.send, sent)
                except GeneratorExit:
                    generator.close()
                    raise
                except BaseException as error:
                    resume = functools.partial(generator.throw, error)

        return inside


class no_grad(_Switch):
    """Operations inside are not recorded; their results do not require grad. Mirrors torch.no_grad."""

    enabled = False


class enable_grad(_Switch):
    """Operations inside are recorded, also within `no_grad`. Mirrors torch.enable_grad."""


class inference_mode(_Switch):
    """Like `no_grad`, and its results can never enter a graph. Mirrors torch.inference_mode."""

    def __init__(self, mode: bool = True) -> None:
        self.flag = bool(mode) if not callable(mode) else True

    def __enter__(self) -> None:
        mode = modes.mode
        self._before = mode.enabled, mode.inference
        mode.inference = self.flag
        if self.flag:
            mode.enabled = False

    def clone(self) -> inference_mode:
        return inference_mode(self.flag)


class set_grad_enabled(_Switch):
    """Switch recording on or off: at once when called, back again when used as a context. Mirrors torch.set_grad_enabled."""

    def __init__(self, mode: bool) -> None:
        self.enabled = bool(mode)
        self._before = (modes.mode.enabled, modes.mode.inference)
        modes.mode.enabled = self.enabled

    def __enter__(self) -> None:
        modes.mode.enabled = self.enabled

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        modes.mode.enabled = self._before[0]  # as a decorator it acts inside the function only
        return super().__call__(function)

    def clone(self) -> set_grad_enabled:
        return set_grad_enabled(self.enabled)
