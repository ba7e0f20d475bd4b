"""What the families of operations share: promotion of operands, and functions made from rules.

`unary(Exp)` makes `exp` and `exp_`; `binary(Mul)` makes `mul`, `mul_` and the operators. So a rule is all there is to write.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.grad_mode import modes, quiet
from ..autograd.inplace import check_fits, inplace
from ..autograd.rule import Rule, apply
from ..autograd.variable import TensorBase, alias, gradient_edge, wrap
from .arguments import must_be, type_name

if TYPE_CHECKING:
    from ..tensor import Tensor

Number = (bool, int, float)
OPERANDS = (TensorBase, *Number, np.ndarray, np.generic)  # what operators take
FLOAT32 = dtypes.float32.numpy


class Constants(dict):
    """Python numbers as 0-dim tensors of one dtype. The common ones are made once: in a loop, `2 * x` would make many."""

    def __init__(self, dtype: np.dtype) -> None:
        self.dtype = dtype

    def __missing__(self, value: Any) -> Tensor:
        with quiet():
            array = integer(value).astype(self.dtype) if isinstance(value, int) else np.asarray(value, self.dtype)
        array.flags.writeable = False
        tensor = wrap(array)
        if value and value == value and len(self) < 1024:  # not zero, for 0.0 and -0.0 are equal keys
            self[value] = tensor
        return tensor


FLOAT32_CONSTANTS = Constants(FLOAT32)
_constants = {FLOAT32: FLOAT32_CONSTANTS}


def constant(value: Any, dtype: np.dtype) -> Tensor:
    """A Python number as a 0-dim tensor."""
    if dtype not in _constants:
        _constants[dtype] = Constants(dtype)
    return _constants[dtype][value]


def integer(value: int) -> np.ndarray:
    """A Python integer in 64 bits. In smaller types it will wrap around, as in C."""
    try:
        return np.asarray(value, np.uint64 if value >= 2**63 else np.int64)
    except OverflowError:
        raise OverflowError("int too big to convert" if value > 0 else "can't convert negative int to unsigned") from None


def cast(tensor: TensorBase, dtype: np.dtype) -> Tensor:
    """A tensor converted for one operation. In the graph the result stands where the original does: no node is recorded, and
    the engine converts the gradient back."""
    if tensor.array.dtype == dtype:
        return tensor  # type: ignore[return-value]
    edge = gradient_edge(tensor) if tensor.requires_grad and dtype.kind == "f" else None
    return alias(tensor, edge, modes.mode.quietly(tensor.array.astype, dtype))


def promoted(*operands: Any, floating: bool = False, name: str = "") -> list[Tensor]:
    """The operands as tensors of PyTorch's common dtype; with `floating`, integers become the default float.

    `name` is that of the function whose operands they are, for the message about one that is neither tensor nor number.
    """
    plain = [x.array if isinstance(x, TensorBase) else x.item() if isinstance(x, np.generic) else x for x in operands]
    for i, x in enumerate(plain):
        if not isinstance(x, (np.ndarray, *Number)):
            raise no_operand(name, i, operands[i])
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


def floating(*operands: Any, name: str = "") -> list[Tensor]:
    """`promoted`, with integers as the default float."""
    return promoted(*operands, floating=True, name=name)


def of_tensors(*operands: Any, name: str = "") -> list[Tensor]:
    """`promoted`, for operations that take no numbers."""
    for i, x in enumerate(operands):
        if not isinstance(x, TensorBase):
            raise no_operand(name, i, x)
    return promoted(*operands, name=name)


def check_operands(name: str, input: Any, other: Any, numbers: str) -> None:
    """Refuse what is neither tensor nor number, and numbers where PyTorch takes none. (Operators take arrays as well.)"""
    for i, x in enumerate((input, other)):
        wrong = not isinstance(x, (TensorBase, *Number, np.generic))
        if wrong and numbers == "both" and name != "floor_divide":
            raise no_operand(name, i, x)
        if wrong or (numbers == "second" and i == 0 and not isinstance(x, TensorBase)):
            raise invalid_combination(name, input, other)
    if numbers == "one" and not isinstance(input, TensorBase) and not isinstance(other, TensorBase):
        raise invalid_combination(name, input, other)


def invalid_combination(name: str, *given: Any) -> TypeError:
    """PyTorch's complaint that no form of a function takes such arguments (without its list of the forms)."""
    kinds = ["Tensor" if isinstance(x, TensorBase) else type_name(x) for x in given]
    return TypeError(f"{name}() received an invalid combination of arguments - got ({', '.join(kinds)})")


def no_operand(name: str, i: int, x: Any) -> TypeError:
    """PyTorch's words for a wrong operand of a function, given as "mul" or as "addcmul(input, tensor1, tensor2)"."""
    name, _, rest = name.partition("(")
    argument = (rest[:-1] or "input, other").split(", ")[i]
    position = i if name.endswith("_") else i + 1  # a method that works in place does not count the tensor itself
    return TypeError(f"{name}(): argument '{argument}' (position {position}) must be Tensor, not {type_name(x)}")


def floated(tensor: TensorBase) -> Tensor:
    """Integers as the default float, for functions whose results are real numbers."""
    if tensor.array.dtype.kind == "f":
        return tensor  # type: ignore[return-value]
    return cast(tensor, dtypes.get_default_dtype().numpy)


def broadcast_error(*shapes: tuple[int, ...]) -> RuntimeError:
    """PyTorch's message for shapes that do not broadcast."""
    a = shapes[0]
    for b in shapes[1:]:
        for dim in range(1, min(len(a), len(b)) + 1):
            if a[-dim] != b[-dim] and 1 not in (a[-dim], b[-dim]):
                return RuntimeError(
                    f"The size of tensor a ({a[-dim]}) must match the size of tensor b ({b[-dim]}) at non-singleton dimension "
                    f"{max(len(a), len(b)) - dim}"
                )
        a = np.broadcast_shapes(a, b)
    return RuntimeError(f"shapes {' and '.join(map(str, shapes))} cannot be broadcast together")


def broadcasting(run: Callable[..., Tensor], rule: type[Rule], *inputs: Tensor, **settings: Any) -> Tensor:
    """`apply` or `inplace`, with PyTorch's message for shapes that do not broadcast."""
    try:
        return run(rule, *inputs, **settings)
    except ValueError:
        raise broadcast_error(*[x.array.shape for x in inputs]) from None


def named(function: Callable, rule: type[Rule], name: str) -> Callable:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = rule.__doc__
    return function


def torch_name(rule: type[Rule]) -> str:
    return rule.__qualname__.lower()


def unary(rule: type[Rule], floating: bool = True) -> tuple[Callable[..., Tensor], Callable[..., Tensor]]:
    """The function and its in-place form. With `floating`, integer inputs give the default float."""
    name, applied = torch_name(rule), rule.applied

    def function(input: Tensor) -> Tensor:
        if not isinstance(input, TensorBase):
            raise must_be("Tensor", name, "input", 1, input)
        if floating and input.array.dtype.kind != "f":
            input = floated(input)
        return applied[1](input)

    def in_place(input: Tensor) -> Tensor:
        if floating and input.array.dtype.kind != "f":
            check_holds(input.array.dtype, dtypes.get_default_dtype().numpy)
        return inplace(rule, input) if rule.differentiable else overwrite(input, function(input))

    return named(function, rule, name), named(in_place, rule, f"{name}_")


def binary(
    rule: type[Rule],
    prepare: Callable[..., list[Tensor]] = promoted,
    kinds: str = "biuf",
    number: type[Rule] | None = None,
    name: str = "",
    numbers: str = "both",
) -> tuple[Callable[..., Any], ...]:
    """The function, its in-place form, the operator and the reflected operator: `mul, mul_, __mul__, __rmul__`.

    `prepare` turns operands into tensors of one dtype, unless they are that already, and of one of the `kinds`. `number` is the
    rule for an `other` that is a number, where PyTorch has one of its own. `numbers` says which operands of the function may be
    numbers: "both", any "one", or only the "second".
    """
    name = name or torch_name(rule)
    takes_numbers, applied, applied_to_number = prepare is not of_tensors, rule.applied, (number or rule).applied

    def chosen(other: Any) -> type[Rule]:
        return number if number is not None and isinstance(other, Number) else rule

    def variant(is_operator: bool) -> Callable[..., Any]:
        def function(input: Tensor, other: Any) -> Any:
            # First the two cases of most programs, in which there is nothing to prepare: y * 0.5, where the number takes the
            # tensor's dtype, and two tensors of one dtype.
            if isinstance(input, TensorBase):
                dtype, kind = input.array.dtype, type(other)
                if (kind is float or kind is int) and takes_numbers:
                    if dtype is FLOAT32:
                        return applied_to_number[2](input, FLOAT32_CONSTANTS[other])
                    if dtype.kind == "f":
                        return applied_to_number[2](input, constant(other, dtype))
                elif isinstance(other, TensorBase) and other.array.dtype is dtype and (dtype is FLOAT32 or dtype.kind in kinds):
                    try:
                        return applied[2](input, other)
                    except ValueError:
                        raise broadcast_error(input.array.shape, other.array.shape) from None
            if not is_operator and takes_numbers:
                check_operands(name, input, other, numbers)
            elif is_operator and not isinstance(other, OPERANDS):
                return NotImplemented
            a, b = prepare(input, other, name=name)
            return broadcasting(apply, chosen(other), a, b)

        return function

    function, method = variant(is_operator=False), variant(is_operator=True)

    def with_settings(input: Tensor, other: Any, **settings: Any) -> Any:
        check_operands(name, input, other, numbers)
        return broadcasting(apply, rule, *prepare(input, other, name=name), **settings)

    if rule.settings:
        function = with_settings

    def in_place(input: Tensor, other: Any, **settings: Any) -> Tensor:
        if not rule.differentiable:
            return overwrite(input, function(*prepare(input, other, name=name + "_"), **settings))
        a, b = prepare(input, other, name=name + "_")
        if a is not input:
            check_holds(input.array.dtype, a.array.dtype)
        return broadcasting(inplace, chosen(other), input, b, **settings)

    return named(function, rule, name), named(in_place, rule, f"{name}_"), method, operator(function, reflected=True)


def operator(function: Callable[..., Any], reflected: bool = False) -> Callable[..., Any]:
    """A function as an operator, which leaves what is no operand to the other operand's class, and at last to Python."""

    def method(self: Tensor, other: Any) -> Any:
        if not isinstance(other, OPERANDS):
            return NotImplemented
        return function(other, self) if reflected else function(self, other)

    return method


def overwrite(target: Any, result: Tensor) -> Tensor:
    """The in-place form of an operation without a derivative: the target loses its history, as in a copy of constants."""
    check_fits(result.array, target.array)
    return target.copy_(result)


def check_holds(target: np.dtype, result: np.dtype) -> None:
    """PyTorch's refusal to write a result into a tensor of a lower kind of number."""
    source, goal = dtypes.of_numpy(result), dtypes.of_numpy(target)
    if not dtypes.can_cast(source, goal):
        raise RuntimeError(f"result type {source.scalar_name} can't be cast to the desired output type {goal.scalar_name}")


def refuse(kernel: str, kinds: str, array: np.ndarray) -> None:
    """PyTorch's complaint about a kind of dtype that an operation is not made for."""
    if array.dtype.kind in kinds:
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{dtypes.of_array(array).scalar_name}'")


def normalize_dim(dim: int, ndim: int, name: str = "") -> int:
    """A dimension counted from the front; PyTorch's IndexError where there is no such. `name` is that of the function it is for."""
    if type(dim) is not int and (isinstance(dim, bool) or not hasattr(dim, "__index__")):
        raise TypeError(f"{name}(): argument 'dim' (position 2) must be int, not {type(dim).__name__}")
    n = max(ndim, 1)
    if not -n <= dim < n:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {dim})")
    return dim + n if dim < 0 else dim


def normalize_dims(dim: Any, ndim: int, name: str = "") -> tuple[int, ...]:
    """Several dimensions, in the order given; all of them for None or ()."""
    if dim is None or (isinstance(dim, (tuple, list)) and not dim):
        return tuple(range(ndim))
    given = dim if isinstance(dim, (tuple, list)) else (dim,)
    for d in given:
        if isinstance(d, bool) or not hasattr(d, "__index__"):
            raise TypeError(f"{name}(): argument 'dim' (position 2) must be tuple of ints, not {type(dim).__name__}")
    dims = tuple([normalize_dim(d, ndim) for d in given])
    if len(set(dims)) != len(dims):
        repeated = next(d for i, d in enumerate(dims) if d in dims[:i])
        raise RuntimeError(f"dim {repeated} appears multiple times in the list of dims")
    return dims if ndim else ()
