"""What nodes keep for backward, under PyTorch's names: `grad_fn._saved_self`, `_saved_other`, `_saved_result`, ..."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from beside import close, draw, program, table

import minigrad

COMMON = """
x + y
x - y
x * y
x * 2
x / y
2 / x
x % y
-x
x.abs()
x.reciprocal()
x ** 3
x ** y
2 ** x
x.sqrt()
x.rsqrt()
x.exp()
x.expm1()
x.log()
x.log1p()
x.log2()
x.log10()
x.sin()
x.cos()
x.tan()
x.atan()
x.tanh()
x.sigmoid()
x.relu()
t.maximum(x, y)
t.minimum(x, y)
x.clamp(0.1, 0.5)
x.clamp(y / 2, y)
t.where(x > 0.5, x, y)
x.masked_fill(x > 0.5, 2.0)
t.lerp(x, y, 0.3)
t.lerp(x, y, x)
t.addcmul(x, y, x, value=2)
t.addcdiv(x, y, x, value=2)
x.sum()
x.sum(0)
x.mean()
x.var(0)
x.std(0)
x.cumprod(1)
x.amax(1)
x.max()
x.max(1)[0]
x.min(0)[0]
x.median(1)[0]
x.sort(1)[0]
x.topk(2, 1)[0]
x.softmax(1)
x.log_softmax(0)
x.logsumexp(1)
x.norm()
t.dist(x, y)
x[0].dot(y[0])
x @ y[0]
x @ y.t()
t.addmm(y[0, :2], x, y.t())
t.addmm(x @ y.t(), x, y.t(), beta=2, alpha=3)
t.nn.functional.linear(x, y, y[0, :2])
t.bmm(x[None], y.t()[None])
t.baddbmm(x[None, :, :2], x[None], y.t()[None], beta=2, alpha=3)
x.view(6)
x.t()
x[1:]
x[:, 1]
x.index_select(1, z)
x.index_fill(1, z, 2.0)
x.scatter(1, z[None], y)
x.scatter_add(1, z[None], y)
t.cat([x, y])
t.nn.functional.leaky_relu(x, 0.2)
t.nn.functional.elu(x)
t.nn.functional.silu(x)
t.nn.functional.softplus(x)
t.nn.functional.hardtanh(x)
x.clone().mul_(y)
x.clone().exp_()
t.nn.functional.mse_loss(x, y)
t.nn.functional.smooth_l1_loss(x, y, beta=0.5)
t.nn.functional.huber_loss(x, y, delta=0.5)
t.nn.functional.binary_cross_entropy(x, y.detach(), weight=y.detach())
t.nn.functional.binary_cross_entropy_with_logits(x, y.detach(), weight=y.detach(), pos_weight=y.detach())
t.std_mean(x, 0)[0]
"""
LESS = """
x.prod()
x.prod(1)
x.gather(1, z[None])
x.index_add(1, z, y[:, :2])
x.index_copy(1, z, y[:, :2])
x.take(z)
x.masked_select(x > 0.3)
t.nn.functional.nll_loss(x, z, weight=y[0].detach())
"""


def saved(t: Any, source: str) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The tensors and the numbers that the last node of a program keeps."""
    x, y = [t.tensor(draw(2, 3, seed=seed, low=0.1, high=0.9), requires_grad=True) for seed in (1, 2)]
    node = program(source)(t, x, y, t.tensor([2, 0])).grad_fn
    names = [n for n in dir(node) if n.startswith("_saved_")] if t is torch else [f"_saved_{n}" for n in node.saved_values()]
    values = {name: getattr(node, name) for name in names}
    tensors = {name: value.numpy(force=True) for name, value in values.items() if isinstance(value, t.Tensor)}
    return tensors, {name: value for name, value in values.items() if isinstance(value, (int, float))}


@table(COMMON)
def test_common_operations(source):
    (theirs, their_numbers), (ours, our_numbers) = saved(torch, source), saved(minigrad, source)
    assert ours.keys() == theirs.keys()
    for name in theirs:
        close(ours[name], theirs[name], "gradient", name)
    factors = "alpha", "beta", "value", "weight", "exponent", "negative_slope"
    for name in [f"_saved_{factor}" for factor in factors]:
        if name in our_numbers:
            assert our_numbers[name] == their_numbers[name], name


@table(LESS)
def test_some_keep_less(source):
    """Where PyTorch keeps a tensor for the sake of its shape, or of another formula."""
    theirs, ours = saved(torch, source)[0], saved(minigrad, source)[0]
    assert ours.keys() < theirs.keys()


def test_inputs_in_any_number():
    for t in (torch, minigrad):
        x, i = t.ones(3, 3, requires_grad=True), t.tensor([2, 0])
        assert [index.tolist() for index in x[i, i].grad_fn._saved_indices] == [[2, 0], [2, 0]]


def test_addmm():
    x, w, b = [minigrad.tensor(draw(*shape), requires_grad=True) for shape in [(2, 3), (4, 3), (4,)]]
    node = minigrad.nn.functional.linear(x, w, b).grad_fn
    assert node._saved_mat1 is x
    assert node._saved_mat2.tolist() == w.t().tolist()
    assert node._saved_alpha == node._saved_beta == 1
    with pytest.raises(AttributeError, match="_saved_self"):
        _ = node._saved_self
