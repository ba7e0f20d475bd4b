"""Every notebook runs from top to bottom as it stands, exercises unsolved; then every solution is run, and its check again.

An exercise is three cells, tagged exercise, check, solution, in this order. The check has to say no first, and yes then.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
sys.path.insert(0, str(NOTEBOOKS))
import refresh  # noqa: E402

names = pytest.mark.parametrize("name", [path.name for path in sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))])
ADDRESS = re.compile(r"\]\((\w+\.ipynb)\)")


@pytest.fixture(autouse=True)
def quickly(monkeypatch):
    monkeypatch.setenv("MINIGRAD_NOTEBOOKS", "quick")
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    put_first(monkeypatch, NOTEBOOKS.parent)


def put_first(monkeypatch, path: Path) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(path), os.environ.get("PYTHONPATH", "")])))


def read(name: str) -> Any:
    return nbformat.read(NOTEBOOKS / name, as_version=4)


def tagged(notebook: Any, tag: str) -> list[Any]:
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def printed(cell: Any) -> str:
    return "".join(output.get("text", "") for output in cell.outputs)


def with_solutions(notebook: Any) -> Any:
    """The notebook, and after its end every solution with its check again."""
    for solution, check in zip(tagged(notebook, "solution"), tagged(notebook, "check")):
        found = re.search(r"```python\n(.*)\n```", solution.source, re.DOTALL)
        assert found, solution.source
        notebook.cells += [new_code_cell(found[1]), new_code_cell(check.source, metadata={"tags": ["again"]})]
    return notebook


@names
def test_runs_and_checks(name):
    notebook = refresh.run(with_solutions(read(name)))
    for cell in tagged(notebook, "check"):
        assert printed(cell).startswith("✗ Not yet. "), cell.source
    for cell in tagged(notebook, "again"):
        assert printed(cell) == "✓ Right.\n", f"{cell.source}\n{printed(cell)}"
    assert not any("PyTorch is not installed" in printed(cell) for cell in notebook.cells if cell.cell_type == "code")


def test_runs_without_pytorch(monkeypatch, tmp_path):
    (tmp_path / "torch.py").write_text("raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')")
    put_first(monkeypatch, tmp_path)
    notebook = refresh.run(read("02_the_graph.ipynb"))
    assert any("PyTorch is not installed here" in printed(cell) for cell in notebook.cells if cell.cell_type == "code")


@names
def test_its_parts(name):
    """Objectives on top, exercises of three cells in order, links that lead somewhere, and nothing stored that does not belong there."""
    notebook = read(name)
    assert notebook.cells[0].source.startswith("# ") and "**You will be able to**" in notebook.cells[0].source
    tags = [tag for cell in notebook.cells for tag in cell.metadata.get("tags", [])]
    assert tags and tags == ["exercise", "check", "solution"] * (len(tags) // 3)
    for cell in notebook.cells:
        for target in ADDRESS.findall(cell.source):
            assert (NOTEBOOKS / target).exists(), target
        if cell.cell_type == "code":
            assert cell.execution_count is None
    assert any(cell.get("outputs") for cell in notebook.cells), "stored without its outputs: run notebooks/refresh.py"
    assert (NOTEBOOKS / name).stat().st_size < 600_000


def test_the_table_lists_them_all():
    rows = [line for line in (NOTEBOOKS / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("| [")]
    assert sorted(ADDRESS.findall("\n".join(rows))) == sorted(path.name for path in NOTEBOOKS.glob("[0-9]*.ipynb"))
