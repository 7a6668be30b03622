"""What congestion costs a run: the same run on an ideal network, and the difference.

The packets are the same; on the ideal network none of them ever waits for another. What a link carried, over the time
the ideal run took, is the demand on it, and may be more than it can carry.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.measure.columns import Table
from sim.scenario.models import Scenario, Traffic
from sim.simulate.experiment import Experiment

Sections = dict[str, Any]


def without_contention(scenario: Scenario) -> Scenario:
    """The scenario to compare with."""
    network = scenario.network.model_copy(update={"engine": "ideal", "congestion": False})
    return scenario.model_copy(update={"network": network, "trace": None})


def add_congestion(scenario: Scenario, sections: Sections, made: dict[str, Table], ideal: Experiment) -> None:
    """Add the section `congestion`, and to the table of links the demand where it is not known already."""
    tables = ideal.tables()
    other = ideal.sections(tables)
    sections["congestion"] = _latency_cost(sections, other)
    if isinstance(scenario.workload, Traffic):
        return
    total, least = sections["time"]["total_s"], other["time"]["total_s"]
    demand = made["link"]["use_share"] * (total / least)
    made["link"]["demand_share"] = demand
    sections["congestion"] |= {
        "ideal_total_s": least,
        "cost_s": total - least,
        "cost_share": (total - least) / total,
        "highest_demand_share": float(np.max(demand)),
    }


def _latency_cost(sections: Sections, other: Sections) -> Sections:
    """How much longer a packet takes in the mean; nothing where no packet was delivered."""
    if "latency_ns" not in sections["network"]:
        return {}
    real, least = (one["network"]["latency_ns"]["mean"] for one in (sections, other))
    return {"ideal_latency_ns_mean": least, "latency_cost_ns_mean": real - least}
