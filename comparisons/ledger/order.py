"""In which order backward visits the nodes: random graphs on both engines, with a hook on every node."""
from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch

import minigrad

from .record import Record

TITLE = "Execution order"
ABOUT = "Random graphs (shared inputs, diamonds, views, operations in place, dead ends), with a hook on every node on both sides."
GRAPHS_PER_JOB = 25
# What a graph may grow by, given tensors of shape (3, 3).
UNARY = ("exp", "tanh", "relu", "sigmoid", "neg", "t", "clone", "sin")
BINARY = ("add", "sub", "mul", "matmul", "maximum")
SHAPES = ("plain", "in place", "view", "detached", "indexed", "scalar", "stacked")


def jobs(quick: bool) -> list[int]:
    return list(range(8 if quick else 80))


def measure(job: int, quick: bool) -> list[Record]:
    """One record per batch of graphs; those of all batches are alike, so they are told apart by their seeds."""
    seeds = range(job * GRAPHS_PER_JOB, (job + 1) * GRAPHS_PER_JOB)
    calls, different = 0, []
    for seed in seeds:
        mine, theirs = visited(minigrad, seed), visited(torch, seed)
        calls += len(theirs)
        if mine != theirs:
            different.append(seed)
    note = f"graph {different[0]}: {first_difference(different[0])}" if different else ""
    name = f"random graphs {seeds[0]} to {seeds[-1]}"
    equal = 1 - len(different) / len(seeds)
    return [Record("order", name, "calls of nodes", samples=len(seeds), numbers=calls, equal=equal, kept=not different, note=note)]


def visited(t: Any, seed: int) -> list[str]:
    """The nodes of a random graph in the order in which backward calls them, each by its name and its place in the graph."""
    root = grow(t, np.random.default_rng(seed))
    seen: list[str] = []
    nodes: dict[Any, int] = {}  # in the order of a walk from the root, which is the graph's own and the same on both sides
    waiting = [root.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is None or node in nodes:
            continue
        nodes[node] = len(nodes)
        waiting += [below for below, _ in node.next_functions]
    for node, number in nodes.items():
        node.register_hook(partial(note, seen, f"{name(node)} {number}"))
    root.backward()
    return seen


def note(seen: list[str], label: str, *_: Any) -> None:
    seen.append(label)


def name(node: Any) -> str:
    return node.name().split("::")[-1]


def grow(t: Any, rng: np.random.Generator, leaves: list[Any] | None = None) -> Any:
    """A random program on 3x3 matrices, and the sum of what it leaves. It begins with `leaves`, or with new ones, put there."""
    leaves = [] if leaves is None else leaves
    leaves += [t.tensor(rng.standard_normal((3, 3)), requires_grad=bool(rng.random() < 0.8) or i == 0) for i in range(len(leaves), 3)]
    pool = list(leaves)
    for _ in range(rng.integers(3, 25)):
        x, y = [pool[i] for i in rng.integers(0, len(pool), 2)]
        kind = SHAPES[rng.choice(len(SHAPES), p=(0.6, 0.1, 0.08, 0.04, 0.06, 0.06, 0.06))]
        unary, binary, one = UNARY[rng.integers(len(UNARY))], BINARY[rng.integers(len(BINARY))], int(rng.integers(3))
        if kind == "plain":
            pool.append(getattr(t, unary)(x) if one == 0 else getattr(t, binary)(x, y))
        elif kind == "in place":
            z = x * 2
            pool.append((z.mul_(y) if one else z.t().add_(y)) * 0.5)
        elif kind == "view":
            z = x.clone()
            z[one] = y[0]
            pool.append(z)
        elif kind == "detached":
            pool.append(x.detach() * y)
        elif kind == "indexed":
            pool.append(x[:, [2, 0, one]] + y)
        elif kind == "scalar":
            pool.append(x * y.mean())
        else:
            pool.append(t.stack([x[0], y[1], (x - y)[one]]))
    wanted = [pool[0], *[x for x in pool[3:] if rng.random() < 0.4], pool[-1]]
    return sum([x.sum() for x in wanted])


def first_difference(seed: int) -> str:
    mine, theirs = visited(minigrad, seed), visited(torch, seed)
    for i, (a, b) in enumerate(zip(mine, theirs)):
        if a != b:
            return f"call {i} is {a}, not {b}"
    return f"{len(mine)} calls, not {len(theirs)}"
