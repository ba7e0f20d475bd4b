"""A handful of broken gradient rules, and that the comparison with PyTorch catches them; `python -m comparisons.mutations` breaks all."""
from __future__ import annotations

import pytest

from comparisons import mutations
from minigrad.autograd import engine, variable

OPERATIONS = ["mul", "div", "matmul", "sum", "softmax", "tanh"]
RULES = {rule.__qualname__: rule for rule in mutations.rules()}
FUNCTIONS = [
    (RULES["Mul"], "grad_a"), (RULES["Div"], "grad_b"), (RULES["Softmax"], "grad_x"), (RULES["Tanh"], "grad_x"),
    (engine, "fit"), (variable.AccumulateGrad, "backward"),
]  # fmt: skip


@pytest.fixture(scope="module")
def known():
    return mutations.cases(OPERATIONS)


@pytest.mark.parametrize(("owner", "name"), FUNCTIONS, ids=lambda x: x if isinstance(x, str) else x.__name__)
def test_every_mistake_is_caught(owner, name, known):
    control, *broken = [mutations.judge(mutant, known) for mutant in mutations.mutants(owner, name)]
    assert control.caught_by is None and control.tried
    assert broken and {v.mutant.kind for v in broken} <= set(mutations.KINDS)
    assert not [(v.mutant.title, v.mutant.line) for v in broken if v.caught_by is None and not mutations.reason(v)]


def test_afterwards_all_is_as_it_was(known):
    assert not [case.name for case in known if case.notices()]


def test_the_kinds_of_mistakes():
    def grad_a(grad, b):
        total = 0
        total += grad * b - 1
        return total.sum()

    class Owner:
        pass

    Owner.grad_a = grad_a
    try:
        made = mutations.mutants(Owner, "grad_a")
    finally:
        del Owner.grad_a
    assert [(m.kind, m.line) for m in made] == [
        ("control", ""),
        ("flips the sign", "return -total.sum()"),
        ("drops a term", "total += grad * b"),
        ("drops a term", "total += 1"),
        ("drops a factor", "total += grad - 1"),
        ("drops a factor", "total += b - 1"),
        ("overwrites", "total = grad * b - 1"),
        ("does not sum", "return total.max()"),
    ]


def test_a_loop_without_an_end_is_noticed():
    with pytest.raises(TimeoutError), mutations.limited(0.2):
        while True:
            pass
