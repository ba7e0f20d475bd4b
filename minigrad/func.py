"""Functions made of functions: their gradients; modules as functions of their parameters. Mirrors torch.func.

`vmap` and what is built on it (vjp, jvp, jacrev, hessian, ...) are not here; autograd.functional has the derivatives without batches.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from . import autograd
from .autograd import enable_grad
from .nn.modules.module import Module
from .ops.creation import zeros_like
from .tensor import Tensor

Argnums = int | tuple[int, ...]
MISSING = object()


def grad(func: Callable, argnums: Argnums = 0, has_aux: bool = False) -> Callable:
    """A function that returns the gradient of `func` by the arguments numbered `argnums`, in their structure. Mirrors torch.func.grad.

    `func` returns a scalar tensor, with `has_aux` also something else, which then comes along: (gradient, aux).
    """

    def gradient(*args: Any, **kwargs: Any) -> Any:
        found, value = grad_and_value(func, argnums, has_aux)(*args, **kwargs)
        return (found, value[1]) if has_aux else found

    return gradient


def grad_and_value(func: Callable, argnums: Argnums = 0, has_aux: bool = False) -> Callable:
    """A function that returns (gradient, value), with `has_aux` (gradient, (value, aux)). Mirrors torch.func.grad_and_value."""

    def both(*args: Any, **kwargs: Any) -> Any:
        outside = autograd.grad_mode.is_grad_enabled()
        chosen = chosen_numbers(argnums, len(args))
        followed = [mapped(follow, arg) if i in chosen else arg for i, arg in enumerate(args)]
        with enable_grad():
            output = func(*followed, **kwargs)
            aux = None
            if has_aux:
                if not (isinstance(output, tuple) and len(output) == 2):
                    raise RuntimeError(
                        "grad_and_value(f)(*args): output of function f should be a tuple: (output, aux) if has_aux is True"
                    )
                output, aux = output
            if not isinstance(output, Tensor):
                raise RuntimeError(f"grad_and_value(f)(*args): Expected f(*args) to return a Tensor, got {type(output)}")
            if output.dim() != 0:
                raise RuntimeError(
                    "grad_and_value(f)(*args): Expected f(*args) to return a scalar Tensor, got tensor with "
                    f"{output.dim()} dims. Maybe you wanted to use the vjp or jacrev APIs instead?"
                )
            inputs = [followed[i] for i in chosen]
            leaves = [t for x in inputs for t in tensors(x)]
            # The inputs may belong to a graph outside, or of a grad around this one.
            keep = outside and comes_from_others(output, leaves)
            found: Any = (None,) * len(leaves)
            if output.requires_grad:
                found = autograd.grad(output, leaves, create_graph=keep, allow_unused=True)
            for leaf in leaves:
                leaf.func_is_done = True  # type: ignore[attr-defined]  # it may still be in a graph, but nobody will take gradients by it
        grads = iter([zeros_like(t) if g is None else g for g, t in zip(found, leaves)])
        result = tuple(mapped(lambda _: next(grads), x) for x in inputs)
        value = output if keep else output.detach()
        if has_aux:
            aux = mapped(lambda t: t if keep else t.detach(), aux, "Expected tensors, got unsupported type")
        return result if isinstance(argnums, tuple) else result[0], (value, aux) if has_aux else value

    return both


def functional_call(
    module: Module,
    parameter_and_buffer_dicts: Any,
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """Call a module with other parameters and buffers, given by name in a dict or several. Mirrors torch.func.functional_call.

    What is not given stays the module's own; `strict` forbids that. With `tie_weights`, a tensor that the module has under two names
    is replaced under both.
    """
    given = parameter_and_buffer_dicts
    if isinstance(given, (list, tuple)):
        if not all(isinstance(d, dict) for d in given):
            raise ValueError("Expected all elements of parameter_and_buffer_dicts to be dictionaries")
        names = [name for d in given for name in d]
        repeated = [name for name in dict.fromkeys(names) if names.count(name) > 1]
        if repeated:
            raise ValueError(f"{repeated} appeared in multiple dictionaries; behavior of functional call is ambiguous")
        given = {name: value for d in given for name, value in d.items()}
    elif not isinstance(given, dict):
        raise ValueError(
            f"Expected parameter_and_buffer_dicts to be a dict, or a list/tuple of dicts, but got {type(parameter_and_buffer_dicts)}"
        )
    own = {**dict(module.named_parameters(remove_duplicate=False)), **dict(module.named_buffers(remove_duplicate=False))}
    values = tied(own, given) if tie_weights else dict(given)
    if strict:
        problems = []
        for kind, found in (("Unexpected", sorted(values.keys() - own.keys())), ("Missing", sorted(own.keys() - values.keys()))):
            if found:
                problems.append(f"{kind} key(s): {', '.join(map(repr, found))}.")
        if problems:
            raise RuntimeError("Error(s) in reparametrizing for {}:\n\t{}".format(module._get_name(), "\n\t".join(problems)))
    places = []
    for name, value in values.items():
        path, _, last = name.rpartition(".")
        owner = module.get_submodule(path)
        registry: Any = next((r for r in (owner._parameters, owner._buffers) if last in r), owner.__dict__)
        if not isinstance(registry.get(last), (Tensor, type(None))):
            raise TypeError(f"attribute `{last}`: {registry[last]} is not an instance of torch.Tensor")
        places.append((registry, last, value))
    before = [registry.get(last, MISSING) for registry, last, _ in places]
    try:
        for registry, last, value in places:
            registry[last] = value
        return module(*(args if isinstance(args, tuple) else () if args is None else (args,)), **(kwargs or {}))
    finally:
        for (registry, last, _), old in zip(places, before):
            registry[last] = old
            if old is MISSING:
                del registry[last]


def tied(own: dict[str, Tensor], given: dict[str, Tensor]) -> dict[str, Tensor]:
    """The given tensors, under all names that the module has for the same one."""
    names: dict[int, list[str]] = {}
    for name, tensor in own.items():
        names.setdefault(id(tensor), []).append(name)
    values = dict(given)
    for same in names.values():
        mine = [name for name in same if name in given]
        if len({id(given[name]) for name in mine}) > 1:
            raise ValueError(
                f"functional_call got multiple values for keys {sorted(same)}, which are tied. Consider using tie_weights=False"
            )
        if mine:
            values.update(dict.fromkeys(same, given[mine[0]]))
    return values


# ---- arguments with tensors in them


def chosen_numbers(argnums: Argnums, count: int) -> list[int]:
    if not isinstance(argnums, (int, tuple)):
        raise RuntimeError(f"argnums must be int or Tuple[int, ...], got: {type(argnums)}")
    numbers = argnums if isinstance(argnums, tuple) else (argnums,)
    for number in numbers:
        if not -count <= number < count:
            raise RuntimeError(f"Got argnum={number}, but only {count} positional inputs")
    return [number % count for number in numbers]


def mapped(function: Callable[[Tensor], Any], x: Any, refusal: str = "Thing passed to transform API must be Tensor, got") -> Any:
    """The structure x, of dicts, lists and tuples, with `function` applied to its tensors."""
    if isinstance(x, dict):
        return type(x)((key, mapped(function, value, refusal)) for key, value in x.items())
    if isinstance(x, (list, tuple)):
        values = [mapped(function, value, refusal) for value in x]
        return type(x)(*values) if hasattr(x, "_fields") else type(x)(values)
    if isinstance(x, Tensor):
        return function(x)
    raise (ValueError if "Thing" in refusal else RuntimeError)(f"{refusal} {type(x)}")


def tensors(x: Any) -> Iterator[Tensor]:
    if isinstance(x, Tensor):
        yield x
    elif isinstance(x, (dict, list, tuple)):
        for value in x.values() if isinstance(x, dict) else x:
            yield from tensors(value)


def follow(x: Tensor) -> Tensor:
    """A new tensor with the same values, to take gradients by."""
    return x.view_as(x) if x.requires_grad else x.detach().requires_grad_()


def comes_from_others(output: Tensor, leaves: list[Tensor]) -> bool:
    """Whether the output depends on leaves besides these: what the function reaches by itself, or those of a `grad` around this one."""
    mine = {id(leaf) for leaf in leaves}
    stack, seen = [output.grad_fn], set()
    while stack:
        node = stack.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        leaf = getattr(node, "variable", None)
        if leaf is not None and id(leaf) not in mine and not hasattr(leaf, "func_is_done"):
            return True
        stack += [below for below, _ in node.next_functions]
    return False
