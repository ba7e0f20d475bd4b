"""Keys of the terminal, one at a time, as names: "left", "home", "enter", "a"."""

from __future__ import annotations

import re
import sys
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

SEQUENCE = re.compile(r"\x1b(?:\[[0-9;]*[A-Za-z~]|O[A-Z])|.", re.DOTALL)
NAMES = {"\r": "enter", "\n": "enter", "\x7f": "backspace", "\b": "backspace", "\x1b": "escape", "\x04": "end of input"}
for _letter, _name in zip("ABCDHF", ("up", "down", "right", "left", "home", "end")):
    NAMES["\x1b[" + _letter] = NAMES["\x1bO" + _letter] = _name
for _digits, _name in (("17", "home"), ("48", "end"), ("5", "page up"), ("6", "page down")):
    NAMES.update({f"\x1b[{digit}~": _name for digit in _digits})

ReadKey = Callable[[], str]  # waits for a key; "" where none came for a while; EOFError where none will


@contextmanager
def keyboard() -> Iterator[ReadKey]:
    """Keys as they are typed, unechoed, until the end of the block."""
    if sys.platform == "win32":
        yield read_windows
        return
    import termios
    import tty
    from select import select

    terminal = sys.stdin.fileno()
    decode = getincrementaldecoder("utf-8")("replace").decode
    waiting: list[str] = []

    def more(seconds: float) -> str:
        return decode(receive(terminal)) if select([terminal], [], [], seconds)[0] else ""

    def read() -> str:
        if not waiting:
            text = more(0.3)
            if text.endswith(("\x1b", "\x1b[", "\x1bO")):  # a key's sequence comes in one go; Escape comes alone
                text += more(0.05)
            waiting.extend(split(text))
        return waiting.pop(0) if waiting else ""

    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal, termios.TCSADRAIN)
    try:
        yield read
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def receive(terminal: int) -> bytes:
    import os

    try:
        data = os.read(terminal, 1024)
    except OSError:  # the terminal was closed
        data = b""
    if not data:
        raise EOFError
    return data


def split(text: str) -> list[str]:
    """What was typed as names; sequences that have none are left out."""
    keys = [NAMES.get(key, key) for key in SEQUENCE.findall(text)]
    return [key for key in keys if len(key) == 1 and key.isprintable() or key in NAMES.values()]


def read_windows() -> str:
    import msvcrt
    import time

    console: Any = msvcrt
    for _ in range(30):
        if console.kbhit():
            key = console.getwch()
            if key in "\0\xe0":
                codes = {"H": "up", "P": "down", "K": "left", "M": "right", "G": "home", "O": "end", "I": "page up", "Q": "page down"}
                return codes.get(console.getwch(), "")
            if key == "\x03":
                raise KeyboardInterrupt
            return NAMES.get(key, key)
        time.sleep(0.01)
    return ""
