"""An optimizer and its PyTorch twin, on the same parameters, fed the same gradients."""
from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import torch

import minigrad

SHAPES = [(40, 7), (40,), (), (3, 40), (1, 5, 2)]
BOTH = (False, True)


def grid(**options: tuple) -> list[dict[str, Any]]:
    """Every combination of the options' values."""
    return [dict(zip(options, values)) for values in itertools.product(*options.values())]


CASES = [  # a learning rate that is a power of two multiplies exactly: FMA changes nothing there
    *[("SGD", o) for o in grid(lr=(2**-4,), momentum=(0, 0.9), weight_decay=(0, 0.01), maximize=BOTH)],
    *[("SGD", o) for o in grid(lr=(2**-4,), momentum=(0.9,), weight_decay=(0, 0.01), dampening=(0.3, 1.0))],
    *[("SGD", o) for o in grid(lr=(2**-4,), momentum=(0.9,), weight_decay=(0, 0.01), nesterov=(True,), maximize=BOTH)],
    *[("Adam", o) for o in grid(weight_decay=(0, 0.1), amsgrad=BOTH, maximize=BOTH, decoupled_weight_decay=BOTH)],
    *[("Adam", o) for o in grid(betas=((0.0, 0.9), (0.3, 0.5), (0.5, 0.0), (0.9, 0.99)), eps=(1e-8, 0.1))],
    *[("AdamW", o) for o in grid(lr=(0.01,), weight_decay=(0, 0.01, 0.1), amsgrad=BOTH, maximize=BOTH)],
    *[("RMSprop", o) for o in grid(lr=(2**-7,), momentum=(0, 0.9), centered=BOTH, weight_decay=(0, .1), maximize=BOTH)],
    *[("RMSprop", o) for o in grid(lr=(0.001,), alpha=(0.3, 0.9), eps=(1e-8, 0.1), centered=BOTH)],
    *[("Adagrad", o) for o in grid(lr=(0.1,), lr_decay=(0, 0.5), weight_decay=(0, 0.1), initial_accumulator_value=(0, .1))],
    *[("Adadelta", o) for o in grid(lr=(1.0,), rho=(0.9, 0.5), weight_decay=(0, 0.1), maximize=BOTH)],
    *[("Adamax", o) for o in grid(lr=(0.01,), weight_decay=(0, 0.1), maximize=BOTH)],
    *[("NAdam", o) for o in grid(weight_decay=(0, 0.1), momentum_decay=(4e-3, 0.1), decoupled_weight_decay=BOTH)],
    *[("RAdam", o) for o in grid(weight_decay=(0, 0.1), decoupled_weight_decay=BOTH, maximize=BOTH)],
    *[("Rprop", o) for o in grid(lr=(2**-7, 0.01), etas=((0.5, 1.2), (0.3, 1.7)), maximize=BOTH)],
    *[("ASGD", o) for o in grid(lr=(2**-4, 0.1), lambd=(1e-4, 0.1), t0=(1e6, 10), weight_decay=(0, 0.1))],
]
ids = [f"{name}-{'-'.join(f'{k}={v}' for k, v in options.items())}" for name, options in CASES]


class Twins:
    """`ours` and `theirs`: two optimizers of one name with the same options, over parameters that start equal."""

    def __init__(
        self, name: str, options: dict[str, Any], dtype: str = "float32", shapes: Any = SHAPES, groups: Any = None
    ) -> None:
        self.rng = np.random.default_rng(0)
        self.name, self.options, self.dtype = name, options, dtype
        self.params: list[Any] = []
        self.mirror: list[Any] = []
        ours, theirs = self.add(shapes)
        if groups is not None:  # each a (slice, options) pair
            ours = [{"params": ours[part], **more} for part, more in groups]
            theirs = [{"params": theirs[part], **more} for part, more in groups]
        self.ours = getattr(minigrad.optim, name)(ours, **options)
        self.theirs = getattr(torch.optim, name)(theirs, **options)

    def add(self, shapes: Any) -> tuple[list[Any], list[Any]]:
        """New parameters, the same on both sides."""
        arrays = [self.random(shape) for shape in shapes]
        ours = [minigrad.tensor(array, dtype=getattr(minigrad, self.dtype), requires_grad=True) for array in arrays]
        theirs = [torch.tensor(array, requires_grad=True) for array in arrays]
        self.params += ours
        self.mirror += theirs
        return ours, theirs

    def random(self, shape: Any) -> np.ndarray:
        return np.asarray(self.rng.standard_normal(shape), self.dtype)

    def set_grads(self, without: Any = ()) -> None:
        """The same random gradients on both sides; None for the parameters whose numbers are in `without`."""
        for i, (p, q) in enumerate(zip(self.params, self.mirror)):
            grad = self.random(p.array.shape)
            p.grad = None if i in without else minigrad.from_numpy(grad)
            q.grad = None if i in without else torch.from_numpy(grad)

    def step(self, without: Any = ()) -> None:
        self.set_grads(without)
        self.ours.step()
        self.theirs.step()

    def values(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        """All parameters and state, as (name, ours, theirs); the states must have the same entries."""
        found = [(f"param {i}", p.array, q.detach().numpy()) for i, (p, q) in enumerate(zip(self.params, self.mirror))]
        for i, (p, q) in enumerate(zip(self.params, self.mirror)):
            ours, theirs = self.ours.state.get(p, {}), self.theirs.state.get(q, {})
            assert list(ours) == list(theirs)
            found += [(f"{name} {i}", ours[name].array, theirs[name].numpy()) for name in theirs]
        return found

    def distance(self) -> float:
        """The largest difference, in rounding errors of the largest element of all tensors of that name."""
        scales: dict[str, float] = {}
        apart: dict[str, float] = {}
        for label, ours, theirs in self.values():
            assert ours.dtype == theirs.dtype and ours.shape == theirs.shape, label
            name = label.split()[0]
            scales[name] = max(scales.get(name, 0.0), float(np.abs(theirs).max(initial=0)))
            gap = float(np.abs(ours - theirs).max(initial=0)) / float(np.finfo(theirs.dtype).eps)
            apart[name] = max(apart.get(name, 0.0), gap)
        return max(gap / (scales[name] or 1.0) for name, gap in apart.items())

    def share(self) -> float:
        """The share of the parameters' elements that are equal bit for bit."""
        equal = [(p.array == q.detach().numpy()).ravel() for p, q in zip(self.params, self.mirror)]
        return float(np.concatenate(equal).mean())
