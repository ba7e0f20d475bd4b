"""How fast: `python -m comparisons.benchmark`.

Nothing is imported here, for threads must be limited before NumPy is loaded. Each measurement runs in a process of its own
(worker.py), so that none finds the memory or the objects that another has left.
"""
