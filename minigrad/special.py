"""Special functions, under the names that PyTorch has for them in a module of their own. Mirrors torch.special."""
from __future__ import annotations

from importlib import import_module
from typing import Any

from .left_out import Unknown

NAMES = {name: name for name in "digamma erf erfc erfinv exp2 expm1 log1p log_softmax logit logsumexp polygamma round sinc softmax xlogy".split()}
NAMES.update(expit="sigmoid", gammaln="lgamma", psi="digamma")


def __getattr__(name: str) -> Any:
    if name not in NAMES:
        raise Unknown(f"module '{__name__}'", name, lambda: NAMES)
    return getattr(import_module("minigrad"), NAMES[name])
