"""Averaged models and their schedule beside PyTorch's."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import minigrad


def network(t: Any) -> Any:
    class Net(t.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = t.nn.Linear(2, 3)
            self.wide = t.nn.Parameter(t.ones(4, dtype=t.float64))
            self.register_buffer("seen", t.zeros(2))
            self.register_buffer("count", t.tensor(3))

        def forward(self, x: Any) -> Any:
            return self.linear(x)

    t.manual_seed(1)
    return Net()


def averages(t: Any, make: Any, use_buffers: bool = False) -> list[Any]:
    net = network(t)
    s = t.optim.swa_utils
    average = s.AveragedModel(net, use_buffers=use_buffers, **make(s))
    found = [list(average.state_dict())]
    for i in range(6):
        with t.no_grad():
            for p in net.parameters():
                p.mul_(0.7).add_(0.1 * i)
            net.seen.add_(i)
            net.count.add_(10)
        average.update_parameters(net)
        found.append([value.tolist() for value in average.state_dict().values()])
        found.append(average(t.ones(1, 2)).tolist())
    assert all(p.requires_grad for p in average.parameters())
    return found


MAKES = {
    "mean": lambda s: {},
    "mean by name": lambda s: {"avg_fn": s.get_swa_avg_fn()},
    "mean of many": lambda s: {"multi_avg_fn": s.get_swa_multi_avg_fn()},
    "ema": lambda s: {"avg_fn": s.get_ema_avg_fn(0.9)},
    "ema of many": lambda s: {"multi_avg_fn": s.get_ema_multi_avg_fn(0.3)},
    "own": lambda s: {"avg_fn": lambda average, p, n: average * n + p},
}


@pytest.mark.parametrize("name", MAKES)
@pytest.mark.parametrize("use_buffers", [False, True])
def test_averages(name: str, use_buffers: bool) -> None:
    if use_buffers and name in ("mean of many",):
        pytest.skip("PyTorch itself refuses: its addcdiv_ does not divide the integer buffer")
    ours, theirs = averages(minigrad, MAKES[name], use_buffers), averages(torch, MAKES[name], use_buffers)
    assert ours[0] == theirs[0]
    for mine, other in zip(ours[1:], theirs[1:], strict=True):
        for a, b in zip(mine, other, strict=True):
            np.testing.assert_allclose(a, b, rtol=3e-6)


def test_errors() -> None:
    for t in (minigrad, torch):
        s = t.optim.swa_utils
        for make in (s.get_ema_avg_fn, s.get_ema_multi_avg_fn):
            for decay in (-0.1, 1.1):
                with pytest.raises(ValueError, match=rf"Invalid decay value {decay} provided. Please provide a value in \[0,1\] range."):
                    make(decay)
        with pytest.raises(AssertionError, match="Only one of avg_fn and multi_avg_fn should be provided"):
            s.AveragedModel(network(t), avg_fn=max, multi_avg_fn=max)
        optimizer = t.optim.SGD([t.ones(1, requires_grad=True)], lr=0.1)
        with pytest.raises(ValueError, match="anneal_strategy must be one of 'cos' or 'linear', instead got other"):
            s.SWALR(optimizer, 0.1, anneal_strategy="other")
        for epochs in (-1, 1.5):
            with pytest.raises(ValueError, match=f"anneal_epochs must be equal or greater than 0, got {epochs}"):
                s.SWALR(optimizer, 0.1, anneal_epochs=epochs)
        with pytest.raises(ValueError, match="swa_lr"):
            s.SWALR(optimizer, [0.1, 0.2])


@pytest.mark.parametrize("strategy", ["cos", "linear"])
@pytest.mark.parametrize("epochs", [0, 1, 7])
@pytest.mark.parametrize("swa_lr", [0.05, [0.05, 0.5]])
def test_schedule(strategy: str, epochs: int, swa_lr: Any) -> None:
    found = []
    for t in (minigrad, torch):
        groups = [{"params": [t.ones(1, requires_grad=True)], "lr": lr} for lr in (0.3, 0.02)]
        optimizer = t.optim.SGD(groups, lr=1.0)
        scheduler = t.optim.swa_utils.SWALR(optimizer, swa_lr, epochs, strategy)
        rates = [scheduler.get_last_lr()]
        for i in range(12):
            optimizer.step()
            scheduler.step()
            rates.append(scheduler.get_last_lr())
            if i == 5:
                state = scheduler.state_dict()
                scheduler = t.optim.swa_utils.SWALR(optimizer, swa_lr, 3, "cos")
                scheduler.load_state_dict(state)
        found.append((rates, sorted(scheduler.state_dict())))
    assert found[0] == found[1]


def test_update_bn() -> None:
    found = []
    for t in (minigrad, torch):
        t.manual_seed(0)
        net = t.nn.Sequential(t.nn.Linear(2, 3), t.nn.BatchNorm1d(3)).eval()
        data = [(t.arange(8.0).reshape(4, 2) * i, None) for i in range(1, 4)]
        t.optim.swa_utils.update_bn(data, net)
        assert not net.training and net[1].momentum == 0.1
        found.append([net[1].running_mean.tolist(), net[1].running_var.tolist()])
    np.testing.assert_allclose(*found, rtol=1e-5)
