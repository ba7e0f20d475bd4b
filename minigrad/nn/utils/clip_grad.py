"""Keeping gradients from growing too large. Mirrors torch.nn.utils.clip_grad.

`parameters` is an iterable of tensors, or one; those without gradient do not count. `foreach` changes nothing here.
"""
from __future__ import annotations

import warnings
from collections.abc import Iterable

import numpy as np

from ... import dtypes
from ...autograd.grad_mode import quiet
from ...autograd.rule import on
from ...autograd.variable import counter, wrap
from ...ops import tensor
from ...ops.vector_norm import VectorNorm
from ...tensor import Tensor


def get_total_norm(tensors: Tensor | Iterable[Tensor], norm_type: float = 2.0, error_if_nonfinite: bool = False,
                   foreach: bool | None = None) -> Tensor:
    """The norm of all tensors together, as if they were one vector: the norm of their norms."""
    norm_type = float(norm_type)
    with quiet():
        norms = [norm(x.array, norm_type) for x in as_list(tensors)]
        if not norms:
            return tensor(0.0)
        total_norm = norm(np.array(norms), norm_type)
    if error_if_nonfinite and not np.isfinite(total_norm):
        raise RuntimeError(
            f"The total norm of order {norm_type} for gradients from `parameters` is non-finite, so it cannot be "
            "clipped. To disable this error and scale the gradients by the non-finite norm anyway, "
            "set `error_if_nonfinite=False`"
        )
    return wrap(np.asarray(total_norm))


def clip_grads_with_norm_(parameters: Tensor | Iterable[Tensor], max_norm: float, total_norm: Tensor,
                          foreach: bool | None = None) -> None:
    """Multiply all gradients by max_norm / total_norm, if that is less than 1."""
    total = total_norm.array
    number = total.dtype.type
    with quiet():
        # max_norm / (total + 1e-6), which PyTorch computes as a product with the reciprocal
        factor = np.minimum(number(1) / (total + number(1e-6)) * number(max_norm), number(1))
        for grad in gradients(parameters):
            grad.array *= factor.astype(grad.array.dtype)
            counter(grad)[0] += 1


def clip_grad_norm_(parameters: Tensor | Iterable[Tensor], max_norm: float, norm_type: float = 2.0,
                    error_if_nonfinite: bool = False, foreach: bool | None = None) -> Tensor:
    """Scale all gradients down, so that their total norm is at most `max_norm`. Returns the norm they had."""
    listed = as_list(parameters)
    if not listed and hasattr(parameters, "gi_frame"):
        warnings.warn("`parameters` is an empty generator, no gradient clipping will occur.", stacklevel=2)
    total_norm = get_total_norm(gradients(listed), norm_type, error_if_nonfinite, foreach)
    clip_grads_with_norm_(listed, max_norm, total_norm, foreach)
    return total_norm


def clip_grad_norm(parameters: Tensor | Iterable[Tensor], max_norm: float, norm_type: float = 2.0,
                   error_if_nonfinite: bool = False, foreach: bool | None = None) -> Tensor:
    """The old name of `clip_grad_norm_`."""
    warnings.warn(
        "`torch.nn.utils.clip_grad_norm` is now deprecated in favor of `torch.nn.utils.clip_grad_norm_`.",
        FutureWarning,
        stacklevel=2,
    )
    return clip_grad_norm_(parameters, max_norm, norm_type, error_if_nonfinite, foreach)


def clip_grad_value_(parameters: Tensor | Iterable[Tensor], clip_value: float, foreach: bool | None = None) -> None:
    """Clamp every entry of the gradients to [-clip_value, clip_value]."""
    clip_value = float(clip_value)
    for grad in gradients(parameters):
        bound = dtypes.converted(clip_value, grad.array.dtype)
        np.clip(grad.array, -bound, bound, out=grad.array)
        counter(grad)[0] += 1


def as_list(tensors: Tensor | Iterable[Tensor]) -> list[Tensor]:
    return [tensors] if isinstance(tensors, Tensor) else list(tensors)


def gradients(parameters: Tensor | Iterable[Tensor]) -> list[Tensor]:
    """The gradients of those that have one."""
    return [parameter.grad for parameter in as_list(parameters) if parameter.grad is not None]


def norm(array: np.ndarray, p: float) -> np.floating:
    """‖x‖ₚ over all elements."""
    if p == 2:
        flat = array.reshape(-1)
        return np.sqrt(flat.dot(flat))
    return on(VectorNorm, array, p=p, dim=None, keepdim=False)
