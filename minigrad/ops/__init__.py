"""The operations, a file per family: rules (the mathematics), and the functions made from them.

A family is imported when one of its functions is first asked for, so that `import minigrad` is quick.
"""
# ruff: noqa: F403
# mypy: disable-error-code="assignment"
# (Some families have helpers of one name; what is reached from here are the functions.)
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # for editors and type checkers, which do not ask __getattr__
    from .activation import *
    from .arithmetic import *
    from .arranged import *
    from .axes import *
    from .broadcast import *
    from .compare import *
    from .contraction import *
    from .convolution import *
    from .copies import *
    from .creation import *
    from .cumulative import *
    from .data import *
    from .decompositions import *
    from .elementary import *
    from .equations import *
    from .extremes import *
    from .gathering import *
    from .indexing import *
    from .linalg import *
    from .loss import *
    from .masking import *
    from .multiply_add import *
    from .noise import *
    from .norms import *
    from .older_names import *
    from .order import *
    from .padding import *
    from .pairs import *
    from .parts import *
    from .pathwise import *
    from .powers import *
    from .products import *
    from .rearrange import *
    from .reduce import *
    from .rounding import *
    from .sampling import *
    from .sampling_in_place import *
    from .scatter_reductions import *
    from .scattered import *
    from .searching import *
    from .selection import *
    from .shape import *
    from .shape_in_place import *
    from .slices import *
    from .softmaxes import *
    from .special import *
    from .spread import *
    from .statistics import *
    from .vector_norm import *

FAMILIES = {
    "activation": "relu_ relu silu_ silu leaky_relu leaky_relu_ elu softplus hardtanh",
    "arithmetic": """
        mul mul_ floor_divide floor_divide_ remainder remainder_ fmod fmod_ reciprocal reciprocal_ neg neg_ abs abs_ sign sign_
        deg2rad deg2rad_ rad2deg rad2deg_ add add_ sub sub_ rsub div div_ divide multiply subtract true_divide absolute negative
        sgn positive""",
    "arranged": """
        atleast_1d atleast_2d atleast_3d dstack column_stack block_diag cartesian_prod combinations diag_embed diagflat
        tensor_split dsplit hsplit vsplit fliplr flipud rot90 sum_to_size""",
    "axes": "t transpose swapaxes swapdims permute movedim moveaxis",
    "broadcast": "expand expand_as broadcast_to broadcast_tensors broadcast_shapes meshgrid",
    "compare": """
        eq eq_ ne ne_ lt lt_ le le_ gt gt_ ge ge_ logical_and logical_and_ logical_or logical_or_ logical_xor logical_xor_
        bitwise_and bitwise_and_ bitwise_or bitwise_or_ bitwise_xor bitwise_xor_ bitwise_left_shift bitwise_left_shift_
        bitwise_right_shift bitwise_right_shift_ logical_not logical_not_ bitwise_not bitwise_not_ isnan isinf isfinite signbit
        isneginf isposinf isreal greater greater_equal less less_equal not_equal equal isclose allclose is_tensor""",
    "contraction": "einsum tensordot",
    "convolution": "conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d",
    "copies": "clone copy_ fill_ zero_",
    "creation": """
        zeros ones empty full arange linspace logspace eye tril_indices triu_indices zeros_like ones_like empty_like full_like
        new_zeros new_ones new_empty new_full""",
    "cumulative": "cumsum cumprod",
    "data": "tensor as_tensor asarray from_numpy scalar_tensor new_tensor is_floating_point",
    "elementary": """
        exp exp_ expm1 expm1_ log log_ log1p log1p_ log2 log2_ log10 log10_ sin sin_ cos cos_ tan tan_ atan atan_ tanh tanh_
        sigmoid sigmoid_ exp2 exp2_ asin asin_ acos acos_ sinh sinh_ cosh cosh_ asinh asinh_ acosh acosh_ atanh atanh_ arccos
        arcsin arctan arctan_ arcsin_ arccos_ arccosh arcsinh arctanh arcsinh_ arccosh_ arctanh_""",
    "equations": "logdet matrix_power",
    "extremes": "maximum minimum clamp clamp_ clamp_min clamp_max clamp_min_ clamp_max_ clip clip_",
    "gathering": "gather take_along_dim scatter scatter_ scatter_add scatter_add_ take",
    "indexing": "index_put index_put_ masked_select",
    "linalg": "dot mv mm addmm bmm baddbmm outer ger matmul linear",
    "loss": "mse_loss smooth_l1_loss huber_loss binary_cross_entropy binary_cross_entropy_with_logits nll_loss",
    "masking": "nan_to_num nan_to_num_ where masked_fill masked_fill_",
    "multiply_add": "lerp lerp_ addcmul addcmul_ addcdiv addcdiv_",
    "noise": """
        dropout_ dropout feature_dropout_ feature_dropout alpha_dropout_ alpha_dropout feature_alpha_dropout_
        feature_alpha_dropout rrelu rrelu_""",
    "norms": "norm",
    "older_names": "inverse det slogdet cholesky qr svd pinverse",
    "order": "kthvalue mode nanmedian msort cummax cummin logcumsumexp aminmax nansum nanmean nanquantile quantile",
    "padding": "constant_pad_nd",
    "pairs": """
        atan2 atan2_ hypot hypot_ copysign copysign_ logaddexp logaddexp2 fmax fmin heaviside heaviside_ nextafter nextafter_ gcd
        gcd_ lcm lcm_ arctan2 arctan2_ float_power float_power_ ldexp""",
    "parts": """
        diagonal select narrow split split_with_sizes chunk unbind diag unfold cat concat stack hstack vstack concatenate""",
    "pathwise": "standard_gamma sample_dirichlet",
    "powers": "sqrt sqrt_ rsqrt rsqrt_ pow pow_ square",
    "products": "vdot inner cross kron trace addmv addr addbmm cdist",
    "rearrange": "repeat tile repeat_interleave flip roll tril triu",
    "reduce": "sum mean prod all any count_nonzero",
    "rounding": "floor floor_ ceil ceil_ trunc trunc_ frac frac_ fix fix_ round round_",
    "sampling": "rand randn randint randperm rand_like randn_like randint_like normal bernoulli poisson binomial multinomial",
    "sampling_in_place": "uniform_ normal_ log_normal_ exponential_ cauchy_ geometric_ bernoulli_ random_",
    "scatter_reductions": "scatter_reduce scatter_reduce_",
    "scattered": """
        as_strided as_strided_ diagonal_scatter select_scatter slice_scatter as_strided_scatter masked_scatter put unravel_index
        isin unique_consecutive""",
    "searching": "nonzero argwhere one_hot unique searchsorted bucketize bincount",
    "selection": "max min amax amin argmax argmin sort argsort topk median",
    "shape": """
        numel view reshape view_as reshape_as flatten ravel unflatten unsqueeze squeeze contiguous real conj resolve_conj
        resolve_neg""",
    "shape_in_place": "t_ transpose_ swapaxes_ unsqueeze_ squeeze_ swapdims_",
    "slices": "index_select index_add index_add_ index_copy index_copy_ index_fill index_fill_",
    "softmaxes": "softmax log_softmax logsumexp",
    "special": "erf erf_ erfc erfc_ erfinv erfinv_ sinc sinc_ lgamma lgamma_ digamma digamma_ xlogy logit polygamma",
    "spread": "var std var_mean std_mean",
    "statistics": "diff cov corrcoef histc",
    "vector_norm": "dist",
}
FAMILY_OF = {name: family for family, names in FAMILIES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in FAMILY_OF:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    function = globals()[name] = getattr(import_module(f"{__name__}.{FAMILY_OF[name]}"), name)
    return function


def __dir__() -> list[str]:
    return sorted({*globals(), *FAMILY_OF})
