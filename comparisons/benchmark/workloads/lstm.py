"""An LSTM that reads sequences and tells their class at the end: 32 small steps, one after the other."""
from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from ...networks import filled
from ..contenders import BY_HAND, TEXTBOOK, Arrays, Maker, Training, by_textbook, in_torch, on_tapes, trainings
from ..flat import CrossEntropy, Flat, cross_entropy, cross_entropy_on
from .inputs import normal, spread


def contenders(batch: int = 32, length: int = 32, units: int = 64, classes: int = 10) -> dict[str, Maker]:
    rng = np.random.default_rng(0)
    gates = 4 * units  # in PyTorch's order: input, forget, cell, output
    weights = {
        **spread(rng, units, lstm__weight_ih_l0=(gates, units), lstm__weight_hh_l0=(gates, units)),
        **spread(rng, units, lstm__bias_ih_l0=(gates,), lstm__bias_hh_l0=(gates,)),
        **spread(rng, units, head__weight=(classes, units), head__bias=(classes,)),
    }
    x, y = normal(rng, length, batch, units), rng.integers(0, classes, batch)
    return {
        **trainings(lambda torch, **options: in_library(torch, weights, x, y, **options)),
        BY_HAND: partial(by_hand, weights, x, y),
        TEXTBOOK: partial(textbook, weights, x, y),
        **on_tapes(weights, lambda np, params: loss_on(np, params, x, y)),
    }


def in_library(torch: Any, weights: Arrays, x: np.ndarray, y: np.ndarray, **options: Any) -> Training:
    nn, units = torch.nn, x.shape[2]

    class Network(nn.Module):  # type: ignore[name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.lstm, self.head = nn.LSTM(units, units), nn.Linear(units, len(weights["head.bias"]))

        def forward(self, x: Any) -> Any:
            return self.head(self.lstm(x)[0][-1])

    network, inputs, targets = filled(torch, Network(), weights), torch.tensor(x), torch.tensor(y)
    return in_torch(torch, network, lambda: nn.functional.cross_entropy(network(inputs), targets), **options)


def by_hand(weights: Arrays, x: np.ndarray, y: np.ndarray) -> Training:
    """All steps' inputs are multiplied at once, and so are all steps' gradients; σ(x) is taken as (1 + tanh(x / 2)) / 2.

    Gates lie outermost, (4, N, units), so that each is one piece of memory.
    """
    params = Flat(weights)
    length, n, units = x.shape
    W_ih, W_hh, b_ih, b_hh, W, b = params.weights.values()
    dW_ih, dW_hh, db_ih, db_hh, dW, db = params.grads.values()
    rows, dtype = x.reshape(length * n, units), x.dtype
    projected, d_gates = np.empty((2, length, n, 4 * units), dtype)
    h, c = np.zeros((2, length + 1, n, units), dtype)
    tanh_c = np.empty((length, n, units), dtype)
    gates = np.empty((length, 4, n, units), dtype)
    bias, summed, ones = np.empty_like(b_ih), np.empty((n, 4 * units), dtype), np.ones(length * n, dtype)
    halves = np.array([0.5, 0.5, 1, 0.5], dtype).reshape(4, 1, 1)
    rest = 1 - halves
    apart = summed.reshape(n, 4, units).swapaxes(0, 1)
    dh, dc, s = np.empty((3, n, units), dtype)
    slopes = np.empty((4, n, units), dtype)
    loss, features = CrossEntropy(len(W), y, dtype), h[length]

    def forward() -> None:
        np.add(b_ih, b_hh, out=bias)
        np.dot(rows, W_ih.T, out=projected.reshape(length * n, -1))
        np.add(projected, bias, out=projected)
        for t in range(length):
            gate = gates[t]
            np.dot(h[t], W_hh.T, out=summed)
            np.add(summed, projected[t], out=summed)
            np.multiply(apart, halves, out=gate)
            np.tanh(gate, out=gate)
            np.multiply(gate, halves, out=gate)
            np.add(gate, rest, out=gate)
            i, f, g, o = gate
            np.multiply(f, c[t], out=c[t + 1])
            np.multiply(i, g, out=s)
            np.add(c[t + 1], s, out=c[t + 1])
            np.tanh(c[t + 1], out=tanh_c[t])
            np.multiply(o, tanh_c[t], out=h[t + 1])

    def backward() -> float:
        forward()
        np.dot(W, features.T, out=loss.scores)
        np.add(loss.scores, b.reshape(-1, 1), out=loss.scores)
        value = loss()
        np.dot(loss.exps, features, out=dW)
        np.dot(loss.exps, ones[:n], out=db)
        np.dot(loss.exps.T, W, out=dh)
        dc.fill(0)
        for t in reversed(range(length)):
            i, f, g, o = gates[t]
            di, df, dg, do = d_gates[t].reshape(n, 4, units).swapaxes(0, 1)
            np.multiply(tanh_c[t], tanh_c[t], out=s)
            np.subtract(1, s, out=s)
            np.multiply(s, o, out=s)
            np.multiply(s, dh, out=s)
            np.add(dc, s, out=dc)
            np.subtract(1, gates[t], out=slopes)
            np.multiply(slopes, gates[t], out=slopes)  # σ' = σ (1 - σ)
            np.multiply(g, g, out=slopes[2])
            np.subtract(1, slopes[2], out=slopes[2])  # tanh' = 1 - tanh²
            np.multiply(slopes[3], dh, out=s)
            np.multiply(s, tanh_c[t], out=do)
            np.multiply(slopes, dc, out=slopes)
            np.multiply(slopes[0], g, out=di)
            np.multiply(slopes[1], c[t], out=df)
            np.multiply(slopes[2], i, out=dg)
            np.multiply(dc, f, out=dc)
            np.dot(d_gates[t], W_hh, out=dh)
        flat = d_gates.reshape(length * n, -1)
        np.dot(flat.T, rows, out=dW_ih)
        np.dot(flat.T, h[:length].reshape(length * n, -1), out=dW_hh)
        np.dot(ones, flat, out=db_ih)
        db_hh[:] = db_ih
        return value

    return params.training(backward)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def textbook(weights: Arrays, x: np.ndarray, y: np.ndarray) -> Training:
    length, n, units = x.shape

    def loss_and_grads(p: Arrays) -> tuple[float, dict[str, np.ndarray]]:
        W_ih, W_hh = p["lstm.weight_ih_l0"], p["lstm.weight_hh_l0"]
        h = c = np.zeros((n, units), x.dtype)
        steps = []
        for t in range(length):
            gates = x[t] @ W_ih.T + p["lstm.bias_ih_l0"] + h @ W_hh.T + p["lstm.bias_hh_l0"]
            i, f, g, o = np.split(gates, 4, axis=1)
            i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
            before, c = (h, c), f * c + i * g
            h = o * np.tanh(c)
            steps.append((*before, i, f, g, o, np.tanh(c)))
        loss, d = cross_entropy(h @ p["head.weight"].T + p["head.bias"], y)
        grads = {name: np.zeros_like(array) for name, array in p.items()}
        grads["head.weight"], grads["head.bias"] = d.T @ h, d.sum(axis=0)
        dh, dc = d @ p["head.weight"], np.zeros_like(c)
        for t in reversed(range(length)):
            h, c, i, f, g, o, tanh_c = steps[t]
            dc = dc + dh * o * (1 - tanh_c**2)
            di, df, dg, do = dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g**2), dh * tanh_c * o * (1 - o)
            d_gates = np.concatenate([di, df, dg, do], axis=1)
            grads["lstm.weight_ih_l0"] += d_gates.T @ x[t]
            grads["lstm.weight_hh_l0"] += d_gates.T @ h
            grads["lstm.bias_ih_l0"] += d_gates.sum(axis=0)
            grads["lstm.bias_hh_l0"] += d_gates.sum(axis=0)
            dh, dc = d_gates @ W_hh, dc * f
        return loss, grads

    return by_textbook(weights, loss_and_grads)


def loss_on(np_: Any, p: Mapping[str, Any], x: np.ndarray, y: np.ndarray) -> Any:
    length, n, units = x.shape
    h: Any = np.zeros((n, units), x.dtype)
    c: Any = h
    W_ih, W_hh, b = p["lstm.weight_ih_l0"].T, p["lstm.weight_hh_l0"].T, p["lstm.bias_ih_l0"] + p["lstm.bias_hh_l0"]
    for t in range(length):
        gates = np_.matmul(x[t], W_ih) + np_.matmul(h, W_hh) + b
        i, f, g, o = [gates[:, k * units : (k + 1) * units] for k in range(4)]
        c = c / (1 + np_.exp(-f)) + np_.tanh(g) / (1 + np_.exp(-i))
        h = np_.tanh(c) / (1 + np_.exp(-o))
    return cross_entropy_on(np_, np_.matmul(h, p["head.weight"].T) + p["head.bias"], y)
