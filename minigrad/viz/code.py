"""Where in the program an operation stands, what the program calls its results, and how a rule is written."""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
import textwrap
from functools import cache, lru_cache
from pathlib import Path
from types import FrameType
from typing import Any

from ..autograd.rule import Rule
from ..nn.modules.hooks import Hookable

PACKAGE = str(Path(__file__).parents[1])
PROGRAMS = (str(Path(__file__).with_name("examples.py")), str(Path(PACKAGE, "demo")))  # programs that come with the package


def is_program(frame: FrameType) -> bool:
    """Whether a frame is the student's, and not the package's."""
    file = frame.f_code.co_filename
    return not file.startswith(PACKAGE) or file.startswith(PROGRAMS)


def program_frame(frame: FrameType | None) -> FrameType | None:
    """The innermost frame that is not of this package."""
    while frame is not None and not is_program(frame):
        frame = frame.f_back
    return frame


def call_from_program(frame: FrameType | None) -> FrameType | None:
    """The frame of this package that the program has called."""
    while frame is not None and frame.f_back is not None and not is_program(frame.f_back):
        frame = frame.f_back
    return frame


def location(frame: FrameType | None) -> dict[str, Any] | None:
    """The expression that a frame is at: file and lines, and columns where Python knows them (from 3.11 on)."""
    if frame is None:
        return None
    code = frame.f_code
    place = {"file": code.co_filename, "line": frame.f_lineno, "end_line": frame.f_lineno, "col": None, "end_col": None}
    if sys.version_info >= (3, 11):
        line, end_line, col, end_col = list(code.co_positions())[frame.f_lasti // 2]
        if line is not None:
            place |= {"line": line, "end_line": end_line, "col": col, "end_col": end_col}
    return place


def modules_at_work(frame: FrameType | None) -> list[Any]:
    """The modules whose calls lead to a frame, the outermost first."""
    found = []
    while frame is not None:
        if frame.f_code is Hookable.__call__.__code__:
            found.append(frame.f_locals["self"])
        frame = frame.f_back
    return found[::-1]


def lines(file: str) -> list[str]:
    """The source of a file, also of a notebook's cell."""
    return [line.rstrip("\n") for line in linecache.getlines(file)]


@lru_cache(maxsize=64)
def assignments(file: str) -> dict[tuple[int, int, int, int], str]:
    """By the place of an expression: the variable that it is assigned to."""
    try:
        tree = ast.parse("\n".join(lines(file)))
    except SyntaxError:  # as in a cell with IPython's own commands
        return {}
    found = {}
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, (ast.AnnAssign, ast.AugAssign)) else []
        value = getattr(node, "value", None)
        if len(targets) == 1 and isinstance(targets[0], (ast.Name, ast.Attribute)) and value is not None:
            found[place_of(node if isinstance(node, ast.AugAssign) else value)] = ast.unparse(targets[0])
    return found


def place_of(node: Any) -> tuple[int, int, int, int]:
    """Line, column, and where it ends. Columns count characters' bytes, as code objects do."""
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset


def assigned_name(place: dict[str, Any] | None) -> str | None:
    """The variable that receives the value of the expression at a place, if it is one."""
    if place is None or place["col"] is None:
        return None
    return assignments(place["file"]).get((place["line"], place["col"], place["end_line"], place["end_col"]))


def variables(frame: FrameType | None) -> list[tuple[str, Any]]:
    """The program's variables, by name: those of a frame first, then of those that called it, then of its module."""
    found: list[tuple[str, Any]] = []
    innermost = frame
    while frame is not None:
        if is_program(frame):
            found += [(name, value) for name, value in frame.f_locals.items() if not name.startswith("_")]
        frame = frame.f_back
    if innermost is not None:
        found += [(name, value) for name, value in innermost.f_globals.items() if not name.startswith("_")]
    return found


@cache
def written(rule: type[Rule]) -> tuple[str | None, dict[str, str]]:
    """A rule as it is written: what forward returns, and what each gradient rule returns, by the input's name.

    A function of more than one line is described by the first line of the rule's docstring instead.
    """
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(rule)))
    except (OSError, TypeError):  # no source, as for a rule made by a function
        return None, {}
    doc = (ast.get_docstring(tree.body[0]) or "").partition("\n")[0]  # type: ignore[arg-type]
    tree = PlainCalls().visit(tree)
    functions = {f.name: f for f in ast.walk(tree) if isinstance(f, ast.FunctionDef)}
    for base in rule.__mro__[1:]:
        if issubclass(base, Rule) and base is not Rule and ("forward" not in functions or not any(f.startswith("grad_") for f in functions)):
            inherited = PlainCalls().visit(ast.parse(textwrap.dedent(inspect.getsource(base))))
            functions = {f.name: f for f in ast.walk(inherited) if isinstance(f, ast.FunctionDef)} | functions
    formula = returned(functions["forward"]) if "forward" in functions else None
    gradients = {name[5:]: f for name, f in functions.items() if name.startswith("grad_")}
    return formula or doc or None, {name: returned(f) or whole(f) for name, f in gradients.items()}


class PlainCalls(ast.NodeTransformer):
    """Shows `on(Kept, grad, mask)`, an operation inside a gradient rule, as `kept(grad, mask)`."""

    def visit_Call(self, call: ast.Call) -> ast.Call:
        self.generic_visit(call)
        if isinstance(call.func, ast.Name) and call.func.id == "on" and isinstance(call.args[0], ast.Name):
            call.func, call.args = ast.Name(call.args[0].id.lower()), call.args[1:]
        return call


def returned(function: ast.FunctionDef) -> str | None:
    """The expression that a function of one line returns."""
    body = [line for line in function.body if not isinstance(line, ast.Expr)]
    return ast.unparse(body[0].value) if len(body) == 1 and isinstance(body[0], ast.Return) and body[0].value else None


def whole(function: ast.FunctionDef) -> str:
    return "\n".join([ast.unparse(line) for line in function.body])
