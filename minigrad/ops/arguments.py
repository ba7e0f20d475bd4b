"""PyTorch's complaints about arguments of a wrong type."""
from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from operator import index
from typing import Any

import numpy as np

from ..autograd.variable import TensorBase


def type_name(x: Any) -> str:
    """The name of an object's type, as C code knows it."""
    kind = type(x)
    return f"numpy.{kind.__name__}" if isinstance(x, (np.ndarray, np.generic)) else kind.__name__


def must_be(wanted: str, function: str, argument: str, position: int, x: Any) -> TypeError:
    """An argument is of the wrong type."""
    return TypeError(f"{function}(): argument '{argument}' (position {position}) must be {wanted}, not {type_name(x)}")


def check_tensor(function: str, argument: str, position: int, x: Any) -> None:
    """Refuse what is no tensor."""
    if not isinstance(x, TensorBase):
        raise must_be("Tensor", function, argument, position, x)


def no_tensor(function: str, **arguments: Any) -> TypeError:
    """The complaint about the first of some arguments, given in order, that is no tensor."""
    for position, (argument, x) in enumerate(arguments.items(), 1):
        if not isinstance(x, TensorBase):
            return must_be("Tensor", function, argument, position, x)
    raise AssertionError("only called when one of them is none")


def checked(function: Callable[..., Any], method: bool = False, home: str | None = None) -> Callable[..., Any]:
    """The same function, which names the argument that is no tensor, as PyTorch does, where a tensor is wanted.

    Arguments are looked at only when the function has failed, so that a call that succeeds does not wait for it. `home` is the
    module in which pickle will find the result, if not where the function is.
    """
    wanted = tensor_parameters(function)
    if method and wanted[:1] == function.__code__.co_varnames[:1]:  # the tensor itself
        wanted = wanted[1:]
    if not wanted or (function.__globals__["__name__"] in CHECK_THEMSELVES and not function.__name__.endswith("_")):
        return function

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except (AttributeError, TypeError) as error:
            if "invalid combination" in str(error):
                raise
            names = function.__code__.co_varnames
            given = dict(zip(names, args)) | kwargs
            for name in wanted:
                may_be_none = function.__annotations__[name] != "Tensor"
                if name in given and not isinstance(given[name], TensorBase) and not (given[name] is None and may_be_none):
                    position = names.index(name) + (not method)  # a method does not count the tensor itself
                    raise must_be("Tensor", function.__name__, name, position, given[name]) from None
            raise

    call.__module__ = home or function.__module__
    return call


# The operations called most; in place, they are methods. And those that have words of their own.
CHECK_THEMSELVES = ("minigrad.ops.family", "minigrad.ops.linalg", "minigrad.random")


def tensor_parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of the parameters that are tensors, or tensors or None."""
    annotations = getattr(function, "__annotations__", {})
    return tuple([name for name, kind in annotations.items() if kind in ("Tensor", "Tensor | None") and name != "return"])


def check_tensors(function: str, tensors: Any, argument: int = 0) -> None:
    """Refuse what is no sequence of tensors."""
    if not isinstance(tensors, (tuple, list)):
        raise must_be("tuple of Tensors", function, "tensors", 1, tensors)
    check_elements(tensors, argument)


def check_elements(tensors: Any, argument: int = 0) -> None:
    """Refuse an element that is no tensor."""
    for i, x in enumerate(tensors):
        if not isinstance(x, TensorBase):
            raise TypeError(f"expected Tensor as element {i} in argument {argument}, but got {type_name(x)}")


def check_long(x: Any) -> None:
    """Refuse an integer of more than 64 bits."""
    if isinstance(x, int) and not -(2**63) <= x < 2**63:
        raise ValueError("Overflow when unpacking long long")


def ints(given: Any, function: str, argument: str = "size") -> tuple[int, ...]:
    """Integers given as f(2, 3), f((2, 3)), or f(tensor.shape)."""
    if len(given) == 1 and isinstance(given[0], (tuple, list)):
        given = given[0]
    elif not given:
        raise TypeError(f'{function}() missing 1 required positional arguments: "{argument}"')
    try:
        return tuple(map(index, given))
    except TypeError:
        raise no_ints(given, function, argument) from None


def no_ints(given: Any, function: str, argument: str) -> TypeError:
    for position, x in enumerate(given, 1):
        try:
            index(x)
        except TypeError:
            if position == 1:
                return must_be("tuple of ints", function, argument, 1, x)
            return TypeError(
                f"{function}(): argument '{argument}' failed to unpack the object at pos {position} with error "
                f'"type must be tuple of ints,but got {type_name(x)}"'
            )
    raise AssertionError("only called when one of them is none")
