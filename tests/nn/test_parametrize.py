"""Parametrized weights, beside PyTorch: names, values, gradients, copies, and back again."""

from __future__ import annotations

import copy

import pytest

from .sides import draw, fill, same

LAYERS = {"nn.Linear(4, 3)": (5, 4), "nn.Conv2d(2, 3, 2)": (1, 2, 3, 3), "nn.ConvTranspose1d(2, 3, 2)": (1, 2, 4)}
NORMS = ["weight_norm", "spectral_norm"]


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("made", LAYERS)
def test_norms(made, norm):
    def program(t):
        t.manual_seed(0)
        layer = fill(t, eval(made, {"nn": t.nn}))
        layer = getattr(t.nn.utils.parametrizations, norm)(layer)
        out = [layer(draw(t, *LAYERS[made])) for _ in range(2)][-1]
        (out * t.linspace(-1, 1, out.numel()).reshape(out.shape)).sum().backward()
        grads = [(name, p.grad) for name, p in layer.named_parameters()]
        seen = [repr(layer), type(layer).__name__, out.detach(), grads, layer.eval().state_dict(), layer.weight.detach()]
        layer = t.nn.utils.parametrize.remove_parametrizations(layer, "weight")
        return [*seen, repr(layer), [name for name, _ in layer.named_parameters()], layer.weight.detach(), layer.weight.requires_grad]

    same(program, 1e-5)


class Symmetric:
    def __init__(self, t):
        class Symmetric(t.nn.Module):
            def forward(self, x):
                return x.triu() + x.triu(1).transpose(-1, -2)

            def right_inverse(self, a):
                return a.triu()

        self.module = Symmetric()


def test_a_function_of_ones_own():
    def program(t):
        P = t.nn.utils.parametrize
        layer = fill(t, t.nn.Linear(3, 3))
        P.register_parametrization(layer, "weight", Symmetric(t).module)
        seen = [repr(layer), layer.weight.detach(), P.is_parametrized(layer), P.is_parametrized(layer, "bias"), layer.state_dict()]
        layer.weight = t.ones(3, 3) * 2
        seen += [layer.weight.detach(), layer.parametrizations.weight.original.detach()]
        P.register_parametrization(layer, "weight", t.nn.Tanh())
        P.register_parametrization(layer, "bias", t.nn.Sigmoid())
        twin = copy.deepcopy(layer)
        with t.no_grad():
            twin.parametrizations.weight.original.zero_()
        seen += [repr(layer), layer(draw(t, 2, 3)).detach(), twin(draw(t, 2, 3)).detach()]
        P.remove_parametrizations(layer, "weight", leave_parametrized=False)
        return [*seen, repr(layer), layer.weight.detach()]

    same(program, 1e-6)


def test_trained():
    def program(t):
        t.manual_seed(0)
        net = t.nn.Sequential(t.nn.utils.parametrizations.weight_norm(t.nn.Linear(3, 4)), t.nn.ReLU(), t.nn.utils.parametrizations.spectral_norm(t.nn.Linear(4, 1)))
        optimizer = t.optim.Adam(net.parameters(), 0.05)
        losses = []
        for _ in range(4):
            optimizer.zero_grad()
            loss = net(draw(t, 6, 3)).square().mean()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    same(program, 1e-5)


def test_older_state():
    def program(t):
        old = t.nn.utils.weight_norm(fill(t, t.nn.Linear(3, 2)))
        new = t.nn.utils.parametrizations.weight_norm(t.nn.Linear(3, 2))
        return [new.load_state_dict(old.state_dict()), new.weight.detach(), old.weight.detach()]

    same(program, 1e-6)


@pytest.mark.parametrize(
    "use",
    ["P.register_parametrization(layer, 'nothing', t.nn.Tanh())", "P.remove_parametrizations(layer, 'weight')",
     "P.register_parametrization(layer, 'weight', t.nn.Flatten(0))", "N.spectral_norm(layer, 'nothing')", "N.spectral_norm(layer, n_power_iterations=0)",
     "N.spectral_norm(layer, dim=2)", "P.remove_parametrizations(N.weight_norm(layer), 'weight', leave_parametrized=False)",
     "copy.copy(N.weight_norm(layer)).__getstate__()", "P.ParametrizationList([], layer.weight)"],
)  # fmt: skip
def test_refusals(use):
    same(lambda t: eval(use, {"t": t, "copy": copy, "P": t.nn.utils.parametrize, "N": t.nn.utils.parametrizations, "layer": t.nn.Linear(3, 2)}))
