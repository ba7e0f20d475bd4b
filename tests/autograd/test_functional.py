"""autograd.functional and func beside PyTorch's: values, structures, graphs, and errors."""
from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
import pytest
import torch

import minigrad

X, Y = np.array([0.3, -1.2, 2.0]), np.array([[1.5, -0.4]])


def plain(x: Any) -> Any:
    if isinstance(x, (torch.Tensor, minigrad.Tensor)):
        return "tensor", str(x.dtype), tuple(x.shape), x.requires_grad, [round(v, 9) for v in x.detach().reshape(-1).tolist()]
    if isinstance(x, dict):
        return type(x).__name__, {key: plain(value) for key, value in x.items()}
    return (type(x).__name__, [plain(item) for item in x]) if isinstance(x, (list, tuple)) else x


def same(act: Any) -> None:
    found = []
    for t in (minigrad, torch):
        try:
            found.append(plain(act(t)))
        except Exception as error:
            found.append((type(error).__name__, str(error).replace("minigrad", "torch")))
    assert found[0] == found[1]


def inputs(t: Any, requires_grad: bool = False) -> Any:
    return t.tensor(X, requires_grad=requires_grad), t.tensor(Y, requires_grad=requires_grad)


FUNCTIONS = {
    "one to one": (1, lambda t: lambda x: x**3 + x.sum()),
    "one to two": (1, lambda t: lambda x: (x.exp(), (x * x).sum())),
    "two to one": (2, lambda t: lambda x, y: (x[:, None] * y).sin()),
    "two to two": (2, lambda t: lambda x, y: (x * y.sum(), y**2)),
    "one unused": (2, lambda t: lambda x, y: x**2),
    "linear": (1, lambda t: lambda x: 2 * x),
    "constant": (1, lambda t: lambda x: t.tensor([1.0, 2.0])),
    "scalar": (1, lambda t: lambda x: (x**3).sum()),
    "scalar of two": (2, lambda t: lambda x, y: (x**2).sum() * (y**3).sum()),
    "scalar, linear": (1, lambda t: lambda x: x.sum()),
    "scalar, one linear": (2, lambda t: lambda x, y: (x**2).sum() + y.sum()),
    "scalar, one unused": (2, lambda t: lambda x, y: (x**3).sum()),
    "no tensor": (1, lambda t: lambda x: 3.0),
    "a list": (1, lambda t: lambda x: [x, x]),
}
cases = pytest.mark.parametrize("which", FUNCTIONS)
create = pytest.mark.parametrize("create_graph", [False, True])
strict = pytest.mark.parametrize("strict", [False, True])


def given(t: Any, which: str, requires_grad: bool) -> tuple[Any, Any]:
    count, make = FUNCTIONS[which]
    x, y = inputs(t, requires_grad)
    return make(t), x if count == 1 else (x, y)


@cases
@create
@strict
@pytest.mark.parametrize("requires_grad", [False, True])
@pytest.mark.parametrize("name", ["jacobian", "hessian"])
def test_jacobian_and_hessian(name: str, which: str, create_graph: bool, strict: bool, requires_grad: bool) -> None:
    def act(t: Any) -> Any:
        f, args = given(t, which, requires_grad)
        return getattr(t.autograd.functional, name)(f, args, create_graph=create_graph, strict=strict)

    same(act)


@cases
@create
@strict
@pytest.mark.parametrize("name", ["vjp", "jvp", "hvp", "vhp"])
@pytest.mark.parametrize("v", ["like the inputs", "like the outputs", "none", "wrong"])
def test_products(name: str, which: str, create_graph: bool, strict: bool, v: str) -> None:
    def act(t: Any) -> Any:
        f, args = given(t, which, True)
        like = args
        if v == "like the outputs":
            like = f(*args) if isinstance(args, tuple) else f(args)
        vs = tuple((x * 2 + 1).detach() for x in (like if isinstance(like, tuple) else (like,))) if like not in (3.0,) else 1
        vs = vs[0] if isinstance(vs, tuple) and len(vs) == 1 else vs
        chosen = {"none": None, "wrong": t.ones(7)}.get(v, vs)
        return getattr(t.autograd.functional, name)(f, args, chosen, create_graph=create_graph, strict=strict)

    same(act)


@pytest.mark.parametrize("name", ["vjp", "jvp", "hvp", "vhp", "jacobian", "hessian"])
def test_numbers_lists_and_scalars(name: str) -> None:
    for bad in (3.0, [1.0], (1.0,), None):
        same(lambda t, bad=bad: getattr(t.autograd.functional, name)(lambda x: x.sum(), bad))
    same(lambda t: getattr(t.autograd.functional, name)(lambda x: x**3, t.tensor(2.0)))
    with minigrad.no_grad(), torch.no_grad():
        same(lambda t: getattr(t.autograd.functional, name)(lambda x: x**3, t.tensor(2.0)))


def test_results_can_be_differentiated() -> None:
    def act(t: Any) -> Any:
        x, y = inputs(t, True)
        jacobian = t.autograd.functional.jacobian(lambda x, y: x.exp() * y.sum(), (x, y), create_graph=True)
        hessian = t.autograd.functional.hessian(lambda x: (x**4).sum(), x, create_graph=True)
        _, product = t.autograd.functional.jvp(lambda x: x**3, x, t.ones_like(x), create_graph=True)
        return t.autograd.grad((jacobian[0] ** 2).sum() + jacobian[1].sum() + hessian.sum() + product.sum(), (x, y))

    same(act)


def test_batches_are_refused() -> None:
    functional = minigrad.autograd.functional
    for act in (
        lambda: functional.jacobian(lambda x: x, minigrad.ones(2), vectorize=True),
        lambda: functional.jacobian(lambda x: x, minigrad.ones(2), strategy="forward-mode"),
        lambda: functional.hessian(lambda x: x.sum(), minigrad.ones(2), vectorize=True),
    ):
        with pytest.raises(NotImplementedError, match="need vmap, which minigrad does not have; leave them out"):
            act()
    same(lambda t: t.autograd.functional.jacobian(lambda x: x, t.ones(2), strategy="other"))
    same(lambda t: t.autograd.functional.hessian(lambda x: x, t.ones(2), outer_jacobian_strategy="other"))


# ---- func

ACTS = {
    "grad": lambda t: t.func.grad(lambda x: (x**3).sum())(t.tensor(X)),
    "value": lambda t: t.func.grad_and_value(lambda x: (x**3).sum())(t.tensor(X)),
    "two": lambda t: t.func.grad(lambda x, y: x.sum() * (y**2).sum(), argnums=(0, 1))(*inputs(t)),
    "tuple of one": lambda t: t.func.grad(lambda x, y: x.sum() * (y**2).sum(), argnums=(1,))(*inputs(t)),
    "the last": lambda t: t.func.grad(lambda x, y: x.sum() * (y**2).sum(), argnums=-1)(*inputs(t)),
    "too far": lambda t: t.func.grad(lambda x: x.sum(), argnums=3)(t.ones(2)),
    "no number": lambda t: t.func.grad(lambda x: x.sum(), argnums="a")(t.ones(2)),
    "aux": lambda t: t.func.grad(lambda x: ((x**2).sum(), {"x": x, "n": [x * 2]}), has_aux=True)(t.tensor(X)),
    "value and aux": lambda t: t.func.grad_and_value(lambda x: ((x**2).sum(), [x, (x,)]), has_aux=True)(t.tensor(X)),
    "aux of numbers": lambda t: t.func.grad_and_value(lambda x: ((x**2).sum(), [x, "s"]), has_aux=True)(t.tensor(X)),
    "aux of None": lambda t: t.func.grad(lambda x: ((x**2).sum(), None), has_aux=True)(t.tensor(X)),
    "no aux": lambda t: t.func.grad(lambda x: x.sum(), has_aux=True)(t.ones(2)),
    "a dict": lambda t: t.func.grad(lambda d: (d["a"] * d["b"][0]).sum())({"a": t.tensor(X), "b": [t.tensor(X) + 1]}),
    "ordered": lambda t: t.func.grad(lambda d: (d["a"] ** 2).sum())(OrderedDict(a=t.tensor(X))),
    "keywords": lambda t: t.func.grad(lambda x, *, k: (x * k).sum())(t.tensor(X), k=t.tensor(X)),
    "unused": lambda t: t.func.grad(lambda x, y: y.sum())(t.ones(2), t.ones(2)),
    "a constant": lambda t: t.func.grad(lambda x: t.tensor(1.0))(t.ones(2)),
    "a vector": lambda t: t.func.grad(lambda x: x * 2)(t.ones(2)),
    "a number": lambda t: t.func.grad(lambda x: 3.0)(t.ones(2)),
    "a tuple": lambda t: t.func.grad(lambda x: (x, x))(t.tensor(2.0)),
    "integers": lambda t: t.func.grad(lambda x: x.sum())(t.ones(2, dtype=t.int64)),
    "of a number": lambda t: t.func.grad(lambda x: x)(2.0),
    "second": lambda t: t.func.grad(t.func.grad(lambda x: x**3))(t.tensor(2.0)),
    "third": lambda t: t.func.grad(t.func.grad(t.func.grad(lambda x: x**4)))(t.tensor(2.0)),
    "mixed": lambda t: t.func.grad(lambda x: t.func.grad(lambda y: x**2 * y**3)(t.tensor(5.0)))(t.tensor(2.0)),
    "requires a gradient": lambda t: t.func.grad(lambda x: x**3)(t.tensor(2.0, requires_grad=True)),
    "captured": lambda t: (lambda w: t.autograd.grad(t.func.grad(lambda x: x**2 * w)(t.tensor(3.0)), w))(
        t.tensor(2.0, requires_grad=True)),
    "backward": lambda t: (lambda w: t.autograd.grad(t.func.grad(lambda x: x**3)(w), w))(t.tensor(2.0, requires_grad=True)),
}  # fmt: skip


@pytest.mark.parametrize("what", ACTS)
def test_func(what: str) -> None:
    same(ACTS[what])
    with minigrad.no_grad(), torch.no_grad():
        if what not in ("captured", "backward"):
            same(ACTS[what])


class Net:
    """A module with tied weights and a buffer, for either library."""

    def __new__(cls, t: Any) -> Any:
        class Tied(t.nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.a = t.nn.Linear(2, 2)
                self.b = t.nn.Linear(2, 2)
                self.b.weight = self.a.weight
                self.register_buffer("scale", t.tensor(2.0))

            def forward(self, x: Any, more: float = 0.0) -> Any:
                return self.b(self.a(x)) * self.scale + more

        t.manual_seed(0)
        return Tied()


CALLS = {
    "nothing": lambda t, m: t.func.functional_call(m, {}, t.ones(1, 2)),
    "one": lambda t, m: t.func.functional_call(m, {"a.bias": t.ones(2)}, t.ones(1, 2)),
    "tied": lambda t, m: t.func.functional_call(m, {"a.weight": t.eye(2)}, (t.ones(1, 2),), {"more": 1.0}),
    "untied": lambda t, m: t.func.functional_call(m, {"a.weight": t.eye(2)}, t.ones(1, 2), tie_weights=False),
    "two": lambda t, m: t.func.functional_call(m, ({"b.bias": t.ones(2)}, {"scale": t.tensor(3.0)}), t.ones(1, 2)),
    "repeated": lambda t, m: t.func.functional_call(m, ({"scale": t.ones(2)}, {"scale": t.tensor(3.0)}), t.ones(1, 2)),
    "conflict": lambda t, m: t.func.functional_call(m, {"a.weight": t.eye(2), "b.weight": t.eye(2)}, t.ones(1, 2)),
    "strict": lambda t, m: t.func.functional_call(m, {"a.weight": t.eye(2), "no": t.eye(2)}, t.ones(1, 2), strict=True),
    "not dicts": lambda t, m: t.func.functional_call(m, [3], t.ones(1, 2)),
    "a number": lambda t, m: t.func.functional_call(m, 3, t.ones(1, 2)),
    "all": lambda t, m: t.func.functional_call(m, dict(m.named_parameters()), t.ones(1, 2)),
    "a gradient": lambda t, m: t.func.grad(lambda p: (t.func.functional_call(m, p, t.ones(1, 2)) ** 2).sum())(
        {k: v.detach() for k, v in m.named_parameters()}),
}  # fmt: skip


@pytest.mark.parametrize("what", CALLS)
def test_functional_call(what: str) -> None:
    def act(t: Any) -> Any:
        net = Net(t)
        before = [*net.parameters(), *net.buffers()]
        try:
            return t.func.functional_call(net, {}, t.zeros(1, 2)), CALLS[what](t, net)
        finally:
            assert all(a is b for a, b in zip(before, [*net.parameters(), *net.buffers()]))

    found = []
    for t in (minigrad, torch):
        try:
            found.append(act(t))
        except Exception as error:
            found.append((type(error), str(error)))
    for a, b in zip(*found):
        if isinstance(b, (str, type)):
            assert a == b
        else:
            for x, y in zip(*[(list(v.values()) if isinstance(v, dict) else [v]) for v in (a, b)]):
                np.testing.assert_allclose(x.tolist(), y.tolist(), rtol=1e-5)
                assert x.requires_grad == y.requires_grad


def test_functional_call_with_unknown_names() -> None:
    for t in (minigrad, torch):
        net = Net(t)
        net.kind = 3
        for name in ("no", "a.no"):  # it is there during the call
            t.func.functional_call(net, {name: t.ones(2)}, t.ones(1, 2))
            assert not hasattr(net, "no") and not hasattr(net.a, "no")
        with pytest.raises(AttributeError, match="has no attribute `no`"):
            t.func.functional_call(net, {"no.weight": t.ones(2)}, t.ones(1, 2))
        with pytest.raises(TypeError, match="attribute `kind`: 3 is not an instance of torch.Tensor"):
            t.func.functional_call(net, {"kind": t.ones(2)}, t.ones(1, 2))
