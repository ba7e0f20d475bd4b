"""The walk through the graph: what is accumulated where, in which order nodes run, and what backward refuses."""
from __future__ import annotations

import gc
import threading
import tracemalloc
import weakref

import numpy as np
import pytest

import minigrad
from minigrad.autograd.rule import Rule, apply

from .both import attempt, check


def diamond(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    a = x * 3
    b = a * a
    loss = (b + a * x).sum()
    loss.backward()
    return x.grad, loss.grad_fn, b.grad_fn.next_functions


def shared_weight(torch):
    w = torch.tensor([[1.0, 2.0], [0.5, -1.0]], requires_grad=True)
    h = torch.tensor([[1.0, -2.0]])
    for _ in range(3):
        h = (h @ w).relu()
    h.sum().backward()
    return w.grad


def accumulates_over_calls(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    seen = []
    for _ in range(3):
        (x * x).sum().backward()
        seen.append(x.grad.tolist())
    same = x.grad
    (x * 2).sum().backward()
    return seen, same is x.grad, x.grad


def first_gradients_do_not_share_memory(torch):
    x = torch.ones(2, requires_grad=True)
    y = torch.ones(2, requires_grad=True)
    z = torch.ones(2, requires_grad=True)
    g = torch.ones(2)
    (x + y + z.view(2)).backward(g)
    x.grad.add_(1)
    y.grad.add_(10)
    z.grad.add_(100)
    return x.grad, y.grad, z.grad


def first_gradients_lie_as_their_leaves_do(torch):
    class Twice(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a, b):
            return a + b

        @staticmethod
        def backward(ctx, grad):
            kept.append(grad * 2)
            return kept[0], kept[0]

    kept = []
    a, b = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
    Twice.apply(a, b).sum().backward()
    a.grad.mul_(5)
    x, w = torch.ones(2, 3, requires_grad=True), torch.ones(4, 2, requires_grad=True)
    turned = torch.ones(3, 5).t().requires_grad_()
    ((x.t() @ w.t()).sum() + (turned * 2).sum()).backward()
    u, v = torch.ones(4, requires_grad=True), torch.ones(2, requires_grad=True)
    (torch.cat([u, v]) * torch.arange(6.0)).sum().backward()
    u.grad.zero_()
    return a.grad, b.grad, kept, [t.grad.stride() for t in (x, w, turned)], u.grad, v.grad


def broadcasting_is_summed_out(torch):
    a = torch.ones(3, 1, requires_grad=True)
    b = torch.ones(4, requires_grad=True)
    c = torch.ones((), requires_grad=True)
    ((a + b) * c).backward(torch.arange(12.0).reshape(3, 4))
    return a.grad, b.grad, c.grad


def mixed_dtypes(torch):
    a = torch.ones(2, requires_grad=True)
    b = torch.tensor([2.0, 4.0], dtype=torch.float64, requires_grad=True)
    i = torch.tensor([1, 2])
    out = a * b + a * i
    out.sum().backward()
    return out, a.grad, b.grad, out.grad_fn.next_functions


def some_inputs_need_none(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = torch.tensor([3.0, 4.0])
    out = x * y
    out.sum().backward()
    return out.grad_fn.next_functions, x.grad, y.grad


def vector_jacobian_product(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (x * x).backward(torch.tensor([1.0, 0.5]))
    return x.grad


def retain_graph(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    return x.grad, attempt(y.backward)


def freed_graph(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x.exp()
    y.sum().backward()
    return attempt(y.sum().backward), attempt(lambda: y.grad_fn._saved_result)


def nodes_without_saved_values_run_twice(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = (x + 1).sum()
    y.backward()
    y.backward()
    return x.grad


def inputs(torch):
    x = torch.tensor(2.0, requires_grad=True)
    w = torch.tensor(3.0, requires_grad=True)
    h = x * w
    loss = h * h * x
    loss.backward(inputs=[x], retain_graph=True)
    first = x.grad, w.grad
    loss.backward(inputs=[h, w])
    return first, x.grad, w.grad, h.grad, attempt(lambda: loss.backward(inputs=[]))


def grad_function(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    w = torch.tensor([3.0, 4.0], requires_grad=True)
    unused = torch.ones(2, requires_grad=True)
    h = x * w
    loss = (h * x).sum()
    found = torch.autograd.grad(loss, [x, h], retain_graph=True)
    return (
        found,
        x.grad,
        attempt(lambda: torch.autograd.grad(loss, [x, unused], retain_graph=True)),
        torch.autograd.grad(loss, [x, unused], retain_graph=True, allow_unused=True),
        torch.autograd.grad(loss, [unused], retain_graph=True, materialize_grads=True),
        torch.autograd.grad([h, loss], [w], [torch.ones(2), None], retain_graph=True),
        attempt(lambda: torch.autograd.grad(loss, [torch.ones(2)])),
        torch.autograd.grad(loss, loss),
    )


def higher_derivatives(torch):
    x = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    y, found = x**4 / 2 + x * x, []
    for _ in range(5):
        (y,) = torch.autograd.grad(y, x, create_graph=True)
        found.append(y.item())
    return found, y.requires_grad


def backward_with_create_graph(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (x * x * x).sum().backward(create_graph=True)
    g = x.grad
    x.grad = None
    (g * g).sum().backward()
    return g.requires_grad, x.grad


def gradient_penalty(torch):
    x = torch.tensor([[1.0, 2.0]], dtype=torch.float64, requires_grad=True)
    w = torch.tensor([[1.0], [-2.0]], dtype=torch.float64, requires_grad=True)
    out = ((x @ w) ** 2).sum()
    (g,) = torch.autograd.grad(out, x, create_graph=True)
    (g * g).sum().backward()
    return w.grad, x.grad


def order_of_execution(torch):
    log = []

    def watch(name, tensor):
        tensor.grad_fn.register_prehook(lambda grads: log.append(name))
        return tensor

    x = torch.ones(2, 2, requires_grad=True)
    w = torch.ones(2, 2, requires_grad=True)
    b = torch.ones(2, requires_grad=True)
    for name, leaf in (("x", x), ("w", w), ("b", b)):
        leaf.register_hook(lambda grad, name=name: log.append(name))
    h = watch("h", torch.addmm(b, x, w.t()))
    r = watch("relu", h.relu())
    s = watch("s", (h * 2).sum())
    q = watch("q", r @ w)
    loss = watch("loss", q.sum() + s + watch("reg", (w * w).sum()))
    loss.backward()
    return log


def leaves_run_as_soon_as_they_are_complete(torch):
    """An optimizer may step, and free the gradient, in such a hook: it must not wait for the rest of the graph."""
    log = []
    layers = [torch.full((2, 2), i + 1.0, requires_grad=True) for i in range(3)]
    twice = torch.ones(2, 2, requires_grad=True)
    h = twice * 2
    for i, w in enumerate(layers):
        h = (h @ w).relu()
        h.grad_fn.register_hook(lambda *_, i=i: log.append(f"relu {i}"))
        w.register_hook(lambda grad, i=i: log.append(f"leaf {i}"))
        w.register_post_accumulate_grad_hook(lambda leaf, i=i: log.append((f"leaf {i} has its gradient", leaf.grad.tolist())))
    twice.register_hook(lambda grad: log.append("twice"))
    ((h + twice) * 2).sum().backward()
    return log


def order_of_many_leaves(torch):
    orders = []
    for n in range(2, 9):
        leaves = [torch.full((1,), float(i), requires_grad=True) for i in range(n)]
        log = []
        for i, leaf in enumerate(leaves):
            leaf.register_hook(lambda grad, i=i: log.append(i))
        torch.cat(leaves).sum().backward()
        orders.append(log)
    return orders


def several_outputs(torch):
    x = torch.arange(6.0).reshape(3, 2).requires_grad_()
    a, b = x.split([1, 2])
    a.sum().backward()
    first = x.grad.tolist()
    c, d, e = (x * 2).unbind()
    (c * e).sum().backward()
    values, indices = x.max(0)
    values.backward(torch.tensor([1.0, 2.0]))
    return first, x.grad, b.grad_fn.name(), indices.requires_grad


def what_backward_refuses(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    return (
        attempt((x * 2).backward),
        attempt(torch.ones(()).backward),
        attempt(lambda: (x * 2).backward(torch.ones(3))),
        attempt(lambda: (x * 2).backward([1.0, 2.0])),
        attempt(lambda: (x * 2).backward(torch.ones(2, 1))),
        attempt(lambda: torch.autograd.backward([x.sum(), x.sum()], [torch.ones(())])),
        attempt(lambda: torch.ones(2, dtype=torch.int64).requires_grad_()),
        attempt(lambda: torch.autograd.grad(x.sum(), x, torch.ones(2))),
        attempt(lambda: torch.autograd.grad(x.sum(), [x], allow_unused=False, materialize_grads=True)),
    )


def a_leaf_as_root(torch):
    x = torch.tensor(2.0, requires_grad=True)
    x.backward()
    x.backward(torch.tensor(3.0))
    return x.grad


def grads_of_non_leaves(torch):
    x = torch.tensor([1.0], requires_grad=True)
    y = x * 2
    z = y * y
    y.retain_grad()
    z.backward()
    return y.grad, z.grad, y.retains_grad, x.retains_grad, attempt(torch.ones(1).retain_grad), y.is_leaf, x.is_leaf


def assigning_grad(torch):
    x = torch.ones(2, requires_grad=True)

    def assign(value):
        x.grad = value

    outcomes = [attempt(lambda v=v: assign(v)) for v in (torch.ones(3), torch.ones(2, dtype=torch.float64), 3, x, torch.ones(2), None)]
    return outcomes, x.grad


def requires_grad_flags(torch):
    x = torch.ones(2, requires_grad=True)
    y = x * 2

    def clear(t):
        t.requires_grad = False

    return attempt(lambda: clear(y)), attempt(lambda: clear(x)), x.requires_grad, y.requires_grad_().requires_grad, y.detach().requires_grad


PROGRAMS = [f for f in list(globals().values()) if getattr(f, "__module__", None) == __name__]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_like_pytorch(program):
    check(program)


def chain(x, n):
    y = x
    for _ in range(n):
        y = y * 1.0
    return y


def test_depth_is_limited_by_memory_alone():
    x = minigrad.ones(2, requires_grad=True)
    y = chain(x, 100_000)
    y.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]
    z = x
    for _ in range(100_000):
        z = z + x  # two ways to every node
    z.sum().backward()
    assert x.grad.tolist() == [100_002.0, 100_002.0]
    del y, z  # freed without recursion, too
    gc.collect()


def test_the_graph_is_freed_without_the_garbage_collector():
    gc.disable()
    try:
        x = minigrad.ones(3, requires_grad=True)
        y = (x.exp() * x).tanh().sum()
        nodes = [weakref.ref(y.grad_fn), weakref.ref(y.grad_fn.next_functions[0][0])]
        leaf = weakref.ref(x)
        y.backward()
        del y
        assert [node() for node in nodes] == [None, None]
        del x
        assert leaf() is None
    finally:
        gc.enable()


def test_backward_releases_what_was_saved():
    x = minigrad.ones(1000, 1000, requires_grad=True)
    tracemalloc.start()
    loss = x.exp().exp().exp().sum()
    built = tracemalloc.get_traced_memory()[0]
    loss.backward()
    x.grad = None
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert built > 3 * 4e6 > 4e6 > after  # three saved outputs of 4 MB; then none


def test_unneeded_values_are_not_saved():
    x, y = minigrad.ones(2, requires_grad=True), minigrad.ones(2)
    assert set((x * y).grad_fn.saved_values()) == {"other"}
    assert set((x + y).grad_fn.saved_values()) == set()
    assert set(x.exp().grad_fn.saved_values()) == {"result"}


def test_saved_values_have_pytorchs_names():
    import torch

    for lib in (torch, minigrad):
        x = lib.tensor([2.0, 3.0], requires_grad=True)
        y = (x * x).grad_fn
        assert y._saved_self is x and y._saved_other is x
        assert (x**3).grad_fn._saved_exponent == 3
        assert x.exp().grad_fn._saved_result.tolist() == x.exp().tolist()
        with pytest.raises(AttributeError):
            _ = y._saved_nothing


def test_only_the_rules_of_inputs_that_need_a_gradient_run():
    called = []

    class Product(Rule):
        def forward(a, b):
            return a * b

        def grad_a(grad, b):
            return grad * b

        def grad_b(grad, a):
            called.append("b")
            return grad * a

    x, y = minigrad.ones(2, requires_grad=True), minigrad.ones(2, requires_grad=True)
    apply(Product, x, y.detach()).sum().backward()
    minigrad.autograd.grad(apply(Product, x, y).sum(), x)
    assert not called
    minigrad.autograd.grad(apply(Product, x, y).sum(), y)
    assert called == ["b"]


def test_backward_in_threads():
    x = minigrad.ones(100, requires_grad=True)
    results = []

    def work(k):
        with minigrad.no_grad():
            assert not minigrad.is_grad_enabled()
        (g,) = minigrad.autograd.grad((chain(x, 200) * k).sum(), x)
        results.append((k, g.tolist() == [float(k)] * 100))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    with minigrad.no_grad():  # the switch belongs to this thread alone
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    assert sorted(results) == [(k, True) for k in range(8)]


def test_gradients_of_wrong_shape_are_refused():
    class Wrong(minigrad.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            return minigrad.ones(5)

    with pytest.raises(RuntimeError, match="WrongBackward returned an invalid gradient at index 0 - got \\[5\\] but expected shape"):
        Wrong.apply(minigrad.ones(2, requires_grad=True)).sum().backward()


def test_from_numpy_shares_memory_with_the_leaf():
    array = np.ones(2, np.float32)
    x = minigrad.from_numpy(array).requires_grad_()
    (x * 3).sum().backward()
    array[0] = 5
    assert x.tolist() == [5.0, 1.0] and x.grad.tolist() == [3.0, 3.0]
