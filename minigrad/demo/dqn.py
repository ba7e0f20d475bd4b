"""Deep Q-learning (DQN) on CartPole, from top to bottom: the course's main program.

Write `torch` for `minigrad` in the three imports below, and this file is a PyTorch program.
The algorithm: Mnih et al., "Human-level control through deep reinforcement learning", Nature 518 (2015).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np

import minigrad as torch
from minigrad import nn, optim
from minigrad.nn import functional as F

Batch = tuple[torch.Tensor, ...]  # states, actions, rewards, next states, terminated; one row per transition


@dataclass(frozen=True)
class Settings:
    """All that a run depends on: the same settings, the same run."""

    seed: int
    steps: int  # in the environment, at most
    goal: float = 195.0  # the mean return over 100 episodes that counts as solved

    gamma: float = 0.99  # what a reward is worth one step before it comes
    learning_rate: float = 1e-3
    batch_size: int = 128
    memory: int = 50_000  # transitions in the replay buffer
    warmup: int = 1_000  # steps before the first training step
    train_every: int = 2  # steps
    sync_every: int = 250  # steps between two copies of the network to the target network
    epsilon_start: float = 1.0  # share of random actions at first,
    epsilon_end: float = 0.05  # and at last,
    epsilon_steps: int = 3_000  # after that many steps
    max_norm: float = 10.0  # a longer gradient is clipped to this length

    def epsilon(self, step: int) -> float:
        """A straight line down from epsilon_start, then flat."""
        share = min(step / self.epsilon_steps, 1.0)
        return self.epsilon_start + share * (self.epsilon_end - self.epsilon_start)


class QNetwork(nn.Module):
    """The value of every action in a state: states (N, 4) in, values (N, 2) out."""

    def __init__(self, state_size: int = 4, actions: int = 2) -> None:
        super().__init__()
        self.fc1 = nn.Linear(state_size, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, actions)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


class ReplayBuffer:
    """The latest transitions, one array per field; when it is full, the newest takes the place of the oldest."""

    def __init__(self, capacity: int, state_size: int = 4) -> None:
        self.capacity = capacity
        self.pushed = 0
        self.fields: tuple[np.ndarray, ...] = (
            np.zeros((capacity, state_size), np.float32),  # state
            np.zeros((capacity, 1), np.int64),  # action
            np.zeros((capacity, 1), np.float32),  # reward
            np.zeros((capacity, state_size), np.float32),  # next state
            np.zeros((capacity, 1), np.float32),  # terminated: 1 where no future follows
        )

    def __len__(self) -> int:
        return min(self.pushed, self.capacity)

    def push(self, *transition: Any) -> None:
        for field, value in zip(self.fields, transition):
            field[self.pushed % self.capacity] = value
        self.pushed += 1

    def sample(self, size: int, random: np.random.Generator) -> Batch:
        """`size` transitions, each drawn from all with equal chance."""
        rows = random.integers(len(self), size=size)
        return tuple([torch.from_numpy(field[rows]) for field in self.fields])


class DQN:
    """The agent: a network that learns, a target network that follows it from afar, and a memory."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.random = np.random.default_rng(settings.seed)
        torch.manual_seed(settings.seed)
        self.network = QNetwork()
        self.target = QNetwork()
        self.sync()
        self.optimizer = optim.Adam(self.network.parameters(), lr=settings.learning_rate)
        self.buffer = ReplayBuffer(settings.memory)

    def act(self, state: np.ndarray, epsilon: float = 0.0) -> int:
        """Epsilon-greedy: now and then a random action, else the one of the highest value."""
        if self.random.random() < epsilon:
            return int(self.random.integers(2))
        with torch.no_grad():
            return int(self.network(torch.from_numpy(state)).argmax())

    def sample(self) -> Batch:
        return self.buffer.sample(self.settings.batch_size, self.random)

    def loss(self, batch: Batch) -> torch.Tensor:
        """How far Q(s, a) is from r + gamma max Q'(s', .), in Huber's distance; Q' is the target network."""
        states, actions, rewards, next_states, terminated = batch
        with torch.no_grad():
            future = self.target(next_states).max(dim=1, keepdim=True).values
            targets = rewards + self.settings.gamma * (1 - terminated) * future
        values = self.network(states).gather(1, actions)
        return F.smooth_l1_loss(values, targets)

    def train_step(self) -> None:
        loss = self.loss(self.sample())
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), self.settings.max_norm)
        self.optimizer.step()

    def sync(self) -> None:
        """Copy the network into the target network."""
        self.target.load_state_dict(self.network.state_dict())


@dataclass(frozen=True)
class Episode:
    """One game from start to end: its return is the sum of its rewards."""

    total: float
    length: int


def train(agent: DQN, env: gym.Env) -> Iterator[Episode]:
    """Play and learn, step by step; yields each episode when it ends, until the steps are used up."""
    settings = agent.settings
    state, _ = env.reset(seed=settings.seed)
    total, length = 0.0, 0
    for step in range(1, settings.steps + 1):
        action = agent.act(state, settings.epsilon(step))
        next_state, reward, terminated, truncated, _ = env.step(action)
        agent.buffer.push(state, action, reward, next_state, terminated)
        state, total, length = next_state, total + float(reward), length + 1

        if step >= settings.warmup and step % settings.train_every == 0:
            agent.train_step()
        if step % settings.sync_every == 0:
            agent.sync()

        if terminated or truncated:
            yield Episode(total, length)
            state, _ = env.reset()
            total, length = 0.0, 0


def evaluate(agent: DQN, env: gym.Env, episodes: int = 10) -> list[float]:
    """Returns of greedy play: no random actions, no learning."""
    agent.network.eval()
    returns = []
    for _ in range(episodes):
        state, _ = env.reset()
        total, over = 0.0, False
        while not over:
            state, reward, terminated, truncated, _ = env.step(agent.act(state))
            total, over = total + float(reward), terminated or truncated
        returns.append(total)
    agent.network.train()
    return returns
