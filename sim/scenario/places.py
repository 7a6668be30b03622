"""Where the project keeps its machines, and how a scenario names one.

A bare name is a file in topologies/ beside the package; anything with a slash or a .yaml ending is a path
relative to the scenario.
"""

from __future__ import annotations

from pathlib import Path

from sim.scenario.complaints import Refused, did_you_mean
from sim.scenario.document import Document, unopened

TOPOLOGIES = Path(__file__).resolve().parents[2] / "topologies"
KEY = "machine.topology"


def topology_names() -> list[str]:
    """The machines that can be named, sorted."""
    return sorted(path.stem for path in TOPOLOGIES.glob("*.yaml"))


def is_topology_name(written: str) -> bool:
    """Whether `written` is a name in topologies/ and not a path."""
    return "/" not in written and not written.endswith((".yaml", ".yml"))


def topology_file(written: str, document: Document) -> Path:
    """The file of the machine called `written` in this document. Refused at machine.topology if none."""
    if is_topology_name(written):
        return _named(written)
    path = document.resolve(written)
    try:
        path.open("rb").close()
    except (OSError, ValueError) as error:
        raise Refused.at(KEY, f"{path}: {unopened(path, error)}") from None
    return path


def _named(name: str) -> Path:
    names = topology_names()
    if name in names:
        return TOPOLOGIES / f"{name}.yaml"
    known = f"known are {', '.join(names)}" if names else f"there are none in {TOPOLOGIES}"
    problem = f"no machine '{name}'{did_you_mean(name, names)}; {known}; a path ends in .yaml"
    raise Refused.at(KEY, problem)
