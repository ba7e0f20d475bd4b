"""Memory that was freed is kept for the next step.

Linux's C library gives a large array's memory back to the system as soon as it is freed. The next array of that size is then given
to the process page after page, each filled with zeros first, which takes longer than most operations that fill it. But the library
learns: when a block that it had from the system is freed, it keeps from then on twice that much, and asks for blocks of that size no
more (mallopt(3), M_MMAP_THRESHOLD). So it is taught here, by a block that is never written to, and so takes no memory. Elsewhere this
does nothing.
"""
from __future__ import annotations

import numpy as np

LARGEST = 31 << 20  # bytes: it learns from nothing larger than 32 MiB


def keep_freed_memory() -> None:
    np.empty(LARGEST, np.uint8)
