"""minigrad: an autograd engine from scratch on NumPy, for learning, with PyTorch's names.

`import minigrad as torch` works. Read autograd/rule.py and autograd/engine.py first, then a family in ops/, then nn/ and optim/.
"""
from __future__ import annotations

from types import FunctionType
from typing import Any

from .tensor import Tensor  # isort: skip  (first, for the function `tensor` below shall win over the module of that name)
from . import autograd
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
from .ops.activation import relu, relu_
from .ops.arguments import checked
from .ops.arithmetic import (
    abs,
    absolute,
    add,
    deg2rad,
    div,
    divide,
    floor_divide,
    fmod,
    mul,
    multiply,
    neg,
    negative,
    positive,
    rad2deg,
    reciprocal,
    remainder,
    rsub,
    sgn,
    sign,
    sub,
    subtract,
    true_divide,
)
from .ops.arranged import (
    atleast_1d,
    atleast_2d,
    atleast_3d,
    block_diag,
    cartesian_prod,
    column_stack,
    combinations,
    diag_embed,
    diagflat,
    dsplit,
    dstack,
    fliplr,
    flipud,
    hsplit,
    rot90,
    tensor_split,
    vsplit,
)
from .ops.compare import (
    allclose,
    bitwise_and,
    bitwise_left_shift,
    bitwise_not,
    bitwise_or,
    bitwise_right_shift,
    bitwise_xor,
    eq,
    equal,
    ge,
    greater,
    greater_equal,
    gt,
    is_tensor,
    isclose,
    isfinite,
    isinf,
    isnan,
    isneginf,
    isposinf,
    isreal,
    le,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    lt,
    ne,
    not_equal,
    signbit,
)
from .ops.contraction import einsum, tensordot
from .ops.convolution import conv1d, conv2d, conv3d, conv_transpose1d, conv_transpose2d, conv_transpose3d
from .ops.copies import clone
from .ops.creation import (
    arange,
    empty,
    empty_like,
    eye,
    full,
    full_like,
    linspace,
    logspace,
    ones,
    ones_like,
    tril_indices,
    triu_indices,
    zeros,
    zeros_like,
)
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
    as_tensor,
    asarray,
    from_numpy,
    is_floating_point,
    scalar_tensor,
    tensor,
)
from .ops.decompositions import inverse, logdet, matrix_power, pinverse
from .ops.decompositions import old_cholesky as cholesky
from .ops.decompositions import old_det as det
from .ops.decompositions import old_qr as qr
from .ops.decompositions import old_slogdet as slogdet
from .ops.decompositions import old_svd as svd
from .ops.devices import device
from .ops.dropout import (
    alpha_dropout,
    alpha_dropout_,
    dropout,
    dropout_,
    feature_alpha_dropout,
    feature_alpha_dropout_,
    feature_dropout,
    feature_dropout_,
)
from .ops.elementary import (
    acos,
    acosh,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctanh,
    asin,
    asinh,
    atan,
    atanh,
    cos,
    cosh,
    exp,
    exp2,
    expm1,
    log,
    log1p,
    log2,
    log10,
    sigmoid,
    sin,
    sinh,
    tan,
    tanh,
)
from .ops.extremes import (
    clamp,
    clamp_max,
    clamp_min,
    clip,
    maximum,
    minimum,
)
from .ops.gathering import (
    gather,
    index_add,
    index_copy,
    index_fill,
    index_select,
    scatter,
    scatter_add,
    take,
    take_along_dim,
)
from .ops.indexing import index_put, index_put_, masked_select
from .ops.layouts import contiguous_format, layout, memory_format, preserve_format, strided
from .ops.linalg import addmm, baddbmm, bmm, dot, ger, matmul, mm, mv, outer
from .ops.masking import (
    masked_fill,
    nan_to_num,
    where,
)
from .ops.multiply_add import addcdiv, addcmul, lerp
from .ops.norms import norm
from .ops.order import (
    aminmax,
    cummax,
    cummin,
    kthvalue,
    logcumsumexp,
    mode,
    msort,
    nanmean,
    nanmedian,
    nanquantile,
    nansum,
    quantile,
)
from .ops.out import NAMES as _with_out
from .ops.out import with_out
from .ops.padding import constant_pad_nd
from .ops.pairs import (
    arctan2,
    atan2,
    copysign,
    float_power,
    fmax,
    fmin,
    gcd,
    heaviside,
    hypot,
    lcm,
    ldexp,
    logaddexp,
    logaddexp2,
    nextafter,
)
from .ops.parts import (
    cat,
    chunk,
    concat,
    concatenate,
    diag,
    diagonal,
    hstack,
    narrow,
    select,
    split,
    split_with_sizes,
    stack,
    unbind,
    vstack,
)
from .ops.powers import pow, rsqrt, sqrt, square
from .ops.products import (
    addbmm,
    addmv,
    addr,
    cdist,
    cross,
    inner,
    kron,
    trace,
    vdot,
)
from .ops.rearrange import flip, repeat_interleave, roll, tile, tril, triu
from .ops.reduce import (
    all,
    amax,
    amin,
    any,
    argmax,
    argmin,
    argsort,
    count_nonzero,
    cumprod,
    cumsum,
    dist,
    log_softmax,
    logsumexp,
    max,
    mean,
    median,
    min,
    prod,
    softmax,
    sort,
    std,
    std_mean,
    sum,
    topk,
    var,
    var_mean,
)
from .ops.reduced import scatter_reduce
from .ops.rounding import (
    ceil,
    fix,
    floor,
    frac,
    round,
    trunc,
)
from .ops.rrelu import rrelu, rrelu_
from .ops.sampling import (
    bernoulli,
    binomial,
    multinomial,
    normal,
    poisson,
    rand,
    rand_like,
    randint,
    randint_like,
    randn,
    randn_like,
    randperm,
)
from .ops.scattered import (
    as_strided,
    as_strided_scatter,
    diagonal_scatter,
    isin,
    masked_scatter,
    put,
    select_scatter,
    slice_scatter,
    unique_consecutive,
    unravel_index,
)
from .ops.searching import argwhere, bincount, bucketize, nonzero, searchsorted, unique
from .ops.shape import (
    Size,
    broadcast_shapes,
    broadcast_tensors,
    broadcast_to,
    flatten,
    meshgrid,
    moveaxis,
    movedim,
    numel,
    permute,
    ravel,
    real,
    reshape,
    squeeze,
    swapaxes,
    swapdims,
    t,
    transpose,
    unflatten,
    unsqueeze,
)
from .ops.special import (
    digamma,
    erf,
    erfc,
    erfinv,
    lgamma,
    logit,
    polygamma,
    sinc,
    xlogy,
)
from .ops.statistics import corrcoef, cov, diff, histc
from .random import Generator, default_generator, get_rng_state, initial_seed, manual_seed, seed, set_rng_state
from .version import __version__ as __version__

inf, nan, pi, e, newaxis = 1e999, 1e999 - 1e999, 3.141592653589793, 2.718281828459045, None

conj = resolve_conj = resolve_neg = real
for _name in """
    abs acos acosh addmv arccos arccosh arcsin arcsinh arctan arctanh asin asinh atan atanh ceil clamp clamp_max clamp_min clip cos cosh
    deg2rad erf erfc exp2 exp expm1 fill fix floor frac gcd lcm ldexp log10 log1p log2 log logit nan_to_num neg negative rad2deg
    reciprocal round rsqrt sigmoid sin sinc sinh sqrt square tan tanh trunc xlogy zero""".split():
    globals()[f"{_name}_"] = getattr(Tensor, f"{_name}_")  # PyTorch has these both as functions and as methods
detach = Tensor.detach

_faces: dict[Any, Any] = {}  # an operation may have several names
for _name, _function in list(globals().items()):
    if isinstance(_function, FunctionType) and _function not in (checked, with_out):
        _face = checked(_function)
        _face = globals()[_name] = _faces.setdefault(_function, with_out(_face) if _name in _with_out else _face)
        _face.__module__, _face.__qualname__ = __name__, _face.__name__  # where pickle looks for it

_ROOMS = (  # imported when first asked for, so that `import minigrad` is quick
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

keep_freed_memory()


def __getattr__(name: str) -> Any:
    from importlib import import_module  # already loaded by the interpreter

    if name in _ROOMS:
        return import_module(f"{__name__}.{name}")
    if name in _ELSEWHERE:
        return getattr(import_module(f"{__name__}.{_ELSEWHERE[name]}"), name)
    raise Unknown(f"module '{__name__}'", name, lambda: [*globals(), *_ROOMS])
