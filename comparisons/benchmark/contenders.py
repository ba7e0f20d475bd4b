"""One piece of work done in several libraries: what a contender is, and how each library becomes one."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from ..by_hand import Adam
from ..networks import to_numpy

Step = Callable[[], float]
Maker = Callable[[], Step]  # makes what a contender needs, and no other's
Arrays = Mapping[str, np.ndarray]

LEARNING_RATE = 1e-3
BY_HAND, TEXTBOOK = "NumPy by hand", "textbook NumPy"
TAPES = {"HIPS autograd": "autograd.numpy", "MyGrad": "mygrad"}  # optional: what they are called, and what is imported


@dataclass(frozen=True)
class Training:
    """Steps of training. `backward` leaves the gradients where `grads` finds them and returns the loss; `update` is the optimizer's."""

    backward: Callable[[], float]
    update: Callable[[], object]
    grads: Callable[[], Arrays]

    def __call__(self) -> float:
        loss = self.backward()
        self.update()
        return loss


def in_libraries(make: Callable[..., Step]) -> dict[str, Maker]:
    """`make(torch, ...)` with minigrad and with PyTorch."""
    return {"minigrad": lambda: make(import_module("minigrad")), "PyTorch": lambda: make(import_module("torch"))}


def trainings(make: Callable[..., Training]) -> dict[str, Maker]:
    """minigrad, PyTorch as it comes, and PyTorch with its two other implementations of Adam."""
    return {
        **in_libraries(make),
        "PyTorch, foreach": lambda: make(import_module("torch"), foreach=True),
        "PyTorch, fused": lambda: make(import_module("torch"), fused=True),
    }


def in_torch(torch: Any, network: Any, loss: Callable[[], Any], **options: Any) -> Training:
    """The step as everybody writes it, in minigrad or in PyTorch."""
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, **options)

    def backward() -> float:
        value = loss()
        optimizer.zero_grad()
        value.backward()
        return float(value.item())

    return Training(backward, optimizer.step, lambda: {name: to_numpy(p.grad) for name, p in network.named_parameters()})


def by_textbook(weights: Arrays, loss_and_grads: Callable[[Arrays], tuple[float, dict[str, np.ndarray]]]) -> Training:
    """Formulas as in a lecture, an array for every result, and Adam parameter by parameter."""
    params = {name: array.copy() for name, array in weights.items()}
    adam, grads = Adam(params, LEARNING_RATE), dict[str, np.ndarray]()

    def backward() -> float:
        loss, found = loss_and_grads(params)
        grads.update(found)
        return float(loss)

    return Training(backward, lambda: adam.step(grads), lambda: grads)


def on_tapes(weights: Arrays, loss: Callable[[Any, Mapping[str, Any]], Any]) -> dict[str, Maker]:
    """`loss(np, params)`, written once, in the libraries that record NumPy; those of them that are installed."""
    makers = {"HIPS autograd": in_hips_autograd, "MyGrad": in_mygrad}
    return {name: partial(make, weights, loss) for name, make in makers.items() if installed(name)}


def installed(name: str) -> bool:
    try:
        return find_spec(TAPES[name]) is not None
    except ModuleNotFoundError:
        return False


def in_hips_autograd(weights: Arrays, loss: Callable[[Any, Mapping[str, Any]], Any]) -> Training:
    np_ = import_module("autograd.numpy")
    both = import_module("autograd").value_and_grad(lambda params: loss(np_, params))
    return by_textbook(weights, lambda params: both(dict(params)))


def in_mygrad(weights: Arrays, loss: Callable[[Any, Mapping[str, Any]], Any]) -> Training:
    mygrad = import_module("mygrad")

    def loss_and_grads(params: Arrays) -> tuple[float, dict[str, np.ndarray]]:
        tensors = {name: mygrad.tensor(array, copy=False) for name, array in params.items()}
        value = loss(mygrad, tensors)
        value.backward()
        return value.item(), {name: tensor.grad for name, tensor in tensors.items()}

    return by_textbook(weights, loss_and_grads)
