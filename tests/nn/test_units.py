"""More activations and losses, and attention, beside PyTorch's: values, first and second derivatives, graphs, errors, repr."""

from __future__ import annotations

import numpy as np
import pytest
from beside import beside, draw, program, table


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@table("""
t.nn.functional.gelu(x)
t.nn.functional.gelu(x, approximate='tanh')
t.nn.functional.mish(x)
t.nn.functional.selu(x)
t.nn.functional.celu(x, 0.7)
t.nn.functional.hardswish(x * 2)
t.nn.functional.hardshrink(x)
t.nn.functional.softshrink(x, 1.0)
t.nn.functional.threshold(x, 0.5, -3)
t.nn.functional.logsigmoid(x * 9)
t.nn.functional.prelu(x, y[:1])
t.nn.functional.prelu(x, y)
t.nn.functional.glu(x)
t.nn.functional.glu(x, 0)
t.nn.functional.selu(x.clone(), inplace=True)
t.nn.functional.celu(x.clone(), inplace=True)
t.nn.functional.threshold(x.clone(), 0.5, -3, True)
""")
def test_activations(source, dtype):
    beside(program(source), draw(2, 4, 6, dtype=dtype), draw(4, dtype=dtype), tier="gradient")


def test_hardsigmoid():
    """PyTorch has no second derivative of it."""
    beside(program("t.nn.functional.hardsigmoid(x * 2)"), draw(3, 4), order=1)


@table("""
t.nn.functional.gelu(x, approximate='foo')
t.nn.functional.glu(x[:, :3])
t.nn.functional.glu(x[0, 0])
t.nn.functional.prelu(x, t.ones(3))
t.nn.functional.prelu(x[0, 0], t.ones(3))
t.nn.functional.prelu(x, t.ones(2, 2))
t.nn.functional.celu(x, 0.0)
t.nn.functional.softshrink(x, -1.0)
t.nn.functional.gelu(x.long())
t.nn.functional.mish(x.long())
t.nn.functional.selu(x.long())
t.nn.functional.celu(x.long())
t.nn.functional.hardswish(x.long())
t.nn.functional.hardsigmoid(x.long())
t.nn.functional.logsigmoid(x.long())
t.nn.functional.threshold(x.long(), 1, 2)
t.nn.functional.softshrink(x.long())
t.nn.functional.hardshrink(x.long())
t.nn.functional.glu(x.long())
t.nn.Softmax2d()(x)
t.nn.functional.poisson_nll_loss(x, x, reduction='foo')
t.nn.functional.gaussian_nll_loss(x, x, -1.0)
t.nn.functional.gaussian_nll_loss(x, x, t.ones(3))
t.nn.functional.gaussian_nll_loss(x, x, x.abs(), reduction='foo')
t.nn.functional.margin_ranking_loss(x, x, x[0])
t.nn.functional.cosine_embedding_loss(x, x, x)
t.nn.functional.cosine_embedding_loss(x[0], x[0], x[0])
t.nn.functional.triplet_margin_loss(x, x, x[0])
t.nn.functional.triplet_margin_loss(x, x, x, margin=-1)
t.nn.functional.multi_margin_loss(x, t.tensor([1, 2]), p=3)
t.nn.functional.multi_margin_loss(x, t.tensor([1, 2]), weight=x)
t.nn.functional.soft_margin_loss(x, x)
t.nn.functional.scaled_dot_product_attention(x[0], x, x)
t.nn.functional.scaled_dot_product_attention(x, x, x, attn_mask=t.ones(2, 2), is_causal=True)
t.nn.functional.scaled_dot_product_attention(x, x.double(), x)
t.nn.MultiheadAttention(4, 3)
t.nn.MultiheadAttention(0, 3)
t.nn.MultiheadAttention(4, 2)(x[0], x, x)
t.nn.MultiheadAttention(4, 2)(x, x, x[None])
t.nn.MultiheadAttention(4, 2)(x, x, x, attn_mask=t.ones(3, 3))
t.nn.MultiheadAttention(4, 2)(x, x, x, attn_mask=t.ones(3, 3).long())
t.nn.MultiheadAttention(4, 2)(x, x, x, is_causal=True)
t.nn.TransformerEncoderLayer(4, 2, activation='tanh')
t.nn.Transformer(4, 2, 1, 1, 8, batch_first=True)(t.ones(2, 3, 4), t.ones(1, 3, 4))
t.nn.Transformer(4, 2, 1, 1, 8, batch_first=True)(t.ones(2, 3, 5), t.ones(2, 3, 4))
""")
def test_errors(source):
    beside(program(source), draw(2, 4, dtype="float32"), order=0)


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@table("""
poisson_nll_loss(x, y)
poisson_nll_loss(x.abs(), y.abs() * 4, False, True)
gaussian_nll_loss(x, y, y.abs(), full=True)
gaussian_nll_loss(x, y, 0.5)
gaussian_nll_loss(x, y, y[:, 0].abs())
kl_div(x, y.abs())
kl_div(x, y, log_target=True)
margin_ranking_loss(x, y, z, 0.5)
hinge_embedding_loss(x, z)
cosine_embedding_loss(x, y, z[:, 0], 0.1)
cosine_embedding_loss(x[0], y[0], z[0, 0])
triplet_margin_loss(x, y, y + 1)
triplet_margin_loss(x, y, y * 2, 2.0, 1, swap=True)
triplet_margin_with_distance_loss(x, y, y * 2, margin=3.0)
triplet_margin_with_distance_loss(x, y, y * 2, distance_function=lambda a, b: (a - b).abs().sum(-1), swap=True)
soft_margin_loss(x, z)
multi_margin_loss(x, (z[:, 0] + 1).long())
multi_margin_loss(x, (z[:, 0] + 1).long(), 2, 0.5, y[0].detach().abs())
multi_margin_loss(x[0], (z[0, 0] + 1).long())
multilabel_margin_loss(x, t.tensor([[1, 2, -1, 0, 3], [4, 0, 2, 3, -1], [-1, 0, 0, 0, 0]]))
multilabel_margin_loss(x[0], t.tensor([1, 2, -1, 0, 3]))
multilabel_soft_margin_loss(x, z * 0.5 + 0.5, y[0].detach().abs())
""")
def test_losses(source, reduction):
    run = program(f"t.nn.functional.{source[:-1]}, reduction={reduction!r})")
    sign = np.sign(draw(3, 5, seed=3))

    def detached_graph(t, x, y, z):
        return run(t, x, y, z.detach()).detach()

    def derivatives(t, x, y, z):
        inputs = [x, y]
        loss = run(t, x, y, z.detach())
        first = t.autograd.grad((loss * loss).sum(), inputs, create_graph=True, allow_unused=True)
        if source.startswith(("multi_margin", "multilabel_margin")):  # PyTorch has no second derivative of them
            return first[0].detach()
        known = [g for g in first if g is not None]
        second = t.autograd.grad(sum([(g * g).sum() for g in known]), inputs, allow_unused=True)
        return [t.zeros_like(x) if g is None else g.detach() for g in (*first, *second)]

    beside(detached_graph, draw(3, 5), draw(3, 5, seed=2), sign, tier="gradient", order=0)
    beside(derivatives, draw(3, 5), draw(3, 5, seed=2), sign, tier="second", order=0)


def test_batchmean():
    beside(lambda t, x, y: t.nn.functional.kl_div(x, y.abs(), reduction="batchmean"), draw(3, 5), draw(3, 5, seed=2), tier="gradient")


@table("""
t.nn.GELU(), t.nn.GELU('tanh'), t.nn.Mish(), t.nn.Mish(True), t.nn.SELU(), t.nn.SELU(True), t.nn.CELU(), t.nn.CELU(0.5, True)
t.nn.Hardswish(), t.nn.Hardswish(True), t.nn.Hardsigmoid(), t.nn.PReLU(), t.nn.PReLU(3, 0.1), t.nn.LogSigmoid(), t.nn.Threshold(1, 2)
t.nn.GLU(), t.nn.Hardshrink(), t.nn.Softshrink(0.1), t.nn.Softmax2d(), t.nn.TripletMarginWithDistanceLoss(), t.nn.KLDivLoss()
t.nn.MultiheadAttention(4, 2), t.nn.TransformerEncoderLayer(4, 2), t.nn.TransformerDecoderLayer(4, 2), t.nn.Transformer(4, 2, 1, 1)
list(t.nn.MultiheadAttention(4, 2, kdim=3, vdim=5, add_bias_kv=True).state_dict()), list(t.nn.PReLU().state_dict())
t.nn.MultiheadAttention(4, 2, bias=False), list(t.nn.MultiheadAttention(4, 2, bias=False).state_dict())
""")
def test_repr(source):
    beside(lambda t: [repr(m) for m in program(source)(t)])


@table("""
t.nn.functional.scaled_dot_product_attention(x, y, y)
t.nn.functional.scaled_dot_product_attention(x, y, y, is_causal=True)
t.nn.functional.scaled_dot_product_attention(x, y, y, scale=0.3)
t.nn.functional.scaled_dot_product_attention(x, y, y, attn_mask=(y[0, 0, :, :3] > 0).T)
t.nn.functional.scaled_dot_product_attention(x, y, y, attn_mask=t.zeros(3, 5, dtype=t.bool))
t.nn.functional.scaled_dot_product_attention(x, y, y, attn_mask=y[0, 0, :, :3].T.detach())
t.nn.functional.scaled_dot_product_attention(x[:, 0], y[:, 0], y[:, 0])
t.nn.functional.scaled_dot_product_attention(t.cat([x, x], 1), y, y, enable_gqa=True)
""")
def test_attention(source):
    """PyTorch's kernel is fused, and so its graph is another."""
    run = program(source)
    data = draw(2, 2, 3, 4), draw(2, 2, 5, 4, seed=2)
    beside(lambda t, x, y: run(t, x, y).detach(), *data, tier="gradient", order=0)
    beside(lambda t, x, y: [g.detach() for g in t.autograd.grad((run(t, x, y) ** 2).sum(), [x, y])], *data, tier="gradient", order=0)


@pytest.mark.parametrize("source", [
    "MultiheadAttention(4, 2, dropout=0.3)", "MultiheadAttention(4, 2, batch_first=True, add_bias_kv=True)",
    "TransformerEncoderLayer(4, 2, 6)", "TransformerDecoderLayer(4, 2, 6, activation='gelu', norm_first=True)",
    "TransformerEncoder(t.nn.TransformerEncoderLayer(4, 2, 6), 2, enable_nested_tensor=False)",
    "TransformerDecoder(t.nn.TransformerDecoderLayer(4, 2, 6), 2)", "Transformer(4, 2, 1, 1, 6, batch_first=True)",
])
def test_from_one_seed(source):
    """First weights and dropout are drawn as PyTorch draws them; and a training step leads to the same place."""

    def run(t, x):
        t.manual_seed(6)
        module = eval(f"t.nn.{source}", {"t": t}).double()
        kind = source.split("(")[0]
        args = {"MultiheadAttention": 3, "TransformerEncoderLayer": 1, "TransformerEncoder": 1}.get(kind, 2)
        out = module(*[x] * args)
        out = out[0] if isinstance(out, tuple) else out
        grads = t.autograd.grad(out.pow(3).sum(), [x, *module.parameters()])
        return list(module.state_dict()), [p.detach() for p in module.parameters()], out.detach(), [g.detach() for g in grads]

    beside(run, draw(3, 2, 4), tier="second", order=0)
