"""Schedules beside PyTorch's: every learning rate and momentum equal to the last bit, the same state, warnings and errors."""
from __future__ import annotations

import copy
import inspect
import math
import pickle
import re
import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad

STEPS = 200


def optimizer(t: Any, name: str = "SGD", lr: Any = 0.1, groups: int = 2, **options: Any) -> Any:
    """An optimizer whose groups have learning rates of their own."""
    lrs = [lr * 0.3**i for i in range(groups)]
    return getattr(t.optim, name)([{"params": [t.ones(2, requires_grad=True)], "lr": lr} for lr in lrs], lr, **options)


def made(t: Any, name: str, opt: Any, *args: Any, **options: Any) -> Any:
    return getattr(t.optim.lr_scheduler, name)(opt, *args, **options)


def momenta(opt: Any) -> list[Any]:
    return [(group.get("momentum"), group.get("betas")) for group in opt.param_groups]


def plain(x: Any) -> Any:
    if isinstance(x, (torch.Tensor, minigrad.Tensor)):
        return "tensor", str(x.dtype), x.tolist()
    if isinstance(x, dict):
        return type(x).__name__, [(key, plain(value)) for key, value in x.items()]
    if isinstance(x, (list, tuple)):
        return type(x).__name__, [plain(item) for item in x]
    return repr(x) if isinstance(x, (int, float, str, type(None))) else type(x).__name__


def outcome(act: Callable[[Any], Any], t: Any) -> Any:
    """The result or the error, and the warnings."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            result = "result", plain(act(t))
        except Exception as error:
            result = "error", type(error).__name__, re.sub(r"0x[0-9a-f]+", "0x", str(error)).replace("minigrad", "torch")
    return result, [(w.category.__name__, str(w.message)) for w in said]


def same(act: Callable[[Any], Any]) -> Any:
    ours, theirs = outcome(act, minigrad), outcome(act, torch)
    assert ours == theirs, f"\n{ours}\nis not\n{theirs}"
    return ours


def works(act: Callable[[Any], Any]) -> None:
    """The same, and not the same error."""
    result, _ = same(act)
    assert result[0] == "result", result


def run(scheduler: Any, opt: Any, steps: int = STEPS, metric: Any = None) -> list[Any]:
    """What every step leaves: the rates said and set, momenta, and the counters."""
    found = []
    for i in range(steps):
        opt.step()
        scheduler.step(*([] if metric is None else [metric(i)]))
        rates = [group["lr"] for group in opt.param_groups]
        found.append((scheduler.get_last_lr(), plain(rates), momenta(opt), getattr(scheduler, "last_epoch", None)))
    return found


class Warm:
    """A callable with attributes of its own."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def __call__(self, step: float) -> float:
        return min(step / self.steps, 1.0) + 0.1


def chain(t: Any, opt: Any) -> Any:
    s = t.optim.lr_scheduler
    return s.ChainedScheduler([s.ConstantLR(opt, 0.1, 20), s.ExponentialLR(opt, 0.97), s.CosineAnnealingLR(opt, 31)])


def sequence(t: Any, opt: Any) -> Any:
    s = t.optim.lr_scheduler
    parts = [s.LinearLR(opt, 0.01, 1.0, 15), s.CosineAnnealingLR(opt, 60, 1e-4), s.StepLR(opt, 7, 0.5)]
    return s.SequentialLR(opt, parts, [15, 80])


def nested(t: Any, opt: Any) -> Any:
    s = t.optim.lr_scheduler
    inner = s.SequentialLR(opt, [s.ConstantLR(opt, 0.5, 4), s.ExponentialLR(opt, 0.9)], [9])
    return s.SequentialLR(opt, [inner, s.MultiplicativeLR(opt, lambda step: 0.99)], [33])


# name -> (how to make it, the optimizer's name)
SCHEDULES: dict[str, Callable[[Any, Any], Any]] = {
    "lambda": lambda t, o: made(t, "LambdaLR", o, lambda step: 0.95**step),
    "lambdas": lambda t, o: made(t, "LambdaLR", o, [lambda step: step // 30, Warm(50)]),
    "multiplicative": lambda t, o: made(t, "MultiplicativeLR", o, lambda step: 0.95 if step % 3 else 1.01),
    "multiplicatives": lambda t, o: made(t, "MultiplicativeLR", o, (lambda step: 0.9, Warm(99))),
    "step": lambda t, o: made(t, "StepLR", o, 30),
    "step 1": lambda t, o: made(t, "StepLR", o, step_size=1, gamma=0.97),
    "milestones": lambda t, o: made(t, "MultiStepLR", o, [30, 80, 80, 0, 150], gamma=0.3),
    "constant": lambda t, o: made(t, "ConstantLR", o),
    "constant, long": lambda t, o: made(t, "ConstantLR", o, 0.3, 77),
    "linear": lambda t, o: made(t, "LinearLR", o),
    "linear, down": lambda t, o: made(t, "LinearLR", o, 0.7, 0.0, 123),
    "exponential": lambda t, o: made(t, "ExponentialLR", o, 0.93),
    "polynomial": lambda t, o: made(t, "PolynomialLR", o, 90, 2.5),
    "polynomial, short": lambda t, o: made(t, "PolynomialLR", o),
    "cosine": lambda t, o: made(t, "CosineAnnealingLR", o, 200),
    "cosine, again": lambda t, o: made(t, "CosineAnnealingLR", o, T_max=17, eta_min=0.003),
    "restarts": lambda t, o: made(t, "CosineAnnealingWarmRestarts", o, 13),
    "restarts, longer": lambda t, o: made(t, "CosineAnnealingWarmRestarts", o, T_0=7, T_mult=2, eta_min=1e-3),
    "cyclic": lambda t, o: made(t, "CyclicLR", o, 0.01, 0.1, step_size_up=13, cycle_momentum=False),
    "cyclic 2": lambda t, o: made(t, "CyclicLR", o, [0.01, 0.02], [0.1, 0.3], 11, 5, "triangular2"),
    "cyclic, range": lambda t, o: made(t, "CyclicLR", o, 0.01, 0.1, 9, mode="exp_range", gamma=0.99, base_momentum=[0.7, 0.8]),
    "cyclic, own": lambda t, o: made(t, "CyclicLR", o, 0.01, 0.1, 9, scale_fn=lambda x: 1 / (5 ** (x * 0.0001)), scale_mode="iterations"),
    "cyclic, own object": lambda t, o: made(t, "CyclicLR", o, 0.01, 0.1, 9, mode="none", scale_fn=Warm(7)),
    "one cycle": lambda t, o: made(t, "OneCycleLR", o, 0.3, STEPS),
    "one cycle, epochs": lambda t, o: made(t, "OneCycleLR", o, [0.3, 0.1], epochs=20, steps_per_epoch=10, anneal_strategy="linear"),
    "one cycle, three phases": lambda t, o: made(t, "OneCycleLR", o, 0.3, 201, three_phase=True, pct_start=0.21, div_factor=7),
    "one cycle, no momentum": lambda t, o: made(t, "OneCycleLR", o, 0.3, 333, cycle_momentum=False, final_div_factor=9.0),
    "chain": chain,
    "sequence": sequence,
    "nested": nested,
}
PLATEAUS: dict[str, dict[str, Any]] = {
    "usual": {},
    "max": {"mode": "max", "patience": 2},
    "absolute": {"threshold_mode": "abs", "threshold": 0.01, "patience": 0, "factor": 0.9},
    "max, absolute": {"mode": "max", "threshold_mode": "abs", "threshold": 0.1, "patience": 1},
    "cooldown": {"patience": 1, "cooldown": 3, "factor": 0.5},
    "least": {"patience": 0, "min_lr": [0.01, 0.001], "eps": 1e-3},
}
optimizers = pytest.mark.parametrize("opt", [("SGD", {"momentum": 0.9}), ("Adam", {}), ("RMSprop", {"momentum": 0.5})], ids=lambda o: o[0])


@pytest.mark.parametrize("name", SCHEDULES)
@optimizers
def test_rates(name: str, opt: tuple[str, dict]) -> None:
    def program(t: Any) -> Any:
        o = optimizer(t, opt[0], **opt[1])
        scheduler = SCHEDULES[name](t, o)
        first = scheduler.get_last_lr(), momenta(o), scheduler.state_dict()
        return first, run(scheduler, o), scheduler.state_dict(), plain(o.state_dict()["param_groups"])

    works(program)


def loss(i: int) -> float:
    return math.cos(i / 5) / (1 + i / 40) if i % 17 else float("nan")


@pytest.mark.parametrize("options", PLATEAUS.values(), ids=PLATEAUS)
def test_plateaus(options: dict[str, Any]) -> None:
    def program(t: Any) -> Any:
        o = optimizer(t, momentum=0.9)
        scheduler = made(t, "ReduceLROnPlateau", o, **options)
        found = run(scheduler, o, metric=loss), scheduler.state_dict(), scheduler.in_cooldown
        other = made(t, "ReduceLROnPlateau", o, mode="max")
        other.load_state_dict(scheduler.state_dict())
        return found, run(other, o, 40, metric=lambda i: t.tensor(loss(i))), other.state_dict()

    works(program)


CHAINABLE = [name for name in SCHEDULES if name not in ("chain", "sequence", "nested")]


@pytest.mark.parametrize("name", CHAINABLE)
def test_any_step(name: str) -> None:
    """The deprecated `step(epoch)`, which jumps."""

    def program(t: Any) -> Any:
        o = optimizer(t, momentum=0.9)
        scheduler = SCHEDULES[name](t, o)
        found = []
        for epoch in (3, 100, 0, 17, None, 199):
            o.step()
            scheduler.step(epoch)
            found.append((scheduler.get_last_lr(), scheduler.last_epoch, momenta(o)))
        return found, scheduler.state_dict()

    works(program)


@pytest.mark.parametrize("name", SCHEDULES)
def test_resuming_from_a_state(name: str) -> None:
    def program(t: Any) -> Any:
        o = optimizer(t, momentum=0.9)
        scheduler = SCHEDULES[name](t, o)
        run(scheduler, o, 41)
        kept = copy.deepcopy((scheduler.state_dict(), o.state_dict()))
        again = optimizer(t, lr=0.7, momentum=0.9)
        other = SCHEDULES[name](t, again)
        again.load_state_dict(kept[1])
        other.load_state_dict(kept[0])
        return run(other, again, 60), other.state_dict()

    works(program)


@pytest.mark.parametrize("source, goal", [(minigrad, torch), (torch, minigrad)], ids=["to PyTorch", "from PyTorch"])
@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.filterwarnings("ignore:Detected call")  # a schedule of a sequence begins after the optimizer
def test_a_state_moves(name: str, source: Any, goal: Any) -> None:
    first, second = optimizer(source, momentum=0.9), optimizer(goal, lr=0.7, momentum=0.9)
    scheduler, other = SCHEDULES[name](source, first), SCHEDULES[name](goal, second)
    run(scheduler, first, 41)
    other.load_state_dict(copy.deepcopy(scheduler.state_dict()))
    for group, options in zip(second.param_groups, first.param_groups):
        group.update({key: value for key, value in options.items() if key != "params"})
    assert plain(run(other, second, 60)) == plain(run(scheduler, first, 60))


@pytest.mark.parametrize("name", [name for name in CHAINABLE if "one cycle" not in name and "cyclic" not in name])
def test_resuming_at_a_step(name: str) -> None:
    def program(t: Any) -> Any:
        o = optimizer(t, momentum=0.9)
        for group in o.param_groups:
            group["initial_lr"] = 0.5
        s, kind = t.optim.lr_scheduler, type(SCHEDULES[name](t, optimizer(t, momentum=0.9))).__name__
        required = {
            "LambdaLR": [lambda step: 0.9**step], "MultiplicativeLR": [lambda step: 0.9], "StepLR": [5], "MultiStepLR": [[9, 23]],
            "ExponentialLR": [0.9], "CosineAnnealingLR": [30], "CosineAnnealingWarmRestarts": [30],
        }  # fmt: skip
        scheduler = getattr(s, kind)(o, *required.get(kind, []), last_epoch=20)
        return scheduler.get_last_lr(), run(scheduler, o, 30)

    works(program)


@pytest.mark.parametrize("name", SCHEDULES)
def test_rates_that_are_tensors(name: str) -> None:
    """They are changed in place; float32 arithmetic with Python's numbers rounds as PyTorch's."""

    def program(t: Any) -> Any:
        lrs = [t.tensor(0.5), t.tensor([0.25], dtype=t.float64)]
        o = t.optim.Adam([{"params": [t.ones(2, requires_grad=True)], "lr": lr} for lr in lrs])
        if name in ("one cycle, epochs", "cyclic 2"):
            return None  # a list of rates, as numbers
        scheduler = SCHEDULES[name](t, o)
        found = run(scheduler, o, 40)
        return found, [group["lr"] is lr for group, lr in zip(o.param_groups, lrs)]

    works(program)


# ---- warnings and errors


class Fixed:
    """The same in either library: a schedule of the user's."""

    def __new__(cls, t: Any, opt: Any) -> Any:
        class Own(t.optim.lr_scheduler.LRScheduler):
            def get_lr(self) -> list[float]:
                return [0.25 * (self.last_epoch + 1) for _ in self.base_lrs]

        return Own(opt)


def no_steps(t: Any) -> Any:
    o = optimizer(t)
    scheduler = made(t, "StepLR", o, 2)
    return [scheduler.step() or scheduler.get_last_lr() for _ in range(4)]


def late(t: Any) -> Any:
    o = optimizer(t)
    scheduler = made(t, "StepLR", o, 2)
    o.step = lambda: None
    return [scheduler.step() or scheduler.get_last_lr() for _ in range(4)]


def twice(t: Any) -> Any:
    o = optimizer(t)
    first, second = made(t, "StepLR", o, 2), made(t, "ExponentialLR", o, 0.5)
    found = []
    for _ in range(5):
        o.step()
        first.step()
        second.step()
        found.append((first.get_last_lr(), second.get_last_lr()))
    return found


def grown(t: Any, name: str) -> Any:
    o = optimizer(t, momentum=0.9)
    scheduler = SCHEDULES[name](t, o)
    o.add_param_group({"params": [t.ones(1, requires_grad=True)], "lr": 0.7})
    o.step()
    scheduler.step()
    return scheduler.get_last_lr()


def grown_plateau(t: Any, min_lr: Any) -> Any:
    o = optimizer(t)
    scheduler = made(t, "ReduceLROnPlateau", o, patience=0, min_lr=min_lr)
    o.add_param_group({"params": [t.ones(1, requires_grad=True)], "lr": 0.7})
    for metric in (1.0, 2.0, 3.0):
        scheduler.step(metric)
    return scheduler.get_last_lr(), scheduler.min_lrs


def without_momentum(t: Any) -> Any:
    o = optimizer(t)
    del o.defaults["momentum"]
    return o


PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "no steps of the optimizer": no_steps,
    "a step that was replaced": late,
    "two schedules": twice,
    "get_lr outside": lambda t: [SCHEDULES[name](t, optimizer(t, momentum=0.9)).get_lr() for name in CHAINABLE],
    "get_lr of what has none": lambda t: chain(t, optimizer(t)).get_lr(),
    "abstract": lambda t: t.optim.lr_scheduler.LRScheduler(optimizer(t)),
    "own": lambda t: run(Fixed(t, o := optimizer(t)), o, 5),
    "own, any step": lambda t: Fixed(t, optimizer(t)).step(7),
    "old base": lambda t: t.optim.lr_scheduler._LRScheduler.__mro__[1].__name__,
    "resumed without rates": lambda t: made(t, "StepLR", optimizer(t), 2, last_epoch=3),
    "constant factor": lambda t: made(t, "ConstantLR", optimizer(t), 1.5),
    "constant factor 0": lambda t: run(made(t, "ConstantLR", o := optimizer(t), 0.0, 2), o, 4),
    "linear start": lambda t: made(t, "LinearLR", optimizer(t), 0),
    "linear end": lambda t: made(t, "LinearLR", optimizer(t), 0.5, 1.5),
    "linear in no steps": lambda t: run(made(t, "LinearLR", o := optimizer(t), total_iters=0), o, 3),
    "polynomial in no steps": lambda t: run(made(t, "PolynomialLR", o := optimizer(t), total_iters=0), o, 3),
    "cosine in no steps": lambda t: run(made(t, "CosineAnnealingLR", o := optimizer(t), 0), o, 3),
    "step 0": lambda t: run(made(t, "StepLR", o := optimizer(t), 0), o, 3),
    "too few lambdas": lambda t: made(t, "LambdaLR", optimizer(t), [abs]),
    "too many lambdas": lambda t: made(t, "MultiplicativeLR", optimizer(t), [abs] * 3),
    "no lambda": lambda t: made(t, "LambdaLR", optimizer(t), 3),
    "no function": lambda t: made(t, "MultiplicativeLR", optimizer(t), 3),
    "restarts 0": lambda t: made(t, "CosineAnnealingWarmRestarts", optimizer(t), 0),
    "restarts half": lambda t: made(t, "CosineAnnealingWarmRestarts", optimizer(t), 1.5),
    "restarts shorter": lambda t: made(t, "CosineAnnealingWarmRestarts", optimizer(t), 3, 0),
    "restarts down to text": lambda t: made(t, "CosineAnnealingWarmRestarts", optimizer(t), 3, 1, "a"),
    "restarts before": lambda t: made(t, "CosineAnnealingWarmRestarts", optimizer(t), 3).step(-1),
    "restarts by halves": lambda t: [
        (s.step(epoch), s.get_last_lr(), s.T_cur, s.T_i)
        for s in [made(t, "CosineAnnealingWarmRestarts", optimizer(t), 3, 2)]
        for epoch in (0.5, 2.75, 3.5, 20.25, None, 1)
    ],
    "cyclic rates": lambda t: made(t, "CyclicLR", optimizer(t, momentum=0.9), [0.1], 0.2),
    "cyclic max": lambda t: made(t, "CyclicLR", optimizer(t, momentum=0.9), 0.1, [0.2] * 3),
    "cyclic mode": lambda t: made(t, "CyclicLR", optimizer(t, momentum=0.9), 0.1, 0.2, mode="round"),
    "cyclic momentum": lambda t: made(t, "CyclicLR", optimizer(t, momentum=0.9), 0.1, 0.2, base_momentum=[0.1]),
    "one cycle of nothing": lambda t: made(t, "OneCycleLR", optimizer(t, momentum=0.9), 0.1),
    "one cycle, epochs alone": lambda t: made(t, "OneCycleLR", optimizer(t, momentum=0.9), 0.1, epochs=3),
    "one cycle, no steps": lambda t: made(t, "OneCycleLR", optimizer(t, momentum=0.9), 0.1, 0),
    "one cycle, half steps": lambda t: made(t, "OneCycleLR", optimizer(t, momentum=0.9), 0.1, 2.5),
    "one cycle, no epochs": lambda t: made(t, "OneCycleLR", optimizer(t, momentum=0.9), 0.1, epochs=0, steps_per_epoch=3),
    "one cycle, no steps in epochs": lambda t: made(t, "OneCycleLR", optimizer(t, momentum=0.9), 0.1, epochs=1, steps_per_epoch=-3),
    "one cycle, start": lambda t: made(t, "OneCycleLR", optimizer(t, momentum=0.9), 0.1, 9, pct_start=1.5),
    "one cycle, whole start": lambda t: made(t, "OneCycleLR", optimizer(t, momentum=0.9), 0.1, 9, pct_start=1),
    "one cycle, strategy": lambda t: made(t, "OneCycleLR", optimizer(t, momentum=0.9), 0.1, 9, anneal_strategy="log"),
    "one cycle, rates": lambda t: made(t, "OneCycleLR", optimizer(t, momentum=0.9), [0.1], 9),
    "one cycle, too long": lambda t: run(made(t, "OneCycleLR", o := optimizer(t, momentum=0.9), 0.1, 9), o, 11),
    "plateau factor": lambda t: made(t, "ReduceLROnPlateau", optimizer(t), factor=1.0),
    "plateau mode": lambda t: made(t, "ReduceLROnPlateau", optimizer(t), "low"),
    "plateau threshold": lambda t: made(t, "ReduceLROnPlateau", optimizer(t), threshold_mode="some"),
    "plateau least": lambda t: made(t, "ReduceLROnPlateau", optimizer(t), min_lr=[0.1]),
    "plateau epoch": lambda t: (s := made(t, "ReduceLROnPlateau", optimizer(t))).step(1.0, 5) or s.last_epoch,
    "plateau of text": lambda t: made(t, "ReduceLROnPlateau", optimizer(t)).step("low"),
    "plateau without metric": lambda t: made(t, "ReduceLROnPlateau", optimizer(t)).step(),
    "plateau, new group": lambda t: grown_plateau(t, 0.05),
    "plateau, new group, least": lambda t: grown_plateau(t, [0.1, 0.1]),
    "sequence of nothing": lambda t: made(t, "SequentialLR", optimizer(t), [], []),
    "sequence, milestones": lambda t: made(t, "SequentialLR", o := optimizer(t), [made(t, "StepLR", o, 3)], [3]),
    "sequence of text": lambda t: made(t, "SequentialLR", optimizer(t), ["a"], []),
    "sequence of plateaus": lambda t: made(t, "SequentialLR", o := optimizer(t), [made(t, "ReduceLROnPlateau", o)], []),
    "sequence of another's": lambda t: made(t, "SequentialLR", optimizer(t), [made(t, "StepLR", optimizer(t), 3)], []),
    "sequence, at once": lambda t: run(
        made(t, "SequentialLR", o := optimizer(t), [made(t, "StepLR", o, 3), made(t, "ExponentialLR", o, 0.5)], [0]), o, 5
    ),
    "chain of nothing": lambda t: t.optim.lr_scheduler.ChainedScheduler([]),
    "chain of text": lambda t: t.optim.lr_scheduler.ChainedScheduler(["a"], optimizer(t)),
    "chain of plateaus": lambda t: t.optim.lr_scheduler.ChainedScheduler([made(t, "ReduceLROnPlateau", optimizer(t))]),
    "chain of two optimizers'": lambda t: t.optim.lr_scheduler.ChainedScheduler(
        [made(t, "StepLR", optimizer(t), 3), made(t, "StepLR", optimizer(t), 3)]
    ),
    **{f"{name} without momentum": lambda t, name=name: SCHEDULES[name](t, without_momentum(t)) for name in ("cyclic 2", "one cycle")},
    **{f"{name}, new group": lambda t, name=name: grown(t, name) for name in SCHEDULES},
    **{f"{name} of no optimizer": lambda t, name=name: getattr(t.optim.lr_scheduler, name)(t.ones(2), *args)
       for name, args in {"StepLR": [3], "CyclicLR": [1, 2], "OneCycleLR": [1, 2], "ReduceLROnPlateau": []}.items()},
}  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_alike(program: Callable[[Any], Any]) -> None:
    same(program)


@pytest.mark.parametrize("name", [*torch.optim.lr_scheduler.__all__])
def test_arguments(name: str) -> None:
    ours, theirs = [inspect.signature(getattr(t.optim.lr_scheduler, name)) for t in (minigrad, torch)]
    assert [(p.name, p.default, p.kind) for p in ours.parameters.values()] == [
        (p.name, p.default, p.kind) for p in theirs.parameters.values()
    ]


@pytest.mark.filterwarnings("ignore:Detected call")  # "nested" warns when it is made, in PyTorch too
def test_loading_leaves_the_state_alone() -> None:
    for name, schedule in SCHEDULES.items():
        scheduler = schedule(minigrad, optimizer(minigrad, momentum=0.9))
        state = scheduler.state_dict()
        before = plain(state)
        scheduler.load_state_dict(state)
        assert plain(state) == before, name


def test_names() -> None:
    assert sorted(minigrad.optim.lr_scheduler.__all__) == sorted(torch.optim.lr_scheduler.__all__)


def test_an_optimizer_with_a_schedule_can_be_copied() -> None:
    def program(t: Any) -> Any:
        o = optimizer(t, momentum=0.9)
        made(t, "StepLR", o, 3)
        o.step()
        twins = copy.deepcopy(o), pickle.loads(pickle.dumps(o))
        for twin in twins:
            twin.step()
        return [plain(twin.state_dict()["param_groups"]) for twin in twins]

    works(program)


@settings(deadline=None, max_examples=150)
@given(st.data(), st.floats(1e-4, 10), st.floats(0.05, 0.999), st.integers(1, 60), st.integers(1, 40))
def test_random_settings(data: Any, lr: float, gamma: float, n: int, seed: int) -> None:
    kinds: dict[str, list[Any]] = {
        "StepLR": [n, gamma], "MultiStepLR": [[n, n // 2, 3 * n], gamma], "ConstantLR": [gamma, n], "LinearLR": [gamma, 1 - gamma, n],
        "ExponentialLR": [gamma], "PolynomialLR": [n, 3 * gamma], "CosineAnnealingLR": [n, gamma * lr],
        "CosineAnnealingWarmRestarts": [n, 1 + seed % 3, gamma * lr], "CyclicLR": [gamma * lr, lr, n, seed, "exp_range", gamma],
        "OneCycleLR": [lr, 200 + n, None, None, gamma],
    }  # fmt: skip
    names = data.draw(st.lists(st.sampled_from(sorted(kinds)), min_size=1, max_size=3))

    def program(t: Any) -> Any:
        o = optimizer(t, lr=lr, momentum=0.9)
        schedulers = [made(t, name, o, *kinds[name]) for name in names]
        found = []
        for i in range(60):
            o.step()
            for j, scheduler in enumerate(schedulers):
                if (i * seed + j) % 4:
                    scheduler.step()
            found.append([group["lr"] for group in o.param_groups])
        return found, momenta(o), [scheduler.state_dict() for scheduler in schedulers]

    works(program)
