"""`minigrad demo`: train the course's DQN on CartPole-v1 (dqn.py), say how it went, and draw it (pictures.py)."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from time import perf_counter

import gymnasium as gym
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from .. import viz
from .dqn import DQN, Episode, Settings, evaluate, train
from .pictures import draw_returns, running_mean

__all__ = ["Settings", "run"]

WINDOW = 100  # episodes that count for the goal


def run(settings: Settings, output: Path) -> None:
    """Train until the goal is reached, the steps are used up, or Ctrl-C; then draw into `output`, and play greedily."""
    agent = DQN(settings)
    # One thread: matrices this small are not worth sharing out, and waiting for a busy core would cost tenfold.
    with threadpool_limits(1), closing(gym.make("CartPole-v1")) as env:
        episodes, interrupted, seconds = watch(agent, env)
        returns = [episode.total for episode in episodes]
        steps = agent.buffer.pushed
        print(verdict(returns, settings.goal, interrupted), f"{steps:,} steps took {seconds:.0f} s.")
        if returns:
            subtitle = f"seed {settings.seed}, {len(returns)} episodes, {steps:,} steps, {seconds:.0f} s"
            draw_returns(returns, settings.goal, WINDOW, subtitle, output / "returns.png")
            print(f"{output / 'returns.png'}: the return of every episode")
        if len(agent.buffer):
            params = dict(agent.network.named_parameters())
            viz.save_graph(agent.loss(agent.sample()), output / "graph.svg", params)
            print(f"{output / 'graph.svg'}: the computation graph of one training step")
        if not interrupted:
            played = evaluate(agent, env)
            mean = sum(played) / len(played)
            print(f"Greedy play, {len(played)} episodes: mean return {mean:.1f}, lowest {min(played):g}.")


def watch(agent: DQN, env: gym.Env) -> tuple[list[Episode], bool, float]:
    """Train under a progress bar: the episodes, whether Ctrl-C ended them, and the seconds they took."""
    episodes: list[Episode] = []
    recent: list[float] = []
    began = perf_counter()
    # Where the bar cannot be redrawn in place, as in a log, a line now and then will do.
    pace = 0.1 if sys.stderr.isatty() else 10.0
    with tqdm(desc="CartPole-v1", total=agent.settings.steps, unit=" steps", mininterval=pace) as bar:
        try:
            for episode in train(agent, env):
                episodes.append(episode)
                recent = [*recent[1 - WINDOW :], episode.total]
                mean = sum(recent) / len(recent)
                bar.set_postfix_str(f"episode {len(episodes)}, mean return {mean:.1f}", refresh=False)
                bar.update(episode.length)
                if len(recent) == WINDOW and mean >= agent.settings.goal:
                    break
        except KeyboardInterrupt:
            return episodes, True, perf_counter() - began
    return episodes, False, perf_counter() - began


def verdict(returns: list[float], goal: float, interrupted: bool) -> str:
    """How the training ended, in a sentence."""
    if not returns:
        return "No episode was finished."
    means = running_mean(returns, WINDOW)
    latest = f"the last {min(len(returns), WINDOW)} of {len(returns)} episodes returned {means[-1]:.1f} on average"
    if len(returns) >= WINDOW and means[-1] >= goal:
        return f"Solved: {latest}."
    if interrupted:
        return f"Stopped before the goal of {goal:g}: {latest}."
    return f"Not solved: {latest}, the goal is {goal:g}. More --steps or another --seed may do."
