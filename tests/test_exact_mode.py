"""`minigrad.exact()`: rounding as PyTorch's kernels round, while it lasts, and no trace of it afterwards.

Training runs are in tests/comparisons/test_exact_training.py.
"""
from __future__ import annotations

import copy
from itertools import permutations

import numpy as np
import pytest
import torch
from kernels import same_kernels

import minigrad
from comparisons.distance import same_bits
from comparisons.networks import Q_SIZES, draw_weights, q_network, to_numpy
from minigrad.autograd.rule import Rule
from minigrad.autograd.variable import TensorBase
from minigrad.exact_mode.array import ExactArray, exact_view
from minigrad.exact_mode.products import in_sequence
from minigrad.ops.elementary import Tanh

DTYPES = ["float32", "float64"]


def draw(*shape, seed=0, dtype="float64"):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def run(t, function, arrays):
    """The result and all gradients."""
    inputs = [t.tensor(array, requires_grad=True) for array in arrays]
    result = function(t, *inputs)
    result.backward(t.tensor(draw(*result.shape, seed=9, dtype=arrays[0].dtype)))
    return [to_numpy(x) for x in (result, *[x.grad for x in inputs])]


def equal(ours, theirs):
    return all([same_bits(a, b).all() for a, b in zip(ours, theirs, strict=True)])


# ---- one rounding where PyTorch's kernels round once

FUSED = {
    "add": lambda t, a, b, c: t.add(a, b, alpha=0.3),
    "sub": lambda t, a, b, c: t.sub(a, b, alpha=0.3),
    "rsub": lambda t, a, b, c: t.rsub(a, b, alpha=0.3),
    "addcmul": lambda t, a, b, c: t.addcmul(a, b, c, value=0.7),
    "lerp": lambda t, a, b, c: t.lerp(a, b, 0.3),
    "lerp, from the end": lambda t, a, b, c: t.lerp(a, b, 0.7),
    "lerp, a weight for each": lambda t, a, b, c: t.lerp(a, b, c),
    "addcmul, of strided tensors": lambda t, a, b, c: t.addcmul(a.T, b.T, c[:, :1].T, value=0.7).T,
}


@same_kernels
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUSED)
def test_products_are_not_rounded_before_they_are_added(name, dtype):
    arrays = [draw(101, 37, seed=seed, dtype=dtype) for seed in range(3)]
    function = lambda t, a, b, c: FUSED[name](t, a, b, c) + 0 * c  # noqa: E731  all inputs have a gradient
    theirs = run(torch, function, arrays)
    assert not equal(run(minigrad, function, arrays), theirs)
    with minigrad.exact():
        assert equal(run(minigrad, function, arrays), theirs)


@same_kernels
@pytest.mark.parametrize("dtype", DTYPES)
def test_the_derivative_of_tanh_at_pytorchs_own_values(dtype):
    x, grad = [torch.tensor(draw(1001, seed=seed, dtype=dtype), requires_grad=True) for seed in range(2)]
    out = torch.tanh(x)
    out.backward(grad)
    given = [grad.detach().numpy(), out.detach().numpy()]
    assert not same_bits(Tanh.grad_x(*given), x.grad.numpy()).all()
    with minigrad.exact():
        assert same_bits(Tanh.grad_x(*[exact_view(array) for array in given]), x.grad.numpy()).all()


SEPARATE = {
    "mul and add": lambda t, a, b, c: a * b + c,
    "add and mul": lambda t, a, b, c: c + a * b,
    "gradients that meet": lambda t, a, b, c: a * b + a * c,
    "sub of products": lambda t, a, b, c: a * b - c * a,
    "in place": lambda t, a, b, c: (a * 1).mul_(b).add_(c),
    "views": lambda t, a, b, c: (a * b).T.add(c.T),
    "addcdiv": lambda t, a, b, c: t.addcdiv(a, b, c, value=0.7),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", SEPARATE)
def test_operations_of_their_own_round_on_their_own(name, dtype):
    arrays = [draw(101, 37, seed=seed, dtype=dtype) for seed in range(3)]
    theirs = run(torch, SEPARATE[name], arrays)
    assert equal(run(minigrad, SEPARATE[name], arrays), theirs)
    with minigrad.exact():
        assert equal(run(minigrad, SEPARATE[name], arrays), theirs)


@pytest.mark.parametrize("dtype", DTYPES)
def test_gradients_add_up_rounded(dtype):
    """Twice backward: each time the gradient is a product, and a sum of rounded products it becomes."""

    def grads(t):
        a, b = [t.tensor(draw(1001, seed=seed, dtype=dtype), requires_grad=True) for seed in range(2)]
        for seed in (2, 3):
            (a * b).backward(t.tensor(draw(1001, seed=seed, dtype=dtype)))
        return [to_numpy(x.grad) for x in (a, b)]

    with minigrad.exact():
        assert equal(grads(minigrad), grads(torch))


def test_infinities_and_zeros_keep_to_themselves():
    values = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e308, 1e-160])
    a, b = [x.ravel() for x in np.meshgrid(values, values)]
    with minigrad.exact():
        ours = to_numpy(minigrad.add(minigrad.tensor(a), minigrad.tensor(b), alpha=0.5))
    theirs = torch.add(torch.tensor(a), torch.tensor(b), alpha=0.5).numpy()
    assert (same_bits(ours, theirs) | (np.isnan(ours) & np.isnan(theirs))).all()


# ---- sums in PyTorch's order

SHAPES = [(7,), (1000,), (5000,), (128, 120), (120, 128), (128, 84), (128, 2), (3, 700), (6, 5, 40), (33, 20, 3), (2, 3, 4, 50)]
SUMS = [(shape, order) for shape in SHAPES for order in permutations(range(len(shape))) if len(shape) < 4 or order[0] == 2]


@same_kernels
@pytest.mark.parametrize("dtype", DTYPES)
def test_sums_of_all_layouts(dtype):
    torch.set_num_threads(1)
    wrong = []
    for shape, order in SUMS:
        x = draw(*shape, dtype=dtype)
        for dim in [None, *range(len(shape)), *[(0, d) for d in range(1, len(shape))]]:
            theirs = torch.tensor(x).permute(order).sum(dim).numpy()
            with minigrad.exact():
                ours = to_numpy(minigrad.tensor(x).permute(order).sum(dim))
            if not same_bits(ours, theirs).all():
                wrong.append((shape, order, dim))
    assert not wrong


@same_kernels
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", ["mse_loss", "smooth_l1_loss", "huber_loss", "l1_loss"])
def test_losses(loss, dtype):
    arrays = [draw(101, 37, seed=seed, dtype=dtype) for seed in range(2)]
    function = lambda t, a, b: getattr(t.nn.functional, loss)(a, b)  # noqa: E731
    with minigrad.exact():
        assert equal(run(minigrad, function, arrays), run(torch, function, arrays))


# ---- products in sequence


@pytest.mark.parametrize(("size", "block"), [(1, 128), (128, 128), (192, 96), (300, 128)])
def test_products_are_added_up_in_blocks(size, block):
    a, b = draw(4, size), draw(size, 2, seed=1)
    expected = []
    for row in a:
        for column in b.T:
            total = None
            for start in range(0, size, block):
                part = 0.0
                for x, y in zip(row[start : start + block].tolist(), column[start : start + block].tolist(), strict=True):
                    part += x * y
                total = part if total is None else total + part
            expected.append(total)
    assert in_sequence(a, b).ravel().tolist() == expected


def test_every_way_to_multiply_matrices_is_in_sequence():
    a, b = draw(8, 20), draw(20, 6, seed=1)
    expected = in_sequence(a, b)
    assert not same_bits(expected, a @ b).all()
    with minigrad.exact():
        x, y = minigrad.tensor(a), minigrad.tensor(b)
        products = [x @ y, x.mm(y), minigrad.addmm(minigrad.zeros(6, dtype=x.dtype), x, y), x[None].bmm(y[None])[0]]
        products += [minigrad.nn.functional.linear(x, y.T), minigrad.tensordot(x, y, 1)]
        assert all([same_bits(to_numpy(p), expected).all() for p in products])


# ---- where it begins and ends


def plain_now():
    x = minigrad.tensor([1.0])
    return type(x.array) is np.ndarray and type(TensorBase.__dict__["array"]) is not property and Rule.backward.__module__.endswith("rule")


def test_it_ends():
    assert plain_now()
    with minigrad.exact():
        assert not plain_now()
        with minigrad.exact():
            pass
        assert not plain_now()
    assert plain_now()
    with pytest.raises(IndexError), minigrad.exact():
        minigrad.tensor([1.0])[1]
    assert plain_now()

    @minigrad.exact()
    def inside():
        assert not plain_now()

    inside()
    assert plain_now()


def test_what_leaves_is_a_plain_array():
    with minigrad.exact():
        x = minigrad.tensor(draw(3))
        assert type(x.array) is ExactArray
        assert type(x.numpy()) is type(np.asarray(x)) is np.ndarray
        assert np.shares_memory(x.numpy(), x.array)
    assert type(x.array) is np.ndarray


def train(steps, exactly=(), **options):
    """A parameter after training, some steps of it in exact mode."""
    states, targets = minigrad.tensor(draw(16, 4)), minigrad.tensor(draw(16, 2, seed=1))
    network = q_network(minigrad, draw_weights(Q_SIZES, np.random.default_rng(0), "float64"))
    optimizer = minigrad.optim.SGD(network.parameters(), lr=0.1, **options)

    def step():
        loss = minigrad.nn.functional.mse_loss(network(states), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    for i in range(steps):
        minigrad.exact()(step)() if i in exactly else step()
    return to_numpy(network.fc1.weight)


@pytest.mark.parametrize("momentum", [0, 0.9])
def test_an_optimizer_goes_through_it(momentum):
    usual, mixed = train(6, momentum=momentum), train(6, exactly=(2, 3), momentum=momentum)
    np.testing.assert_allclose(mixed, usual, rtol=0, atol=1e-14)
    assert not same_bits(mixed, usual).all()
    exact = train(3, exactly=range(3), momentum=momentum)
    with minigrad.exact():
        assert same_bits(train(3, momentum=momentum), exact).all()  # entered once or each time


def test_a_graph_goes_through_it():
    x = minigrad.tensor(draw(3, 4), requires_grad=True)
    before = (x * x).sum()
    with minigrad.exact():
        before.backward()
        inside = (x.T[1:] * 2).sum()
    inside.backward()
    expected = 2 * x.detach().numpy()
    expected[:, 1:] += 2
    assert same_bits(x.grad.numpy(), expected).all()


def test_views_are_views():
    with minigrad.exact():
        x = minigrad.tensor(draw(3, 4))
        row = x.T[1]
        row.mul_(2)
        assert row._base is x and x._version == 1
        assert (x.numpy()[:, 1] == 2 * draw(3, 4)[:, 1]).all()
        twin, twin_row = copy.deepcopy([x, row])
        twin_row.zero_()
        assert not twin.numpy()[:, 1].any() and x.numpy()[:, 1].all()


def test_nothing_is_remembered_of_a_product_that_was_overwritten():
    """The memory of an optimizer: products come and go in it."""
    with minigrad.exact():
        memory = exact_view(np.zeros(100))
        x, y, z = [exact_view(draw(100, seed=seed)) for seed in range(3)]
        for overwrite in (lambda: memory.__setitem__(slice(None), z), lambda: np.divide(z, 1.0, out=memory), lambda: np.copyto(memory, z)):
            added = {"np": np, "x": x, "y": y, "memory": memory, "__name__": "minigrad.optim.sgd"}
            exec("np.multiply(x, y, out=memory); fused = x + memory", added)
            overwrite()
            exec("plain = x + memory[:]", added)
            assert not same_bits(added["fused"], draw(100) + draw(100) * draw(100, seed=1)).all()
            assert same_bits(added["plain"], draw(100) + draw(100, seed=2)).all()
