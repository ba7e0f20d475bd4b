"""A block of a GPT: x + attention(layer norm(x)), and then x + MLP(layer norm(x)), with GELU by tanh as in GPT-2. Mean squared error."""
from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from ...networks import filled
from ..contenders import BY_HAND, TEXTBOOK, Arrays, Maker, Training, by_textbook, in_torch, on_tapes, trainings
from ..flat import Flat
from .inputs import normal, spread

EPS = 1e-5
ROOT, CUBIC = (2 / np.pi) ** 0.5, 0.044715  # of GELU


def contenders(batch: int = 16, length: int = 64, width: int = 128, heads: int = 4) -> dict[str, Maker]:
    rng = np.random.default_rng(0)
    weights = {
        **spread(rng, 1, ln1__weight=(width,), ln1__bias=(width,)),
        **spread(rng, width, qkv__weight=(3 * width, width), qkv__bias=(3 * width,), out__weight=(width, width), out__bias=(width,)),
        **spread(rng, 1, ln2__weight=(width,), ln2__bias=(width,)),
        **spread(rng, width, up__weight=(4 * width, width), up__bias=(4 * width,)),
        **spread(rng, 4 * width, down__weight=(width, 4 * width), down__bias=(width,)),
    }
    x, y = normal(rng, batch, length, width), normal(rng, batch, length, width)
    return {
        **trainings(lambda torch, **options: in_library(torch, weights, heads, x, y, **options)),
        BY_HAND: partial(by_hand, weights, heads, x, y),
        TEXTBOOK: partial(textbook, weights, heads, x, y),
        **on_tapes(weights, lambda np, params: loss_on(np, params, heads, x, y)),
    }


def in_library(torch: Any, weights: Arrays, heads: int, x: np.ndarray, y: np.ndarray, **options: Any) -> Training:
    nn, F = torch.nn, torch.nn.functional
    width = x.shape[-1]

    class Block(nn.Module):  # type: ignore[name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.ln1, self.ln2 = nn.LayerNorm(width), nn.LayerNorm(width)
            self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

        def forward(self, x: Any) -> Any:
            n, t, d = x.shape
            q, k, v = [part.view(n, t, heads, d // heads).transpose(1, 2) for part in self.qkv(self.ln1(x)).split(d, dim=2)]
            seen = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.out(seen.transpose(1, 2).reshape(n, t, d))
            return x + self.down(F.gelu(self.up(self.ln2(x)), approximate="tanh"))

    block, inputs, target = filled(torch, Block(), weights), torch.tensor(x), torch.tensor(y)
    return in_torch(torch, block, lambda: F.mse_loss(block(inputs), target), **options)


# ---- by hand


class Linear:
    """y = x Wᵀ + b, for the rows of x."""

    def __init__(self, params: Flat, name: str, x: np.ndarray) -> None:
        self.W, self.b = params.weights[f"{name}.weight"], params.weights[f"{name}.bias"]
        self.dW, self.db = params.grads[f"{name}.weight"], params.grads[f"{name}.bias"]
        self.x, self.y, self.dx = x, np.empty((len(x), len(self.b)), x.dtype), np.empty_like(x)
        self.ones = np.ones(len(x), x.dtype)

    def forward(self) -> None:
        np.dot(self.x, self.W.T, out=self.y)
        self.y += self.b

    def backward(self, dy: np.ndarray) -> None:
        np.dot(dy.T, self.x, out=self.dW)
        np.dot(self.ones, dy, out=self.db)
        np.dot(dy, self.W, out=self.dx)


class LayerNorm:
    """Sums over rows and columns are products with ones, which BLAS adds up faster than NumPy."""

    def __init__(self, params: Flat, name: str, x: np.ndarray) -> None:
        self.w, self.b = params.weights[f"{name}.weight"], params.weights[f"{name}.bias"]
        self.dw, self.db = params.grads[f"{name}.weight"], params.grads[f"{name}.bias"]
        self.x, (self.normal, self.y, self.dx, self.scratch) = x, np.empty((4, *x.shape), x.dtype)
        self.mean, self.rstd, self.slope = np.empty((3, len(x), 1), x.dtype)
        self.ones, self.shares = np.ones(len(x), x.dtype), np.full((x.shape[1], 1), 1 / x.shape[1], x.dtype)

    def forward(self) -> None:
        np.dot(self.x, self.shares, out=self.mean)
        np.subtract(self.x, self.mean, out=self.normal)
        np.multiply(self.normal, self.normal, out=self.scratch)
        np.dot(self.scratch, self.shares, out=self.rstd)
        np.add(self.rstd, EPS, out=self.rstd)
        np.sqrt(self.rstd, out=self.rstd)
        np.reciprocal(self.rstd, out=self.rstd)
        np.multiply(self.normal, self.rstd, out=self.normal)
        np.multiply(self.normal, self.w, out=self.y)
        np.add(self.y, self.b, out=self.y)

    def backward(self, dy: np.ndarray) -> None:
        np.dot(self.ones, dy, out=self.db)
        np.multiply(dy, self.normal, out=self.scratch)
        np.dot(self.ones, self.scratch, out=self.dw)
        np.multiply(dy, self.w, out=self.dx)
        np.dot(self.dx, self.shares, out=self.mean)
        np.multiply(self.dx, self.normal, out=self.scratch)
        np.dot(self.scratch, self.shares, out=self.slope)
        np.subtract(self.dx, self.mean, out=self.dx)
        np.multiply(self.normal, self.slope, out=self.scratch)
        np.subtract(self.dx, self.scratch, out=self.dx)
        np.multiply(self.dx, self.rstd, out=self.dx)


class Attention:
    """Causal attention in heads, on the views of q, k and v in one array; their gradients are written into one array too."""

    def __init__(self, qkv: np.ndarray, batch: int, heads: int) -> None:
        length, width = len(qkv) // batch, qkv.shape[1] // 3
        self.d_qkv, self.y = np.empty_like(qkv), np.empty((len(qkv), width), qkv.dtype)
        split = batch, length, 3, heads, width // heads
        self.q, self.k, self.v = qkv.reshape(split).transpose(2, 0, 3, 1, 4)
        self.dq, self.dk, self.dv = self.d_qkv.reshape(split).transpose(2, 0, 3, 1, 4)
        self.seen = self.y.reshape(batch, length, heads, -1).swapaxes(1, 2)
        self.weights, self.d_weights, self.scratch = np.empty((3, batch, heads, length, length), qkv.dtype)
        self.row = np.empty((batch, heads, length, 1), qkv.dtype)
        self.hidden = np.triu(np.full((length, length), -np.inf, qkv.dtype), 1)
        self.scale = (width // heads) ** -0.5

    def forward(self) -> None:
        np.matmul(self.q, self.k.swapaxes(2, 3), out=self.weights)
        np.multiply(self.weights, self.scale, out=self.weights)
        np.add(self.weights, self.hidden, out=self.weights)
        np.maximum.reduce(self.weights, axis=3, keepdims=True, out=self.row)
        np.subtract(self.weights, self.row, out=self.weights)
        np.exp(self.weights, out=self.weights)
        np.add.reduce(self.weights, axis=3, keepdims=True, out=self.row)
        np.divide(self.weights, self.row, out=self.weights)
        np.matmul(self.weights, self.v, out=self.seen)

    def backward(self, dy: np.ndarray) -> None:
        d_seen = dy.reshape(len(self.seen), -1, self.seen.shape[1], self.seen.shape[3]).swapaxes(1, 2)
        np.matmul(self.weights.swapaxes(2, 3), d_seen, out=self.dv)
        np.matmul(d_seen, self.v.swapaxes(2, 3), out=self.d_weights)
        np.multiply(self.d_weights, self.weights, out=self.scratch)
        np.add.reduce(self.scratch, axis=3, keepdims=True, out=self.row)
        np.subtract(self.d_weights, self.row, out=self.d_weights)
        np.multiply(self.d_weights, self.weights, out=self.d_weights)
        np.multiply(self.d_weights, self.scale, out=self.d_weights)
        np.matmul(self.d_weights, self.k, out=self.dq)
        np.matmul(self.d_weights.swapaxes(2, 3), self.q, out=self.dk)


class Gelu:
    def __init__(self, x: np.ndarray) -> None:
        self.x, (self.square, self.tanh, self.y, self.dx) = x, np.empty((4, *x.shape), x.dtype)

    def forward(self) -> None:
        np.multiply(self.x, self.x, out=self.square)
        np.multiply(self.square, ROOT * CUBIC, out=self.tanh)
        np.add(self.tanh, ROOT, out=self.tanh)
        np.multiply(self.tanh, self.x, out=self.tanh)
        np.tanh(self.tanh, out=self.tanh)
        np.add(self.tanh, 1, out=self.y)
        np.multiply(self.y, self.x, out=self.y)
        np.multiply(self.y, 0.5, out=self.y)

    def backward(self, dy: np.ndarray) -> None:
        """(1 + t + x (1 - t²) (√(2/π) + 3 · 0.0447 √(2/π) x²)) / 2, with t the tanh."""
        np.multiply(self.square, 3 * ROOT * CUBIC, out=self.dx)
        np.add(self.dx, ROOT, out=self.dx)
        np.multiply(self.dx, self.x, out=self.dx)
        np.multiply(self.tanh, self.tanh, out=self.square)
        np.subtract(1, self.square, out=self.square)
        np.multiply(self.dx, self.square, out=self.dx)
        np.add(self.dx, self.tanh, out=self.dx)
        np.add(self.dx, 1, out=self.dx)
        np.multiply(self.dx, 0.5, out=self.dx)
        np.multiply(self.dx, dy, out=self.dx)


def by_hand(weights: Arrays, heads: int, x: np.ndarray, y: np.ndarray) -> Training:
    params, batch = Flat(weights), len(x)
    x, y = [array.reshape(-1, x.shape[-1]) for array in (x, y)]
    middle, error = np.empty((2, *x.shape), x.dtype)
    ln1 = LayerNorm(params, "ln1", x)
    qkv = Linear(params, "qkv", ln1.y)
    attention = Attention(qkv.y, batch, heads)
    out = Linear(params, "out", attention.y)
    ln2 = LayerNorm(params, "ln2", middle)
    up = Linear(params, "up", ln2.y)
    gelu = Gelu(up.y)
    down = Linear(params, "down", gelu.y)

    def backward() -> float:
        ln1.forward(), qkv.forward(), attention.forward(), out.forward()
        np.add(x, out.y, out=middle)
        ln2.forward(), up.forward(), gelu.forward(), down.forward()
        np.subtract(middle, y, out=error)
        np.add(error, down.y, out=error)
        loss = float(np.dot(error.ravel(), error.ravel())) / error.size
        np.multiply(error, 2 / error.size, out=error)
        down.backward(error), gelu.backward(down.dx), up.backward(gelu.dx), ln2.backward(up.dx)
        np.add(error, ln2.dx, out=error)  # the gradient of `middle`
        out.backward(error), attention.backward(out.dx), qkv.backward(attention.d_qkv), ln1.backward(qkv.dx)
        return loss

    return params.training(backward)


# ---- by the textbook


def textbook(weights: Arrays, heads: int, x: np.ndarray, y: np.ndarray) -> Training:
    n, t, d = x.shape
    hidden = np.triu(np.ones((t, t), bool), 1)
    scale = (d // heads) ** -0.5

    def split(a: np.ndarray) -> np.ndarray:
        return a.reshape(n, t, heads, d // heads).transpose(0, 2, 1, 3)

    def merge(a: np.ndarray) -> np.ndarray:
        return a.transpose(0, 2, 1, 3).reshape(n, t, d)

    def loss_and_grads(p: Arrays) -> tuple[float, dict[str, np.ndarray]]:
        grads: dict[str, np.ndarray] = {}

        def linear_backward(name: str, x: np.ndarray, dy: np.ndarray) -> np.ndarray:
            grads[f"{name}.weight"] = dy.reshape(n * t, -1).T @ x.reshape(n * t, -1)
            grads[f"{name}.bias"] = dy.sum(axis=(0, 1))
            return dy @ p[f"{name}.weight"]

        def norm_backward(name: str, normal: np.ndarray, std: np.ndarray, dy: np.ndarray) -> np.ndarray:
            grads[f"{name}.weight"] = (dy * normal).sum(axis=(0, 1))
            grads[f"{name}.bias"] = dy.sum(axis=(0, 1))
            g = dy * p[f"{name}.weight"]
            return (g - g.mean(axis=-1, keepdims=True) - normal * (g * normal).mean(axis=-1, keepdims=True)) / std

        std1 = np.sqrt(x.var(axis=-1, keepdims=True) + EPS)
        normal1 = (x - x.mean(axis=-1, keepdims=True)) / std1
        h1 = normal1 * p["ln1.weight"] + p["ln1.bias"]
        q, k, v = [split(part) for part in np.split(h1 @ p["qkv.weight"].T + p["qkv.bias"], 3, axis=-1)]
        scores = np.where(hidden, np.float32(-np.inf), q @ k.swapaxes(2, 3) * scale)
        exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
        A = exps / exps.sum(axis=-1, keepdims=True)
        seen = merge(A @ v)
        middle = x + seen @ p["out.weight"].T + p["out.bias"]
        std2 = np.sqrt(middle.var(axis=-1, keepdims=True) + EPS)
        normal2 = (middle - middle.mean(axis=-1, keepdims=True)) / std2
        h2 = normal2 * p["ln2.weight"] + p["ln2.bias"]
        u = h2 @ p["up.weight"].T + p["up.bias"]
        tanh = np.tanh(ROOT * (u + CUBIC * u**3))
        g = 0.5 * u * (1 + tanh)
        error = middle + g @ p["down.weight"].T + p["down.bias"] - y

        dy = 2 * error / error.size
        dg = linear_backward("down", g, dy)
        du = dg * 0.5 * (1 + tanh + u * (1 - tanh**2) * ROOT * (1 + 3 * CUBIC * u**2))
        d_middle = dy + norm_backward("ln2", normal2, std2, linear_backward("up", h2, du))
        d_seen = split(linear_backward("out", seen, d_middle))
        dA = d_seen @ v.swapaxes(2, 3)
        d_scores = A * (dA - (dA * A).sum(axis=-1, keepdims=True)) * scale
        dq, dk, dv = d_scores @ k, d_scores.swapaxes(2, 3) @ q, A.swapaxes(2, 3) @ d_seen
        norm_backward("ln1", normal1, std1, linear_backward("qkv", h1, np.concatenate([*map(merge, (dq, dk, dv))], axis=-1)))
        return (error**2).mean(), grads

    return by_textbook(weights, loss_and_grads)


# ---- for a tape


def loss_on(np_: Any, p: Mapping[str, Any], heads: int, x: np.ndarray, y: np.ndarray) -> Any:
    n, t, d = x.shape
    hidden = np.triu(np.full((t, t), -1e9, x.dtype), 1)  # with -inf their gradients are NaN

    def norm(x: Any, name: str) -> Any:
        centered = x - np_.mean(x, axis=-1, keepdims=True)
        rstd = (np_.mean(centered * centered, axis=-1, keepdims=True) + EPS) ** -0.5
        return centered * rstd * p[f"{name}.weight"] + p[f"{name}.bias"]

    def linear(x: Any, name: str) -> Any:
        return np_.matmul(x, p[f"{name}.weight"].T) + p[f"{name}.bias"]

    parts = np_.transpose(np_.reshape(linear(norm(x, "ln1"), "qkv"), (n, t, 3, heads, d // heads)), (2, 0, 3, 1, 4))
    q, k, v = parts[0], parts[1], parts[2]
    scores = np_.matmul(q, np_.swapaxes(k, 2, 3)) * (d // heads) ** -0.5 + hidden
    exps = np_.exp(scores - np_.max(scores, axis=-1, keepdims=True))
    seen = np_.matmul(exps / np_.sum(exps, axis=-1, keepdims=True), v)
    middle = x + linear(np_.reshape(np_.transpose(seen, (0, 2, 1, 3)), (n, t, d)), "out")
    u = linear(norm(middle, "ln2"), "up")
    g = 0.5 * u * (1 + np_.tanh(ROOT * (u + CUBIC * u * u * u)))
    error = middle + linear(g, "down") - y
    return np_.mean(error * error)
