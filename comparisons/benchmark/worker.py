"""The process that measures: `python -m comparisons.benchmark.worker NAME '{"threads": 1, ...}'`, with a result in JSON.

Not for people: `python -m comparisons.benchmark` sets the limits of threads beforehand, and prints tables.
"""
from __future__ import annotations

import json
import sys
from importlib import import_module

FUNCTIONS = {  # where each is found; loaded by name, for what is not needed here would be measured too
    "environment": "environment.describe_all",
    "import": "fresh.imports",
    "operation": "operation.layers",
    "inside": "inside.shares",
    "busy": "inside.forever",
    "memory": "memory.peaks",
    "peak": "memory.peak",
    "growth": "growth.growth",
}


def main() -> None:
    name, settings = sys.argv[1], json.loads(sys.argv[2])
    module, _, function = FUNCTIONS.get(name, "timing.times").partition(".")
    if name not in FUNCTIONS:
        settings["name"] = name
    result = getattr(import_module(f".{module}", __package__), function)(**settings)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
