"""What a command takes: it runs in a process of its own, whose processor time and peak memory are nobody else's."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.scenario.places import TOPOLOGIES

ROOT = TOPOLOGIES.parent
BYTES_PER_RSS = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Spent:
    """What one process took, and what it printed."""

    cpu_s: float
    peak_bytes: int
    printed: str


class Broken(Exception):  # noqa: N818 - says what became of a case
    """A command that should have worked did not."""


def ran(scenario: str, *settings: str) -> tuple[dict[str, Any], Spent]:
    """The summary of a run of a shipped scenario with `settings` (KEY=VALUE), and what its process took."""
    options = [word for setting in settings for word in ("--set", setting)]
    with tempfile.TemporaryDirectory() as directory:
        spent = process("run.py", str(scenario_file(scenario)), "--json", "--out", directory, *options)
    return json.loads(spent.printed), spent


def scenario_file(name: str) -> Path:
    """The file of a shipped scenario."""
    return ROOT / "scenarios" / f"{name}.yaml"


def process(tool: str, *arguments: str) -> Spent:
    """Run a tool to its end; its own CPU time and peak memory, apart from those of all others."""
    command = [sys.executable, str(ROOT / "tools" / tool), *arguments]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
        files = [(os.POSIX_SPAWN_DUP2, out.fileno(), 1)]
        _, status, used = os.wait4(os.posix_spawn(sys.executable, command, os.environ, file_actions=files), 0)
        out.seek(0)
        if os.waitstatus_to_exitcode(status):
            raise Broken(f"{' '.join(command)} ended with code {os.waitstatus_to_exitcode(status)}")
        return Spent(used.ru_utime + used.ru_stime, used.ru_maxrss * BYTES_PER_RSS, out.read())
