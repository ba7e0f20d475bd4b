"""A DQN on CartPole, written once for either library, that draws all its chances from `torch.manual_seed`."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import gymnasium as gym
import numpy as np

from .networks import Q_SIZES, to_numpy

BATCH, GAMMA, TAU, WARMUP = 128, 0.99, 0.005, 200


def network(torch: Any) -> Any:
    """4-120-84-2, in float64, with PyTorch's own initial weights."""
    nn = torch.nn
    first, second, third = [nn.Linear(*size, dtype=torch.float64) for size in Q_SIZES.values()]
    return nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), third)


def play(torch: Any, trainings: int, seed: int = 0) -> Iterator[dict[str, np.ndarray]]:
    """Every training step: the batch's rows, the loss, the weights of both networks, and how many games have ended."""
    nn, F = torch.nn, torch.nn.functional
    torch.manual_seed(seed)
    online, target = network(torch), network(torch)
    target.load_state_dict(online.state_dict())
    optimizer = torch.optim.AdamW(online.parameters(), lr=1e-3, amsgrad=True, fused=True)
    memory: list[tuple[Any, ...]] = []
    games = 0
    with closing(gym.make("CartPole-v1")) as env:
        state, _ = env.reset(seed=seed)
        for step in range(WARMUP + trainings):
            epsilon = max(0.05, 1 - step / WARMUP)
            if torch.rand(()).item() < epsilon:
                action = torch.randint(2, ()).item()
            else:
                with torch.no_grad():
                    action = online(torch.tensor(state[None], dtype=torch.float64)).argmax().item()
            following, reward, terminated, truncated, _ = env.step(action)
            memory.append((state, action, reward, following, terminated))
            state = following
            if terminated or truncated:
                state, _ = env.reset()
                games += 1
            if step < WARMUP:
                continue
            rows = torch.randint(len(memory), (BATCH,))
            states, actions, rewards, followings, ends = [np.array(field) for field in zip(*[memory[i] for i in rows.tolist()], strict=True)]
            with torch.no_grad():
                future = target(torch.tensor(followings.astype(np.float64))).max(1).values
                goals = torch.tensor(rewards) + GAMMA * future * torch.tensor(1.0 - ends)
            values = online(torch.tensor(states.astype(np.float64))).gather(1, torch.tensor(actions)[:, None]).squeeze(1)
            loss = F.smooth_l1_loss(values, goals)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_value_(online.parameters(), 100)
            optimizer.step()
            with torch.no_grad():
                for old, new in zip(target.parameters(), online.parameters(), strict=True):
                    old.lerp_(new, TAU)
            seen = {"rows": rows.numpy(), "games": np.array(games), "loss": to_numpy(loss)}
            seen |= {f"online {name}": to_numpy(p) for name, p in online.named_parameters()}
            yield seen | {f"target {name}": to_numpy(p) for name, p in target.named_parameters()}
