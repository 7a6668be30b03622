"""Which port of the event router a packet goes in by, and which a copy comes out by.

Packets come in, and copies leave, at the port site nearest in y to the other end. Under XY routing what comes in then
uses other channels than what goes out, so a router that waits for its copies to leave can never be waited for by
them. Among the ports of that site the number of the other end decides, which spreads the load and is the same in
every run.
"""

from __future__ import annotations

from sim.machine.machine import EventRouter, Machine


def port_for(machine: Machine, router: EventRouter | None, site: int) -> int:
    """The number of the port that serves `site`. LookupError where the machine has no event router."""
    if router is None:
        raise LookupError(f"{machine.name} has no event router")
    row = machine.sites[site].y
    distances = [abs(machine.sites[port].y - row) for port in router.port_sites]
    nearest = [port for port, distance in enumerate(distances) if distance == min(distances)]
    return nearest[site % len(nearest)]
