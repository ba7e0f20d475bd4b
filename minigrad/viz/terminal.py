"""A trace in the terminal, a step at a time: arrow keys walk through backward; where keys cannot be read, every step is printed.

In colour with the package rich, and without it in plain text.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from shutil import get_terminal_size
from typing import Any, TextIO

from .keys import ReadKey, keyboard
from .text import Line, Pages, cut

HELP = """\
right, space    next step            left           step before
end             last step            home           first step
up, down        scroll               page up, page down
/               find a node: its name, its operation, its place in the model
n, N            the same search again, onwards or backwards
g               every .grad so far, as it is after this step
?               these keys
q               quit"""

SCREEN, NO_SCREEN = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"  # a screen of our own without a cursor, and back
TOP, END_OF_LINE, BELOW = "\x1b[H", "\x1b[K\n", "\x1b[J"

COLOURS = {
    "title": "bold",
    "name": "bold cyan",
    "dim": "dim",
    "code": "none",
    "mark": "bold yellow",
    "sign": "bold",
    "good": "green",
    "wait": "yellow",
    "bad": "bold red",
    "key": "reverse",
    **{f"heat+{k}": f"#111111 on {colour}" for k, colour in enumerate(("#d5e1f8", "#bcd0f5", "#a0bdf2", "#84a9ee"), 1)},
    **{f"heat-{k}": f"#111111 on {colour}" for k, colour in enumerate(("#f9dcdc", "#f4c2c2", "#efa8a8", "#ea8e8e"), 1)},
}

Painter = Callable[[Line], str]


def show(trace: Any, lesson: str = "") -> None:
    """Step through a trace (or what its to_dict() returned); print all its steps where there is no terminal to do it in.

    `lesson` stands above the first step.
    """
    pages = Pages(trace, lesson)
    if sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        Stepper(pages).interact()
    else:
        print_all(pages, sys.stdout)


def print_all(pages: Pages, file: TextIO) -> None:
    width = get_terminal_size((100, 24)).columns
    paint = painter(file)
    for i in range(len(pages)):
        if i:
            print(file=file)
        for line in (heading(pages, i, width), *pages.page(i, width)):
            print(paint(line).rstrip(), file=file)


def heading(pages: Pages, i: int, width: int) -> Line:
    left, kind = f"── step {i + 1} of {len(pages)} ", f"{pages.steps[i]['kind'].replace('_', ' ')} "
    return [(left, "dim"), ("· ", "dim"), (kind, "name"), ("─" * max(0, width - len(left) - len(kind) - 2), "dim")]


class Stepper:
    """Where the reader is: the step, the view, the search. `press` a key, and `lines` says what to show."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self.step = 0
        self.view = "step"  # or "grads", "help"
        self.scrolled = 0
        self.typing: str | None = None  # what has been typed after "/"
        self.query = ""
        self.message = ""
        self.size = (80, 24)

    def interact(self) -> None:
        if sys.platform == "win32":
            os.system("")  # has the console understand what SCREEN and the like say
        paint = painter(sys.stdout)
        with keyboard() as read:
            sys.stdout.write(SCREEN)
            try:
                self.loop(read, paint)
            finally:
                sys.stdout.write(NO_SCREEN)
                sys.stdout.flush()

    def loop(self, read: ReadKey, paint: Painter) -> None:
        key: str | None = None
        while True:
            columns, rows = get_terminal_size()
            size = columns, rows
            if key != "" or size != self.size:
                self.size = size
                sys.stdout.write(TOP + END_OF_LINE.join([paint(line) for line in self.lines()]) + BELOW)
                sys.stdout.flush()
            try:
                key = read()
            except EOFError:
                return
            if key and not self.press(key):
                return

    # ---- what a key does

    def press(self, key: str) -> bool:
        """Do what the key says; False to quit."""
        self.message = ""
        if self.typing is not None:
            self.type(key)
        elif key in ("q", "end of input") or key == "escape" and self.view == "step":
            return False
        elif key in ("left", "right", " ", "home", "end"):
            last = len(self.pages) - 1
            self.go({"left": max(0, self.step - 1), "home": 0, "end": last}.get(key, min(last, self.step + 1)))
        elif key in ("up", "down", "page up", "page down"):
            page = self.size[1] - 5
            self.scrolled += {"up": -1, "down": 1, "page up": -page, "page down": page}[key]
        elif key == "/":
            self.typing = ""
        elif key in ("n", "N"):
            self.search(1 if key == "n" else -1)
        elif key in ("g", "?", "escape", "enter"):
            wanted = {"g": "grads", "?": "help"}.get(key, "step")
            self.view = "step" if self.view == wanted else wanted
            self.scrolled = 0
        else:
            self.message = f"{key!r} means nothing here; ? shows the keys"
        return True

    def go(self, step: int) -> None:
        if step == self.step:
            self.message = "That is the last step." if step else "That is the first step."
        self.step, self.scrolled = step, 0
        self.view = "grads" if self.view == "grads" else "step"

    def type(self, key: str) -> None:
        assert self.typing is not None
        if key == "enter":
            self.query, self.typing = self.typing or self.query, None
            self.search(1)
        elif key in ("escape", "end of input") or key == "backspace" and not self.typing:
            self.typing = None
        elif key == "backspace":
            self.typing = self.typing[:-1]
        elif len(key) == 1:
            self.typing += key

    def search(self, by: int) -> None:
        found = self.pages.find(self.query, self.step, by) if self.query else None
        if found is None:
            self.message = f"No node is called {self.query!r}." if self.query else "Nothing to search for: type / and a name."
        else:
            self.go(found)

    # ---- what is seen

    def lines(self) -> list[Line]:
        """The screen, line by line."""
        width, height = self.size
        room = max(1, height - 2)
        body: list[Line]
        below_it: list[Line] = []
        if self.view == "help":
            body = [[(text, "")] for text in HELP.splitlines()]
        elif self.view == "grads":
            body = [[("Every .grad after this step", "title")], [], *self.pages.gradients(self.step, width)]
        else:
            body = self.pages.page(self.step, width)
            if len(body) > room:  # then the story scrolls, and the line of code stays in sight below it
                body, below_it = self.pages.story(self.step, width), self.pages.code(self.step, width, around=False)
                if len(below_it) > room // 2:
                    below_it = []
                room -= len(below_it)
        self.scrolled = max(0, min(self.scrolled, len(body) - room))
        seen = body[self.scrolled : self.scrolled + room]
        below = len(body) - self.scrolled - len(seen)
        seen += [*[[]] * (room - len(seen)), *below_it]
        return [cut(line, width) for line in (heading(self.pages, self.step, width), *seen, self.footer(below))]

    def footer(self, below: int) -> Line:
        if self.typing is not None:
            return [("/", "mark"), (self.typing, ""), ("█", "mark")]
        if self.message:
            return [(self.message, "mark")]
        keys = (("← →", "step"), ("/", "find"), ("g", "gradients"), ("?", "help"), ("q", "quit"))
        line: Line = [span for key, what in keys for span in ((key, "mark"), (f" {what}   ", "dim"))]
        return [*line, (f"↓ {below} lines more", "wait")] if below else line


# ---- colours


def painter(file: TextIO) -> Painter:
    """A function from a line to what to write: coloured if rich is there and the file shows colours."""

    def plain(line: Line) -> str:
        return writable("".join([text for text, _ in line]), file)

    try:
        from rich.console import Console  # an optional extra
        from rich.text import Text
        from rich.theme import Theme
    except ModuleNotFoundError:
        return plain
    console = Console(file=file, theme=Theme(COLOURS), highlight=False, soft_wrap=True)
    if console.color_system is None:
        return plain

    def coloured(line: Line) -> str:
        with console.capture() as written:
            console.print(Text.assemble(*[(text, style if style in COLOURS else "") for text, style in line]), end="")
        return writable(written.get(), file)

    return coloured


ASCII = str.maketrans({"─": "-", "·": "-", "…": "~", "→": ">", "←": "<", "↓": "v", "█": "_"})


def writable(text: str, file: TextIO) -> str:
    """The text, in ASCII if the file cannot take all of it."""
    try:
        text.encode(file.encoding or "utf-8")
        return text
    except UnicodeEncodeError:
        return text.translate(ASCII).encode("ascii", "replace").decode()
