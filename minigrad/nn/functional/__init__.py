"""The functions behind the layers, without their parameters. Mirrors torch.nn.functional."""
# ruff: noqa: F403
from __future__ import annotations

from ... import ops
from ...ops import one_hot as one_hot
from ...ops.arguments import checked
from .activation import *
from .attention import *
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
from .vision import *

relu_, leaky_relu_ = [checked(f, home=__name__) for f in (ops.relu_, ops.leaky_relu_)]
