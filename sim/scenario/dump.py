"""A scenario as plain data with nothing left unsaid.

Every default is written out and every path made absolute, so that the copy kept with a result runs again from
any directory and after the defaults have changed.
"""

from __future__ import annotations

from typing import Any

from sim.scenario.document import Document
from sim.scenario.models import Scenario
from sim.scenario.places import is_topology_name


def dump(scenario: Scenario, document: Document) -> dict[str, Any]:
    """The scenario as mappings, lists, text and numbers for YAML or JSON; keys in the order of the models."""
    data = scenario.model_dump(mode="json")
    if not is_topology_name(scenario.machine.topology):
        data["machine"]["topology"] = _absolute(scenario.machine.topology, document)
    workload = data["workload"]
    for key in ("weights", "text", "inputs", "trace"):
        if isinstance(workload.get(key), str):
            workload[key] = _absolute(workload[key], document)
    return data


def _absolute(written: str, document: Document) -> str:
    return str(document.resolve(written).resolve())
