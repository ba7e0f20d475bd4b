"""Trace the N-th backward of a script: what `minigrad step SCRIPT` steps through."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

from .autograd.node import Node
from .autograd.onlookers import Onlooker, onlookers
from .run import as_torch, execute, main_module, report
from .viz.trace import Trace


def record(script: str, arguments: Sequence[str] = (), call: int = 1) -> Trace:
    """Run a script (as minigrad.run does) to its backward number `call`, counting from 1, and return the Trace of that: with the
    forward pass before it, and with the optimizer's step after it. Then the script is stopped.

    Raises NotReached if there is no such call, and SystemExit(1), with the script's own traceback printed, if it fails before.
    """
    name = os.path.basename(script)
    watch = Watch(call)
    with as_torch(), main_module(script, arguments) as main:
        try:
            watch.start()
            execute(main.__file__, main.__dict__)
        except Stop:
            pass
        except SystemExit:
            if not watch.calls:
                raise
        except (Exception, KeyboardInterrupt) as error:
            report(error)
            if not watch.complete:
                print(f"{name} failed before its {ordinal(call)} call of backward was over.", file=sys.stderr)
                raise SystemExit(130 if isinstance(error, KeyboardInterrupt) else 1) from None
        finally:
            watch.stop()
    if not watch.complete:
        raise NotReached(
            f"{name} called backward {times(watch.calls)}, so there is no call {call}."
            if watch.calls
            else f"{name} ran to its end and never called backward: there is nothing to step through."
        )
    assert watch.trace is not None
    return watch.trace


class NotReached(Exception):
    """The script made fewer backward calls than were asked for."""


class Stop(BaseException):
    """Leaves a script that has shown what it was run for; not an Exception, so that the script does not catch it."""


class Watch(Onlooker):
    """Counts the calls of backward, and traces one with what belongs to it: from where the optimizer has done the step of the one
    before, until the next forward pass begins or, once the optimizer has done its step, until anything else happens."""

    def __init__(self, call: int) -> None:
        self.call = call
        self.process = os.getpid()
        self.calls = 0
        self.complete = self.stepped = False
        self.trace: Trace | None = None

    def start(self) -> None:
        onlookers.append(self)
        if self.call == 1:
            self.begin()

    def begin(self) -> None:
        if self.trace is not None:
            onlookers.remove(self.trace._recorder)
        self.trace = Trace()
        self.trace._begin(None)

    def stop(self) -> None:
        onlookers.remove(self)
        if self.trace is not None:
            self.trace._end()

    # ---- what the engine tells

    def starts(self, roots: Any, seeds: list[Any], order: list[Node]) -> None:
        self.recorded()
        self.calls += 1
        if self.calls == self.call:
            if self.trace is None:  # the call before did not come to its end
                self.begin()
            assert self.trace is not None
            self.trace.look_from(sys._getframe(1))  # where the program's variables have their names

    def ends(self) -> None:
        self.complete = self.calls == self.call
        if self.calls == self.call - 1:
            self.begin()

    def updated(self, optimizer: Any) -> None:
        self.stepped = self.trace is not None

    def recorded(self, *_: Any) -> None:
        if self.complete:
            raise Stop
        self.unrecorded()

    def unrecorded(self, *_: Any) -> None:
        if self.stepped and self.process == os.getpid():  # a forked worker goes on
            if self.complete:
                raise Stop
            self.stepped = False
            self.begin()

    def zeroed(self, params: list[Any]) -> None:
        self.unrecorded()


def ordinal(n: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th") if n % 100 not in (11, 12, 13) else "th"
    return f"{n}{ending}"


def times(n: int) -> str:
    return {1: "once", 2: "twice"}.get(n, f"{n} times")
