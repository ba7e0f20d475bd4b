"""minigrad: an autograd engine from scratch on NumPy, for learning, with PyTorch's names.

`import minigrad as torch` works. Read autograd/rule.py and autograd/engine.py first, then a family in ops/, then nn/ and optim/.
"""
from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import autograd, ops
from ._allocator import keep_freed_memory
from ._tensor_str import set_printoptions
from ._typename import typename
from .autograd import enable_grad, inference_mode, no_grad, set_grad_enabled
from .autograd.grad_mode import is_grad_enabled, is_inference_mode_enabled
from .dtypes import (
    bfloat16,
    can_cast,
    double,
    dtype,
    finfo,
    float16,
    float32,
    float64,
    get_default_dtype,
    half,
    iinfo,
    int8,
    int16,
    int32,
    int64,
    long,
    promote_types,
    result_type,
    set_default_dtype,
    short,
    uint8,
)
from .dtypes import bool_ as bool
from .dtypes import float_ as float
from .dtypes import int_ as int
from .left_out import Unknown
from .ops.arguments import checked
from .ops.data import (
    BoolTensor,
    ByteTensor,
    CharTensor,
    DoubleTensor,
    FloatTensor,
    HalfTensor,
    IntTensor,
    LongTensor,
    ShortTensor,
)
from .ops.devices import device
from .ops.layouts import contiguous_format, layout, memory_format, preserve_format, strided
from .ops.out import NAMES as _with_out
from .ops.out import with_out
from .ops.shape import Size
from .random import Generator, default_generator, get_rng_state, initial_seed, manual_seed, seed, set_rng_state
from .tensor import Tensor
from .version import __version__ as __version__

if TYPE_CHECKING:
    from .ops import *  # type: ignore[assignment]  # noqa: F403  (for editors; some families have helpers of our dtypes' names)

inf, nan, pi, e, newaxis = 1e999, 1e999 - 1e999, 3.141592653589793, 2.718281828459045, None
detach = Tensor.detach

# What follows is imported when it is first asked for, so that `import minigrad` is quick.
_FUNCTIONS = frozenset(  # of ops
    """
    abs absolute acos acosh add addbmm addcdiv addcmul addmm addmv addr all allclose alpha_dropout alpha_dropout_ amax amin
    aminmax any arange arccos arccosh arcsin arcsinh arctan arctan2 arctanh argmax argmin argsort argwhere as_strided
    as_strided_scatter as_tensor asarray asin asinh atan atan2 atanh atleast_1d atleast_2d atleast_3d baddbmm bernoulli bincount
    binomial bitwise_and bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor block_diag bmm
    broadcast_shapes broadcast_tensors broadcast_to bucketize cartesian_prod cat cdist ceil cholesky chunk clamp clamp_max
    clamp_min clip clone column_stack combinations concat concatenate conj constant_pad_nd conv1d conv2d conv3d conv_transpose1d
    conv_transpose2d conv_transpose3d copysign corrcoef cos cosh count_nonzero cov cross cummax cummin cumprod cumsum deg2rad
    det diag diag_embed diagflat diagonal diagonal_scatter diff digamma dist div divide dot dropout dropout_ dsplit dstack
    einsum empty empty_like eq equal erf erfc erfinv exp exp2 expm1 eye feature_alpha_dropout feature_alpha_dropout_
    feature_dropout feature_dropout_ fix flatten flip fliplr flipud float_power floor floor_divide fmax fmin fmod frac
    from_numpy full full_like gather gcd ge ger greater greater_equal gt heaviside histc hsplit hstack hypot index_add
    index_copy index_fill index_put index_put_ index_select inner inverse is_floating_point is_tensor isclose isfinite isin
    isinf isnan isneginf isposinf isreal kron kthvalue lcm ldexp le lerp less less_equal lgamma linspace log log10 log1p log2
    log_softmax logaddexp logaddexp2 logcumsumexp logdet logical_and logical_not logical_or logical_xor logit logspace logsumexp
    lt masked_fill masked_scatter masked_select matmul matrix_power max maximum mean median meshgrid min minimum mm mode
    moveaxis movedim msort mul multinomial multiply mv nan_to_num nanmean nanmedian nanquantile nansum narrow ne neg negative
    nextafter nonzero norm normal not_equal numel ones ones_like outer permute pinverse poisson polygamma positive pow prod put
    qr quantile rad2deg rand rand_like randint randint_like randn randn_like randperm ravel real reciprocal relu relu_ remainder
    repeat_interleave reshape resolve_conj resolve_neg roll rot90 round rrelu rrelu_ rsqrt rsub scalar_tensor scatter
    scatter_add scatter_reduce searchsorted select select_scatter sgn sigmoid sign signbit sin sinc sinh slice_scatter slogdet
    softmax sort split split_with_sizes sqrt square squeeze stack std std_mean sub subtract sum svd swapaxes swapdims t take
    take_along_dim tan tanh tensor tensor_split tensordot tile topk trace transpose tril tril_indices triu triu_indices
    true_divide trunc unbind unflatten unique unique_consecutive unravel_index unsqueeze var var_mean vdot vsplit vstack where
    xlogy zeros zeros_like""".split()
)
_METHODS = frozenset(  # PyTorch has these both as functions and as methods
    """
    abs_ acos_ acosh_ addmv_ arccos_ arccosh_ arcsin_ arcsinh_ arctan_ arctanh_ asin_ asinh_ atan_ atanh_ ceil_ clamp_
    clamp_max_ clamp_min_ clip_ cos_ cosh_ deg2rad_ erf_ erfc_ exp_ exp2_ expm1_ fill_ fix_ floor_ frac_ gcd_ lcm_ ldexp_ log_
    log10_ log1p_ log2_ logit_ nan_to_num_ neg_ negative_ rad2deg_ reciprocal_ round_ rsqrt_ sigmoid_ sin_ sinc_ sinh_ sqrt_
    square_ tan_ tanh_ trunc_ xlogy_ zero_""".split()
)
_ROOMS = (
    "accelerator", "amp", "backends", "cuda", "distributed", "distributions", "func", "jit", "linalg", "mps", "multiprocessing", "nn",
    "onnx", "optim", "serialization", "special", "types", "utils", "version", "viz", "xpu",
)  # fmt: skip

_ELSEWHERE = {name: room for room, names in {  # single names, of modules as late
    "serialization": "save load",
    "amp": "autocast is_autocast_enabled",
    "exact_mode": "exact",
    "nn.functional": """
        adaptive_avg_pool1d avg_pool1d bilinear celu channel_shuffle cosine_similarity group_norm hardshrink layer_norm max_pool1d max_pool2d
        max_pool3d pairwise_distance pixel_shuffle pixel_unshuffle prelu rms_norm selu threshold celu_ selu_ threshold_""",
    "settings": """
        are_deterministic_algorithms_enabled compile get_default_device get_float32_matmul_precision get_num_threads set_default_device
        set_default_tensor_type set_float32_matmul_precision set_num_interop_threads set_num_threads use_deterministic_algorithms""",
}.items() for name in names.split()}  # fmt: skip


@cache  # an operation may have several names
def _face(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of ops as this module shows it: it checks its arguments, and takes an `out` where PyTorch's does."""
    face = checked(function)
    if function.__name__ in _with_out:
        face = with_out(face)
    face.__module__, face.__qualname__ = __name__, face.__name__  # where pickle looks for it
    return face


def __getattr__(name: str) -> Any:
    found: Any
    if name in _ROOMS:
        found = import_module(f"{__name__}.{name}")
    elif name in _FUNCTIONS:
        found = _face(getattr(ops, name))
    elif name in _METHODS:
        found = _face(getattr(Tensor, name))
    elif name in _ELSEWHERE:
        found = getattr(import_module(f"{__name__}.{_ELSEWHERE[name]}"), name)
    else:
        raise Unknown(f"module '{__name__}'", name, __dir__)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_FUNCTIONS, *_METHODS, *_ELSEWHERE, *_ROOMS})


__getattr__("tensor")  # the function, over the module of that name
_NOT_EXPORTED = {*_ROOMS, *"Any Callable TYPE_CHECKING Unknown annotations cache checked import_module with_out".split()}
__all__ = [name for name in __dir__() if name[0] != "_" and name not in _NOT_EXPORTED]  # also what is late, for `from minigrad import *`
keep_freed_memory()
