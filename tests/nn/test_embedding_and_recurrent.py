"""Embedding, recurrent networks, their cells and packed sequences beside PyTorch's, from one seed."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from beside import beside, draw, program, table

import minigrad

INDICES = np.array([[1, 2, 4], [4, 0, 4]])


@table("""
t.nn.functional.embedding(x, y)
t.nn.functional.embedding(x.int(), y, padding_idx=1)
t.nn.functional.embedding(x, y, -1)
t.nn.functional.embedding(x[0, 0], y)
""")
def test_embedding(source):
    beside(program(source), INDICES, draw(5, 3), tier="gradient")


def test_embedding_by_frequency():
    """In second derivatives PyTorch forgets about the frequency."""
    beside(program("t.nn.functional.embedding(x, y, scale_grad_by_freq=True)"), INDICES, draw(5, 3), tier="gradient", order=1)


def test_embedding_of_nothing():
    beside(program("t.nn.functional.embedding(x[:0], y)"), INDICES, draw(5, 3), order=1)


@table("""
t.nn.functional.embedding(x + 1, y)
t.nn.functional.embedding(x - 1, y)
t.nn.functional.embedding(x.float(), y)
t.nn.functional.embedding(x, y[0])
t.nn.functional.embedding(x, y, padding_idx=7)
t.nn.functional.embedding([1], y)
t.nn.Embedding(5, 3, padding_idx=7)
t.nn.Embedding(5, 3, _weight=t.zeros(4, 3))
t.nn.Embedding.from_pretrained(t.zeros(3))
""")
def test_embedding_errors(source):
    beside(program(source), INDICES, draw(5, 3))


@pytest.mark.parametrize("source", [
    "Embedding(5, 3)", "Embedding(5, 3, 1)", "Embedding(5, 3, -1, 1.0)", "Embedding(5, 3, max_norm=1.5, norm_type=1.0)",
    "Embedding(5, 3, dtype=t.float64)", "Embedding.from_pretrained(t.arange(15.).reshape(5, 3), padding_idx=2)",
    "Embedding.from_pretrained(t.arange(15.).reshape(5, 3), freeze=False)", "Embedding(5, 3, scale_grad_by_freq=True)",
])
def test_embedding_module(source):
    def run(t, x):
        t.manual_seed(3)
        layer = eval(f"t.nn.{source}", {"t": t})
        out = layer(x)
        return repr(layer), repr(list(layer.state_dict())), out.detach(), layer.weight.detach(), layer.weight.requires_grad

    beside(run, INDICES, tier="T3")


NETWORKS = [
    "RNN(4, 3)", "RNN(4, 3, 2, 'relu')", "RNN(4, 3, nonlinearity='relu', bias=False)", "RNN(4, 3, 2, bidirectional=True)",
    "LSTM(4, 3)", "LSTM(4, 3, 2, bidirectional=True)", "LSTM(4, 3, bias=False, num_layers=2)", "LSTM(4, 3, proj_size=2)",
    "LSTM(4, 3, 2, proj_size=2, bidirectional=True, bias=False)", "GRU(4, 3)", "GRU(4, 3, 2, bidirectional=True)",
    "GRU(4, 3, 3, dropout=0.4)", "LSTM(4, 3, 2, dropout=0.5)", "GRU(4, 3, bias=False)",
]


def made(t, source):
    t.manual_seed(5)
    return eval(f"t.nn.{source}", {"t": t}).double()


def seen(t, network, out, *inputs):
    """Outputs, states, and all gradients."""
    flat = [out[0], *(out[1] if isinstance(out[1], tuple) else [out[1]])]
    flat[0] = getattr(flat[0], "data", flat[0]) if isinstance(flat[0], t.nn.utils.rnn.PackedSequence) else flat[0]
    loss = sum([(o * (i + 1)).pow(2).sum() for i, o in enumerate(flat)])
    grads = t.autograd.grad(loss, [*inputs, *network.parameters()])
    return [repr(network), repr(list(network.state_dict())), [p.detach() for p in network.parameters()],
            [o.detach() for o in flat], [g.detach() for g in grads]]


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("source", NETWORKS)
def test_networks(source, batch_first):
    def run(t, x):
        network = made(t, source[:-1] + f", batch_first={batch_first})")
        t.manual_seed(9)
        return seen(t, network, network(x), x)

    beside(run, draw(5, 2, 4), tier="gradient", order=0)


@pytest.mark.parametrize("source", NETWORKS)
def test_given_states_and_no_batch(source):
    def run(t, x, h, c):
        network = made(t, source).eval()
        layers, out = network.num_layers * (1 + network.bidirectional), network.proj_size or 3
        h, c = h[:layers, :, :out].detach().requires_grad_(), c[:layers].detach().requires_grad_()
        state = (h, c) if network.mode == "LSTM" else h
        one = (h[:, 0], c[:, 0]) if network.mode == "LSTM" else h[:, 0]
        some = [h, c] if network.mode == "LSTM" else [h]
        return seen(t, network, network(x, state), x, *some), seen(t, network, network(x[:, 0], one), x, *some)

    beside(run, draw(5, 2, 4), draw(6, 2, 3, seed=2), draw(6, 2, 3, seed=3), tier="gradient", order=0)


@pytest.mark.parametrize("source", ["LSTM(4, 3)", "LSTM(4, 3, 2, bidirectional=True)", "LSTM(4, 3, bias=False)", "LSTM(4, 3, batch_first=True)"])
def test_a_layer_in_single_precision_is_one_node(source):
    """As in PyTorch, where oneDNN computes it; first and second derivatives by everything, and each output alone."""

    def run(t):
        t.manual_seed(5)
        network = eval(f"t.nn.{source}", {"t": t})
        layers = network.num_layers * (1 + network.bidirectional)
        x, h, c = [t.randn(*shape).requires_grad_() for shape in ((5, 5, 4), (layers, 5, 3), (layers, 5, 3))]
        inputs = [x, h, c, *network.parameters()]
        out, state = network(x, (h, c))
        grads = t.autograd.grad(sum([(o * (i + 1)).pow(2).sum() for i, o in enumerate((out, *state))]), inputs, create_graph=True)
        second = t.autograd.grad(sum([grad.pow(2).sum() for grad in grads]), inputs)
        alone = [g for o in (network(x)[0], network(x)[1][0], network(x)[1][1]) for g in t.autograd.grad(o.pow(3).sum(), [x, network.weight_hh_l0])]
        nodes, todo = set(), [out.grad_fn]
        while todo:
            node = todo.pop()
            nodes.add(node.name())
            todo += [n for n, _ in node.next_functions if n is not None]
        return [y.detach().numpy() for y in (out, *state, *grads, *second, *alone)], "MkldnnRnnLayerBackward0" in nodes

    (expected, one_node), (found, ours) = run(torch), run(minigrad)
    assert one_node and ours
    for theirs, mine in zip(expected, found):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-5 * np.abs(theirs).max())


@pytest.mark.parametrize("enforce_sorted", [True, False])
@pytest.mark.parametrize("source", NETWORKS)
def test_packed(source, enforce_sorted):
    def run(t, x):
        network = made(t, source)
        lengths = [5, 3, 2] if enforce_sorted else t.tensor([2, 5, 3])
        packed = t.nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=enforce_sorted)
        t.manual_seed(9)
        out = network(packed)
        padded = t.nn.utils.rnn.pad_packed_sequence(out[0], total_length=6, padding_value=-1.0)
        order = [packed.sorted_indices, packed.unsorted_indices] if not enforce_sorted else []
        return seen(t, network, out, x), [x.detach() for x in padded], packed.batch_sizes, order

    beside(run, draw(5, 3, 4), tier="gradient", order=0)


@pytest.mark.parametrize("source", ["RNNCell(4, 3)", "RNNCell(4, 3, False, 'relu')", "LSTMCell(4, 3)", "GRUCell(4, 3)", "GRUCell(4, 3, bias=False)"])
def test_cells(source):
    def run(t, x, h, c):
        cell = made(t, source)
        state = (h, c) if "LSTM" in source else h
        one = (h[0], c[0]) if "LSTM" in source else h[0]
        outs = [cell(x), cell(x, state), cell(x[0]), cell(x[0], one)]
        flat = [y for out in outs for y in (out if isinstance(out, tuple) else [out])]
        grads = t.autograd.grad(sum([y.pow(2).sum() for y in flat]), [x, h, *cell.parameters()])
        return repr(cell), repr(list(cell.state_dict())), [y.detach() for y in flat], [g.detach() for g in grads]

    beside(run, draw(2, 4), draw(2, 3, seed=2), draw(2, 3, seed=3), tier="gradient", order=0)


@table("""
t.nn.LSTM(4, 3)(t.ones(4))
t.nn.GRU(4, 3)(t.ones(4))
t.nn.RNN(4, 3)(t.ones(4))
t.nn.LSTM(4, 3)(t.ones(2, 2, 5))
t.nn.GRU(4, 3)(t.ones(2, 2, 5))
t.nn.LSTM(4, 3)(t.ones(2, 2, 4), (t.ones(1, 2, 4), t.ones(1, 2, 3)))
t.nn.LSTM(4, 3)(t.ones(2, 2, 4), (t.ones(1, 2, 3), t.ones(1, 1, 3)))
t.nn.LSTM(4, 3)(t.ones(2, 2, 4), (t.ones(1, 3), t.ones(1, 3)))
t.nn.GRU(4, 3)(t.ones(2, 4), t.ones(1, 2, 3))
t.nn.GRU(4, 3)(t.ones(2, 2, 4), t.ones(2, 3))
t.nn.GRU(4, 3)(t.ones(2, 2, 4), t.ones(1, 3, 3))
t.nn.RNN(4, 3)(t.ones(2, 2, 4, dtype=t.float64))
t.nn.RNN(4, 3, nonlinearity='gelu')
t.nn.RNN(4, 3, proj_size=2)
t.nn.GRU(4, 3, dropout=1.5)
t.nn.GRU(4, 3, dropout=0.5)
t.nn.GRU(4, 3, bias=1)
t.nn.GRU(4, 0)
t.nn.GRU(4.0, 3)
t.nn.LSTM(4, 3, 0)
t.nn.LSTM(4, 3, proj_size=3)
t.nn.LSTMCell(4, 3)(t.ones(2, 2, 4))
t.nn.LSTMCell(4, 3)(t.ones(2, 5))
t.nn.GRUCell(4, 3)(t.ones(2, 4), t.ones(3, 3))
t.nn.RNNCell(4, 3)(t.ones(2, 4), t.ones(2, 4))
t.nn.RNNCell(4, 3)(t.ones(2, 4), t.ones(2, 4, 3))
t.nn.utils.rnn.pack_padded_sequence(t.ones(3, 2), [2, 3])
t.nn.utils.rnn.pack_padded_sequence(t.ones(3, 2), [2, 0])
t.nn.utils.rnn.pack_padded_sequence(t.ones(3, 2), [2, 1, 1])
t.nn.utils.rnn.pad_sequence(3)
t.nn.utils.rnn.pad_packed_sequence(t.nn.utils.rnn.pack_sequence([t.ones(3), t.ones(2)]), total_length=2)
[str(y) for y in t.nn.utils.rnn.unpack_sequence(t.nn.utils.rnn.pack_sequence([t.arange(2), t.arange(4)], enforce_sorted=False))]
t.nn.utils.rnn.pad_sequence([t.arange(2), t.arange(4)], batch_first=True, padding_value=7)
t.nn.utils.rnn.pad_sequence([t.arange(2), t.arange(4)], padding_side='left')
""")
def test_errors_and_sequences(source):
    def run(t):
        out = program(source)(t)
        return repr(out) if isinstance(out, t.nn.Module) else out

    beside(run, order=0)
