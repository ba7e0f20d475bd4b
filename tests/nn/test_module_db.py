"""PyTorch's own list of modules and what to try them with, on both sides: repr, state_dict, outputs, gradients."""

from __future__ import annotations

import types
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from torch.testing._internal.common_modules import module_db

import minigrad

ABSENT = {
    "FractionalMaxPool2d": "pooling in random regions, which no program of the survey uses",
    "FractionalMaxPool3d": "the same",
    "LinearCrossEntropyLoss": "a Linear and a CrossEntropyLoss fused to save a GPU's memory",
}


def ours(x: Any, seen: dict[int, Any]) -> Any:
    """An argument of PyTorch's as one of minigrad's; what was seen before is the same tensor again."""
    if isinstance(x, torch.Tensor):
        if id(x) not in seen:
            seen[id(x)] = minigrad.tensor(x.detach().numpy().copy()).requires_grad_(x.requires_grad)
        return seen[id(x)]
    if isinstance(x, torch.dtype):
        return getattr(minigrad, str(x).removeprefix("torch."))
    if isinstance(x, torch.nn.TransformerEncoderLayer):
        settings = x.self_attn.embed_dim, x.self_attn.num_heads, x.linear1.out_features, x.dropout.p, ours(x.activation, seen), x.norm1.eps
        bias = x.linear1.bias is not None
        return minigrad.nn.TransformerEncoderLayer(*settings, x.self_attn.batch_first, x.norm_first, bias)
    if isinstance(x, torch.nn.Module):
        return getattr(minigrad.nn, type(x).__name__)()
    if isinstance(x, (types.FunctionType, types.BuiltinFunctionType)) and hasattr(torch.nn.functional, x.__name__):
        return getattr(minigrad.nn.functional, x.__name__)
    if isinstance(x, (list, tuple)):
        return type(x)([ours(item, seen) for item in x])
    return {key: ours(value, seen) for key, value in x.items()} if isinstance(x, dict) else x


def tensors(x: Any) -> list[Any]:
    if isinstance(x, (list, tuple, dict)):
        return [t for item in (x.values() if isinstance(x, dict) else x) for t in tensors(item)]
    return [x] if isinstance(x, (torch.Tensor, minigrad.Tensor)) else []


def run(t: Any, kind: Any, made: Any, called: Any, state: Any, training: bool) -> Any:
    module = kind(*made[0], **made[1]).double().train(training)
    if "Lazy" in kind.__name__:
        module(*called[0], **called[1])
    if state is not None:
        module.load_state_dict(state)
    state = {key: value.detach().clone() for key, value in module.state_dict().items()}
    t.manual_seed(0)
    outputs = tensors(module(*called[0], **called[1]))
    loss = sum([(y * t.linspace(0.5, 1.5, y.numel(), dtype=y.dtype).reshape(y.shape)).sum() for y in outputs if y.requires_grad])
    inputs = [x for x in tensors([*called, *module.parameters()]) if x.requires_grad]
    grads = t.autograd.grad(loss, inputs, allow_unused=True) if outputs and any(y.requires_grad for y in outputs) else []
    after = list(module.state_dict().values())  # running statistics move
    return repr(module), state, outputs, [t.zeros_like(x) if g is None else g for g, x in zip(grads, inputs)], after


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
            theirs = run(torch, info.module_cls, made, called, None, training)
            state = {key: minigrad.tensor(value.numpy().copy()) for key, value in theirs[1].items()}
            mine = run(minigrad, getattr(minigrad.nn, name), made_here, called_here, state, training)
            assert mine[0] == theirs[0]
            assert list(mine[1]) == list(theirs[1])
            for part, a, e in zip(("output", "gradient", "state"), mine[2:], theirs[2:]):
                assert len(a) == len(e)
                for x, y in zip(a, e):
                    x, y = x.numpy(force=True), y.numpy(force=True)
                    assert (x.shape, x.dtype) == (y.shape, y.dtype), f"{part} {sample.desc}"
                    np.testing.assert_allclose(x, y, 1e-10, 1e-12, err_msg=f"{part} of {name}{made} {sample.desc}")
