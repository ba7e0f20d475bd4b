"""The layers, losses and containers. Mirrors torch.nn.modules."""
# ruff: noqa: F403
from __future__ import annotations

from .activation import *
from .attention import *
from .batchnorm import *
from .container import *
from .conv import *
from .distance import *
from .dropout import *
from .flatten import *
from .fold import *
from .lazy import *
from .linear import *
from .loss import *
from .margin import *
from .module import *
from .normalization import *
from .padding import *
from .pooling import *
from .rnn import *
from .sparse import *
from .transformer import *
from .units import *
from .upsampling import *

__all__ = [name for name, value in list(globals().items()) if isinstance(value, type)]  # not the files, of which one is a `utils`
