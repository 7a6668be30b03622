"""Whether a run is stuck or only slow: how far it is, how fast, and how long it has still to go.

On a terminal one line keeps changing and is gone at the end; into a file goes a line a minute at most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar

from sim.report.terminal import scaled
from sim.units import ps_to_s

if TYPE_CHECKING:
    from sim.simulate import Progress

    Show = Callable[[Progress], None]

SECONDS_BETWEEN_LINES = 60.0


@contextmanager
def shown_on(stream: TextIO) -> Iterator[Show]:
    """Something to call with each Progress while the block runs, which shows it on `stream`."""
    if not stream.isatty():
        yield _lines(stream)
        return
    columns = (BarColumn(bar_width=24), TextColumn("{task.description}", markup=False))
    # Drawn when told and not by a thread of its own, which would take time from the simulation.
    with Bar(*columns, console=Console(file=stream), auto_refresh=False, transient=True) as bar:
        task = bar.add_task("preparing", total=None)

        def show(progress: Progress) -> None:
            total = progress.steps or None
            bar.update(task, description=described(progress), completed=progress.steps_done, total=total)
            bar.refresh()

        bar.refresh()
        yield show


def described(progress: Progress) -> str:
    """One line, such as `2.43 ms simulated, step 12 of 70, 410 kevents/s, 0:08 left`."""
    rate = progress.events / progress.wall_s if progress.wall_s > 0 else 0.0
    parts = [
        f"{scaled(ps_to_s(progress.now_ps), 's')} simulated",
        f"step {progress.steps_done} of {progress.steps}" if progress.steps else "",
        f"{scaled(rate, 'events/s')}",
        _left(progress),
    ]
    return ", ".join(part for part in parts if part)


def _left(progress: Progress) -> str:
    if not 0 < progress.steps_done <= progress.steps:
        return ""
    seconds = progress.wall_s * (progress.steps - progress.steps_done) / progress.steps_done
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02} left" if hours else f"{minute}:{second:02} left"


def _lines(stream: TextIO) -> Show:
    due = SECONDS_BETWEEN_LINES

    def show(progress: Progress) -> None:
        nonlocal due
        if progress.wall_s >= due:
            due = progress.wall_s + SECONDS_BETWEEN_LINES
            print(described(progress), file=stream, flush=True)

    return show
