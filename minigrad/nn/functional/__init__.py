"""The functions behind the layers, without their parameters. Mirrors torch.nn.functional."""
# ruff: noqa: F403
from __future__ import annotations

from functools import wraps
from typing import Any

from ... import ops
from ...left_out import Unknown
from ...ops import one_hot as one_hot
from ...ops.arguments import check_tensor, checked
from .activation import *
from .activation import elu, hardtanh, rrelu
from .attention import *
from .ctc import *
from .distance import *
from .dropout import *
from .linear import *
from .loss import *
from .margin import *
from .normalization import *
from .pooling import *
from .sparse import *
from .spatial import *
from .units import *
from .units import celu, selu, threshold
from .vision import *


def in_place(function: Any) -> Any:
    """`function(..., inplace=True)`, as relu_ is to relu."""

    @wraps(function)
    def change(input: Any, *settings: Any, **named: Any) -> Any:
        check_tensor(change.__name__, "input", 1, input)
        return function(input, *settings, inplace=True, **named)

    change.__name__ = change.__qualname__ = f"{function.__name__}_"
    change.__module__ = __name__
    return change


relu_, leaky_relu_ = [checked(f, home=__name__) for f in (ops.relu_, ops.leaky_relu_)]
celu_, elu_, hardtanh_, rrelu_, selu_, threshold_ = [in_place(f) for f in (celu, elu, hardtanh, rrelu, selu, threshold)]


def __getattr__(name: str) -> Any:
    raise Unknown(f"module '{__name__}'", name, lambda: globals())
