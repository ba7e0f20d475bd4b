"""minigrad beside real PyTorch, and beside NumPy by hand. See README.md.

Nothing is imported here: the benchmark limits the threads of NumPy and PyTorch before either is loaded.
"""
