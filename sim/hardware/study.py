"""A traffic study put together: a mesh with a source and a sink at each processing element."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sim.engine.kernel import Kernel
from sim.engine.probe import Probe
from sim.hardware.local_ports import pe_ports
from sim.hardware.mesh import Mesh
from sim.hardware.traffic import Direct, Sink, Source, Trees, Window
from sim.machine.machine import Machine
from sim.scenario.complaints import Refused
from sim.scenario.models import Traffic
from sim.scenario.streams import stream
from sim.workload.arrivals import Creation, bernoulli, bursty
from sim.workload.patterns import KEY, NEEDS_GRID, Nodes, goals

Timetable = Callable[[int], Iterator[Creation]]
"""The packets of a node, from the first, each time it is asked."""


class Study:
    """Units started and waiting for time to begin."""

    def __init__(
        self, kernel: Kernel, probe: Probe, mesh: Mesh, timetable: Timetable, cycles: range, *, tree: bool
    ) -> None:
        machine = mesh.machine
        self.window = Window(kernel, mesh, cycles)
        self.ports = pe_ports(mesh)
        sinks = [(self.ports[pe.index], Sink(self.window, probe, pe.index)) for pe in machine.pes]
        direct = Direct(mesh, sinks)
        kernel.work("traffic study", self.window.behaviour())
        for pe in machine.pes:
            ways = Trees(mesh, pe.site, sinks, direct) if tree else direct
            Source(mesh, self.window, self.ports[pe.index], pe, ways, timetable(pe.index)).start()


def nodes_of(machine: Machine, pattern: str) -> Nodes:
    """Columns and rows of nodes; a machine with several PEs to a router, or with holes, is one row of them all."""
    names = tuple(pe.name for pe in machine.pes)
    if machine.grid and len(machine.pes) == len(machine.sites):
        return Nodes(machine.grid.width, machine.grid.height, names)
    if pattern in NEEDS_GRID:
        raise Refused.at(
            KEY, f"{pattern} needs a grid with one live PE at every site, {machine.name} has another layout"
        )
    return Nodes(len(machine.pes), 1, names)


def timetable(asked: Traffic, nodes: Nodes, seed: int, trace: Sequence[Sequence[Creation]]) -> Timetable:
    """The packets that `asked` wants of each node, `trace` where it is read from a file."""

    def of(node: int) -> Iterator[Creation]:
        if asked.pattern == "trace":
            return iter(trace[node])
        name = f"traffic of {nodes.names[node]}"
        where = goals(asked.pattern, node, nodes, asked.hotspots, stream(seed, name, "goals"))
        times = stream(seed, name, "times")
        if asked.pattern == "bursty":
            return bursty(times, asked.rate, asked.burst_rate, asked.burst_cycles, where)
        return bernoulli(times, asked.rate, where)

    return of
