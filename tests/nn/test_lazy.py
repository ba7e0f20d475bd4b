"""Lazy layers: what they look like before their first input, and that they are the layer itself afterwards."""

from __future__ import annotations

import copy

import pytest

import minigrad

from .sides import draw, same

LAYERS = {
    "nn.LazyLinear(3)": (4, 5), "nn.LazyLinear(3, bias=False)": (2, 4, 5), "nn.LazyConv1d(4, 2)": (2, 3, 6), "nn.LazyConv2d(4, 2, 2)": (2, 3, 6, 5),
    "nn.LazyConv2d(4, 3, padding=1, groups=2, bias=False)": (1, 6, 4, 4), "nn.LazyConv3d(2, 2)": (3, 4, 4, 4),
    "nn.LazyConvTranspose1d(4, 2)": (2, 3, 6), "nn.LazyConvTranspose2d(4, 2, groups=2)": (2, 6, 3, 3), "nn.LazyConvTranspose3d(2, 2)": (1, 3, 2, 2, 2),
    "nn.LazyBatchNorm1d()": (4, 3), "nn.LazyBatchNorm2d(momentum=None)": (2, 3, 4, 4), "nn.LazyBatchNorm3d(affine=False)": (2, 3, 2, 2, 2),
    "nn.LazyInstanceNorm1d(affine=True)": (2, 3, 5), "nn.LazyInstanceNorm2d(track_running_stats=True)": (2, 3, 4, 4),
    "nn.LazyInstanceNorm3d(affine=True)": (2, 3, 2, 2, 2),
}  # fmt: skip


@pytest.mark.parametrize("made", LAYERS)
def test_layer(made):
    def program(t):
        t.manual_seed(0)
        layer = eval(made, {"nn": t.nn})
        seen = [repr(layer), [repr(x) for x in layer.state_dict().values()], layer.has_uninitialized_params()]
        parameters = list(layer.parameters())
        out = layer(draw(t, *LAYERS[made]))
        (out * t.linspace(-1, 1, out.numel()).reshape(out.shape)).sum().backward()
        same_ones = [a is b for a, b in zip(parameters, layer.parameters())]
        return [*seen, repr(layer), same_ones, layer.state_dict(), out, [p.grad for p in parameters], t.rand(1)]

    same(program, 1e-5)


@pytest.mark.parametrize(
    "use",
    ["layer.weight.shape", "layer.share_memory()", "repr(layer.weight)", "layer.double().weight.dtype", "layer.weight.requires_grad",
     "layer.to(t.float16).cpu().weight.dtype", "repr(copy.deepcopy(layer).weight)", "repr(t.nn.Linear(5, 3).load_state_dict(layer.state_dict()))",
     "t.nn.LazyConv2d(3, 2)(t.ones(5))", "t.nn.LazyConv2d(4, 2, groups=2)(t.ones(1, 3, 4, 4))",
     "[p.requires_grad for p in layer.parameters()]"],
)  # fmt: skip
def test_before_the_first_input(use):
    same(lambda t: eval(use, {"t": t, "copy": copy, "layer": t.nn.LazyLinear(3)}))


def test_loaded_weights_stay():
    def program(t):
        t.manual_seed(0)
        layer, state = t.nn.LazyLinear(3), t.nn.Linear(5, 3).state_dict()
        layer.load_state_dict(state)
        shown = [repr(layer), layer.has_uninitialized_params()]
        layer(draw(t, 2, 5))
        return [*shown, repr(layer), layer.state_dict(), t.rand(1)]

    same(program)


def test_optimizer_may_hold_them_before():
    def program(t):
        t.manual_seed(0)
        net = t.nn.Sequential(t.nn.LazyLinear(4), t.nn.ReLU(), t.nn.LazyLinear(1))
        optimizer = t.optim.Adam(net.parameters(), 0.1)
        for _ in range(3):
            optimizer.zero_grad()
            net(draw(t, 6, 5)).square().mean().backward()
            optimizer.step()
        return net.state_dict()

    same(program, 1e-5)


def test_operations_are_refused():
    layer = minigrad.nn.LazyLinear(3)
    for use in (lambda w: w + 1, lambda w: w.sum(), minigrad.nn.init.zeros_, lambda w: w.fill_(1)):
        with pytest.raises(ValueError, match="Attempted to use an uninitialized parameter"):
            use(layer.weight)
