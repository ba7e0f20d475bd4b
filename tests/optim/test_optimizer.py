"""What optimizers share: groups, messages, hooks, closures, checkpoints. All is done on both sides and compared."""
from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from twins import Twins

import minigrad

ONE_BY_ONE = ["Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam", "Rprop", "ASGD"]
NAMES = ["SGD", "Adam", "AdamW", "RMSprop", *ONE_BY_ONE]
nan, inf = float("nan"), float("inf")


def leaf(lib: Any) -> Any:
    return lib.tensor([1.0, 2.0], requires_grad=True)


def base(lib: Any) -> Any:
    return importlib.import_module(f"{lib.__name__}.optim.optimizer")


def retained(lib: Any) -> Any:
    x = leaf(lib) * 2
    x.retain_grad()
    return x


def outcome(act: Callable[[Any], Any], lib: Any) -> tuple[str, str]:
    """What happened: the result's repr, or the error's type and message, with addresses and our name taken out."""
    try:
        kind, text = "result", repr(act(lib))
    except Exception as error:
        kind, text = type(error).__name__, str(error)
    return kind, re.sub(r"0x[0-9a-f]+", "0x", text).replace("minigrad", "torch")


def loaded(lib: Any, change: Callable[[dict], Any]) -> Any:
    """Load a changed state dict."""
    first = lib.optim.Adam([leaf(lib), leaf(lib)])
    state = first.state_dict()
    change(state)
    first.load_state_dict(state)
    return first


def sgd(lib: Any, *args: Any, **options: Any) -> Any:
    return lib.optim.SGD(*args, **options)


def adam(lib: Any, *args: Any, **options: Any) -> Any:
    return lib.optim.Adam(*args, **options)


SAME_OUTCOME: dict[str, Callable[[Any], Any]] = {
    **{f"{name} {o}": lambda lib, name=name, o=o: getattr(lib.optim, name)([leaf(lib)], **o) for name, o in [
        *[(name, {}) for name in NAMES],
        *[(name, {"lr": lr}) for name in NAMES for lr in (0, 1, True, -1, -0.1, -inf, "a", None)],
        *[(name, {"weight_decay": decay}) for name in NAMES for decay in (0, 1, -1, -0.1, "a", None)],
        *[("Adagrad", {o: v}) for o in ("lr_decay", "initial_accumulator_value", "eps") for v in (0, 1, -0.1, nan, None)],
        *[("Adadelta", {o: v}) for o in ("rho", "eps") for v in (0, 1, -0.1, 1.1, nan, None)],
        *[("Rprop", {"etas": etas}) for etas in ((0.5, 1.2), (0, 1.2), (1, 1.2), (0.5, 1), (nan, 2), (0.5,), None)],
        *[("NAdam", {"momentum_decay": v}) for v in (0, 1, -0.1, nan, None)],
        *[("NAdam", {"weight_decay": -1, "eps": -1}), ("RAdam", {"betas": (2, 2), "eps": -1})],
        *[(name, {"lr": nan}) for name in NAMES if name != "SGD"],
        *[(name, {"foreach": foreach, "differentiable": False}) for name in NAMES for foreach in (None, False, True)],
        *[(name, {"fused": True, "foreach": True}) for name in NAMES],
        *[(name, {"fused": True, "differentiable": True}) for name in NAMES],
        *[(name, {"capturable": True}) for name in NAMES],
        *[("SGD", {"momentum": m}) for m in (-0.1, 1, 2.5, "a", None)],
        *[("SGD", {"nesterov": True, "momentum": m, "dampening": d}) for m in (0, 0.9) for d in (0, 0.1)],
        *[(n, {"betas": b}) for n in ("Adam", "AdamW", "Adamax", "NAdam", "RAdam") for b in (
            (-0.1, 0.9), (1.0, 0.9), (0.9, 1.0), (0.9, -0.1), (nan, 0.9), (0, 0.9), (0.9, 0), (0.9,), 0.9, None,
            ("a", 0.9))],
        *[(n, {"eps": eps}) for n in ("Adam", "AdamW", "RMSprop", "Adamax", "NAdam", "RAdam") for eps in (0, 1, -1e-8, nan, None)],
        *[("RMSprop", {option: value}) for option in ("alpha", "momentum") for value in (-0.1, nan, 1.5, None)],
        ("Adam", {"decoupled_weight_decay": True}),
        ("AdamW", {"decoupled_weight_decay": True}),
    ]},
    "no parameters": lambda lib: sgd(lib, []),
    "an exhausted iterator": lambda lib: sgd(lib, iter(())),
    "a tensor": lambda lib: sgd(lib, leaf(lib)),
    "an int": lambda lib: sgd(lib, 5),
    "None": lambda lib: sgd(lib, None),
    "ints": lambda lib: sgd(lib, [1]),
    "a None among them": lambda lib: sgd(lib, [leaf(lib), None]),
    "strings": lambda lib: sgd(lib, "ab"),
    "lists": lambda lib: sgd(lib, [[leaf(lib)]]),
    "arrays": lambda lib: sgd(lib, [np.ones(2)]),
    "not a leaf": lambda lib: sgd(lib, [leaf(lib) * 2]),
    "not a leaf, but retains its gradient": lambda lib: sgd(lib, [retained(lib)]),
    "requires no gradient": lambda lib: sgd(lib, [lib.tensor([1.0])]),
    "integers": lambda lib: sgd(lib, [lib.tensor([1])]),
    "a generator": lambda lib: sgd(lib, (leaf(lib) for _ in range(3))),
    "a set": lambda lib: sgd(lib, [{"params": {leaf(lib)}}]),
    "a group without params": lambda lib: sgd(lib, [{"lr": 0.1}]),
    "an empty group": lambda lib: sgd(lib, [{"params": []}]),
    "a group and a list": lambda lib: sgd(lib, [{"params": [leaf(lib)]}, [leaf(lib)]]),
    "a tensor and a group": lambda lib: sgd(lib, [leaf(lib), {"params": [leaf(lib)]}]),
    "a group of one tensor": lambda lib: sgd(lib, [{"params": leaf(lib)}]),
    "groups with options": lambda lib: sgd(lib, [{"params": [leaf(lib)], "lr": 1}, {"params": leaf(lib), "note": "x"}]),
    "a negative rate in a group": lambda lib: sgd(lib, [{"params": [leaf(lib)], "lr": -1}]),
    "the same in two groups": lambda lib: (lambda p: sgd(lib, [{"params": [p]}, {"params": [p]}]))(leaf(lib)),
    "names": lambda lib: sgd(lib, [("a", leaf(lib)), ("b", leaf(lib))]).param_groups,
    "some names": lambda lib: sgd(lib, [("a", leaf(lib)), leaf(lib)]),
    "groups with and without names": lambda lib: sgd(lib, [{"params": [("a", leaf(lib))]}, {"params": [leaf(lib)]}]),
    "groups without and with names": lambda lib: sgd(lib, [{"params": [leaf(lib)]}, {"params": [("a", leaf(lib))]}]),
    "names in groups": lambda lib: sgd(lib, [{"params": [("a", leaf(lib))]}, {"params": [("b", leaf(lib))]}]),
    "a missing required option": lambda lib: lib.optim.Optimizer([leaf(lib)], {"lr": base(lib).required}),
    "a given required option": lambda lib: lib.optim.Optimizer(
        [{"params": leaf(lib), "lr": 1}], {"lr": base(lib).required}),
    "required": lambda lib: base(lib).required,
    "no step": lambda lib: lib.optim.Optimizer([leaf(lib)], {}).step(),
    "a rate of two numbers": lambda lib: sgd(lib, [leaf(lib)], lr=lib.tensor([0.1, 0.2])),
    "a rate of two numbers for Adam": lambda lib: adam(lib, [leaf(lib)], lr=lib.tensor([0.1, 0.2])),
    "a rate in a tensor": lambda lib: lib.optim.RMSprop([leaf(lib)], lr=lib.tensor(0.1)),
    "a rate in a tensor, foreach": lambda lib: adam(lib, [leaf(lib)], lr=lib.tensor(0.1), foreach=True),
    "betas in tensors": lambda lib: adam(lib, [leaf(lib)], betas=(lib.tensor([0.5]), lib.tensor(0.5))),
    "one beta in a tensor": lambda lib: adam(lib, [leaf(lib)], betas=(lib.tensor(0.5), 0.5)),
    "betas in tensors, foreach": lambda lib: adam(
        lib, [leaf(lib)], betas=(lib.tensor(0.5), lib.tensor(0.5)), foreach=True),
    "adding a list": lambda lib: sgd(lib, [leaf(lib)]).add_param_group([leaf(lib)]),
    "adding a tensor": lambda lib: sgd(lib, [leaf(lib)]).add_param_group({"params": leaf(lib)}),
    "adding without params": lambda lib: sgd(lib, [leaf(lib)]).add_param_group({}),
    "a state dict": lambda lib: lib.optim.AdamW([leaf(lib), leaf(lib)]).state_dict(),
    "loading nothing": lambda lib: sgd(lib, [leaf(lib)]).load_state_dict({}),
    "loading no state": lambda lib: loaded(lib, lambda d: d.pop("state")),
    "loading fewer groups": lambda lib: loaded(lib, lambda d: d.update(param_groups=[])),
    "loading fewer parameters": lambda lib: loaded(lib, lambda d: d["param_groups"][0].update(params=[0])),
    "loading other options": lambda lib: loaded(lib, lambda d: d["param_groups"][0].update(lr=7, note="x")),
    "loading without options": lambda lib: loaded(lib, lambda d: d["param_groups"][0].pop("amsgrad")),
    "loading with names": lambda lib: loaded(lib, lambda d: d["param_groups"][0].update(param_names=["a", "b"])),
    "loading into names": lambda lib: (lambda optimizer: optimizer.load_state_dict(
        {"state": {}, "param_groups": [{"lr": 3, "params": [0]}]}) or optimizer)(adam(lib, [("a", leaf(lib))])),
    "loading foreign state": lambda lib: loaded(lib, lambda d: d["state"].update(extra=3)).state_dict(),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("what", SAME_OUTCOME)
def test_same_outcome(what: str) -> None:
    ours, theirs = outcome(SAME_OUTCOME[what], minigrad), outcome(SAME_OUTCOME[what], torch)
    if theirs[0] == "TypeError" and "__init__() got an unexpected keyword" in theirs[1]:
        ours, theirs = (ours[0], ours[1].split(". Did you")[0]), (theirs[0], theirs[1].split(". Did you")[0])
    assert ours == theirs


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("lr", [inf, nan])
def test_rates_that_are_not_finite_are_refused_everywhere(name: str, lr: float) -> None:
    kind = getattr(minigrad.optim, name)
    for make in (lambda: kind([leaf(minigrad)], lr=lr), lambda: kind([{"params": [leaf(minigrad)], "lr": lr}])):
        with pytest.raises(ValueError, match=f"Invalid learning rate: {lr}"):
            make()
    optimizer = kind([leaf(minigrad)])
    group = {"params": [leaf(minigrad)], "lr": lr}
    with pytest.raises(ValueError, match=f"Invalid learning rate: {lr}"):
        optimizer.add_param_group(group)
    assert len(optimizer.param_groups) == 1
    assert list(group) == ["params", "lr"]  # and what was handed over is as it was


@pytest.mark.parametrize("name", NAMES)
def test_differentiable_is_refused(name: str) -> None:
    with pytest.raises(NotImplementedError, match=r"differentiable=True is not supported.*with tensor operations"):
        getattr(minigrad.optim, name)([leaf(minigrad)], differentiable=True)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("SGD", "Adagrad")])
def test_capturable_is_refused_at_the_step(name: str) -> None:
    twins = Twins(name, {"capturable": True})
    twins.set_grads()
    errors = []
    for optimizer in (twins.ours, twins.theirs):
        with pytest.raises(AssertionError) as error:
            optimizer.step()
        errors.append(str(error.value))
    assert errors[0] == errors[1]


@pytest.mark.parametrize("name", NAMES)
def test_defaults_and_groups(name: str) -> None:
    twins = Twins(name, {}, groups=[(slice(0, 2), {}), (slice(2, 5), {"lr": 0.5, "note": "x"})])
    assert twins.ours.defaults == twins.theirs.defaults
    for ours, theirs in zip(twins.ours.param_groups, twins.theirs.param_groups):
        assert list(ours) == list(theirs)
        assert {k: v for k, v in ours.items() if k != "params"} == {k: v for k, v in theirs.items() if k != "params"}


def test_the_group_handed_over_is_the_group() -> None:
    group = {"params": [leaf(minigrad)]}
    assert minigrad.optim.SGD([group]).param_groups[0] is group


# ---- closures, gradients, hooks


@pytest.mark.parametrize("name", NAMES)
def test_closure_is_run_with_gradients_enabled(name: str) -> None:
    results = []
    for lib in (minigrad, torch):
        w = lib.tensor([1.0, -2.0], requires_grad=True)
        optimizer = getattr(lib.optim, name)([w], lr=0.1)

        def closure(lib: Any = lib, w: Any = w, optimizer: Any = optimizer) -> Any:
            assert lib.is_grad_enabled()
            optimizer.zero_grad()
            loss = ((w - 3) ** 2).sum()
            loss.backward()
            return loss

        with lib.no_grad():
            losses = [optimizer.step(closure).item() for _ in range(5)]
            assert not lib.is_grad_enabled()
        results.append([*losses, *w.tolist()])
    np.testing.assert_allclose(*results, rtol=1e-6)


def test_a_closure_that_fails_changes_nothing() -> None:
    twins = Twins("Adam", {})
    twins.set_grads()
    before = [p.array.copy() for p in twins.params]
    with minigrad.no_grad():
        with pytest.raises(ZeroDivisionError):
            twins.ours.step(lambda: 1 / 0)
        assert not minigrad.is_grad_enabled()
    assert all((p.array == b).all() for p, b in zip(twins.params, before)) and not twins.ours.state


@pytest.mark.filterwarnings("ignore:Using backward")
def test_zero_grad() -> None:
    for lib in (minigrad, torch):
        p, q = leaf(lib), leaf(lib)
        optimizer = lib.optim.SGD([p, q])
        (p * p).sum().backward(create_graph=True)
        grad = p.grad
        optimizer.zero_grad(set_to_none=False)
        assert p.grad is grad and p.grad.tolist() == [0, 0] and q.grad is None
        assert p.grad.grad_fn is None and not p.grad.requires_grad
        optimizer.zero_grad()
        assert p.grad is None
        p.grad = lib.tensor([1.0, 1.0], requires_grad=True)
        optimizer.zero_grad(set_to_none=False)
        assert not p.grad.requires_grad


def test_hooks_and_their_order() -> None:
    logs = []
    for lib in (minigrad, torch):
        p = leaf(lib)
        p.grad = lib.tensor([1.0, 1.0])
        optimizer = lib.optim.SGD([p], lr=1)
        log: list[Any] = []

        def note(what: str, log: list = log, p: Any = p, optimizer: Any = optimizer) -> Callable:
            def hook(hooked: Any, args: Any, kwargs: Any) -> None:
                assert hooked is optimizer and args[0] is optimizer
                log.append((what, p.tolist(), args[1:], kwargs))

            return hook

        handles = [
            optimizer.register_step_post_hook(note("post")),
            base(lib).register_optimizer_step_post_hook(note("global post")),
            optimizer.register_step_pre_hook(note("pre 1")),
            optimizer.register_step_pre_hook(lambda o, args, kwargs: (args, {"closure": lambda: 7})),
            optimizer.register_step_pre_hook(note("pre 2")),
            base(lib).register_optimizer_step_pre_hook(note("global pre")),
        ]
        log.append(optimizer.step())
        handles[2].remove()
        handles[3].remove()
        log.append(optimizer.step())
        for handle in handles:
            handle.remove()
        log.append(optimizer.step())
        logs.append([[x[0], x[1], len(x[2]), list(x[3])] if isinstance(x, tuple) else x for x in log])
    assert logs[0] == logs[1]
    assert len(logs[0]) == 6 + 5 + 1


def test_a_pre_hook_must_return_two_things() -> None:
    optimizer = minigrad.optim.SGD([leaf(minigrad)])
    optimizer.register_step_pre_hook(lambda *_: 5)
    message = re.escape("must return None or a tuple of (new_args, new_kwargs), but got 5.")
    with pytest.raises(RuntimeError, match=message):
        optimizer.step()


def test_state_dict_hooks() -> None:
    logs = []
    for lib in (minigrad, torch):
        log: list[str] = []
        a, b = lib.optim.SGD([leaf(lib)], lr=1), lib.optim.SGD([leaf(lib)], lr=2)
        for i, prepend in enumerate((False, True, False)):

            def saved(optimizer: Any, state: dict, i: int = i, log: list = log) -> dict:
                log.append(f"saved {i}")
                return {**state, str(i): i}

            def load(optimizer: Any, state: dict, i: int = i, log: list = log) -> None:
                log.append(f"load {i} {sorted(state)}")

            a.register_state_dict_pre_hook(lambda o, i=i, log=log: log.append(f"save {i}"), prepend)
            a.register_state_dict_post_hook(saved, prepend)
            b.register_load_state_dict_pre_hook(load, prepend)
            b.register_load_state_dict_post_hook(
                lambda o, i=i, log=log: log.append(f"loaded {i} {o.param_groups[0]['lr']}"), prepend
            )
        b.load_state_dict(a.state_dict())
        logs.append(log)
    assert logs[0] == logs[1] and len(logs[0]) == 12


def test_ones_own_optimizer() -> None:
    """A subclass in PyTorch's manner: `defaults`, and a `step` of its own; hooks work around it."""
    results = []
    for lib in (minigrad, torch):

        class SignSGD(lib.optim.Optimizer):
            def __init__(self, params: Any, lr: float = 0.1) -> None:
                super().__init__(params, {"lr": lr})

            @lib.no_grad()
            def step(self, closure: Any = None) -> Any:
                for group in self.param_groups:
                    for p in group["params"]:
                        if p.grad is not None:
                            p.add_(p.grad.sign(), alpha=-group["lr"])
                            self.state[p]["count"] = self.state[p].get("count", 0) + 1

        p = leaf(lib)
        p.grad = lib.tensor([3.0, -4.0])
        optimizer = SignSGD([p], lr=0.25)
        calls: list[int] = []
        optimizer.register_step_post_hook(lambda *_, calls=calls: calls.append(1))
        optimizer.step()
        optimizer.step()
        other = SignSGD([leaf(lib)])
        other.load_state_dict(optimizer.state_dict())
        results.append((p.tolist(), calls, repr(optimizer), other.state_dict()))
    assert results[0] == results[1]


# ---- checkpoints


def to_torch(value: Any) -> Any:
    """A state dict with PyTorch's tensors in the place of ours."""
    if isinstance(value, minigrad.Tensor):
        return torch.tensor(value.array)
    if isinstance(value, dict):
        return {key: to_torch(entry) for key, entry in value.items()}
    return [to_torch(entry) for entry in value] if isinstance(value, list) else value


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", NAMES)
def test_state_dict_moves_both_ways(name: str, dtype: str) -> None:
    options = {"SGD": {"momentum": 0.9}, "RMSprop": {"momentum": 0.9}}.get(name, {})
    if name.startswith("Adam") and name != "Adamax":
        options = {"amsgrad": True}
    twins = Twins(name, options, dtype, groups=[(slice(3, 5), {"lr": 0.01}), (slice(0, 3), {"maximize": True})])
    for without in ((), (1,), ()):
        twins.step(without)
    ours, theirs = twins.ours.state_dict(), twins.theirs.state_dict()
    assert list(ours) == list(theirs) and list(ours["state"]) == list(theirs["state"])
    assert ours["param_groups"] == theirs["param_groups"]
    assert [list(group) for group in ours["param_groups"]] == [list(group) for group in theirs["param_groups"]]
    for i, entries in theirs["state"].items():
        assert list(ours["state"][i]) == list(entries)
        for key, value in entries.items():
            assert repr(ours["state"][i][key].dtype) == repr(value.dtype) and ours["state"][i][key].shape == value.shape
    # each goes on from the other's checkpoint
    twins.theirs = type(twins.theirs)([{"params": g["params"]} for g in twins.theirs.param_groups])
    twins.theirs.load_state_dict(to_torch(ours))
    twins.ours = type(twins.ours)([{"params": g["params"]} for g in twins.ours.param_groups])
    twins.ours.load_state_dict(theirs)
    assert repr(twins.ours) == repr(twins.theirs)
    for without in ((), (2,), ()):
        twins.step(without)
        assert twins.distance() <= 8


@pytest.mark.parametrize("name", NAMES)
def test_loading_copies(name: str) -> None:
    options = {"momentum": 0.9} if name in ("SGD", "RMSprop") else {}
    entry = {"SGD": "momentum_buffer", "RMSprop": "momentum_buffer", "Adagrad": "sum", "Rprop": "prev", "ASGD": "ax"}
    a, b = Twins(name, options), Twins(name, options)
    a.step()
    checkpoint = a.ours.state_dict()
    b.ours.load_state_dict(checkpoint)
    b.set_grads()
    b.ours.step()
    before = {key: value.array.copy() for key, value in checkpoint["state"][0].items()}
    b.ours.step()
    assert all((a.ours.state[a.params[0]][key].array == value).all() for key, value in before.items())
    assert b.ours.state_dict()["state"][0][entry.get(name, "exp_avg" if name != "Adadelta" else "acc_delta")].array is not None


def test_the_options_loaded_are_copies() -> None:
    optimizer = minigrad.optim.Adam([leaf(minigrad)], lr=0.5)
    checkpoint = optimizer.state_dict()
    optimizer.load_state_dict(checkpoint)
    optimizer.param_groups[0]["lr"] = 7
    assert checkpoint["param_groups"][0]["lr"] == 0.5 and checkpoint["param_groups"][0]["params"] == [0]


def test_a_parameter_mentioned_twice_has_one_number() -> None:
    numbers = []
    for lib in (minigrad, torch):
        p, q, r = leaf(lib), leaf(lib), leaf(lib)
        with pytest.warns(UserWarning, match="duplicate parameters"):
            optimizer = lib.optim.SGD([{"params": [p, q, p]}, {"params": [r]}])
        numbers.append([group["params"] for group in optimizer.state_dict()["param_groups"]])
    assert numbers[0] == numbers[1]


def test_a_checkpoint_of_an_older_version() -> None:
    """Where the step was a number, and options were fewer."""
    twins = Twins("Adam", {"lr": 0.01})
    twins.step()
    for optimizer in (twins.ours, twins.theirs):
        state = optimizer.state_dict()
        for entry in state["state"].values():
            entry["step"] = 1
        kept = ("lr", "betas", "eps", "weight_decay", "params")
        state["param_groups"] = [{option: state["param_groups"][0][option] for option in kept}]
        optimizer.load_state_dict(state)
    assert repr(twins.ours) == repr(twins.theirs)
    twins.step()
    assert twins.distance() <= 4


def test_loading_casts_to_the_parameters_dtype_except_the_step() -> None:
    for source, goal in (("float64", "float32"), ("float32", "float64")):
        twins, others = Twins("Adam", {}, source), Twins("Adam", {}, goal)
        twins.step()
        others.ours.load_state_dict(twins.ours.state_dict())
        others.theirs.load_state_dict(twins.theirs.state_dict())
        for ours, theirs in zip(others.ours.state.values(), others.theirs.state.values()):
            assert {k: repr(v.dtype) for k, v in ours.items()} == {k: repr(v.dtype) for k, v in theirs.items()}


def test_a_refused_checkpoint_changes_nothing() -> None:
    twins = Twins("Adam", {"lr": 0.01})
    twins.step()
    state = twins.ours.state_dict()
    before = repr(twins.ours), list(twins.ours.state)
    state["param_groups"][0] = {**state["param_groups"][0], "lr": 5, "params": [0]}
    with pytest.raises(ValueError, match="doesn't match the size of optimizer's group"):
        twins.ours.load_state_dict(state)
    assert (repr(twins.ours), list(twins.ours.state)) == before


def test_adamw_stays_adamw_whatever_it_loads() -> None:
    for lib in (minigrad, torch):
        optimizer = lib.optim.AdamW([leaf(lib)])
        optimizer.load_state_dict(lib.optim.Adam([leaf(lib)]).state_dict())
        assert optimizer.param_groups[0]["decoupled_weight_decay"] is True
