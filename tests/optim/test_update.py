"""The formulas, against PyTorch: a hundred steps on the same gradients, with every combination of options."""
from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from twins import CASES, Twins, ids

import minigrad
from minigrad.optim import (
    adadelta,
    adagrad,
    adam,
    adamax,
    arithmetic,
    asgd,
    flat,
    nadam,
    one_by_one,
    radam,
    rmsprop,
    sgd,
)

# After 100 steps: the share of bits that agree, at least; the largest difference, at most, in rounding errors of the
# largest element. A little beyond what was measured: PyTorch fuses multiplication and addition, NumPy cannot.
BOUNDS = {"SGD": (0.20, 4), "Adam": (0.60, 4), "AdamW": (0.60, 4), "RMSprop": (0.20, 6)}
BOUNDS |= dict.fromkeys(("Adagrad", "Adamax", "NAdam", "RAdam", "Rprop", "ASGD"), (0.01, 4)) | {"Adadelta": (0.01, 8)}
NAMES = list(BOUNDS)
DECAY: dict[str, Any] = {"Rprop": {}}  # which has none


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "options"), CASES, ids=ids)
def test_hundred_steps(name: str, options: dict[str, Any], dtype: str) -> None:
    twins = Twins(name, options, dtype)
    for _ in range(100):
        twins.step()
    share, distance = BOUNDS[name]
    assert twins.distance() <= distance
    assert twins.share() >= share


def fma(a: Any, b: Any, c: Any) -> np.ndarray:
    """a * b + c with a single rounding."""
    c = np.asarray(c)
    if c.dtype == np.float32:  # the product is exact in double; that the sum rounds twice shows once in 2^29 times
        return (np.multiply(a, b, dtype="f8") + c.astype("f8")).astype("f4")
    exact = np.frompyfunc(lambda a, b, c: float(Fraction(a) * Fraction(b) + Fraction(c)), 3, 1)
    return np.asarray(exact(a, b, c), "f8")


def fused_add_(x: Any, y: Any, alpha: Any, scratch: Any) -> None:
    x[...] = fma(alpha, y, x)


def fused_lerp_(x: Any, y: Any, weight: Any, scratch: Any) -> None:
    difference = y - x
    x[...] = fma(weight, difference, x) if weight.item() < 0.5 else fma(-difference, x.dtype.type(1) - weight, y)


def fused_addcmul_(x: Any, y: Any, z: Any, value: Any, scratch: Any, out: Any = None) -> None:
    (x if out is None else out)[...] = fma(y * x.dtype.type(value), z, x)


def torch_sqrt(x: np.ndarray, out: np.ndarray) -> np.ndarray:
    """PyTorch's square root is not always the correctly rounded one."""
    out[...] = torch.from_numpy(np.ascontiguousarray(x)).sqrt().numpy()
    return out


def torch_fuses() -> bool:
    a, b = np.random.default_rng(0).standard_normal((2, 1000), "f4")
    return bool((torch.from_numpy(a).add(torch.from_numpy(b), alpha=0.1).numpy() == fma(np.float32(0.1), b, a)).all())


@pytest.mark.skipif(not torch_fuses(), reason="this processor has no FMA, or PyTorch does not use it")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "options"), CASES, ids=ids)
def test_order_of_operations(name: str, options: dict[str, Any], dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With PyTorch's roundings put into the compound operations and sqrt, every bit agrees: the order is PyTorch's."""
    for module in (flat, one_by_one, sgd, adam, rmsprop, adadelta, adagrad, adamax, nadam, radam, asgd):
        for function in (fused_add_, fused_lerp_, fused_addcmul_):
            monkeypatch.setattr(module, function.__name__.removeprefix("fused_"), function, raising=False)
    monkeypatch.setattr(np, "sqrt", torch_sqrt)
    twins = Twins(name, options, dtype)
    for _ in range(20 if dtype == "float32" else 4):
        twins.step()
    for what, ours, theirs in twins.values():
        assert ours.tobytes() == theirs.tobytes(), what


@pytest.mark.parametrize("weight", [0.0, 0.25, 0.49, 0.5, 0.75, 1.0])
def test_lerp_goes_from_the_nearer_end(weight: float) -> None:
    x, y = np.array([[1e8, -3.0, 0.1, 5.0], [1.0, 1e8, 0.7, 5.0]], "f4")
    expected = torch.from_numpy(x).lerp(torch.from_numpy(y), weight).numpy()
    arithmetic.lerp_(x, y, np.array(weight, "f4"), np.empty(4, "f4"))
    np.testing.assert_array_max_ulp(x, expected, 1)  # from the farther end, 1e8 would swallow the 1


def test_addcmul_multiplies_by_the_number_first() -> None:
    x, y = np.zeros(2, "f4"), np.array([1e30, -1e25], "f4")
    expected = torch.zeros(2).addcmul(torch.from_numpy(y), torch.from_numpy(y), value=1e-30).numpy()
    arithmetic.addcmul_(x, y, y, np.array(1e-30, "f4"), np.empty(2, "f4"))
    assert np.isfinite(expected).all()  # which y * y is not
    np.testing.assert_array_max_ulp(x, expected, 1)


@pytest.mark.parametrize("flag, name", [
    *[("foreach", name) for name in NAMES],
    *[("fused", name) for name in ("SGD", "Adam", "AdamW", "Adagrad")],
])  # fmt: skip
def test_other_implementations_do_the_same(name: str, flag: str) -> None:
    twins = Twins(name, {"lr": 0.01, flag: True, **DECAY.get(name, {"weight_decay": 0.1})})
    for _ in range(20):
        twins.step()
    assert twins.distance() <= 8


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(), (1,)])
def test_learning_rate_in_a_tensor(name: str, shape: tuple[int, ...]) -> None:
    rate = np.full(shape, 0.03, "f4")
    decay = DECAY.get(name, {"weight_decay": 0.1})
    twins = Twins(name, decay)
    twins.ours = getattr(minigrad.optim, name)(twins.params, lr=minigrad.tensor(rate), **decay)
    twins.theirs = getattr(torch.optim, name)(twins.mirror, lr=torch.tensor(rate), **decay)
    for _ in range(20):
        twins.step()
    assert twins.distance() <= 4
    assert repr(twins.ours) == repr(twins.theirs)


def test_betas_in_tensors() -> None:
    twins = Twins("Adam", {})
    twins.ours = minigrad.optim.Adam(twins.params, betas=(minigrad.tensor([0.8]), minigrad.tensor(0.99)))
    twins.theirs = torch.optim.Adam(twins.mirror, betas=(torch.tensor([0.8]), torch.tensor(0.99)))
    for _ in range(20):
        twins.step()
    assert twins.distance() <= 4
    assert repr(twins.ours) == repr(twins.theirs)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", NAMES)
def test_nan_and_inf_spread_as_in_pytorch(name: str) -> None:
    twins = Twins(name, {"lr": 0.1}, shapes=[(6,)])
    twins.step()
    for bad in ([np.nan, 1, np.inf, 2, -np.inf, 0], [0] * 6):
        twins.params[0].grad = minigrad.tensor(np.array(bad, "f4"))
        twins.mirror[0].grad = torch.tensor(np.array(bad, "f4"))
        twins.ours.step()
        twins.theirs.step()
    for what, ours, theirs in twins.values():
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, err_msg=what)
