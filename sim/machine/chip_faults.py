"""What of several chips is dead: chips, links between them, and parts of each chip; and which chips that cuts off.

A name such as "chip3.(3,2).1" is a part of one chip; one without a chip is a part of all. Each chip draws from streams
of its own, so that one chip's faults say nothing of another's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sim.machine.faults import drawn_dead, find_faults
from sim.machine.hexagon import Arrangement, Joint
from sim.machine.layout import Layout
from sim.machine.machine import Faults
from sim.machine.reach import groups, mutually_reachable
from sim.machine.sections import FaultsSection, SiteRef, Topology

OF_A_CHIP = re.compile(r"chip(0|[1-9]\d*)\.(.+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Broken:
    """Numbers of `dead` chips and of those `cut_off`, names of dead links between chips, and each chip's own faults."""

    dead: frozenset[int]
    cut_off: frozenset[int]
    links: frozenset[str]
    own: tuple[Faults, ...]

    @property
    def gone(self) -> frozenset[int]:
        """Chips that are not part of the machine."""
        return self.dead | self.cut_off


def find_chip_faults(topology: Topology, arrangement: Arrangement, layout: Layout) -> Broken:
    """The faults of a machine of several chips, each laid out as `layout`; the names listed in `topology` exist."""
    section, count = topology.faults, len(arrangement.places)
    if section is None:
        return Broken(frozenset(), frozenset(), frozenset(), (Faults(),) * count)
    dead = _dead_chips(section, arrangement, home=topology.host is not None)
    links = _dead_links(section, arrangement)
    chips = [on_chip(topology, number, arrangement.host_chip) for number in range(count)]
    own = tuple(find_faults(chip, layout, name) for chip, name in zip(chips, arrangement.names, strict=True))
    room = [len(layout.pes) - len(faults.dead_pes) - len(faults.unreachable) for faults in own]
    home = arrangement.host_chip if topology.host is not None else None
    used = _in_use([joint for joint in arrangement.joints if arrangement.called(joint) not in links], dead, room, home)
    return Broken(dead, frozenset(range(count)) - dead - used, links, own)


def on_chip(topology: Topology, number: int, home: int) -> Topology:
    """One chip of several as a topology of its own: the faults that are its, and the host where its link is."""
    section = topology.faults
    assert section is not None
    own = {
        key: tuple(name for chip, name in map(parted, getattr(section, key)) if chip in (None, number))
        for key in ("pes", "links", "sites")
    }
    faults = section.model_copy(update=own)
    return topology.model_copy(update={"faults": faults} | ({} if number == home else {"host": None}))


def parted(written: SiteRef) -> tuple[int | None, SiteRef]:
    """The number of the chip that a name begins with, None for none, and the rest of the name."""
    found = OF_A_CHIP.fullmatch(written) if isinstance(written, str) else None
    return (int(found[1]), found[2]) if found else (None, written)


def _dead_chips(section: FaultsSection, arrangement: Arrangement, *, home: bool) -> frozenset[int]:
    """Listed and drawn; the host's is never drawn."""
    names = arrangement.names
    drawn = drawn_dead(section.seed, "chips", len(names), section.chip_rate.value)
    return frozenset(drawn - ({arrangement.host_chip} if home else set()) | {names.index(one) for one in section.chips})


def _dead_links(section: FaultsSection, arrangement: Arrangement) -> frozenset[str]:
    """Listed and drawn; a drawn one takes both directions, as one cable."""
    cables = list(dict.fromkeys(_cable(joint) for joint in arrangement.joints))
    numbers = drawn_dead(section.seed, "chip links", len(cables), section.chip_link_rate.value)
    drawn = {cables[number] for number in numbers}
    return frozenset(section.chip_links) | {
        arrangement.called(joint) for joint in arrangement.joints if _cable(joint) in drawn
    }


def _cable(joint: Joint) -> tuple[int, int]:
    return min(joint.source, joint.target), max(joint.source, joint.target)


def _in_use(joints: Sequence[Joint], dead: frozenset[int], room: Sequence[int], home: int | None) -> frozenset[int]:
    """The chips that can exchange packets with the host's; without a host, the group with most working PEs."""
    ends = [(joint.source, joint.target) for joint in joints if dead.isdisjoint((joint.source, joint.target))]
    if home is not None:
        return mutually_reachable(home, ends)
    living = [chip for chip in range(len(room)) if chip not in dead]
    return max(groups(living, ends), key=lambda group: sum(room[chip] for chip in group), default=frozenset())
