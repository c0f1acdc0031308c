"""A flow split into streams, the shortest first, each shared equally by the steps of its path.

Pipeline: dossier → integrity → effects → [synthesis] → certainty → outlook → verdicts → report
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from evenhand.distributions import Floats

_NOTHING = 1e-11  # of a unit of flow: rounding


def shortest_stream_contributions(flow: Floats, pairs: NDArray[np.intp], comparisons: NDArray[np.intp]) -> Floats:
    """Contributions by comparison u → v, (r, T, T), of unit flows of the same shape from pairs[:, 0] to pairs[:, 1].

    Papakonstantinou et al. (2018, F1000Research 7, 610) leave open which of paths of equal length is taken first. As in
    netmeta it is the one that a breadth-first search finds, with treatments in the order in which the list of
    `comparisons`, (e, 2), each turned the way its flow runs, names them.
    """
    shares = np.zeros_like(flow)
    for one, (source, sink), share in zip(flow, pairs.tolist(), shares, strict=True):
        _split(one, source, sink, _in_order_of_flow(one, comparisons), share)
    return shares


def _in_order_of_flow(flow: Floats, comparisons: NDArray[np.intp]) -> list[int]:
    """Treatments as the comparisons name them first."""
    first, second = comparisons.T
    along = (flow[first, second] > _NOTHING)[:, None]
    return list(dict.fromkeys(np.where(along, comparisons, comparisons[:, ::-1]).ravel().tolist()))


def _split(flow: Floats, source: int, sink: int, order: list[int], share: Floats) -> None:
    """Add to `share` what each stream carries over its length."""
    rank = {v: i for i, v in enumerate(order)}
    ahead: list[dict[int, float]] = [{} for _ in flow]
    start, end = (ends.tolist() for ends in np.nonzero(flow > _NOTHING))
    for u, v in sorted(zip(start, end, strict=True), key=lambda step: rank[step[1]]):
        ahead[u][v] = float(flow[u, v])
    while True:
        distance = _distances(ahead, sink)
        if source not in distance:
            return
        # Taking flow away makes no path shorter: all of this length can be had from one search.
        closed: set[int] = set()
        while path := _first_path(ahead, distance, closed, source, sink):
            steps = list(pairwise(path))
            carried = min(ahead[u][v] for u, v in steps)
            for u, v in steps:
                share[u, v] += carried / len(steps)
                left = ahead[u][v] - carried
                if left > _NOTHING:
                    ahead[u][v] = left
                else:
                    del ahead[u][v]


def _distances(ahead: list[dict[int, float]], sink: int) -> dict[int, int]:
    """Steps to the sink of the vertices from which it can be reached."""
    behind: list[list[int]] = [[] for _ in ahead]
    for u, row in enumerate(ahead):
        for v in row:
            behind[v].append(u)
    distance, front = {sink: 0}, [sink]
    while front:
        reached = []
        for v in front:
            for u in behind[v]:
                if u not in distance:
                    distance[u] = distance[v] + 1
                    reached.append(u)
        front = reached
    return distance


def _first_path(
    ahead: list[dict[int, float]], distance: dict[int, int], closed: set[int], source: int, sink: int
) -> list[int]:
    """The first path of the least length by its vertices, or none; dead ends are closed on the way."""
    path = [source]
    while path:
        u = path[-1]
        if u == sink:
            return path
        nearer = distance[u] - 1
        following = next((v for v in ahead[u] if v not in closed and distance.get(v) == nearer), None)
        if following is None:
            closed.add(path.pop())
        else:
            path.append(following)
    return path
