"""Every module of PyTorch's module database, from the same weights: outputs, and gradients of inputs and parameters."""
from __future__ import annotations

import types
import warnings
from typing import Any

import torch
from torch.testing._internal.common_modules import module_db

import minigrad

from ..operators import CONDITION, FACTORS, declared, tensors
from .record import Gauge, Record

TITLE = "Modules"
ABOUT = "Every layer and loss of PyTorch's module database that minigrad has, from equal weights, in training and in evaluation."
ABSENT = {
    "FractionalMaxPool2d": "pooling in random regions, which no program of the survey uses",
    "FractionalMaxPool3d": "the same",
    "LinearCrossEntropyLoss": "a Linear and a CrossEntropyLoss fused to save a GPU's memory",
}


def jobs(quick: bool) -> list[int]:
    return [i for i, info in enumerate(module_db) if info.module_cls.__name__ not in ABSENT]


def measure(job: int, quick: bool) -> list[Record]:
    info = module_db[job]
    return [made for dtype in (torch.float64, torch.float32) for made in compare(info, dtype, 1 if quick else None)]


def compare(info: Any, dtype: torch.dtype, count: int | None) -> list[Record]:
    name, tier = info.module_cls.__name__, 0
    factor = CONDITION["nn.functional.group_norm"] if name == "GroupNorm" else 4 if name.startswith("Transformer") else 1  # layer on layer
    steep = factor * FACTORS["first"] * (CONDITION["nn.functional.ctc_loss first"] if name == "CTCLoss" else 1)
    values, slopes = Gauge(), Gauge()
    for training in (True, False):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            inputs = info.module_inputs_func(info, device="cpu", dtype=dtype, requires_grad=True, training=training)
            for sample in inputs[:count]:
                made = sample.constructor_input.args, sample.constructor_input.kwargs
                called = sample.forward_input.args, sample.forward_input.kwargs
                made_here, called_here = ours((made, called), {})
                theirs = run(torch, info.module_cls, made, called, None, training, dtype)
                state = {key: minigrad.tensor(value.numpy().copy()) for key, value in theirs[1].items()}
                mine = run(minigrad, getattr(minigrad.nn, name), made_here, called_here, state, training, ours(dtype, {}))
                tier = max(tier, declared(mine[2]))
                values.samples += 1
                slopes.samples += bool(theirs[3])
                for a, b in zip(mine[2], theirs[2], strict=True):
                    values.add(a.numpy(force=True), b.numpy(force=True), factor=factor)
                largest = max([float(g[g.isfinite()].abs().max()) for g in theirs[3] if g.isfinite().any()] + [1.0])
                for a, b in zip(mine[3], theirs[3], strict=True):
                    slopes.add(a.numpy(force=True), b.numpy(force=True), largest, steep)
    made = [values.record("modules", name, f"T{tier}", what="values", dtype=str(dtype)[6:])]
    return made + ([slopes.record("modules", name, "T3", what="gradients", dtype=str(dtype)[6:])] if slopes.samples else [])


def ours(x: Any, seen: dict[int, Any]) -> Any:
    """An argument of PyTorch's as one of minigrad's; what was seen before is the same tensor again."""
    if isinstance(x, torch.Tensor):
        if id(x) not in seen:
            made = minigrad.tensor(x.detach().numpy().copy()).requires_grad_(x.requires_grad)
            seen[id(x)] = minigrad.nn.Parameter(made) if isinstance(x, torch.nn.Parameter) else made
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


def run(t: Any, kind: Any, made: Any, called: Any, state: Any, training: bool, dtype: Any) -> Any:
    """A module made, given a state and called: its repr, that state, outputs, gradients, and the state afterwards."""
    module = kind(*made[0], **made[1]).to(dtype).train(training)
    if "Lazy" in kind.__name__:  # its first call makes the parameters
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
