"""weight_norm and spectral_norm beside PyTorch's: names, values over training, removal, errors."""
from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
import torch

import minigrad

pytestmark = pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm` is deprecated")


def layer(t: Any, wrap: Any, kind: str = "Linear") -> Any:
    t.manual_seed(2)
    return wrap(t.nn.utils, getattr(t.nn, kind)(3, 4))


def trained(t: Any, net: Any, steps: int = 5) -> Any:
    optimizer = t.optim.SGD(net.parameters(), lr=0.1, momentum=0.5)
    x = t.arange(6.0).reshape(2, 3) / 5
    for _ in range(steps):
        optimizer.zero_grad()
        ((net(x) - 1) ** 2).sum().backward()
        optimizer.step()
    return net


WRAPS = {
    "weight": lambda u, m: u.weight_norm(m),
    "weight, other dim": lambda u, m: u.weight_norm(m, dim=1),
    "weight, whole": lambda u, m: u.weight_norm(m, dim=None),
    "bias": lambda u, m: u.weight_norm(m, "bias"),
    "both": lambda u, m: u.weight_norm(u.weight_norm(m, "bias"), "weight"),
    "spectral": lambda u, m: u.spectral_norm(m),
    "spectral, thorough": lambda u, m: u.spectral_norm(m, n_power_iterations=5, dim=1),
}


@pytest.mark.parametrize("name", WRAPS)
def test_training(name: str) -> None:
    ours, theirs = [trained(t, layer(t, WRAPS[name])) for t in (minigrad, torch)]
    assert [k for k, _ in ours.named_parameters()] == [k for k, _ in theirs.named_parameters()]
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert ours.state_dict()._metadata == theirs.state_dict()._metadata
    for (key, mine), other in zip(ours.state_dict().items(), theirs.state_dict().values()):
        np.testing.assert_allclose(mine.numpy(), other.numpy(), rtol=2e-5, atol=1e-6, err_msg=key)
    assert type(ours.weight) is minigrad.nn.Parameter if name == "bias" else type(ours.weight) is minigrad.Tensor
    x = np.ones((1, 3), "f4")
    for mode in ("eval", "train"):
        a, b = [getattr(net, mode)()(t.tensor(x)) for t, net in ((minigrad, ours), (torch, theirs))]
        np.testing.assert_allclose(a.tolist(), b.tolist(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", WRAPS)
def test_removal(name: str) -> None:
    found = []
    for t in (minigrad, torch):
        net = trained(t, layer(t, WRAPS[name])).eval()
        before = net(t.ones(1, 3))
        kind = "spectral_norm" if "spectral" in name else "weight_norm"
        which = "bias" if name in ("bias", "both") else "weight"
        getattr(t.nn.utils, f"remove_{kind}")(net, which)
        np.testing.assert_allclose(net(t.ones(1, 3)).tolist(), before.tolist(), rtol=1e-5)
        found.append((sorted(k for k, _ in net.named_parameters()), sorted(net.state_dict()), len(net._forward_pre_hooks)))
        with pytest.raises(ValueError, match=rf"{kind} of '{which}' not found in Linear\(in_features=3, out_features=4, bias=True\)"):
            getattr(t.nn.utils, f"remove_{kind}")(net, which)
        assert not net.state_dict()._metadata[""].get("spectral_norm")
    assert found[0] == found[1]


@pytest.mark.parametrize("name", WRAPS)
def test_state_moves_and_copies(name: str) -> None:
    theirs = trained(torch, layer(torch, WRAPS[name])).eval()
    ours = layer(minigrad, WRAPS[name]).eval()
    ours.load_state_dict({key: minigrad.tensor(value.numpy()) for key, value in theirs.state_dict().items()})
    expected = theirs(torch.ones(1, 3)).tolist()
    np.testing.assert_allclose(ours(minigrad.ones(1, 3)).tolist(), expected, rtol=1e-5)
    for copied in (copy.deepcopy(layer(minigrad, WRAPS[name])) if "spectral" in name else ours, pickle.loads(pickle.dumps(ours))):
        assert list(copied.state_dict()) == list(ours.state_dict())


def test_errors() -> None:
    for t in (minigrad, torch):
        u = t.nn.utils
        for wrap in (u.weight_norm, u.spectral_norm):
            with pytest.raises(RuntimeError, match=f"Cannot register two {wrap.__name__} hooks on the same parameter bias|weight"):
                wrap(wrap(t.nn.Linear(2, 2)))
        with pytest.raises(ValueError, match="Expected n_power_iterations to be positive, but got n_power_iterations=0"):
            u.spectral_norm(t.nn.Linear(2, 2), n_power_iterations=0)
        with pytest.raises(ValueError, match="`SpectralNorm` cannot be applied as parameter `bias` is None"):
            u.spectral_norm(t.nn.Linear(2, 2, bias=False), "bias")
        with pytest.raises(AttributeError):
            u.weight_norm(t.nn.Linear(2, 2), "no")
        with pytest.warns(FutureWarning, match="in favor of `torch.nn.utils.parametrizations.weight_norm`"):
            u.weight_norm(t.nn.Linear(2, 2))
