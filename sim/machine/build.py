"""From a topology to a machine.

A chip is laid out whole, what is dead or cut off is taken away and the rest numbered anew, frequencies become clocks; a
machine of many chips is assembled of such.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, TypeVar

from sim.machine.assemble import assembled
from sim.machine.chip_faults import find_chip_faults
from sim.machine.chips import arrange
from sim.machine.faults import find_faults
from sim.machine.graph import as_graph
from sim.machine.layout import Layout, lay_out, site_index
from sim.machine.machine import (
    Channel,
    Costs,
    Dram,
    DramTiming,
    Energy,
    EventRouter,
    Faults,
    Grid,
    Host,
    Machine,
    Noc,
    OperatingPoint,
    PacketFormat,
    PePower,
    PeSite,
    Sram,
)
from sim.machine.parameters import parameters
from sim.machine.points import unknown_point
from sim.machine.quantity import Quantity
from sim.machine.sections import SiteRef, Topology
from sim.scenario.complaints import Refused
from sim.scenario.models import Section
from sim.units import Clock

Part = TypeVar("Part", PeSite, Channel)


def load_machine(topology: Topology, operating_point: str, chips: int | None = None) -> Machine:
    """The machine of a `topology` that was read without complaints, at one of its operating points.

    It has so many `chips`, or as many as the topology. Refused at `machine.operating_point` when there is no point of
    that name, and at `machine.chips` when there is no machine of so many.
    """
    arrangement, layout = arrange(topology, chips), lay_out(topology)
    if arrangement is None or topology.links is None:
        return _one_chip(topology, layout, find_faults(topology, layout), operating_point)
    broken = find_chip_faults(topology, arrangement, layout)
    dies: dict[tuple[Faults, bool], Machine] = {}
    each = []
    for number, faults in enumerate(broken.own):
        away = number != arrangement.host_chip and faults != Faults()  # where the host is not, its site may be dead
        if (faults, away) not in dies:
            own = topology.model_copy(update={"host": None}) if away else topology
            dies[faults, away] = _one_chip(own, layout, faults, operating_point)
        each.append(dies[faults, away])
    return assembled(topology.name, each, arrangement, broken, topology.links)


def _one_chip(topology: Topology, layout: Layout, faults: Faults, operating_point: str) -> Machine:
    point, noc = _operating_point(topology, operating_point), Noc(**_numbers(topology.noc))
    event_router, drams, host = _event_router(topology), _drams(topology), _host(topology)
    return Machine(
        name=topology.name,
        sites=layout.sites,
        pes=_without(layout.pes, {*faults.dead_pes, *faults.unreachable}),
        channels=_without(layout.channels, set(faults.dead_links)),
        noc=noc,
        event_router=event_router,
        sram=Sram(**_numbers(topology.sram)),
        drams=drams,
        host=host,
        packets=PacketFormat(**_numbers(topology.packets)),
        costs=Costs(**_numbers(topology.costs)),
        operating_point=point,
        operating_points={name: _operating_point(topology, name) for name in topology.operating_points},
        switch_ns=None if topology.dvfs is None else topology.dvfs.switch_ns.value,
        assumed=tuple(number.name for number in parameters(topology) if number.basis == "assumed"),
        graph=as_graph(layout, faults, noc, event_router, drams, host),
        grid=_grid(topology),
        faults=faults,
        energy=_energy(topology),
    )


def _without(parts: tuple[Part, ...], lost: Collection[str]) -> tuple[Part, ...]:
    """The parts whose names are not `lost`, numbered anew in their order."""
    left = [part for part in parts if part.name not in lost]
    return tuple(replace(part, index=index) for index, part in enumerate(left)) if lost else parts


def _grid(topology: Topology) -> Grid | None:
    grid = topology.grid
    return Grid(grid.width.value, grid.height.value, grid.origin.value, grid.torus) if grid is not None else None


def _operating_point(topology: Topology, name: str) -> OperatingPoint:
    if unknown := list(unknown_point(topology, name)):
        raise Refused(unknown)
    return OperatingPoint(name, **_numbers(topology.operating_points[name]))


def _event_router(topology: Topology) -> EventRouter | None:
    if topology.event_router is None:
        return None
    numbers = _numbers(topology.event_router)
    ports = numbers.pop("ports_per_site")
    port_sites = [_site(topology, at) for at in topology.sites.event_router.value for _ in range(ports)]
    return EventRouter(**numbers, port_sites=tuple(port_sites))


def _drams(topology: Topology) -> tuple[Dram, ...]:
    if topology.dram is None:
        return ()
    numbers = _numbers(topology.dram)
    numbers["timing"] = DramTiming(**_numbers(topology.dram.timing))
    places = enumerate(topology.sites.memory.value)
    return tuple(Dram(f"dram{number}", _site(topology, at), **numbers) for number, at in places)


def _host(topology: Topology) -> Host | None:
    if topology.host is None:
        return None
    numbers = _numbers(topology.host)
    return Host(_site(topology, numbers.pop("site")), **numbers)


def _energy(topology: Topology) -> Energy | None:
    section = topology.energy
    if section is None:
        return None
    numbers = {key: getattr(section, key).value for key in type(section).model_fields if key != "pe"}
    return Energy(pe={name: PePower(**_numbers(point)) for name, point in section.pe.items()}, **numbers)


def _site(topology: Topology, written: SiteRef) -> int:
    index = site_index(topology, written)
    if index is None:
        raise ValueError(f"a topology that was not checked: no site {written}")
    return index


def _numbers(section: Section) -> dict[str, Any]:
    """The values of a section by key, ready for the noun of the same keys; `clock_mhz` becomes `clock`."""
    said = {key: getattr(section, key) for key in type(section).model_fields}
    numbers = {key: stated.value if isinstance(stated, Quantity) else stated for key, stated in said.items()}
    if "clock_mhz" in numbers:
        numbers["clock"] = Clock.from_mhz(numbers.pop("clock_mhz"))
    return numbers
