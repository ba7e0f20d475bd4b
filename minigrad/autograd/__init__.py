"""The graph and the walk through it. Mirrors torch.autograd.

Read in this order: rule (what an operation is), node and variable (what it leaves in the graph), written_out and applied (the code
of that node, and of running the operation), engine (backward), inplace.
"""
from importlib import import_module
from typing import Any

from . import function
from .anomaly import detect_anomaly, set_detect_anomaly
from .engine import backward, grad
from .function import Function
from .grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled
from .gradcheck import gradcheck, gradgradcheck
from .legacy import Variable
from .variable import wrap

__all__ = ["Function", "Variable", "backward", "detect_anomaly", "enable_grad", "function", "grad", "gradcheck", "gradgradcheck", "inference_mode", "no_grad",
           "set_detect_anomaly", "set_grad_enabled", "wrap"]


def __getattr__(name: str) -> Any:
    if name == "functional":  # needs the operations, which need this package
        return import_module(f"{__name__}.functional")
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
