"""Gradients checked against finite differences. Mirrors torch.autograd.gradcheck."""
from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .engine import as_tuple, grad
from .grad_mode import enable_grad, no_grad
from .variable import TensorBase, wrap


class GradcheckError(RuntimeError):
    """A gradient that is not what finite differences say."""


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    fast_mode: bool = False,
) -> bool:
    """Whether the Jacobian that backward gives is that of central differences, (f(x + eps) - f(x - eps)) / (2 eps).

    For every output and every floating-point input that requires a gradient; these should be float64. Raises GradcheckError, or
    returns False, where they differ by more than atol + rtol * |numerical|, or where two runs of backward differ by more than
    nondet_tol. Mirrors torch.autograd.gradcheck (`fast_mode` is accepted; the whole Jacobian is checked all the same).
    """
    inputs = as_tuple(inputs)
    try:
        check(func, inputs, eps, atol, rtol, nondet_tol, check_undefined_grad)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def check(
    func: Callable[..., Any], inputs: tuple[Any, ...], eps: float, atol: float, rtol: float, nondet_tol: float, undefined: bool
) -> None:
    checked = [(i, x) for i, x in enumerate(inputs) if isinstance(x, TensorBase) and x.requires_grad]
    if not checked:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True."
        )
    for i, x in checked:
        if x.array.dtype != np.float64:
            warnings.warn(
                f"Input #{i} requires gradient and is not a double precision floating point or complex. This check will likely "
                "fail if all the inputs are not of double precision floating point or complex. ",
                stacklevel=4,
            )
        if 0 in x.array.strides and x.array.size > 1:
            raise RuntimeError(
                f"The {i}th input has a dimension with stride 0. gradcheck only supports inputs that are non-overlapping to be able "
                "to compute the numerical gradients correctly. You should call .contiguous on the input before passing it to "
                "gradcheck."
            )
    with enable_grad():
        outputs = as_tuple(func(*inputs))
    differentiable = [(k, y) for k, y in enumerate(outputs) if isinstance(y, TensorBase) and y.requires_grad]
    if not differentiable:
        for i, _ in checked:
            for k in range(len(outputs)):
                if np.any(numerical(func, inputs, i, k, eps) > atol):
                    raise GradcheckError(
                        "Numerical gradient for function expected to be zero" if len(outputs) == 1 else
                        f"Numerical gradient for output {k} expected to be zero"
                    )
        return
    tensors = [x for _, x in checked]
    for k, y in differentiable:
        found, again = analytical(y, tensors), analytical(y, tensors)
        for (i, _), jacobian, repeated in zip(checked, found, again):
            expected = numerical(func, inputs, i, k, eps)
            if not np.allclose(jacobian, expected, rtol, atol, equal_nan=True):
                raise GradcheckError(
                    f"Jacobian mismatch for output {k} with respect to input {i},\nnumerical:{wrap(expected)}\n"
                    f"analytical:{wrap(jacobian)}\n"
                )
            if np.any(np.abs(jacobian - repeated) > nondet_tol):
                raise GradcheckError(
                    "Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives "
                    "different values, although analytical gradient matches numerical gradient."
                    f"The tolerance for nondeterminism was {nondet_tol}."
                )
        zero = wrap(np.zeros_like(y.array))
        for x, g in zip(tensors, grad(y, tensors, zero, retain_graph=True, allow_unused=True)):
            if g is not None and undefined and np.any(g.array != 0):
                raise GradcheckError("backward not multiplied by grad_output")
            if g is not None and g.array.shape != x.array.shape:
                raise GradcheckError("grad is incorrect size")


def numerical(func: Callable[..., Any], inputs: tuple[Any, ...], i: int, k: int, eps: float) -> np.ndarray:
    """The Jacobian of output k by input i, from central differences: one row per element of the input."""
    array = inputs[i].array
    rows = []
    with no_grad():
        for at in np.ndindex(array.shape):
            value = array[at]
            sides = []
            for sign in (1, -1):
                array[at] = value + sign * eps
                sides.append(as_tuple(func(*inputs))[k].array.astype(np.float64).reshape(-1))
            array[at] = value
            rows.append((sides[0] - sides[1]) / (2 * eps))
    return np.array(rows)


def analytical(output: Any, inputs: list[Any]) -> list[np.ndarray]:
    """The Jacobian of an output by each input, from backward: one column per element of the output."""
    columns: list[list[np.ndarray]] = [[] for _ in inputs]
    for at in np.ndindex(output.array.shape):
        unit = np.zeros_like(output.array)
        unit[at] = 1
        for column, x, g in zip(columns, inputs, grad(output, inputs, wrap(unit), retain_graph=True, allow_unused=True)):
            column.append(np.zeros(x.array.size) if g is None else g.array.reshape(-1))
    return [np.array(column).T.reshape(x.array.size, output.array.size) for column, x in zip(columns, inputs)]


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    fast_mode: bool = False,
) -> bool:
    """`gradcheck` of the gradient: whether backward, with create_graph, can be differentiated again. Mirrors torch's.

    The vectors that backward starts with are random unless `grad_outputs` gives them, and are differentiated too.
    """
    inputs = as_tuple(inputs)
    outputs = [y for y in as_tuple(func(*inputs)) if isinstance(y, TensorBase) and y.requires_grad]
    if grad_outputs is None:
        random = np.random.default_rng(0)
        vectors = [wrap(random.standard_normal(y.array.shape)).to(y.dtype).requires_grad_() for y in outputs]  # type: ignore[attr-defined]
    else:
        vectors = list(as_tuple(grad_outputs))

    def first_derivative(*arguments: Any) -> tuple[Any, ...]:
        at, along = arguments[: len(inputs)], arguments[len(inputs) :]
        wanted = [x for x in at if isinstance(x, TensorBase) and x.requires_grad]
        with enable_grad():
            results = [y for y in as_tuple(func(*at)) if isinstance(y, TensorBase) and y.requires_grad]
            found = grad(results, wanted, list(along), create_graph=True, allow_unused=True)
        return tuple([g for g in found if g is not None])

    return gradcheck(
        first_derivative,
        (*inputs, *vectors),
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        nondet_tol=nondet_tol,
        check_undefined_grad=check_undefined_grad,
    )
