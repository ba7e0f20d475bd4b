"""PyTorch's own operator database, run on minigrad: three samples of each operation in one dtype. `python -m comparisons.operators`
runs all of them."""
from __future__ import annotations

import pytest

from comparisons.operators import check_one, left_out, op_db

OPS = {f"{op.name}.{op.variant_test_name}".rstrip("."): number for number, op in enumerate(op_db) if not left_out(op)}


@pytest.mark.parametrize("name", OPS)
def test_samples(name: str) -> None:
    _, tally = check_one((OPS[name], 3, 1))
    assert not tally.failures, "\n".join(tally.failures)
