"""Operating points: which there are, and what is wrong with asking for one."""

from __future__ import annotations

from collections.abc import Iterator

from sim.machine.sections import Topology
from sim.scenario.complaints import Complaint, did_you_mean

OPERATING_POINT = "machine.operating_point"
POLICY, RAISED = "compute.dvfs.policy", "compute.dvfs.raised_to"


def unknown_point(topology: Topology, name: str, key: str = OPERATING_POINT) -> Iterator[Complaint]:
    """That `topology` has no point `name`, which `key` asks for; nothing where it has."""
    points = topology.operating_points
    if name not in points:
        known = f"'{topology.name}' has: {', '.join(points)}"
        yield Complaint(key, f"unknown operating point '{name}'; {known}{did_you_mean(name, points)}")


def impossible_change(topology: Topology, normal: str, raised: str) -> Iterator[Complaint]:
    """Why a processing element at the point `normal` cannot go to `raised` while it runs; nothing where it can."""
    if topology.dvfs is None:
        yield Complaint(POLICY, f"'auto' asked, but {topology.name} has no section 'dvfs'; expected fixed")
    points = topology.operating_points
    yield from unknown_point(topology, raised, RAISED)
    if {normal, raised} <= set(points) and points[raised].clock_mhz.value <= points[normal].clock_mhz.value:
        yield Complaint(RAISED, f"'{raised}' is not above {OPERATING_POINT} '{normal}'")
