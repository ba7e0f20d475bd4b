"""What the operations on matrices share: checks, and the parts of formulas. Every function takes batches: matrices are the last two dimensions."""
from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.variable import TensorBase, wrap
from .arguments import must_be
from .masking import masked_fill, where

if TYPE_CHECKING:
    from ..tensor import Tensor


class LinAlgError(RuntimeError):
    """A matrix that has no inverse, or no such decomposition. Mirrors torch.linalg.LinAlgError."""


LinAlgError.__name__ = LinAlgError.__qualname__ = "_LinAlgError"


def result(name: str, fields: str) -> Any:
    """The named tuple that an operation returns; prints as torch.return_types."""

    def show(self: Any) -> str:
        return f"torch.return_types.{name}(\n" + ",\n".join([f"{key}={value!r}" for key, value in zip(self._fields, self)]) + ")"

    return type(name, (namedtuple(name, fields),), {"__slots__": (), "__repr__": show})


def mT(x: Any) -> Any:
    return x.swapaxes(-2, -1)


def columns(s: Any) -> Any:
    """A row of factors, one for each column of a matrix."""
    return s.reshape((*s.shape[:-1], 1, s.shape[-1]))


def rows(s: Any) -> Any:
    """A column of factors, one for each row of a matrix."""
    return s.reshape((*s.shape, 1))


def unit_matrix(n: int, like: Any) -> np.ndarray:
    return np.eye(n, dtype=getattr(like, "array", like).dtype)


def check_floating(name: str, *tensors: Tensor) -> None:
    for x in tensors:
        if x.array.dtype.kind != "f":
            raise RuntimeError(f"{name}: Expected a floating point or complex tensor as input. Got {x.dtype.scalar_name}")
        if x.array.dtype == np.float16:
            raise RuntimeError(f"{name}: Low precision dtypes not supported. Got Half")


def check_matrices(name: str, x: Tensor, square: bool = True, argument: str = "A") -> Tensor:
    """A batch of (square) matrices of floats."""
    if not isinstance(x, TensorBase):
        raise must_be("Tensor", name.replace(".", "_"), argument if name.startswith("linalg") else "input", 1, x)
    shape = x.array.shape
    if len(shape) < 2:
        raise RuntimeError(f"{name}: The input tensor {argument} must have at least 2 dimensions.")
    if square and shape[-1] != shape[-2]:
        raise RuntimeError(f"{name}: {argument} must be batches of square matrices, but they are {shape[-2]} by {shape[-1]} matrices")
    check_floating(name, x)
    return x


def batch_of(x: np.ndarray, info: np.ndarray) -> str:
    """How PyTorch names the first bad matrix of a batch."""
    return f"(Batch element {int(np.argmax(info > 0))}): " if x.ndim > 2 else ""


def attempted(run: Callable[[Tensor], Tensor], A: Tensor, stops: Callable[[np.ndarray], int], error: Callable[..., Exception] | None) -> Any:
    """What `run` makes of matrices, and for each where it stops, or 0. Where it stops the result is NaN, or an error is raised."""
    a = A.array
    try:
        return run(A), wrap(np.zeros(a.shape[:-2], np.int32))
    except np.linalg.LinAlgError:
        info = np.array([stops(matrix) for matrix in a.reshape(-1, *a.shape[-2:])], np.int32)
        if error is not None:
            raise error(batch_of(a, info), info[info > 0][0]) from None
        info = info.reshape(a.shape[:-2])
        bad = wrap(rows(rows(info > 0)))
        return masked_fill(run(where(bad, wrap(unit_matrix(a.shape[-1], a)), A)), bad, math.nan), wrap(info)
