"""Names for annotations. Mirrors torch.types."""
from __future__ import annotations

import builtins
from typing import TypeAlias, Union

from .ops.devices import device

Number: TypeAlias = Union[builtins.int, builtins.float, builtins.bool]  # noqa: UP007
Device: TypeAlias = Union[device, str, builtins.int, None]  # noqa: UP007
