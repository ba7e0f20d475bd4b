"""How exactly is minigrad PyTorch? `python -m comparisons` measures it against the installed torch, and prints the ledger."""
from __future__ import annotations

import argparse
import time
from pathlib import Path

from .benchmark.environment import describe
from .ledger import text
from .ledger.page import page
from .ledger.report import Report
from .ledger.run import SECTIONS, run

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- from `python -m comparisons --readme` -->", "<!-- to here -->"


def refresh(table: str) -> None:
    """Replace the README's table, between its two marks."""
    page = README.read_text(encoding="utf-8")
    before, after = page[: page.index(BEGIN) + len(BEGIN)], page[page.index(END) :]
    README.write_text(f"{before}\n{table}\n{after}", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m comparisons", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer samples: under a minute instead of a few")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, metavar="SECTION", help=f"some of: {', '.join(SECTIONS)}")
    parser.add_argument("--summary", action="store_true", help="print no single lines but those that broke their promise")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all that was measured into a file")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the report into one page with plots")
    parser.add_argument("--from-json", type=Path, metavar="FILE", help="measure nothing: show what --json wrote")
    parser.add_argument("--readme", action="store_true", help="write the table into the project's README, where it belongs")
    parser.add_argument("--processes", type=int, metavar="N", help="how many processes to use (default: one per core)")
    options = parser.parse_args()
    if options.from_json:
        report = Report.from_json(options.from_json.read_text(encoding="utf-8"))
    else:
        environment = {name: str(value) for name, value in describe(threads=1).items()}
        start = time.perf_counter()
        records = run(options.only or SECTIONS, options.quick, options.processes)
        report = Report(environment, options.quick, time.perf_counter() - start, records)
    if options.json:
        options.json.write_text(report.to_json(), encoding="utf-8")
    if options.html:
        options.html.write_text(page(report), encoding="utf-8")
    if options.readme:
        refresh(text.markdown(report.records))
    if not options.summary:
        print(text.ledger(report.records) + "\n")
    print(text.summary(report.records))
    broken = text.broken(report.records)
    for record in broken:
        print(f"  BROKEN: {record.section}, {record.name}, {record.what} {record.dtype} ({record.tier}). {record.note}")
    print(f"\n{', '.join([f'{name} {value}' for name, value in report.environment.items()])}; {report.seconds:.0f} s.")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
