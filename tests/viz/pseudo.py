"""A program in a terminal of our own: type keys, see its screen."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from codecs import getincrementaldecoder
from pathlib import Path

import minigrad

ROOT = str(Path(minigrad.__file__).parents[1])
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
KEYS = {"right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F", "up": "\x1b[A", "down": "\x1b[B", "escape": "\x1b"}


def own_terminal():
    """In the child: make its streams the terminal that Ctrl-C comes from."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """`minigrad ARGUMENTS`, running in a pseudo-terminal; what it writes is in `output`."""

    def __init__(self, *arguments, size=(100, 40), **environment):
        self.master, slave = pty.openpty()
        self.resize(size)
        self.before = termios.tcgetattr(slave)
        variables = {**os.environ, "PYTHONPATH": ROOT, "TERM": "xterm-256color", "COLORTERM": "truecolor", **environment}
        for name in ("COLUMNS", "LINES"):  # which would say for ever how large the terminal is
            variables.pop(name, None)
        command = [sys.executable, "-m", "minigrad", *arguments]
        streams = {"stdin": slave, "stdout": slave, "stderr": slave}
        self.process = subprocess.Popen(command, **streams, env=variables, start_new_session=True, preexec_fn=own_terminal)
        self.slave = slave
        self.output = ""
        self.decode = getincrementaldecoder("utf-8")().decode

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)

    def resize(self, size):
        columns, rows = size
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, *keys):
        os.write(self.master, "".join([KEYS.get(key, key) for key in keys]).encode())

    def wait_for(self, text, seconds=30):
        """Until the screen shows `text`; fails with the screen if it never does."""
        return self.wait_until(lambda: text in self.screen(), text, seconds)

    def wait_until(self, condition, what, seconds=30):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"waited in vain for {what!r} on\n{self.screen()}")
            self.read(0.1)
        while self.read(0.05):
            pass
        return self.screen()

    def read(self, seconds):
        """What the program writes within that time; whether it wrote anything."""
        ready = select.select([self.master], [], [], seconds)[0]
        if ready:
            self.output += self.decode(os.read(self.master, 65536))
        return bool(ready)

    def frames(self):
        """How many frames there have been."""
        return self.output.count("\x1b[H")

    def raw(self):
        """The last frame as it was written."""
        return self.output.rpartition("\x1b[H")[2]

    def screen(self):
        """The last frame as text."""
        return CONTROL.sub("", self.raw()).replace("\r", "")

    def ends(self, seconds=30):
        """The exit status, and whether the terminal is again as it was found."""
        end = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < end:
            self.read(0.1)
        self.read(0.1)
        assert termios.tcgetattr(self.slave) == self.before
        return self.process.poll()
