"""y = 0.999 y + 0.001, again and again, and back: next to no arithmetic, so what an operation costs beside it."""
from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from ..contenders import TEXTBOOK, Maker, Step, in_libraries, installed

START = [0.1, 0.2, 0.3, 0.4]


def contenders(operations: int = 10_000) -> dict[str, Maker]:
    tapes = {"HIPS autograd": in_hips_autograd, "MyGrad": in_mygrad}
    return {
        **in_libraries(lambda torch: in_library(torch, operations)),
        TEXTBOOK: partial(textbook, operations),
        **{name: partial(make, operations) for name, make in tapes.items() if installed(name)},
    }


def in_library(torch: Any, operations: int) -> Step:
    x = torch.tensor(START, requires_grad=True)

    def step() -> float:
        y = x
        for _ in range(operations // 2):
            y = y * 0.999
            y = y + 0.001
        loss = y.sum()
        x.grad = None
        loss.backward()
        return float(loss.item())

    return step


def textbook(operations: int) -> Step:
    """The arithmetic alone, forward and backward, in which only the products change the gradient."""
    x = np.array(START, np.float32)

    def step() -> float:
        y, d = x, np.ones_like(x)
        for _ in range(operations // 2):
            y = y * 0.999
            y = y + 0.001
        for _ in range(operations // 2):
            d = d * 0.999
        return float(y.sum())

    return step


def in_hips_autograd(operations: int) -> Step:
    np_ = import_module("autograd.numpy")

    def chain(y: Any) -> Any:
        for _ in range(operations // 2):
            y = y * 0.999
            y = y + 0.001
        return np_.sum(y)

    both, x = import_module("autograd").value_and_grad(chain), np.array(START, np.float32)
    return lambda: float(both(x)[0])


def in_mygrad(operations: int) -> Step:
    mygrad = import_module("mygrad")
    x = mygrad.tensor(np.array(START, np.float32))

    def step() -> float:
        y = x
        for _ in range(operations // 2):
            y = y * 0.999
            y = y + 0.001
        loss = mygrad.sum(y)
        loss.backward()
        return float(loss.item())

    return step
