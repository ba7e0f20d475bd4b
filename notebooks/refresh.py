"""Run the notebooks and store what they print and draw: `python notebooks/refresh.py [name ...]`.

Without names: all. Left out of what is stored: execution counts, warnings, and pages that no code host shows (the stepper).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent
LARGE = 150_000  # characters: no output that is stored is longer


def run(notebook: Any, timeout: int = 600) -> Any:
    """The notebook with every cell run, in a fresh kernel in this folder."""
    return NotebookClient(notebook, timeout=timeout, kernel_name="python3", resources={"metadata": {"path": str(HERE)}}).execute()


def tidy(notebook: Any) -> Any:
    """The notebook as it is stored."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        cell.execution_count = None
        cell.outputs = joined([output for output in cell.outputs if output.get("name") != "stderr"])
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = None
            for kind in [kind for kind, data in output.get("data", {}).items() if len(data) > LARGE or kind == "text/html"]:
                del output.data[kind]
    return notebook


def joined(outputs: list[Any]) -> list[Any]:
    """What is printed comes in as many parts as the kernel happens to send."""
    found: list[Any] = []
    for output in outputs:
        if found and found[-1].output_type == output.output_type == "stream":
            found[-1].text += output.text
        else:
            found.append(output)
    return found


def main() -> None:
    for path in sorted(HERE.glob("[0-9]*.ipynb")):
        if len(sys.argv) == 1 or path.stem in sys.argv[1:]:
            nbformat.write(tidy(run(nbformat.read(path, as_version=4))), path)
            print(path.name)


if __name__ == "__main__":
    main()
