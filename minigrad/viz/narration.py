"""Every step of a trace in a sentence or two: what happens, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def sentence(step: Any, nodes: dict[str, Any], pool: Any) -> str:
    """The text of a step."""
    return SENTENCES[step.kind](step, nodes, pool)


def label(id: str | None, nodes: dict[str, Any], pool: Any) -> str:
    """What a sentence calls a node: a number without a name is called by its value."""
    if id not in nodes:
        return "a constant"
    node = nodes[id]
    if node.kind == "const" and not node.name and pool.described[node.value].get("values", [1, 2])[1:] == []:
        return shown(node.value, pool)
    return node.label


def shown(number: int | None, pool: Any) -> str:
    """An array in running text: a number if it is one, else its shape."""
    if number is None:
        return "nothing"
    about = pool.described[number]
    if about.get("values") is not None and len(about["values"]) == 1:
        return f"{about['values'][0]:g}" if not isinstance(about["values"][0], str) else about["values"][0]
    return f"{' × '.join(map(str, about['shape']))} numbers"


def forward(step: Any, nodes: dict[str, Any], pool: Any) -> str:
    node = nodes[step.node]
    inputs = [label(source["id"], nodes, pool) for source in node.inputs if source["id"]]
    made = f"{node.op}({', '.join(inputs)})" + (f" = {shown(step.value, pool)}" if step.value is not None else "")
    return f"Forward: {node.name + ' = ' if node.name else ''}{made}. The graph gets a node, {node.fn}."


def seed(step: Any, nodes: dict[str, Any], pool: Any) -> str:
    return (
        f"Backward starts at {label(step.node, nodes, pool)}: its gradient with respect to itself is {shown(step.grad, pool)}. Every other "
        "gradient will be made from this one."
    )


def call(step: Any, nodes: dict[str, Any], pool: Any) -> str:
    return (
        f"{nodes[step.node].fn} runs: the gradient of {label(step.node, nodes, pool)} is complete ({shown(step.grad, pool)}), and of all nodes "
        "still to run it was recorded last."
    )


def total(step: Any, nodes: dict[str, Any], pool: Any) -> str:
    raw, small = pool.described[step.raw]["shape"], pool.described[step.contribution]["shape"]
    return (
        f"Broadcasting is summed out: {label(step.to, nodes, pool)} of shape {small} was used for a result of shape {raw}, so its gradient is "
        f"the sum over {'axis' if len(step.axes) == 1 else 'axes'} {', '.join(map(str, step.axes))}."
    )


def send(step: Any, nodes: dict[str, Any], pool: Any) -> str:
    to = label(step.to, nodes, pool)
    plain = step.rule and len(step.rule) < 40 and "\n" not in step.rule and " if " not in step.rule
    rule = f" ({step.rule})" if plain else ""
    text = f"{label(step.node, nodes, pool)} sends {to} its contribution{rule}: {shown(step.contribution, pool)}."
    if step.before is not None:
        text += f" Together with what had arrived before, that makes {shown(step.after, pool)}."
    if step.waiting > 0:
        text += f" {to} still waits for {step.waiting} more {'gradient' if step.waiting == 1 else 'gradients'}."
    else:
        text += f" The gradient of {to} is complete."
    return text


REASONS = {
    "detached": "it was detached: same numbers, but cut off from the graph",
    "no_grad": "it was computed under no_grad, so nothing was recorded",
    "requires_grad=False": "it does not require a gradient",
    "not needed": "nobody asked for it",
}


def skip(step: Any, nodes: dict[str, Any], pool: Any) -> str:
    return f"No gradient is computed for {label(step.to, nodes, pool)}: {REASONS[step.why]}."


WHICH = {
    "pre": "Hooks see the gradient of {}",
    "post": "Hooks see what {} made",
    "post_accumulate": "A hook runs, now that the gradient of {} is accumulated",
}


def hook(step: Any, nodes: dict[str, Any], pool: Any) -> str:
    changed = f", and replace it: {shown(step.after, pool)}" if step.before != step.after else ""
    return f"{WHICH[step.which].format(label(step.node, nodes, pool))}{changed}."


def accumulate(step: Any, nodes: dict[str, Any], pool: Any) -> str:
    name = label(step.node, nodes, pool)
    if step.op == "=":
        return f"{name}.grad was None; it becomes {shown(step.after, pool)}."
    return (
        f"{name}.grad already held {shown(step.before, pool)}; the new gradient is added to it: {shown(step.after, pool)}. "
        "Without zero_grad, gradients add up."
    )


def free(step: Any, nodes: dict[str, Any], pool: Any) -> str:
    return f"{nodes[step.node].fn} lets go of what it saved ({', '.join(step.names)}). A second backward would need retain_graph=True."


def zero_grad(step: Any, nodes: dict[str, Any], pool: Any) -> str:
    return f"zero_grad: the gradients of {parameters(step)} are forgotten, so that the next backward starts from nothing."


def update(step: Any, nodes: dict[str, Any], pool: Any) -> str:
    return f"{step.optimizer}.step: {parameters(step)} {'moves against its gradient' if len(step.params) == 1 else 'move against their gradients'}."


def parameters(step: Any) -> str:
    return "1 parameter" if len(step.params) == 1 else f"{len(step.params)} parameters"


SENTENCES: dict[str, Callable[[Any, dict[str, Any], Any], str]] = {
    "forward": forward, "seed": seed, "call": call, "sum": total, "send": send, "skip": skip, "hook": hook,
    "accumulate": accumulate, "free": free, "zero_grad": zero_grad, "step": update,
}  # fmt: skip
