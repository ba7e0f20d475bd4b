"""What is timed: one list. All of it is float32, and a training step ends with Adam's."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..contenders import BY_HAND, Maker, Step
from . import acting, chain, cnn, drawing, gpt, loading, lstm, mnist, policy, q_learning


@dataclass(frozen=True)
class Workload:
    """The same work in several libraries. Each step returns a number that must be the same in all but `others`: the loss.

    `targets` are for minigrad's time over another's, at most. Where a step has many `operations`, times are given per operation.
    `small` is for tests. Where a step takes about a second, `rounds` is the share of them that is made. Not all is `drawn` in the plot.
    """

    title: str
    contenders: Callable[..., dict[str, Maker]]
    targets: Mapping[str, float]
    small: Mapping[str, Any] = field(default_factory=dict)
    operations: int = 1
    others: tuple[str, ...] = ()
    rounds: float = 1.0
    drawn: bool = True

    def steps(self, **settings: Any) -> dict[str, Step]:
        return {name: make() for name, make in self.contenders(**settings).items()}


WORKLOADS = {
    "qnetwork": Workload("QNetwork 4-120-84-2, batch 128: a DQN step", q_learning.contenders, {"PyTorch": 0.50, BY_HAND: 1.35}),
    "act1": Workload("QNetwork, the action in 1 state", partial(acting.contenders, 1), {"PyTorch": 0.45, BY_HAND: 1.8}),
    "act32": Workload("QNetwork, the actions in 32 states", partial(acting.contenders, 32), {"PyTorch": 0.70, BY_HAND: 1.4}),
    "policy": Workload("PolicyNetwork 4-64-64-2, batch 500, log-softmax", policy.contenders, {"PyTorch": 0.50, BY_HAND: 1.4}),
    "mnist": Workload("MLP 784-512-256-10, batch 256, cross-entropy", mnist.contenders, {"PyTorch": 0.80, BY_HAND: 1.1},
                      small={"batch": 8, "width": 16}),
    "cnn": Workload("CNN 1x28x28, two 5x5 convolutions, batch 64", cnn.contenders, {"PyTorch": 0.95, BY_HAND: 1.25},
                    small={"batch": 4}),
    "gpt": Workload("GPT block, width 128, 4 heads, 64 tokens, batch 16", gpt.contenders, {"PyTorch": 0.90, BY_HAND: 1.3},
                    small={"batch": 2, "length": 6, "width": 16, "heads": 2}),
    "lstm": Workload("LSTM, 64 units, 32 steps, batch 32", lstm.contenders, {"PyTorch": 0.90, BY_HAND: 1.4},
                     small={"batch": 3, "length": 4, "units": 8}),
    "chain": Workload("A chain of 10,000 operations on 4 numbers, per operation", chain.contenders, {"PyTorch": 0.30},
                      small={"operations": 100}, operations=10_000),
    "loader": Workload("DataLoader, 60,000 rows, batch 256, shuffled: an epoch", loading.contenders, {"PyTorch": 0.30},
                       small={"rows": 600, "width": 4}, rounds=0.2),
    "rand": Workload("rand: a million numbers, per number", drawing.uniform, {"NumPy": 3}, small={"count": 1000},
                     drawn=False, operations=1_000_000, others=("NumPy",)),
    "layer": Workload("nn.Linear(512, 512), made from a seed", drawing.layer, {"PyTorch": 3}, small={"size": 16}, drawn=False),
}
