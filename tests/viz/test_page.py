"""The stepper's page in a real browser: its numbers, its keys and clicks, its looks, its size and speed, and the notebook's display."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import sys
from html import unescape
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import minigrad
from minigrad import nn, viz
from minigrad.viz import examples, notebook, page
from minigrad.viz.layout import layout

WIDE, NARROW = {"width": 1360, "height": 820}, {"width": 420, "height": 860}
NODES, STEPS = 5_000, 16_000  # of a big graph, as issue 6 has it: nodes drawn, and the least number of steps


# ---- programs, and their traces


def two_layers():
    """Broadcasting, a weight that is used three times, constants, several operations on one line."""
    minigrad.manual_seed(0)
    x, y = minigrad.tensor([[1.0, 2.0], [3.0, -1.0], [0.0, 1.0]]), minigrad.tensor([[1.0], [0.0], [1.0]])
    W1, b1 = minigrad.randn(2, 3, requires_grad=True), minigrad.zeros(3, requires_grad=True)
    W2 = minigrad.randn(3, 1, requires_grad=True)

    def program():
        h = (x @ W1 + b1).tanh()
        loss = ((h @ W2 - y) ** 2).mean() + (W2 * W2).sum() * 0.1
        return loss

    return viz.trace(program).to_dict()


class Network(nn.Module):
    """The size of the course's QNetwork."""

    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(8, 120), nn.Linear(120, 84), nn.Linear(84, 4)

    def forward(self, x):
        return self.fc3(nn.functional.relu(self.fc2(nn.functional.relu(self.fc1(x)))))


def training_step():
    minigrad.manual_seed(0)
    net = Network()
    optimizer = minigrad.optim.Adam(net.parameters())
    states, actions, targets = minigrad.randn(64, 8), minigrad.randint(0, 4, (64, 1)), minigrad.randn(64, 1)
    with viz.trace() as trace:
        optimizer.zero_grad()
        nn.functional.mse_loss(net(states).gather(1, actions), targets).backward()
        optimizer.step()
    return trace.to_dict()


def recurrent(steps):
    minigrad.manual_seed(0)
    cell, head = nn.Linear(5, 3), nn.Linear(3, 1)
    inputs = minigrad.randn(steps, 2, 2)

    def program():
        h, loss = minigrad.zeros(2, 3), minigrad.zeros(())
        for x in inputs:
            h = minigrad.tanh(cell(minigrad.cat([h, x], 1)))
            loss = loss + head(h).pow(2).mean()
        return loss

    return viz.trace(program).to_dict()


def with_nan():
    w = minigrad.tensor([0.0, 1.0], requires_grad=True)
    return viz.trace(lambda: (w.sqrt() * 0.0 + w / w).sum()).to_dict()


@pytest.fixture(scope="module")
def traces():
    return {"small": two_layers(), "network": training_step(), "cells": recurrent(40), "nan": with_nan()}


# ---- the browser


def executable():
    candidates = [os.environ.get("CHROMIUM"), *map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))]
    return next((path for path in candidates if path), None)


@pytest.fixture(scope="module")
def browser():
    api = pytest.importorskip("playwright.sync_api", reason="the page's tests drive a browser with Playwright, which is not installed")
    with api.sync_playwright() as playwright:
        found = executable()
        if not found and not os.path.exists(playwright.chromium.executable_path):
            pytest.skip("no Chromium here: set CHROMIUM to its path, or run `playwright install chromium`")
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def show(browser, tmp_path):
    """Opens a trace's page: show(trace, viewport=..., any option of a browser context). Any error of the page fails the test."""
    contexts, troubles = [], []

    def open_page(trace, at=1, viewport=WIDE, **options):
        context = browser.new_context(viewport=viewport, **options)
        contexts.append(context)
        tab = context.new_page()
        tab.on("pageerror", lambda error: troubles.append(str(error)))
        tab.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
        file = tmp_path / "backward.html"
        file.write_text(trace if isinstance(trace, str) else page.html(trace), encoding="utf-8")
        tab.goto(f"{file.as_uri()}#step={at}")
        if options.get("java_script_enabled", True):
            tab.wait_for_function("() => document.documentElement.dataset.ready")
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert not troubles


def position(tab):
    return int(tab.text_content("#count b")) - 1


def shown(tab, label):
    """The numbers in the cells of the block with a label, as the page has them."""
    titles = tab.eval_on_selector_all(
        "#sums .block", "(all, label) => [...all.find(b => b.querySelector('.label').textContent === label).querySelectorAll('.cell')].map(c => c.title)", label
    )
    return [float(title.split()[-1]) for title in titles]


def steps_of(trace, kind):
    return [i for i, step in enumerate(trace["steps"]) if step["kind"] == kind]


# ---- one file


def test_one_file(traces):
    """No address but that of the SVG name space, and a policy that forbids the browser to fetch anything."""
    text = page.html(traces["network"])
    assert set(re.findall(r"https?://[^\s\"'\\<>]+", text)) <= {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in text
    assert "{{" not in text.split('<script type="application/json"')[0]


def test_the_trace_cannot_end_its_script():
    trace = two_layers()
    trace["nodes"][0]["name"] = "</script><b>{{css}}"
    text = page.html(trace)
    assert "</script><b>" not in text
    start = text.index(">", text.index('id="trace"')) + 1
    assert json.loads(text[start : text.index("</script>", start)]) == trace


def test_asks_the_network_for_nothing(traces, browser, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(page.html(traces["network"]), encoding="utf-8")
    tab, asked = browser.new_page(), []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(file.as_uri())
    tab.wait_for_function("() => document.documentElement.dataset.ready")
    for _ in range(12):
        tab.keyboard.press("ArrowRight")
    assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]
    tab.close()


def test_without_scripts(traces, show):
    """The steps as a list, and nothing that would need a script."""
    tab = show(traces["small"], java_script_enabled=False)
    steps = tab.locator("noscript li, .plain li")
    assert steps.all_text_contents() == [step["text"] for step in traces["small"]["steps"]]
    assert not tab.locator("main").is_visible()


# ---- the numbers


@pytest.mark.parametrize("name", ["small", "nan"])
def test_numbers_of_contributions(traces, show, name):
    """What a send shows is what the trace says was sent and what came of it."""
    trace = traces[name]
    tab = show(trace)
    for i in steps_of(trace, "send"):
        step = trace["steps"][i]
        tab.evaluate("i => go(i)", i)
        label = tab.evaluate("id => nodeLabel(nodes.get(id))", step["to"])
        expected = [float(x) for x in trace["arrays"][step["contribution"]]["values"]]
        np.testing.assert_array_equal(shown(tab, f"contribution to {label}"), expected)
        if step["before"] is not None:
            after = [float(x) for x in trace["arrays"][step["after"]]["values"]]
            np.testing.assert_array_equal(shown(tab, f"gradient of {label} so far"), after)


def test_operands_stand_in_the_rule(traces, show):
    """`x.T @ grad` becomes the cells of x, transposed, an @, and the cells of grad."""
    trace = traces["small"]
    i = next(i for i in steps_of(trace, "send") if ".T @ grad" in trace["steps"][i]["rule"])
    step = trace["steps"][i]
    name = step["rule"].split(".")[0]
    tab = show(trace, at=i + 1)
    array = trace["arrays"][step["operands"][name]]
    np.testing.assert_array_equal(shown(tab, f"{name}.T"), np.reshape(array["values"], array["shape"]).T.ravel())
    first = tab.locator("#sums .equation").first
    assert first.locator(".sign").all_text_contents() == ["@", "="]


@pytest.mark.parametrize("program", [None, examples.without_zero_grad], ids=["once", "accumulated"])
def test_all_grads_at_the_end(traces, show, program):
    trace = viz.trace(program).to_dict() if program else traces["small"]
    tab = show(trace)
    assert set(tab.locator("#grads .status").all_text_contents()) == {"None"}
    tab.keyboard.press("End")
    last = notebook.landed(trace)
    assert tab.locator("#grads .status").count() == 0
    for node in trace["nodes"]:
        if node["kind"] == "leaf":
            cells = tab.locator(f"#grads li:has([data-node={node['id']}]) .cell").evaluate_all("all => all.map(c => c.title)")
            assert [float(cell.split()[-1]) for cell in cells] == trace["arrays"][last[node["id"]]]["values"]


def test_running_text_and_rule(traces, show):
    """Every step says its sentence, to screen readers too, and marks the line of the rule that is at work."""
    trace = traces["small"]
    tab = show(trace)
    assert tab.get_attribute("#sentence", "aria-live") == "polite"
    for i, step in enumerate(trace["steps"]):
        assert tab.text_content("#sentence") == step["text"]
        assert position(tab) == i
        if step["kind"] == "send":
            assert tab.text_content("#rule .line.active code") == step["rule"]
        tab.keyboard.press("ArrowRight")


def test_the_expression_is_underlined(traces, show):
    trace = traces["small"]
    codes = {node["id"]: node["code"] for node in trace["nodes"]}
    if sys.version_info < (3, 11):
        pytest.skip("Python knows the columns of an expression from 3.11 on")
    tab = show(trace)
    for i in steps_of(trace, "call"):
        tab.evaluate("i => go(i)", i)
        code = codes[trace["steps"][i]["node"]]
        line = trace["source"]["files"][code["file"]][code["line"] - 1]
        assert tab.text_content("#code .row.active u") == line[code["col"] : code["end_col"]]
        assert tab.text_content("#code .row.active .number") == str(code["line"])


def test_columns_count_bytes(show):
    trace = two_layers()
    node = next(node for node in trace["nodes"] if node["code"])
    line = "é = 'ß'; ω = näme.exp()"
    place = node["code"]
    trace["source"]["files"][place["file"]][place["line"] - 1] = line
    place.update(end_line=place["line"], col=len("é = 'ß'; ω = ".encode()), end_col=len(line.encode()))
    tab = show(trace)
    tab.evaluate("place => code.show(place)", place)
    assert tab.text_content("#code .row.active u") == "näme.exp()"


def test_a_nan_is_pointed_out(traces, show):
    trace = traces["nan"]
    tab = show(trace)
    tab.click("#alarm")
    assert position(tab) == trace["problems"][0]["step"]
    assert trace["problems"][0]["text"] in tab.text_content("#sums")
    assert tab.locator("#stage .box.problem").count() == 1
    tab.keyboard.press("End")
    assert "nan" in tab.locator("#grads .cell.bad").all_text_contents()


# ---- moving


def test_keys(traces, show):
    tab = show(traces["small"])
    last = len(traces["small"]["steps"]) - 1
    for key, wanted in [("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", last), ("ArrowRight", last), ("Home", 0), ("ArrowLeft", 0)]:
        tab.keyboard.press(key)
        assert position(tab) == wanted
    tab.evaluate("i => go(i)", steps_of(traces["small"], "seed")[0])
    tab.keyboard.press("ArrowDown")
    assert position(tab) == steps_of(traces["small"], "call")[0]
    tab.keyboard.press("ArrowUp")
    assert position(tab) == steps_of(traces["small"], "seed")[0]


def test_buttons_and_slider(traces, show):
    tab = show(traces["small"])
    last = len(traces["small"]["steps"]) - 1
    for button, wanted in [("next", 1), ("next", 2), ("back", 1), ("last", last), ("first", 0)]:
        tab.click(f"#{button}")
        assert position(tab) == wanted
    assert tab.is_disabled("#back") and not tab.is_disabled("#next")
    tab.locator("#slider").fill("20")
    assert position(tab) == 20
    assert tab.get_attribute("#slider", "aria-valuetext").startswith("step 21 of")
    tab.focus("#slider")
    tab.keyboard.press("ArrowRight")
    assert position(tab) == 21


def test_play(traces, show):
    tab = show(traces["small"])
    tab.keyboard.press("Space")
    assert tab.get_attribute("#play", "aria-label") == "Pause"
    tab.wait_for_function("() => position >= 1", timeout=5000)
    tab.keyboard.press("Space")
    assert tab.get_attribute("#play", "aria-label") == "Play"
    at = position(tab)
    tab.wait_for_timeout(1300)
    assert position(tab) == at
    tab.focus("#play")
    tab.keyboard.press("Space")  # on a button, space is the button's
    assert tab.get_attribute("#play", "aria-label") == "Pause"


def test_click_a_node_for_its_next_gradient(traces, show):
    trace = traces["small"]
    leaf = next(node["id"] for node in trace["nodes"] if node["name"] == "W2")
    wanted = [i for i, s in enumerate(trace["steps"]) if s["kind"] == "send" and s["to"] == leaf or s["kind"] == "accumulate" and s["node"] == leaf]
    assert len(wanted) == 4
    tab = show(trace)
    for i in [*wanted, wanted[0]]:
        tab.locator(f'#stage .box[data-key^="{leaf}@"]').first.dispatch_event("click")
        assert position(tab) == i
    tab.locator(f'#stage .box[data-key^="{leaf}@"]').first.focus()
    tab.keyboard.press("Enter")
    assert position(tab) == wanted[1]
    tab.click(f"#grads [data-node={leaf}]")
    assert position(tab) == wanted[2]


def test_a_shared_weight_has_a_stub_per_use(traces, show):
    tab = show(traces["small"])
    leaf = next(node["id"] for node in traces["small"]["nodes"] if node["name"] == "W2")
    stubs = tab.locator(f'#stage .box[data-key^="{leaf}@"]')
    assert stubs.count() == 3
    stubs.first.focus()
    assert tab.locator("#stage .box.kin").count() == 3
    i = next(i for i in steps_of(traces["small"], "send") if traces["small"]["steps"][i]["to"] == leaf)
    tab.evaluate("i => go(i)", i)
    assert tab.locator("#stage .box.target").count() == 3
    assert tab.locator("#stage .edge.now").count() == 1


def test_click_a_line_for_its_nodes(traces, show):
    trace = traces["small"]
    tab = show(trace)
    line = next(node["code"]["line"] for node in trace["nodes"] if node["name"] == "loss")
    on_it = {node["id"] for node in trace["nodes"] if node["code"] and node["code"]["line"] == line}
    assert len(on_it) > 4
    tab.locator(f'#code [data-line="{line}"]').click()
    assert set(tab.locator("#stage .box.picked").evaluate_all("all => all.map(b => b.dataset.key)")) == on_it
    step = trace["steps"][position(tab)]
    assert {step["node"], step.get("to")} & on_it
    tab.keyboard.press("ArrowRight")
    assert tab.locator("#stage .box.picked").count() == 0
    tab.locator(f'#code [data-line="{line}"]').focus()
    tab.keyboard.press("Enter")
    assert tab.locator("#stage .box.picked").count() == len(on_it)


def test_predict_first(traces, show):
    """Hidden until asked: the sentence, the cells, the graph's number and the .grad alike."""
    trace = traces["small"]
    i = steps_of(trace, "accumulate")[0]
    leaf = trace["steps"][i]["node"]
    tab = show(trace, at=i)
    tab.click("#predict")
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("ArrowRight") if position(tab) < i else None
    assert position(tab) == i and tab.locator("#sums .hidden").count() == 1 and tab.locator("#sums .cell").count() == 0
    assert tab.text_content("#sentence").endswith("?")
    assert tab.locator(f"#grads li:has([data-node={leaf}]) .cell").count() == 0
    assert tab.locator("#stage .box.landed").count() == 0
    tab.keyboard.press("ArrowRight")
    assert position(tab) == i and tab.locator("#sums .hidden").count() == 0 and tab.locator("#sums .cell").count() > 0
    assert tab.text_content("#sentence") == trace["steps"][i]["text"]
    sends = [k for k in steps_of(trace, "send") if k > i]
    tab.evaluate("i => go(i)", sends[0])
    tab.click("#sums .hidden")
    assert position(tab) == sends[0] and tab.locator("#sums .hidden").count() == 0


def test_modules_open_and_close(traces, show):
    tab = show(traces["network"])
    boxes = tab.locator("#stage .box")
    every = boxes.count()
    chip = tab.locator("#modules button", has_text="fc2").first
    chip.click()
    closed = boxes.count()
    assert closed < every and tab.locator("#stage .box.module").count() == 1
    assert tab.locator("#modules button", has_text="fc2").first.get_attribute("aria-expanded") == "false"
    tab.locator("#stage .box.module").dispatch_event("click")
    assert boxes.count() == every
    tab.click("#modules .all")
    assert boxes.count() < closed
    for _ in traces["network"]["steps"]:
        tab.keyboard.press("ArrowRight")
    assert boxes.count() < closed
    tab.click("#modules .all")
    assert boxes.count() == every


def test_look_inside(traces, show):
    """A large array is a summary; inside is its corner, and what was opened stays open from step to step."""
    trace = traces["network"]
    large = [i for i in steps_of(trace, "call") if "rows" in trace["arrays"][trace["steps"][i]["grad"]]]
    tab = show(trace, at=large[0] + 1)
    array = trace["arrays"][trace["steps"][large[0]]["grad"]]
    assert tab.locator("#sums .block").first.locator(".cell").count() == 0
    tab.locator("#sums .inside").first.click()
    tab.wait_for_selector("#sums .block .cell")
    assert shown(tab, tab.locator("#sums .label").first.text_content()) == [x for row in array["rows"] for x in row]
    tab.evaluate("i => go(i)", large[1])
    assert tab.locator("#sums .block .cell").count() > 0


# ---- looks

OVERLAPS = """() => {
  const open = { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity, layer: '' }, known = new Map();
  function frameOf(element) {  // what its scrolling and clipping ancestors leave to be seen, and what it stays in sight with
    if (!element) return open;
    if (known.has(element)) return known.get(element);
    const style = getComputedStyle(element), frame = { ...frameOf(element.parentElement) };
    if (style.overflow !== 'visible' || style.contain.includes('strict')) {
      const { left, top, right, bottom } = element.getBoundingClientRect();
      Object.assign(frame, { left: Math.max(frame.left, left), top: Math.max(frame.top, top), right: Math.min(frame.right, right), bottom: Math.min(frame.bottom, bottom) });
    }
    if (['sticky', 'fixed'].includes(style.position)) frame.layer = element.id || element.tagName;  // covers what scrolls under it, on purpose
    known.set(element, frame);
    return frame;
  }
  const boxes = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange();
  for (let text; (text = walker.nextNode());) {
    const parent = text.parentElement;
    if (!text.textContent.trim() || parent.closest('script, noscript, style, [hidden]')) continue;
    if (!parent.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const frame = frameOf(parent);
    range.selectNodeContents(text);
    for (const rect of range.getClientRects()) {
      const left = Math.max(rect.left, frame.left), right = Math.min(rect.right, frame.right);
      const top = Math.max(rect.top, frame.top), bottom = Math.min(rect.bottom, frame.bottom), trim = (bottom - top) * 0.2;  // a line is taller than its letters
      if (right - left > 1 && bottom - top > 3) boxes.push({ text: text.textContent.trim(), left, right, top: top + trim, bottom: bottom - trim, layer: frame.layer });
    }
  }
  const clashes = [];
  boxes.forEach((a, i) => { for (let k = i + 1; k < boxes.length; k++) {
    const b = boxes[k];
    if (a.layer === b.layer && a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1) clashes.push(`${a.text} | ${b.text}`);
  } });
  return clashes;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["1360", "420"])
@pytest.mark.parametrize("name", ["small", "network", "cells"])
def test_no_text_overlaps(traces, show, name, viewport, scheme):
    trace = traces[name]
    tab = show(trace, viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    kinds = {step["kind"]: i for i, step in enumerate(trace["steps"])}  # the last of each kind
    for i in sorted({*kinds.values(), *range(0, len(trace["steps"]), max(1, len(trace["steps"]) // 8))}):
        tab.evaluate("i => go(i)", i)
        assert tab.evaluate(OVERLAPS) == [], f"step {i}"
    assert tab.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["1360", "420"])
@pytest.mark.parametrize("name", examples.names())
def test_examples(show, name, viewport):
    """Every step of every example shows its sentence, and no text lies on another; an error of the page would fail the test."""
    trace = viz.trace(examples.EXAMPLES[name]).to_dict()
    tab = show(trace, viewport=viewport, reduced_motion="reduce")
    for i, step in enumerate(trace["steps"]):
        tab.evaluate("i => go(i)", i)
        assert tab.text_content("#sentence") == step["text"]
        if i % 4 == 0:
            assert tab.evaluate(OVERLAPS) == [], f"step {i}"


def test_overlap_is_seen(traces, show):
    """The check can fail."""
    tab = show(traces["small"])
    tab.add_style_tag(content="#sums { margin-top: -60px !important }")
    assert tab.evaluate(OVERLAPS)


def test_themes(traces, show):
    colour = "getComputedStyle(document.body).backgroundColor"
    light, dark = show(traces["small"], color_scheme="light"), show(traces["small"], color_scheme="dark")
    assert light.evaluate(colour) != dark.evaluate(colour)
    light.click("#theme")
    assert light.evaluate(colour) == dark.evaluate(colour)


def test_the_step_is_always_in_sight(traces, show):
    """The camera follows: at every step the node at work is within the stage, wide and narrow."""
    for viewport in (WIDE, NARROW):
        tab = show(traces["network"], viewport=viewport, reduced_motion="reduce")
        for i, step in enumerate(traces["network"]["steps"]):
            if step["node"] is None:
                continue
            tab.evaluate("i => go(i)", i)
            assert tab.evaluate(
                """() => { const stage = document.getElementById('stage').getBoundingClientRect();
                  return [...document.querySelectorAll('#stage .box.now')].some(box => { const { left, right } = box.getBoundingClientRect();
                    return left >= stage.left - 1 && right <= stage.right + 1; }); }"""
            ), step


def test_reduced_motion(traces, show):
    i = steps_of(traces["small"], "send")[2]
    moving = show(traces["small"], at=i)
    moving.keyboard.press("ArrowRight")
    moving.wait_for_function("() => document.getAnimations().length > 0")
    still = show(traces["small"], at=i, reduced_motion="reduce")
    still.keyboard.press("ArrowRight")
    still.wait_for_timeout(100)
    assert still.evaluate("document.getAnimations().length") == 0


def test_every_control_has_a_name(traces, show):
    tab = show(traces["network"])
    unnamed = "() => [...document.querySelectorAll('button, input, [role=button]')].filter(e => e.checkVisibility() && !(e.getAttribute('aria-label') || e.textContent.trim())).length"
    assert tab.evaluate(unnamed) == 0
    tab.keyboard.press("End")
    label = tab.locator("#stage .box.leaf").first.get_attribute("aria-label")
    assert "gradient" in label and "shape" in label


# ---- size


def test_the_network_is_small(traces, show):
    text = page.html(traces["network"])
    assert len(text.encode()) < 150_000


def test_a_big_graph(show):
    trace = recurrent(400)
    assert len(trace["nodes"]) > 0.8 * NODES and len(trace["steps"]) > 0.9 * STEPS
    text = page.html(trace)
    assert len(text.encode()) < 10_000_000
    tab = show(text)
    assert tab.locator("#stage .box").count() <= 300  # a window around the step
    tab.evaluate("indices => indices.forEach(i => go(i))", [*range(6000, 6000 + 20 * 37, 37), 0, len(trace["steps"]) - 1, 9000])
    assert tab.locator("#stage .box.now").count() >= 1


# ---- the layout is layout.py's


@st.composite
def graphs(draw):
    boxes = draw(st.lists(st.tuples(st.integers(20, 120), st.integers(20, 300)), min_size=1, max_size=20))
    pairs = [(tail, head) for head in range(len(boxes)) for tail in range(head)]
    chain = pairs and [(v, v + 1) for v in range(draw(st.integers(0, len(boxes) - 1)))]
    return boxes, list({*chain, *draw(st.lists(st.sampled_from(pairs), max_size=24))}) if pairs else []


def test_layout_equals_python_s(traces, show):
    """The page lays out anew when a module closes; its algorithm is layout.py's, turned on its side."""
    tab = show(traces["small"])

    @settings(max_examples=60, deadline=None, phases=[Phase.generate])  # to shrink through a browser takes minutes
    @given(graphs())
    def check(graph):
        boxes, edges = graph
        plan = layout([(height, width) for width, height in boxes], edges)
        theirs = tab.evaluate("([boxes, edges]) => layout(boxes.map(([w, h]) => ({ w, h })), edges)", [boxes, edges])
        np.testing.assert_allclose(theirs["centres"], [(y, x) for x, y in plan.centres], rtol=0, atol=1e-6)
        for route, own in zip(theirs["routes"], plan.routes):
            np.testing.assert_allclose(route, [(y, x, slope) for x, y, slope in own], rtol=0, atol=1e-6)

    check()


# ---- the notebook


def test_notebook_in_an_untrusted_file(traces):
    """Without the frame there are still the picture, with every node, and the gradients, folded away."""
    trace = traces["small"]
    text = re.sub(r"<iframe.*?</iframe>", "", notebook.html(trace), flags=re.DOTALL)
    assert text.startswith("<details><summary>")
    assert "<script" not in text and "<svg" not in text
    drawn = ElementTree.fromstring(base64.b64decode(re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', text)[1]))
    names = ["".join(e.itertext()) for e in drawn.iter("{http://www.w3.org/2000/svg}text") if "name" in e.get("class", "")]
    assert names.count("W2") == 3 and "h = tanh" in names
    for name, value in [(node["name"], notebook.brief(trace, notebook.landed(trace)[node["id"]])) for node in trace["nodes"] if node["kind"] == "leaf"]:
        assert f"<code>{name}</code>" in text and value in text


def test_notebook_frame_steps(traces, show):
    """The frame is sandboxed, and the page in it works."""
    text = notebook.html(traces["network"])
    assert 'sandbox="allow-scripts"' in text
    assert unescape(re.search(r'srcdoc="([^"]*)"', text)[1]) == page.html(traces["network"])
    tab = show(f"<!doctype html><html data-ready=1><body>{text}</body></html>", viewport={"width": 1000, "height": 900})
    frame = tab.frame_locator("iframe")
    frame.locator("#next").click()
    assert frame.locator("#count b").text_content() == "2"
    frame.locator("#stage .box").first.wait_for()


def test_notebook_text(traces):
    trace = traces["small"]
    bundle = notebook.mimebundle(trace)
    assert set(bundle) == {"text/html", "text/plain"}
    lines = bundle["text/plain"].splitlines()
    assert lines[0] == f"loss.backward(): 11 operations, 3 leaves, {len(trace['steps'])} steps"
    assert [line.split()[0] for line in lines[1:]] == ["W1", "b1", "W2"]


def test_a_trace_of_nothing(show):
    with viz.trace() as trace:
        pass
    tab = show(trace.to_dict())
    assert tab.text_content("#sentence") == "Nothing was recorded."
