"""Normalization: some elements made to have mean 0 and variance 1. What they are taken over makes it batch, layer, group or instance norm."""
from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..autograd.grad_mode import no_grad
from ..autograd.rule import Rule, apply
from ..autograd.variable import counter
from .copies import clone
from .family import constant, refuse

if TYPE_CHECKING:
    from ..tensor import Tensor

Ints = tuple[int, ...]


class NativeLayerNorm(Rule):
    """(x - mean) / sqrt(var + eps) * weight + bias, with mean and var taken over `dims` of x in `shape`.

    weight and bias come in their own shape along `affine`. The other two outputs are the mean and 1 / sqrt(var + eps); a second
    derivative flows through them, which is what grads[1] and grads[2] are.
    """

    tier = "T3"

    def forward(x, weight, bias, *, shape, dims, affine, over, eps):
        half = x.dtype == np.float16
        grouped = (x.astype(np.float32) if half else x).reshape(shape)
        count = math.prod([grouped.shape[d] for d in dims])
        mean = np.add.reduce(grouped, dims, keepdims=True) / grouped.dtype.type(count)
        centered = grouped - mean
        rstd = 1 / np.sqrt(np.add.reduce(centered * centered, dims, keepdims=True) / grouped.dtype.type(count) + grouped.dtype.type(eps))
        centered *= rstd
        out = scaled(centered.reshape(x.shape), weight, bias, affine)
        return (out.astype(x.dtype), mean.astype(x.dtype), rstd.astype(x.dtype)) if half else (out, mean, rstd)

    def grad_x(grads, x, weight, out1, out2, x_shape, shape, dims, affine):
        g = (grads[0] * weight.reshape(affine) if weight.ndim else grads[0]).reshape(shape)
        count = math.prod([g.shape[d] for d in dims])
        normal = (x.reshape(shape) - out1) * out2
        shift = out2 * np.mean(g, axis=dims, keepdims=True) - grads[1] / count
        slope = out2 * np.mean(g * normal, axis=dims, keepdims=True) + grads[2] * out2 * out2 / count
        return (out2 * g - shift - normal * slope).reshape(x_shape)

    def grad_weight(grads, x, weight_shape, out1, out2, shape, over):
        normal = ((x.reshape(shape) - out1) * out2).reshape(np.shape(grads[0]))
        return np.sum(grads[0] * normal, axis=over) if over else grads[0] * normal

    def grad_bias(grads, over):
        return np.sum(grads[0], axis=over) if over else grads[0]


class NativeBatchNorm(NativeLayerNorm):
    """Batch norm in training: over all dimensions but that of channels."""


class NativeGroupNorm(NativeLayerNorm):
    """Group norm: over some channels of one example."""


class BatchNormByStatistics(Rule):
    """Batch norm in evaluation: mean and var are given."""

    node_name = "NativeBatchNormBackward0"
    tier = "T3"

    def forward(x, weight, bias, mean, var, *, affine, over, eps):
        rstd = 1 / np.sqrt(var + var.dtype.type(eps))
        return scaled((x - mean.reshape(affine)) * rstd.reshape(affine), weight, bias, affine)

    def grad_x(grad, weight, var, affine, eps):
        scale = 1 / np.sqrt(var + eps)
        return grad * (scale * weight if weight.ndim else scale).reshape(affine)

    def grad_weight(grad, x, mean, var, affine, over, eps):
        return np.sum(grad * (x - mean.reshape(affine)), axis=over) / np.sqrt(var + eps)

    def grad_bias(grad, over):
        return np.sum(grad, axis=over)


def scaled(normal: np.ndarray, weight: np.ndarray, bias: np.ndarray, affine: Ints) -> np.ndarray:
    """weight * normal + bias. In the place of one that there is not stands a number."""
    if weight.ndim:
        normal = normal * weight.reshape(affine)
    if bias.ndim:
        normal = normal + bias.reshape(affine)
    return normal.astype(bias.dtype, copy=False) if weight.ndim and bias.ndim else normal


def present(x: Tensor | None, input: Tensor) -> Tensor:
    return constant(1, input.array.dtype) if x is None else x


# ---- functions


def batch_norm(input: Tensor, running_mean: Tensor | None, running_var: Tensor | None, weight: Tensor | None, bias: Tensor | None,
               training: bool, momentum: float, eps: float) -> Tensor:
    """Each channel of (N, C, *) normalized: by the batch's statistics, which move the running ones, or by those."""
    shape = input.array.shape
    if len(shape) < 2:
        if not input.array.size:
            return clone(input)
        raise IndexError(f"Dimension out of range (expected to be in range of [{-max(1, len(shape))}, {max(0, len(shape) - 1)}], but got 1)")
    given = {"running_mean": running_mean, "running_var": running_var, "weight": weight, "bias": bias}
    for name, x in given.items():
        if x is None and name.startswith("running") and not training:
            raise RuntimeError(f"{name} must be defined in evaluation mode")
        if x is not None and x.array.size != shape[1]:
            raise RuntimeError(f"{name} should contain {shape[1]} elements not {x.array.size}")
    refuse("batch_norm", "biu", input.array)
    check_mixed(input, *given.values())
    affine, over = (1, shape[1]) + (1,) * (len(shape) - 2), (0, *range(2, len(shape)))
    inputs = input, present(weight, input), present(bias, input)
    if not training:
        assert running_mean is not None and running_var is not None
        return apply(BatchNormByStatistics, *inputs, running_mean, running_var, affine=affine, over=over, eps=eps)
    out, mean, rstd = apply(NativeBatchNorm, *inputs, shape=shape, dims=over, affine=affine, over=over, eps=eps)
    count = input.array.size / max(shape[1], 1)
    if not count:  # an empty batch says nothing
        return out
    with no_grad():
        move(running_mean, mean.array.reshape(-1), momentum)
        if running_var is not None:
            var = 1 / np.square(rstd.array.reshape(-1), dtype=np.float64) - eps
            move(running_var, var * (count / max(count - 1, 1)), momentum)
    return out


def move(running: Tensor | None, now: np.ndarray, momentum: float) -> None:
    """The running statistic moved towards that of now."""
    if running is not None:
        running.array[...] = (1 - momentum) * running.array.astype(np.float64) + momentum * now
        counter(running)[0] += 1


def instance_norm(input: Tensor, running_mean: Tensor | None, running_var: Tensor | None, weight: Tensor | None, bias: Tensor | None,
                  use_input_stats: bool, momentum: float, eps: float) -> Tensor:
    """Each channel of each example of (N, C, *) normalized: as one batch norm, of N x C channels."""
    if not use_input_stats and (running_mean is None or running_var is None):
        raise RuntimeError("Expected running_mean and running_var to be defined when use_input_stats is false")
    n, c, *size = input.array.shape
    weight, bias = [None if x is None else x.repeat(n) for x in (weight, bias)]
    with no_grad():
        means, variances = [None if x is None else x.repeat(n) for x in (running_mean, running_var)]
    out = batch_norm(input.contiguous().view(1, n * c, *size), means, variances, weight, bias, use_input_stats, momentum, eps)
    with no_grad():
        for running, all_of_them in ((running_mean, means), (running_var, variances)):
            if running is not None and all_of_them is not None:
                running.copy_(all_of_them.view(n, c).mean(0))
    return out.view(n, c, *size)


def layer_norm(input: Tensor, normalized_shape: Any, weight: Tensor | None, bias: Tensor | None, eps: float) -> Tensor:
    """The last dimensions normalized."""
    size = check_shape(input, normalized_shape, weight, bias, "[*, {}]")
    refuse("LayerNormKernelImpl", "biu", input.array)
    check_mixed(input, weight, bias)
    shape = input.array.shape
    lead = len(shape) - len(size)
    dims, over = tuple(range(lead, len(shape))), tuple(range(lead))
    inputs = input, present(weight, input), present(bias, input)
    return apply(NativeLayerNorm, *inputs, shape=shape, dims=dims, affine=size, over=over, eps=eps)[0]


def group_norm(input: Tensor, num_groups: int, weight: Tensor | None, bias: Tensor | None, eps: float) -> Tensor:
    """The channels of (N, C, *) normalized in groups."""
    shape = input.array.shape
    if shape[1] % num_groups:
        raise RuntimeError(
            f"Expected number of channels in input to be divisible by num_groups, but got input of shape {list(shape)} and "
            f"num_groups={num_groups}"
        )
    for name, x in (("weight", weight), ("bias", bias)):
        if x is not None and x.array.shape != shape[1:2]:
            raise RuntimeError(
                f"Expected {name} to be a vector of size equal to the number of channels in input, but got {name} of shape "
                f"{list((x if weight is None else weight).array.shape)} and input of shape {list(shape)}"
            )
    refuse("GroupNormKernelImpl", "biu", input.array)
    check_mixed(input, weight, bias)
    groups = shape[0], num_groups, math.prod(shape[1:]) // num_groups
    affine, over = (1, shape[1]) + (1,) * (len(shape) - 2), (0, *range(2, len(shape)))
    inputs = input, present(weight, input), present(bias, input)
    return apply(NativeGroupNorm, *inputs, shape=groups, dims=(2,), affine=affine, over=over, eps=eps)[0]


def rms_norm(input: Tensor, normalized_shape: Any, weight: Tensor | None, eps: float | None) -> Tensor:
    """x / sqrt(mean x² + eps) over the last dimensions."""
    size = check_shape(input, normalized_shape, weight, None, "[*{}]")
    refuse("rms_norm", "biu", input.array)
    small = float(np.finfo(input.array.dtype).eps) if eps is None else eps
    dims = tuple(range(-len(size), 0))
    out = input * (input.pow(2).mean(dims, keepdim=True) + small).rsqrt()
    return out if weight is None else out * weight


def check_mixed(input: Tensor, *others: Tensor | None) -> None:
    if any([x is not None and x.array.dtype != input.array.dtype for x in others]):
        raise RuntimeError("mixed dtype (CPU): all inputs must share same datatype.")


def check_shape(input: Tensor, normalized_shape: Any, weight: Tensor | None, bias: Tensor | None, told: str) -> Ints:
    if not isinstance(normalized_shape, (tuple, list)):
        kind = type(normalized_shape).__name__
        raise TypeError(f"layer_norm(): argument 'normalized_shape' (position 2) must be tuple of ints, not {kind}")
    size = tuple(normalized_shape)
    if not size:
        raise RuntimeError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got normalized_shape = []"
        )
    for name, x in (("weight", weight), ("bias", bias)):
        if x is not None and x.array.shape != size:
            raise RuntimeError(
                f"Expected {name} to be of same shape as normalized_shape, but got {name} of shape {list(x.array.shape)} and "
                f"normalized_shape = {list(size)}"
            )
    shape = input.array.shape
    if shape[len(shape) - len(size) :] != size or len(shape) < len(size):
        wanted = told.format(", ".join(map(str, size)))
        raise RuntimeError(
            f"Given normalized_shape={list(size)}, expected input with shape {wanted}, but got input of size{list(shape)}"
        )
    return size
