"""Names that are not here: why PyTorch's are left out on purpose, and what there is instead of an unknown one."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

# Each reason, and the names (or beginnings of names, with a *) it is for.
REASONS = {
    "minigrad has no complex numbers": """
        complex* cfloat cdouble chalf polar angle imag view_as_complex view_as_real is_conj is_neg conj_physical fft fft.* stft istft
        linalg.eig linalg.eigvals linalg.lu* linalg.ldl* view_as_complex* torch.view_as*""",
    "minigrad's tensors are dense: there are no sparse ones": """
        sparse* to_sparse* sspaddmm smm hspmm to_dense coalesce is_coalesced crow_indices col_indices ccol_indices row_indices
        to_mkldnn mkldnn*""",
    "NumPy has no such dtype; use float16 to store and float32 to compute": "bfloat16 float8* uint1 uint2 uint4 bits*",
    "minigrad computes on the CPU, in NumPy": "mps xpu mtia hpu xla vulkan cudnn* miopen* cuda_* record_stream",
    "minigrad computes at once and compiles nothing": "compile compiler jit fx export _dynamo jiterator* vmap func cond while_loop",
    "quantized tensors are for deployment": "quantize* dequantize fake_quantize* q_* int_repr qint* quint*",
    "named dimensions never left PyTorch's prototype": "rename* align_to align_as refine_names names has_names align_tensors",
    "LAPACK's packed factors are left out: use linalg.solve, inv, qr, cholesky, svd or eigh": """
        lu* lstsq ormqr geqrf orgqr linalg.householder_product cholesky_inverse cholesky_solve triangular_solve
        linalg.vander pca_lowrank svd_lowrank lobpcg matrix_exp linalg.matrix_exp""",
    "a copy of a view: call clone() on the view": """
        *_copy unsafe_split unsafe_chunk unsafe_split_with_sizes split_with_sizes_copy slice""",
    "an internal name of PyTorch's": "_* torch.* to_padded_tensor segment_reduce native_* *_backward hash_tensor alias* ops",
    "for processing signals or images, not in the everyday operators": """
        signal* grid_sampler* *upsample* histogram histogramdd renorm bartlett_window blackman_window hamming_window hann_window
        kaiser_window constant_pad_nd trapezoid trapz cumulative_trapezoid gradient vander""",
    "a special function beyond erf, lgamma and digamma": "special* i0* igamma* mvlgamma frexp",
    "masked.* never left PyTorch's prototype": "masked.*",
    "draws in place only: use the method that ends in _": "cauchy exponential geometric log_normal uniform fill",
    "a layer or a loss beyond the everyday ones": "nn.functional.*",
    "resizing would change memory that views share: make a new tensor": "resize* empty_strided new_empty_strided empty_permuted set_",
    "rarely used: scatter_reduce and nonzero do the same": "index_reduce* nonzero_static",
}


def matches(name: str, pattern: str) -> bool:
    if pattern.startswith("*"):
        return name.endswith(pattern[1:]) if not pattern.endswith("*") else pattern[1:-1] in name
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


def reason(name: str) -> str | None:
    """Why a name of PyTorch's is left out; None if that is not on purpose."""
    for why, patterns in REASONS.items():
        if any([matches(name, pattern) for pattern in patterns.split()]):
            return why
    return None


class Unknown(AttributeError):
    """An unknown name. What is closest to it is looked for only when somebody reads the message."""

    def __init__(self, owner: str, name: str, names: Callable[[], Iterable[str]]) -> None:
        super().__init__()
        self.owner, self.unknown, self.names = owner, name, names

    def __str__(self) -> str:
        from difflib import get_close_matches  # when it is needed, for it takes milliseconds

        text, why = f"{self.owner} has no attribute '{self.unknown}'", reason(self.unknown)
        if why and not self.unknown.startswith("_"):
            return f"{text}: {why}"
        close = get_close_matches(self.unknown, [name for name in self.names() if not name.startswith("_")], 1)
        return f"{text}. Did you mean '{close[0]}'?" if close else text

    def __reduce__(self) -> Any:
        return AttributeError, (str(self),)


Unknown.__name__ = Unknown.__qualname__ = "AttributeError"
