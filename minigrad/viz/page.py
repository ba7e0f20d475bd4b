"""A trace as one web page that needs no network: assets/ holds its parts, a file for each idea, and this puts them together.

`layout.js` places the boxes, `numbers.js` shows arrays, `graph.js` draws and follows, `story.js` tells the step and does its
arithmetic, `code.js` shows the student's lines, `page.js` moves between steps.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from html import escape
from pathlib import Path
from typing import Any

ASSETS = Path(__file__).with_name("assets")
SCRIPTS = ("numbers.js", "layout.js", "graph.js", "story.js", "code.js", "page.js")
PACKED = 60_000  # characters of JSON beyond which the page carries it compressed

DARK = """
  --paper: #14161b; --panel: #1a1d23; --raised: #23272f; --rim: #2c313a; --ink: #e7e9ee; --soft: #9aa2af; --faint: #737b88; --edge: #4a525e;
  --accent: #a996ff; --tint: #2a2545; --on-accent: #17132b;
  --landed: #5ac795; --landed-tint: #173228; --leaf: #1b2735; --leaf-rim: #3f5f85;
  --plus: #4f93dd; --minus: #d9803a; --cell: #262a32; --alarm: #ff7a70;
  --forward: #4a515c; --back: #7f6bd6; --free: #343943; --skip: #343943; --land: #46b184; --optimizer: #c9953a;
  --keyword: #c3a5ee; --string: #8fcfa6;
"""

ICONS = {
    "eye": '<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z"/><path d="M4 20 20 4"/>',
    "theme": '<circle cx="12" cy="12" r="8.5"/><path class="solid" d="M12 3.5a8.5 8.5 0 0 1 0 17z"/>',
    "help": '<circle cx="12" cy="12" r="9"/><path d="M9.4 9.4a2.7 2.7 0 1 1 3.9 2.4c-.9.5-1.3 1-1.3 2M12 17v.1"/>',
    "plus": '<path d="M12 6v12M6 12h12"/>',
    "minus": '<path d="M6 12h12"/>',
    "fit": '<path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"/>',
    "first": '<path d="M6 5v14"/><path class="solid" d="M19 5.5v13L9.5 12z"/>',
    "back": '<path class="solid" d="M16.5 5.5v13L7 12z"/>',
    "play": '<path class="solid" d="M8 5.5v13L18.5 12z"/>',
    "pause": '<path d="M8.5 6v12M15.5 6v12" stroke-width="3"/>',
    "next": '<path class="solid" d="M7.5 5.5v13L17 12z"/>',
    "last": '<path d="M18 5v14"/><path class="solid" d="M5 5.5v13L14.5 12z"/>',
}


def html(trace: dict[str, Any], title: str | None = None) -> str:
    """The page of a trace (the dictionary that `Trace.to_dict` returns), as text."""
    title = title or headline(trace)
    data = json.dumps(trace, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    packed = len(data) > PACKED
    parts = {
        "title": escape(title),
        "counts": escape(counts(trace)),
        "css": read("page.css").replace("{{dark}}", DARK.strip()),
        "js": "\n".join([read(name) for name in SCRIPTS]),
        "packed": str(packed).lower(),
        "trace": base64.b64encode(zlib.compress(data.encode(), 9)).decode() if packed else data.replace("<", "\\u003c"),
        "steps": "".join([f"<li>{escape(step['text'])}</li>" for step in trace["steps"]]),
    }
    parts.update({f"icon:{name}": f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{path}</svg>' for name, path in ICONS.items()})
    return re.sub(r"\{\{([\w:]+)\}\}", lambda match: parts[match[1]], read("page.html"))


def read(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def headline(trace: dict[str, Any]) -> str:
    """What the page shows, in the student's words: `loss.backward()`."""
    names = {node["id"]: node["name"] for node in trace["nodes"]}
    seeds = [step["node"] for step in trace["steps"] if step["kind"] == "seed"]
    return f"{(names.get(seeds[0]) if seeds else None) or 'loss'}.backward()"


def counts(trace: dict[str, Any]) -> str:
    operations = sum([node["kind"] == "op" for node in trace["nodes"]])
    leaves = sum([node["kind"] == "leaf" for node in trace["nodes"]])
    return f"{plural(operations, 'operation')}, {plural(leaves, 'leaf', 'leaves')}, {plural(len(trace['steps']), 'step')}"


def plural(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"
