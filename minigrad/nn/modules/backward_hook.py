"""How backward hooks see the gradients of a whole module. Mirrors torch.utils.hooks.BackwardHook.

The inputs of forward pass through one identity node, and its outputs through another. What flows back through these two
is the module's `grad_output` and `grad_input`, whatever lies between.
"""
from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from ...autograd.function import Function
from ...autograd.grad_mode import is_grad_enabled
from ...autograd.node import Node
from ...tensor import Tensor

Grads = tuple[Any, ...]  # one for each argument or result; None for what is no tensor


class BackwardHookFunction(Function):
    """The identity."""

    @staticmethod
    def forward(ctx: Any, *tensors: Tensor) -> tuple[Tensor, ...]:
        ctx.mark_non_differentiable(*[tensor for tensor in tensors if not tensor.requires_grad])
        return tensors

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, ...]:
        return grads


class BackwardWatch:
    """Calls the backward hooks of one call of a module.

    The gradient of the outputs arrives first, and waits in `grad_output` for that of the inputs.
    """

    def __init__(self, module: Any, pre_hooks: list[Callable[..., Any]], hooks: list[Callable[..., Any]]) -> None:
        self.module = module
        self.pre_hooks = pre_hooks
        self.hooks = hooks
        self.grad_output: Grads | None = None
        self.input_places: list[int] | None = None  # which arguments are tensors; None if no gradient flows to them
        self.n_inputs = 0

    def inputs(self, args: Grads) -> Grads:
        """The arguments for forward, watched."""
        self.n_inputs = len(args)
        args, self.input_places, node = through_identity(args)
        if node is not None:
            node.register_hook(self.on_grad_input)
        return args

    def outputs(self, result: Any) -> Any:
        """What forward returned, watched."""
        if not isinstance(result, (Tensor, tuple)):
            warnings.warn(
                "For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but received "
                f"{type(result)}",
                stacklevel=4,
            )
        results = result if isinstance(result, tuple) else (result,)
        watched, places, node = through_identity(results)
        if node is not None:
            node.register_hook(lambda _, grads: self.on_grad_output(spread(grads, places, len(results)), places))
        return watched if isinstance(result, tuple) else watched[0]

    def on_grad_output(self, grad_output: Grads, places: list[int]) -> Grads:
        for hook in self.pre_hooks:
            grad_output = replaced(grad_output, hook(self.module, grad_output), "pre hook", "grad_output")
        self.grad_output = grad_output
        if self.input_places is None:
            self.without_grad_input(grad_output)
        return tuple([grad_output[i] for i in places])

    def without_grad_input(self, grad_output: Grads) -> None:
        """Nothing will flow back to the inputs, so the hooks are called already now."""
        warnings.warn(
            "Full backward hook is firing when gradients are computed with respect to module outputs since no inputs "
            "require gradients. See https://docs.pytorch.org/docs/main/generated/torch.nn.Module.html"
            "#torch.nn.Module.register_full_backward_hook for more details.",
            stacklevel=5,
        )
        for hook in self.hooks:
            changed = hook(self.module, (None,) * self.n_inputs, grad_output)
            if changed is not None and not (isinstance(changed, tuple) and all(grad is None for grad in changed)):
                raise RuntimeError(
                    "Backward hook for Modules where no input requires gradient should always return None or None for "
                    "all gradients."
                )
        self.grad_output = None

    def on_grad_input(self, grads: Grads, _: Grads) -> Grads | None:
        if self.grad_output is None:  # it did not come through the outputs, as happens in a double backward
            return None
        assert self.input_places is not None
        grad_input = spread(grads, self.input_places, self.n_inputs)
        for hook in self.hooks:
            grad_input = replaced(grad_input, hook(self.module, grad_input, self.grad_output), "hook", "grad_input")
        self.grad_output = None
        return tuple([grad_input[i] for i in self.input_places])


def through_identity(values: Grads) -> tuple[Grads, Any, Node | None]:
    """The values, their tensors passed through one identity node; which those were; the node, if gradients flow."""
    places = [i for i, value in enumerate(values) if isinstance(value, Tensor)]
    if not (is_grad_enabled() and any(values[i].requires_grad for i in places)):
        return values, None, None
    passed = BackwardHookFunction.apply(*[values[i] for i in places])
    merged = list(values)
    for i, tensor in zip(places, passed):
        merged[i] = tensor
    node = next(tensor.grad_fn for tensor in passed if tensor.grad_fn is not None)
    return tuple(merged) if type(values) is tuple else type(values)(*merged), places, node  # a named tuple stays one


def spread(grads: Grads, places: list[int], n: int) -> Grads:
    """The gradients at their places in a tuple of n."""
    full: list[Any] = [None] * n
    for i, grad in zip(places, grads):
        full[i] = grad
    return tuple(full)


def replaced(grads: Grads, changed: Grads | None, kind: str, name: str) -> Grads:
    """The gradients after a hook, which may have returned others."""
    if changed is None:
        return grads
    if len(changed) != len(grads):
        raise RuntimeError(
            f"Backward {kind} returned an invalid number of {name}, got {len(changed)}, but expected {len(grads)}"
        )
    return changed
