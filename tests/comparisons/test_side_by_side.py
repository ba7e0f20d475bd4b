"""NumPy by hand, minigrad and PyTorch agree as closely as their dtypes let them."""
from __future__ import annotations

import numpy as np
import pytest

from comparisons import mapping, side_by_side
from comparisons.distance import Distance, distance
from comparisons.networks import Q_SIZES

# The largest difference over the largest number. Sums are rounded in another order: a few rounding errors of terms.
# Ten steps of SGD add next to nothing to that; Adam divides small gradients by their own size.
SUMS = {"float64": 16 * 2.0**-52, "float32": 16 * 2.0**-23}
AFTER_SGD = {"float64": 1e-15, "float32": 5e-7}
AFTER_ADAM = {"float64": 5e-15, "float32": 2e-6}


@pytest.fixture(scope="module", params=["float64", "float32"])
def rows(request):
    return list(side_by_side.compare(request.param))


def test_everything_is_compared(rows):
    gradients = [f"gradient of {layer}.{kind}" for layer in Q_SIZES for kind in ("weight", "bias")]
    after = [f"{what} step 10, {name}" for name in ("SGD", "Adam") for what in ("loss in", "parameters after")]
    assert [row.what for row in rows] == ["q", "loss", *gradients, *after]


@pytest.mark.parametrize("side", ["numpy", "minigrad"])
def test_forward_and_every_gradient(rows, side):
    for row in rows[:8]:
        assert getattr(row, side).relative <= SUMS[row.dtype], row.what


@pytest.mark.parametrize("side", ["numpy", "minigrad"])
@pytest.mark.parametrize(("optimizer", "bounds"), [("SGD", AFTER_SGD), ("Adam", AFTER_ADAM)])
def test_ten_steps(rows, side, optimizer, bounds):
    (after,) = [row for row in rows if row.what == f"parameters after step 10, {optimizer}"]
    assert getattr(after, side).relative <= bounds[after.dtype]


def test_the_steps_train(rows):
    weights, batch = side_by_side.draw(rows[0].dtype)
    for optimizer in ("SGD", "Adam"):
        seen = side_by_side.train_by_hand(weights, batch, optimizer)
        assert seen[f"loss in step 10, {optimizer}"] < 0.99 * seen["loss"]


def test_the_mapping_has_every_row_of_the_page():
    page = [
        ("np.random.randn(", "nn.Linear("),
        ("x @ W.T + b", "fc(x)"),
        ("np.maximum(0, z)", "F.relu(z)"),
        ("dz.T @ x", "loss.backward()"),
        ("W - lr * dW", "optimizer.step()"),
        ("W -= lr * dW", "optim.SGD("),
        ("W -= lr * dW", "optim.Adam("),
    ]
    for line, (numpy, torch) in zip(mapping.LINES, page, strict=True):
        assert numpy in line.numpy and torch in line.torch


def test_the_mapping_holds():
    results = mapping.run()
    assert [result.line for result in results] == mapping.LINES
    for line, *apart in results[1:]:
        for side in apart:
            assert side.relative <= SUMS["float32"], line.torch


def test_the_command_prints_it_all(capsys):
    side_by_side.main()
    out = capsys.readouterr().out
    for what in ("gradient of fc1.weight", "parameters after step 10, Adam"):
        assert f"float64  {what}" in out and f"float32  {what}" in out
    for line in mapping.LINES:
        assert line.numpy in out and line.torch in out


# ---- the yardstick itself


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_distance(dtype):
    one, tiny = dtype(1), np.finfo(dtype).smallest_subnormal
    expected = np.array([1, 1, 2, 0, -tiny, np.nan, np.inf], dtype)
    actual = np.array([1, np.nextafter(one, dtype(2)), 2, -0.0, tiny, np.nan, np.inf], dtype)
    apart = distance(actual, expected)
    assert apart.ulps == 2  # from -tiny to tiny
    assert apart.equal == 4 / 7  # -0.0 is not 0.0, bit for bit
    assert distance(actual[:3], expected[:3]) == Distance(np.finfo(dtype).eps, np.finfo(dtype).eps / 2, 1, 2 / 3)
    assert distance(np.array([np.nan], dtype), np.array([1], dtype)).ulps == np.inf
    largest = np.array([np.finfo(dtype).max])
    assert distance(-largest, largest).ulps == float(2 * int(largest.view(f"i{largest.itemsize}")[0]))


def test_distance_of_the_incomparable():
    with pytest.raises(ValueError, match=r"float64\[2\] is no match for float64\[3\]"):
        distance(np.zeros(2), np.zeros(3))
    with pytest.raises(ValueError, match="no match"):
        distance(np.zeros(2, np.float32), np.zeros(2))
