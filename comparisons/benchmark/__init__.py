"""How fast: `python -m comparisons.benchmark`.

Nothing is imported here, for threads must be limited before NumPy is loaded.
"""
