"""What a scenario wants recorded, made into a listener for its machine."""

from __future__ import annotations

from fnmatch import fnmatchcase

from sim.engine.kernel import Kernel
from sim.hardware.host import FEEDING, TAKING, called
from sim.measure.trace import Tracer
from sim.measure.trace_keep import keep
from sim.scenario.complaints import Refused, did_you_mean
from sim.simulate.setting import Setting


def tracer(setting: Setting, kernel: Kernel, slices: int) -> Tracer | None:
    """The listener that the scenario asks for, in a run of so many slices; None where it asks for none.

    Refused when a name matches no unit.
    """
    asked = setting.scenario.trace
    if asked is None:
        return None
    machine = setting.machine
    jobs = [called(job, number) for number in range(setting.scenario.mapping.replicas) for job in (FEEDING, TAKING)]
    names = [*(pe.name for pe in machine.pes), *jobs, *(dram.name for dram in machine.drams)]
    for number, pattern in enumerate(asked.units):
        if not any(fnmatchcase(name, pattern) for name in names):
            near = did_you_mean(pattern, names)
            raise Refused.at(f"trace.units[{number}]", f"'{pattern}' matches no unit of {machine.name}{near}")
    links = [link.name for link in machine.chip_links]
    made = Tracer(kernel, keep(asked, slices), asked.units, names, links)
    made.spool.clock = machine.noc.clock
    return made
