"""PyTorch's complaints about arguments of a wrong type."""
from __future__ import annotations

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


def check_tensors(function: str, tensors: Any, argument: int = 0) -> None:
    """Refuse what is no sequence of tensors."""
    if not isinstance(tensors, (tuple, list)):
        raise must_be("tuple of Tensors", function, "tensors", 1, tensors)
    for i, x in enumerate(tensors):
        if not isinstance(x, TensorBase):
            raise TypeError(f"expected Tensor as element {i} in argument {argument}, but got {type_name(x)}")


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
