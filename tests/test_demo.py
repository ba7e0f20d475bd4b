"""The course's main program: the same source on minigrad and on PyTorch, and what `minigrad demo` makes of it."""

from __future__ import annotations

import sys
import types
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
import torch
from matplotlib.image import imread
from threadpoolctl import threadpool_limits

from minigrad import demo
from minigrad.demo import dqn
from minigrad.demo.pictures import running_mean

SETTINGS = dqn.Settings(seed=3, steps=400, warmup=50, train_every=1, batch_size=16, memory=200, sync_every=40)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """As in `minigrad demo`: small matrices, and other tests may be running."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def torch_dqn():
    """dqn.py with the one word changed that its head says to change."""
    source = Path(dqn.__file__).read_text(encoding="utf-8")
    module = types.ModuleType("dqn_on_torch")
    sys.modules[module.__name__] = module  # dataclasses look their module up
    exec(compile(source.replace("minigrad", "torch"), "dqn_on_torch.py", "exec"), module.__dict__)
    yield module
    del sys.modules[module.__name__]


@pytest.fixture
def env():
    env = gym.make("CartPole-v1")
    yield env
    env.close()


def same_weights(theirs, ours):
    """Give PyTorch's agent the weights of minigrad's."""
    for source, target in ((ours.network, theirs.network), (ours.target, theirs.target)):
        target.load_state_dict({name: torch.tensor(value.numpy()) for name, value in source.state_dict().items()})


def fill(agent, env, steps=120):
    """Play at random until the memory holds `steps` transitions."""
    random = np.random.default_rng(0)
    state, _ = env.reset(seed=0)
    for _ in range(steps):
        action = int(random.integers(2))
        next_state, reward, terminated, truncated, _ = env.step(action)
        agent.buffer.push(state, action, reward, next_state, terminated)
        state = env.reset()[0] if terminated or truncated else next_state


def test_the_same_source_trains_alike_on_pytorch(torch_dqn, env):
    ours, theirs = dqn.DQN(SETTINGS), torch_dqn.DQN(torch_dqn.Settings(**vars(SETTINGS)))
    same_weights(theirs, ours)
    fill(ours, env)
    fill(theirs, env)
    for step in range(1, 31):
        ours.train_step()
        theirs.train_step()
        if step % 10 == 0:
            ours.sync()
            theirs.sync()
    for (name, a), (other, b) in zip(ours.network.state_dict().items(), theirs.network.state_dict().items()):
        assert name == other
        # Each of the 30 steps of Adam moves a weight by about 1e-3.
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=0, atol=2e-5, err_msg=name)
    state = np.array([0.1, -0.2, 0.03, 0.4], np.float32)
    assert ours.act(state) == theirs.act(state)


def test_the_network_is_the_courses():
    shapes = {name: tuple(p.shape) for name, p in dqn.QNetwork().named_parameters()}
    assert shapes == {
        "fc1.weight": (120, 4),
        "fc1.bias": (120,),
        "fc2.weight": (84, 120),
        "fc2.bias": (84,),
        "fc3.weight": (2, 84),
        "fc3.bias": (2,),
    }


def test_loss_is_the_huber_distance_to_the_bellman_target(env):
    """In NumPy by hand; a terminated transition has no future."""
    agent = dqn.DQN(SETTINGS)
    for p in agent.target.parameters():  # so that target and network differ
        p.data *= 1.5
    fill(agent, env)
    batch = agent.sample()
    states, actions, rewards, next_states, terminated = [t.numpy().astype(np.float64) for t in batch]
    assert {0.0, 1.0} == set(terminated.ravel())

    def forward(net, x):
        w1, b1, w2, b2, w3, b3 = [p.detach().numpy().astype(np.float64) for p in net.parameters()]
        return np.maximum(np.maximum(x @ w1.T + b1, 0) @ w2.T + b2, 0) @ w3.T + b3

    value = np.take_along_axis(forward(agent.network, states), actions.astype(int), axis=1)
    future = forward(agent.target, next_states).max(axis=1, keepdims=True)
    gap = np.abs(value - (rewards + 0.99 * future * (1 - terminated)))
    expected = np.where(gap < 1, gap**2 / 2, gap - 0.5).mean()
    assert agent.loss(batch).item() == pytest.approx(expected, rel=1e-5)


def test_targets_receive_no_gradient(env):
    agent = dqn.DQN(SETTINGS)
    fill(agent, env)
    agent.loss(agent.sample()).backward()
    assert all([p.grad is None for p in agent.target.parameters()])
    assert all([np.abs(p.grad.numpy()).max() > 0 for p in agent.network.parameters()])


def test_training_fits_a_batch(env):
    agent = dqn.DQN(SETTINGS)
    fill(agent, env)
    batch = agent.sample()
    agent.sample = lambda: batch
    before = agent.loss(batch).item()
    for _ in range(200):
        agent.train_step()
    assert agent.loss(batch).item() < before / 20


def test_sync_copies_and_does_not_share():
    agent = dqn.DQN(SETTINGS)
    agent.network.fc1.bias.data += 1.0
    assert not np.array_equal(agent.network.fc1.bias.detach().numpy(), agent.target.fc1.bias.detach().numpy())
    agent.sync()
    assert np.array_equal(agent.network.fc1.bias.detach().numpy(), agent.target.fc1.bias.detach().numpy())
    agent.network.fc1.bias.data += 1.0
    assert not np.array_equal(agent.network.fc1.bias.detach().numpy(), agent.target.fc1.bias.detach().numpy())


def test_the_replay_buffer_is_a_ring():
    buffer = dqn.ReplayBuffer(3, state_size=1)
    for i in range(5):
        buffer.push([i], i % 2, float(i), [i + 1], i == 4)
    assert len(buffer) == 3
    states, actions, rewards, next_states, terminated = buffer.sample(64, np.random.default_rng(0))
    assert [t.shape for t in (states, actions, rewards, next_states, terminated)] == [(64, 1)] * 5
    assert {2.0, 3.0, 4.0} == set(states.numpy().ravel())
    assert np.array_equal(next_states.numpy(), states.numpy() + 1) and np.array_equal(rewards.numpy(), states.numpy())
    assert np.array_equal(actions.numpy(), states.numpy() % 2)
    assert np.array_equal(terminated.numpy(), states.numpy() == 4)


def test_epsilon_falls_in_a_straight_line_and_stays():
    settings = replace(SETTINGS, epsilon_start=1.0, epsilon_end=0.2, epsilon_steps=100)
    assert [settings.epsilon(step) for step in (0, 50, 100, 1000)] == pytest.approx([1.0, 0.6, 0.2, 0.2])


def test_actions_are_random_or_the_best():
    agent = dqn.DQN(SETTINGS)
    state = np.array([0.1, 0.2, -0.1, 0.3], np.float32)
    values = agent.network(dqn.torch.from_numpy(state)).detach().numpy()
    assert {agent.act(state) for _ in range(20)} == {int(values.argmax())}
    random = [agent.act(state, epsilon=1.0) for _ in range(400)]
    assert 140 < sum(random) < 260


def test_the_same_settings_give_the_same_run(env):
    def run():
        agent = dqn.DQN(SETTINGS)
        episodes = list(dqn.train(agent, env))
        return episodes, [p.detach().numpy().copy() for p in agent.network.parameters()]

    (episodes, weights), (again, weights_again) = run(), run()
    assert len(episodes) > 5 and episodes == again
    assert all([np.array_equal(a, b) for a, b in zip(weights, weights_again)])
    assert episodes != list(dqn.train(dqn.DQN(replace(SETTINGS, seed=4)), env))


def test_running_mean_looks_back_over_its_window():
    assert running_mean([1, 2, 3, 4, 5], 2) == pytest.approx([1, 1.5, 2.5, 3.5, 4.5])


# ---- the command


def check_pictures(folder):
    assert imread(folder / "returns.png").shape == (720, 1280, 4)
    text = "".join(ElementTree.parse(folder / "graph.svg").getroot().itertext())
    for name in ("fc1.weight", "fc3.bias", "AddmmBackward0", "GatherBackward0", "SmoothL1LossBackward0"):
        assert name in text


def test_out_of_steps_it_says_so_and_writes_the_pictures(tmp_path, capsys):
    demo.run(SETTINGS, tmp_path)
    out = capsys.readouterr().out
    assert out.startswith("Not solved: the last ") and "400 steps took" in out and "Greedy play, 10 episodes" in out
    assert str(tmp_path / "returns.png") in out and str(tmp_path / "graph.svg") in out
    check_pictures(tmp_path)


def test_it_stops_when_the_goal_is_reached(tmp_path, capsys):
    demo.run(replace(SETTINGS, goal=1.0, steps=5000, warmup=5000), tmp_path)
    assert capsys.readouterr().out.startswith("Solved: the last 100 of 100 episodes returned ")


def test_an_interrupt_ends_the_training_and_the_pictures_are_written(tmp_path, capsys, monkeypatch):
    def interrupted(agent, env, train=dqn.train):
        for i, episode in enumerate(train(agent, env)):
            if i == 4:
                raise KeyboardInterrupt
            yield episode

    monkeypatch.setattr(demo, "train", interrupted)
    demo.run(SETTINGS, tmp_path)
    out = capsys.readouterr().out
    assert out.startswith("Stopped before the goal of 195: the last 4 of 4 episodes")
    assert "Greedy" not in out
    check_pictures(tmp_path)


def test_an_interrupt_before_anything_happened_writes_nothing(tmp_path, capsys, monkeypatch):
    def interrupted(agent, env):
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(demo, "train", interrupted)
    demo.run(SETTINGS, tmp_path)
    assert capsys.readouterr().out.startswith("No episode was finished.")
    assert not list(tmp_path.iterdir())
