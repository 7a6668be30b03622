"""From "who gets it" to flits: the legs of every group of packets, for a sender at a given place.

`event_router`: one flit to the router, which copies it to each quad; `tree`: one flit that the mesh's routers copy
where ways part; `unicast`: one flit for each receiver. A packet with a single receiver always goes there directly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.engine.packet import Dispatch, Leg, Receiver
from sim.hardware.event_router import Copies
from sim.hardware.mesh import Mesh, Port
from sim.machine.machine import EventRouter, Machine
from sim.mapping.mapping import Destinations, Group
from sim.mapping.ports import port_for


class Ways:
    """Receivers and the ports they are at; `doors` are the ports of the event router."""

    def __init__(
        self,
        mesh: Mesh,
        ports: Mapping[int, Port],
        receivers: Mapping[int, Receiver],
        host: tuple[Port, Receiver] | None,
        multicast: str,
        doors: Sequence[Port] = (),
    ) -> None:
        self.mesh = mesh
        self.machine: Machine = mesh.machine
        self.ports = ports
        self.receivers = receivers
        self.host = host
        self.multicast = multicast
        self.doors = doors

    def dispatch(self, group: Group, site: int) -> Dispatch:
        """How a sender at `site` reaches all of `group`."""
        where = group.destinations
        if where.count == 1 or self.multicast == "unicast":
            legs = self._one_by_one(where)
        elif self.multicast == "tree":
            legs = (self.mesh.tree(site, self._by_port(where)),)
        else:
            legs = (self._to_router(self._router, site),)
        return Dispatch(legs, where.count)

    def direct(self, port: Port, receiver: Receiver) -> Dispatch:
        """How anybody reaches a single receiver."""
        return Dispatch((self.mesh.to(port, (receiver,)),), 1)

    def copies(self, where: Destinations) -> Copies:
        """What the event router sends for a packet to `where`: by port number, one leg to each place."""
        router = self._router
        return tuple(
            (port_for(self.machine, router, port.site), self.mesh.to(port, receivers))
            for port, receivers in self._by_port(where).items()
        )

    @property
    def _router(self) -> EventRouter:
        router = self.machine.event_router
        if router is None:
            raise LookupError(f"{self.machine.name} has no event router")
        return router

    def _to_router(self, router: EventRouter, site: int) -> Leg:
        return self.mesh.to(self.doors[port_for(self.machine, router, site)], ())

    def _one_by_one(self, where: Destinations) -> tuple[Leg, ...]:
        return tuple(
            self.mesh.to(port, (receiver,))
            for port, receivers in self._by_port(where).items()
            for receiver in receivers
        )

    def _by_port(self, where: Destinations) -> dict[Port, tuple[Receiver, ...]]:
        """The receivers of a group at each port, ports in the order of their PEs, the host last."""
        places: dict[Port, tuple[Receiver, ...]] = {}
        for pe in where.pes:
            port = self.ports[self.machine.pes[pe].site]
            places[port] = (*places.get(port, ()), self.receivers[pe])
        if where.host and self.host:
            port, gateway = self.host
            places[port] = (*places.get(port, ()), gateway)
        return places
