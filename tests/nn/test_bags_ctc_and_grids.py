"""EmbeddingBag, CTC, cubic interpolation, warped images, shuffled channels, and functions in place, beside PyTorch."""

from __future__ import annotations

import pytest

from .sides import draw, fill, same

BAGS = ["t.tensor([[0, 2, 5], [1, 1, 3]])", "t.tensor([1, 2, 4, 5, 4, 3, 2]), t.tensor([0, 4, 4])", "t.tensor([3]), t.tensor([0])"]


@pytest.mark.parametrize("bags", BAGS)
@pytest.mark.parametrize("settings", ["mode='sum'", "mode='mean'", "mode='max'", "mode='mean', padding_idx=2", "mode='max', padding_idx=-2", "max_norm=1.0"])
def test_embedding_bag(settings, bags):
    def program(t):
        bag = eval(f"t.nn.EmbeddingBag(6, 4, {settings})", {"t": t})
        fill(t, bag)
        out = bag(*eval(f"({bags},)", {"t": t}))
        (out * draw(t, *out.shape, seed=5)).sum().backward()
        return [repr(bag), out.detach(), bag.weight.grad, bag.weight.detach(), bag.state_dict()]

    same(program, 1e-6)


@pytest.mark.parametrize(
    "call",
    ["(t.tensor([1, 2, 4]), w, t.tensor([0, 2]), mode='sum', per_sample_weights=t.tensor([1.0, 2.0, 3.0]))",
     "(t.tensor([1, 2, 4]), w, t.tensor([0, 2, 3]), include_last_offset=True)", "(t.tensor([1, 2]), w)", "(t.tensor(1), w)",
     "(t.tensor([[1, 2]]), w, t.tensor([0]))", "(t.tensor([1, 2]), w, t.tensor([0]), mode='min')", "(t.tensor([1, 2]), w, t.tensor([[0]]))",
     "(t.tensor([[1, 2]]), w, per_sample_weights=t.ones(1, 2))", "(t.tensor([[1, 2]]), w, mode='sum', per_sample_weights=t.ones(2))"],
)  # fmt: skip
def test_embedding_bag_function(call):
    same(lambda t: eval(f"F.embedding_bag{call}", {"t": t, "F": t.nn.functional, "w": draw(t, 6, 4)}), 1e-6)


def test_embedding_bag_from_pretrained():
    same(lambda t: t.nn.EmbeddingBag.from_pretrained(draw(t, 3, 2), mode="sum")(t.tensor([[0, 2]])))


CTC = [
    "t.tensor([[1, 2, 2], [3, 1, 1]]), (7, 6), (3, 2)", "t.tensor([1, 2, 2, 3, 1]), t.tensor([7, 7]), t.tensor([3, 2])",
    "t.tensor([[1, 1, 1], [3, 1, 1]]), (4, 6), (3, 3)", "t.tensor([[1, 2, 2], [3, 1, 1]]), (7, 7), (0, 3)",
    "t.tensor([[1, 2, 3], [3, 1, 0]]), (7, 7), (3, 2), blank=0", "t.tensor([[1, 2, 0], [0, 1, 1]]), (7, 5), (3, 2), blank=3",
    "t.tensor([[1, 1, 1], [3, 1, 1]]), (4, 6), (3, 3), zero_infinity=True", "t.ones(2, 3), (7, 7), (3, 3)",
]  # fmt: skip
BAD = [
    "t.ones(2, 3, dtype=t.int64), (5, 5), (3, 3), blank=9", "t.ones(2, 3, dtype=t.int64), (5,), (3, 3)", "t.ones(2, 3, dtype=t.int64), (5, 5), (3,)",
    "t.ones(2, 3, dtype=t.int64), (8, 5), (3, 3)", "t.ones(2, 3, dtype=t.int64), (5, 5), (4, 3)", "t.ones(5, dtype=t.int64), (5, 5), (3, 3)",
]  # fmt: skip


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize("arguments", CTC)
def test_ctc(arguments, reduction):
    def program(t):
        x = draw(t, 7, 2, 4, dtype="float64").requires_grad_()
        loss = eval(f"t.nn.functional.ctc_loss(x, {arguments}, reduction='{reduction}')", {"t": t, "x": x.log_softmax(2)})
        finite = loss[loss < 1e9] if reduction == "none" else loss
        return [loss.detach(), *([t.autograd.grad(finite.sum(), x)[0]] if loss.isfinite().all() or "infinity" in arguments else [])]

    same(program, 1e-9)


@pytest.mark.parametrize("arguments", BAD)
def test_ctc_refuses(arguments):
    same(lambda t: eval(f"t.nn.functional.ctc_loss(t.zeros(7, 2, 4), {arguments})", {"t": t}))


def test_ctc_of_one_sequence():
    same(lambda t: [t.nn.CTCLoss(reduction=r)(draw(t, 7, 4).log_softmax(1), t.tensor([1, 2]), t.tensor(6), t.tensor(2)) for r in ("none", "mean")], 1e-5)


@pytest.mark.parametrize("settings", ["size=(7, 9)", "scale_factor=2", "scale_factor=(0.5, 1.7)", "size=(7, 9), align_corners=True", "size=1", "size=(4, 5)"])
def test_bicubic(settings):
    def program(t):
        x = draw(t, 2, 3, 4, 5).requires_grad_()
        y = eval(f"t.nn.functional.interpolate(x, mode='bicubic', {settings})", {"t": t, "x": x})
        return [y, t.autograd.grad((y * draw(t, *y.shape, seed=4)).sum(), x)]

    same(program, 2e-6)


def test_bicubic_is_for_images():
    same(lambda t: t.nn.functional.interpolate(t.zeros(1, 1, 4), size=2, mode="bicubic"))


@pytest.mark.parametrize("align_corners", [True, False])
@pytest.mark.parametrize("padding_mode", ["zeros", "border"])
@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
def test_warped_images(mode, padding_mode, align_corners):
    def program(t):
        x = draw(t, 2, 3, 5, 4, dtype="float64").requires_grad_()
        theta = (draw(t, 2, 2, 3, seed=2, dtype="float64") * 0.8).requires_grad_()
        grid = t.nn.functional.affine_grid(theta, (2, 3, 6, 7), align_corners=align_corners)
        y = t.nn.functional.grid_sample(x, grid, mode=mode, padding_mode=padding_mode, align_corners=align_corners)
        grads = t.autograd.grad((y * draw(t, *y.shape, seed=3, dtype="float64")).sum() + grid.sum(), [x, theta])
        return [grid.detach(), y.detach(), grads]

    same(program, 1e-11)


@pytest.mark.parametrize("padding_mode", ["zeros", "border"])
def test_the_nearest_pixel_stays_the_nearest(padding_mode):
    """So the places have a gradient, and it is zero."""

    def program(t):
        x, grid = draw(t, 1, 2, 3, 4).requires_grad_(), draw(t, 1, 5, 6, 2, seed=2).requires_grad_()
        y = t.nn.functional.grid_sample(x, grid, mode="nearest", padding_mode=padding_mode, align_corners=False)
        return [*t.autograd.grad(y.sum(), [x, grid], retain_graph=True), t.autograd.grad((y * grid.mean()).sum(), grid)]

    _, of_the_grid, _ = same(program, 1e-6)
    assert not of_the_grid[-1].any()


@pytest.mark.parametrize("mode, padding_mode", [("nearest", "zeros"), ("nearest", "border"), ("bilinear", "zeros")])
def test_places_beyond_all_numbers(mode, padding_mode):
    """Not of bilinear mode with borders: there PyTorch reads memory that is not the image's."""

    def program(t):
        far = float("inf")
        places = [[far, 0.0], [0.0, -far], [far, -far], [float("nan"), 0.0], [1e30, 0.0], [0.1, 0.2]]
        x, grid = draw(t, 1, 2, 3, 4), t.tensor(places).reshape(1, 1, 6, 2).requires_grad_()
        y = t.nn.functional.grid_sample(x, grid, mode=mode, padding_mode=padding_mode, align_corners=False)
        return [y.detach(), t.autograd.grad(y[..., 4:].sum(), grid)[0][..., 4:, :]]

    same(program, 1e-5)


@pytest.mark.parametrize("use", ["(2, t.zeros(2, 4))", "(0, t.zeros(2, 4, 1))", "(3, t.zeros(2, 4, 1))", "(2, draw(t, 2, 6, 3))", "(3, draw(t, 1, 6, 2, 2))"])
def test_channel_shuffle(use):
    def program(t):
        groups, x = eval(use, {"t": t, "draw": draw})
        layer = t.nn.ChannelShuffle(groups)
        return repr(layer), layer(x)

    same(program)


@pytest.mark.parametrize("name, settings", [("elu_", ()), ("selu_", ()), ("celu_", (0.5,)), ("hardtanh_", (-0.5, 0.5)), ("threshold_", (0.1, 2.0)), ("rrelu_", ())])
def test_in_place(name, settings):
    def program(t):
        x = draw(t, 10)
        y = getattr(t.nn.functional, name)(x, *settings)
        return [y is x, y]

    same(program, 1e-6)
