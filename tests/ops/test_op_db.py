"""PyTorch's own operator database, run on minigrad: three samples of each operation in one dtype. `python -m comparisons.operators`
runs all of them."""
from __future__ import annotations

from typing import Any

import pytest
from torch.testing._internal.common_methods_invocations import op_db

from comparisons.operators import check, left_out

OPS = [op for op in op_db if not left_out(op)]


@pytest.mark.parametrize("op", OPS, ids=[f"{op.name}.{op.variant_test_name}".rstrip(".") for op in OPS])
def test_samples(op: Any) -> None:
    assert not check(op, samples_of=3, dtypes=1).failures
