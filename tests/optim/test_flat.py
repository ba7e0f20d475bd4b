"""One flat buffer for many parameters must never show: whatever a program does between steps, each goes its own way."""
from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
import torch
from twins import Twins

import minigrad
from minigrad.optim import flat

KINDS = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.5, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.1, "amsgrad": True}),
    ("AdamW", {"lr": 0.1}),
    ("RMSprop", {"lr": 0.1, "momentum": 0.9, "centered": True}),
]
kinds = pytest.mark.parametrize(("name", "options"), KINDS, ids=[f"{n}{i}" for i, (n, _) in enumerate(KINDS)])


def check(twins: Twins) -> None:
    """Equal but for rounding, which grows where RMSprop subtracts nearly equal numbers; a mix-up would show as 1e6."""
    assert twins.distance() <= 50


@kinds
def test_same_bits_as_alone(name: str, options: dict[str, Any]) -> None:
    together, apart = Twins(name, options), Twins(name, options)
    optimizers = [type(apart.ours)([p], **options) for p in apart.params]
    for _ in range(10):
        together.step()
        apart.set_grads()
        for optimizer in optimizers:
            optimizer.step()
    for p, q in zip(together.params, apart.params):
        assert p.array.tobytes() == q.array.tobytes()


@kinds
@pytest.mark.parametrize("chunk", [1, 7, 100])
def test_same_bits_in_chunks(name: str, options: dict[str, Any], chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, parts = Twins(name, options), Twins(name, options)
    for _ in range(5):
        whole.step()
        monkeypatch.setattr(flat, "CHUNK", chunk)
        parts.step()
        monkeypatch.undo()
    for p, q in zip(whole.params, parts.params):
        assert p.array.tobytes() == q.array.tobytes()


@kinds
def test_larger_than_a_chunk(name: str, options: dict[str, Any]) -> None:
    twins = Twins(name, options, shapes=[(flat.CHUNK + 3,), (5,), (2, flat.CHUNK)])
    for _ in range(3):
        twins.step()
    check(twins)


@kinds
@pytest.mark.parametrize(
    "absences",
    [
        [(), (2,), (), (0, 4), ()],  # now and then
        [(0, 1), (0, 1), (), (), ()],  # late to join
        [(1, 3), (0, 2, 4), (1, 3), (0, 2, 4), ()],  # by turns
        [(3,), (3,), (3,), (3,), (3,)],  # never
        [(0, 1, 2, 3, 4), (), (0, 1, 2, 3, 4), ()],  # all
    ],
)
def test_parameters_without_gradient_are_skipped(name: str, options: dict[str, Any], absences: list) -> None:
    twins = Twins(name, options)
    for without in absences:
        twins.step(without)
        check(twins)


@kinds
def test_state_replaced_and_changed(name: str, options: dict[str, Any]) -> None:
    twins = Twins(name, options)

    def both(change: Any) -> None:
        change(twins.ours, twins.params, lambda array: minigrad.tensor(array))
        change(twins.theirs, twins.mirror, lambda array: torch.tensor(array))
        twins.step()
        check(twins)

    def replace(optimizer: Any, params: Any, tensor: Any) -> None:
        for entry in list(optimizer.state.get(params[1], {})):
            if entry != "step":
                optimizer.state[params[1]][entry] = tensor(np.full(40, 0.5, "f4"))

    def change(optimizer: Any, params: Any, tensor: Any) -> None:
        for value in optimizer.state.get(params[0], {}).values():
            value.mul_(2)

    def set_step(optimizer: Any, params: Any, tensor: Any) -> None:
        if "step" in optimizer.state.get(params[0], {}):
            optimizer.state[params[0]]["step"] = tensor(np.float32(17))

    def set_data(optimizer: Any, params: Any, tensor: Any) -> None:
        for value in optimizer.state.get(params[0], {}).values():
            value.data = value.data * 3

    def forget_one(optimizer: Any, params: Any, tensor: Any) -> None:
        optimizer.state.pop(params[2], None)

    def forget_all(optimizer: Any, params: Any, tensor: Any) -> None:
        optimizer.state.clear()

    twins.step()
    for act in (replace, change, set_step, set_data, forget_one, replace, forget_all, change):
        both(act)


@kinds
def test_parameter_data_replaced(name: str, options: dict[str, Any]) -> None:
    twins = Twins(name, options)
    twins.step()
    array = twins.random((40, 7))
    twins.params[0].data = minigrad.tensor(array)
    twins.mirror[0].data = torch.tensor(array)
    seen, seen_there = twins.params[0].detach(), twins.mirror[0].detach()
    twins.step()
    check(twins)
    assert np.shares_memory(seen.array, twins.params[0].array)  # and what shares the parameter's memory sees the update
    np.testing.assert_allclose(seen.array, seen_there.numpy(), rtol=1e-5)


@kinds
def test_options_changed_between_steps(name: str, options: dict[str, Any]) -> None:
    twins = Twins(name, options)
    for change in ({"lr": 0.5}, {"weight_decay": 0.3}, {"maximize": True}, {"lr": 0.0}):
        twins.step()
        for optimizer in (twins.ours, twins.theirs):
            optimizer.param_groups[0].update(change)
        twins.step()
        check(twins)


def test_momentum_switched_on_and_off() -> None:
    twins = Twins("SGD", {"lr": 0.1, "dampening": 0.5})
    for momentum in (0, 0.9, 0, 0.5):
        for optimizer in (twins.ours, twins.theirs):
            optimizer.param_groups[0]["momentum"] = momentum
        for without in ((), (1,), ()):
            twins.step(without)
        check(twins)


@kinds
def test_group_added(name: str, options: dict[str, Any]) -> None:
    twins = Twins(name, options, groups=[(slice(0, 2), {"lr": 0.3}), (slice(2, 5), {"weight_decay": 0.2})])
    twins.step()
    ours, theirs = twins.add([(4, 4), (4,)])
    twins.ours.add_param_group({"params": ours, "lr": 0.01})
    twins.theirs.add_param_group({"params": theirs, "lr": 0.01})
    for _ in range(3):
        twins.step()
    check(twins)
    assert repr(twins.ours) == repr(twins.theirs)


@kinds
def test_two_dtypes_in_a_group(name: str, options: dict[str, Any]) -> None:
    twins = Twins(name, options)
    twins.dtype = "float64"
    ours, theirs = twins.add([(3, 2), (3,)])
    twins.ours.param_groups[0]["params"] += ours
    twins.theirs.param_groups[0]["params"] += theirs
    for _ in range(3):
        for p, q in zip(twins.params, twins.mirror):
            grad = np.asarray(twins.rng.standard_normal(p.array.shape), p.array.dtype)
            p.grad, q.grad = minigrad.tensor(grad, dtype=p.dtype), torch.tensor(grad)
        twins.ours.step()
        twins.theirs.step()
    check(twins)


@kinds
def test_a_parameter_mentioned_twice_is_updated_twice(name: str, options: dict[str, Any]) -> None:
    if name == "SGD":  # in PyTorch momentum begins at both mentions in the first step, and only the latter is kept
        options = {**options, "dampening": 0, "momentum": 0}
    twins = Twins(name, options)
    with pytest.warns(UserWarning, match="optimizer contains a parameter group with duplicate parameters"):
        twins.ours = type(twins.ours)([*twins.params, twins.params[1]], **options)
    with pytest.warns(UserWarning, match="optimizer contains a parameter group with duplicate parameters"):
        twins.theirs = type(twins.theirs)([*twins.mirror, twins.mirror[1]], **options)
    for _ in range(3):
        twins.step()
    check(twins)


@kinds
def test_non_contiguous_and_empty_parameters(name: str, options: dict[str, Any]) -> None:
    twins = Twins(name, options, shapes=[(4, 6), (0, 3), (0,)])
    twins.params[0].data, twins.mirror[0].data = twins.params[0].data.t(), twins.mirror[0].data.t()
    for _ in range(3):
        twins.step()
    check(twins)


@pytest.mark.parametrize("name", ["Adam", "AdamW", "RMSprop"])
@pytest.mark.parametrize("entry", [1, 2])
def test_state_that_does_not_fit_is_refused_and_nothing_changes(name: str, entry: int) -> None:
    twins = Twins(name, {"centered": True} if name == "RMSprop" else {})
    twins.step()
    state = twins.ours.state[twins.params[1]]
    key = list(state)[entry]
    for bad in (np.zeros(41, "f4"), np.zeros(40, "f8"), np.zeros((), "f4")):
        good, state[key] = state[key], minigrad.tensor(bad, dtype=minigrad.float64 if bad.dtype == "f8" else None)
        twins.set_grads()
        before = [p.array.copy() for p in twins.params]
        with pytest.raises(RuntimeError, match=f"the optimizer's state '{key}' is"):
            twins.ours.step()
        assert all((p.array == b).all() for p, b in zip(twins.params, before))
        assert twins.ours.state[twins.params[0]]["step"].item() == 1
        state[key] = good
    twins.ours.step()
    twins.theirs.step()
    check(twins)


def test_a_gradient_of_another_shape_is_refused_and_nothing_changes() -> None:
    twins = Twins("Adam", {}, shapes=[(2, 3), (4,)])
    twins.step()
    twins.set_grads()
    p = twins.params[0]
    data = p.data
    p.data = data.reshape(3, 2)
    p.grad = minigrad.ones(3, 2)
    p.data = data
    before = [q.array.copy() for q in twins.params]
    with pytest.raises(RuntimeError, match="a parameter and its gradient differ in shape"):
        twins.ours.step()
    assert all((q.array == b).all() for q, b in zip(twins.params, before))
    assert twins.ours.state[p]["step"].item() == 1


def test_missing_state_is_named() -> None:
    for change, key in (({"amsgrad": True}, "max_exp_avg_sq"), ({}, "step")):
        twins = Twins("Adam", {})
        twins.step()
        for optimizer, params in ((twins.ours, twins.params), (twins.theirs, twins.mirror)):
            optimizer.param_groups[0].update(change)
            optimizer.state[params[0]].pop(key, None)
            with pytest.raises(KeyError, match=key):
                optimizer.step()


def test_state_tensors_stay_the_same_objects() -> None:
    twins = Twins("Adam", {})
    twins.step(without=(0,))
    held = twins.ours.state[twins.params[1]]["exp_avg"]
    twins.step()  # one more parameter: everything moves
    assert twins.ours.state[twins.params[1]]["exp_avg"] is held
    np.testing.assert_allclose(held.array, twins.theirs.state[twins.mirror[1]]["exp_avg"].numpy(), rtol=1e-5)


@pytest.mark.parametrize(("name", "entry"), [("Adam", "exp_avg"), ("Adagrad", "sum"), ("NAdam", "mu_product")])
def test_updates_count_as_changes_in_place(name: str, entry: str) -> None:
    twins = Twins(name, {})
    twins.step()
    watched = [twins.params[0], twins.ours.state[twins.params[0]][entry]]
    before = [t._version for t in watched]
    twins.step()
    assert all(t._version > version for t, version in zip(watched, before))


@kinds
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["deepcopy", "pickle"])
def test_copies_go_on_alone(name: str, options: dict[str, Any], copied: Any) -> None:
    twins = Twins(name, options)
    twins.step()
    other = copied(twins.ours)
    assert repr(other) == repr(twins.ours)
    params = other.param_groups[0]["params"]
    before = [p.array.copy() for p in params]
    twins.set_grads()
    twins.ours.step()
    assert all((p.array == b).all() for p, b in zip(params, before))
    for p, q in zip(params, twins.params):
        p.grad = q.grad
    other.step()
    assert all(p.array.tobytes() == q.array.tobytes() for p, q in zip(params, twins.params))
