"""Large arrays are given the memory of those freed before."""
from __future__ import annotations

import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource
import {}
import numpy as np

def step():
    arrays = [np.ones(3 << 20, np.uint8) for _ in range(4)]

for _ in range(3):
    step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives memory back that soon")
def test_the_pages_of_freed_arrays_are_used_again():
    def faults(module: str) -> int:
        return int(subprocess.run([sys.executable, "-c", FAULTS.format(module)], capture_output=True, text=True, check=True).stdout)

    assert faults("minigrad") < 100 < 1000 < faults("numpy")
