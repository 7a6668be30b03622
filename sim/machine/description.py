"""Reading a topology file: put overrides over it, hold it against the schema, look for contradictions.

Every complaint stands at the line of the file it is about, or at `machine.override.x` when the scenario gave
the value. This needs neither networkx nor NumPy, so that a scenario can be checked in a fraction of a second; only a
graph from a file and faults drawn by chance do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sim.machine.checks import contradictions
from sim.machine.graph_checks import graph_problems
from sim.machine.sections import Topology
from sim.scenario.complaints import Complaint, Refused
from sim.scenario.document import Document, KeyPath, read
from sim.scenario.fields import field_at
from sim.scenario.places import topology_file
from sim.scenario.validate import examine
from sim.scenario.yaml12 import parted, printed

__all__ = ["Topology", "read_topology"]

OVERRIDE = "machine.override"
_WHOLE = {"value", "file"}


def read_topology(document: Document, override: Mapping[str, Any] | None = None, chips: int | None = None) -> Topology:
    """The machine that `document` describes, with `override` (nested as the file is) put over it; its faults are those
    of so many `chips`, or of as many as it has.

    Where the document names a chip, that chip's file is what the document itself is put over. A number of the override
    replaces the whole number of the file, its range, basis and source too, and a graph's file replaces the whole
    graph. Refused with every complaint; those about a value of `override` have the path `machine.override.x` and no
    file.
    """
    override = override or {}
    document, chip = _of_chips(document)
    data = _merged(document.data, override)
    topology, faults = examine(data, Topology)
    found = [(fault.path, fault.problem + _meaning(fault.path, fault.problem)) for fault in faults]
    if topology is not None:
        topology, problems = _with_graph(document, topology)
        problems = problems or contradictions(topology, chips)
        found = [(_as_written(data, parted(path)), problem) for path, problem in problems]
    if topology is None or found:
        raise Refused([_placed(document, chip, override, path, problem) for path, problem in found])
    return topology


def _of_chips(document: Document) -> tuple[Document, Document | None]:
    """`document` put over the file of the chip that it names, and that file."""
    written = document.data.get("chip")
    if not isinstance(written, str):
        return document, None
    try:
        chip = read(topology_file(written, document))
    except Refused as refused:
        raise Refused([document.complaint(("chip",), one.problem) for one in refused.complaints]) from None
    if "chip" in chip.data:
        raise Refused([document.complaint(("chip",), f"'{written}' is made of chips itself; expected one chip")])
    return replace(document, data=_merged(chip.data, document.data)), chip


def _with_graph(document: Document, topology: Topology) -> tuple[Topology, list[tuple[str, str]]]:
    """`topology` with what files of graphs, of sites or of chips, say in place of these files, and what is wrong with
    a file."""
    problems: list[tuple[str, str]] = []
    for key, graph, other in (("graph", topology.graph, topology.grid), ("chips", topology.chips, topology.board)):
        if other is None and graph is not None and graph.file is not None and not graph_problems(graph):
            from sim.machine.graph_file import read_graph, with_machine_of  # the few who name a file wait for networkx

            try:
                found = read_graph(document.resolve(graph.file))
            except Refused as refused:
                problems += [(f"{key}.file", complaint.problem) for complaint in refused.complaints]
                continue
            topology = topology.model_copy(update={key: found.section})
            if key == "graph" and found.local_ports is not None:
                topology, contradicted = with_machine_of(found, topology)
                problems += contradicted
    return topology, problems


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(below)
    for key, new in above.items():
        old = below.get(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping) and _WHOLE.isdisjoint(new):
            result[key] = _merged(old, new)
        else:
            result[key] = new
    return result


def _meaning(path: KeyPath, problem: str) -> str:
    """What the number at `path` means, which its `value` cannot say; nothing where it has been said."""
    keys = path[:-1] if path and path[-1] == "value" else path
    field = field_at(Topology, [step for step in keys if isinstance(step, str)])
    said = problem.endswith(")") or problem.startswith("unknown key")
    return f" ({field.description})" if field and field.description and not said else ""


def _as_written(data: Any, path: KeyPath) -> KeyPath:
    """`path` with the step `value` put in wherever the number was written with its basis."""
    steps: list[str | int] = []
    for step in path:
        if isinstance(data, Mapping) and "value" in data and step not in data:
            steps.append("value")
            data = data["value"]
        steps.append(step)
        known = isinstance(data, Mapping) and step in data
        data = data[step] if known or (isinstance(step, int) and isinstance(data, list | tuple)) else None
    return tuple(steps)


def _placed(
    document: Document, chip: Document | None, override: Mapping[str, Any], path: KeyPath, problem: str
) -> Complaint:
    if _is_overridden(document.data, override, path):
        return Complaint(f"{OVERRIDE}.{printed(path)}", problem)
    if chip is not None and _depth(chip, path) > _depth(document, path):
        return chip.complaint(path, problem)
    return document.complaint(path, problem)


def _depth(document: Document, path: KeyPath) -> int:
    """How much of `path` is written in a document's file."""
    return max(length for length in range(len(path) + 1) if path[:length] in document.marks or length == 0)


def _is_overridden(data: Any, override: Any, path: KeyPath) -> bool:
    """Whether the value at `path` is the override's own: stated by it, or part of what the file has not."""
    for step in path:
        if not isinstance(override, Mapping) or (step not in override and data is None):
            return True
        if step not in override:
            return False
        override = override[step]
        data = data.get(step) if isinstance(data, Mapping) else None
    return not isinstance(override, Mapping) or data is None
