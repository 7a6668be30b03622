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
    if not stream.isatty():
        yield _lines(stream, clock)
        return
    columns = (BarColumn(bar_width=24), TextColumn("{task.description}", markup=False))
    with Bar(*columns, console=Console(file=stream), auto_refresh=False, transient=True) as bar:
        task = bar.add_task("preparing", total=None)

        def show(progress: StudyProgress) -> None:
            told = described(progress)
            bar.update(task, description=told, completed=progress.done, total=progress.points)
            bar.refresh()

        bar.refresh()
        yield show


def described(progress: StudyProgress) -> str:
    """One line, such as `12 of 40 points (8 from earlier), 1 failed, about 1:20 left`."""
    parts = [
        f"{progress.done} of {progress.points} points" + (f" ({progress.found} from earlier)" * bool(progress.found)),
        f"{progress.failed} failed" if progress.failed else "",
        _left(progress),
    ]
    return ", ".join(part for part in parts if part)


def _left(progress: StudyProgress) -> str:
    if progress.done >= progress.points:
        return ""
    if progress.seconds_left is None:
        return "the smallest first, to tell how long the rest will take"
    minutes, second = divmod(round(progress.seconds_left), 60)
    hours, minute = divmod(minutes, 60)
    return f"about {hours}:{minute:02}:{second:02} left" if hours else f"about {minute}:{second:02} left"


def _lines(stream: TextIO, clock: Clock) -> Tell:
    due = clock()
    judged = False

    def show(progress: StudyProgress) -> None:
        nonlocal due, judged
        first_judged = progress.seconds_left is not None and not judged
        if clock() >= due or first_judged or progress.done == progress.points:
            due, judged = clock() + SECONDS_BETWEEN_LINES, judged or first_judged
            print(described(progress), file=stream, flush=True)

    return show
