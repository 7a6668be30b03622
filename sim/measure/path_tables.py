"""The critical path as a table, and what the links carried step by step as another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.ma as ma

from sim.hardware.mesh import LinkFact
from sim.machine.machine import Noc
from sim.measure.columns import Table
from sim.measure.critical_path import Span, Way, chain
from sim.measure.link_steps import Interval

Row = tuple[int, str, str, str, int, int]
WHOLE_RUN = -1


def path_table(end: Span | Way, steps: Mapping[int, Span | Way]) -> Table:
    """A row for each span on the path of the run, first to last, and then for each on the path of each step."""
    rows = [*_rows(WHOLE_RUN, end, 0)]
    before = 0
    for step, last in steps.items():
        rows += _rows(step, last, before)
        before = max(before, last.end)
    step_of = np.array([row[0] for row in rows], dtype=np.int64)
    names = ("unit", "activity", "part")
    table: Table = {"step": ma.masked_array(step_of, mask=step_of == WHOLE_RUN)}
    table |= {name: np.array([row[i] for row in rows], dtype=object) for i, name in enumerate(names, 1)}
    return table | {
        "time_start_ps": np.array([row[4] for row in rows], dtype=np.int64),
        "time_end_ps": np.array([row[5] for row in rows], dtype=np.int64),
    }


def _rows(step: int, end: Span | Way, after: int) -> Iterator[Row]:
    spans = list(chain(end, after))
    for span in reversed(spans):
        yield step, span.unit, span.activity, span.part, max(span.start, after), span.end


def link_step_table(intervals: Sequence[Interval], links: Sequence[LinkFact], noc: Noc) -> Table:
    """A row for each link and interval in which a flit crossed it."""
    parts = []
    before = 0
    never_full = np.array([link.room is None for link in links])
    nothing = np.zeros(len(links), np.int64)
    for one in intervals or [Interval(0, 0, 0, nothing, nothing, nothing)]:
        used = np.flatnonzero(one.flits)
        flits = one.flits[used]
        taken = np.array([noc.clock.edge(int(count) * noc.flit_cycles) for count in flits], dtype=np.float64)
        parts.append(
            {
                "link": used,
                "step": np.full(len(used), one.last),
                "steps": np.full(len(used), one.steps),
                "flits": flits,
                "use_share": np.minimum(1.0, taken / max(1, one.end - before)),
                "waited_cycles_mean": one.waited[used] / flits,
                "queue_peak": one.peak[used],
            }
        )
        before = one.end
    table: Table = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    table["queue_peak"] = ma.masked_array(table["queue_peak"], mask=never_full[table["link"]])
    return table
