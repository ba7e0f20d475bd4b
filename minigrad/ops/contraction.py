"""einsum and tensordot: products summed over named dimensions, as batched matrix products of permuted tensors."""
from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from .arguments import check_tensors, must_be
from .axes import movedim, permute
from .family import normalize_dim
from .linalg import bmm, dot, mm
from .parts import diagonal
from .reduce import sum as sum_over
from .shape import reshape, unsqueeze, view

if TYPE_CHECKING:
    from ..tensor import Tensor


def einsum(equation: Any, *operands: Any) -> Tensor:
    """Products of elements, summed over the indices that do not appear after "->". Mirrors torch.einsum.

    Each operand gets one dimension for every letter, in the same order everywhere: those of the output, then the others. Letters
    that an operand does not have are of size 1. Then the operands are multiplied pair by pair.
    """
    if not isinstance(equation, str):
        raise must_be("str", "einsum", "equation", 1, equation)
    if not operands:
        raise ValueError(
            "einsum(): must specify the equation string and at least one operand, or at least one operand and its subscripts list"
        )
    tensors = list(operands[0] if len(operands) == 1 and isinstance(operands[0], (list, tuple)) else operands)
    check_tensors("einsum", tensors, 1)
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = [letters(term, f"for operand {i} ") for i, term in enumerate(left.split(","))]
    if len(terms) != len(tensors):
        raise RuntimeError(
            f"einsum(): {'more' if len(tensors) > len(terms) else 'fewer'} operands were provided than specified in the equation"
        )
    terms = with_hidden(terms, tensors)
    sizes = check_sizes(terms, tensors)
    hidden = sorted([c for c in sizes if isinstance(c, int)], reverse=True)
    if arrow:
        output = [c for part in letters(right, "for the output ") for c in (hidden if part == "..." else [part])]
        check_output(output, sizes)
    else:
        count = Counter([c for term in terms for c in term])
        output = hidden + sorted([c for c in sizes if c not in hidden and count[c] == 1])
    inner = [c for c in hidden if c not in output] + sorted([c for c in sizes if c not in hidden and c not in output])
    aligned = [align(x, term, output + inner) for x, term in zip(tensors, terms)]
    return contract(aligned, len(output)) if len(aligned) > 1 else summed(aligned[0], len(output))


def letters(term: str, whose: str) -> list[Any]:
    """A term of the equation, taken apart: letters, and at most one "..."."""
    parts: list[Any] = []
    i = 0
    while i < len(term):
        if term.startswith("...", i):
            if "..." in parts:
                raise RuntimeError(f"einsum(): found '.' {whose}for which an ellipsis was already found")
            parts.append("...")
            i += 3
            continue
        if term[i] == ".":
            raise RuntimeError(f"einsum(): found '.' {whose}that is not part of any ellipsis")
        if not (term[i].isascii() and term[i].isalpha()):
            raise RuntimeError(
                f"einsum(): invalid subscript given at index {i} in the equation string, subscripts must be in [a-zA-Z]"
            )
        parts.append(term[i])
        i += 1
    return parts


def with_hidden(terms: list[list[Any]], tensors: list[Tensor]) -> list[list[Any]]:
    """The terms with numbers in place of "...": n, ..., 1 for the n dimensions that it stands for."""
    result = []
    for i, (term, x) in enumerate(zip(terms, tensors)):
        ndim = x.array.ndim
        known = len([part for part in term if part != "..."])
        if "..." not in term and known != ndim:
            raise RuntimeError(
                f"einsum(): the number of subscripts in the equation ({known}) does not match the number of dimensions ({ndim}) for "
                f"operand {i} and no ellipsis was given"
            )
        if known > ndim:
            raise RuntimeError(
                f"einsum(): the number of subscripts in the equation ({known}) is more than the number of dimensions ({ndim}) for "
                f"operand {i}"
            )
        result.append([c for part in term for c in (range(ndim - known, 0, -1) if part == "..." else [part])])
    return result


def check_sizes(terms: list[list[Any]], tensors: list[Tensor]) -> dict[Any, int]:
    """The size of each letter's dimension, which all operands agree on, or have 1 for."""
    sizes: dict[Any, int] = {}
    for i, (term, x) in enumerate(zip(terms, tensors)):
        own: dict[Any, int] = {}
        for c, n in zip(term, x.array.shape):
            if own.setdefault(c, n) != n:
                raise RuntimeError(
                    f"einsum(): subscript {c} is repeated for operand {i} but the sizes don't match, {n} != {own[c]}"
                )
        for c, n in own.items():
            if sizes.get(c, 1) != n and 1 not in (n, sizes.get(c, 1)):
                raise RuntimeError(
                    f"einsum(): subscript {c} has size {n} for operand {i} which does not broadcast with previously seen size "
                    f"{sizes[c]}"
                )
            sizes[c] = max(n, sizes.get(c, 1)) if n and sizes.get(c, 1) else 0
    return sizes


def check_output(output: list[Any], sizes: dict[Any, int]) -> None:
    for i, c in enumerate(output):
        if c in output[:i]:
            raise RuntimeError(f"einsum(): output subscript {c} appears more than once in the output")
        if c not in sizes:
            raise RuntimeError(f"einsum(): output subscript {c} does not appear in the equation for any input operand")


def align(x: Tensor, term: list[Any], order: list[Any]) -> Tensor:
    """One dimension per letter, in order. A letter that appears twice in the term means the diagonal."""
    seen: list[Any] = []
    for c in term:
        if c in seen:
            dim = seen.index(c)
            x = movedim(diagonal(x, 0, dim, len(seen)), -1, dim)
        else:
            seen.append(c)
    for c in order:
        if c not in seen:
            x = unsqueeze(x, -1)
            seen.append(c)
    return permute(x, [seen.index(c) for c in order])


def summed(x: Tensor, ndim: int) -> Tensor:
    """A tensor summed over all dimensions from `ndim` on."""
    return sum_over(x, tuple(range(ndim, x.array.ndim))) if x.array.ndim > ndim else x


def contract(tensors: list[Tensor], ndim: int) -> Tensor:
    """The product of tensors from left to right, summed over the dimensions from `ndim` on: each as soon as nobody needs it."""
    result, *others = tensors
    inner = range(ndim, result.array.ndim)
    for i, other in enumerate(others):
        waiting = {d for x in others[i + 1 :] for d in inner if x.array.shape[d] != 1}
        now = [d for d in inner if d not in waiting]
        shared = [d for d in now if result.array.shape[d] != 1 and other.array.shape[d] != 1]
        result, other = [
            sum_over(x, alone, True) if (alone := tuple([d for d in now if d not in shared and x.array.shape[d] != 1])) else x
            for x in (result, other)
        ]
        result = pair(result, other, shared)
    return view(result, result.array.shape[:ndim]) if inner else result


def pair(left: Tensor, right: Tensor, inner: list[int]) -> Tensor:
    """left * right, summed over the inner dimensions, which stay with size 1: one batched matrix product.

    Of the other dimensions, those in which both are large make the batch, and the rest are rows (left) or columns (right).
    """
    if not inner:
        return left * right
    x, y = left.array.shape, right.array.shape
    outer = [d for d in range(len(x)) if d not in inner]
    batch = [d for d in outer if x[d] != 1 and y[d] != 1]
    rows = [d for d in outer if x[d] != 1 and y[d] == 1]
    columns = [d for d in outer if x[d] == 1]
    wide = [d for d in columns if y[d] != 1]
    if rows and wide and rows[0] > wide[0]:  # the other way round the result lies in memory as it shall be seen
        return pair(right, left, inner)

    def size(dims: list[int], shape: tuple[int, ...]) -> int:
        return math.prod([shape[d] for d in dims])

    a = reshape(permute(left, batch + rows + inner + columns), size(batch, x), size(rows, x), size(inner, x))
    b = reshape(permute(right, batch + inner + columns + rows), size(batch, x), size(inner, x), size(columns, y))
    order = batch + rows + inner + columns
    shape = [*[x[d] for d in batch + rows], *[1] * len(inner), *[y[d] for d in columns]]
    return permute(view(bmm(a, b), shape), [order.index(d) for d in range(len(x))])


def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    """Products summed over the given dimensions of both, or over the last of one with the first of the other. Mirrors
    torch.tensordot."""
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
        if dims > min(a.array.ndim, b.array.ndim):
            raise RuntimeError(f"tensordot expects dims < ndim_a or ndim_b, but got dims={dims}")
        dims = range(-dims, 0), range(dims)
    if len(dims[0]) != len(dims[1]):
        raise RuntimeError("both dimension lists should have same length")
    first, second = [[normalize_dim(d, z.array.ndim) for d in asked] for z, asked in zip((a, b), dims)]
    for d, e, asked in zip(first, second, zip(*dims)):
        n, m = a.array.shape[d], b.array.shape[e]
        if n != m and m == 1:
            a = sum_over(a, d, True)
        elif n != m and n == 1:
            b = sum_over(b, e, True)
        elif n != m:
            raise RuntimeError(
                f"contracted dimensions need to match, but first has size {n} in dim {asked[0]} and second has size {m} in dim "
                f"{asked[1]}"
            )
    x, y = a.array.shape, b.array.shape
    rows = [d for d in range(len(x)) if d not in first]
    columns = [d for d in range(len(y)) if d not in second]
    inner = math.prod([x[d] for d in first])
    left, right = permute(a, rows + first), permute(b, second + columns)
    shape = [*[x[d] for d in rows], *[y[d] for d in columns]]
    if not rows and not columns:
        return reshape(dot(reshape(left, inner), reshape(right, inner)), ())
    left = reshape(left, math.prod([x[d] for d in rows]), inner)
    right = reshape(right, inner, math.prod([y[d] for d in columns]))
    return reshape(mm(left, right), shape)
