"""From "who gets it" to flits: the legs of every group of packets, for a sender at a given place.

`event_router`: one flit to the router, which copies it to each quad and to other chips; `tree`: one flit that the
mesh's routers copy where ways part, of several chips one from each side of every chip's event router; `unicast`: one
flit for each receiver. A packet with a single receiver always goes there directly; to another chip it goes as a
core-to-core packet, by the event routers but without an entry in their tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sim.engine.packet import Address, Copies, Dispatch, Leg, Receiver
from sim.hardware.mesh import Mesh, Port
from sim.machine.machine import Machine
from sim.mapping.mapping import Destinations, Group, GroupKind
from sim.mapping.ports import port_for


class Ways:
    """Receivers of one chip and the ports they are at, by PE; `doors` are the ports of its event router.

    PEs have their numbers on the chip; those in `Destinations` are of the whole machine and begin here at `first_pe`.
    `others` are the ways of all chips, by number, where there are several; this one is the `chip`-th.
    """

    def __init__(
        self,
        mesh: Mesh,
        ports: Mapping[int, Port],
        receivers: Mapping[int, Receiver],
        host: tuple[Port, Receiver] | None,
        multicast: str,
        doors: Sequence[Port] = (),
        chip: int = 0,
        first_pe: int = 0,
        others: Sequence[Ways] = (),
    ) -> None:
        self.mesh = mesh
        self.machine: Machine = mesh.machine
        self.ports = ports
        self._of_pes = frozenset(ports.values())
        self.receivers = receivers
        self.host = host
        self.multicast = multicast
        self.doors = doors
        self.chip = chip
        self.first_pe = first_pe
        self.others = others
        self._dispatches: dict[tuple[int, int], Dispatch] = {}
        self._of_all: dict[tuple[int, int], dict[tuple[GroupKind, int], Dispatch]] = {}

    def dispatches(self, groups: Sequence[Group], site: int) -> Mapping[tuple[GroupKind, int], Dispatch]:
        """How a sender at `site` of this chip reaches every group that it has to do with, by kind and population; one
        table for all whose packets go the same way, as there are many senders and many groups. `groups` are those of a
        mapping, which the first of them tells from others."""
        place = groups[0].base, self._place(site)
        if place not in self._of_all:
            own = [group for group in groups if group.kind != "gather" or group.population == self.chip]
            self._of_all[place] = {(group.kind, group.population): self.dispatch(group, site) for group in own}
        return self._of_all[place]

    def dispatch(self, group: Group, site: int) -> Dispatch:
        """How a sender at `site` of this chip reaches all of `group`; the same for all whose packets go the same
        way."""
        place = group.base, self._place(site)
        if place not in self._dispatches:
            self._dispatches[place] = self.reach(group.destinations, site)
        return self._dispatches[place]

    @property
    def by_mesh(self) -> bool:
        """Whether the mesh copies what a sender on this chip sends to many: where no event router does."""
        return self.multicast == "tree" and not self.doors

    def _place(self, site: int) -> int:
        """What tells the ways of packets from `site` from those of others: the site itself, or the router's port."""
        if self.by_mesh:
            return site
        return self.door(site)

    def door(self, site: int) -> int:
        """The number of the event router's port that serves `site`; 0 where packets go by none."""
        return port_for(self.mesh.routes, site) if self.doors else 0

    def reach(self, where: Destinations, site: int) -> Dispatch:
        """How a sender at `site` of this chip reaches everybody in `where`."""
        if where.count == 1 or self.multicast == "unicast":
            legs = self._one_by_one(where, site)
        elif self.by_mesh:
            legs = (self.mesh.tree(site, self._by_port(where)),)
        else:
            legs = (self._to_router(site),)
        return Dispatch(legs, where.count)

    def direct(self, port: Port, receiver: Receiver) -> Dispatch:
        """How anybody on this chip reaches a single receiver."""
        return Dispatch((self.mesh.to(port, (receiver,)),), 1)

    def copies(self, where: Destinations) -> Copies:
        """What the event router sends for a packet to `where` on this chip: by port number, one leg to each site. A
        packet that may choose its way cannot be copied on it, so then one to each port."""
        if self.multicast == "tree":
            return self._trees(where)
        places: dict[object, dict[Port, tuple[Receiver, ...]]] = {}
        for port, receivers in self._by_port(where).items():
            place = port if self.mesh.routes.adaptive or port not in self._of_pes else port.site
            places.setdefault(place, {})[port] = receivers
        return tuple(map(self._copy, places.values()))

    def _trees(self, where: Destinations) -> Copies:
        """One leg from each site with ports of the event router, to all that are served from there."""
        sides: dict[int, dict[Port, tuple[Receiver, ...]]] = {}
        for port, receivers in self._by_port(where).items():
            sides.setdefault(self.doors[self.door(port.site)].site, {})[port] = receivers
        doors = {start: self.door(next(iter(goals)).site) for start, goals in sides.items()}
        return tuple((doors[start], self.mesh.tree(start, goals)) for start, goals in sides.items())

    def holds(self, pe: int) -> bool:
        """Whether the PE with that number in the whole machine is on this chip."""
        return 0 <= pe - self.first_pe < len(self.machine.pes)

    def address(self, pe: int) -> Address:
        """A PE of this chip, by its number in the whole machine, as others name it."""
        port = self.ports[pe - self.first_pe]
        return Address(self.chip, (self._copy({port: (self.receivers[pe - self.first_pe],)}),))

    def host_address(self) -> Address:
        """The host, whose link is on this chip, as others name it."""
        assert self.host is not None
        port, gateway = self.host
        return Address(self.chip, (self._copy({port: (gateway,)}),))

    def _copy(self, goals: Mapping[Port, tuple[Receiver, ...]]) -> tuple[int, Leg]:
        site = next(iter(goals)).site
        return port_for(self.mesh.routes, site), self.mesh.to_site(goals)

    def _to_router(self, site: int, address: Address | None = None) -> Leg:
        door = self.doors[port_for(self.mesh.routes, site)]
        return replace(self.mesh.to(door, ()), address=address)

    def _one_by_one(self, where: Destinations, site: int) -> tuple[Leg, ...]:
        """A leg to each receiver: straight there on this chip, by way of the event routers on another."""
        here = self._by_port(where)
        legs = [self.mesh.to(port, (receiver,)) for port, receivers in here.items() for receiver in receivers]
        afar = [other.address(pe) for pe in where.pes if not self.holds(pe) for other in self.others if other.holds(pe)]
        if where.host and not self.host:
            afar += [other.host_address() for other in self.others if other.host]
        return tuple(legs + [self._to_router(site, address) for address in afar])

    def _by_port(self, where: Destinations) -> dict[Port, tuple[Receiver, ...]]:
        """The receivers on this chip at each port, ports in the order of their PEs, the host last."""
        places: dict[Port, tuple[Receiver, ...]] = {}
        for pe in filter(self.holds, where.pes):
            port = self.ports[pe - self.first_pe]
            places[port] = (*places.get(port, ()), self.receivers[pe - self.first_pe])
        if where.host and self.host:
            port, gateway = self.host
            places[port] = (*places.get(port, ()), gateway)
        return places
