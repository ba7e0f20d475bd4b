"""Graph pictures: the graph they show is PyTorch's, the drawing is sound, and nothing depends on Graphviz's program."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from itertools import combinations, pairwise
from pathlib import Path

import graphviz
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad
from minigrad import viz
from minigrad.viz.graph import walk
from minigrad.viz.layout import GAP_X, layout
from minigrad.viz.svg import PAD_X, draw

SVG = "{http://www.w3.org/2000/svg}"


def qnetwork_loss(lib):
    """A training step's graph: two layers, a gather, a loss."""
    net = lib.nn.Sequential(lib.nn.Linear(4, 6), lib.nn.ReLU(), lib.nn.Linear(6, 2))
    values = net(lib.ones(5, 4)).gather(1, lib.zeros(5, 1, dtype=lib.int64))
    return lib.nn.functional.smooth_l1_loss(values, lib.ones(5, 1)), dict(net.named_parameters())


def shared_leaf(lib):
    """One weight used in five steps."""
    w, h = lib.ones(3, 3, requires_grad=True), lib.ones(2, 3)
    for _ in range(5):
        h = lib.tanh(h @ w)
    return h.sum(), {"w": w}


def diamond(lib):
    x = lib.ones(3, requires_grad=True)
    y = x * x
    return (y.exp() + y).sum() * y.mean(), {"x": x}


def several_outputs(lib):
    x = lib.ones(3, requires_grad=True)
    return [x.sum(), x * 2], {"x": x}


def view(lib):
    x = lib.ones(2, 6, requires_grad=True)
    return (x * 2).view(3, 4), {"x": x}


def leaf(lib):
    x = lib.ones(2, requires_grad=True)
    return x, {"x": x}


PROGRAMS = [qnetwork_loss, shared_leaf, diamond, several_outputs, view, leaf]


def torch_graph(outputs, params):
    """What torchviz would show: labels of the nodes, and edges as pairs of labels, with how often each occurs."""
    names = {id(p): name for name, p in params.items()}
    labels, edges, kept = {}, [], []

    def tensor(t):
        labels[id(t)] = (names.get(id(t), ""), tuple(t.shape))
        kept.append(t)
        return id(t)

    def function(fn):
        if id(fn) in labels:
            return id(fn)
        labels[id(fn)] = type(fn).__name__
        kept.append(fn)
        if hasattr(fn, "variable"):
            edges.append((tensor(fn.variable), id(fn)))
        edges.extend([(function(parent), id(fn)) for parent, _ in fn.next_functions if parent is not None])
        return id(fn)

    for output in outputs if isinstance(outputs, list) else [outputs]:
        tensors = [output] if output._base is None else [output, output._base]
        edges += [(tensor(t), id(output)) for t in tensors[1:]]
        for t in tensors:
            tensor(t)
            if t.grad_fn is not None:
                edges.append((function(t.grad_fn), id(t)))
    return Counter(labels.values()), Counter([(labels[a], labels[b]) for a, b in edges])


def our_graph(outputs, params):
    graph = walk(outputs, params)
    labels = {k: n.name if n.kind == "op" else (n.name, tuple(n.subject.shape)) for k, n in graph.nodes.items()}
    return Counter(labels.values()), Counter([(labels[e.tail], labels[e.head]) for e in graph.edges])


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_graph_is_pytorchs(program):
    assert our_graph(*program(minigrad)) == torch_graph(*program(torch))


@pytest.mark.parametrize("program", [qnetwork_loss, shared_leaf, diamond])
def test_make_dot_writes_the_graph_in_torchvizs_manner(program):
    outputs, params = program(minigrad)
    dot = viz.make_dot(outputs, params)
    assert isinstance(dot, graphviz.Digraph)
    graph = walk(outputs, params)
    assert dot.source.count(" -> ") == len(graph.edges)
    assert dot.source.count("label=") == len(graph.nodes)
    assert dot.source.count("fillcolor=lightblue") == len(params)
    assert dot.source.count("fillcolor=darkolivegreen1") == 1
    for name, tensor in params.items():
        assert f"{name}\n ({', '.join(map(str, tensor.shape))})" in dot.source


def test_operations_know_the_shapes_of_their_outputs():
    loss, params = qnetwork_loss(minigrad)
    shapes = [(node.name, node.shape) for node in walk(loss, params).nodes.values() if node.kind == "op"]
    assert ("AddmmBackward0", "(5, 6)") in shapes
    assert ("GatherBackward0", "(5, 1)") in shapes
    assert ("SmoothL1LossBackward0", "()") in shapes


def test_saved_tensors_are_drawn_on_request_under_pytorchs_names():
    def loss(lib):
        a, b = lib.ones(2, 3, requires_grad=True), lib.ones(3, requires_grad=True)
        return lib.tanh(a * b).sum()

    theirs, stack = [], [loss(torch).grad_fn]
    while stack:
        fn = stack.pop()
        saved = {name[7:]: getattr(fn, name) for name in dir(fn) if name.startswith("_saved_")}
        theirs += [(name, tuple(value.shape)) for name, value in saved.items() if isinstance(value, torch.Tensor)]
        stack += [parent for parent, _ in fn.next_functions if parent is not None]

    nodes = [node for node in walk(loss(minigrad), show_saved=True).nodes.values() if node.kind == "saved"]
    assert Counter([(node.name, tuple(node.subject.shape)) for node in nodes]) == Counter(theirs)
    source = viz.make_dot(loss(minigrad), show_saved=True).source
    assert source.count("fillcolor=orange") == source.count("dir=none") == len(theirs) == 3
    assert "orange" not in viz.make_dot(loss(minigrad)).source


def test_what_an_operation_keeps_is_listed_on_request():
    y = minigrad.tanh(minigrad.ones(2, 3, requires_grad=True))
    assert "TanhBackward0\n----------------------\nresult: [saved tensor]" in viz.make_dot(y, show_attrs=True).source
    assert "result: [saved tensor]" in viz.to_svg(y, show_attrs=True)
    for picture in (viz.make_dot(y.sum(1), show_attrs=True).source, viz.to_svg(y.sum(1), show_attrs=True)):
        assert re.search(r"self_sym_sizes *: *\(2, 3\)", picture)  # PyTorch's name for what SumBackward1 keeps


def test_attributes_are_shortened():
    x = minigrad.ones(2, 3, requires_grad=True)
    wide = viz.make_dot(minigrad.tanh(x), show_attrs=True, max_attr_chars=8).source
    assert "result: [save..." in wide


def test_a_parameter_that_is_saved_keeps_its_name():
    x = minigrad.ones(3, requires_grad=True)
    graph = walk((x * 2).exp() * x, {"x": x}, show_saved=True)
    assert "x" in [node.name for node in graph.nodes.values() if node.kind == "saved"]


def test_what_is_no_tensor_is_refused():
    x = minigrad.ones(2, requires_grad=True)
    with pytest.raises(TypeError, match="got int"):
        viz.make_dot([x, 3])
    with pytest.raises(TypeError, match="got list"):
        viz.to_svg(x, params={"x": [1.0]})


def test_a_long_chain_needs_no_recursion():
    x = y = minigrad.ones(1, requires_grad=True)
    for _ in range(100_000):
        y = y * 1.0
    dot = viz.make_dot(y, {"x": x})
    assert len(dot.graph.nodes) == 100_003
    assert len(dot.graph.edges) == 100_002


def test_a_chain_longer_than_the_stack_is_drawn():
    y = minigrad.ones(1, requires_grad=True)
    for _ in range(3 * sys.getrecursionlimit()):
        y = y * 1.0
    assert viz.to_svg(y).count(">Mul<") == 3 * sys.getrecursionlimit()


# ---- the drawing


def texts_in_boxes(svg):
    """Each box of a drawing as (kind, left, top, width, height, its texts as (text, x, y))."""
    found = []
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        rect = group.find(f"{SVG}rect")
        if rect is None or group.get("transform"):
            continue
        lines = [("".join(t.itertext()), float(t.get("x")), float(t.get("y"))) for t in group.findall(f"{SVG}text")]
        found.append((rect.get("class"), *[float(rect.get(k)) for k in ("x", "y", "width", "height")], lines))
    return found


def text_width(text, lines):
    """In the common monospaced fonts, whose characters are 0.6 em wide; a box's first line is the larger one."""
    return 0.6 * (12.5 if text == lines[0][0] else 11.0) * len(text)


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("options", [{}, {"show_saved": True}, {"show_attrs": True}])
def test_every_box_holds_its_text_and_no_box_lies_on_another(program, options):
    boxes = texts_in_boxes(viz.to_svg(*program(minigrad), **options))
    assert boxes
    for _, left, top, width, height, lines in boxes:
        assert lines
        for text, x, y in lines:
            assert left < x < left + width and top < y < top + height
            assert left + 8 < x - text_width(text, lines) / 2 or x == left + PAD_X  # centred, or a list at the left
            assert PAD_X + text_width(text, lines) < width
    for (_, x1, y1, w1, h1, _), (_, x2, y2, w2, h2, _) in combinations(boxes, 2):
        assert x1 + w1 <= x2 or x2 + w2 <= x1 or y1 + h1 <= y2 or y2 + h2 <= y1


def test_the_drawing_shows_every_node_but_accumulate_grad():
    loss, params = qnetwork_loss(minigrad)
    shown = Counter([lines[0][0] for *_, lines in texts_in_boxes(viz.to_svg(loss, params))])
    operations = [n.name for n in walk(loss).nodes.values() if n.kind == "op" and n.name != "AccumulateGrad"]
    assert shown == Counter([*operations, *params, "output"])


def test_a_leaf_used_often_is_drawn_at_each_use():
    boxes = texts_in_boxes(viz.to_svg(*shared_leaf(minigrad)))
    stubs = [[text for text, *_ in lines] for kind, *_, lines in boxes if kind == "stub"]
    assert stubs == [["w", "(3, 3) · one of 5 uses"]] * 5
    assert "leaf" not in {kind for kind, *_ in boxes}


def test_the_drawing_needs_nothing_from_outside_and_knows_both_themes():
    svg = viz.to_svg(*qnetwork_loss(minigrad))
    assert "prefers-color-scheme: dark" in svg
    assert svg.count("http") == 1 and 'xmlns="http://www.w3.org/2000/svg"' in svg
    tags = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(svg).iter()}
    assert tags == {"svg", "style", "g", "rect", "text", "tspan", "path"}


def test_names_are_escaped():
    x = minigrad.ones(2, requires_grad=True)
    boxes = texts_in_boxes(viz.to_svg(x.sum(), {'<a & "b">': x}))
    assert '<a & "b">' in [text for *_, lines in boxes for text, *_ in lines]
    assert "a\\\\b" in viz.make_dot(x.sum(), {"a\\b": x}).source


def test_the_legend_explains_what_occurs():
    def key(svg):
        return "".join(ElementTree.fromstring(svg).findall(f"{SVG}g")[-1].itertext())

    loss, params = qnetwork_loss(minigrad)
    assert key(viz.to_svg(loss, params)) == "leaf: its gradient lands in .gradoperationoutput"
    assert "saved for backward" in key(viz.to_svg(loss, params, show_saved=True))
    assert "base of the view" in key(viz.to_svg(*view(minigrad)))


# ---- the layout


@st.composite
def graphs(draw_value):
    n = draw_value(st.integers(1, 14))
    sizes = draw_value(st.lists(st.tuples(st.floats(10, 200), st.floats(10, 90)), min_size=n, max_size=n))
    pairs = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda p: p[0] < p[1])
    return sizes, draw_value(st.lists(pairs, max_size=30)) if n > 1 else []


@settings(deadline=None, max_examples=150)
@given(graphs())
def test_layout_keeps_boxes_apart_and_lines_outside_them(graph):
    sizes, edges = graph
    plan = layout(sizes, edges)
    boxes = [(x - w / 2, y - h / 2, x + w / 2, y + h / 2) for (x, y), (w, h) in zip(plan.centres, sizes)]
    for left, top, right, bottom in boxes:
        assert left >= -1e-6 and top >= -1e-6 and right <= plan.width + 1e-6 and bottom <= plan.height + 1e-6
    for a, b in combinations(boxes, 2):
        assert a[2] + GAP_X - 1e-6 <= b[0] or b[2] + GAP_X - 1e-6 <= a[0] or a[3] <= b[1] or b[3] <= a[1]
    for (tail, head), route in zip(edges, plan.routes):
        assert route[0][:2] == pytest.approx((plan.centres[tail][0], boxes[tail][3]))
        assert route[-1][1] == pytest.approx(boxes[head][1])
        for (x1, y1, _), (x2, y2, _) in pairwise(route):
            assert y1 <= y2 + 1e-6
            for left, top, right, bottom in boxes:  # beside a box, the line is straight
                for t in (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0):
                    x, y = x1 + t * (x2 - x1), y1 + t * (y2 - y1)
                    assert not (left + 1e-6 < x < right - 1e-6 and top + 1e-6 < y < bottom - 1e-6)


def test_layout_crosses_no_lines_where_it_need_not():
    """0 feeds 2 and 3, 1 feeds 2 only: 1 belongs outside, although it was met after 0."""
    plan = layout([(40, 20)] * 4, [(0, 2), (1, 2), (0, 3)])
    x = [centre[0] for centre in plan.centres]
    assert (x[1] < x[0]) == (x[2] < x[3])


def test_layout_keeps_the_long_path_straight():
    """A trunk 0-1-2-3-4-5; at each step a leaf, and a leaf behind a transpose."""
    edges = [(i, i + 1) for i in range(5)]
    edges += [(6 + i, i + 1) for i in range(5)]
    edges += [(11 + i, i + 1) for i in range(5)] + [(16 + i, 11 + i) for i in range(5)]
    plan = layout([(80 + 7 * (i % 5), 40) for i in range(21)], edges)
    trunk = [plan.centres[i][0] for i in range(1, 6)]
    assert max(trunk) - min(trunk) < 9


def test_layout_keeps_a_long_line_straight():
    """An edge over five layers, beside a path with wide boxes."""
    edges = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (0, 5)]
    plan = layout([(60, 30), (200, 30), (60, 30), (200, 30), (60, 30), (60, 30)], edges)
    bends = [x for x, _, _ in plan.routes[-1]][2:-2]
    assert max(bends) - min(bends) < 12


def test_layout_refuses_a_cycle():
    with pytest.raises(ValueError, match="cycle"):
        layout([(1, 1)] * 2, [(0, 1), (1, 0)])


def test_an_empty_graph_is_an_empty_picture():
    assert layout([], []).height == 0
    assert texts_in_boxes(draw(walk([]))) == []


# ---- with and without the program `dot`


@pytest.fixture
def no_dot(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def fake_dot(monkeypatch, tmp_path):
    """A program named dot that answers with its own mark."""
    program = tmp_path / "dot"
    program.write_text(f"#!{sys.executable}\nimport sys\nsys.stdin.read()\nprint('<svg>by dot</svg>', end='')\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))


def test_without_dot_the_svg_is_ours_and_a_warning_says_how_to_get_dot(no_dot, tmp_path):
    loss, params = qnetwork_loss(minigrad)
    dot = viz.make_dot(loss, params)
    own = viz.to_svg(loss, params)
    with pytest.warns(UserWarning, match="apt install graphviz"):
        assert dot.pipe(encoding="utf-8") == own
    with pytest.warns(UserWarning, match="brew install graphviz"):
        assert dot.pipe() == own.encode()
    with pytest.warns(UserWarning, match="was not found"):
        assert dot._repr_mimebundle_() == {"image/svg+xml": own}
    with pytest.warns(UserWarning, match="was not found"):
        assert Path(dot.render(tmp_path / "g", format="svg")).read_text(encoding="utf-8") == own
    assert (tmp_path / "g").read_text(encoding="utf-8") == dot.source
    with pytest.warns(UserWarning, match="was not found"):
        written = dot.render(outfile=tmp_path / "h.svg", cleanup=True)
    assert written == str(tmp_path / "h.svg") and Path(written).read_text(encoding="utf-8") == own
    assert sorted(os.listdir(tmp_path)) == ["g", "g.svg", "h.svg"]


def test_without_dot_other_formats_say_what_to_do(no_dot, tmp_path):
    dot = viz.make_dot(qnetwork_loss(minigrad)[0])
    for attempt in (
        lambda: dot.pipe("png"),
        lambda: dot.render(tmp_path / "g", format="pdf"),
        lambda: dot.render(outfile=tmp_path / "g.png"),
    ):
        with pytest.raises(RuntimeError, match=r"apt install graphviz.*format='svg' works") as failure:
            attempt()
        assert not isinstance(failure.value, graphviz.ExecutableNotFound)


def test_without_dot_what_was_added_by_hand_is_not_left_out_silently(no_dot):
    dot = viz.make_dot(qnetwork_loss(minigrad)[0])
    dot.node("mine")
    with pytest.raises(RuntimeError, match="knows only what make_dot made"):
        dot.pipe()


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for dot is a script with a #! line")
def test_with_dot_the_picture_is_dots(fake_dot, recwarn):
    assert viz.make_dot(qnetwork_loss(minigrad)[0]).pipe(encoding="utf-8") == "<svg>by dot</svg>"
    assert not recwarn.list


def test_without_the_package_graphviz_the_drawing_still_works(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "graphviz", None)
    monkeypatch.delitem(sys.modules, "minigrad.viz.dot", raising=False)
    loss, params = qnetwork_loss(minigrad)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'minigrad\[viz\]'"):
        viz.make_dot(loss)
    assert viz.save_graph(loss, tmp_path / "g.svg", params).read_text(encoding="utf-8") == viz.to_svg(loss, params)


def test_save_graph_writes_svg_only(tmp_path):
    with pytest.raises(ValueError, match="make_dot"):
        viz.save_graph(qnetwork_loss(minigrad)[0], tmp_path / "g.png")
    assert not os.listdir(tmp_path)


def test_import_minigrad_leaves_pictures_alone():
    code = "import sys, minigrad; print({'minigrad.viz', 'minigrad.demo', 'graphviz', 'gymnasium'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
