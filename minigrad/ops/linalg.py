"""Products of vectors and matrices.

PyTorch builds `matmul` and `linear` out of dot, mv, mm, bmm and views, and so its graph has their nodes; ours too.
"""
from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.rule import Rule, apply
from ..autograd.variable import TensorBase
from .family import NotAnOperand
from .shape import UnsafeView, expand, reshape, t, unsqueeze, view

if TYPE_CHECKING:
    from ..tensor import Tensor


class Dot(Rule):
    """The sum of products of two vectors."""

    tier = "T3"

    def forward(a, b):
        return np.dot(a, b)

    def grad_a(grad, b):
        return grad * b

    def grad_b(grad, a):
        return grad * a


class Mv(Rule):
    """A matrix times a vector."""

    tier = "T3"

    def forward(a, b):
        return np.dot(a, b)

    def grad_a(grad, b):
        return grad.reshape((-1, 1)) * b.reshape((1, -1))

    def grad_b(grad, a):
        return a.T @ grad


class Mm(Rule):
    """A matrix times a matrix."""

    tier = "T3"

    def forward(a, b):
        return np.dot(a, b)

    def grad_a(grad, b):
        return grad @ b.T

    def grad_b(grad, a):
        return a.T @ grad


class Addmm(Rule):
    """beta * input + alpha * (mat1 @ mat2). This is nn.Linear: mat2 is the transposed weight.

    The gradient of mat2 is computed transposed, so that the weight's own gradient lies in memory as the weight does.
    """

    tier = "T3"

    def forward(x, a, b, *, beta=1, alpha=1):
        product = np.dot(a, b)
        if alpha != 1:
            product *= product.dtype.type(alpha)
        if beta != 1:
            x = x * x.dtype.type(beta)
        product += x
        return product

    def grad_x(grad, beta):
        return grad if beta == 1 else grad * beta

    def grad_a(grad, b, alpha):
        product = grad @ b.T
        return product if alpha == 1 else product * alpha

    def grad_b(grad, a, alpha):
        product = (grad.T @ a).T
        return product if alpha == 1 else product * alpha


class Bmm(Rule):
    """Matrices times matrices, one by one."""

    tier = "T3"

    def forward(a, b):
        return np.matmul(a, b)

    def grad_a(grad, b):
        return grad @ b.swapaxes(1, 2)

    def grad_b(grad, a):
        return a.swapaxes(1, 2) @ grad


class Baddbmm(Rule):
    """beta * input + alpha * bmm(batch1, batch2)."""

    tier = "T3"

    def forward(x, a, b, *, beta, alpha):
        return beta * x + alpha * np.matmul(a, b)

    def grad_x(grad, beta):
        return grad * beta

    def grad_a(grad, b, alpha):
        return (grad @ b.swapaxes(1, 2)) * alpha

    def grad_b(grad, a, alpha):
        return (a.swapaxes(1, 2) @ grad) * alpha


def same_dtypes(a: Tensor, b: Tensor, words: str = "expected m1 and m2 to have the same dtype, but got: {} != {}") -> None:
    if a.array.dtype != b.array.dtype:
        raise RuntimeError(words.format(dtypes.of_array(a.array).c_name, dtypes.of_array(b.array).c_name))


def dot(input: Tensor, tensor: Tensor) -> Tensor:
    """The dot product of two vectors. Mirrors torch.dot."""
    a, b = input.array, tensor.array
    if a.ndim != 1 or b.ndim != 1:
        raise RuntimeError(f"1D tensors expected, but got {a.ndim}D and {b.ndim}D tensors")
    same_dtypes(input, tensor, "dot : expected both vectors to have same dtype, but found {} and {}")
    if a.shape != b.shape:
        raise RuntimeError(
            f"inconsistent tensor size, expected tensor [{a.size}] and src [{b.size}] to have the same number of elements, but got "
            f"{a.size} and {b.size} elements respectively"
        )
    return apply(Dot, input, tensor)


def mv(input: Tensor, vec: Tensor) -> Tensor:
    """A matrix times a vector. Mirrors torch.mv."""
    a, b = input.array, vec.array
    if a.ndim != 2 or b.ndim != 1:
        raise RuntimeError(f"vector + matrix @ vector expected, got {b.ndim}, {a.ndim}, {b.ndim}")
    if a.shape[1] != b.shape[0]:
        raise RuntimeError(f"size mismatch, got input ({a.shape[0]}), mat ({a.shape[0]}x{a.shape[1]}), vec ({b.shape[0]})")
    same_dtypes(input, vec, "expected m1 and m2 to have the same dtype, but got: {} != {}")
    return apply(Mv, input, vec)


def mm(input: Tensor, mat2: Tensor) -> Tensor:
    """A matrix times a matrix. Mirrors torch.mm."""
    a, b = input.array, mat2.array
    if a.ndim != 2:
        raise RuntimeError("self must be a matrix")
    if b.ndim != 2:
        raise RuntimeError("mat2 must be a matrix")
    if a.dtype is not b.dtype:
        same_dtypes(input, mat2)
    if a.shape[1] != b.shape[0]:
        raise shapes_differ(a, b)
    return apply(Mm, input, mat2)


def shapes_differ(a: np.ndarray, b: np.ndarray) -> RuntimeError:
    return RuntimeError(
        f"mat1 and mat2 shapes cannot be multiplied ({a.shape[0]}x{a.shape[1]} and {b.shape[0]}x{b.shape[1]})"
    )


def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """beta * input + alpha * (mat1 @ mat2), input broadcast. Mirrors torch.addmm."""
    x, a, b = input.array, mat1.array, mat2.array
    if a.ndim != 2 or b.ndim != 2:
        raise RuntimeError(f"mat{1 if a.ndim != 2 else 2} must be a matrix, got {a.ndim if a.ndim != 2 else b.ndim}-D tensor")
    if a.dtype is not b.dtype:
        same_dtypes(mat1, mat2, "mat1 and mat2 must have the same dtype, but got {} and {}")
    if a.shape[1] != b.shape[0]:
        raise shapes_differ(a, b)
    shape = (a.shape[0], b.shape[1])
    if len(x.shape) > 2 or any([n not in (1, m) for n, m in zip(x.shape[::-1], shape[::-1])]):
        expand(input, shape)  # raises
    if beta == 1 and alpha == 1:
        return apply(Addmm, input, mat1, mat2)
    return apply(Addmm, input, mat1, mat2, beta=beta, alpha=alpha)


def bmm(input: Tensor, mat2: Tensor) -> Tensor:
    """Matrices times matrices, one by one: (b, n, m) @ (b, m, p). Mirrors torch.bmm."""
    a, b = input.array, mat2.array
    if a.ndim != 3:
        raise RuntimeError("batch1 must be a 3D tensor")
    if b.ndim != 3:
        raise RuntimeError("batch2 must be a 3D tensor")
    if a.shape[0] != b.shape[0] or a.shape[2] != b.shape[1]:
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{a.shape[0]}, {a.shape[2]}] but got: "
            f"[{b.shape[0]}, {b.shape[1]}]."
        )
    same_dtypes(input, mat2, "expected scalar type {} but found {}")
    return apply(Bmm, input, mat2)


def baddbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """beta * input + alpha * bmm(batch1, batch2). Mirrors torch.baddbmm."""
    bmm(batch1.detach(), batch2.detach())  # its checks
    return apply(Baddbmm, input, batch1, batch2, beta=beta, alpha=alpha)


def matmul(input: Tensor, other: Tensor) -> Tensor:
    """The matrix product, with vectors as rows or columns and leading dimensions broadcast. Mirrors torch.matmul."""
    if not isinstance(input, TensorBase) or not isinstance(other, TensorBase):
        wrong, at = (other, "'other' (position 2)") if isinstance(input, TensorBase) else (input, "'input' (position 1)")
        raise NotAnOperand(f"matmul(): argument {at} must be Tensor, not {type(wrong).__name__}")
    a, b = input.array.ndim, other.array.ndim
    if a == 2 and b == 2:
        return mm(input, other)
    if not a or not b:
        raise RuntimeError(f"both arguments to matmul need to be at least 1D, but they are {a}D and {b}D")
    if a == 1 and b == 1:
        return dot(input, other)
    if a == 2 and b == 1:
        return mv(input, other)
    if a == 1 and b == 2:
        return mm(unsqueeze(input, 0), other).squeeze(0)
    if b <= 2 and a >= 3:  # the batch is one tall matrix
        *batch, n = input.array.shape
        tall = reshape(input, -1, n)
        product = mm(tall, other) if b == 2 else mv(tall, other)
        return apply(UnsafeView, product, shape=(*batch, *product.array.shape[1:]))
    if a == 1:
        return matmul(unsqueeze(input, 0), other).squeeze(-2)
    if a == 2:
        input = unsqueeze(input, 0)
    x, y = input.array.shape, other.array.shape
    if x[-1] != y[-2]:
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{math.prod(y[:-2])}, {x[-1]}] but got: "
            f"[{math.prod(y[:-2])}, {y[-2]}]."
        )
    batch_shape = np.broadcast_shapes(x[:-2], y[:-2])
    n = math.prod(batch_shape)
    left = reshape(expand(input, *batch_shape, *x[-2:]), n, *x[-2:])
    right = reshape(expand(other, *batch_shape, *y[-2:]), n, *y[-2:])
    return apply(UnsafeView, bmm(left, right), shape=(*batch_shape, x[-2], y[-1]))


def matmul_operator(self: Tensor, other: Any) -> Tensor:
    return matmul(self, other) if isinstance(other, TensorBase) else NotImplemented


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """input @ weight.T + bias. Shapes: (*, in), (out, in), (out). Mirrors torch.nn.functional.linear."""
    ndim = input.array.ndim
    if bias is None:
        return matmul(input, t(weight))
    if ndim == 2:
        return addmm(bias, input, t(weight))
    *batch, n = input.array.shape
    flat = addmm(bias, reshape(input, -1, n), t(weight))
    return view(flat, *batch, flat.array.shape[1])


def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """All products of two vectors' elements, as a matrix. Mirrors torch.outer."""
    return input.reshape(-1, 1) * vec2


def einsum(equation: str, *operands: Any) -> Tensor:
    """Products of elements, summed over the indices that do not appear after "->". Mirrors torch.einsum.

    Each operand is brought to one dimension per letter (missing ones of size 1); products and sums do the rest.
    """
    tensors = operands[0] if len(operands) == 1 and isinstance(operands[0], (list, tuple)) else operands
    left, arrow, output = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(tensors):
        raise RuntimeError(
            f"einsum(): {'more' if len(tensors) > len(terms) else 'fewer'} operands were provided than specified in the equation"
        )
    terms = [spelled_out(term, x.array.ndim) for term, x in zip(terms, tensors)]
    letters = sorted(set("".join(terms)))
    if not arrow:
        output = "".join(sorted(c for c in letters if c.isupper() and c in _BATCH)) + "".join(
            [c for c in letters if "".join(terms).count(c) == 1 and c not in _BATCH]
        )
    else:
        output = output.replace("...", "".join([c for c in _BATCH if c in letters]))
    for c in output:
        if c not in letters:
            raise RuntimeError(f"einsum(): output subscript {c} does not appear in the equation for any input operand")
    inner = [c for c in letters if c not in output]
    if len(tensors) == 2 and inner:
        return contract(terms, tensors, output, inner)
    result = None
    for term, x in zip(terms, tensors):
        aligned = align(*diagonals(x, term), [*output, *inner])
        result = aligned if result is None else result * aligned
    assert result is not None
    return result.sum(tuple(range(len(output), result.array.ndim))) if inner else result


_BATCH = "ZYXWVUTS"  # letters for the dimensions that "..." stands for


def spelled_out(term: str, ndim: int) -> str:
    hidden = ndim - len(term.replace("...", ""))
    return term.replace("...", "".join(reversed(_BATCH[:hidden])))


def diagonals(x: Tensor, term: str) -> tuple[Tensor, str]:
    """A letter that appears twice in a term means the diagonal."""
    for c in sorted(set(term)):
        while term.count(c) > 1:
            first = term.index(c)
            second = term.index(c, first + 1)
            x = x.diagonal(0, first, second)
            term = term[:first] + term[first + 1 : second] + term[second + 1 :] + c
    return x, term


def align(x: Tensor, term: str, letters: list[str]) -> Tensor:
    """One dimension per letter, of size 1 where the term does not have it."""
    x = x.permute([term.index(c) for c in letters if c in term])
    for d, c in enumerate(letters):
        if c not in term:
            x = unsqueeze(x, d)
    return x


def contract(terms: list[str], tensors: Any, output: str, inner: list[str]) -> Tensor:
    """Two operands as one batched matrix product: batch letters, then those of the left, of the right, and the inner ones."""
    (x, left), (y, right) = diagonals(tensors[0], terms[0]), diagonals(tensors[1], terms[1])
    for c in inner:  # a letter of one operand alone is summed out at once
        if c not in right:
            x, left = x.sum(left.index(c)), left.replace(c, "")
        elif c not in left:
            y, right = y.sum(right.index(c)), right.replace(c, "")
    shared = [c for c in left if c in right and c not in output]
    batch = [c for c in left if c in right and c in output]
    rows, columns = [c for c in left if c not in right], [c for c in right if c not in left]
    a, b = align(x, left, batch + rows + shared), align(y, right, batch + shared + columns)
    sizes = {c: n for c, n in zip(batch + rows + shared, a.array.shape)} | {
        c: n for c, n in zip(batch + shared + columns, b.array.shape) if n != 1 or c not in left
    }
    sizes |= {c: a.array.shape[i] for i, c in enumerate(batch) if a.array.shape[i] != 1}

    def size(group: list[str]) -> list[int]:
        return [sizes[c] for c in group]

    a = reshape(expand(a, *size(batch + rows + shared)), *size(batch), math.prod(size(rows)), math.prod(size(shared)))
    b = reshape(expand(b, *size(batch + shared + columns)), *size(batch), math.prod(size(shared)), math.prod(size(columns)))
    product = reshape(matmul(a, b), *size(batch + rows + columns))
    order = batch + rows + columns
    return product.permute([order.index(c) for c in output])


def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    """Products summed over the given dimensions of both. Mirrors torch.tensordot."""
    if isinstance(dims, int):
        dims = list(range(a.array.ndim - dims, a.array.ndim)), list(range(dims))
    da, db = [d % a.array.ndim for d in dims[0]], [d % b.array.ndim for d in dims[1]]
    rows = [d for d in range(a.array.ndim) if d not in da]
    columns = [d for d in range(b.array.ndim) if d not in db]
    inner = math.prod([a.array.shape[d] for d in da])
    left = reshape(a.permute(rows + da), -1, inner)
    right = reshape(b.permute(db + columns), inner, -1)
    return reshape(mm(left, right), *[a.array.shape[d] for d in rows], *[b.array.shape[d] for d in columns])


