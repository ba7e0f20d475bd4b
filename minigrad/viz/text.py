"""A trace as text: every step a page of lines, fit for a terminal or a file.

A line is a list of spans, each a text and what it is ("title", "name", "mark", "heat+3", ...); whoever prints it chooses colours for that.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from math import isfinite, prod
from textwrap import wrap
from typing import Any

Span = tuple[str, str]
Line = list[Span]
Block = list[Line]  # lines that stand together, to be set beside other blocks

TAB = 4
MOST_ROWS, EDGE = 16, 6  # a taller tensor is shown by its first and last rows


class Pages:
    """The pages of a trace (or of what its to_dict() returned), numbered from 0."""

    def __init__(self, trace: Any, lesson: str = "") -> None:
        self.lesson = lesson
        data: Mapping[str, Any] = trace if isinstance(trace, Mapping) else trace.to_dict()
        self.nodes: dict[str, Any] = {node["id"]: node for node in data["nodes"]}
        self.steps: list[Any] = data["steps"]
        self.arrays: list[Any] = data["arrays"]
        self.files: dict[str, list[str]] = data["source"]["files"]
        self.problems: list[Any] = data.get("problems", [])

    def __len__(self) -> int:
        return len(self.steps)

    # ---- a step

    def page(self, i: int, width: int) -> list[Line]:
        """What step `i` does: in a sentence, in numbers, in the code."""
        return [*self.story(i, width), *self.code(i, width)]

    def story(self, i: int, width: int) -> list[Line]:
        """The page without the code."""
        step = self.steps[i]
        lines: list[Line] = []
        if self.lesson and i == 0:
            lines += [*[[(text, "good")] for text in wrap(self.lesson, width)], []]
        lines += [[(text, "title")] for text in wrap(step["text"], width)]
        for problem in self.problems:
            if problem["step"] == i:
                lines += [[(text, "bad")] for text in wrap(problem["text"], width)]
        lines += [[], *self.card(step, width)] if step.get("node") in self.nodes else []
        arithmetic = getattr(self, "do_" + step["kind"], None)
        if arithmetic is not None:
            for row in arithmetic(step):
                lines += ([], *beside(row, width)) if any(row) else ()
        return lines

    def card(self, step: Mapping[str, Any], width: int) -> list[Line]:
        """Which node it is: name, formula, result, place in the model, inputs."""
        node = self.nodes[step["node"]]
        line: Line = [(node["fn"], "name")]
        if node.get("name"):
            line.append((f" · {node['name']}", "name"))
        line.append((f"  {shape(node['shape'])} {node['dtype']}", "dim"))
        if node.get("module"):
            line.append((f"  in {node['module']}", "dim"))
        lines = [line]
        if node.get("formula"):
            lines += [[("  " + part, "code")] for text in node["formula"].splitlines() for part in wrap(text, width - 2)]
        inputs = [f"{given['name']} = {self.label(given['id'])}" for given in node["inputs"]]
        inputs = [text for text in inputs if len(set(text.split(" = "))) > 1]  # x = x need not be said
        if inputs:
            lines += [[("  " + text, "dim")] for text in wrap("where " + ", ".join(inputs), width - 2)]
        return lines

    def label(self, key: str | None) -> str:
        """A node as the student knows it."""
        if key is None or key not in self.nodes:
            return "a constant"
        node = self.nodes[key]
        if node["kind"] == "op":
            return f"{node['name']} ({node['fn']})" if node.get("name") else node["fn"]
        if node.get("name"):
            return node["name"]
        if node["kind"] == "leaf":
            return key
        value = self.value(node)
        return value if value is not None else f"a constant {shape(node['shape'])}"

    def title(self, source: Mapping[str, Any]) -> str:
        """An input as the formula and as the student call it: b = target."""
        name = self.nodes.get(source["id"] or "", {}).get("name")
        return f"{source['name']} = {name}" if name and name != source["name"] else source["name"]

    def value(self, node: Mapping[str, Any]) -> str | None:
        """A single number as text."""
        values = self.arrays[node["value"]].get("values") if node.get("value") is not None else None
        return written([number(values[0])])[0] if values and len(values) == 1 else None

    def block(self, title: str, value: int | str | None) -> Block:
        """An array by its number, or a setting as it is."""
        if isinstance(value, int):
            return matrix(title, self.arrays[value])
        return [[(title, "name")], [(value or "none yet", "code" if value else "dim")]]

    # ---- the arithmetic of a step, by its kind: rows of blocks, with what stands between them

    def do_forward(self, step: Any) -> Any:
        node = self.nodes[step["node"]]
        given = [(self.title(source), self.nodes.get(source["id"] or "", {}).get("value")) for source in node["inputs"]]
        inputs = [self.block(title, value) for title, value in given if value is not None]
        result = self.block(node.get("name") or "result", node["value"]) if node.get("value") is not None else None
        return [[*between(inputs, " "), *(["→"] if inputs else []), result]] if result else []

    def do_seed(self, step: Any) -> Any:
        return [[self.block("grad", step["grad"])]]

    def do_call(self, step: Any) -> Any:
        node = self.nodes[step["node"]]
        row: list[Any] = [self.block("upstream gradient", step["grad"])]
        row += [self.block(f"saved {saved['name']}", saved["array"]) for saved in node.get("saved", ())]
        rows = [row]
        rules = [(node["inputs"][int(i)]["name"], rule) for i, rule in (node.get("rules") or {}).items() if "\n" not in rule]
        return rows + [[formula(f"gradient of {name} = ", rule)] for name, rule in rules]

    def do_send(self, step: Any) -> Any:
        result = step["contribution"]
        rule = step.get("rule") or ""
        node = self.nodes[step["node"]]
        given = step.get("operands") or {}
        called = {source["name"]: self.title(source) for source in node["inputs"]} | {"out": f"out = {node['name']}" if node.get("name") else "out"}
        product = re.fullmatch(r"(\w+) ([*@/+-]) (\w+)", rule)
        sign = product[2] if product and [product[1], product[3]] == list(given) else " "
        first = between([self.block(called.get(name, name), value) for name, value in given.items()], sign)
        made = "contribution" if step.get("summed") is None else "as broadcast"
        first += [*(["="] if first else []), self.block(made, step["raw"])]
        rows = [[formula(f"{made} = ", rule)], first]
        if step.get("summed") is not None:
            rows += self.do_sum({**step, "axes": step["summed"]})
        if step.get("before") is not None:
            after = self.block("after", step["after"])
            rows.append([self.block("before", step["before"]), "+", self.block("contribution", result), "=", after])
        if step.get("waiting"):
            more = f"{step['waiting']} more gradient{'s' if step['waiting'] > 1 else ''}"
            rows.append([[[(f"{self.label(step['to'])} still waits for {more}.", "wait")]]])
        return rows

    def do_sum(self, step: Any) -> Any:
        axes = ("axis " if len(step["axes"]) == 1 else "axes ") + ", ".join(map(str, step["axes"]))
        return [[self.block("as broadcast", step["raw"]), f"summed over {axes} =", self.block("contribution", step["contribution"])]]

    def do_hook(self, step: Any) -> Any:
        return [[self.block("before", step.get("before")), "→", self.block("after", step.get("after"))]]

    def do_accumulate(self, step: Any) -> Any:
        name = step.get("name") or self.label(step["node"])
        after = self.block(f"{name}.grad", step["after"])
        if step.get("before") is None:
            return [[self.block("contribution", step["contribution"]), "→", after]]
        return [[self.block(f"{name}.grad before", step["before"]), "+", self.block("contribution", step["contribution"]), "=", after]]

    def do_step(self, step: Any) -> Any:
        for part in step["params"]:
            name = self.label(part["node"])
            yield [self.block(name, part["before"]), " ", self.block(f"{name}.grad", part["grad"]), "→", self.block(name, part["after"])]

    # ---- the code

    def code(self, i: int, width: int, around: bool = True) -> list[Line]:
        """The line that made the node, its neighbours, and a mark under the very expression."""
        step = self.steps[i]
        place = (self.nodes.get(step.get("node") or "") or {}).get("code")
        source = self.files.get(place["file"]) if place else None
        if not place or not source:
            return []
        first, last = place["line"], place.get("end_line") or place["line"]
        if last > len(source):  # the file is not any more what was run
            return []
        near = range(max(1, first - 2), min(len(source), last + 1) + 1) if around else range(first, last + 1)
        shown = [n for n in near if source[n - 1].strip() or near[0] < n < near[-1]]
        gutter = len(str(shown[-1])) + 4
        start, end = column(source[first - 1], place.get("col")), column(source[last - 1], place.get("end_col"))
        shift = max(0, min(start or 0, (end or 0) - (width - gutter - 4)))  # the expression stays in sight
        lines: list[Line] = [[], [(os.path.basename(place["file"]), "dim")]]
        for n in shown:
            text = source[n - 1].expandtabs(TAB)
            active = first <= n <= last
            head = (f"{'>' if active else ' '} {n:{gutter - 4}}  ", "mark" if active else "dim")
            if not active or start is None or end is None:
                lines.append([head, (text[shift:], "code")])
                continue
            a = max(shift, start if n == first else len(text) - len(text.lstrip()))
            z = max(a + 1, end if n == last else len(text.rstrip()))
            lines.append([head, (text[shift:a], "code"), (text[a:z], "mark"), (text[z:], "code")])
            lines.append([(" " * (gutter + a - shift), ""), ("^" * (z - a), "mark")])
        return lines

    # ---- all gradients so far, and the search

    def gradients(self, i: int, width: int) -> list[Line]:
        """Every leaf's `.grad` as it is after step `i`."""
        grads: dict[str, int | None] = {key: None for key, node in self.nodes.items() if node["kind"] == "leaf"}
        for step in reversed(self.steps[i + 1 :]):  # what was there before the trace began
            if step["kind"] == "accumulate":
                grads[step["node"]] = step.get("before")
        for step in self.steps[: i + 1]:
            if step["kind"] == "accumulate" or step["kind"] == "hook" and step["which"] == "post_accumulate":
                grads[step["node"]] = step["after"]
            elif step["kind"] == "zero_grad":
                grads.update(dict.fromkeys(step["params"]))
            elif step["kind"] == "step":  # they may have been clipped meanwhile
                grads.update({part["node"]: part["grad"] for part in step["params"]})
        if not grads:
            return [[("There are no leaves.", "dim")]]
        blocks = [self.block(f"{self.label(key)}.grad", index) for key, index in grads.items()]
        return beside(between(blocks, " "), width)

    def find(self, query: str, start: int, by: int = 1) -> int | None:
        """The next step after `start` (before it, with by=-1) that has to do with a node of that name; at the end it goes round."""
        wanted = query.casefold()
        hits = set()
        for key, node in self.nodes.items():
            names = (key, node["fn"], node.get("op"), node.get("name"), node.get("module"))
            if any([wanted in name.casefold() for name in names if name]):
                hits.add(key)
        n = len(self.steps)
        for k in range(1, n + 1):
            i = (start + by * k) % n
            if self.steps[i].get("node") in hits or self.steps[i].get("to") in hits:
                return i
        return None


# ---- blocks


def column(text: str, at: int | None) -> int | None:
    """Where in a line as it is shown a place is; Python counts the bytes before it."""
    return None if at is None else len(text.encode()[:at].decode(errors="ignore").expandtabs(TAB))


def shape(sizes: Iterable[int]) -> str:
    return "(" + ", ".join(map(str, sizes)) + ")"


def formula(name: str, rule: str) -> Block:
    """`name = expression`, on as many lines as it takes; nothing if there is no expression."""
    lines = [part for line in rule.splitlines() for part in wrap(line, 70, subsequent_indent="  ", drop_whitespace=False)]
    return [[(name if k == 0 else " " * len(name), "dim"), (line, "code")] for k, line in enumerate(lines)]


def written(values: list[Any]) -> list[str]:
    """Numbers as PyTorch prints them, aligned to the right, but less readily in scientific notation."""
    if all([isinstance(value, int) for value in values]):
        texts = list(map(str, values))
    else:
        sizes = [abs(value) for value in values if value and isfinite(value)]
        if all([size % 1 == 0 and size < 1e6 for size in sizes]):
            form = "{:.0f}."
        else:
            form = "{:.4f}" if min(sizes) >= 5e-5 and max(sizes) < 1e5 else "{:.3e}"
        texts = [form.format(value) if isfinite(value) else str(value) for value in values]
    width = max(map(len, texts))
    return [text.rjust(width) for text in texts]


def between(blocks: list[Block], sign: str) -> list[Block | str]:
    """Blocks with a sign between each two."""
    return [item for block in blocks for item in (sign, block)][1:]


def number(value: Any) -> Any:
    """A value as JSON has it; NaN and the infinities may come as text."""
    return float(value) if isinstance(value, str) else float("nan") if value is None else value


def matrix(title: str, array: Mapping[str, Any]) -> Block:
    """A tensor under its title: small ones in full, larger ones by what can be said of them."""
    head: Line = [(title, "name"), (f" {shape(array['shape'])}" if array["shape"] else "", "dim")]
    if "values" not in array:
        return [head, *summary(array)]
    values = [number(value) for value in array["values"]]
    if not values:
        return [head, [("[]", "dim")]]
    rows = cells(values, array["shape"][-1] if array["shape"] else 1)
    height = array["shape"][-2] if len(array["shape"]) > 2 else len(rows)
    lines: Block = [head]
    for k, row in enumerate(rows):
        if k and k % height == 0:
            lines.append([])  # between the matrices of a tensor of three dimensions or more
        lines.append(row)
    if len(lines) > MOST_ROWS:
        lines[EDGE + 1 : -EDGE] = [[(f"… {len(rows) - 2 * EDGE} rows more", "dim")]]
    return lines


def summary(array: Mapping[str, Any]) -> Block:
    """The figures of a larger tensor, and its upper left corner."""
    figures = [f"{name} {number(array[name]):.4g}" for name in ("min", "max", "mean", "norm") if name in array]
    lines: Block = [[("  ".join(figures[:2]), "")], [("  ".join(figures[2:]), "")]]
    corner = [row[:4] for row in array.get("rows", ())[:3]]
    if corner:
        rows = cells([number(value) for row in corner for value in row], len(corner[0]))
        lines += [[*row, ("…", "dim")] for row in rows]
        lines += [[("…", "dim")]] if prod(array["shape"][:-1]) > len(rows) else []
    for name, what in (("nan", "NaN"), ("inf", "infinite")):
        if array.get(name):
            lines.append([(f"{array[name]} of {prod(array['shape'])} are {what}", "bad")])
    return lines


def cells(values: list[Any], columns: int) -> list[Line]:
    """Numbers in rows, each in a colour that tells its sign and size."""
    top = max([abs(value) for value in values if isfinite(value)], default=0) or 1
    spans = [((text, heat(value / top)), (" ", "")) for text, value in zip(written(values), values)]
    return [[span for cell in spans[k : k + columns] for span in cell] for k in range(0, len(spans), columns)]


def heat(share: float) -> str:
    """How far a value is from 0, as a part of the largest: heat-4 ... heat+4."""
    return f"heat{round(4 * share):+d}" if isfinite(share) else "bad"


def length(line: Line) -> int:
    return sum([len(text) for text, _ in line])


def beside(row: Sequence[Block | str], width: int) -> list[Line]:
    """Blocks beside each other with what stands between them; what does not fit goes below."""
    blocks: list[Block] = [[[], [(item, "sign")]] if isinstance(item, str) else item for item in row]
    sizes = [max(map(length, block), default=0) + 2 for block in blocks]
    bands: list[list[Block]] = [[]]
    used = 0
    for k, (item, block, size) in enumerate(zip(row, blocks, sizes)):
        needed = sum(sizes[k : k + 2]) if isinstance(item, str) else size  # a sign stays with what follows it
        if used + needed > width + 2 and bands[-1]:
            bands.append([])
            used = 0
        if block:
            bands[-1].append([[*cut(line, width), (" " * (size - length(line)), "")] for line in block])
            used += size
    lines: list[Line] = []
    for band in bands:
        sizes = [length(block[0]) for block in band]
        lines += [[]] if lines else []
        for parts in zip_longest(*band):
            lines.append([span for part, size in zip(parts, sizes) for span in part or [(" " * size, "")]])
    return lines


def cut(line: Line, width: int) -> Line:
    """A line in at most so many characters, with an ellipsis where it was longer."""
    if length(line) <= width:
        return line
    kept: Line = []
    room = width - 1
    for text, style in line:
        kept.append((text[:room], style))
        room -= len(text)
        if room <= 0:
            break
    return [*kept, ("…", "dim")]
