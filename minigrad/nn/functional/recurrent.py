"""Recurrent cells, and layers of them over sequences. Not part of torch.nn.functional: what torch.lstm and its kin compute.

Sequences are packed: the first elements of all, then the second elements of all that are long enough, and so on, (total,
features), with `sizes` saying how many there are at each step. Sequences of one length are just a case of that.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import dtypes, ops
from ...ops.family import constant
from ...ops.lstm import lstm_layer
from ...tensor import Tensor

State = tuple[Tensor, ...]  # (h,), or (h, c) for an LSTM
Cell = Callable[..., State]


def rnn_tanh(x: Tensor, state: State, w_hh: Tensor, b_hh: Tensor | None = None) -> State:
    """h = tanh(x + W h + b), where x already is W_ih input + b_ih; so in all cells."""
    return ((ops.linear(state[0], w_hh, b_hh) + x).tanh(),)


def rnn_relu(x: Tensor, state: State, w_hh: Tensor, b_hh: Tensor | None = None) -> State:
    """h = relu(x + W h + b)."""
    return ((ops.linear(state[0], w_hh, b_hh) + x).relu(),)


def lstm(x: Tensor, state: State, w_hh: Tensor, b_hh: Tensor | None = None, w_hr: Tensor | None = None) -> State:
    """Gates i, f, g, o = x + W h + b; c = σ(f) c + σ(i) tanh(g); h = σ(o) tanh(c): Hochreiter & Schmidhuber 1997."""
    h, c = state
    i, f, g, o = (ops.linear(h, w_hh, b_hh) + x).chunk(4, 1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    h = o.sigmoid() * c.tanh()
    return (h if w_hr is None else ops.linear(h, w_hr)), c


def gru(x: Tensor, state: State, w_hh: Tensor, b_hh: Tensor | None = None) -> State:
    """Gates r, z = σ(x + W h + b); n = tanh(x_n + r (W_n h + b_n)); h = (h - n) z + n: Cho et al. 2014."""
    (h,) = state
    x_r, x_z, x_n = x.chunk(3, 1)
    h_r, h_z, h_n = ops.linear(h, w_hh, b_hh).chunk(3, 1)
    r, z = (h_r + x_r).sigmoid(), (h_z + x_z).sigmoid()
    n = (x_n + h_n * r).tanh()
    return ((h - n) * z + n,)


def layer(cell: Cell, data: Tensor, sizes: list[int], start: State, weights: list[Tensor], has_bias: bool,
          reverse: bool) -> tuple[Tensor, State]:
    """One direction of one layer: the outputs, packed, and the last state of each sequence."""
    w_ih, w_hh = weights[:2]
    b_ih, b_hh = weights[2:4] if has_bias else (None, None)
    rest = weights[4:] if has_bias else weights[2:]
    if cell is lstm and not rest and sizes[0] == sizes[-1] and data.dtype == dtypes.float32:  # one node, as in PyTorch
        sequence, zero = data.reshape(len(sizes), sizes[0], data.size(1)), constant(0, data.array.dtype)
        h, c = start
        out, h, c = lstm_layer(sequence, w_ih, w_hh, zero if b_ih is None else b_ih, zero if b_hh is None else b_hh, h, c, reverse)
        return out.reshape(data.size(0), out.size(2)), (h, c)
    steps = ops.linear(data, w_ih, b_ih).split_with_sizes(sizes)
    run = backward_in_time if reverse else forward_in_time
    outputs, last = run(lambda x, state: cell(x, state, w_hh, b_hh, *rest), steps, sizes, start)
    return ops.cat(outputs), last


def forward_in_time(cell: Cell, steps: Any, sizes: list[int], start: State) -> tuple[list[Tensor], State]:
    state, n = start, sizes[0]
    outputs, ended = [], []
    for x, size in zip(steps, sizes):
        if size < n:  # the shortest sequences have ended
            ended.append([s[size:] for s in state])
            state, n = tuple([s[:size] for s in state]), size
        state = cell(x, state)
        outputs.append(state[0])
    if ended:
        state = tuple([ops.cat(parts) for parts in zip(state, *reversed(ended))])
    return outputs, state


def backward_in_time(cell: Cell, steps: Any, sizes: list[int], start: State) -> tuple[list[Tensor], State]:
    n = sizes[-1]
    state = start if n == sizes[0] else tuple([s[:n] for s in start])
    outputs = []
    for x, size in zip(reversed(steps), reversed(sizes)):
        if size > n:  # shorter sequences begin, at their ends
            state, n = tuple([ops.cat([s, first[n:size]]) for s, first in zip(state, start)]), size
        state = cell(x, state)
        outputs.append(state[0])
    return outputs[::-1], state


def layers(cell: Cell, data: Tensor, sizes: list[int], start: State, weights: list[list[Tensor]], has_bias: bool,
           directions: int, dropout: Callable[[Tensor], Tensor]) -> tuple[Tensor, State]:
    """All layers; `start` is (layers x directions, N, hidden), and so is the last state. Between layers there is dropout."""
    starts = list(zip(*[s.unbind(0) for s in start]))
    last = []
    for i in range(0, len(weights), directions):
        outputs = []
        for d in range(directions):
            out, state = layer(cell, data, sizes, starts[i + d], weights[i + d], has_bias, reverse=d == 1)
            outputs.append(out)
            last.append(state)
        data = outputs[0] if directions == 1 else ops.cat(outputs, 1)
        if i + directions < len(weights):
            data = dropout(data)
    return data, tuple([ops.stack(list(states)) for states in zip(*last)])
