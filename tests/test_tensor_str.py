"""minigrad's tensor repr beside torch's, character for character."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from torch._tensor_str import get_printoptions as torch_get_printoptions
from torch._tensor_str import printoptions as torch_printoptions

from minigrad._tensor_str import get_printoptions, set_printoptions, tensor_str

FLOATS = ["float32", "float64", "float16"]
WHOLES = ["int64", "int32", "int16", "int8", "uint8", "bool"]
SPECIALS = [0.0, -0.0, 1.0, -1.0, np.nan, np.inf, -np.inf]
BOUNDARIES = [1e-4, 0.99e-4, 1e8, 1.0001e8, 1e-3, 1.0, 1.001, 1000.0, 1000.5, 9.99995, 99999.5, 0.5, -0.5, 2.0, -3.0]


@contextmanager
def printoptions(**options: Any) -> Iterator[None]:
    """The same print options on both sides, then the defaults again."""
    with torch_printoptions(**options):
        set_printoptions(**options)
        try:
            yield
        finally:
            set_printoptions(profile="default")


def ours(tensor: torch.Tensor, **keywords: Any) -> str:
    """What minigrad prints for this torch tensor."""
    array = tensor.detach().float() if tensor.dtype == torch.bfloat16 else tensor.detach()
    return tensor_str(
        array.numpy(),
        dtype_name=str(tensor.dtype),
        default_dtype_name=str(torch.get_default_dtype()),
        requires_grad=tensor.requires_grad,
        grad_fn_name=type(tensor.grad_fn).__name__ if tensor.grad_fn else None,
        **keywords,
    )


def assert_same_repr(array: np.ndarray) -> None:
    tensor = torch.from_numpy(array)
    assert ours(tensor) == repr(tensor)


def random_array(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Values of one kind or of many: whole or not, near or far in magnitude, special or not."""
    if dtype == "bool":
        return np.asarray(rng.random(shape) < 0.5)
    values = rng.standard_normal(shape) * 10.0 ** rng.uniform(-6, 10)
    if rng.random() < 0.3:
        values = values * 10.0 ** rng.uniform(-4, 4, shape)
    if dtype not in FLOATS:
        info = np.iinfo(dtype)
        return np.asarray(np.clip(values, info.min, info.max // 2), dtype)
    if rng.random() < 0.3:
        values = np.round(values)
    if rng.random() < 0.3:
        values = np.where(rng.random(shape) < 0.3, rng.choice(SPECIALS, shape), values)
    if rng.random() < 0.3:
        values = np.where(rng.random(shape) < 0.5, rng.choice(BOUNDARIES, shape), values)
    with np.errstate(over="ignore"):
        return np.asarray(values, dtype)


shapes = hnp.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=6)
seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(FLOATS + WHOLES), shapes, seeds)
def test_random_arrays(dtype: str, shape: tuple[int, ...], seed: int) -> None:
    assert_same_repr(random_array(np.random.default_rng(seed), shape, dtype))


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_every_bit_pattern(data: st.DataObject) -> None:
    dtype = data.draw(st.sampled_from(FLOATS + WHOLES))
    assert_same_repr(data.draw(hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))))


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(FLOATS), st.lists(st.sampled_from(SPECIALS + BOUNDARIES), max_size=4))
def test_the_borders_of_each_notation(dtype: str, values: list[float]) -> None:
    with np.errstate(over="ignore"):
        assert_same_repr(np.array(values, dtype))


@pytest.mark.parametrize("value", SPECIALS + BOUNDARIES)
@pytest.mark.parametrize("dtype", FLOATS)
def test_scalars(dtype: str, value: float) -> None:
    with np.errstate(over="ignore"):
        assert_same_repr(np.array(value, dtype))


@pytest.mark.parametrize("value", [0, 1, -1, 127, True, False])
def test_whole_scalars(value: int) -> None:
    assert_same_repr(np.array(value))


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 0, 4)])
@pytest.mark.parametrize("dtype", FLOATS + WHOLES)
def test_empty(dtype: str, shape: tuple[int, ...]) -> None:
    assert_same_repr(np.empty(shape, dtype))


@pytest.mark.parametrize("dtype", FLOATS + WHOLES)
@pytest.mark.parametrize(
    "shape",
    [
        (1000,),
        (1001,),
        (5, 200),
        (7, 200),
        (6, 167),
        (1001, 1),
        (1, 1001),
        (6, 6, 28),
        (7, 7, 7, 7),
        (2, 3, 400),
        (11, 2, 60),
    ],
)
def test_summaries(dtype: str, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(len(shape))
    for _ in range(4):
        assert_same_repr(random_array(rng, shape, dtype))


def test_summaries_measure_only_what_they_show() -> None:
    array = np.arange(2000.0)
    array[1000] = 1e-12
    assert_same_repr(array)


def test_bfloat16() -> None:
    tensor = torch.tensor([1.0, 0.1, 1e-3, 30.25]).bfloat16()
    assert ours(tensor) == repr(tensor)


@pytest.mark.parametrize(
    "array",
    [np.arange(12.0).reshape(3, 4).T, np.arange(24)[::-2], np.broadcast_to(2.5, (3, 2)), np.arange(4000.0)[::3]],
)
def test_strided(array: np.ndarray) -> None:
    tensor = torch.from_numpy(array.copy())
    assert tensor_str(array, dtype_name=str(tensor.dtype)) == repr(tensor)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(FLOATS), shapes, seeds, st.sampled_from(["clone", "exp", "abs", "requires_grad_"]))
def test_gradient_suffixes(dtype: str, shape: tuple[int, ...], seed: int, op: str) -> None:
    leaf = torch.from_numpy(random_array(np.random.default_rng(seed), shape, dtype)).requires_grad_()
    tensor = getattr(leaf, op)()
    assert ours(tensor) == repr(tensor)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("length", range(1, 24))
def test_suffixes_wrap_at_the_same_column(dtype: str, length: int) -> None:
    leaf = torch.from_numpy(np.linspace(0, 1, length).astype(dtype)).requires_grad_()
    for tensor in (leaf, leaf * 2, leaf.expand(2, length), leaf.sigmoid(), leaf.relu() * 10 ** (length % 4)):
        assert ours(tensor) == repr(tensor)


@pytest.mark.parametrize("dtype", FLOATS + WHOLES)
@pytest.mark.parametrize("shape", [(), (3,), (0,), (0, 2)])
def test_default_dtype(dtype: str, shape: tuple[int, ...]) -> None:
    torch.set_default_dtype(torch.float64)
    try:
        assert_same_repr(np.ones(shape, dtype))
    finally:
        torch.set_default_dtype(torch.float32)


class Measurement(torch.Tensor):
    pass


class Weight(torch.nn.Parameter):
    pass


@settings(max_examples=100, deadline=None)
@given(shapes, seeds)
def test_subclass(shape: tuple[int, ...], seed: int) -> None:
    tensor = torch.from_numpy(random_array(np.random.default_rng(seed), shape, "float64")).as_subclass(Measurement)
    assert ours(tensor.as_subclass(torch.Tensor), prefix="Measurement(") == repr(tensor)


@settings(max_examples=100, deadline=None)
@given(shapes, seeds, st.booleans())
def test_parameter(shape: tuple[int, ...], seed: int, requires_grad: bool) -> None:
    tensor = torch.from_numpy(random_array(np.random.default_rng(seed), shape, "float32"))
    parameter = torch.nn.Parameter(tensor, requires_grad)
    assert ours(parameter, parameter=True) == repr(parameter)
    weight = Weight(tensor, requires_grad)
    assert ours(weight, parameter=True, prefix="Weight(") == repr(weight)


options = st.fixed_dictionaries(
    {},
    optional={
        "precision": st.integers(0, 12),
        "threshold": st.sampled_from([-1, 0, 1, 5, 20, 100, float("inf")]),
        "edgeitems": st.integers(0, 5),
        "linewidth": st.one_of(st.integers(-5, 200), st.floats(1, 200)),
        "profile": st.sampled_from(["default", "short", "full"]),
        "sci_mode": st.sampled_from([True, False, None]),
    },
)


@settings(max_examples=600, deadline=None)
@given(options, st.sampled_from(FLOATS + WHOLES), shapes, seeds)
def test_printoptions(options: dict[str, Any], dtype: str, shape: tuple[int, ...], seed: int) -> None:
    array = random_array(np.random.default_rng(seed), shape, dtype)
    with printoptions(**options):
        assert get_printoptions() == torch_get_printoptions()
        assert_same_repr(array)


@settings(max_examples=100, deadline=None)
@given(st.lists(options, max_size=4))
def test_printoptions_follow_each_other(calls: list[dict[str, Any]]) -> None:
    with printoptions():
        for call in calls:
            torch.set_printoptions(**call)
            set_printoptions(**call)
            assert get_printoptions() == torch_get_printoptions()
            assert list(get_printoptions()) == list(torch_get_printoptions())


@pytest.mark.parametrize("linewidth", range(20, 100))
def test_suffixes_wrap_at_every_linewidth(linewidth: int) -> None:
    leaf = torch.linspace(0, 1, 4, dtype=torch.float64).requires_grad_()
    with printoptions(linewidth=linewidth):
        for tensor in (leaf, leaf * 2, leaf.detach(), leaf.expand(2, 4), leaf.new_empty(0, 4) * leaf):
            assert ours(tensor) == repr(tensor)


@pytest.mark.parametrize("shape", [(), (1,), (9,), (2, 3), (3, 2, 2), (0,), (0, 2)])
@pytest.mark.parametrize("threshold", [0, 5, 1000])
def test_no_edgeitems(threshold: int, shape: tuple[int, ...]) -> None:
    with printoptions(edgeitems=0, threshold=threshold):
        assert_same_repr(np.full(shape, 0.3))


def test_printoptions_are_a_copy() -> None:
    get_printoptions()["precision"] = 9
    assert get_printoptions()["precision"] == 4


def test_printoptions_take_positions_as_torch() -> None:
    with printoptions():
        torch.set_printoptions(3, 10, 2, 60, "short", True)
        set_printoptions(3, 10, 2, 60, "short", True)
        assert get_printoptions() == torch_get_printoptions()


def test_endless_lines() -> None:
    with printoptions(linewidth=10**6):
        endless = repr(torch.arange(900.0))
    with printoptions():
        set_printoptions(linewidth=float("inf"))
        assert ours(torch.arange(900.0)) == endless


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        ({"profile": "fancy"}, ValueError, "unknown profile 'fancy'; choose from default, short, full"),
        ({"precision": -1}, ValueError, "precision cannot be -1"),
        ({"precision": 2.0}, TypeError, "precision must be an integer, not float"),
        ({"edgeitems": -1}, ValueError, "edgeitems cannot be -1"),
        ({"edgeitems": True}, TypeError, "edgeitems must be an integer, not bool"),
        ({"linewidth": "80"}, TypeError, "linewidth must be a number, not str"),
        ({"threshold": float("nan")}, ValueError, "threshold cannot be nan"),
    ],
)
def test_bad_options_change_nothing(bad: dict[str, Any], error: type[Exception], message: str) -> None:
    before = get_printoptions()
    with pytest.raises(error, match=f"^{message}$"):
        set_printoptions(**{"edgeitems": 2, "sci_mode": True, **bad})
    assert get_printoptions() == before
