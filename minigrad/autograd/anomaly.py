"""Finding the operation that made a NaN. Mirrors torch.autograd.anomaly_mode.

While it is on, every node remembers where in the program it was recorded, and backward stops at the first node whose result has
a NaN, showing that place.
"""
from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from .node import Node
from .onlookers import Onlooker, onlookers

enabled = False
check_nan = True


class Detector(Onlooker):
    """Looks on while anomaly detection is on."""

    def recorded(self, node: Node, inputs: Any, outputs: Any) -> None:
        """Keep where the node is recorded, without this package's own frames at the end."""
        import traceback  # here, for it is slow to import and seldom needed

        node.forward_traceback = traceback.format_stack()[:-3]

    def returned(self, node: Node, results: list[Any]) -> None:
        """Raise at the first NaN among the gradients a node returned."""
        if not check_nan:
            return
        for i, grad in enumerate(results):
            if grad is not None and np.isnan(getattr(grad, "array", grad)).any():
                explain(node)
                raise RuntimeError(f"Function '{node.name()}' returned nan values in its {i}th output.")


detector = Detector()


def switch(mode: bool, check: bool) -> None:
    """Detection on or off, and whether it looks for NaN."""
    global enabled, check_nan
    if mode != enabled:
        (onlookers.append if mode else onlookers.remove)(detector)
    enabled, check_nan = mode, check


def explain(node: Node) -> None:
    """Warn with the traceback of the forward call behind a node."""
    where = node.forward_traceback
    if where is None:
        warnings.warn(
            f"Error detected in {node.name()}. No forward pass information available. Enable detect anomaly during forward pass "
            "for more information.",
            stacklevel=3,
        )
    else:
        warnings.warn(
            f"Error detected in {node.name()}. Traceback of forward call that caused the error:\n{''.join(where)}", stacklevel=3
        )


class set_detect_anomaly:
    """Switch anomaly detection on or off: at once, and back again when used as a context."""

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self._before = enabled, globals()["check_nan"]
        switch(bool(mode), check_nan)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exc: object) -> None:
        switch(*self._before)


class detect_anomaly(set_detect_anomaly):
    """A context that detects anomalies. Mirrors torch.autograd.detect_anomaly."""

    def __init__(self, check_nan: bool = True) -> None:
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for debugging.",
            stacklevel=2,
        )
        super().__init__(True, check_nan)


def is_anomaly_enabled() -> bool:
    """Whether anomaly detection is on."""
    return enabled


def is_anomaly_check_nan_enabled() -> bool:
    """Whether it looks for NaN."""
    return check_nan
