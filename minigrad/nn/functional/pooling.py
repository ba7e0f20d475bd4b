"""Pooling: windows of signals (N, C, L), images (N, C, H, W) and volumes (N, C, D, H, W) made one number each. Without N too.

`stride` is that of the kernel unless given.
"""
from __future__ import annotations

from typing import Any

from ...ops import adaptive_pooling as adaptive
from ...ops import pooling
from ...ops.arguments import checked
from ...tensor import Tensor

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d", "adaptive_max_pool2d",
    "adaptive_max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d", "lp_pool1d", "lp_pool2d", "lp_pool3d", "max_pool1d",
    "max_pool2d", "max_pool3d", "max_unpool1d", "max_unpool2d", "max_unpool3d",
]

NUMBERS = {1: "one", 2: "two", 3: "three"}


def settings(name: str, n: int, kernel_size: Any, stride: Any, **others: Any) -> Any:
    """Kernel, stride and the others, each for all dimensions."""
    stride = kernel_size if stride is None or stride == [] or stride == () else stride
    given = {"kernel_size": kernel_size, "stride": stride, **others}
    return [tupled(name, n, key, value) for key, value in given.items()]


def tupled(name: str, n: int, key: str, value: Any) -> Any:
    values = (value,) * n if isinstance(value, int) else tuple(value) * (n if len(value) == 1 else 1)
    if len(values) != n:
        ints = f"a tuple of {NUMBERS[n]} int{'s' * (n > 1)}"
        omitted = "either be omitted, a single int" if key == "stride" else "either be a single int"
        raise RuntimeError(f"{name}: {key} must {omitted}, or {ints}")
    return values


# ---- maximum


@checked
def max_pool1d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
               ceil_mode: bool = False, return_indices: bool = False) -> Any:
    """The largest of each window. Mirrors torch.nn.functional.max_pool1d."""
    (k,), (s,), (p,), (d,) = settings("max_pool1d", 1, kernel_size, stride, padding=padding, dilation=dilation)
    if input.dim() not in (2, 3) or 0 in input.shape[-2:]:
        raise RuntimeError(
            "max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but "
            f"got:{list(input.shape)}"
        )
    if not return_indices:
        check_max_pool1d(input.shape[-1], k, s, p, d, ceil_mode)
    out, indices = pooling.max_pool(input.unsqueeze(-2), (1, k), (1, s), (0, p), (1, d), ceil_mode)
    return (out.squeeze(-2), indices.tensor().squeeze(-2)) if return_indices else out.squeeze(-2)


def check_max_pool1d(n: int, k: int, s: int, p: int, d: int, ceil_mode: bool) -> None:
    for key, value in (("kernel_size", k), ("stride", s), ("dilation", d)):
        if value < 1:
            raise RuntimeError(f"max_pool1d() {key} must be greater than zero, but got {value}")
    if p < 0:
        raise RuntimeError(f"max_pool1d() padding must be non-negative, but got {p}")
    if p > k // 2:
        raise RuntimeError(
            f"max_pool1d() padding should be at most half of kernel size, but got padding={p} and kernel_size={k}"
        )
    count = pooling.Space((n,), (k,), (s,), (p,), (d,), ceil_mode).count[0]
    if count < 1:
        raise RuntimeError(f"max_pool1d() Invalid computed output size: {count}")


@checked
def max_pool2d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
               ceil_mode: bool = False, return_indices: bool = False) -> Any:
    """The largest of each window. Mirrors torch.nn.functional.max_pool2d."""
    kernel, steps, margin, spread = settings("max_pool2d", 2, kernel_size, stride, padding=padding, dilation=dilation)
    out, indices = pooling.max_pool(input, kernel, steps, margin, spread, ceil_mode)
    return (out, indices.tensor()) if return_indices else out


@checked
def max_pool3d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
               ceil_mode: bool = False, return_indices: bool = False) -> Any:
    """The largest of each window. Mirrors torch.nn.functional.max_pool3d."""
    kernel, steps, margin, spread = settings("max_pool3d", 3, kernel_size, stride, padding=padding, dilation=dilation)
    out, indices = pooling.max_pool(input, kernel, steps, margin, spread, ceil_mode)
    return (out, indices.tensor()) if return_indices else out


def max_unpool1d(input: Tensor, indices: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0,
                 output_size: Any = None) -> Tensor:
    """The partial inverse of max_pool1d: zeros but for the largest. Mirrors torch.nn.functional.max_unpool1d."""
    size = unpooled_size(input, settings("max_unpool1d", 1, kernel_size, stride, padding=padding), output_size)
    return adaptive.max_unpool(input.unsqueeze(-1), indices.unsqueeze(-1), (*size, 1)).squeeze(-1)


def max_unpool2d(input: Tensor, indices: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0,
                 output_size: Any = None) -> Tensor:
    """The partial inverse of max_pool2d: zeros but for the largest. Mirrors torch.nn.functional.max_unpool2d."""
    size = unpooled_size(input, settings("max_unpool2d", 2, kernel_size, stride, padding=padding), output_size)
    return adaptive.max_unpool(input, indices, size)


def max_unpool3d(input: Tensor, indices: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0,
                 output_size: Any = None) -> Tensor:
    """The partial inverse of max_pool3d: zeros but for the largest. Mirrors torch.nn.functional.max_unpool3d."""
    size = unpooled_size(input, settings("max_unpool3d", 3, kernel_size, stride, padding=padding), output_size)
    return adaptive.max_unpool(input, indices, size)


def unpooled_size(input: Tensor, window: Any, output_size: Any) -> tuple[int, ...]:
    kernel, stride, padding = window
    n = len(kernel)
    default = [(m - 1) * s + k - 2 * p for m, k, s, p in zip(input.shape[-n:], kernel, stride, padding)]
    if output_size is None:
        return tuple(default)
    if len(output_size) == n + 2:
        output_size = output_size[2:]
    if len(output_size) != n:
        raise ValueError(
            f"output_size should be a sequence containing {n} or {n + 2} elements, but it has a length of '{len(output_size)}'"
        )
    for d, (size, usual, s) in enumerate(zip(output_size, default, stride)):
        if not usual - s < size < usual + s:
            raise ValueError(f'invalid output_size "{output_size}" (dim {d} must be between {usual - s} and {usual + s})')
    return tuple(output_size)


# ---- mean


@checked
def avg_pool1d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
               count_include_pad: bool = True) -> Tensor:
    """The mean of each window. Mirrors torch.nn.functional.avg_pool1d."""
    (k,), (s,), (p,) = settings("avg_pool1d", 1, kernel_size, stride, padding=padding)
    check_dims("avg_pool1d", input)
    out = pooling.avg_pool(input.unsqueeze(-2), (1, k), (1, s), (0, p), ceil_mode, count_include_pad, None)
    return out.squeeze(-2)


@checked
def avg_pool2d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
               count_include_pad: bool = True, divisor_override: int | None = None) -> Tensor:
    """The mean of each window. Mirrors torch.nn.functional.avg_pool2d."""
    kernel, steps, margin = settings("avg_pool2d", 2, kernel_size, stride, padding=padding)
    return pooling.avg_pool(input, kernel, steps, margin, ceil_mode, count_include_pad, divisor_override)


@checked
def avg_pool3d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
               count_include_pad: bool = True, divisor_override: int | None = None) -> Tensor:
    """The mean of each window. Mirrors torch.nn.functional.avg_pool3d."""
    kernel, steps, margin = settings("avg_pool3d", 3, kernel_size, stride, padding=padding)
    return pooling.avg_pool(input, kernel, steps, margin, ceil_mode, count_include_pad, divisor_override)


def check_dims(name: str, input: Tensor) -> None:
    if input.dim() not in (2, 3):
        raise RuntimeError(
            f"Expected 2 to 3 dimensions, but got {input.dim()}-dimensional tensor for argument #1 'self' (while checking "
            f"arguments for {name})"
        )


# ---- power average


def lp_pool1d(input: Tensor, norm_type: float, kernel_size: int, stride: Any = None, ceil_mode: bool = False) -> Tensor:
    """The p-norm of each window. Mirrors torch.nn.functional.lp_pool1d."""
    return lp_pool(1, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d(input: Tensor, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Tensor:
    """The p-norm of each window. Mirrors torch.nn.functional.lp_pool2d."""
    return lp_pool(2, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool3d(input: Tensor, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Tensor:
    """The p-norm of each window. Mirrors torch.nn.functional.lp_pool3d."""
    return lp_pool(3, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool(n: int, input: Tensor, norm_type: float, kernel_size: Any, stride: Any, ceil_mode: bool) -> Tensor:
    largest, mean = MAX_POOL[n], AVG_POOL[n]
    if norm_type == float("inf"):
        return largest(input.abs(), kernel_size, stride, 0, 1, ceil_mode)
    if norm_type == -float("inf"):
        return -largest(-input.abs(), kernel_size, stride, 0, 1, ceil_mode)
    count = 1
    for k in tupled(f"lp_pool{n}d", n, "kernel_size", kernel_size):
        count *= k
    out = mean(input.pow(norm_type), kernel_size, stride, 0, ceil_mode)
    return (out.sign() * out.abs().relu()).mul(count).pow(1.0 / norm_type)


MAX_POOL = {1: max_pool1d, 2: max_pool2d, 3: max_pool3d}
AVG_POOL = {1: avg_pool1d, 2: avg_pool2d, 3: avg_pool3d}


# ---- adaptive: so many windows


@checked
def adaptive_avg_pool1d(input: Tensor, output_size: Any) -> Tensor:
    """The means of `output_size` windows. Mirrors torch.nn.functional.adaptive_avg_pool1d."""
    size = one_size("adaptive_avg_pool1d", output_size)
    check_dims("adaptive_avg_pool1d", input)
    return adaptive.adaptive_avg_pool(input.unsqueeze(-2), (1, size)).squeeze(-2)


@checked
def adaptive_avg_pool2d(input: Tensor, output_size: Any) -> Tensor:
    """The means of `output_size` windows; None for as many as pixels. Mirrors torch.nn.functional.adaptive_avg_pool2d."""
    return adaptive.adaptive_avg_pool(input, sizes("adaptive_avg_pool2d: output_size must be 2", 2, input, output_size))


@checked
def adaptive_avg_pool3d(input: Tensor, output_size: Any) -> Tensor:
    """The means of `output_size` windows; None for as many as pixels. Mirrors torch.nn.functional.adaptive_avg_pool3d."""
    return adaptive.adaptive_avg_pool(input, sizes("adaptive_avg_pool3d: output_size must be 3", 3, input, output_size))


def adaptive_max_pool1d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """The largest of `output_size` windows. Mirrors torch.nn.functional.adaptive_max_pool1d."""
    size = one_size("adaptive_max_pool1d", output_size)
    check_dims("adaptive_max_pool1d", input)
    both = [x.squeeze(-2) for x in adaptive.adaptive_max_pool(input.unsqueeze(-2), (1, size))]
    return tuple(both) if return_indices else both[0]


def adaptive_max_pool2d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """The largest of `output_size` windows. Mirrors torch.nn.functional.adaptive_max_pool2d."""
    wrong = "adaptive_max_pool2d(): internal error: output_size.size() must be 2"
    both = adaptive.adaptive_max_pool(input, sizes(wrong, 2, input, output_size))
    return both if return_indices else both[0]


def adaptive_max_pool3d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """The largest of `output_size` windows. Mirrors torch.nn.functional.adaptive_max_pool3d."""
    wrong = "adaptive_max_pool3d(): internal error: output_size.size() must be 3"
    both = adaptive.adaptive_max_pool(input, sizes(wrong, 3, input, output_size))
    return both if return_indices else both[0]


def one_size(name: str, output_size: Any) -> int:
    if isinstance(output_size, int):
        return output_size
    if len(output_size) != 1:
        raise RuntimeError(f"{name}() argument 'output_size' should contain one int (got {len(output_size)})")
    return output_size[0]


def sizes(wrong: str, n: int, input: Tensor, output_size: Any) -> tuple[int, ...]:
    if isinstance(output_size, int):
        return (output_size,) * n
    if input.dim() <= len(output_size):
        raise ValueError(f"Input dimension should be at least {len(output_size) + 1}")
    if len(output_size) != n:
        raise RuntimeError(wrong)
    return tuple([size if given is None else given for given, size in zip(output_size, input.shape[-n:])])
