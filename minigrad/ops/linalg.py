"""Products of vectors and matrices.

PyTorch builds `matmul` and `linear` out of dot, mv, mm, bmm and views, and so its graph has their nodes; ours too.
"""
from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.grad_mode import modes
from ..autograd.rule import Rule, apply, on
from ..autograd.variable import TensorBase, alias
from .arguments import no_tensor
from .axes import T, matrix_transpose, t
from .broadcast import expand
from .family import broadcast_error, promoted, refuse
from .shape import UnsafeView, contiguous, reshape, squeeze, unsqueeze, view
from .shape_in_place import squeeze_

if TYPE_CHECKING:
    from ..tensor import Tensor


class Dot(Rule):
    """The sum of products of two vectors."""

    tier = "T3"

    def forward(x, tensor):
        return x.dot(tensor)

    def grad_x(grad, tensor):
        return grad * tensor

    def grad_tensor(grad, x):
        return grad * x


class Mv(Rule):
    """A matrix times a vector."""

    tier = "T3"

    def forward(x, vec):
        return x.dot(vec)

    def grad_x(grad, vec):
        return grad.reshape((-1, 1)) * vec.reshape((1, -1))

    def grad_vec(grad, x):
        return x.T @ grad


class Mm(Rule):
    """A matrix times a matrix."""

    tier = "T3"

    def forward(x, mat2):
        return x.dot(mat2)

    def grad_x(grad, mat2):
        return grad @ mat2.T

    def grad_mat2(grad, x):
        return x.T @ grad


class Addmm(Rule):
    """beta * input + alpha * (mat1 @ mat2). This is nn.Linear: mat2 is the transposed weight.

    The gradient of mat2 is computed transposed, so that the weight's own gradient lies in memory as the weight does.
    """

    tier = "T3"

    def forward(x, mat1, mat2, *, beta=1, alpha=1):
        product = mat1.dot(mat2)
        if alpha != 1:
            product *= product.dtype.type(alpha)
        if beta != 1:
            x = x * x.dtype.type(beta)
        if beta:  # 0 wants none of x, not even its NaNs
            product += x
        return product

    def grad_x(grad, beta):
        return grad if beta == 1 else grad * beta

    def grad_mat1(grad, mat2, alpha):
        product = on(Mm, grad, mat2.T)
        return product if alpha == 1 else product * alpha

    def grad_mat2(grad, mat1, alpha):
        product = on(Mm, grad.T, mat1).T
        return product if alpha == 1 else product * alpha


class Bmm(Rule):
    """Matrices times matrices, one by one."""

    tier = "T3"

    def forward(x, mat2):
        return np.matmul(x, mat2)

    def grad_x(grad, mat2):
        return grad @ mat2.swapaxes(1, 2)

    def grad_mat2(grad, x):
        return x.swapaxes(1, 2) @ grad


class Baddbmm(Rule):
    """beta * input + alpha * bmm(batch1, batch2)."""

    tier = "T3"

    def forward(x, batch1, batch2, *, beta, alpha):
        product = np.matmul(batch1, batch2) * alpha
        return product + beta * x if beta else product  # beta = 0 wants none of x, not even its NaNs

    def grad_x(grad, beta):
        return grad * beta

    def grad_batch1(grad, batch2, alpha):
        return (grad @ batch2.swapaxes(1, 2)) * alpha

    def grad_batch2(grad, batch1, alpha):
        return (batch1.swapaxes(1, 2) @ grad) * alpha


# ---- functions


def scalar_name(x: Tensor) -> str:
    return dtypes.of_array(x.array).scalar_name


def dot(input: Tensor, tensor: Tensor) -> Tensor:
    """The dot product of two vectors. Mirrors torch.dot."""
    try:
        a, b = input.array, tensor.array
    except AttributeError:
        raise no_tensor("dot", input=input, tensor=tensor) from None
    if a.ndim != 1 or b.ndim != 1:
        raise RuntimeError(f"1D tensors expected, but got {a.ndim}D and {b.ndim}D tensors")
    if a.dtype != b.dtype:
        raise RuntimeError(
            f"dot : expected both vectors to have same dtype, but found {scalar_name(input)} and {scalar_name(tensor)}"
        )
    if a.shape != b.shape:
        raise RuntimeError(
            f"inconsistent tensor size, expected tensor [{a.size}] and src [{b.size}] to have the same number of elements, but got "
            f"{a.size} and {b.size} elements respectively"
        )
    refuse("dot", "b", a)
    return apply(Dot, input, tensor)


def mv(input: Tensor, vec: Tensor) -> Tensor:
    """A matrix times a vector. Mirrors torch.mv."""
    try:
        a, b = input.array, vec.array
    except AttributeError:
        raise no_tensor("mv", input=input, vec=vec) from None
    if a.ndim != 2 or b.ndim != 1:
        raise RuntimeError(f"vector + matrix @ vector expected, got 1, {a.ndim}, {b.ndim}")
    if a.shape[1] != b.shape[0]:
        raise RuntimeError(f"size mismatch, got input ({a.shape[0]}), mat ({a.shape[0]}x{a.shape[1]}), vec ({b.shape[0]})")
    if a.dtype != b.dtype:
        names = [scalar_name(x) for x in (vec, input, vec)]
        raise RuntimeError(f"addmv input tensors must have the same dtype, but got {names[0]}, {names[1]}, and {names[2]}")
    refuse("addmv_impl_cpu", "b", a)
    return apply(Mv, input, vec)


def mm(input: Tensor, mat2: Tensor) -> Tensor:
    """A matrix times a matrix. Mirrors torch.mm."""
    try:
        a, b = input.array, mat2.array
    except AttributeError:
        raise no_tensor("mm", input=input, mat2=mat2) from None
    if a.ndim != 2:
        raise RuntimeError("self must be a matrix")
    if b.ndim != 2:
        raise RuntimeError("mat2 must be a matrix")
    if a.dtype != b.dtype:
        c_names = [dtypes.of_array(x).c_name for x in (a, b)]
        raise RuntimeError(f"expected m1 and m2 to have the same dtype, but got: {c_names[0]} != {c_names[1]}")
    check_inner(a, b)
    return apply(Mm, input, mat2)


def check_inner(a: np.ndarray, b: np.ndarray) -> None:
    """Two matrices have a product only if one is as wide as the other is high."""
    if a.shape[1] != b.shape[0]:
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({a.shape[0]}x{a.shape[1]} and {b.shape[0]}x{b.shape[1]})"
        )
    if a.dtype.kind == "b":
        refuse("addmm_impl_cpu_", "b", a)


def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """beta * input + alpha * (mat1 @ mat2), input broadcast. Mirrors torch.addmm."""
    try:
        x, a, b = input.array, mat1.array, mat2.array
    except AttributeError:
        raise no_tensor("addmm", input=input, mat1=mat1, mat2=mat2) from None
    rows, columns = a.shape, b.shape
    if not (len(rows) == 2 == len(columns) and rows[1] == columns[0] and x.shape == columns[1:] and x.dtype is a.dtype is b.dtype):
        check_addmm(input, mat1, mat2)
    if beta == 1 and alpha == 1:
        return Addmm.applied[3](input, mat1, mat2)
    return apply(Addmm, input, mat1, mat2, beta=factor(beta, x.dtype), alpha=factor(alpha, x.dtype))


def check_addmm(input: Tensor, mat1: Tensor, mat2: Tensor) -> None:
    """PyTorch's conditions on addmm, where they are not plainly met."""
    x, a, b = input.array, mat1.array, mat2.array
    if a.ndim != 2 or b.ndim != 2:
        raise RuntimeError(f"mat{1 if a.ndim != 2 else 2} must be a matrix, got {a.ndim if a.ndim != 2 else b.ndim}-D tensor")
    if not x.dtype == a.dtype == b.dtype:
        name, other = ("self", input) if x.dtype != b.dtype else ("mat1", mat1)
        raise RuntimeError(
            f"{name} and mat2 must have the same dtype, but got {scalar_name(other)} and {scalar_name(mat2)}"
        )
    check_inner(a, b)
    expand(input, (a.shape[0], b.shape[1]))  # which raises if it cannot be


def factor(value: Any, dtype: np.dtype) -> Any:
    """A factor for elements of a dtype."""
    value = value.item() if isinstance(value, TensorBase) else value  # type: ignore[attr-defined]
    return dtypes.factor(value, dtype)


def bmm(input: Tensor, mat2: Tensor) -> Tensor:
    """Matrices times matrices, one by one: (b, n, m) @ (b, m, p). Mirrors torch.bmm."""
    try:
        a, b = input.array, mat2.array
    except AttributeError:
        raise no_tensor("bmm", input=input, mat2=mat2) from None
    check_batches(a.shape, b.shape)
    if a.dtype != b.dtype:
        raise RuntimeError(f"expected scalar type {scalar_name(input)} but found {scalar_name(mat2)}")
    refuse("bmm", "b", a)
    return apply(Bmm, input, mat2)


def check_batches(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    if len(a) != 3:
        raise RuntimeError("batch1 must be a 3D tensor")
    if len(b) != 3:
        raise RuntimeError("batch2 must be a 3D tensor")
    if a[0] != b[0] or a[2] != b[1]:
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{a[0]}, {a[2]}] but got: [{b[0]}, {b[1]}]."
        )


def baddbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """beta * input + alpha * bmm(batch1, batch2). Mirrors torch.baddbmm."""
    tensors = (input, batch1, batch2)
    try:
        kinds = {x.array.dtype for x in tensors}
    except AttributeError:
        raise no_tensor("baddbmm", input=input, batch1=batch1, batch2=batch2) from None
    if len(kinds) > 1:
        names = [dtypes.of_array(x.array).c_name for x in tensors]
        raise RuntimeError(f"Input dtypes must be the same, got: input {names[0]}, batch1: {names[1]}, batch2: {names[2]}")
    a, b = batch1.array.shape, batch2.array.shape
    if len(a) == len(b) == 3:
        expand(input, (*a[:2], b[2]))  # which raises if it cannot be
    check_batches(a, b)
    dtype = input.array.dtype
    return apply(Baddbmm, *tensors, beta=factor(beta, dtype), alpha=factor(alpha, dtype))


def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """All products of two vectors' elements, as a matrix. Mirrors torch.outer."""
    try:
        a, b = input.array.ndim, vec2.array.ndim
    except AttributeError:
        raise no_tensor("outer", input=input, vec2=vec2) from None
    if a != 1 or b != 1:
        raise RuntimeError(f"outer: Expected 1-D argument {'self' if a != 1 else 'vec2'}, but got {a if a != 1 else b}-D")
    return reshape(input, -1, 1) * vec2


ger = outer


# ---- products of any dimensions, made of the above


def matmul(input: Tensor, other: Tensor) -> Tensor:
    """The matrix product, with vectors as rows or columns and leading dimensions broadcast. Mirrors torch.matmul."""
    try:
        a, b = input.array.ndim, other.array.ndim
    except AttributeError:
        raise no_tensor("matmul", input=input, other=other) from None
    if a == 2 and b == 2:
        return mm(input, other)
    if not a or not b:
        raise RuntimeError(f"both arguments to matmul need to be at least 1D, but they are {a}D and {b}D")
    if a <= 2 and b <= 2:
        if b == 1:
            return dot(input, other) if a == 1 else mv(input, other)
        return squeeze_(mm(unsqueeze(input, 0), other), 0)
    if a >= b:
        return tall(input, other) if b <= 2 and is_tall(input, other) else batched(input, other)
    turned = matrix_transpose(other)  # input @ other is other.mT @ input.mT, transposed
    if a == 1 and is_tall(turned, input):
        return tall(turned, input)
    if a == 2 and input._requires_grad:
        return contiguous(matrix_transpose(tall(turned, t(input))))
    return batched(input, other)


def is_tall(stack: Tensor, matrix: Tensor) -> bool:
    """Whether a stack of matrices can be seen as one tall matrix, or shall be copied to be one: for the sake of backward, which
    otherwise would make a gradient for each of the stack and add them up."""
    shape, strides = stack.array.shape, stack.array.strides
    in_order = all([strides[d] == strides[d + 1] * shape[d + 1] for d in range(len(shape) - 2)])
    return matrix._requires_grad or not stack.array.size or in_order


def tall(stack: Tensor, other: Tensor) -> Tensor:
    """A stack of matrices, times one matrix or vector: one tall matrix times that."""
    *batch, n = stack.array.shape
    matrix = reshape(stack, math.prod(batch), n)
    product = mm(matrix, other) if other.array.ndim == 2 else mv(matrix, other)
    return apply(UnsafeView, product, shape=(*batch, *product.array.shape[1:]))


def batched(input: Tensor, other: Tensor) -> Tensor:
    """The matrix product with leading dimensions broadcast: all of them as one for `bmm`."""
    x, y = input.array.shape, other.array.shape
    if len(x) == len(y) == 3 and x[0] != y[0]:  # one matrix for a whole stack
        if x[0] == 1 and input._requires_grad:
            return matmul(squeeze(input, 0), other)
        if y[0] == 1 and other._requires_grad:
            return matmul(input, squeeze(other, 0))
    try:
        batch = np.broadcast_shapes(x[:-2], y[:-2])
    except ValueError:
        raise broadcast_error(x[:-2], y[:-2]) from None
    rows, columns = x[-2:] if len(x) > 1 else (1, *x), y[-2:] if len(y) > 1 else y
    left = reshape(expand(input, *batch, *rows), math.prod(batch), *rows)
    right = reshape(expand(other, *batch, *columns), math.prod(batch), *columns)
    if len(columns) == 1:
        product = squeeze(bmm(left, unsqueeze(right, 2)), -1)
    else:
        product = bmm(left, right)
    return apply(UnsafeView, product, shape=(*batch, *x[-2:-1], *(y[-1:] if len(y) > 1 else ())))


def matmul_operator(self: Tensor, other: Any) -> Any:
    """self @ other, which may be an array."""
    if isinstance(other, np.ndarray):
        return matmul(*promoted(self, other))
    return matmul(self, other) if isinstance(other, TensorBase) else NotImplemented  # type: ignore[arg-type]


def rmatmul_operator(self: Tensor, other: Any) -> Any:
    """other @ self"""
    if isinstance(other, np.ndarray):
        return matmul(*promoted(other, self))
    return matmul(other, self) if isinstance(other, TensorBase) else NotImplemented  # type: ignore[arg-type]


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """input @ weight.T + bias. Shapes: (*, in), (out, in), (out). Mirrors torch.nn.functional.linear."""
    try:
        x, w = input.array, weight.array
        b = x if bias is None else bias.array
    except AttributeError:
        raise no_tensor("linear", input=input, weight=weight, bias=bias) from None
    shape = x.shape
    if not shape or not w.shape:
        raise RuntimeError(f"both arguments to linear need to be at least 1D, but they are {x.ndim}D and {w.ndim}D")
    if bias is None:
        return matmul(input, t(weight))
    if len(shape) == 2:
        if w.ndim == 2 and x.dtype is w.dtype is b.dtype:
            transposed = alias(weight, array=w.T)  # t(weight) at less than half the cost: nobody sees whether it is a view
            if modes.mode.enabled and weight.requires_grad:
                T.recorded[0b11](transposed, weight)
            try:
                return Addmm.applied[3](bias, input, transposed)
            except ValueError:
                pass  # the shapes do not fit: addmm says how
        return addmm(bias, input, t(weight))
    if w.ndim == 2 and x.flags.c_contiguous:
        flat = addmm(bias, view(input, math.prod(shape[:-1]), shape[-1]), t(weight))
        return view(flat, *shape[:-1], flat.array.shape[1])
    return matmul(input, t(weight)).add_(bias)
