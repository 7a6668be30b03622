"""The listeners of a run, heard through one probe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sim.engine.probe import Probe, combined
from sim.hardware.mesh import LinkFact
from sim.machine.links import ChipLink
from sim.measure.arrivals import Latency
from sim.measure.busy import BusyTime
from sim.measure.critical_path import CriticalPath
from sim.measure.crossings import Crossings
from sim.measure.dram import DramUse
from sim.measure.energy import EnergyUse
from sim.measure.lateness import Lateness
from sim.measure.link_steps import LinkSteps
from sim.measure.network import Deliveries, LinkUse
from sim.measure.steps import Peaks, Steps
from sim.units import Clock


@dataclass
class Recorder:
    """Everything that listens. `energy` is None on a machine that says nothing of what it draws, `lateness` where no
    timer drives the steps; `more` are told too."""

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

    def __post_init__(self) -> None:
        self.latency = Latency(self.deliveries)

    @cached_property
    def steps(self) -> Steps:
        return Steps(self.busy)

    @cached_property
    def link_steps(self) -> LinkSteps:
        return LinkSteps(self.links)

    @cached_property
    def probe(self) -> Probe:
        traffic = [self.links, self.deliveries, self.crossings, self.dram]
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
