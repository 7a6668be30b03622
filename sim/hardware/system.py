"""A machine put together with its job: chips and links, host line, memory and processing elements, ready to run.

This is where a mapping becomes units. Nothing here decides anything; it only connects.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from sim.engine.kernel import Kernel
from sim.engine.packet import Packet
from sim.engine.probe import Probe
from sim.engine.stuck import Waiting
from sim.hardware.chip import Chip, Setup
from sim.hardware.host import Gateway
from sim.hardware.job import Job
from sim.hardware.memories import Memories
from sim.hardware.mesh import LinkFact
from sim.hardware.processor import Processor
from sim.hardware.serial import SerialLine
from sim.hardware.team import Ground, Team
from sim.hardware.ways import Ways
from sim.hardware.wiring import join
from sim.machine.machine import Host as HostLink
from sim.machine.machine import Machine
from sim.mapping.between import MachineRoutes
from sim.mapping.mapping import Mapping
from sim.scenario.models import Scenario
from sim.workload.stage_layer import StageLayer


class System:
    """All units of a machine, started and waiting for time to begin; `copies` of a network with what each is to do."""

    def __init__(
        self,
        kernel: Kernel,
        probe: Probe,
        machine: Machine,
        routes: MachineRoutes,
        scenario: Scenario,
        copies: Sequence[tuple[Mapping, Job]],
    ) -> None:
        self.kernel = kernel
        self.probe = probe
        self.machine = machine
        self.scenario = scenario
        firsts = accumulate((len(mapping.slices) for mapping, _ in copies), initial=0)
        self.teams = [
            Team(kernel, probe, machine, mapping, scenario, job, number, first)
            for number, ((mapping, job), first) in enumerate(zip(copies, firsts, strict=False))
        ]
        self._keys = [min(group.base for group in mapping.groups) for mapping, _ in copies]
        roll: list[LinkFact] = []
        setup = Setup(kernel, probe, machine, routes, scenario.network, roll, [])
        self._build_chips(setup)
        link = _required(machine.host)
        self._build_host(link)
        self._connect_chips(setup)
        memories = Memories(kernel, probe, machine, self.chips)
        outbox, processor = self._host_port.sender(), Processor(kernel, probe)
        ground = Ground(self.chips, memories, link, self._home, self._host_site, outbox, self._down, processor)
        for team in self.teams:
            team.start(ground)

    def facts(self) -> tuple[LinkFact, ...]:
        """All links on the chips, for those who report on them by number."""
        return self.chips[0].mesh.facts()

    def held_up(self) -> list[tuple[str, Waiting]]:
        """The links that packets still wait for, when nothing more can happen."""
        return [held for chip in self.chips for held in chip.mesh.held_up()] + [
            held for link in self._links for held in link.held_up()
        ]

    def _build_chips(self, setup: Setup) -> None:
        used, dense = self._by_chip(self._used()), self._by_chip(self._with_dma())
        self.chips = [Chip(setup, chip, used[chip.index], dense[chip.index]) for chip in self.machine.chips]

    def _by_chip(self, pes: list[int]) -> list[list[int]]:
        """The PEs of each chip, by their numbers there."""
        own: list[list[int]] = [[] for _ in self.machine.chips]
        for pe in pes:
            chip = self.machine.chips[self.machine.pes[pe].chip]
            own[chip.index].append(pe - chip.first_pe)
        return own

    def _with_dma(self) -> list[int]:
        """PEs whose inputs are put into memory without the core: those with stages of a front end."""
        return sorted(
            {
                piece.pe
                for team in self.teams
                for piece in team.mapping.slices
                if isinstance(team.job.layers[piece.layer - 1], StageLayer)
            }
        )

    def _used(self) -> list[int]:
        return sorted({pe for team in self.teams for pe in team.mapping.used})

    def _build_host(self, link: HostLink) -> None:
        self._home = self.chips[self.machine.sites[link.site].chip]
        self._host_site = link.site - self._home.what.first_site
        self._host_port = self._home.mesh.port(self._host_site, "host")
        up = SerialLine(self.kernel, self.probe, "host link up", link)
        self._down = SerialLine(self.kernel, self.probe, "host link down", link)
        self.kernel.serve(up.behaviour())
        self.kernel.serve(self._down.behaviour())
        self._gateway = Gateway(up, self._arrive)

    def _arrive(self, packet: Packet) -> None:
        """A packet is for the host: its key tells of which copy of the network it is."""
        self.teams[bisect_right(self._keys, packet.key) - 1].host.arrive(packet)

    def _connect_chips(self, setup: Setup) -> None:
        ways: list[Ways] = []
        for chip in self.chips:
            host = (self._host_port, self._gateway) if chip is self._home else None
            ways.append(chip.connect(host, ways))
        for chip in self.chips:
            chip.start_router([entry for team in self.teams for entry in team.mapping.entries])
        self._links = join(setup, self.chips, self.scenario.seed)


def _required(host: HostLink | None) -> HostLink:
    if host is None:
        raise LookupError("a network needs a host to feed it")
    return host
