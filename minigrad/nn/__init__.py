"""Neural networks: layers, losses, and what belongs to them. Mirrors torch.nn."""
from __future__ import annotations

from typing import Any

from ..left_out import Unknown
from . import functional as functional
from . import init as init
from . import modules as modules
from . import parallel as parallel
from . import parameter as parameter
from . import utils as utils
from .modules import *  # noqa: F403
from .parallel import DataParallel as DataParallel
from .parameter import Buffer as Buffer
from .parameter import Parameter as Parameter
from .parameter import UninitializedBuffer as UninitializedBuffer
from .parameter import UninitializedParameter as UninitializedParameter


def __getattr__(name: str) -> Any:
    raise Unknown(f"module '{__name__}'", name, lambda: globals())
