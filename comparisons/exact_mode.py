"""Training equal to PyTorch's bit for bit, on random data, with every rounding: `python -m comparisons.exact_mode`.

minigrad runs inside `minigrad.exact()`, PyTorch with MKL's compatible kernels (pinned.py). Compared are, after every step, the
outputs, the loss, every gradient and every parameter.
"""
from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch as pytorch
from tqdm import tqdm

import minigrad

from .distance import same_bits
from .elsewhere import calls
from .exact_dqn import play
from .networks import Q_SIZES, draw_weights, q_network, to_numpy
from .pinned import ENVIRONMENT, canary, is_pinned
from .table import table

Arrays = dict[str, np.ndarray]
BATCH = 128


def train(torch: Any, steps: int, optimizer: str, loss: str = "mse_loss", seed: int = 0, **options: Any) -> Iterator[Arrays]:
    """Training steps of QNetwork in float64: all numbers of each step."""
    rng = np.random.default_rng(seed)
    network = q_network(torch, draw_weights(Q_SIZES, rng, "float64"))
    states, targets = [torch.tensor(rng.standard_normal((BATCH, width))) for width in (4, 2)]
    optim = getattr(torch.optim, optimizer)(network.parameters(), **options)
    for _ in range(steps):
        q = network(states)
        cost = getattr(torch.nn.functional, loss)(q, targets)
        optim.zero_grad()
        cost.backward()
        optim.step()
        seen = {"q": to_numpy(q), "loss": to_numpy(cost)}
        for name, p in network.named_parameters():
            seen |= {f"gradient of {name}": to_numpy(p.grad), name: to_numpy(p)}
        yield seen


def dqn(torch: Any, steps: int) -> Iterator[Arrays]:
    return play(torch, steps)


SETTINGS: dict[str, tuple[int, Callable[[Any, int], Iterator[Arrays]]]] = {
    "SGD": (500, partial(train, optimizer="SGD", lr=0.1)),
    "SGD, momentum": (500, partial(train, optimizer="SGD", lr=0.05, momentum=0.9)),
    "SGD, Nesterov momentum, weight decay": (
        500,
        partial(train, optimizer="SGD", lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
    ),
    "Adam, fused": (500, partial(train, optimizer="Adam", fused=True)),
    "Adam, fused, weight decay, smooth L1": (
        500,
        partial(train, optimizer="Adam", fused=True, weight_decay=0.01, loss="smooth_l1_loss"),
    ),
    "AdamW, fused": (500, partial(train, optimizer="AdamW", fused=True)),
    "AdamW, fused, AMSGrad": (500, partial(train, optimizer="AdamW", fused=True, amsgrad=True)),
    "DQN on CartPole": (300, dqn),
}


class Result(NamedTuple):
    """What became of one setting."""

    setting: str
    steps: int
    tensors: int  # compared
    numbers: int
    equal: int  # of these numbers, bit for bit
    difference: str  # the first: step and tensors; '' if all is equal
    seconds: float


def compare(setting: str, steps: int | None = None) -> Result:
    """Both libraries, one step of each at a time, to the end even if they part."""
    steps_in_full, run = SETTINGS[setting]
    steps = steps or steps_in_full
    began = time.perf_counter()
    tensors = numbers = equal = 0
    difference = ""
    with minigrad.exact():
        pairs = zip(run(minigrad, steps), run(pytorch, steps), strict=True)
        for step, (ours, theirs) in enumerate(tqdm(pairs, setting, steps, leave=False, unit="step", disable=None), 1):
            same = {name: same_bits(ours[name], expected) for name, expected in theirs.items()}
            tensors += len(same)
            numbers += sum([bits.size for bits in same.values()])
            equal += sum([int(bits.sum()) for bits in same.values()])
            apart = [name for name, bits in same.items() if not bits.all()]
            if apart and not difference:
                difference = f"step {step}: {', '.join(apart)}"
    return Result(setting, steps, tensors, numbers, equal, difference, time.perf_counter() - began)


def compare_all(settings: Sequence[str] = tuple(SETTINGS), steps: int | None = None) -> tuple[str, list[Result]]:
    """Why nothing is to be expected of this process's PyTorch, or '' and what became of the settings."""
    reason = canary()
    return reason, [] if reason else [compare(setting, steps) for setting in settings]


def as_table(results: list[Result]) -> str:
    rows = [["setting", "steps", "tensors", "numbers", "bits equal", "seconds", "first difference"]]
    for r in results:
        share = "all" if r.equal == r.numbers else f"{r.equal / r.numbers:.4%}"
        rows.append([r.setting, f"{r.steps}", f"{r.tensors:,}", f"{r.numbers:,}", share, f"{r.seconds:.1f}", r.difference or "-"])
    return table(rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m comparisons.exact_mode", description=__doc__.partition("\n")[0])
    parser.add_argument("--steps", type=int, help="fewer training steps than 500 (300 of the DQN)")
    parser.add_argument("--only", choices=SETTINGS, nargs="+", default=[*SETTINGS])
    options = parser.parse_args()
    wanted = options.only, options.steps
    reason, results = compare_all(*wanted) if is_pinned() else calls(ENVIRONMENT, (compare_all, *wanted))[0]
    if reason:
        print(f"Not to be expected on this machine: {reason}.")
    else:
        print(f"QNetwork 4-120-84-2, batch {BATCH}, float64, minigrad.exact() beside PyTorch {pytorch.__version__}, MKL_CBWR=COMPATIBLE.\n")
        print(as_table(results))
    if any([result.difference for result in results]):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
