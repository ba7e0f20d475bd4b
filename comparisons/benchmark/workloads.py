"""What is timed: training steps of the course's networks, and a long chain of tiny operations, in every implementation.

The step in minigrad and the step in PyTorch are one source, run with either as `torch`.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch as pytorch

import minigrad

from ..networks import POLICY_SIZES, Q_SIZES, draw_weights, policy_network, q_network
from . import hand_written

Step = Callable[[], float]
GAMMA = 0.99
LEARNING_RATE = 1e-3


@dataclass(frozen=True)
class Workload:
    """The same work in several implementations. A step returns a number that must be the same in all but `others`: the loss.

    `targets`: minigrad's time over that of another implementation, at most. `operations`: how many a step has, where
    times are given per operation.
    """

    title: str
    steps: dict[str, Step]
    targets: dict[str, float]
    operations: int = 1
    others: tuple[str, ...] = ()


def q_workload(seed: int = 0) -> Workload:
    """A DQN step: the course's main loop."""
    rng = np.random.default_rng(seed)
    weights, target_weights = draw_weights(Q_SIZES, rng), draw_weights(Q_SIZES, rng)
    batch = (
        normal(rng, 128, 4),  # states
        rng.integers(0, 2, (128, 1)),  # actions
        normal(rng, 128, 1),  # rewards
        normal(rng, 128, 4),  # next states
        (rng.random((128, 1)) < 0.1).astype(np.float32),  # terminated
    )

    def in_library(torch: Any, **options: Any) -> Step:
        online, target = q_network(torch, weights), q_network(torch, target_weights)
        optimizer = torch.optim.Adam(online.parameters(), lr=LEARNING_RATE, **options)
        states, actions, rewards, next_states, terminated = map(torch.tensor, batch)

        def step() -> float:
            with torch.no_grad():
                best = target(next_states).max(dim=1, keepdim=True).values
                y = rewards + GAMMA * best * (1 - terminated)
            loss = torch.nn.functional.smooth_l1_loss(online(states).gather(1, actions), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return float(loss.item())

        return step

    steps = in_libraries(in_library)
    steps["NumPy by hand"] = hand_written.q_step(weights, target_weights, batch, GAMMA, LEARNING_RATE)
    title = "QNetwork 4-120-84-2, batch 128: a DQN step with Adam, float32"
    return Workload(title, steps, {"PyTorch": 0.55, "NumPy by hand": 1.5})


def policy_workload(seed: int = 0) -> Workload:
    """A step of behaviour cloning, whose loss has the log-softmax of every policy gradient."""
    rng = np.random.default_rng(seed)
    weights = draw_weights(POLICY_SIZES, rng)
    batch = normal(rng, 500, 4), rng.integers(0, 2, 500)

    def in_library(torch: Any, **options: Any) -> Step:
        policy = policy_network(torch, weights)
        optimizer = torch.optim.Adam(policy.parameters(), lr=LEARNING_RATE, **options)
        states, actions = map(torch.tensor, batch)

        def step() -> float:
            loss = torch.nn.functional.nll_loss(policy(states), actions)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return float(loss.item())

        return step

    steps = in_libraries(in_library)
    steps["NumPy by hand"] = hand_written.policy_step(weights, *batch, LEARNING_RATE)
    title = "PolicyNetwork 4-64-64-2, batch 500: a step on log-softmax with Adam, float32"
    return Workload(title, steps, {"PyTorch": 0.55, "NumPy by hand": 1.5})


def in_libraries(make: Callable[..., Step]) -> dict[str, Step]:
    """minigrad, PyTorch as it comes, and PyTorch with its two other implementations of Adam."""
    return {
        "minigrad": make(minigrad),
        "PyTorch": make(pytorch),
        "PyTorch, foreach": make(pytorch, foreach=True),
        "PyTorch, fused": make(pytorch, fused=True),
    }


def chain_workload(operations: int = 10_000) -> Workload:
    """y = 0.999 y + 0.001, again and again, and back: next to no arithmetic, so what an operation costs beside it."""

    def in_library(torch: Any) -> Step:
        x = torch.tensor([0.1, 0.2, 0.3, 0.4], requires_grad=True)

        def step() -> float:
            y = x
            for _ in range(operations // 2):
                y = y * 0.999
                y = y + 0.001
            loss = y.sum()
            x.grad = None
            loss.backward()
            return float(loss.item())

        return step

    steps = {"minigrad": in_library(minigrad), "PyTorch": in_library(pytorch)}
    title = f"A chain of {operations:,} operations on 4 numbers, forward and backward: time per operation"
    return Workload(title, steps, {"PyTorch": 0.35}, operations)


def rand_workload(count: int = 1_000_000) -> Workload:
    """Uniform numbers: PyTorch's, from its own generator, and NumPy's from the same kind of generator."""

    def in_library(torch: Any) -> Step:
        def step() -> float:
            torch.manual_seed(0)
            return float(torch.rand(count)[-1])

        return step

    generator = np.random.Generator(np.random.MT19937(0))
    steps = {"minigrad": in_library(minigrad), "PyTorch": in_library(pytorch)}
    steps["NumPy"] = lambda: float(generator.random(count, np.float32)[-1])
    return Workload(f"rand: {count:,} numbers, float32: time per number", steps, {"NumPy": 3}, count, others=("NumPy",))


def layer_workload(size: int = 512) -> Workload:
    """A layer, made: that is mostly drawing its weights."""

    def in_library(torch: Any) -> Step:
        def step() -> float:
            torch.manual_seed(0)
            return float(torch.nn.Linear(size, size).weight[-1, -1])

        return step

    steps = {"minigrad": in_library(minigrad), "PyTorch": in_library(pytorch)}
    return Workload(f"nn.Linear({size}, {size}), made from a seed", steps, {"PyTorch": 3})


def normal(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.standard_normal(shape, dtype=np.float32)


WORKLOADS = {"qnetwork": q_workload, "policy": policy_workload, "chain": chain_workload, "rand": rand_workload, "layer": layer_workload}
