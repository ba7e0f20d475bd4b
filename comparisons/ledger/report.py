"""What one run of the ledger found, and on which machine: kept in a file, and read again."""
from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .record import Record


@dataclass
class Report:
    environment: dict[str, str]
    quick: bool
    seconds: float
    records: Sequence[Record]

    def to_json(self) -> str:
        return json.dumps(plain(asdict(self)), indent=1)

    @classmethod
    def from_json(cls, text: str) -> Report:
        found = json.loads(text)
        records = [Record(**{key: numbers(value) for key, value in entry.items()}) for entry in found.pop("records")]
        return cls(**found, records=records)


def plain(value: Any) -> Any:
    """JSON has no infinity and no NaN."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return repr(float(value)) if isinstance(value, float) and not math.isfinite(value) else value


def numbers(value: Any) -> Any:
    return float(value) if value in ("inf", "-inf", "nan") else value
