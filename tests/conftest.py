"""What every test shares: one thread. Tests compare engines, and threads that wait for each other on a busy machine take minutes."""
import os

for library in ("OMP", "MKL", "OPENBLAS"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")  # read when NumPy and PyTorch are imported, after this
