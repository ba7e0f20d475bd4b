"""Losses beside PyTorch's. Their modules, and what torch.nn.functional checks before, are tested in tests/nn."""
from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from beside import FLOATS, beside, draw, edges

import minigrad

SHAPES = [(4, 5), (), (0, 3), (7,)]
every_case = pytest.mark.parametrize("dtype, reduction", list(itertools.product(FLOATS, ["mean", "sum", "none"])))


def of(t, name):
    return getattr(minigrad.ops if t is minigrad else torch.nn.functional, name)


@every_case
def test_distances(dtype, reduction):
    for shape in SHAPES:
        x, y = draw(*shape, dtype=dtype), draw(*shape, seed=2, dtype=dtype)
        beside(lambda t, x, y: of(t, "mse_loss")(x, y, reduction=reduction), x, y)
        for width in (1.0, 0.5, 2.0):
            beside(lambda t, x, y: of(t, "smooth_l1_loss")(x, y, reduction=reduction, beta=width), x, y)
            beside(lambda t, x, y: of(t, "huber_loss")(x, y, reduction=reduction, delta=width), x, y)
            halves = np.round(x * 2) / 2, np.round(y * 2) / 2  # at the bends
            beside(lambda t, x, y: of(t, "smooth_l1_loss")(x, y, reduction=reduction, beta=width), *halves)
            beside(lambda t, x, y: of(t, "huber_loss")(x, y, reduction=reduction, delta=width), *halves)
    for name in ("mse_loss", "smooth_l1_loss", "huber_loss"):
        beside(lambda t, x, y: of(t, name)(x, y, reduction=reduction), edges(dtype), edges(dtype)[::-1].copy(), order=1)
        beside(lambda t, x, y: t.autograd.grad(of(t, name)(x.detach(), y, reduction=reduction).sum(), y), *draw(2, 5, dtype=dtype), tier="T3")


@every_case
def test_binary_cross_entropies(dtype, reduction):
    order = 1 if dtype == "float64" else 2  # PyTorch's second derivative of the first has an epsilon in it
    for shape in SHAPES:
        p, x, target = [draw(*shape, seed=i, low=low, high=high, dtype=dtype) for i, (low, high) in enumerate([(0.05, 0.95), (-3, 3), (0, 1)])]
        beside(lambda t, p, y: of(t, "binary_cross_entropy")(p, y, reduction=reduction), p, target, order=order)
        beside(lambda t, x, y: of(t, "binary_cross_entropy_with_logits")(x, y, reduction=reduction), x, target)
        for weight in (draw(*shape, seed=5, low=0.1, dtype=dtype), draw(seed=4, low=1, dtype=dtype)):

            def weighted(t, name, x, y, **more):
                return of(t, name)(x, y, reduction=reduction, **{key: t.tensor(w) for key, w in more.items()})

            beside(lambda t, p, y: weighted(t, "binary_cross_entropy", p, y, weight=weight), p, target, order=order)
            for more in ({"weight": weight}, {"pos_weight": weight}, {"weight": weight, "pos_weight": weight + 1}):
                beside(lambda t, x, y: weighted(t, "binary_cross_entropy_with_logits", x, y, **more), x, target)
    large, target = np.array([800.0, -800, 50, -50, 0, -0.0], dtype), np.array([0, 1, 0.5, 0.3, 1, 0], dtype)
    beside(lambda t, x, y: of(t, "binary_cross_entropy_with_logits")(x, y, reduction=reduction), large, target, order=1)
    sure, target = np.array([0, 1, 0, 1, 0.5], dtype), np.array([0, 1, 1, 0, 0.5], dtype)
    beside(lambda t, p, y: of(t, "binary_cross_entropy")(p, y, reduction=reduction), sure, target, order=1)


@every_case
def test_negative_log_likelihood(dtype, reduction):
    x, classes = draw(4, 5, dtype=dtype), np.array([0, 2, 4, 1])
    images, pixels = draw(2, 5, 3, 2, dtype=dtype), np.random.default_rng(0).integers(0, 5, (2, 3, 2))
    weight = draw(5, low=0.1, high=2, dtype=dtype)
    for ignore, weighted in itertools.product((-100, 2, 0), (False, True)):

        def f(t, x, y):
            return of(t, "nll_loss")(x, y, t.tensor(weight) if weighted else None, ignore_index=ignore, reduction=reduction)

        def loss_and_slope(t, x, y):  # of shapes for which PyTorch's graph has more nodes
            loss = f(t, x, y)
            return loss.detach(), t.autograd.grad(loss.sum(), x)

        beside(f, x, classes)
        beside(f, x, classes.astype("uint8"))
        beside(f, x[0], np.array(2), order=1)
        beside(f, x[0], np.array([3]), order=0)
        beside(f, x, np.full(4, 2), order=1)
        beside(f, images, pixels)
        beside(loss_and_slope, images[..., 0], pixels[..., 0], tier="T3")
        beside(loss_and_slope, images[..., None], pixels[..., None], tier="T3")
    beside(lambda t, x, y: of(t, "nll_loss")(x, y, reduction=reduction), x[:0], classes[:0], order=1)


def test_third_derivative_of_nll_loss():
    """The loss is linear in the scores, and its gradient in the gradient of the loss."""

    def run(t, x, y, grad, weight):
        loss = of(t, "nll_loss")(x, y, reduction="none")
        (first,) = t.autograd.grad(loss, x, grad, create_graph=True)
        (second,) = t.autograd.grad((first * weight).exp().sum(), grad, create_graph=True)
        return [g.detach() for g in t.autograd.grad(second.sum(), [grad, weight])]

    beside(run, draw(4, 5), np.array([0, 2, 4, 1]), draw(4, seed=2), draw(4, 5, seed=3), tier="T3")


@pytest.mark.parametrize("rooms", [(), (2,), (2, 2)])
@pytest.mark.parametrize("weight", ["float64", "float32", "float16", "int64", "bool"])
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int64", "bool"])
def test_weights_are_of_the_dtype_of_the_scores(dtype, weight, rooms):
    def run(t, name):
        scores, classes = t.ones(3, 4, *rooms, dtype=getattr(t, dtype)), t.ones(3, *rooms, dtype=t.int64)
        return getattr(t.nn.functional, name)(scores, classes, t.ones(4, dtype=getattr(t, weight)))

    for name in ("nll_loss", "cross_entropy"):
        beside(run, name, order=0, tier="T3")


BAD = {
    "scores that are integers": lambda t, x, y: of(t, "nll_loss")(x.long(), y),
    "class too high": lambda t, x, y: of(t, "nll_loss")(x, y + 3),
    "class too low": lambda t, x, y: of(t, "nll_loss")(x, y - 1),
    "float classes": lambda t, x, y: of(t, "nll_loss")(x, y.double()),
    "int32 classes": lambda t, x, y: of(t, "nll_loss")(x, y.int()),
    "learned weight of classes": lambda t, x, y: of(t, "nll_loss")(x, y, x[0]),
    "no probabilities": lambda t, x, y: of(t, "binary_cross_entropy")(x, x),
    "learned weight": lambda t, x, y: of(t, "binary_cross_entropy")(x.sigmoid(), x.sigmoid(), x),
    "learned weight of logits": lambda t, x, y: of(t, "binary_cross_entropy_with_logits")(x, x, x),
    "learned pos_weight": lambda t, x, y: of(t, "binary_cross_entropy_with_logits")(x, x, pos_weight=x),
    "shape of weight": lambda t, x, y: of(t, "binary_cross_entropy_with_logits")(x, x, t.ones(3)),
    "shape of pos_weight": lambda t, x, y: of(t, "binary_cross_entropy_with_logits")(x, x, pos_weight=t.ones(3)),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name):
    beside(BAD[name], draw(3, 4), np.array([0, 1, 2]))
