"""What makes two points the same run: equal resolved scenarios, equal files behind them, equal code.

Names of files count by what is in them, so that a study copied to another machine finds its points again; the name
and the description of a scenario count for nothing, since no number depends on them.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import sim
from sim.scenario.document import Document
from sim.scenario.places import topology_file

LABELS = ("name", "description")
LETTERS = 24
PACKAGES = ("simpy", "networkx", "numpy", "scipy")
WITHOUT_NUMBERS = ("report", "study")
"""Packages of s2sim that no number of a run depends on."""


def identity(scenario: Mapping[str, Any], document: Document) -> str:
    """The name of a point: hash of its resolved scenario (as `dump` gives it), of its files and of the code."""
    content = {key: _by_content(value) for key, value in scenario.items() if key not in LABELS}
    topology = _file_digest(topology_file(scenario["machine"]["topology"], document))
    return digest({"scenario": content, "topology": topology, "code": code_version()})[:LETTERS]


def digest(data: object) -> str:
    """SHA-256 of plain data, the same for equal data whatever the order of its keys."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


@cache
def code_version() -> str:
    """Hash of the code that numbers depend on: the simulator's sources and the versions of what it computes with."""
    root = Path(sim.__file__).parent
    sources = sorted(
        path.relative_to(root) for path in root.rglob("*.py") if path.relative_to(root).parts[0] not in WITHOUT_NUMBERS
    )
    files = {path.as_posix(): hashlib.sha256((root / path).read_bytes()).hexdigest() for path in sources}
    versions = {name: metadata.version(name) for name in PACKAGES}
    return digest([files, versions, platform.python_version_tuple()[:2]])


def _by_content(value: Any) -> Any:
    """`value` with the name of every file in it replaced by the hash of what the file holds."""
    if isinstance(value, dict):
        return {key: _by_content(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_by_content(inner) for inner in value]
    if isinstance(value, str) and Path(value).is_absolute() and Path(value).is_file():
        return {"sha256": _file_digest(Path(value))}
    return value


def _file_digest(path: Path) -> str:
    facts = path.stat()
    return _digest_of(path, facts.st_mtime_ns, facts.st_size)


@cache
def _digest_of(path: Path, mtime_ns: int, size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
