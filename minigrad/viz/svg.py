"""A graph as an SVG picture that needs no program and no network; it follows the reader's light or dark theme."""

from __future__ import annotations

from unicodedata import east_asian_width
from xml.sax.saxutils import escape

from .graph import Graph, Node
from .layout import Point, layout

NAME, SMALL = 12.5, 11.0  # font sizes
COLUMN = 0.602  # width of a monospaced character, in ems
PAD_X, PAD_Y, LINE, MARGIN, TIP = 12.0, 8.0, 16.0, 24.0, 7.0

STYLE = """
.minigrad { --paper: #ffffff; --frame: #e4e7eb; --ink: #1f2933; --soft: #5f6b78; --line: #98a3af;
  --op: #f4f5f7; --op-rim: #c5ccd4; --leaf: #e1effe; --leaf-rim: #6ea8e8;
  --output: #dcf5e3; --output-rim: #58b377; --saved: #ffedd5; --saved-rim: #eda35a; }
@media (prefers-color-scheme: dark) {
.minigrad { --paper: #14181d; --frame: #2a323b; --ink: #e6eaee; --soft: #9aa6b2; --line: #66727f;
  --op: #222930; --op-rim: #47525d; --leaf: #17314d; --leaf-rim: #4d8fd6;
  --output: #163a26; --output-rim: #46a56a; --saved: #46300f; --saved-rim: #c98638; } }
.minigrad text { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.minigrad text { fill: var(--soft); font-size: %(SMALL)spx; }
.minigrad .name { fill: var(--ink); font-size: %(NAME)spx; font-weight: 600; }
.minigrad .ending { fill: var(--soft); font-weight: 400; }
.minigrad .middle { text-anchor: middle; }
.minigrad rect { stroke-width: 1.25; }
.minigrad .paper { fill: var(--paper); stroke: var(--frame); }
.minigrad .op { fill: var(--op); stroke: var(--op-rim); }
.minigrad .leaf, .minigrad .stub { fill: var(--leaf); stroke: var(--leaf-rim); }
.minigrad .output, .minigrad .base { fill: var(--output); stroke: var(--output-rim); }
.minigrad .saved { fill: var(--saved); stroke: var(--saved-rim); }
.minigrad .const { fill: none; stroke: var(--op-rim); }
.minigrad .stub, .minigrad .base, .minigrad .const { stroke-dasharray: 4 3; }
.minigrad .edge { fill: none; stroke: var(--line); stroke-width: 1.4; }
.minigrad .edge.saved { stroke: var(--saved-rim); stroke-dasharray: 5 3; }
.minigrad .edge.view { stroke-dasharray: 1.5 4; stroke-linecap: round; }
.minigrad .tip { fill: var(--line); }
.minigrad .rule { stroke: var(--op-rim); }
""".replace("%(SMALL)s", str(SMALL)).replace("%(NAME)s", str(NAME))

MEANING = {
    "leaf": "leaf: its gradient lands in .grad",
    "stub": "leaf, drawn at each use",
    "op": "operation",
    "saved": "saved for backward",
    "base": "base of the view",
    "const": "needs no gradient",
    "output": "output",
}


def draw(graph: Graph) -> str:
    """The SVG text of a graph, folded (see Graph.folded), with a legend of the kinds of nodes it has."""
    graph = graph.folded()
    boxes = {key: Box(node) for key, node in graph.nodes.items()}
    number = {key: i for i, key in enumerate(boxes)}
    edges = [(number[edge.tail], number[edge.head]) for edge in graph.edges]
    plan = layout([(box.width, box.height) for box in boxes.values()], edges)
    kinds = {node.kind for node in graph.nodes.values()}
    key, key_width = legend({kind: text for kind, text in MEANING.items() if kind in kinds})
    inner = max(plan.width, key_width)
    width, height = inner + 2 * MARGIN, plan.height + 3 * MARGIN + LINE
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="minigrad" role="img" aria-label="computation graph" '
            f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}">',
            f"<style>{STYLE}</style>",
            f'<rect class="paper" x=".5" y=".5" width="{width - 1:.0f}" height="{height - 1:.0f}" rx="10"/>',
            f'<g transform="translate({MARGIN + (inner - plan.width) / 2:.1f} {MARGIN})">',
            *[draw_edge(route, edge.kind) for edge, route in zip(graph.edges, plan.routes)],
            *[box.draw(x, y) for box, (x, y) in zip(boxes.values(), plan.centres)],
            "</g>",
            f'<g transform="translate({MARGIN} {plan.height + 2 * MARGIN:.1f})">{key}</g>',
            "</svg>\n",
        ]
    )


class Box:
    """A node's text, measured: its name, the shape below it, and below a line what it keeps for backward."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.name = node.name or ("output" if node.kind == "output" else "")
        self.attributes = [f"{name}: {value}" for name, value in node.attributes.items()]
        texts = [node.shape, *self.attributes]
        self.width = max(text_width(self.name, NAME), *[text_width(text, SMALL) for text in texts]) + 2 * PAD_X
        head = bool(self.name) + bool(node.shape)
        self.rule = head * LINE + PAD_Y + 4
        self.height = head * LINE + 2 * PAD_Y + (len(self.attributes) * LINE + 8 if self.attributes else 0)

    def draw(self, x: float, y: float) -> str:
        left, top = x - self.width / 2, y - self.height / 2
        out = [f'<g><rect class="{self.node.kind}" {area(left, top, self.width, self.height, 7)}/>']
        line = top + PAD_Y + 12
        if self.name:
            stem, ending, rest = self.name.partition("Backward")  # the same ending everywhere: it steps back
            ending = f'<tspan class="ending">{ending}{escape(rest)}</tspan>' if ending else ""
            out.append(f'<text class="name middle" x="{x:.1f}" y="{line:.1f}">{escape(stem)}{ending}</text>')
            line += LINE
        if self.node.shape:
            out.append(f'<text class="middle" x="{x:.1f}" y="{line:.1f}">{self.node.shape}</text>')
        if self.attributes:
            at = top + self.rule
            out.append(f'<path class="rule" d="M{left:.1f} {at:.1f}h{self.width:.1f}"/>')
            for i, text in enumerate(self.attributes):
                out.append(f'<text x="{left + PAD_X:.1f}" y="{at + 4 + 12 + LINE * i:.1f}">{escape(text)}</text>')
        return "".join(out) + "</g>"


def text_width(text: str, size: float) -> float:
    """Of monospaced text, in pixels; East Asian characters take two columns."""
    return sum([2 if east_asian_width(c) in "WF" else 1 for c in text]) * COLUMN * size


def area(x: float, y: float, width: float, height: float, corner: float) -> str:
    return f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{corner}"'


def draw_edge(route: list[Point], kind: str) -> str:
    """A smooth line through the points (a cubic Hermite spline over y), with a tip where data flows."""
    tip = TIP if kind == "flow" else 0.0
    (x, y, slope), (end, bottom, _) = route[0], route[-1]
    path = [f"M{x:.1f} {y:.1f}"]
    for to_x, to_y, to_slope in [*route[1:-1], (end, bottom - tip, 0.0)]:
        if x == to_x and not slope and not to_slope:
            path.append(f"V{to_y:.1f}")
        else:
            half = (to_y - y) / 2
            controls = f"{x + slope * half:.1f} {y + half:.1f} {to_x - to_slope * half:.1f} {y + half:.1f}"
            path.append(f"C{controls} {to_x:.1f} {to_y:.1f}")
        x, y, slope = to_x, to_y, to_slope
    arrow = f'<path class="tip" d="M{end:.1f} {bottom:.1f}l-3.6 -8h7.2z"/>' if tip else ""
    return f'<path class="edge {kind}" d="{"".join(path)}"/>{arrow}'


def legend(meaning: dict[str, str]) -> tuple[str, float]:
    """Swatches with their meaning in a row, and how wide the row is."""
    out, x = [], 0.0
    for kind, text in meaning.items():
        out.append(f'<rect class="{kind}" {area(x, 0, 14, 14, 4)}/><text x="{x + 21:.1f}" y="11">{text}</text>')
        x += 21 + text_width(text, SMALL) + 20
    return "".join(out), x - 20
