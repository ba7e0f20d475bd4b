"""What every test shares: one thread, for tests compare engines, and threads that wait for each other on a busy machine take minutes;
and Ctrl-C, which a shell takes from what it starts in the background, and some tests press."""
import os
import signal

for library in ("OMP", "MKL", "OPENBLAS"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")  # read when NumPy and PyTorch are imported, after this
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
