"""Which port of the event router a packet goes in by, and which a copy comes out by.

Packets come in, and copies leave, at the port site nearest in y to the other end. Under XY routing what comes in then
uses other channels than what goes out, so a router that waits for its copies to leave can never be waited for by
them. Among the ports of that site the number of the other end decides, which spreads the load and is the same in
every run. Where ways go up to the event router and down from it, all packets use the ports at its root, for the same
reason.
"""

from __future__ import annotations

from sim.mapping.route import Routes


def port_for(routes: Routes, site: int) -> int:
    """The number of the port that serves `site`. LookupError where the machine has no event router."""
    machine, router = routes.machine, routes.machine.event_router
    if router is None:
        raise LookupError(f"{machine.name} has no event router")
    row = machine.sites[site].y
    distances = {port: abs(machine.sites[router.port_sites[port]].y - row) for port in routes.doors}
    least = min(distances.values())
    nearest = [port for port, distance in distances.items() if distance == least]
    return nearest[site % len(nearest)]
