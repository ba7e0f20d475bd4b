"""Every loss with its options beside PyTorch's: value, graph, first and second derivatives, errors."""

from __future__ import annotations

import itertools

import pytest

from .sides import draw, graph, same

REDUCTIONS = ["mean", "sum", "none"]
DISTANCES = [
    "nn.L1Loss(reduction=r)",
    "nn.MSELoss(reduction=r)",
    "nn.SmoothL1Loss(reduction=r)",
    "nn.SmoothL1Loss(reduction=r, beta=0.3)",
    "nn.SmoothL1Loss(reduction=r, beta=0.0)",
    "nn.HuberLoss(reduction=r)",
    "nn.HuberLoss(reduction=r, delta=0.3)",
]


def measured(t, loss, x, *targets, second=True):
    """What a loss does, as far as it can be seen: value, graph, gradients, and the gradients of those."""
    weight = draw(t, *loss.shape, seed=7, dtype=str(loss.dtype).split(".")[1])
    wanted = [x, *[y for y in targets if y.requires_grad]]
    grads = t.autograd.grad((loss * weight).sum(), wanted, create_graph=second)
    seen = [graph(loss), loss.detach(), *[grad.detach() for grad in grads]]
    if second:
        probe = (grads[0] * grads[0]).sum()
        again = t.autograd.grad(probe, wanted, allow_unused=True) if probe.requires_grad else [None] * len(wanted)
        seen += [t.zeros_like(y) if g is None else g for g, y in zip(again, wanted)]
    return seen


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("source", DISTANCES)
def test_distance(source, reduction, dtype):
    def program(t):
        x = draw(t, 5, 3, dtype=dtype, requires_grad=True)
        y = draw(t, 5, 3, seed=2, dtype=dtype, requires_grad=True)
        criterion = eval(source, {"nn": t.nn, "r": reduction})
        return [repr(criterion), *measured(t, criterion(x, y), x, y)]

    same(program, rtol=2e-6 if dtype == "float32" else 1e-14)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", ["l1_loss", "mse_loss", "huber_loss"])
def test_weighted_distance(name, reduction):
    def program(t):
        x = draw(t, 5, 3, requires_grad=True)
        y, w = draw(t, 5, 3, seed=2), draw(t, 5, 3, seed=3).abs()
        return measured(t, getattr(t.nn.functional, name)(x, y, reduction=reduction, weight=w), x)

    same(program, rtol=2e-6)


@pytest.mark.parametrize("name", ["l1_loss", "mse_loss", "huber_loss", "smooth_l1_loss"])
def test_sizes_that_differ_warn(name):
    def program(t):
        x, y = draw(t, 5, 1, requires_grad=True), draw(t, 3, seed=2, requires_grad=True)
        return measured(t, getattr(t.nn.functional, name)(x, y), x, y, second=False)

    same(program, rtol=2e-6)


CLASSES = {
    "(N, C)": (6, 4),
    "(C)": (4,),
    "(N, C, d)": (3, 4, 5),
    "(N, C, d, d)": (2, 4, 3, 2),
    "(N, C, d, d, d)": (2, 4, 3, 2, 2),
}


def classes(t, shape, ignore=None):
    """Targets for scores of that shape; some of them `ignore`."""
    size = [n for i, n in enumerate(shape) if i != (0 if len(shape) == 1 else 1)]
    chosen = (draw(t, *size, seed=4).abs() * 10).long() % 4
    return chosen if ignore is None or not size else t.where(draw(t, *size, seed=5) > 0.8, t.full(size, ignore), chosen)


@pytest.mark.parametrize("shape", list(CLASSES.values()), ids=list(CLASSES))
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("weighted", "ignore"), list(itertools.product([False, True], [None, -100, 2])))
@pytest.mark.parametrize("name", ["NLLLoss", "CrossEntropyLoss"])
def test_classes(name, weighted, ignore, reduction, shape):
    def program(t):
        x = draw(t, *shape, dtype="float64", requires_grad=True)
        weight = t.tensor([0.5, 2.0, 1.0, 3.0], dtype=t.float64) if weighted else None
        options = {} if ignore is None else {"ignore_index": ignore}
        criterion = getattr(t.nn, name)(weight, reduction=reduction, **options)
        loss = criterion(x, classes(t, shape, ignore))
        return [repr(criterion), list(criterion.state_dict()), *measured(t, loss, x)]

    same(program, rtol=1e-13)


@pytest.mark.parametrize("shape", list(CLASSES.values()), ids=list(CLASSES))
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("weighted", "ignore"), list(itertools.product([False, True], [None, 2])))
def test_label_smoothing(weighted, ignore, reduction, shape):
    def program(t):
        x = draw(t, *shape, dtype="float64", requires_grad=True)
        weight = t.tensor([0.5, 2.0, 1.0, 3.0], dtype=t.float64) if weighted else None
        options = {} if ignore is None else {"ignore_index": ignore}
        criterion = t.nn.CrossEntropyLoss(weight, reduction=reduction, label_smoothing=0.2, **options)
        return measured(t, criterion(x, classes(t, shape, ignore)), x)

    same(program, rtol=1e-13)


@pytest.mark.parametrize("shape", list(CLASSES.values()), ids=list(CLASSES))
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("weighted", "smoothing"), list(itertools.product([False, True], [0.0, 0.2])))
def test_class_probabilities(weighted, smoothing, reduction, shape):
    def program(t):
        x = draw(t, *shape, dtype="float64", requires_grad=True)
        y = draw(t, *shape, seed=2, dtype="float64", requires_grad=True)
        weight = t.tensor([0.5, 2.0, 1.0, 3.0], dtype=t.float64) if weighted else None
        criterion = t.nn.CrossEntropyLoss(weight, reduction=reduction, label_smoothing=smoothing)
        return measured(t, criterion(x, y), x, y)

    same(program, rtol=1e-13)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weight_shape", [None, (5, 3), (3,), (5, 1)])
def test_binary_cross_entropy(weight_shape, reduction):
    def program(t):
        x = draw(t, 5, 3, dtype="float64").sigmoid().requires_grad_()
        y = draw(t, 5, 3, seed=2, dtype="float64").sigmoid().requires_grad_()
        weight = None if weight_shape is None else draw(t, *weight_shape, seed=3, dtype="float64").abs()
        criterion = t.nn.BCELoss(weight, reduction=reduction)
        return [repr(criterion), *measured(t, criterion(x, y), x, y)]

    same(program, rtol=1e-10)  # for the second derivative PyTorch adds 1e-12 to the probabilities


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_binary_cross_entropy_at_the_ends(reduction):
    """log(0) counts as -100."""

    def program(t):
        x = t.tensor([0.0, 1.0, 0.0, 1.0, 0.5], requires_grad=True)
        y = t.tensor([0.0, 1.0, 1.0, 0.0, 0.5])
        return measured(t, t.nn.BCELoss(reduction=reduction)(x, y), x, second=False)

    same(program, rtol=1e-6)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("weight_shape", "pos_shape"), list(itertools.product([None, (5, 3), (3,)], repeat=2)))
def test_binary_cross_entropy_with_logits(weight_shape, pos_shape, reduction):
    def program(t):
        x = draw(t, 5, 3, dtype="float64", requires_grad=True)
        y = draw(t, 5, 3, seed=2, dtype="float64").sigmoid().requires_grad_()
        weight = None if weight_shape is None else draw(t, *weight_shape, seed=3, dtype="float64").abs()
        pos = None if pos_shape is None else draw(t, *pos_shape, seed=4, dtype="float64").abs()
        criterion = t.nn.BCEWithLogitsLoss(weight, reduction=reduction, pos_weight=pos)
        return [repr(criterion), list(criterion.state_dict()), *measured(t, criterion(x, y), x, y)]

    same(program, rtol=1e-12)


def test_binary_cross_entropy_with_large_logits():
    def program(t):
        x = t.tensor([1e4, -1e4, 90.0, -90.0, 0.0], requires_grad=True)
        y = t.tensor([1.0, 1.0, 0.0, 0.0, 0.5])
        return measured(t, t.nn.BCEWithLogitsLoss(reduction="none")(x, y), x, second=False)

    same(program, rtol=1e-6)


@pytest.mark.parametrize("old", [{"reduce": False}, {"size_average": False}, {"size_average": True, "reduce": True}])
@pytest.mark.parametrize(
    "name", ["L1Loss", "MSELoss", "SmoothL1Loss", "NLLLoss", "CrossEntropyLoss", "BCELoss", "BCEWithLogitsLoss"]
)
def test_the_old_way_to_say_reduction(name, old):
    same(lambda t: getattr(t.nn, name)(**old).reduction)


@pytest.mark.parametrize("old", [{"reduce": False}, {"size_average": False}, {"size_average": True}])
@pytest.mark.parametrize(
    "name", ["l1_loss", "mse_loss", "smooth_l1_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits"]
)
def test_the_old_way_to_say_reduction_in_functions(name, old):
    same(lambda t: getattr(t.nn.functional, name)(draw(t, 4).sigmoid(), draw(t, 4, seed=2).sigmoid(), **old), rtol=1e-6)


BAD = [
    lambda t, F: F.mse_loss(t.ones(2), t.ones(2), reduction="median"),
    lambda t, F: F.mse_loss(t.ones(2), t.ones(3)),
    lambda t, F: F.mse_loss(t.ones(2), t.ones(2), weight=t.ones(3)),
    lambda t, F: F.mse_loss(t.ones(2), 3.0),
    lambda t, F: F.mse_loss(t.ones(2), t.ones(2), reduction="elementwise_mean"),
    lambda t, F: F.l1_loss(t.ones(2), t.ones(2), reduction="median"),
    lambda t, F: F.l1_loss(t.ones(2), t.ones(2), weight=t.ones(3)),
    lambda t, F: F.huber_loss(t.ones(2), t.ones(2), delta=0.0),
    lambda t, F: F.huber_loss(t.ones(2), t.ones(2), weight=t.ones(3)),
    lambda t, F: t.nn.HuberLoss(delta="x"),
    lambda t, F: F.smooth_l1_loss(t.ones(2), t.ones(2), beta=-1.0),
    lambda t, F: F.nll_loss(t.ones(()), t.tensor(0)),
    lambda t, F: F.nll_loss(t.ones(2, 3), t.tensor([0, 1, 2])),
    lambda t, F: F.nll_loss(t.ones(2, 3), t.tensor([0.0, 1.0])),
    lambda t, F: F.nll_loss(t.ones(2, 3), t.tensor([0, 3])),
    lambda t, F: F.nll_loss(t.ones(2, 3), t.tensor([0, -1])),
    lambda t, F: F.nll_loss(t.ones(2, 3), t.tensor([[0, 1], [1, 0]])),
    lambda t, F: F.nll_loss(t.ones(2, 3), t.tensor([0, 1]), weight=t.ones(2)),
    lambda t, F: F.nll_loss(t.ones(2, 3, 4), t.zeros(2, 5, dtype=t.int64)),
    lambda t, F: F.nll_loss(t.ones(2, 3, 4, 4), t.zeros(2, 4, 5, dtype=t.int64)),
    lambda t, F: F.nll_loss(t.ones(3), t.tensor([1, 2])),
    lambda t, F: F.nll_loss(t.ones(3), t.tensor([1])),
    lambda t, F: F.nll_loss(t.ones(3), t.tensor(7)),
    lambda t, F: F.nll_loss(t.ones(2, 3), t.tensor(1)),
    lambda t, F: F.nll_loss(t.ones(2, 3, 4), t.zeros(2, 4, 1, dtype=t.int64)),
    lambda t, F: F.nll_loss(t.ones(2, 3, 4, 4), t.zeros(2, 4, dtype=t.int64)),
    lambda t, F: F.nll_loss(t.ones(2, 3, 4, 4), t.zeros(2, 4, 4)),
    lambda t, F: F.nll_loss(t.ones(2, 3, 4, 4), t.full((2, 4, 4), 7)),
    lambda t, F: F.nll_loss(t.ones(2, 3, 4, 4), t.zeros(2, 4, 4, dtype=t.int64), weight=t.ones(2)),
    lambda t, F: F.nll_loss(t.ones(2, 3), t.zeros(2, dtype=t.int32)),
    lambda t, F: F.nll_loss(t.ones(2, 3), t.zeros(2, dtype=t.uint8)),
    lambda t, F: F.nll_loss(t.ones(2, 3), [0, 1]),
    lambda t, F: F.cross_entropy(t.ones(2, 3), 3),
    lambda t, F: F.cross_entropy([1.0], t.tensor(0)),
    lambda t, F: F.cross_entropy(t.ones(()), t.tensor(0)),
    lambda t, F: F.mse_loss(t.ones(2), [1.0, 2.0]),
    lambda t, F: F.mse_loss(t.ones(2, dtype=t.int64), t.ones(2, dtype=t.int64)),
    lambda t, F: F.l1_loss(t.ones(2, dtype=t.int64), t.ones(2, dtype=t.int64)),
    lambda t, F: F.smooth_l1_loss(t.ones(2, dtype=t.int64), t.ones(2, dtype=t.int64)),
    lambda t, F: F.huber_loss(t.ones(2, dtype=t.int64), t.ones(2, dtype=t.int64)),
    lambda t, F: F.binary_cross_entropy_with_logits(t.ones(2), t.ones(2, dtype=t.int64)),
    lambda t, F: F.binary_cross_entropy_with_logits(t.ones(2), t.ones(2), weight=t.ones(3)),
    lambda t, F: F.cross_entropy(t.ones(2, 3), t.tensor([0, 1, 2])),
    lambda t, F: F.cross_entropy(t.ones(2, 3), t.tensor([0, 5])),
    lambda t, F: F.cross_entropy(t.ones(2, 3), t.ones(2, 3, dtype=t.int64)),
    lambda t, F: F.cross_entropy(t.ones(2, 3), t.ones(2, 3), ignore_index=1),
    lambda t, F: F.cross_entropy(t.ones(2, 3), t.ones(2, 3), weight=t.ones(2)),
    lambda t, F: F.cross_entropy(t.ones(2, 3), t.tensor([0, 1]), label_smoothing=1.5),
    lambda t, F: F.cross_entropy(t.ones(2, 3), t.ones(2, 3), label_smoothing=1.5),
    lambda t, F: F.cross_entropy(t.ones(2, 3), t.tensor([0, 1]), reduction="median"),
    lambda t, F: F.binary_cross_entropy(t.ones(2, 3), t.ones(3)),
    lambda t, F: F.binary_cross_entropy(t.full((2,), 1.5), t.ones(2)),
    lambda t, F: F.binary_cross_entropy(t.full((2,), 0.5), t.ones(2), weight=t.ones(3)),
    lambda t, F: F.binary_cross_entropy(t.full((2,), 0.5), t.ones(2, dtype=t.int64)),
    lambda t, F: F.binary_cross_entropy_with_logits(t.ones(2, 3), t.ones(3)),
    lambda t, F: F.binary_cross_entropy_with_logits(t.ones(2), t.ones(2), reduction="median"),
    lambda t, F: F.binary_cross_entropy_with_logits(t.ones(2), t.ones(2), pos_weight=t.ones(3)),
]


@pytest.mark.parametrize("program", BAD)
def test_bad_input(program):
    same(lambda t: program(t, t.nn.functional))


EMPTY = [
    lambda t, F: F.mse_loss(t.ones(0), t.ones(0)),
    lambda t, F: F.l1_loss(t.ones(0), t.ones(0)),
    lambda t, F: F.smooth_l1_loss(t.ones(0), t.ones(0)),
    lambda t, F: F.huber_loss(t.ones(0), t.ones(0), reduction="sum"),
    lambda t, F: F.cross_entropy(t.ones(0, 3), t.ones(0, dtype=t.int64)),
    lambda t, F: F.cross_entropy(t.ones(0, 3), t.ones(0, dtype=t.int64), reduction="sum"),
    lambda t, F: F.cross_entropy(t.ones(0, 3), t.ones(0, 3)),
    lambda t, F: F.cross_entropy(t.ones(0, 3, 2), t.ones(0, 2, dtype=t.int64), reduction="none"),
    lambda t, F: F.cross_entropy(t.ones(2, 3), t.full((2,), -100)),
    lambda t, F: F.binary_cross_entropy(t.ones(0), t.ones(0)),
    lambda t, F: F.binary_cross_entropy_with_logits(t.ones(0), t.ones(0)),
]


@pytest.mark.parametrize("program", EMPTY)
def test_nothing_to_average(program):
    same(lambda t: program(t, t.nn.functional))
