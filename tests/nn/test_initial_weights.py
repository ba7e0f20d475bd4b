"""From one seed every module starts with PyTorch's weights and buffers, bit for bit."""
from __future__ import annotations

import pytest
import torch

import minigrad

MODULES = [
    lambda nn: nn.Linear(5, 3),
    lambda nn: nn.Bilinear(2, 3, 4),
    lambda nn: nn.Conv1d(3, 4, 3),
    lambda nn: nn.Conv2d(3, 4, 3, groups=1, bias=False),
    lambda nn: nn.ConvTranspose2d(3, 4, 3),
    lambda nn: nn.BatchNorm2d(3),
    lambda nn: nn.LayerNorm(3),
    lambda nn: nn.GroupNorm(2, 4),
    lambda nn: nn.RMSNorm(4),
    lambda nn: nn.Embedding(20, 5, padding_idx=1),
    lambda nn: nn.RNN(3, 4, 2),
    lambda nn: nn.LSTM(3, 4, 2, bidirectional=True),
    lambda nn: nn.GRU(3, 4),
    lambda nn: nn.GRUCell(3, 4),
    lambda nn: nn.MultiheadAttention(8, 2),
    lambda nn: nn.TransformerEncoderLayer(8, 2, 16),
    lambda nn: nn.TransformerDecoderLayer(8, 2, 16),
    lambda nn: nn.PReLU(),
]


@pytest.mark.parametrize("make", MODULES)
@pytest.mark.parametrize("seed", [0, 5])
def test_initial_weights(make, seed):
    torch.manual_seed(seed)
    minigrad.manual_seed(seed)
    expected, found = make(torch.nn).state_dict(), make(minigrad.nn).state_dict()
    assert list(found) == list(expected)
    for name, tensor in expected.items():
        assert found[name].numpy().tobytes() == tensor.numpy().tobytes(), name
    assert minigrad.get_rng_state().tolist() == torch.get_rng_state().tolist()
