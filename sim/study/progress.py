"""How far a study is and how long it has still to go, over all of its points.

On a terminal one line keeps changing and is gone at the end; anywhere else a plain line is added every few seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar

from sim.study.campaign import StudyProgress, Tell

SECONDS_BETWEEN_LINES = 5.0

Clock = Callable[[], float]


@contextmanager
def shown_on(stream: TextIO, clock: Clock = time.monotonic) -> Iterator[Tell]:
    """Something to call with each StudyProgress while the block runs, which shows it on `stream`."""
    began = clock()
    if not stream.isatty():
        yield _lines(stream, clock)
        return
    columns = (BarColumn(bar_width=24), TextColumn("{task.description}", markup=False))
    with Bar(*columns, console=Console(file=stream), auto_refresh=False, transient=True) as bar:
        task = bar.add_task("preparing", total=None)

        def show(progress: StudyProgress) -> None:
            told = described(progress, clock() - began)
            bar.update(task, description=told, completed=progress.done, total=progress.points)
            bar.refresh()

        bar.refresh()
        yield show


def described(progress: StudyProgress, seconds: float) -> str:
    """One line, such as `12 of 40 points (8 from earlier), 1 failed, about 1:20 left`, after `seconds` of work."""
    parts = [
        f"{progress.done} of {progress.points} points" + (f" ({progress.found} from earlier)" * bool(progress.found)),
        f"{progress.failed} failed" if progress.failed else "",
        _left(progress, seconds),
    ]
    return ", ".join(part for part in parts if part)


def _left(progress: StudyProgress, seconds: float) -> str:
    """Points to come are taken to need as long as those that were run now did on average."""
    run = progress.done - progress.found
    if run < 1 or progress.done >= progress.points:
        return ""
    minutes, second = divmod(round(seconds * (progress.points - progress.done) / run), 60)
    hours, minute = divmod(minutes, 60)
    return f"about {hours}:{minute:02}:{second:02} left" if hours else f"about {minute}:{second:02} left"


def _lines(stream: TextIO, clock: Clock) -> Tell:
    began = clock()
    due = began

    def show(progress: StudyProgress) -> None:
        nonlocal due
        if clock() >= due or progress.done == progress.points:
            due = clock() + SECONDS_BETWEEN_LINES
            print(described(progress, clock() - began), file=stream, flush=True)

    return show
