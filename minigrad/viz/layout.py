"""Where the boxes of a layered graph go, and how the edges run between them: pure geometry, top to bottom.

The steps are those of Sugiyama, Tagawa and Toda (1981): put every box on a layer (longest path), give an edge that
spans several layers a bend on each layer between, order the layers so that few edges cross (barycenters), and choose x
so that edges run straight where they can (least squares under the minimum distances).
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from typing import NamedTuple

Size = tuple[float, float]  # width, height
Point = tuple[float, float, float]  # x, y, and dx/dy of the line there

GAP_X, GAP_Y, PORT = 22.0, 36.0, 16.0  # between boxes, between layers, and between the edges that arrive at one box
ORDER_SWEEPS, PLACE_SWEEPS = 12, 16
MANY = 20_000  # boxes and bends; where there would be more, long edges get no bends


class Layout(NamedTuple):
    """Centres of the boxes, the points each edge passes from its tail to its head, and the size of it all."""

    centres: list[tuple[float, float]]
    routes: list[list[Point]]
    width: float
    height: float


def layout(boxes: Sequence[Size], edges: Sequence[tuple[int, int]]) -> Layout:
    """Arrange boxes so that every edge (tail, head) leads down. Raises ValueError for a cycle."""
    sizes, depth = list(boxes), layers(len(boxes), edges)
    chains = with_bends(sizes, depth, edges)
    above: list[list[int]] = [[] for _ in sizes]
    below: list[list[int]] = [[] for _ in sizes]
    for chain in chains:
        for tail, head in zip(chain, chain[1:]):
            above[head].append(tail)
            below[tail].append(head)
    rows = order(depth, above, below)
    x = place(rows, sizes, above, below)
    heights, tops = [max([sizes[v][1] for v in row]) for row in rows], [0.0]
    for height in heights:
        tops.append(tops[-1] + height + GAP_Y)
    y = [tops[d] + heights[d] / 2 for d in depth]

    routes = []
    for chain, end in zip(chains, arrivals(chains, sizes, x)):
        (tail, *bends, head), xs = chain, [*[x[v] for v in chain[:-1]], end]
        route = [(xs[0], y[tail] + sizes[tail][1] / 2, 0.0), (xs[0], y[tail] + heights[depth[tail]] / 2, 0.0)]
        for v, before, at, after in zip(bends, xs, xs[1:], xs[2:]):
            half = heights[depth[v]] / 2
            slope = gentler(at - before, after - at, 1.2 * GAP_X) / (2 * half + GAP_Y)
            route += [(at - slope * half, y[v] - half, slope), (at + slope * half, y[v] + half, slope)]
        route += [(end, y[head] - heights[depth[head]] / 2, 0.0), (end, y[head] - sizes[head][1] / 2, 0.0)]
        routes.append(route)
    width = max([at + size[0] / 2 for at, size in zip(x, sizes)], default=0.0)
    return Layout(list(zip(x, y))[: len(boxes)], routes, width, max(tops[-1] - GAP_Y, 0.0))


def layers(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """The layer of each box, from the top: just above its highest consumer."""
    waiting = [0] * count
    tails: list[list[int]] = [[] for _ in range(count)]
    for tail, head in edges:
        waiting[tail] += 1
        tails[head].append(tail)
    height = [0] * count
    ready = [v for v in range(count) if not waiting[v]]
    for head in ready:  # grows as it is read
        for tail in tails[head]:
            height[tail] = max(height[tail], height[head] + 1)
            waiting[tail] -= 1
            if not waiting[tail]:
                ready.append(tail)
    if len(ready) < count:
        raise ValueError("layout: the graph has a cycle")
    top = max(height, default=0)
    return [top - h for h in height]


def with_bends(sizes: list[Size], depth: list[int], edges: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Each edge as a chain of nodes on neighbouring layers; its bends are added to the boxes as nodes without area."""
    bends = sum([depth[head] - depth[tail] - 1 for tail, head in edges])
    few = len(sizes) + bends < MANY
    chains = []
    for tail, head in edges:
        between = range(depth[tail] + 1, depth[head]) if few else ()
        chains.append([tail, *range(len(sizes), len(sizes) + len(between)), head])
        sizes += [(0.0, 0.0)] * len(between)
        depth += between
    return chains


def order(depth: list[int], above: list[list[int]], below: list[list[int]]) -> list[list[int]]:
    """The nodes of each layer from left to right: the best of several sweeps up and down."""
    rows: list[list[int]] = [[] for _ in range(max(depth, default=-1) + 1)]
    stack = [v for v in range(len(depth)) if not below[v]][::-1]
    seen: set[int] = set()
    while stack:  # depth first from the outputs, a node's inputs in the order of its arguments
        v = stack.pop()
        if v not in seen:
            seen.add(v)
            rows[depth[v]].append(v)
            stack += above[v][::-1]
    best, fewest = [list(row) for row in rows], crossings(rows, below)
    for sweep in range(ORDER_SWEEPS if fewest else 0):
        position = {v: i for row in rows for i, v in enumerate(row)}
        near, path = (above, rows) if sweep % 2 else (below, rows[::-1])
        for row in path:
            centre = {v: sum([position[u] for u in near[v]]) / len(near[v]) if near[v] else position[v] for v in row}
            row.sort(key=lambda v: centre[v])
            position.update({v: i for i, v in enumerate(row)})
        count = crossings(rows, below)
        if count < fewest:
            best, fewest = [list(row) for row in rows], count
    return best


def crossings(rows: list[list[int]], below: list[list[int]]) -> int:
    """How many pairs of links cross."""
    total = 0
    for row, lower in zip(rows, rows[1:]):
        position = {v: i for i, v in enumerate(lower)}
        seen: list[int] = []
        for v in row:
            ends = [position[u] for u in below[v] if u in position]
            total += sum([len(seen) - bisect_right(seen, end) for end in ends])
            for end in ends:
                insort(seen, end)
    return total


def place(rows: list[list[int]], sizes: list[Size], above: list[list[int]], below: list[list[int]]) -> list[float]:
    """x of every node: near its neighbours, and no box on another; the leftmost box begins at 0."""
    x, pull = [0.0] * len(sizes), [0.0] * len(sizes)
    for row in rows:
        for v in row:  # how strongly the links below v pull: the more there is behind v, and at a bend to stay straight
            behind = max(min(30 * sum([pull[u] for u in above[v]]), 30_000.0), 1.0) if above[v] else 0.02
            pull[v] = behind if sizes[v][0] else 8 * behind
    distances = [[(sizes[u][0] + sizes[v][0]) / 2 + GAP_X for u, v in zip(row, row[1:])] for row in rows]
    passes = list(zip(rows, distances))
    for sweep in range(PLACE_SWEEPS):
        moved = 0.0
        for row, apart in passes if sweep % 2 else passes[::-1]:
            wishes, weights = [], []
            for v in row:
                ties = [(pull[u], x[u]) for u in above[v]] + [(pull[v], x[u]) for u in below[v]]
                weights.append(sum([strength for strength, _ in ties]) or 1.0)
                wishes.append(sum([strength * at for strength, at in ties]) / weights[-1])
            for v, at in zip(row, spread(wishes, weights, apart)):
                moved = max(moved, abs(x[v] - at))
                x[v] = at
        if moved < 0.1:
            break
    left = min([at - size[0] / 2 for at, size in zip(x, sizes)], default=0.0)
    return [at - left for at in x]


def spread(wishes: list[float], weights: list[float], apart: list[float]) -> list[float]:
    """Places as near to the wishes as the distances between neighbours allow: weighted least squares, by pooling."""
    offsets = [0.0]
    for distance in apart:
        offsets.append(offsets[-1] + distance)
    pools: list[tuple[float, float, int]] = []  # neighbours that touch: their place, weight and number
    for wish, weight, offset in zip(wishes, weights, offsets):
        at, number = wish - offset, 1
        while pools and pools[-1][0] >= at:
            other, other_weight, others = pools.pop()
            at = (other * other_weight + at * weight) / (other_weight + weight)
            weight, number = other_weight + weight, others + number
        pools.append((at, weight, number))
    return [at + offset for at, offset in zip([at for at, _, number in pools for _ in range(number)], offsets)]


def arrivals(chains: list[list[int]], sizes: list[Size], x: list[float]) -> list[float]:
    """x at which each edge meets its head: straight below where it comes from if the box is there, and side by side."""
    groups: dict[int, list[int]] = {}
    for i, chain in enumerate(chains):
        groups.setdefault(chain[-1], []).append(i)
    ends = [0.0] * len(chains)
    for head, group in groups.items():
        group.sort(key=lambda i: x[chains[i][-2]])
        reach = max(sizes[head][0] / 2 - PORT, 0.0)
        wishes = [max(x[head] - reach, min(x[head] + reach, x[chains[i][-2]])) for i in group]
        for i, end in zip(group, spread(wishes, [1.0] * len(group), [PORT] * (len(group) - 1))):
            ends[i] = end
    return ends


def gentler(before: float, after: float, most: float) -> float:
    """How far a line may lean at a bend between two moves: as the smaller one, and not at all where they turn back."""
    lean = min(abs(before), abs(after), most)
    return 0.0 if before * after <= 0 else lean if before > 0 else -lean
