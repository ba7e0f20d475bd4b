"""Jacobians, Hessians and their products with vectors, of functions of tensors. Mirrors torch.autograd.functional.

`func` takes one tensor or several and returns one or several; `inputs`, `v` and the results are tensors, or tuples where there are
several. With `create_graph` the results can be differentiated again. `strict` makes an error of what does not depend on the inputs;
otherwise its derivatives are zeros.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..ops.creation import zeros_like
from ..ops.parts import stack
from ..tensor import Tensor
from .engine import grad
from .grad_mode import enable_grad, is_grad_enabled, set_grad_enabled

Tensors = tuple[Tensor, ...]


def vjp(func: Callable, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> tuple[Any, Any]:
    """(outputs, vᵀJ): v has the shape of the outputs. Mirrors torch.autograd.functional.vjp."""
    with enable_grad():
        several_inputs, xs = as_tuple(inputs, "inputs", "vjp")
        xs = followed(xs, create_graph, True)
        several_outputs, outputs = evaluate(func, xs, "vjp", strict)
        if v is None and (len(outputs) != 1 or outputs[0].numel() != 1):
            raise RuntimeError(
                "The vector v can only be None if the user-provided function returns a single Tensor with a single element."
            )
        vs = vector(v, "vjp", outputs, several_outputs, create_graph)
    with set_grad_enabled(create_graph or is_grad_enabled()):
        found = gradients(outputs, xs, vs, create_graph)
        result = filled(found, xs, strict, create_graph, "output", "input", "jacobian")
    return finished(outputs, create_graph, several_outputs), finished(result, create_graph, several_inputs)


def jvp(func: Callable, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> tuple[Any, Any]:
    """(outputs, J v): v has the shape of the inputs. Mirrors torch.autograd.functional.jvp.

    uᵀJ is linear in u, and its derivative by u in the direction v is J v: two walks backward do what one forward would.
    """
    with enable_grad():
        _, xs = as_tuple(inputs, "inputs", "jvp")
        xs = followed(xs, create_graph, True)
        vs = input_vector(v, "jvp", "input to the user-provided function", inputs, xs, create_graph)
        several_outputs, outputs = evaluate(func, xs, "jvp", strict)
        us = tuple(zeros_like(y, requires_grad=True) for y in outputs)
        products = gradients(outputs, xs, us, True)
        if strict:
            for i, product in enumerate(products):
                if product is None:
                    raise RuntimeError(independent("output of the user-provided function", f"input {i}"))
                if not product.requires_grad:
                    raise RuntimeError(
                        f"The gradient with respect to input {i} is independent of the inputs of the user-provided function. "
                        "This is not allowed in strict mode."
                    )
    with set_grad_enabled(create_graph or is_grad_enabled()):
        found = gradients(products, us, vs, create_graph)
        for i, one in enumerate(found):
            if one is None and strict:
                raise RuntimeError(
                    f"The gradient with respect to the input is independent of entry {i} in the grad_outputs when using the double "
                    "backward trick to compute forward mode gradients. This is not allowed in strict mode."
                )
        result = filled(found, outputs, strict, create_graph, "output", "input", "jacobian")
    return finished(outputs, create_graph, several_outputs), finished(result, create_graph, several_outputs)


def vhp(func: Callable, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> tuple[Any, Any]:
    """(output, vᵀH), of a function with a single number as output. Mirrors torch.autograd.functional.vhp."""
    with enable_grad():
        several, xs, output, slope, vs = slope_of(func, inputs, v, "vhp", create_graph, strict)
    with set_grad_enabled(create_graph or is_grad_enabled()):
        found = gradients(slope, xs, vs, create_graph)
        result = filled(found, xs, strict, create_graph, "jacobian", "input", "hessian")
    return finished(output, create_graph, False), finished(result, create_graph, several)


def hvp(func: Callable, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> tuple[Any, Any]:
    """(output, H v), of a function with a single number as output. Mirrors torch.autograd.functional.hvp.

    H is symmetric, so that `vhp` gives the same, and is faster.
    """
    with enable_grad():
        several, xs, output, slope, vs = slope_of(func, inputs, v, "hvp", create_graph, strict)
        us = tuple(zeros_like(x, requires_grad=True) for x in xs)
        products = gradients(slope, xs, us, True)
    with set_grad_enabled(create_graph or is_grad_enabled()):
        found = gradients(products, us, vs, create_graph)
        for i, one in enumerate(found):
            if one is None and strict:
                raise RuntimeError(
                    f"The hessian of the user-provided function is independent of entry {i} in the grad_jacobian. This is not allowed "
                    "in strict mode as it prevents from using the double backward trick to replace forward mode AD."
                )
        result = filled(found, xs, strict, create_graph, "jacobian", "input", "hessian")
    return finished(output, create_graph, False), finished(result, create_graph, several)


def jacobian(
    func: Callable,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """The Jacobian, of shape (*output.shape, *input.shape): for several outputs a tuple, of tuples for several inputs.

    A walk backward for each element of the outputs. Mirrors torch.autograd.functional.jacobian.
    """
    if strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError(
            'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your function has more outputs than inputs, '
            '"forward-mode" tends to be more performant. Otherwise, prefer to use "reverse-mode".'
        )
    refuse_batches(vectorize, strategy)
    with enable_grad():
        several_inputs, xs = as_tuple(inputs, "inputs", "jacobian")
        xs = followed(xs, create_graph, True)
        several_outputs, outputs = evaluate(func, xs, "jacobian", strict)
        found = tuple(jacobian_of(i, y, xs, create_graph, strict) for i, y in enumerate(outputs))
    result = tuple(finished(row, create_graph, several_inputs) for row in found)
    return result if several_outputs else result[0]


def hessian(
    func: Callable,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """The Hessian of a function with a single number as output, of shape (*input.shape, *input.shape).

    For several inputs a tuple of tuples. Mirrors torch.autograd.functional.hessian.
    """
    several, xs = as_tuple(inputs, "inputs", "hessian")
    if outer_jacobian_strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError('Expected strategy to be either "forward-mode" or "reverse-mode".')
    refuse_batches(vectorize, outer_jacobian_strategy)

    def slope(*xs: Tensor) -> Tensors:
        found = jacobian(lambda *xs: single(func, xs, "hessian", strict).squeeze(), xs, create_graph=True)
        if strict:
            check_slope(found)
        return found

    result = jacobian(slope, xs, create_graph, strict)
    return result if several else result[0][0]


# ---- what they share


def as_tuple(x: Any, what: str, function: str) -> tuple[bool, Tensors]:
    """Whether there are several tensors, and the tuple of them."""
    several = isinstance(x, tuple)
    for i, entry in enumerate(x if several else (x,)):
        if not isinstance(entry, Tensor):
            where = f"value at index {i}" if several else f"given {what}"
            raise TypeError(
                f"The {what} given to {function} must be either a Tensor or a tuple of Tensors but the {where} has type {type(entry)}."
            )
    return several, x if several else (x,)


def followed(xs: Tensors, create_graph: bool, requires_grad: bool) -> Tensors:
    """The inputs as new tensors: func may know the same ones by other ways, and those do not count."""
    return tuple(
        x.view_as(x) if create_graph and x.requires_grad else x.detach().requires_grad_(requires_grad) for x in xs
    )


def evaluate(func: Callable, xs: Tensors, function: str, strict: bool) -> tuple[bool, Tensors]:
    several, outputs = as_tuple(func(*xs), "outputs of the user-provided function", function)
    for i, y in enumerate(outputs):
        if strict and not y.requires_grad:
            raise RuntimeError(
                f"Output {i} of the user-provided function does not require gradients. The outputs must be computed in a "
                "differentiable manner from the input when running in strict mode."
            )
    return several, outputs


def single(func: Callable, xs: Tensors, function: str, strict: bool) -> Tensor:
    """The only output, a single number."""
    several, outputs = evaluate(func, xs, function, strict)
    if several:
        raise RuntimeError(f"The function given to {function} should return a single Tensor")
    if outputs[0].numel() != 1:
        raise RuntimeError(f"The Tensor returned by the function given to {function} should contain a single element")
    return outputs[0]


def vector(v: Any, function: str, like: Tensors, several: bool, create_graph: bool) -> Tensors | None:
    """v, which has the shapes of `like`."""
    if v is None:
        return None
    vs = followed(as_tuple(v, "v", function)[1], create_graph, False)
    if len(vs) != len(like):
        if several:
            raise RuntimeError(f"v is a tuple of invalid length: should be {len(like)} but got {len(vs)}.")
        raise RuntimeError("The given v should contain a single Tensor.")
    for i, (one, other) in enumerate(zip(vs, like)):
        if one.shape != other.shape:
            where = f"Entry {i} in " if several else ""
            raise RuntimeError(f"{where}v has invalid size: should be {other.shape} but got {one.shape}.")
    return vs


def input_vector(v: Any, function: str, what: str, inputs: Any, xs: Tensors, create_graph: bool) -> Tensors | None:
    if v is None and (len(xs) != 1 or xs[0].numel() != 1):
        raise RuntimeError(f"The vector v can only be None if the {what} is a single Tensor with a single element.")
    return vector(v, function, xs, isinstance(inputs, tuple), create_graph)


def slope_of(func: Callable, inputs: Any, v: Any, function: str, create_graph: bool, strict: bool) -> tuple:
    """(whether there are several inputs, these, the output, its gradients with their graph, v)"""
    several, xs = as_tuple(inputs, "inputs", function)
    xs = followed(xs, create_graph, True)
    vs = input_vector(v, function, "input to the user-provided function", inputs, xs, create_graph)
    output = (single(func, xs, function, strict),)
    slope = gradients(output, xs, None, True)
    if strict:
        check_slope(slope)
    return several, xs, output, slope, vs


def check_slope(slope: Any) -> None:
    """For second derivatives, first ones must depend on the inputs."""
    for i, one in enumerate(slope):
        if one is None:
            raise RuntimeError(independent("output of the user-provided function", f"input {i}"))
        if not one.requires_grad:
            raise RuntimeError(
                "While computing the hessian, found that the jacobian of the user-provided function with respect to input "
                f"{i} is independent of the input. This is not allowed in strict mode. You should ensure that your function is twice "
                "differentiable and that the jacobian depends on the inputs (this would be violated by a linear function for example)."
            )


def gradients(outputs: Any, inputs: Tensors, vs: Tensors | None, create_graph: bool, keep: bool | None = None) -> tuple:
    """`grad`, with None for whatever does not depend on something."""
    pairs = [(y, v) for y, v in zip(outputs, vs or [None] * len(outputs)) if y is not None and y.requires_grad]
    if not pairs:
        return (None,) * len(inputs)
    ys, vs = zip(*pairs)
    return grad(ys, inputs, vs, retain_graph=keep, create_graph=create_graph, allow_unused=True)


def filled(found: Any, like: Tensors, strict: bool, create_graph: bool, of: str, by: str, derivative: str) -> Tensors:
    """The derivatives, zeros where there are none; in strict mode these are errors."""
    if strict:
        for i, one in enumerate(found):
            if one is None:
                raise RuntimeError(independent(f"{of} of the user-provided function", f"{by} {i}"))
            if create_graph and not one.requires_grad:
                raise RuntimeError(
                    f"The {derivative} of the user-provided function is independent of {by} {i}. This is not allowed in strict mode "
                    "when create_graph=True."
                )
    return tuple(zeros_like(x) if one is None else one for one, x in zip(found, like))


def jacobian_of(i: int, y: Tensor, xs: Tensors, create_graph: bool, strict: bool) -> Tensors:
    """The derivatives of one output by all inputs."""
    rows: list[Tensors] = []
    for element in y.reshape(-1).unbind():
        found = gradients((element,), xs, None, create_graph, keep=True)
        for j, one in enumerate(found):
            if strict and one is None:
                raise RuntimeError(independent(f"Output {i} of the user-provided function", f"input {j}", article=""))
            if strict and create_graph and not one.requires_grad:
                raise RuntimeError(
                    f"The jacobian of the user-provided function is independent of input {i}. This is not allowed in strict mode when "
                    "create_graph=True."
                )
        rows.append(tuple(zeros_like(x) if one is None else one for one, x in zip(found, xs)))
    return tuple(stack(column).view(y.shape + x.shape) for column, x in zip(zip(*rows), xs))


def independent(of: str, by: str, article: str = "The ") -> str:
    return f"{article}{of} is independent of {by}. This is not allowed in strict mode."


def refuse_batches(vectorize: bool, strategy: str) -> None:
    if vectorize or strategy == "forward-mode":
        raise NotImplementedError(
            "vectorize=True and the forward-mode strategy need vmap, which minigrad does not have; leave them out: "
            "the result is the same, found one element after the other"
        )


def finished(tensors: Tensors, create_graph: bool, several: bool) -> Any:
    """What the caller gets: without a graph unless it was asked for, and a tuple only of several."""
    tensors = tensors if create_graph else tuple(t.detach() for t in tensors)
    return tensors if several else tensors[0]
