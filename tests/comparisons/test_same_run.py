"""The demo's DQN from one seed, in minigrad and in PyTorch."""
from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from comparisons import same_run

EPISODES = 45  # of which the last five are played by networks that have been trained


@pytest.fixture(scope="module")
def moments():
    with threadpool_limits(1):
        return list(same_run.play(seed=1, episodes=EPISODES))


def test_the_returns_are_the_same(moments):
    assert len(moments) == EPISODES
    assert [m.returns[0] for m in moments] == [m.returns[1] for m in moments]


def test_the_weights_are_equal_until_training_rounds_them(moments):
    """They are drawn and copied bit for bit; after that, sums are rounded in another order."""
    settings = same_run.dqn.Settings(seed=1, steps=0)
    untrained = [m for m in moments if m.steps < settings.warmup]
    assert untrained and all(m.equal == 1 for m in untrained)
    trained = moments[-1]
    assert trained.steps > settings.warmup and 0 < trained.apart < 10 * np.finfo(np.float32).eps


def test_the_sentence():
    moments = [same_run.Moment(10, (5, 5), 0, 1), same_run.Moment(20, (7, 8), 0.1, 0)]
    assert same_run.verdict(moments[:1]) == "All 1 episodes have the same return in both; that is 10 steps."
    assert same_run.verdict(moments) == (
        "The first 1 of 2 episodes have the same return in both; that is 10 steps. Episode 2 returned 7 with minigrad, 8 with PyTorch."
    )
