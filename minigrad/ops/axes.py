"""The dimensions in another order: t, transpose, permute, movedim. Memory is shared."""
from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.rule import Rule, apply, on
from .arguments import ints
from .family import normalize_dim

if TYPE_CHECKING:
    from ..tensor import Tensor

# ---- rules


class T(Rule):
    """The transpose of a matrix."""

    view = True

    def forward(x):
        return x.T

    def grad_x(grad):
        return on(T, grad)


class Transpose(Rule):
    """Two dimensions exchanged."""

    view = True

    def forward(x, *, dim0, dim1):
        return x.swapaxes(dim0, dim1) if x.ndim else x[...]

    def grad_x(grad, dim0, dim1):
        return on(Transpose, grad, dim0=dim0, dim1=dim1)


class Permute(Rule):
    """The dimensions in another order."""

    view = True

    def forward(x, *, dims):
        return x.transpose(dims)

    def grad_x(grad, dims):
        return on(Permute, grad, dims=tuple(np.argsort(dims).tolist()))


# ---- functions


def t(input: Tensor) -> Tensor:
    """The transpose of a tensor with at most two dimensions. Mirrors torch.t."""
    if input.array.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input.array.ndim}D")
    return apply(T, input)


def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Two dimensions exchanged, as a view. Mirrors torch.transpose."""
    ndim = input.array.ndim
    return apply(Transpose, input, dim0=normalize_dim(dim0, ndim), dim1=normalize_dim(dim1, ndim))


swapaxes = swapdims = transpose


def permute(input: Tensor, *order: Any, dims: Any = None) -> Tensor:
    """The dimensions in another order, as a view. Mirrors torch.permute."""
    given = ints(order if dims is None else (dims,), "permute", "dims")
    ndim = input.array.ndim
    if len(given) != ndim:
        raise RuntimeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of "
            f"dimensions i.e. input.dim() = {ndim} is not equal to len(dims) = {len(given)}"
        )
    normalized = tuple([normalize_dim(d, ndim) for d in given])
    if len(set(normalized)) != ndim:
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    return apply(Permute, input, dims=normalized)


def matrix_transpose(input: Tensor) -> Tensor:
    """`x.mT`: the last two dimensions exchanged."""
    if input.array.ndim < 2:
        raise RuntimeError(
            f"tensor.mT is only supported on matrices or batches of matrices. Got {input.array.ndim}-D tensor."
        )
    return transpose(input, -2, -1)


def matrix_adjoint(input: Tensor) -> Tensor:
    """`x.mH`: of real matrices, `x.mT`."""
    if input.array.ndim < 2:
        raise RuntimeError(
            f"tensor.adjoint() is only supported on matrices or batches of matrices. Got {input.array.ndim}-D tensor."
        )
    return transpose(input, -2, -1)


def adjoint(input: Tensor) -> Tensor:
    """`x.H`: of a real matrix, `x.T`."""
    if input.array.ndim not in (0, 2):
        raise RuntimeError(f"tensor.H is only supported on matrices (2-D tensors). Got {input.array.ndim}-D tensor.")
    return transpose(input, 0, 1) if input.array.ndim else input


def reverse_dims(input: Tensor) -> Tensor:
    """`x.T`: the transpose of a matrix. PyTorch is about to give up what it did to others: the dimensions in reverse order."""
    if input.array.ndim != 2:
        warnings.warn(
            "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is deprecated and it will throw an error in a "
            "future release. Consider `x.mT` to transpose batches of matrices or `x.permute(*torch.arange(x.ndim - 1, -1, -1))` to "
            "reverse the dimensions of a tensor."
            if input.array.ndim
            else "Tensor.T is deprecated on 0-D tensors. This function is the identity in these cases.",
            stacklevel=2,
        )
    return apply(Permute, input, dims=tuple(range(input.array.ndim - 1, -1, -1)))


def movedim(input: Tensor, source: Any, destination: Any) -> Tensor:
    """Dimensions moved to other places. Mirrors torch.movedim."""
    ndim = input.array.ndim
    given = {"source": source, "destination": destination}
    dims = {name: dim if isinstance(dim, (tuple, list)) else (dim,) for name, dim in given.items()}
    if len(dims["source"]) != len(dims["destination"]):
        raise RuntimeError(
            f"movedim: Invalid source or destination dims: source ({list(dims['source'])} dims) should contain the same number of "
            f"dims as destination ({list(dims['destination'])} dims)"
        )
    moves = {name: [normalize_dim(d, ndim) for d in dim] for name, dim in dims.items()}
    for name, dim in moves.items():
        if len(set(dim)) != len(dim):
            raise RuntimeError(f"movedim: repeated dim in `{name}` ({list(dims[name])})")
    order = [d for d in range(ndim) if d not in moves["source"]]
    for goal, d in sorted(zip(moves["destination"], moves["source"])):
        order.insert(goal, d)
    return permute(input, order)


moveaxis = movedim
