"""PyTorch's words about tensors that were saved for backward, and are not what they were."""
from __future__ import annotations

from typing import Any

from .node import Edge, Node


def released() -> RuntimeError:
    """PyTorch's words for a second backward. (An operation that saved nothing can run twice.)"""
    return RuntimeError(
        "Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). "
        "Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retain_graph=True if "
        "you need to backward through the graph a second time or if you need to access saved tensors after calling backward."
    )


def changed_since_saved(tensor: Any, version: int, made_by: Edge | None) -> RuntimeError:
    """PyTorch's words for a saved tensor that was changed in place before backward could use it."""
    origin = f", which is output {made_by[1]} of {operation(made_by[0])}," if made_by else ""
    return RuntimeError(
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        f"[{tensor.type()} {list(tensor.array.shape)}]{origin} is at version {tensor._counter[0]}; expected version {version} "
        "instead. Hint: enable anomaly detection to find the operation that failed to compute its gradient, with "
        "torch.autograd.set_detect_anomaly(True, check_nan=False)."
    )


def operation(node: Node) -> str:
    """The node's name without what says that it is a node: 'Add' for AddBackward0."""
    return node.name().partition("Backward")[0]


def inference_tensor_saved() -> RuntimeError:
    return RuntimeError(
        "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in computation "
        "tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it in autograd, or "
        "use `torch.no_grad()` instead of `torch.inference_mode()`."
    )
