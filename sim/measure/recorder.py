"""The listeners of a run, and the facts they are read against."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sim.engine.probe import Probe, combined
from sim.hardware.mesh import LinkFact
from sim.machine.links import ChipLink
from sim.machine.machine import Machine
from sim.mapping.foresee import Foreseen
from sim.mapping.mapping import Mapping
from sim.mapping.memory import room_for_data
from sim.mapping.replicas import joined
from sim.measure.busy import BusyTime
from sim.measure.critical_path import CriticalPath
from sim.measure.crossings import Crossings
from sim.measure.dram import DramUse
from sim.measure.energy import EnergyUse
from sim.measure.joules import Account, Terms, account
from sim.measure.lateness import Lateness
from sim.measure.link_steps import LinkSteps
from sim.measure.network import Deliveries, Latency, LinkUse
from sim.measure.outputs import Together
from sim.measure.steps import Peaks, Steps
from sim.units import Clock
from sim.workload.parts import Layer


@dataclass(frozen=True)
class Recorder:
    """Everything that listens; `latency` counts all packets, or those a traffic study measures. `energy` is None on a
    machine that says nothing of what it draws, `lateness` where no timer drives the steps; `more` are told too."""

    latency: Latency = field(default_factory=Latency)
    links: LinkUse = field(default_factory=LinkUse)
    deliveries: Deliveries = field(default_factory=Deliveries)
    busy: BusyTime = field(default_factory=BusyTime)
    peaks: Peaks = field(default_factory=Peaks)
    path: CriticalPath = field(default_factory=CriticalPath)
    dram: DramUse = field(default_factory=DramUse)
    crossings: Crossings = field(default_factory=Crossings)
    energy: EnergyUse | None = None
    lateness: Lateness | None = None
    more: tuple[Probe, ...] = ()

    @cached_property
    def steps(self) -> Steps:
        return Steps(self.busy)

    @cached_property
    def link_steps(self) -> LinkSteps:
        return LinkSteps(self.links)

    @cached_property
    def probe(self) -> Probe:
        traffic = [self.latency, self.links, self.deliveries, self.crossings, self.dram]
        whole = [*traffic, self.busy, self.steps, self.peaks, self.path, self.link_steps]
        some = [one for one in (self.energy, self.lateness) if one is not None]
        return combined([*whole, *some, *self.more])

    def watch(
        self,
        links: Sequence[LinkFact],
        slices: int,
        clock: Clock,
        chip_links: Sequence[ChipLink] = (),
        when_over: Callable[[Callable[[], None]], None] | None = None,
    ) -> None:
        """Listen to this many links and slices; cycles are those of the mesh's `clock`, and `when_over` has something
        done once all of the present instant has happened.
        """
        self.links.watch(len(links))
        self.link_steps.watch(slices, when_over)
        self.path.watch(clock, [link.name for link in chip_links])


@dataclass(frozen=True, eq=False)
class Ran:
    """A network's run as it stands: what was run, how long (ps), and what was heard."""

    machine: Machine
    mappings: tuple[Mapping, ...]
    layers: tuple[Layer, ...]
    steps: int
    links: tuple[LinkFact, ...]
    recorder: Recorder
    outputs: Together
    busy_waits: bool
    total_ps: int
    foreseen: Foreseen | None = None
    unused_off: bool = False
    host_counts: bool = False
    period_s: float = 0.0

    @cached_property
    def account(self) -> Account | None:
        """What was drawn, where the machine says what its parts draw."""
        heard, energy = self.recorder.energy, self.machine.energy
        if heard is None or energy is None:
            return None
        return account(heard, Terms(energy, self.unused_off, self.busy_waits, self.host_counts, self.total_ps))

    @cached_property
    def mapping(self) -> Mapping:
        """That of the network, or of all copies of it together."""
        return joined(self.mappings)

    @cached_property
    def replica_of(self) -> npt.NDArray[np.int64]:
        """The number of the copy, from 0, that each slice is of."""
        return np.repeat(np.arange(len(self.mappings)), [len(one.slices) for one in self.mappings])

    @property
    def fixed_bytes(self) -> int:
        """SRAM that code, stack and FIFO take on every PE in use."""
        return self.machine.sram.total_bytes - room_for_data(self.machine.sram)

    @property
    def elapsed(self) -> int:
        """The run's time, at least 1 ps so that shares of it can be formed."""
        return max(1, self.total_ps)
