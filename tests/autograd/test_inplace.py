"""Changes in place: versions, what a changed saved tensor does, views and their bases, and what may not be changed."""
from __future__ import annotations

import numpy as np
import pytest

import minigrad

from .both import attempt, check


def versions(torch):
    x = torch.zeros(4)
    seen = [x._version]
    x.add_(1)
    x += 1
    x[0] = 3
    seen.append(x._version)
    v = x[1:]
    v.mul_(2)
    d = x.detach()
    d.zero_()
    seen += [x._version, v._version, d._version]
    x.data.fill_(5)
    seen += [x._version, x.data._version]
    with torch.no_grad():
        x.copy_(torch.ones(4))
    return seen, x._version, v


def in_the_graph(torch):
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x * 2
    y += 1
    y.mul_(x)
    y.sub_(0.5).div_(2)
    before = y.grad_fn.next_functions
    y.exp_() if False else y.neg_()
    y.sum().backward()
    return y, before, x.grad


def a_tensor_enters_the_graph(torch):
    w = torch.tensor([2.0, 4.0], requires_grad=True)
    a = torch.ones(2)
    a.mul_(w)
    a[0] = 7.0
    a.add_(w, alpha=3)
    (a * a).sum().backward()
    return a, w.grad, a.is_leaf


def changed_saved_tensor(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 1
    z = y * y
    y.add_(1)
    first = attempt(z.sum().backward)
    out = x.exp()
    total = out.sum()
    out.mul_(2)
    second = attempt(total.backward)
    w = torch.ones(2, 2, requires_grad=True)
    h = torch.ones(1, 2) @ w
    loss = (h @ w).sum()
    with torch.no_grad():
        w -= 0.1
    third = attempt(loss.backward)
    return first, second, third


def changed_but_not_saved(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 1
    z = y + 3
    y.add_(1)
    z.sum().backward()
    return x.grad


def output_saved_after_in_place(torch):
    x = torch.tensor([0.0, 0.0], requires_grad=True)
    y = x + 0
    y.exp_()
    z = y.sum()
    kept = torch.autograd.grad(z, x, retain_graph=True)
    y.add_(1)
    return kept, attempt(lambda: torch.autograd.grad(z, x))


def views_and_bases(torch):
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    base = torch.zeros(2, 3)
    row = base[1]
    column = base[:, 0]
    row[1:].mul_(2).add_(w)
    column.copy_(w * 3)
    result = base, base.is_leaf, row, column
    (base * torch.arange(6.0).reshape(2, 3)).sum().backward()
    return result, w.grad


def base_changes_view_follows(torch):
    x = torch.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    base = x * 1
    view = base.view(2, 2).t()
    base.mul_(x)
    (view[0] * torch.tensor([1.0, 10.0])).sum().backward()
    return view, x.grad


def chain_of_views(torch):
    x = torch.arange(12.0, requires_grad=True)
    y = x.clone()
    y.view(3, 4)[1:, ::2].transpose(0, 1)[0].mul_(torch.tensor([2.0, 4.0]))
    y[-1:] += 5
    y[torch.tensor([0, 0, 2])] = torch.tensor([9.0, 8.0, 7.0])
    (y * y).sum().backward()
    return y, x.grad


def double_backward_through_copy_slices(torch):
    x = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64, requires_grad=True)
    w = torch.tensor([2.0, 4.0], dtype=torch.float64, requires_grad=True)
    y = x * x
    y[:2].mul_(w)
    (g,) = torch.autograd.grad((y * y).sum(), x, create_graph=True)
    (g * g).sum().backward()
    return g, x.grad, w.grad


def masks_and_lists(torch):
    x = torch.tensor([1.0, -2.0, 3.0], requires_grad=True)
    w = torch.tensor([10.0], requires_grad=True)
    y = x * 2
    y[y < 0] = 0.0
    y[[0, 2]] = w
    y.masked_fill_(torch.tensor([True, False, False]), 4.0)
    y.clamp_(max=6.0)
    y.sum().backward()
    return y, x.grad, w.grad


def what_may_not_be_changed(torch):
    leaf = torch.ones(2, requires_grad=True)
    copy = leaf * 1
    parts = copy.split(1)
    with torch.no_grad():
        quiet = copy[:1]
    wide = torch.ones(1, 2).expand(3, 2)
    ints = torch.ones(2, dtype=torch.int64)
    return (
        attempt(lambda: leaf.add_(1)),
        attempt(lambda: leaf.zero_()),
        attempt(lambda: leaf.__setitem__(0, 1.0)),
        attempt(lambda: leaf[0].mul_(2)),
        attempt(lambda: parts[1].add_(1)),
        attempt(lambda: quiet.add_(1)),
        attempt(lambda: wide.add_(1)),
        attempt(lambda: ints.add_(0.5)),
        attempt(lambda: ints.div_(2)),
        attempt(lambda: torch.ones(2).add_(torch.ones(3, 2))),
        attempt(lambda: torch.ones(2).add_(torch.ones(3))),
        attempt(lambda: torch.ones(2).copy_(torch.ones(3))),
        leaf,
        copy,
        wide,
        ints,
    )


def under_no_grad(torch):
    leaf = torch.ones(2, requires_grad=True)
    with torch.no_grad():
        leaf -= 0.5
        leaf[0] = 3.0
        leaf.mul_(2)
    leaf.data[1] = 9.0
    leaf.data = leaf.data * 2
    return leaf, leaf.is_leaf, leaf._version


def returns_the_same_object(torch):
    x = torch.ones(2)
    y = x
    x += 1
    return x is y, x.add_(1) is x, x.zero_() is x, x.copy_(torch.ones(2)) is x, x.fill_(3) is x


def in_place_keeps_the_dtype(torch):
    x = torch.ones(2)
    x += torch.ones(2, dtype=torch.float64) * 2
    i = torch.ones(2, dtype=torch.int32)
    i += torch.ones(2, dtype=torch.int64)
    i *= 3
    return x, i


def retained_gradient_after_in_place(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    y.retain_grad()
    y.mul_(3)
    (y * y).sum().backward()
    return y.grad, x.grad


def hook_after_in_place(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    seen = []
    y = x * 2
    y.register_hook(lambda g: seen.append(("before", g.tolist())))
    y.mul_(3)
    y.register_hook(lambda g: seen.append(("after", g.tolist())))
    y.sum().backward()
    return seen, x.grad


def detach_in_place(torch):
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    y.detach_()
    return y, y.is_leaf, attempt((x * 2)[0].detach_)


def accumulation_in_a_loop(torch):
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    loss = torch.zeros(())
    for k in range(3):
        loss += (w * k).sum()
    loss.backward()
    return loss, w.grad


def buffer_filled_row_by_row(torch):
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    out = torch.zeros(3, 2)
    for i in range(3):
        out[i] = w * (i + 1)
    (out * out).sum().backward()
    return out, w.grad


PROGRAMS = [f for f in list(globals().values()) if getattr(f, "__module__", None) == __name__]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_like_pytorch(program):
    check(program)


def test_a_refused_change_changes_nothing():
    leaf = minigrad.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError):
        leaf.add_(1)
    with pytest.raises(RuntimeError):
        minigrad.ones(2).add_(minigrad.ones(3))
    assert leaf.tolist() == [1.0, 1.0] and leaf._version == 0


@pytest.mark.parametrize("make", [
    lambda a: a, lambda a: a[:, ::2], lambda a: a.T, lambda a: a[::-1], lambda a: a[1:3, 1:].T[::2],
])  # fmt: skip
def test_views_of_foreign_memory(make):
    """The base may itself be a strided view of a NumPy array."""
    from minigrad.autograd.inplace import positions

    base = make(np.arange(24.0).reshape(4, 6))
    view = base[1:, ::2].T
    assert np.array_equal(base.reshape(-1)[positions(base, view)], view)
