"""The functions behind the layers, without their parameters. Mirrors torch.nn.functional."""
# ruff: noqa: F403
from __future__ import annotations

from ...ops import leaky_relu_ as leaky_relu_
from ...ops import one_hot as one_hot
from ...ops import relu_ as relu_
from .activation import *
from .distance import *
from .dropout import *
from .linear import *
from .loss import *
