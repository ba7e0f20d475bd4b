"""A layer of an LSTM over a whole sequence, as one node. In single precision PyTorch has one too, which oneDNN computes.

All steps' inputs are multiplied by W_ih at once, and so are all steps' gradients; only what depends on the step before is a loop.
Gates lie outermost, (4, T, N, H): so each is one piece of memory.
"""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.rule import Rule, apply

if TYPE_CHECKING:
    from ..tensor import Tensor


class MkldnnRnnLayer(Rule):
    """Gates i, f, g, o = x W_ihᵀ + b_ih + h W_hhᵀ + b_hh; c = σ(f) c + σ(i) tanh(g); h = σ(o) tanh(c).

    From x (T, N, I), h and c (N, H) to h of all steps, the last h and the last c. The other two outputs, the gates and c of all
    steps, are for backward; a second derivative flows through them. In place of a bias that there is not stands a number.
    """

    tier = "T3"

    def forward(x, w_ih, w_hh, b_ih, b_hh, h, c, *, reverse, walk):
        length, n, _ = x.shape
        size = h.shape[1]
        bias = b_ih + b_hh
        gates = np.matmul(rows(x), transposed(w_ih, size)).reshape(4, length, n, size)
        gates += bias.reshape(4, 1, 1, size) if bias.ndim else bias
        recurrent = transposed(w_hh, size)
        out, cells = np.empty((2, length, n, size), gates.dtype)
        for t in reversed(range(length)) if reverse else range(length):
            gate = np.matmul(h, recurrent)
            gate += gates[:, t]
            g = np.tanh(gate[2])
            np.exp(np.negative(gate, out=gate), out=gate)
            gate += 1
            np.reciprocal(gate, out=gate)  # σ
            gate[2] = g
            gates[:, t] = gate
            i, f, g, o = gate
            np.multiply(f, c, out=cells[t])
            cells[t] += i * g
            np.multiply(np.tanh(cells[t]), o, out=out[t])
            h, c = out[t], cells[t]
        return out, h.copy(), c.copy(), gates, cells

    def complete(self, grads):
        return [grads.get(nr) for nr in range(5)]  # most of them are None, and zeros would only be added

    def grad_x(grads, x_shape, w_ih, w_hh, c, out3, out4, reverse, walk):
        d, _, _ = walk.back(grads, w_hh, c, out3, out4, reverse)
        return np.add.reduce(of_all_steps(d) @ by_gate(w_ih, d.shape[3]), axis=0).reshape(x_shape)

    def grad_w_ih(grads, x, w_hh, c, out3, out4, reverse, walk):
        d, _, _ = walk.back(grads, w_hh, c, out3, out4, reverse)
        return weight_gradient(d, x)

    def grad_w_hh(grads, w_hh, h, c, out0, out3, out4, reverse, walk):
        d, _, _ = walk.back(grads, w_hh, c, out3, out4, reverse)
        return weight_gradient(d, before(out0, h, reverse))

    def grad_b_ih(grads, w_hh, c, out3, out4, reverse, walk):
        d, _, _ = walk.back(grads, w_hh, c, out3, out4, reverse)
        return np.sum(d, axis=(1, 2)).reshape(-1)

    grad_b_hh = grad_b_ih

    def grad_h(grads, w_hh, c, out3, out4, reverse, walk):
        return walk.back(grads, w_hh, c, out3, out4, reverse)[1]

    def grad_c(grads, w_hh, c, out3, out4, reverse, walk):
        return walk.back(grads, w_hh, c, out3, out4, reverse)[2]


class Walk:
    """Back through time, once for all the inputs that ask for it."""

    __slots__ = ("grads", "found")

    def __init__(self) -> None:
        self.grads: Any = None
        self.found: Any = None

    def back(self, grads: list[Any], w_hh: Any, c: Any, gates: Any, cells: Any, reverse: bool) -> Any:
        """The gradients of the gates before σ and tanh (4, T, N, H), and of the first h and c."""
        if self.grads is not grads:
            self.grads, self.found = grads, through_time(grads, w_hh, c, gates, cells, reverse)
        return self.found


def through_time(grads: list[Any], w_hh: Any, c: Any, gates: Any, cells: Any, reverse: bool) -> Any:
    d_out, dh, dc, d_gates, d_cells = grads
    i, f, g, o = gates
    tanh_c, earlier = np.tanh(cells), before(cells, c, reverse)
    inner = o * (1 - tanh_c * tanh_c)
    bends = [i * (1 - i), f * (1 - f), 1 - g * g, o * (1 - o)]
    slopes = np.concatenate([factor * bend for factor, bend in zip([g, earlier, i, tanh_c], bends)], 1)  # all gates of a step together
    if d_gates is not None:
        d_gates = d_gates * np.stack(bends)
    dh, dc = [np.zeros_like(c) if d is None else d for d in (dh, dc)]
    found, weights = [], by_gate(w_hh, c.shape[1])
    for t in range(len(cells)) if reverse else reversed(range(len(cells))):
        if d_out is not None:
            dh = dh + d_out[t]
        dc = dc + dh * inner[t]
        if d_cells is not None:
            dc = dc + d_cells[t]
        d = (np.concatenate([dc, dc, dc, dh]) * slopes[t]).reshape((4, *c.shape))
        if d_gates is not None:
            d = d + d_gates[:, t]
        found.append(d)
        dh, dc = np.add.reduce(d @ weights, axis=0), dc * f[t]
    return np.stack(found if reverse else found[::-1], 1), dh, dc


def by_gate(weight: Any, size: int) -> Any:
    """(4 H, I) as (4, H, I)."""
    return weight.reshape((4, size, weight.shape[1]))


def transposed(weight: np.ndarray, size: int) -> np.ndarray:
    """(4 H, I) as (4, I, H), in this order in memory, for the sake of many small products."""
    return np.ascontiguousarray(by_gate(weight, size).swapaxes(1, 2))


def of_all_steps(d: Any) -> Any:
    """(4, T, N, H) as (4, T N, H)."""
    return d.reshape((4, d.shape[1] * d.shape[2], d.shape[3]))


def weight_gradient(d: Any, sequence: Any) -> Any:
    """From the gradients of the gates and what was multiplied by the weight (T, N, I), that of the weight (4 H, I)."""
    return (of_all_steps(d).swapaxes(1, 2) @ rows(sequence)).reshape((4 * d.shape[3], sequence.shape[2]))


def before(states: Any, first: Any, reverse: bool) -> Any:
    """For each step, the state before it."""
    return np.concatenate([states[1:], first[None]]) if reverse else np.concatenate([first[None], states[:-1]])


def rows(sequence: Any) -> Any:
    """(T, N, *) as (T N, *)."""
    return sequence.reshape((sequence.shape[0] * sequence.shape[1], sequence.shape[2]))


def lstm_layer(x: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor, h: Tensor, c: Tensor,
               reverse: bool) -> tuple[Tensor, Tensor, Tensor]:
    """h of all steps (T, N, H), the last h and the last c."""
    out, h, c, _, _ = apply(MkldnnRnnLayer, x, w_ih, w_hh, b_ih, b_hh, h, c, reverse=reverse, walk=Walk())
    return out, h, c
