"""The names that real programs use: all of them are here, or are known to differ; and the comparison notices what is not."""

from __future__ import annotations

import pytest

from comparisons import coverage

NAMES = list(coverage.surface(coverage.SURFACE.read_text()))


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name.name)
def test_name(name):
    found = coverage.look(name)
    assert found.status in ("supported", "differs"), found.note


def test_what_differs_is_on_the_list():
    assert set(coverage.DIFFERS) <= {name.name for name in NAMES}


def test_what_is_absent_is_noticed():
    assert coverage.look(coverage.Name("torch.nn.AdaptiveLogSoftmaxWithLoss", 1)).status == "absent"
    assert coverage.look(coverage.Name("torch.Tensor.resize_", 1)).status == "absent"


def test_summary():
    some, *rest = [coverage.Name(str(i), 1, status) for i, status in enumerate(["differs", "supported", "differs"])]
    assert coverage.summary([some, *rest]) == "3 names: 1 supported, 2 differ, 0 absent"
    assert coverage.summary([some]) == "1 name: 0 supported, 1 differs, 0 absent"


@pytest.mark.parametrize(
    "ours, note",
    [
        (lambda a, b=1: 0, ""),
        (lambda a, b=1, c=2: 0, ""),
        (lambda *args, **kwargs: 0, ""),
        (lambda b, a: 0, "has its parameters in another order: b, a"),
        (lambda a: 0, "has no parameter b"),
        (3, "is no function"),
    ],
)
def test_parameters(ours, note):
    def theirs(a, b=1):
        return 0

    assert coverage.missing(ours, theirs) == note


def test_output(capsys):
    coverage.main(["--differs"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + len(coverage.DIFFERS) + 2
    assert lines[-1].startswith(f"{len(NAMES)} names: ") and f"{len(coverage.DIFFERS)} differ," in lines[-1]
