"""How much memory this process has. Next to nothing is imported, for it would be counted."""
from __future__ import annotations

import sys


def resident(field: str = "VmRSS") -> float:
    """Bytes of this process in memory, now, or (VmHWM) at most so far, which is the only thing that systems other than Linux tell."""
    try:
        with open("/proc/self/status") as lines:
            return next(1024.0 * int(line.split()[1]) for line in lines if line.startswith(field))
    except OSError:
        import resource  # not on Windows

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1.0 if sys.platform == "darwin" else 1024.0)
