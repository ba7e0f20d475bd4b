"""The same seed, the same run? The demo's DQN, played and trained with minigrad and with PyTorch: `python -m comparisons.same_run`.

Both run one source, `minigrad/demo/dqn.py`, for PyTorch with `torch` for `minigrad` in its imports. After every episode the
returns and all weights are compared.
"""
from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
import torch as pytorch
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from minigrad.demo import dqn

from .distance import distance
from .networks import to_numpy
from .table import table


class Moment(NamedTuple):
    """The two runs after an episode."""

    steps: int  # in the environment
    returns: tuple[float, float]  # of this episode, with minigrad and with PyTorch
    apart: float  # the largest difference between two weights
    equal: float  # the share of weights that are equal bit for bit


def on_pytorch() -> Any:
    """The demo's program with PyTorch's names in its imports."""
    source = Path(dqn.__file__).read_text(encoding="utf-8")
    source = re.sub(r"^import minigrad as torch", "import torch", source, flags=re.MULTILINE)
    source = re.sub(r"^from minigrad\b", "from torch", source, flags=re.MULTILINE)
    module = sys.modules["dqn_on_pytorch"] = ModuleType("dqn_on_pytorch")
    exec(compile(source, dqn.__file__, "exec"), module.__dict__)
    return module


def play(seed: int, episodes: int) -> Iterator[Moment]:
    """Both runs, an episode of each at a time."""
    runs = []
    with closing(gym.make("CartPole-v1")) as ours, closing(gym.make("CartPole-v1")) as theirs:
        for program, env in ((dqn, ours), (on_pytorch(), theirs)):
            agent = program.DQN(program.Settings(seed, steps=500 * episodes))
            runs.append((agent, program.train(agent, env)))
        (agent, played), (agent_on_pytorch, played_on_pytorch) = runs
        for _, episode, expected in zip(range(episodes), played, played_on_pytorch):
            apart = distance(weights(agent), weights(agent_on_pytorch))
            yield Moment(agent.buffer.pushed, (episode.total, expected.total), apart.absolute, apart.equal)


def weights(agent: Any) -> np.ndarray:
    """All weights of the network that learns, end to end."""
    return np.concatenate([to_numpy(p).ravel() for p in agent.network.parameters()])


def verdict(moments: list[Moment]) -> str:
    """How far the runs agree, in a sentence."""
    same = next((i for i, m in enumerate(moments) if m.returns[0] != m.returns[1]), len(moments))
    if same == len(moments):
        return f"All {same} episodes have the same return in both; that is {moments[-1].steps:,} steps."
    before = moments[same - 1].steps if same else 0
    return (
        f"The first {same} of {len(moments)} episodes have the same return in both; that is {before:,} steps. "
        f"Episode {same + 1} returned {moments[same].returns[0]:g} with minigrad, {moments[same].returns[1]:g} with PyTorch."
    )


def as_table(moments: list[Moment]) -> str:
    """Every tenth part of the run."""
    rows = [["episode", "steps", "minigrad", "PyTorch", "weights equal", "largest difference"]]
    for i in sorted({round(share * (len(moments) - 1)) for share in np.linspace(0, 1, 11)}):
        m = moments[i]
        rows.append([f"{i + 1}", f"{m.steps:,}", f"{m.returns[0]:g}", f"{m.returns[1]:g}", f"{m.equal:.1%}", f"{m.apart:.1e}"])
    return table(rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m comparisons.same_run", description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--episodes", type=int, default=200)
    options = parser.parse_args()
    with threadpool_limits(1):
        pytorch.set_num_threads(1)
        moments = list(tqdm(play(options.seed, options.episodes), total=options.episodes, unit=" episodes", leave=False))
    print(f"DQN on CartPole-v1 from seed {options.seed}, float32, NumPy {np.__version__}, PyTorch {pytorch.__version__}.\n")
    print(as_table(moments))
    print("\n" + verdict(moments))


if __name__ == "__main__":
    main()
