"""The directory of a study: `points/<identity>` for each run, and beside it what they say together.

A study is resumed in the directory it was begun in. Points that another directory of the same study finished, before
an axis was given more values say, are copied and not run again.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sim.measure.store import DIGEST_LETTERS, write_json
from sim.scenario.complaints import Refused
from sim.study.point import Outcome, finished

SCHEMA_VERSION = 1
"""Version of study.json and points.parquet; rises when a name changes its meaning or goes away."""

RESULTS = Path("results")


class StudyDirectory:
    """Where one study keeps its points; made by `opened`."""

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.points = path / "points"
        self._others = sorted(other for other in path.parent.glob(f"{name}-*/points") if other != self.points)

    def find(self, identity: str) -> Outcome | None:
        """The outcome of a finished point, fetched from another directory of the study if it is there."""
        target = self.points / identity
        for other in self._others:
            if target.exists():
                break
            if (other / identity / "summary.json").exists():
                _copy(other / identity, target)
        return finished(target)

    def write(self, name: str, data: Mapping[str, Any]) -> None:
        write_json(self.path, name, {"schema_version": SCHEMA_VERSION, **data})


@contextmanager
def opened(out: Path | None, name: str, digest: str) -> Iterator[StudyDirectory]:
    """The directory of the study with this name and digest, new or begun earlier, held against other sweeps.

    Refused about `--out` when it cannot be made, holds something else, or another sweep works in it.
    """
    path = out or RESULTS / f"{name}-{digest[:DIGEST_LETTERS]}"
    _refuse_other(path, digest)
    _make(path)
    with (path / ".lock").open("w") as lock:
        _hold(path, lock.fileno())
        _clear(path / "points")
        try:
            yield StudyDirectory(path, name)
        finally:
            _clear(path / "points")


def _refuse_other(path: Path, digest: str) -> None:
    """Refused when there is something in `path` and it is not this study."""
    if not path.is_dir() or not any(path.iterdir()):
        return
    begun = path / "study.json"
    if not begun.exists() and not (path / "points").is_dir():
        raise Refused.at("--out", f"{path} is not empty and holds no study; give a directory that is new or empty")
    if begun.exists() and json.loads(begun.read_text(encoding="utf-8")).get("digest") != digest:
        told = "another study, or this one before it, its files or the code were changed"
        raise Refused.at("--out", f"{path} holds {told}; give a directory that is new or empty")


def _make(path: Path) -> None:
    if path.exists() and not path.is_dir():
        raise Refused.at("--out", f"{path} is a file; give a directory that is new or empty")
    try:
        (path / "points").mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise Refused.at("--out", f"cannot make the directory {failure.filename}: {failure.strerror}") from None


def _hold(path: Path, lock: int) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Refused.at("--out", f"another sweep is at work in {path}; wait for it") from None


def _clear(points: Path) -> None:
    """Remove what workers left that were killed."""
    for left in points.glob(".*"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)  # whoever was thought dead may still write in it
        else:
            left.unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    part = target.with_name(f".{target.name}.part")
    shutil.copytree(source, part)
    os.replace(part, target)
