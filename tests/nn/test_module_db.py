"""PyTorch's own list of modules and what to try them with, on both sides: repr, state_dict, outputs, gradients."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from torch.testing._internal.common_modules import module_db

import minigrad
from comparisons.ledger.modules import ABSENT, ours, run


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("info", module_db, ids=lambda info: info.module_cls.__name__)
def test_module(info, training):
    name = info.module_cls.__name__
    if name in ABSENT:
        assert not hasattr(minigrad.nn, name), f"{name} is there: take it off the list of what is absent"
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        samples = info.module_inputs_func(info, device="cpu", dtype=torch.float64, requires_grad=True, training=training)
        for sample in samples:
            made = sample.constructor_input.args, sample.constructor_input.kwargs
            called = sample.forward_input.args, sample.forward_input.kwargs
            made_here, called_here = ours((made, called), {})
            theirs = run(torch, info.module_cls, made, called, None, training, torch.float64)
            state = {key: minigrad.tensor(value.numpy().copy()) for key, value in theirs[1].items()}
            mine = run(minigrad, getattr(minigrad.nn, name), made_here, called_here, state, training, minigrad.float64)
            assert mine[0] == theirs[0]
            assert list(mine[1]) == list(theirs[1])
            for part, a, e in zip(("output", "gradient", "state"), mine[2:], theirs[2:]):
                assert len(a) == len(e)
                for x, y in zip(a, e):
                    x, y = x.numpy(force=True), y.numpy(force=True)
                    assert (x.shape, x.dtype) == (y.shape, y.dtype), f"{part} {sample.desc}"
                    np.testing.assert_allclose(x, y, 1e-10, 1e-12, err_msg=f"{part} of {name}{made} {sample.desc}")
