"""The terminal stepper: what a step shows, and the keys, typed into a real pseudo-terminal."""

from __future__ import annotations

import json
import os
import re
import signal
import sys

import numpy as np
import pytest

import minigrad
from minigrad import viz
from minigrad.viz import examples, terminal
from minigrad.viz.keys import split
from minigrad.viz.terminal import Stepper, painter
from minigrad.viz.text import Pages, beside, column, cut, matrix, written

if os.name == "posix":
    from .pseudo import Terminal

posix = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX's")


def plain(lines):
    return "\n".join(["".join([text for text, _ in line]).rstrip() for line in lines])


def squeezed(text):
    return re.sub(" +", " ", text)


def page(trace, kind, nth=0, width=100):
    """The page of the nth step of a kind."""
    pages = Pages(trace)
    return plain(pages.page([i for i, s in enumerate(trace) if s.kind == kind][nth], width))


# ---- what a step shows


def test_a_contribution_and_what_it_is_added_to():
    trace = viz.trace(examples.diamond)
    text = page(trace, "send", 3)
    assert "contribution = grad * b\n" in text
    assert "grad     b = a     contribution\n7.    *  6.     =  42." in text
    assert "before     contribution     after\n36.     +  42.           =  78." in text
    assert "a (MulBackward0) still waits for 1 more gradient." in text
    assert "still waits" not in page(trace, "send", 4)
    assert "before" not in page(trace, "send", 0).partition("contribution")[2].partition("examples.py")[0]


def test_a_forward_step_shows_inputs_and_result():
    text = page(viz.trace(examples.broadcast_bias), "forward", 1)
    assert "a + b" in text and "where a = MmBackward0" in text
    assert " 2.5000  0.0000       0.1000 -0.2000   →   2.6000 -0.2000\n" in text


def test_broadcasting_is_a_sum():
    trace = viz.trace(examples.broadcast_bias)
    text = page(trace, "sum")
    (step,) = [s for s in trace if s.kind == "sum"]
    raw = np.array(trace.arrays[step.raw]["values"]).reshape(3, 2)
    rows = [" ".join([f"{value:.4f}" for value in row]) for row in (*raw, raw.sum(0))]
    assert f"as broadcast (3, 2) contribution (2)\n {rows[0]} summed over axis 0 = {rows[3]}\n {rows[1]}\n {rows[2]}\n" in squeezed(text)


@pytest.mark.parametrize("grad", ["=", "+="])
def test_accumulation(grad):
    w = minigrad.tensor([1.0, -2.0], requires_grad=True)
    if grad == "+=":
        (w * 3).sum().backward()
    text = page(viz.trace((w * w).sum()), "accumulate")
    if grad == "+=":
        assert "w.grad before (2)     contribution (2)     w.grad (2)\n3. 3.              +   2. -4.           =   5. -1." in text
    else:
        assert "contribution (2)     w.grad (2)\n 2. -4.           →   2. -4." in text


def test_the_optimizers_step_shows_every_parameter():
    text = page(viz.trace(examples.gradient_clipping), "step")
    assert "w (2) w.grad (2) w (2)\n3. 4. 0.6000 0.8000 → 2.9400 3.9200" in squeezed(text)


def test_the_code_is_marked_below_the_expression():
    lines = page(viz.trace(examples.broadcast_bias), "forward", 2).splitlines()
    k = next(i for i, line in enumerate(lines) if line.startswith(">"))
    assert "loss = (out**2).mean()" in lines[k]
    start, end = lines[k + 1].index("^"), lines[k + 1].rindex("^") + 1
    assert lines[k][start:end] == "out**2" if sys.version_info >= (3, 11) else True
    assert lines[k - 3] == "examples.py"


SOURCE = {"text.py": ["first()", "\tünicode = größe(a) + b  ", "third(", "    c)", "last()"]}


def hand_made(**code):
    """A trace of one node."""
    node = {"id": "n0", "kind": "op", "fn": "AddBackward0", "op": "add", "name": None, "shape": [], "dtype": "float32", "inputs": []}
    node["code"] = {"file": "text.py", **code}
    steps = [{"kind": "forward", "node": "n0", "text": "It was made."}]
    return {"v": 1, "source": {"files": SOURCE}, "arrays": [], "nodes": [node], "steps": steps}


def test_marks_count_characters_not_bytes():
    start = SOURCE["text.py"][1].encode().index("größe".encode())
    code = plain(Pages(hand_made(line=2, end_line=2, col=start, end_col=start + len("größe(a)".encode()))).code(0, 80)).splitlines()
    assert code[3] == "> 2      ünicode = größe(a) + b"
    assert code[4] == "                   ^^^^^^^^"
    assert column("größe", 4) == 3 and column("größe", None) is None


def test_marks_span_lines_and_need_columns():
    assert plain(Pages(hand_made(line=3, end_line=4, col=0, end_col=6)).code(0, 80)).splitlines()[4:8] == [
        "> 3  third(",
        "     ^^^^^^",
        "> 4      c)",
        "         ^^",
    ]
    assert "^" not in plain(Pages(hand_made(line=3, end_line=3, col=None, end_col=None)).code(0, 80))
    assert Pages(hand_made(line=3, file="gone.py")).code(0, 80) == []
    assert Pages(hand_made(line=5, end_line=6, col=0, end_col=1)).code(0, 80) == []


def test_a_long_line_is_shifted_until_the_expression_is_in_sight(monkeypatch):
    monkeypatch.setitem(SOURCE, "text.py", ["x = " + "a + " * 50 + "end"])
    lines = plain(cut(line, 60) for line in Pages(hand_made(line=1, end_line=1, col=204, end_col=207)).code(0, 60)).splitlines()
    assert lines[2].endswith("end") and lines[3].index("^^^") == lines[2].index("end")


# ---- numbers


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([1, -20], ["  1", "-20"]),
        ([1.0, -2.0], [" 1.", "-2."]),
        ([0.5, 10.0], [" 0.5000", "10.0000"]),
        ([1e-7, 1.5], ["1.000e-07", "1.500e+00"]),
        ([1e9, 0.5], ["1.000e+09", "5.000e-01"]),
        ([float("nan"), 1.0, float("-inf")], [" nan", "  1.", "-inf"]),
        ([0.0], ["0."]),
    ],
)
def test_numbers_are_aligned(values, texts):
    assert written(values) == texts


def test_what_json_has_no_number_for():
    text = plain(matrix("grad", {"shape": [3], "dtype": "float32", "values": ["NaN", 1.5, "-Infinity"]}))
    assert text == "grad (3)\n   nan 1.5000   -inf"


def test_tensors_small_large_empty_and_deep():
    def shown(array):
        return plain(matrix("x", viz.arrays.describe(array)))

    assert shown(np.float32(2.5).reshape(())) == "x\n2.5000"
    assert shown(np.zeros((0, 3))) == "x (0, 3)\n[]"
    assert shown(np.arange(8.0).reshape(2, 2, 2)) == "x (2, 2, 2)\n0. 1.\n2. 3.\n\n4. 5.\n6. 7."
    tall = shown(np.arange(40.0).reshape(40, 1)).splitlines()
    assert len(tall) == 14 and tall[7] == "… 28 rows more" and tall[-1] == "39."
    large = np.arange(100.0).reshape(10, 10)
    large[3, 3] = np.nan
    text = shown(large)
    assert "min 0  max 99" in text and " 0.  1.  2.  3. …" in text and "1 of 100 are NaN" in text and "99." not in text


def test_blocks_that_do_not_fit_go_below():
    blocks = [[[("left", "")], [("1", "")]], "=", [[("right", "")], [("2", "")]]]
    assert plain(beside(blocks, 40)) == "left     right\n1     =  2"
    assert plain(beside(blocks, 10)) == "left\n1\n\n   right\n=  2"
    assert max(map(len, plain(beside([[[("x" * 50, "")]]], 20)).splitlines())) == 20


# ---- problems


def test_the_first_nan_is_pointed_out():
    x = minigrad.tensor([0.0, 4.0], requires_grad=True)
    trace = viz.trace(lambda: (x.sqrt() * minigrad.tensor([0.0, 1.0])).sum())
    assert trace.problems
    pages = Pages(trace)
    text = [plain(pages.page(i, 100)) for i in range(len(pages))]
    (problem,) = trace.problems
    assert problem["text"] in text[problem["step"]]
    assert len([t for t in text if problem["text"] in t]) == 1


# ---- all gradients


def test_gradients_as_they_are_after_each_step():
    trace = viz.trace(examples.with_zero_grad)
    pages = Pages(trace)
    seen = [plain(pages.gradients(i, 100)).splitlines()[1].strip() for i in range(len(trace))]
    at = {kind: [i for i, s in enumerate(trace) if s.kind == kind] for kind in ("accumulate", "zero_grad")}
    first, second = at["accumulate"]
    assert seen[0] == "none yet" and seen[first - 1] == "none yet"
    assert seen[first] == "2. -4."
    assert seen[at["zero_grad"][1] - 1] == "2. -4." and seen[at["zero_grad"][1]] == "none yet"
    assert seen[second] == seen[-1] == "1.6000 -3.2000"


def test_gradients_after_clipping_are_what_the_optimizer_saw():
    trace = viz.trace(examples.gradient_clipping)
    seen = [plain(Pages(trace).gradients(i, 100)).splitlines()[1].strip() for i in range(len(trace))]
    assert seen[-2:] == ["30. 40.", "0.6000 0.8000"]


def test_gradients_from_before_the_trace():
    w = minigrad.tensor([1.0], requires_grad=True)
    (w * 3).sum().backward()
    trace = viz.trace((w * 5).sum())
    assert plain(Pages(trace).gradients(0, 80)) == "w.grad (1)\n3."
    assert plain(Pages(trace).gradients(len(trace) - 1, 80)) == "w.grad (1)\n8."


# ---- the search


def test_search_by_name_operation_and_module_goes_round():
    trace = viz.trace(examples.dueling_head)
    pages = Pages(trace)

    def hits(query):
        found, at = [], len(trace) - 1
        while (at := pages.find(query, at)) is not None and at not in found:
            found.append(at)
        return found

    def involved(i):
        return {trace[i].node, trace[i].fields.get("to")} - {None}

    for query, test in {
        "CHOSEN": lambda node: node.name == "chosen",
        "gather": lambda node: node.fn == "GatherBackward0",
        "net.value": lambda node: "net.value" in (node.module or "") + (node.name or ""),
        "leaf0": lambda node: node.id == "leaf0",
    }.items():
        expected = [i for i in range(len(trace)) if any(test(trace.nodes[name]) for name in involved(i))]
        assert hits(query) == expected != []
    assert pages.find("no such node", 0) is None
    assert pages.find("chosen", hits("chosen")[0], -1) == hits("chosen")[-1]


# ---- keys, without a terminal


def test_sequences_are_keys():
    assert split("\x1b[C\x1bOD\x1b[1~\x1b[4~\x1b[5~a\r\x7fé\x1b") == [
        *("right", "left", "home", "end", "page up", "a", "enter", "backspace", "é", "escape")
    ]
    assert split("\x1b[24~\x01\x1b[1;5C") == []


@pytest.fixture
def stepper():
    return Stepper(Pages(viz.trace(examples.diamond)))


def press(stepper, *keys):
    return [stepper.press(key) for key in keys][-1]


def test_steps_stay_between_first_and_last(stepper):
    last = len(stepper.pages) - 1
    for keys, step in [(["left"], 0), (["right", " "], 2), (["end"], last), (["right"], last), (["left"], last - 1), (["home"], 0)]:
        assert press(stepper, *keys) and stepper.step == step
    press(stepper, "home")
    assert stepper.message == "That is the first step."
    press(stepper, "end", "right")
    assert stepper.message == "That is the last step."


def test_views_toggle_and_quit(stepper):
    press(stepper, "g")
    assert "Every .grad" in plain(stepper.lines())
    press(stepper, "right")
    assert stepper.view == "grads" and stepper.step == 1
    press(stepper, "?")
    assert "scroll" in plain(stepper.lines())
    assert press(stepper, "escape") and stepper.view == "step"
    assert not press(stepper, "q") and not press(stepper, "escape") and not press(stepper, "end of input")
    press(stepper, "x")
    assert "'x' means nothing here" in plain(stepper.lines())


def test_typing_a_search(stepper):
    press(stepper, "/", "l", "o", "x", "backspace", "s", "q")
    assert plain(stepper.lines()).endswith("\n/losq█")
    press(stepper, "backspace", "enter")
    assert stepper.typing is None and stepper.step == 3
    press(stepper, "n")
    assert stepper.step == 4
    press(stepper, "N", "N")
    assert stepper.step == 8
    press(stepper, "/", "enter")
    assert stepper.step == 3 or stepper.step == 9
    press(stepper, "/", "z", "z", "enter")
    assert stepper.message == "No node is called 'zz'."
    press(stepper, "/", "a", "escape")
    assert stepper.typing is None and stepper.query == "zz"


def test_a_search_for_nothing(stepper):
    press(stepper, "n")
    assert "Nothing to search for" in stepper.message


@pytest.mark.parametrize("size", [(100, 40), (80, 24), (40, 12), (10, 5), (3, 2)])
def test_every_step_fits_every_window(stepper, size):
    stepper.size = size
    for key in ["right"] * (len(stepper.pages) - 1) + ["down"] * 50 + ["g", "?"]:
        lines = plain(stepper.lines()).split("\n")
        assert len(lines) <= max(size[1], 3) and max(map(len, lines)) <= size[0]
        stepper.press(key)


def test_scrolling_shows_all_and_stops(stepper):
    stepper.size = (100, 16)
    press(stepper, *["right"] * 15)
    assert "lines more" in plain(stepper.lines()) and "after" not in plain(stepper.lines())
    assert "b = a * a" in plain(stepper.lines())  # the line of code stays
    press(stepper, *["down"] * 100)
    assert "after" in plain(stepper.lines()) and "lines more" not in plain(stepper.lines())
    top = stepper.scrolled
    press(stepper, "up")
    stepper.lines()
    assert stepper.scrolled == top - 1


# ---- printing


def test_without_a_terminal_every_step_is_printed(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "90")
    trace = viz.trace(examples.diamond)
    terminal.show(trace, "A lesson.")
    out = capsys.readouterr().out
    assert out.count("── step ") == len(trace) and "\x1b" not in out
    assert [line.split()[2] for line in out.splitlines() if line.startswith("── step")] == [str(i + 1) for i in range(len(trace))]
    assert out.count("A lesson.") == 1 and max(map(len, out.splitlines())) <= 90 + 30


def test_a_trace_read_back_from_json_shows_the_same(capsys):
    trace = viz.trace(examples.dueling_head)
    terminal.show(trace)
    direct = capsys.readouterr().out
    terminal.show(json.loads(trace.to_json()))
    assert capsys.readouterr().out == direct


def test_a_file_without_unicode_gets_ascii(tmp_path):
    with open(tmp_path / "out", "w", encoding="ascii") as file:
        paint = painter(file)
        assert paint([("── step 1 · → …", "title")]) == "-- step 1 - > ~"
        assert paint([("größe", "")]) == "gr??e"
        file.write(paint([("─" * 5, "dim")]))


# ---- in a terminal


@posix
@pytest.mark.parametrize("rich", [True, False])
def test_stepping_in_a_terminal(rich, tmp_path):
    if not rich:  # a package of that name that cannot be imported
        (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['rich'] = sys.modules['rich.console'] = None\n")
    with Terminal("step", "--example", "diamond", **({} if rich else {"PYTHONPATH": f"{tmp_path}:{os.getcwd()}"})) as t:
        t.wait_for("step 1 of 21")
        assert "A value that is used twice" in t.screen()
        assert ("\x1b[1m" in t.raw()) == rich
        t.press("right")
        t.wait_for("step 2 of 21")
        t.press("left", "end")
        assert "x.grad was None; it becomes 240." in t.wait_for("step 21 of 21")
        t.press("home")
        t.wait_for("step 1 of 21")
        t.press("/", "loss", "\r")
        t.wait_for("step 4 of 21")
        t.press("g")
        assert "none yet" in t.wait_for("Every .grad")
        t.press("g", "?")
        t.wait_for("the same search again")
        t.press("escape")
        t.wait_for("loss = b * c")
        t.press("q")
        assert t.ends() == 0
        assert t.output.count("\x1b[?1049h") == t.output.count("\x1b[?1049l") == 1
        assert t.output.rstrip().endswith("\x1b[?25h\x1b[?1049l")


@posix
def test_the_window_may_change_its_size():
    with Terminal("step", "--example", "diamond", size=(100, 40)) as t:
        t.wait_for("step 1 of 21")
        before = t.frames()
        t.resize((50, 12))
        screen = t.wait_until(lambda: t.frames() > before, "a new frame")
        assert len(screen.split("\n")) == 12 and max(map(len, screen.split("\n"))) <= 50


@posix
@pytest.mark.parametrize("how", ["ctrl-c", "ctrl-d", "signal"])
def test_the_terminal_is_left_as_it_was(how):
    with Terminal("step", "--example", "diamond") as t:
        t.wait_for("step 1 of 21")
        if how == "signal":
            t.process.send_signal(signal.SIGINT)
        else:
            t.press({"ctrl-c": "\x03", "ctrl-d": "\x04"}[how])
        assert t.ends() == (0 if how == "ctrl-d" else 130)
        assert "Traceback" not in t.output and "\x1b[?1049l" in t.output


@posix
def test_a_dumb_terminal_gets_every_step():
    with Terminal("step", "--example", "diamond", size=(200, 50), TERM="dumb") as t:
        assert t.ends() == 0
        assert t.output.count("── step ") == 21 and "\x1b" not in t.output


@posix
def test_a_script_in_a_terminal(tmp_path):
    script = tmp_path / "own.py"
    script.write_text("import torch\nw = torch.tensor(2.0, requires_grad=True)\ninput('ready? ')\n(w * w).backward()\nprint('never')\n")
    with Terminal("step", str(script)) as t:
        t.wait_for("ready? ")
        t.press("yes\n")
        t.wait_for("step 1 of ")
        assert "> 4  (w * w).backward()\n      ^^^^^" in t.screen()
        t.press("q")
        assert t.ends() == 0
