"""Generators: seeds, states that PyTorch understands and the other way round, and the functions of torch.random."""
from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import torch
from beside import beside, program, table
from hypothesis import given
from hypothesis import strategies as st

import minigrad

SEEDS = [0, 1, 42, 2**31, 2**32 - 1, 2**32, 2**32 + 5, 2**63, 2**63 + 1, 2**64 - 1, -1, -(2**40), -(2**63)]
BYTES = "t.zeros({}, dtype=t.uint8)"
ERRORS = """
t.manual_seed(2**64)
t.manual_seed(-2**63 - 1)
t.manual_seed('a')
t.manual_seed(None)
t.Generator().manual_seed(1.5)
t.Generator().manual_seed(True)
t.Generator().manual_seed('a')
t.Generator().manual_seed(t.tensor(3))
t.Generator().manual_seed(2**64)
t.Generator().set_state(3)
t.Generator().set_state(t.zeros(5056))
t.Generator().set_state(t.zeros(3, dtype=t.uint8))
t.Generator().set_state(t.zeros(5048, dtype=t.uint8))
t.Generator().set_state(t.zeros(5056, dtype=t.uint8))
t.Generator().get_offset()
t.Generator().set_offset(1)
t.Generator().graphsafe_get_state()
t.Generator().graphsafe_set_state(t.Generator())
t.set_rng_state(None)
t.set_rng_state(t.zeros(5056))
"""


def states_equal(ours, theirs):
    np.testing.assert_array_equal(ours.get_state().numpy(), theirs.get_state().numpy())


def draw_some(t, generator, sizes):
    """Draws that leave the stream at an odd place: words, pairs of words, and half a pair of normal numbers."""
    for n in sizes:
        t.rand(n, generator=generator)
        t.randn(n % 3, generator=generator)


@pytest.mark.parametrize("seed", SEEDS)
def test_seeds(seed):
    def run(t):
        assert t.manual_seed(seed) is t.default_generator
        generator = t.Generator().manual_seed(seed)
        return t.initial_seed(), t.rand(5), t.randn(5), generator.initial_seed(), t.rand(3, generator=generator)

    beside(run)
    states_equal(minigrad.Generator().manual_seed(seed), torch.Generator().manual_seed(seed))


@table(ERRORS)
def test_error(source):
    beside(program(source))


@pytest.mark.parametrize("device", ["cuda", "cuda:1", "mps", "nonsense"])
def test_only_the_cpu(device):
    with pytest.raises(RuntimeError):
        torch.Generator(device)
    with pytest.raises(RuntimeError, match="Use device='cpu'"):
        minigrad.Generator(device)
    for here in ("cpu", None, minigrad.device("cpu")):
        assert repr(minigrad.Generator(here).device) == repr(torch.Generator().device)


def test_same_attributes():
    public = {name for name in dir(torch.Generator) if not name.startswith("_")}
    assert public <= set(dir(minigrad.Generator))
    for name in {*torch.random.__all__} - {"thread_safe_generator"}:  # which is for the threads of a DataLoader
        assert hasattr(minigrad.random, name), name


def test_default_seed_of_a_generator():
    states_equal(minigrad.Generator(), torch.Generator())


def test_unguessable_seed():
    assert minigrad.seed() != minigrad.seed()
    assert minigrad.initial_seed() == minigrad.default_generator.initial_seed()
    generator = minigrad.Generator()
    assert generator.seed() == generator.initial_seed()


@given(st.integers(-(2**63), 2**64 - 1), st.lists(st.integers(0, 700), max_size=6))
def test_states_travel_both_ways(seed, sizes):
    ours, theirs = minigrad.Generator().manual_seed(seed), torch.Generator().manual_seed(seed)
    draw_some(minigrad, ours, sizes)
    draw_some(torch, theirs, sizes)
    states_equal(ours, theirs)
    there = torch.Generator()
    there.set_state(torch.from_numpy(ours.get_state().numpy()))
    here = minigrad.Generator().set_state(minigrad.from_numpy(theirs.get_state().numpy()))
    assert here.initial_seed() == there.initial_seed() == seed % 2**64
    for n in (1, 3, 650):
        np.testing.assert_array_equal(minigrad.randn(n % 16, generator=here).numpy(), torch.randn(n % 16, generator=there).numpy())
        np.testing.assert_array_equal(minigrad.rand(n, generator=here).numpy(), torch.rand(n, generator=there).numpy())
    states_equal(here, there)


def test_state_with_a_single_kept():
    """A normal number in single precision, which a state may hold, travels on."""
    state = torch.Generator().get_state()
    state[5048:5053] = torch.tensor([0, 0, 0x80, 0x3F, 1])
    theirs = torch.Generator()
    theirs.set_state(state)
    states_equal(minigrad.Generator().set_state(minigrad.from_numpy(state.numpy())), theirs)


def test_an_error_changes_nothing():
    generator = minigrad.Generator().manual_seed(3)
    before = generator.get_state().numpy()
    for bad in (minigrad.zeros(3, dtype=minigrad.uint8), minigrad.zeros(5056, dtype=minigrad.uint8), None):
        with pytest.raises((RuntimeError, TypeError)):
            generator.set_state(bad)
    with pytest.raises(RuntimeError):
        minigrad.ones(3, requires_grad=True).uniform_(generator=generator)
    with pytest.raises(RuntimeError):
        minigrad.ones(3).uniform_(2, 1, generator=generator)
    np.testing.assert_array_equal(generator.get_state().numpy(), before)


@pytest.mark.parametrize("twin_of", [copy.copy, copy.deepcopy, lambda g: pickle.loads(pickle.dumps(g)), lambda g: g.clone_state()])
def test_copies(twin_of):
    """A copy goes on as the original does, and neither disturbs the other."""
    generator = minigrad.Generator().manual_seed(5)
    minigrad.randn(3, generator=generator)
    twin = twin_of(generator)
    expected = minigrad.randn(5, generator=generator).tolist()
    assert minigrad.randn(5, generator=twin).tolist() == expected
    assert twin.initial_seed() == 5


def test_rng_state_and_fork():
    def run(t):
        t.manual_seed(1)
        t.randn(3)
        state = t.get_rng_state()
        first = t.rand(3), t.randn(2)
        t.set_rng_state(state)
        again = t.random.get_rng_state(), t.rand(3), t.randn(2)
        with t.random.fork_rng():
            inside = t.manual_seed(9).initial_seed(), t.rand(2)
        with t.random.fork_rng(enabled=False):
            kept = t.rand(2)
        return state, first, again, inside, kept, t.initial_seed(), t.rand(2), state.dtype == t.uint8

    beside(run)
    with pytest.raises(ValueError), minigrad.random.fork_rng():
        minigrad.manual_seed(7)
        raise ValueError
    assert minigrad.initial_seed() == 1
    with pytest.raises(RuntimeError, match="CPU only"), minigrad.random.fork_rng(devices=[0]):
        pass
