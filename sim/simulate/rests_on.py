"""Which assumed numbers of the machine a result rests on: those of what takes part in the run.

A number is left out where nothing that it is about can happen, so that another value of it would change no figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sim.hardware.costs import costs_paid
from sim.mapping.mapping import Mapping
from sim.scenario.models import Scenario
from sim.simulate.setting import Setting, uses_routers
from sim.workload.prepare import Workload

DRAM = ("dram.", "energy.dram_", "sites.memory")
CHIPS = ("board.", "links.", "energy.chip_link_pj_per_bit")
ROUTER = ("event_router.", "energy.lookup_pj")
COMPUTER = ("energy.host_idle_w", "energy.host_busy_w")
SOFTWARE = ("costs.", "host.", "energy.host_", "energy.exp_pj")
"""How names begin of what is about DRAM, links between chips, the event router, the host's power, and programs."""


def network_rests_on(setting: Setting, mappings: Sequence[Mapping], workload: Workload) -> list[str]:
    """Of a network's run."""
    scenario, paid = setting.scenario, _paid(setting.scenario)
    idle = list(_idle(setting))
    if not any(one.regions for one in mappings):
        idle += DRAM
    if not scenario.measure.energy_of_host:
        idle += COMPUTER
    if not workload.decodes:
        idle.append("host.macs_per_s")
    names = _without(setting, idle)
    return [name for name in names if not name.startswith("costs.") or name.removeprefix("costs.") in paid]


def traffic_rests_on(setting: Setting) -> list[str]:
    """Of a study of traffic, in which no program runs."""
    return _without(setting, [*_idle(setting), *DRAM, *SOFTWARE])


def memory_rests_on(setting: Setting) -> list[str]:
    """Of a study of memory ports, in which nothing else happens, no DMA either."""
    return [name for name in setting.machine.assumed if name.startswith("dram.") and name != "dram.dma_bytes_per_s"]


def _idle(setting: Setting) -> Iterator[str]:
    """How names begin of what has no part in a run of any kind."""
    links = setting.scenario.network.chip_links
    if not setting.machine.parts:
        yield from CHIPS
    if links.full == "wait":
        yield "links.timeout_ns"
    if links.full == "wait" or not links.reinject:
        yield "links.reinject_ns"
    if not uses_routers(setting.scenario, setting.machine):
        yield from ROUTER


def _without(setting: Setting, idle: Sequence[str]) -> list[str]:
    return [name for name in setting.machine.assumed if not name.startswith(tuple(idle))]


def _paid(scenario: Scenario) -> frozenset[str]:
    """The costs that such a run can pay."""
    workload, streamed = scenario.workload, scenario.mapping.weights != "sram"
    arithmetic, decodes = getattr(workload, "arithmetic", None), getattr(workload, "decoder", "none") == "dram"
    return costs_paid(scenario.compute.kernel, scenario.formats, arithmetic, streamed=streamed, decodes=decodes)
