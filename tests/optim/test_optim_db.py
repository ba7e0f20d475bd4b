"""PyTorch's own database of optimizers: every set of options and every error that it lists, on both sides."""
from __future__ import annotations

import copy
import inspect
import pickle
import re
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from torch.testing._internal.common_optimizers import OptimizerErrorEnum, optim_db
from twins import Twins

import minigrad

NOT_HERE = {
    "SparseAdam": "for sparse gradients, which minigrad does not have",
    "Adafactor": "not in the course, nor in the programs that were counted",
    "Muon": "not in the course, nor in the programs that were counted",
}
INFOS = [info for info in optim_db if info.name not in NOT_HERE]
INPUTS = [(info.name, sample) for info in INFOS for sample in info.optim_inputs_func("cpu", torch.float32)]
ERRORS = [(info.name, sample) for info in INFOS for sample in info.optim_error_inputs_func("cpu", torch.float32)]


def ours(value: Any) -> Any:
    """The same for minigrad: tensors, parameters, and what holds them."""
    memo: dict[int, Any] = {}

    def convert(value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            if id(value) not in memo:
                made = minigrad.tensor(value.detach().numpy())
                memo[id(value)] = minigrad.nn.Parameter(made) if isinstance(value, torch.nn.Parameter) else made
            return memo[id(value)]
        if isinstance(value, dict):
            return {key: convert(entry) for key, entry in value.items()}
        return type(value)(map(convert, value)) if isinstance(value, (list, tuple)) else value

    return convert(value)


def named(cases: list[tuple[str, Any]], describe: Any) -> Any:
    return pytest.mark.parametrize(("name", "sample"), cases, ids=[f"{name}-{describe(sample)}" for name, sample in cases])


def test_what_is_not_here_is_known() -> None:
    """And nothing is left out but what is said to be."""
    assert {info.name for info in optim_db} - {info.name for info in INFOS} == set(NOT_HERE)
    assert not any(hasattr(minigrad.optim, name) for name in NOT_HERE)
    assert len(INPUTS) >= 75 and len(ERRORS) >= 80


def both(name: str, kwargs: dict[str, Any], dtype: str, groups: Any = None) -> Twins:
    twins = Twins("SGD", {}, dtype)
    for side, lib, options in (("ours", minigrad, ours(kwargs)), ("theirs", torch, kwargs)):
        params: Any = twins.params if lib is minigrad else twins.mirror
        params = params if groups is None else [{"params": params[part], **more} for part, more in groups]
        setattr(twins, side, getattr(lib.optim, name)(params, **options))
    return twins


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@named([case for case in INPUTS if case[0] != "LBFGS"], lambda sample: sample.desc)
def test_hundred_steps(name: str, sample: Any, dtype: str) -> None:
    twins = both(name, sample.kwargs, dtype)
    assert repr(twins.ours) == repr(twins.theirs)
    for i in range(100):
        twins.step(without=(1,) if i % 10 == 3 else ())
    assert twins.distance() <= 8


@named([case for case in INPUTS if case[0] != "LBFGS"], lambda sample: sample.desc)
def test_state_dict_both_ways(name: str, sample: Any) -> None:
    """Each side goes on from the other's checkpoint; a group is added, and the first is kept as it was."""
    twins = both(name, sample.kwargs, "float32", groups=[(slice(0, 3), {}), (slice(3, 5), {"lr": 0.02})])
    for _ in range(5):
        twins.step()
    mine = {"state": {}, "param_groups": copy.deepcopy(twins.theirs.state_dict()["param_groups"])}
    for key, entries in twins.ours.state_dict()["state"].items():
        mine["state"][key] = {name: torch.tensor(np.asarray(value.array)) for name, value in entries.items()}
    saved = copy.deepcopy(twins.theirs.state_dict())
    twins.ours.load_state_dict({**saved, "param_groups": ours(saved["param_groups"])})
    twins.theirs.load_state_dict(mine)
    for optimizer, made in zip((twins.ours, twins.theirs), twins.add([(3, 2)])):
        optimizer.add_param_group({"params": made, "lr": 0.5})
    for _ in range(5):
        twins.step()
    assert twins.distance() <= 8
    assert repr(twins.ours) == repr(twins.theirs)


def valley(t: Any, x: Any) -> Any:
    """Rosenbrock's function, of many variables: curved, narrow, and slow to go down."""
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def descend(t: Any, kwargs: dict[str, Any], steps: int, start: list[float], middle: Any = None) -> list[Any]:
    a = t.tensor(start[:2], dtype=t.float64, requires_grad=True)
    b = t.tensor([start[2:]], dtype=t.float64, requires_grad=True)
    unused = t.tensor([1.0], dtype=t.float64, requires_grad=True)
    optimizer = t.optim.LBFGS([a, b, unused], **kwargs)
    found: list[Any] = []

    def closure() -> Any:
        optimizer.zero_grad()
        assert t.is_grad_enabled()
        loss = valley(t, t.cat([a, b.reshape(-1)]))
        loss.backward()
        found.append(loss.item())
        return loss

    for i in range(steps):
        if middle is not None and i == steps // 2:
            optimizer = middle(optimizer, [a, b, unused])
        found.append(optimizer.step(closure).item())
        found += a.tolist() + b.tolist()[0]
    state = optimizer.state[a]
    return [*found, list(state), state["n_iter"], state["func_evals"], state.get("prev_loss"), float(state.get("t", 0)), unused.item()]


def same_path(mine: list[Any], theirs: list[Any]) -> None:
    assert len(mine) == len(theirs)  # as many calls of the closure, too
    for a, b in zip(mine, theirs):
        assert a == b if isinstance(b, (list, int, type(None))) else a == pytest.approx(b, rel=1e-6, abs=1e-12, nan_ok=True)


LBFGS = [sample.kwargs for name, sample in INPUTS if name == "LBFGS"] + [
    {"history_size": 3, "max_iter": 7, "line_search_fn": "strong_wolfe"},
    {"line_search_fn": "strong_wolfe", "max_eval": 3},
    {"line_search_fn": "strong_wolfe", "max_iter": 1, "max_eval": 1},
    {"line_search_fn": "strong_wolfe", "lr": 20.0},
    {"line_search_fn": "strong_wolfe", "lr": 1e-3, "tolerance_change": 0},
    {"lr": 0.1, "history_size": 2},
    {"lr": 0.002, "max_iter": 3, "tolerance_grad": 30.0},
]


@pytest.mark.filterwarnings("ignore:Converting a tensor")
@pytest.mark.parametrize("kwargs", LBFGS, ids=str)
@pytest.mark.parametrize("start", [[-1.2, 1.0, 0.5, 2.0, -0.7], [0.9, 0.8, 0.7, 0.5, 0.2], [3.0, -2.0, 1.0, 4.0, 9.0]])
def test_lbfgs(kwargs: dict[str, Any], start: list[float]) -> None:
    same_path(descend(minigrad, ours(kwargs), 2, start), descend(torch, kwargs, 2, start))


@pytest.mark.filterwarnings("ignore:Converting a tensor")
def test_lbfgs_goes_on_from_a_checkpoint() -> None:
    def reload(optimizer: Any, params: Any) -> Any:
        other = type(optimizer)(params, lr=7)
        other.load_state_dict(optimizer.state_dict())
        return other

    kwargs, start = {"max_iter": 4, "line_search_fn": "strong_wolfe"}, [-1.2, 1.0, 0.5, 2.0, -0.7]
    path = descend(minigrad, kwargs, 6, start, reload)
    same_path(path, descend(minigrad, kwargs, 6, start))
    same_path(path, descend(torch, kwargs, 6, start, reload))


def test_lbfgs_errors() -> None:
    for lib in (minigrad, torch):
        p, q = lib.ones(2, requires_grad=True), lib.ones(2, requires_grad=True)
        with pytest.raises(ValueError, match="LBFGS doesn't support per-parameter options"):
            lib.optim.LBFGS([{"params": [p]}, {"params": [q]}])
        with pytest.raises(TypeError, match="missing 1 required positional argument: 'closure'"):
            lib.optim.LBFGS([p]).step()

        def closure(p: Any = p) -> Any:
            loss = (p * p).sum()
            loss.backward()
            return loss

        with pytest.raises(RuntimeError, match="only 'strong_wolfe' is supported"):
            lib.optim.LBFGS([p], line_search_fn="other").step(closure)
        with pytest.raises(ValueError, match="Invalid learning rate: -1"):
            lib.optim.LBFGS([p], lr=-1)


@named(ERRORS, lambda sample: sample.optimizer_error_input.desc)
def test_errors(name: str, sample: Any) -> None:
    given = sample.optimizer_error_input
    assert sample.error_on is OptimizerErrorEnum.CONSTRUCTION_ERROR
    said = []
    params = torch.nn.Parameter(torch.ones(2, 2)) if given.params is None else given.params
    params = [params] if given.params is None else params
    for lib, args, kwargs in ((torch, params, given.kwargs), (minigrad, ours(params), ours(given.kwargs))):
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            with pytest.raises(sample.error_type, match=sample.error_regex) as error:
                getattr(lib.optim, name)(args, **kwargs)
        said.append(re.sub("minigrad", "torch", str(error.value)))
    assert said[0] == said[1]


@pytest.mark.parametrize("name", [info.name for info in INFOS])
def test_defaults_and_signature(name: str) -> None:
    mine, theirs = [inspect.signature(getattr(lib.optim, name).__init__) for lib in (minigrad, torch)]
    assert [(p.name, p.kind, p.default) for p in mine.parameters.values()] == [
        (p.name, p.kind, p.default) for p in theirs.parameters.values()
    ]
    closure_needed = name == "LBFGS"
    assert closure_needed == next(info.step_requires_closure for info in INFOS if info.name == name)


@pytest.mark.parametrize("name", [info.name for info in INFOS if info.name != "LBFGS"])
def test_training_with_a_closure_and_hooks(name: str) -> None:
    paths = []
    for lib in (minigrad, torch):
        w = lib.tensor([[1.0, -2.0, 0.5]], requires_grad=True)
        optimizer = getattr(lib.optim, name)([w], lr=0.05)
        log: list[Any] = []
        optimizer.register_step_pre_hook(lambda o, args, kwargs, log=log: log.append("before"))
        optimizer.register_step_post_hook(lambda o, args, kwargs, log=log: log.append("after"))

        def closure(lib: Any = lib, w: Any = w, optimizer: Any = optimizer, log: Any = log) -> Any:
            optimizer.zero_grad()
            loss = ((w - 3) ** 4).mean()
            loss.backward()
            log.append(loss.item())
            return loss

        for _ in range(20):
            log.append(optimizer.step(closure).item())
        paths.append([*log, *w.tolist()[0]])
    for a, b in zip(*paths, strict=True):
        assert a == b if isinstance(b, str) else a == pytest.approx(b, rel=1e-4)


@pytest.mark.parametrize("name", [info.name for info in INFOS if info.name != "LBFGS"])
def test_copies_and_pickles(name: str) -> None:
    twins = both(name, {}, "float32")
    twins.step()
    for copied in (copy.deepcopy(twins.ours), pickle.loads(pickle.dumps(twins.ours))):
        assert repr(copied) == repr(twins.ours)
        (p, *_), q = copied.param_groups[0]["params"], twins.params[0]
        assert p is not q and all((value.array == twins.ours.state[q][key].array).all() for key, value in copied.state[p].items())
