"""`out=`: the result of a function written into a tensor that is already there. One mechanism for all functions that have it."""
from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..autograd.grad_mode import is_grad_enabled, no_grad
from ..autograd.inplace import address, check_may_change
from ..autograd.variable import TensorBase, counter
from .family import check_holds

if TYPE_CHECKING:
    from ..tensor import Tensor

# The functions that PyTorch gives an out=; and all of torch.linalg.
NAMES = frozenset(
    """
    abs absolute add deg2rad div divide floor_divide fmod mul multiply neg negative rad2deg reciprocal remainder sgn sign sub subtract
    true_divide column_stack dstack bitwise_and bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor eq ge greater
    greater_equal gt isneginf isposinf le less less_equal logical_and logical_not logical_or logical_xor lt ne not_equal signbit
    tensordot arange empty eye full linspace logspace ones zeros det inverse matrix_power cholesky qr svd acos acosh arccos arccosh
    arcsin arcsinh arctan arctanh asin asinh atan atanh cos cosh exp exp2 expm1 log log10 log1p log2 sigmoid sin sinh tan tanh clamp
    clamp_max clamp_min clip maximum minimum gather index_add index_copy index_select scatter scatter_add scatter_reduce take take_along_dim
    masked_select addmm baddbmm bmm dot ger matmul mm mv outer nan_to_num where addcdiv addcmul lerp aminmax cummax cummin kthvalue
    logcumsumexp mode msort nanmean nanquantile nansum quantile arctan2 atan2 copysign float_power fmax fmin gcd heaviside hypot lcm
    ldexp logaddexp logaddexp2 nextafter cat concat concatenate hstack stack vstack pow rsqrt sqrt square addbmm addmv addr cross inner
    kron vdot tril triu all amax amin any argmax argmin cumprod cumsum log_softmax logsumexp max mean median min nanmedian norm prod
    softmax sort std sum topk var ceil fix floor frac round trunc bernoulli multinomial normal rand randn randint randperm isin
    slice_scatter bucketize nonzero searchsorted digamma erf erfc erfinv lgamma logit polygamma sinc xlogy conj_physical diag diff histc""".split()
)
# Those that convert to the dtype of `out` are element by element; the others must find their own dtype there.
CONVERT = frozenset(
    [f"minigrad.ops.{name}" for name in "arithmetic compare creation elementary extremes family masking multiply_add pairs powers rounding special".split()]
)


def with_out(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, with `out=`: a tensor, or a tuple of them where the function returns several."""

    @wraps(function)
    def call(*args: Any, out: Any = None, **kwargs: Any) -> Any:
        return function(*args, **kwargs) if out is None else written(function, args, kwargs, out)

    return call


def written(function: Callable[..., Any], args: Any, kwargs: Any, out: Any) -> Any:
    targets = out if isinstance(out, tuple) else (out,)
    name = function.__name__
    for target in targets:
        if not isinstance(target, TensorBase):
            raise TypeError(f"{name}(): argument 'out' must be Tensor, not {type(target).__name__}")
    if is_grad_enabled() and any([x.requires_grad for x in (*targets, *given(args), *given(kwargs.values()))]):
        raise RuntimeError(
            f"{name}(): functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad."
        )
    if home(function) == "minigrad.ops.creation" and kwargs.get("dtype") is None:
        kwargs = {**kwargs, "dtype": targets[0].dtype}
    if name == "multinomial":  # which looks at `out` before it looks at the weights
        check_dtype(name, targets[0].array.dtype, np.dtype(np.int64), False)
    with no_grad():
        result = function(*args, **kwargs)
    results = result if isinstance(result, tuple) else (result,)
    if isinstance(out, tuple) and not hasattr(result, "_fields"):
        raise TypeError(f"{name}(): argument 'out' must be Tensor, not tuple")
    if len(results) != len(targets):
        raise TypeError(f"{name}(): argument 'out' must be tuple of {len(results)} Tensors, not {type(out).__name__}")
    convert = home(function) in CONVERT or name in ("any", "all", "cumsum", "cumprod")
    inputs = [x.array for x in (*given(args), *given(kwargs.values()))]
    for target, value in zip(targets, results):
        check_dtype(name, target.array.dtype, value.array.dtype, convert)
        resized = target.array.shape != value.array.shape and isinstance(target.array.base, np.ndarray)
        check_memory(target.array, inputs, convert and not resized, target.array.base if resized else target.array)
        check_may_change(target, False)
    for target, value in zip(targets, results):
        write(target, value.array)
    if not isinstance(result, tuple):
        return targets[0]
    return type(result)(*targets) if hasattr(result, "_fields") else targets


def given(values: Any) -> list[Any]:
    """The tensors among arguments, also in lists."""
    flat = [x for value in values for x in (value if isinstance(value, (tuple, list)) else (value,))]
    return [x for x in flat if isinstance(x, TensorBase)]


def home(function: Any) -> str:
    """The module in which a function was written, under its wrappers."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function.__module__ if not hasattr(function, "__globals__") else function.__globals__["__name__"]


def check_memory(target: np.ndarray, inputs: list[np.ndarray], same_is_fine: bool, memory: Any) -> None:
    """Refuse to write where several elements share a place, or where an input lies (but element by element over itself)."""
    advice = "refer to a single memory location. Please clone() the tensor before performing the operation."
    if any([n > 1 and not stride for n, stride in zip(target.shape, target.strides)]):
        raise RuntimeError(f"unsupported operation: more than one element of the written-to tensor {advice.replace('refer', 'refers', 1)}")
    for x in inputs:
        if np.may_share_memory(memory, x) and target.size and not (same_is_fine and x.strides == target.strides and address(x) == address(target)):
            raise RuntimeError(f"unsupported operation: some elements of the input tensor and the written-to tensor {advice}")


def check_dtype(name: str, target: np.dtype, result: np.dtype, convert: bool) -> None:
    if convert:
        check_holds(target, result)
    elif target != result:
        want, got = [dtypes.of_numpy(d).c_name for d in (result, target)]
        if name == "multinomial":
            raise RuntimeError(f"multinomial expects Long tensor out, got: {dtypes.of_numpy(target).scalar_name}")
        if name in ("amax", "amin"):
            want, got = [dtypes.of_numpy(d).scalar_name for d in (result, target)]
            raise RuntimeError(
                f"Expected the dtype for input and out to match, but got {want} for input's dtype and {got} for out's dtype."
            )
        raise RuntimeError(f"Expected out tensor to have dtype {want}, but got {got} instead")


def write(target: Tensor, value: np.ndarray) -> None:
    """Into the target's memory; a target of another shape gets new memory, with PyTorch's warning unless it was empty."""
    if target.array.shape != value.shape:
        if target.array.size:
            warnings.warn(
                f"An output with one or more elements was resized since it had shape {list(target.array.shape)}, which does not match the "
                f"required output shape {list(value.shape)}. This behavior is deprecated, and in a future PyTorch release outputs will "
                "not be resized unless they have zero elements. You can explicitly reuse an out tensor t by resizing it, inplace, to "
                "zero elements with t.resize_(0).",
                stacklevel=4,
            )
        target.array = np.empty(value.shape, target.array.dtype)
    target.array[...] = value
    counter(target)[0] += 1
