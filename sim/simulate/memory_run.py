"""A study of the memory ports: nothing but bursts made by rule, and what the ports' listeners say."""

from __future__ import annotations

from typing import Any

from sim.engine.kernel import Kernel
from sim.engine.probe import combined
from sim.engine.stuck import Waiting
from sim.hardware.memory_study import MemorySource
from sim.measure.books import Books
from sim.measure.busy import BusyTime
from sim.measure.columns import Table
from sim.measure.critical_path import parts, seconds
from sim.measure.dram import DramUse, dram_section, dram_table
from sim.measure.memory_path import LastBurst
from sim.measure.path_tables import path_table
from sim.measure.stream import StreamRecord
from sim.measure.tables import latency_table
from sim.scenario.models import MemoryStream
from sim.simulate.rests_on import memory_rests_on
from sim.simulate.setting import Setting
from sim.simulate.tracing import tracer
from sim.units import ps_to_s


class MemoryRun:
    """One study, ready for time to begin; its steps are the clocks of the memory."""

    def __init__(self, setting: Setting, kernel: Kernel, asked: MemoryStream) -> None:
        self.kernel = kernel
        self._setting = setting
        self._machine = setting.machine
        self._stop = asked.warmup_cycles + asked.measure_cycles
        first = self._machine.drams[0]
        self._record = StreamRecord(first, len(self._machine.drams), asked.warmup_cycles, self._stop)
        self._use, self._busy = DramUse(), BusyTime()
        self._path = LastBurst(follow=asked.outstanding is not None)
        self.tracer = tracer(setting, kernel, 0)
        more = [self.tracer] if self.tracer else []
        probe = combined([self._record, self._use, self._busy, self._path, *more])
        for what in self._machine.drams:
            MemorySource(kernel, probe, what, asked, setting.scenario.seed).start()

    @property
    def steps(self) -> int:
        return self._stop

    def forecast(self) -> None:
        return None

    def steps_done(self) -> int:
        return min(self._stop, int(self._machine.drams[0].clock.cycles_in(self.kernel.now)))

    def held_up(self) -> list[tuple[str, Waiting]]:
        return []

    def lost(self) -> str:
        return ""

    def books(self) -> Books:
        table = self.tables()["dram_port"]
        return {
            "use_at_most_one": all(share <= 1 for share in table["use_share"]),
            "time_never_runs_back": self._busy.overlaps == 0,
            "critical_path_sums_to_elapsed": sum(parts(self._path.end(self.kernel.now)).values()) == self.kernel.now,
        }

    def tables(self) -> dict[str, Table]:
        return {
            "dram_port": dram_table(self._machine.drams, self._use, self._busy, max(1, self.kernel.now)),
            "latency": latency_table(self._record.latency),
            "path": path_table(self._path.end(self.kernel.now), {}),
        }

    def sections(self, made: dict[str, Table]) -> dict[str, Any]:
        return {
            "time": {"total_s": ps_to_s(self.kernel.now)},
            "stream": self._record.section(),
            "dram": dram_section(made["dram_port"]),
            "critical_path": seconds(self._path.end(self.kernel.now)),
            "assumed": memory_rests_on(self._setting),
            "warnings": [],
        }

    def mapping(self) -> None:
        return None

    def flit_hops(self) -> int:
        return 0
