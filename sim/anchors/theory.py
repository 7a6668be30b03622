"""The mesh against theory: what no routing can exceed, lone packets, credit loops, the waiting time of a queue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.anchors.bench import Bench, mesh_of, packet
from sim.anchors.booksim import Window, bound, window
from sim.anchors.row import Row
from sim.anchors.runs import Runs

SHORT, LONG = window(300, 700), window(2000, 4000)
BANDS = {(8, 8): (0.37, 0.39), (8, 5): (0.39, 0.44), (4, 4): (0.64, 0.69)}
"""Columns and rows -> peak accepted flits per node and cycle under uniform traffic, of three independent programs."""

BAND_RATES = (0.4, 0.45, 0.5, 0.8, 1.0)
CREDIT_LOOPS = [(3, 2, 0.4), (3, 4, 0.8), (6, 4, 0.3637), (6, 8, 0.7273), (10, 8, 0.4213), (10, 16, 0.8423), (3, 8, 1)]
"""Cycles a hop, flits of buffer, flits per cycle that BookSim 2 measured: links of L cycles are hops of L + 2."""

LOADS = [(0.3, 40_000), (0.6, 40_000), (0.9, 120_000)]
"""Load of the one queue, and cycles that make its mean certain enough."""

PATTERNS = ("uniform", "bit_complement", "transpose", "bit_reverse", "shuffle")
SOURCES, BATCHES = 64, 20
STUDENT_T = 2.093
"""97.5 % quantile with 19 degrees of freedom: a two-sided interval of 95 %. The seed is fixed, so it is met or not."""


def theory(runs: Runs) -> Iterator[Row]:
    """What takes seconds: the laws of single links and queues, one bound, the band of the smallest mesh."""
    yield lone_packets()
    yield from (credit_loop(*case) for case in CREDIT_LOOPS)
    yield from (waiting(*case) for case in LOADS)
    yield from (capacity(runs, pattern) for pattern in PATTERNS)
    for pattern, size in (("uniform", (8, 8)), ("bit_complement", (8, 8)), ("uniform", (8, 5))):
        yield bounded(runs, pattern, min(1.0, 2 * bound(f"{size[0]}x{size[1]}", pattern)), SHORT, size)
    yield band(runs, (4, 4))


def whole_theory(runs: Runs) -> Iterator[Row]:
    """The same with bounds at every rate and with virtual channels, and the bands of all meshes."""
    yield from theory(runs)
    for pattern in ("uniform", "bit_complement"):
        yield from (bounded(runs, pattern, rate, LONG) for rate in (0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0))
        yield bounded(runs, pattern, 1.0, SHORT, virtual_channels=4)
    yield from (band(runs, size) for size in BANDS if size != (4, 4))


def lone_packets(shuffle: int | None = None) -> Row:
    """One packet after the other from one site of an 8x8 mesh to every site: the cycles least like 3 H + 5."""
    bench = Bench(mesh_of(8, 8), shuffle=shuffle)
    for goal in range(64):
        bench.send(9, bench.direct(goal), goal, when=100_000 * goal)
    shares = [(cycle - 100 * goal) / (3 * _links(9, goal) + 5) for cycle, _, goal in bench.run().cycles()]
    worst = max(shares, key=lambda share: abs(share - 1)) if len(shares) == 64 else 0.0
    return Row("lone packets, cycles over 3 H + 5", "number", 1.0, "R (H + 1) + L H + 3", "predicted", 0.0, worst)


def credit_loop(hop: int, room: int, share: float, shuffle: int | None = None) -> Row:
    """Flits per cycle over a link of `hop` cycles and credits a cycle less, into a buffer of `room` flits."""
    bench = Bench(mesh_of(2, 1, hop_cycles=hop, credit_cycles=hop - 1), buffer_flits=room, shuffle=shuffle)
    for number in range(2001):
        bench.send(0, bench.direct(1), number)
    cycles = [cycle for cycle, *_ in bench.run().cycles()]
    ours, name = 2000 / (cycles[-1] - cycles[0]), f"rate of a link, {hop} cycles, {room} flits"
    return Row(name, "flits/cycle", share, "BookSim 2; min(1, B / (2 L + 3))", "predicted", 0.0045, ours)


def waits(load: float, cycles: int, seed: int, shuffle: int | None = None) -> np.ndarray:
    """Cycles that each packet waits for the one link that `SOURCES` sources share, in order of arrival.

    Each source has a way of its own into the router and makes a packet in a cycle with probability load / SOURCES;
    buffers never fill, and behind the link packets are far enough apart not to meet again.
    """
    bench = Bench(mesh_of(2, 1), buffer_flits=1024, shuffle=shuffle)
    goal, created = bench.direct(1), np.random.default_rng(seed).random((cycles, SOURCES)) < load / SOURCES
    senders = [bench.mesh.port(0, f"source {number}").sender() for number in range(SOURCES)]
    sent: list[int] = []
    for cycle, source in zip(*(which.tolist() for which in created.nonzero()), strict=True):
        senders[source].post(packet(len(sent)), goal, 1000 * cycle)
        sent.append(cycle)
    arrived = bench.run().cycles()
    assert len(arrived) == len(sent)
    return np.array([cycle - sent[key] for cycle, _, key in arrived]) - (3 * 1 + 5)


def waiting(load: float, cycles: int) -> Row:
    """M/D/1: load / (2 (1 - load)) service times of one cycle; with n Bernoulli sources for Poisson, exactly 1 - 1/n
    of it (from E[(A - 1)^2] of the binomial number of arrivals A in a cycle). The tolerance is the 95 % interval."""
    waited = waits(load, cycles, seed=5)
    means = np.array([batch.mean() for batch in np.array_split(waited, BATCHES)])
    expected = load / (2 * (1 - load)) * (1 - 1 / SOURCES)
    half = STUDENT_T * float(means.std(ddof=1)) / BATCHES**0.5
    source, note = f"M/D/1, {SOURCES} Bernoulli sources", "within its 95 % interval"
    ours = float(waited.mean())
    return Row(f"waiting at load {load:g}", "cycles", expected, source, "predicted", half / expected, ours, note)


def capacity(runs: Runs, pattern: str) -> Row:
    """The rate at which the busiest link of an 8x8 mesh is asked for all it can carry. Uniform destinations are drawn,
    and of 224 links one is asked for some percent more than its share."""
    asked: dict[str, object] = {"network.engine": "ideal", "workload.pattern": pattern, "workload.rate": 1.0}
    cycles, close = (1000, 0.1) if pattern == "uniform" else (50, 1e-5)
    said = runs.summary("traffic_uniform", asked | window(0, cycles))["traffic"]
    name, source = f"XY capacity, {pattern} on 8x8", "1 / load of the busiest channel, bounds_xy.csv"
    ours = 1 / said["highest_demand_share"]
    return Row(name, "flits/cycle", bound("8x8", pattern), source, "predicted", close, ours)


def bounded(
    runs: Runs, pattern: str, rate: float, during: Window, size: tuple[int, int] = (8, 8), virtual_channels: int = 1
) -> Row:
    """What is accepted against what the busiest channel can carry."""
    mesh = f"{size[0]}x{size[1]}"
    ours = traffic(runs, pattern, rate, during, size, virtual_channels=virtual_channels)["accepted_rate"]
    name = f"accepted, {pattern} on {mesh} at {rate:g}, {virtual_channels} VC"
    source = "1 / load of the busiest channel, bounds_xy.csv"
    return Row(name, "flits/cycle", bound(mesh, pattern), source, "predicted", 0.0, ours, is_bound=True)


def band(runs: Runs, size: tuple[int, int]) -> Row:
    """The most that is accepted at any rate under uniform traffic; the tolerance is half the band."""
    least, most = BANDS[size]
    peak = max(traffic(runs, "uniform", rate, LONG, size)["accepted_rate"] for rate in BAND_RATES)
    middle, note = (least + most) / 2, f"{least:g} to {most:g}"
    source = "BookSim 2, Noxim, Ratatoskr"
    name = f"peak accepted, uniform on {size[0]}x{size[1]}"
    return Row(name, "flits/cycle", middle, source, "predicted", most / middle - 1, peak, note)


def traffic(
    runs: Runs, pattern: str, rate: float, during: Window, size: tuple[int, int] = (8, 8), **network: object
) -> dict[str, Any]:
    """The section `traffic` of a run on a plain mesh of so many columns and rows."""
    asked: dict[str, object] = {f"network.{key}": value for key, value in network.items()}
    asked |= {"machine.override": {"grid": {"width": size[0], "height": size[1]}}}
    asked |= {"workload.pattern": pattern, "workload.rate": rate} | dict(during)
    found: dict[str, Any] = runs.summary("traffic_uniform", asked)["traffic"]
    return found


def _links(start: int, goal: int, width: int = 8) -> int:
    return abs(start % width - goal % width) + abs(start // width - goal // width)
