"""Keeping gradients from growing too large. Mirrors torch.nn.utils.clip_grad.

`parameters` is an iterable of tensors, or one; those without gradient do not count. `foreach` cannot change a result here.
"""
from __future__ import annotations

import warnings
from collections.abc import Iterable

import numpy as np

from ... import ops
from ...autograd.grad_mode import no_grad
from ...tensor import Tensor


@no_grad()
def get_total_norm(
    tensors: Tensor | Iterable[Tensor],
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """The norm of all tensors together, as if they were one vector: the norm of their norms."""
    norm_type = float(norm_type)
    norms = [ops.norm(tensor, norm_type) for tensor in as_list(tensors)]
    if not norms:
        return ops.tensor(0.0)
    total_norm = ops.norm(ops.stack(norms), norm_type)
    if error_if_nonfinite and not np.isfinite(total_norm.array):
        raise RuntimeError(
            f"The total norm of order {norm_type} for gradients from `parameters` is non-finite, so it cannot be clipped. To "
            "disable this error and scale the gradients by the non-finite norm anyway, set `error_if_nonfinite=False`"
        )
    return total_norm


@no_grad()
def clip_grads_with_norm_(
    parameters: Tensor | Iterable[Tensor], max_norm: float, total_norm: Tensor, foreach: bool | None = None
) -> None:
    """Multiply all gradients by max_norm / total_norm, if that is less than 1."""
    factor = (float(max_norm) / (total_norm + 1e-6)).clamp(max=1.0).array
    for grad in gradients(parameters):
        grad.array *= factor.astype(grad.array.dtype, copy=False)
        grad._counter[0] += 1


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scale all gradients down, so that their total norm is at most `max_norm`. Returns the norm they had."""
    listed = as_list(parameters)
    if not listed and hasattr(parameters, "gi_frame"):
        warnings.warn("`parameters` is an empty generator, no gradient clipping will occur.", stacklevel=2)
    total_norm = get_total_norm(gradients(listed), norm_type, error_if_nonfinite, foreach)
    clip_grads_with_norm_(listed, max_norm, total_norm, foreach)
    return total_norm


def clip_grad_norm(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """The old name of `clip_grad_norm_`."""
    warnings.warn(
        "`torch.nn.utils.clip_grad_norm` is now deprecated in favor of `torch.nn.utils.clip_grad_norm_`.",
        FutureWarning,
        stacklevel=2,
    )
    return clip_grad_norm_(parameters, max_norm, norm_type, error_if_nonfinite, foreach)


def clip_grad_value_(
    parameters: Tensor | Iterable[Tensor], clip_value: float, foreach: bool | None = None
) -> None:
    """Clamp every entry of the gradients to [-clip_value, clip_value]."""
    clip_value = float(clip_value)
    for grad in gradients(parameters):
        np.clip(grad.array, -clip_value, clip_value, out=grad.array)
        grad._counter[0] += 1


def as_list(tensors: Tensor | Iterable[Tensor]) -> list[Tensor]:
    return [tensors] if isinstance(tensors, Tensor) else list(tensors)


def gradients(parameters: Tensor | Iterable[Tensor]) -> list[Tensor]:
    """The gradients of those that have one."""
    return [parameter.grad for parameter in as_list(parameters) if parameter.grad is not None]
