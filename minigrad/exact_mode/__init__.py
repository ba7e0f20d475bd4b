"""Rounding as PyTorch rounds: `with minigrad.exact():`.

array.py holds the arrays that compute so, sums.py and products.py the orders of their additions. This file puts them in the place
of tensors' arrays while the mode is on; nothing else in minigrad knows of it.
"""
from __future__ import annotations

from contextlib import ContextDecorator
from itertools import pairwise
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from ..autograd.rule import Rule
from ..autograd.variable import TensorBase
from ..optim import Adam
from ..tensor import Tensor
from .array import ExactArray, Mode, address, exact_view, forget, plain

LANES = 4  # doubles in a vector of PyTorch's fused optimizers


class exact(ContextDecorator):
    """Inside, arithmetic rounds as PyTorch's CPU kernels do, in the whole process.

    - A product that is added within one operation is not rounded before (a fused multiply-add): `add` with alpha, `addcmul`, `lerp`,
      the derivative of tanh, the updates of SGD, Adam, AdamW, in float32 and float64, for products above 2^-900.
    - Sums and means are added up in the order of ATen's kernel (up to 32,768 numbers), in float32 and float64.
    - Products of float64 matrices are added up in sequence, as MKL does if MKL_CBWR=COMPATIBLE is set before PyTorch is imported,
      when rows are a multiple of 4, columns even, and the inner size at most 128 or a multiple of 128 or at least 256.
    - `Adam(fused=True)` and `AdamW(fused=True)` round as PyTorch's with that option: without it PyTorch takes square roots that are
      not correctly rounded, and differ among processors.

    So whole training runs are equal to PyTorch's bit for bit: `python -m comparisons.exact_mode`. What ends the equality: exp, log,
    tanh and other functions that MKL's vector library computes; products with vectors, of float32, or of other sizes than those
    above; norms, convolutions and what else NumPy computes within itself.

    Every operation takes several times as long. Parameters, optimizers and graphs may be made before, and be used after it.
    """

    def __enter__(self) -> exact:
        if not Mode.depth:
            for owner, name, replacement in REPLACED:
                setattr(owner, name, replacement)
        Mode.depth += 1
        return self

    def __exit__(self, *exc: object) -> None:
        Mode.depth -= 1
        if not Mode.depth:
            for (owner, name, _), original in zip(REPLACED, ORIGINALS):
                setattr(owner, name, original)


# ---- tensors show their memory as ExactArrays; in truth they hold plain ones

stored: Any = TensorBase.__dict__["array"]
views: WeakValueDictionary[int, ExactArray] = WeakValueDictionary()  # by the identity of the array that they show


def shown(tensor: TensorBase) -> np.ndarray:
    """The same view each time, as long as anyone holds it: the graph and the optimizers ask whether an array is the one they know."""
    array = stored.__get__(tensor)
    view = views.get(id(array))
    if view is not None and view.plain is array:
        return view
    return known(exact_view(array), array)


def store(tensor: TensorBase, array: np.ndarray) -> None:
    forget(array)
    if isinstance(array, ExactArray):
        array = known(array, array.view(np.ndarray) if array.plain is None else array.plain).plain
    stored.__set__(tensor, array)


def known(view: Any, array: np.ndarray) -> Any:
    if isinstance(view, ExactArray):
        view.plain = array
        views[id(array)] = view
    return view


tensor_numpy = Tensor.numpy


def numpy(self: Tensor, *, force: bool = False) -> np.ndarray:
    """What leaves minigrad computes as NumPy does."""
    return plain(tensor_numpy(self, force=force))


# ---- so are gradients, when they come to a rule and when they leave it

rule_backward = Rule.backward


def backward(self: Rule, grads: list[Any], wanted: list[bool] | None, create_graph: bool) -> list[Any]:
    results = rule_backward(self, [exact_view(grad) for grad in grads], wanted, create_graph)
    for result in results:
        forget(result)
    return [exact_view(result) for result in results]


# ---- an update that PyTorch computes in one kernel

adam_update = Adam._update


def update(
    self: Adam, group: dict[str, Any], step: float, scalars: Any, grad: Any, scratch: Any, exp_avg: Any, exp_avg_sq: Any, *rest: Any, **state: Any
) -> None:
    """β2 v + (1 - β2) g² has two products. One keeps its error, which, the compiler decides: in vectors the second, after them the first."""
    if group.get("fused"):
        Mode.ends = ends(self, exp_avg_sq)
    try:
        adam_update(self, group, step, scalars, grad, scratch, exp_avg, exp_avg_sq, *rest, **state)
    finally:
        Mode.ends = None


def ends(adam: Adam, part: np.ndarray) -> np.ndarray:
    """Of a part of the optimizer's memory, the last elements of every parameter, which fill no vector."""
    found = np.zeros(part.shape, bool)
    for flats in adam._flats.values():
        for flat in flats.values():
            buffer = flat.buffers["exp_avg_sq"]
            first = (address(part) - address(buffer)) // part.itemsize
            if 0 <= first < buffer.size:
                for start, stop in pairwise(flat.bounds):
                    over = (stop - start) % (LANES * 8 // part.itemsize)
                    found[max(stop - over - first, 0) : max(stop - first, 0)] = True
    return found


REPLACED: list[tuple[Any, str, Any]] = [
    (TensorBase, "array", property(shown, store)),
    (Tensor, "numpy", numpy),
    (Rule, "backward", backward),
    (Adam, "_update", update),
]
ORIGINALS = [stored, tensor_numpy, rule_backward, adam_update]
