"""A convolutional network on images of digits: twice convolution 5x5, max-pooling 2x2 and ReLU; then a linear layer."""
from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ...networks import filled
from ..contenders import BY_HAND, TEXTBOOK, Arrays, Maker, Training, by_textbook, in_torch, on_tapes, trainings
from ..flat import CrossEntropy, Flat, cross_entropy, cross_entropy_on
from .inputs import normal, spread

K = 5
CORNERS = (0, 0), (0, 1), (1, 0), (1, 1)  # of a window of the pooling


def contenders(batch: int = 64) -> dict[str, Maker]:
    rng = np.random.default_rng(0)
    weights = {
        **spread(rng, 25, conv1__weight=(16, 1, K, K), conv1__bias=(16,)),
        **spread(rng, 400, conv2__weight=(32, 16, K, K), conv2__bias=(32,)),
        **spread(rng, 512, fc__weight=(10, 512), fc__bias=(10,)),
    }
    images, digits = normal(rng, batch, 1, 28, 28), rng.integers(0, 10, batch)
    return {
        **trainings(lambda torch, **options: in_library(torch, weights, images, digits, **options)),
        BY_HAND: partial(by_hand, weights, images, digits),
        TEXTBOOK: partial(textbook, weights, images, digits),
        **on_tapes(weights, lambda np, params: loss_on(np, params, images, digits)),
    }


def in_library(torch: Any, weights: Arrays, images: np.ndarray, digits: np.ndarray, **options: Any) -> Training:
    nn, F = torch.nn, torch.nn.functional

    class Network(nn.Module):  # type: ignore[name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.conv1, self.conv2, self.fc = nn.Conv2d(1, 16, K), nn.Conv2d(16, 32, K), nn.Linear(512, 10)

        def forward(self, x: Any) -> Any:
            x = F.max_pool2d(F.relu(self.conv1(x)), 2)
            x = F.max_pool2d(F.relu(self.conv2(x)), 2)
            return self.fc(x.flatten(1))

    network, x, y = filled(torch, Network(), weights), torch.tensor(images), torch.tensor(digits)
    return in_torch(torch, network, lambda: F.cross_entropy(network(x), y), **options)


# ---- by hand


class Convolution:
    """A convolution, max-pooling and ReLU, on images that lie innermost in memory, (channels, rows, columns, images).

    So a place of the kernel is a copy of long pieces, and the convolution of all images one product. The maximum is taken
    before bias and ReLU, of which it leaves a quarter.
    """

    def __init__(self, params: Flat, name: str, x_shape: tuple[int, ...], dtype: np.dtype, first: bool) -> None:
        W, self.b = params.weights[f"{name}.weight"], params.weights[f"{name}.bias"].reshape(-1, 1)
        dW, self.db = params.grads[f"{name}.weight"], params.grads[f"{name}.bias"]
        self.W, self.dW = W.reshape(len(W), -1), dW.reshape(len(W), -1)
        c, h, w, n = x_shape
        self.h, self.w = h - K + 1, w - K + 1
        self.columns = np.empty((c, K, K, self.h, self.w, n), dtype)
        self.z = np.empty((len(W), self.h, self.w, n), dtype)
        self.top = np.empty((len(W), self.h // 2, self.w // 2, n), dtype)
        self.mask, self.out, self.d, self.ones = [np.empty_like(self.top) for _ in range(4)]
        self.ones[...] = 1
        self.corners = [np.s_[:, i::2, j::2] for i, j in CORNERS]
        self.same = np.empty(self.top.shape, bool)
        if not first:
            self.d_columns, self.dx = np.empty_like(self.columns), np.empty(x_shape, dtype)

    def forward(self, x: np.ndarray) -> np.ndarray:
        for i in range(K):
            for j in range(K):
                self.columns[:, i, j] = x[:, i : i + self.h, j : j + self.w]
        np.dot(self.W, self.columns.reshape(self.W.shape[1], -1), out=self.z.reshape(len(self.W), -1))
        a, b, c, d = [self.z[corner] for corner in self.corners]
        np.maximum(a, b, out=self.top)
        np.maximum(self.top, c, out=self.top)
        np.maximum(self.top, d, out=self.top)
        np.add(self.top.reshape(len(self.b), -1), self.b, out=self.out.reshape(len(self.b), -1))
        np.greater(self.out, 0, out=self.mask)
        self.out *= self.mask
        return self.out

    def backward(self) -> None:
        """From `d`, the gradient of `out`, to those of the weights, and, if this is not the first layer, to `dx`."""
        self.d *= self.mask
        rows = self.d.reshape(len(self.W), -1)
        np.dot(rows, self.ones[0].ravel(), out=self.db)
        for corner in self.corners:  # where two are largest, which real numbers seldom are, both get the gradient
            np.equal(self.z[corner], self.top, out=self.same)
            np.multiply(self.d, self.same, out=self.z[corner])
        dz = self.z.reshape(len(self.W), -1)
        columns = self.columns.reshape(self.W.shape[1], -1)
        np.dot(dz, columns.T, out=self.dW)
        if hasattr(self, "dx"):
            np.dot(self.W.T, dz, out=self.d_columns.reshape(columns.shape))
            self.dx.fill(0)
            for i in range(K):
                for j in range(K):
                    self.dx[:, i : i + self.h, j : j + self.w] += self.d_columns[:, i, j]


def by_hand(weights: Arrays, images: np.ndarray, digits: np.ndarray) -> Training:
    params, n = Flat(weights), len(images)
    x = np.ascontiguousarray(images.transpose(1, 2, 3, 0))
    conv1 = Convolution(params, "conv1", x.shape, x.dtype, first=True)
    conv2 = Convolution(params, "conv2", conv1.out.shape, x.dtype, first=False)
    W, b, dW, db = [of[f"fc.{kind}"] for of in (params.weights, params.grads) for kind in ("weight", "bias")]
    loss, ones = CrossEntropy(len(W), digits, x.dtype), np.ones(n, x.dtype)

    def backward() -> float:
        features = conv2.forward(conv1.forward(x)).reshape(-1, n)
        np.dot(W, features, out=loss.scores)
        np.add(loss.scores, b.reshape(-1, 1), out=loss.scores)
        value = loss()
        np.dot(loss.exps, features.T, out=dW)
        np.dot(loss.exps, ones, out=db)
        np.dot(W.T, loss.exps, out=conv2.d.reshape(-1, n))
        conv2.backward()
        np.copyto(conv1.d, conv2.dx)
        conv1.backward()
        return value

    return params.training(backward)


# ---- by the textbook


def textbook(weights: Arrays, images: np.ndarray, digits: np.ndarray) -> Training:
    def loss_and_grads(p: Arrays) -> tuple[float, dict[str, np.ndarray]]:
        z1 = convolve(images, p["conv1.weight"]) + p["conv1.bias"].reshape(-1, 1, 1)
        a1 = np.maximum(0, z1)
        x2 = pool(a1)
        z2 = convolve(x2, p["conv2.weight"]) + p["conv2.bias"].reshape(-1, 1, 1)
        a2 = np.maximum(0, z2)
        features = pool(a2)
        flat = features.reshape(len(images), -1)
        loss, d = cross_entropy(flat @ p["fc.weight"].T + p["fc.bias"], digits)
        grads = {"fc.weight": d.T @ flat, "fc.bias": d.sum(axis=0)}
        dz2 = unpool((d @ p["fc.weight"]).reshape(features.shape), a2, features) * (z2 > 0)
        grads["conv2.weight"], grads["conv2.bias"] = kernel_gradient(x2, dz2), dz2.sum(axis=(0, 2, 3))
        turned = p["conv2.weight"][:, :, ::-1, ::-1].swapaxes(0, 1)
        dx2 = convolve(np.pad(dz2, ((0, 0), (0, 0), (K - 1, K - 1), (K - 1, K - 1))), turned)
        dz1 = unpool(dx2, a1, x2) * (z1 > 0)
        grads["conv1.weight"], grads["conv1.bias"] = kernel_gradient(images, dz1), dz1.sum(axis=(0, 2, 3))
        return loss, grads

    return by_textbook(weights, loss_and_grads)


def convolve(x: np.ndarray, W: np.ndarray) -> np.ndarray:
    """(N, C, H, W) and (O, C, K, K) to (N, O, H', W')."""
    windows = sliding_window_view(x, W.shape[2:], (2, 3))  # N, C, H', W', K, K
    return np.tensordot(windows, W, axes=((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)


def kernel_gradient(x: np.ndarray, dz: np.ndarray) -> np.ndarray:
    return np.tensordot(dz, sliding_window_view(x, (K, K), (2, 3)), axes=((0, 2, 3), (0, 2, 3)))


def pool(x: np.ndarray) -> np.ndarray:
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).max(axis=(3, 5))


def unpool(d: np.ndarray, x: np.ndarray, out: np.ndarray) -> np.ndarray:
    larger = [array.repeat(2, axis=2).repeat(2, axis=3) for array in (d, out)]
    return larger[0] * (x == larger[1])


# ---- for a tape


def loss_on(np_: Any, p: Mapping[str, Any], images: np.ndarray, digits: np.ndarray) -> Any:
    x: Any = images
    for name in ("conv1", "conv2"):
        n, c, h, w = x.shape[0], x.shape[1], x.shape[2] - K + 1, x.shape[3] - K + 1
        W, b = p[f"{name}.weight"], p[f"{name}.bias"]
        places = [x[:, :, None, i : i + h, j : j + w] for i in range(K) for j in range(K)]
        columns = np_.reshape(np_.concatenate(places, axis=2), (n, c * K * K, h * w))
        z = np_.matmul(np_.reshape(W, (len(W), c * K * K)), columns) + np_.reshape(b, (-1, 1))
        windows = np_.reshape(z, (n, len(W), h // 2, 2, w // 2, 2))
        x = np_.max(np_.maximum(windows, 0), axis=(3, 5))
    return cross_entropy_on(np_, np_.matmul(np_.reshape(x, (len(images), -1)), p["fc.weight"].T) + p["fc.bias"], digits)
