"""What multiprocessing imports as the main module of a process that it spawns for a script under `minigrad run`: that script, with
minigrad under torch's names there too."""

from __future__ import annotations

import os
import sys

from minigrad.run import TorchNames, execute

if __name__ == "__mp_main__":
    sys.meta_path.insert(0, TorchNames())
    __file__ = os.environ["MINIGRAD_SCRIPT"]
    execute(__file__, globals())
