"""Time training steps in minigrad, PyTorch and hand-written NumPy, what one operation and a random number cost, and the import."""
from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

LIMITS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
NAMES = ("qnetwork", "policy", "chain", "rand", "layer", "import")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m comparisons.benchmark", description=__doc__)
    parser.add_argument("--threads", type=int, default=1, help="of NumPy's BLAS and of PyTorch (default: 1)")
    parser.add_argument("--rounds", type=int, default=50, help="samples of each implementation (default: 50)")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES, help="what to measure (default: all)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all samples to FILE")
    options = parser.parse_args()
    if options.threads < 1 or options.rounds < 2:
        parser.error("--threads must be at least 1, and --rounds at least 2")
    if options.json:
        try:
            options.json.touch()
        except OSError as error:
            parser.error(f"cannot write to {options.json}: {error.strerror}")
    if "numpy" in sys.modules:
        raise SystemExit("NumPy is loaded already, and its number of threads can no longer be set")
    for name in LIMITS:  # read when the libraries are loaded, and only then
        os.environ[name] = str(options.threads)
    from .report import run  # loads them

    run(options.threads, options.rounds, options.only, options.json)


if __name__ == "__main__":
    main()
