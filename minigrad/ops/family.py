"""What the families of operations share: promotion of operands, and functions made from rules.

`unary(Exp)` makes `exp` and `exp_`; `binary(Mul)` makes `mul`, `mul_` and the operators. So a rule is all there is to write.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.inplace import inplace
from ..autograd.rule import Rule, apply
from ..autograd.variable import TensorBase, alias, gradient_edge, wrap

if TYPE_CHECKING:
    from ..tensor import Tensor

Number = (bool, int, float)
_constants: dict[tuple[Any, np.dtype], Tensor] = {}


class NotAnOperand(TypeError):
    """An operand that is neither tensor, array nor number. Operators answer NotImplemented, functions raise."""


def constant(value: Any, dtype: np.dtype) -> Tensor:
    """A Python number as a 0-dim tensor. The common ones are made once: in a loop, `2 * x` would make many."""
    key = (value, dtype)
    tensor = _constants.get(key)
    if tensor is None:
        array = np.asarray(value, dtype=dtype)
        array.flags.writeable = False
        tensor = wrap(array)
        if value and len(_constants) < 1024:  # not zero, for 0.0 and -0.0 are equal keys
            _constants[key] = tensor
    return tensor


def cast(tensor: TensorBase, dtype: np.dtype) -> Tensor:
    """A tensor converted for one operation. In the graph the result stands where the original does: no node is recorded, and
    the engine converts the gradient back."""
    if tensor.array.dtype == dtype:
        return tensor  # type: ignore[return-value]
    edge = gradient_edge(tensor) if tensor.requires_grad and dtype.kind == "f" else None
    return alias(tensor, edge, tensor.array.astype(dtype))


def promoted(*operands: Any, floating: bool = False) -> list[Tensor]:
    """The operands as tensors of PyTorch's common dtype; with `floating`, integers become the default float."""
    plain = [x.array if isinstance(x, TensorBase) else x.item() if isinstance(x, np.generic) else x for x in operands]
    for x, original in zip(plain, operands):
        if not isinstance(x, (np.ndarray, *Number)):
            raise NotAnOperand(f"argument must be Tensor, not {type(original).__name__}")
    dtype = dtypes.result_dtype(*plain)
    if floating and dtype.kind != "f":
        dtype = dtypes.get_default_dtype().numpy
    result = []
    for x, value in zip(operands, plain):
        if isinstance(x, TensorBase):
            result.append(cast(x, dtype))
        elif isinstance(value, np.ndarray):
            result.append(wrap(value.astype(dtype, copy=False)))
        else:
            result.append(constant(value, dtype))
    return result


def floated(tensor: TensorBase) -> Tensor:
    """Integers as the default float, for functions whose results are real numbers."""
    if tensor.array.dtype.kind == "f":
        return tensor  # type: ignore[return-value]
    return cast(tensor, dtypes.get_default_dtype().numpy)


def broadcast_error(*shapes: tuple[int, ...]) -> RuntimeError:
    """PyTorch's message for shapes that do not broadcast."""
    a, b = shapes
    ndim = max(len(a), len(b))
    for dim in range(ndim - 1, -1, -1):
        i, j = dim - ndim + len(a), dim - ndim + len(b)
        if i >= 0 and j >= 0 and a[i] != b[j] and 1 not in (a[i], b[j]):
            return RuntimeError(
                f"The size of tensor a ({a[i]}) must match the size of tensor b ({b[j]}) at non-singleton dimension {dim}"
            )
    return RuntimeError(f"shapes {list(a)} and {list(b)} cannot be broadcast together")


def named(function: Callable, rule: type[Rule], name: str) -> Callable:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = rule.__doc__
    return function


def torch_name(rule: type[Rule]) -> str:
    return rule.__qualname__.lower()


def unary(rule: type[Rule], floating: bool = True) -> tuple[Callable[..., Tensor], Callable[..., Tensor]]:
    """The function and its in-place form. With `floating`, integer inputs give the default float."""
    name = torch_name(rule)

    def function(input: Tensor) -> Tensor:
        if not isinstance(input, TensorBase):
            raise TypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
        if floating and input.array.dtype.kind != "f":
            input = floated(input)
        return apply(rule, input)

    def in_place(input: Tensor) -> Tensor:
        if floating and input.array.dtype.kind != "f":
            raise RuntimeError(
                f"result type {dtypes.get_default_dtype().scalar_name} can't be cast to the desired output type "
                f"{dtypes.of_array(input.array).scalar_name}"
            )
        return inplace(rule, input)

    return named(function, rule, name), named(in_place, rule, f"{name}_")


def binary(rule: type[Rule], floating: bool = False) -> tuple[Callable[..., Any], ...]:
    """The function, its in-place form, the operator and the reflected operator: `mul, mul_, __mul__, __rmul__`."""
    name = torch_name(rule)

    def compute(a: Any, b: Any) -> Tensor:
        if not (isinstance(a, TensorBase) and isinstance(b, TensorBase) and a.array.dtype is b.array.dtype) or (
            floating and a.array.dtype.kind != "f"
        ):
            a, b = promoted(a, b, floating=floating)
        try:
            return apply(rule, a, b)
        except ValueError:
            raise broadcast_error(a.array.shape, b.array.shape) from None

    def function(input: Tensor, other: Any) -> Tensor:
        try:
            return compute(input, other)
        except NotAnOperand:
            position, wrong = (1, input) if not isinstance(input, (TensorBase, *Number)) else (2, other)
            raise TypeError(
                f"{name}(): argument '{('input', 'other')[position - 1]}' (position {position}) must be Tensor, "
                f"not {type(wrong).__name__}"
            ) from None

    def operator(self: Tensor, other: Any) -> Tensor:
        try:
            return compute(self, other)
        except NotAnOperand:
            return NotImplemented

    def reflected(self: Tensor, other: Any) -> Tensor:
        try:
            return compute(other, self)
        except NotAnOperand:
            return NotImplemented

    def in_place(input: Tensor, other: Any) -> Tensor:
        return inplace_binary(rule, input, other, floating)

    return named(function, rule, name), named(in_place, rule, f"{name}_"), operator, reflected


def inplace_binary(rule: type[Rule], input: Tensor, other: Any, floating: bool = False, **settings: Any) -> Tensor:
    """`input.op_(other)`: computed in the common dtype, which input's must be able to hold."""
    a, b = promoted(input, other, floating=floating)
    if a is not input:
        source, goal = dtypes.of_array(a.array), dtypes.of_array(input.array)
        if not dtypes.can_cast(source, goal):
            raise RuntimeError(f"result type {source.scalar_name} can't be cast to the desired output type {goal.scalar_name}")
        b = cast(b, input.array.dtype)
    try:
        return inplace(rule, input, b, **settings)
    except ValueError:
        raise broadcast_error(input.array.shape, b.array.shape) from None


def check_tensors(name: str, tensors: Any) -> None:
    """PyTorch's complaint about an element that is no tensor."""
    for i, x in enumerate(tensors):
        if not isinstance(x, TensorBase):
            raise TypeError(
                f"{name}(): argument 'tensors' (position 1) must be tuple of Tensors, but found element of type "
                f"{type(x).__name__} at pos {i}"
            )


def normalize_dim(dim: int, ndim: int) -> int:
    """A dimension counted from the front; PyTorch's IndexError where there is no such."""
    n = max(ndim, 1)
    if not -n <= dim < n:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {dim})")
    return dim + n if dim < 0 else dim


def normalize_dims(dim: Any, ndim: int) -> tuple[int, ...]:
    """Several dimensions, sorted as given; all of them for None or ()."""
    if dim is None or (isinstance(dim, (tuple, list)) and not dim):
        return tuple(range(ndim))
    dims = tuple([normalize_dim(d, ndim) for d in (dim if isinstance(dim, (tuple, list)) else (dim,))])
    if len(set(dims)) != len(dims):
        repeated = next(d for i, d in enumerate(dims) if d in dims[:i])
        raise RuntimeError(f"dim {repeated} appears multiple times in the list of dims")
    return dims
