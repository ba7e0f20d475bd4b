"""The parity ledger: what `python -m comparisons` measures, a section per file, and how it is shown. See ../README.md."""
