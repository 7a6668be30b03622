"""What a network will ask of the links between chips in a step, told before the run.

Every packet's way is known from the mapping: copied along a tree where event routers copy, else one after the other.
How many there are of the sync protocol is known as well, and how many of events in the mean, from the share of units
that is said to fire.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.machine.machine import Machine
from sim.mapping.between import ChipRoutes
from sim.mapping.mapping import Group
from sim.mapping.mapping import Mapping as Plan
from sim.mapping.said import WORD, Said, Talk, sized
from sim.mapping.schedule import INPUT
from sim.mapping.tables import home_chip, on_chips, senders

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Foreseen:
    """For each link between chips, (links,), in a step and in the mean: packets, bits with the frames of link packets
    and those sent again, and time on the line in ps; `stated` as in `Talk`."""

    packets: Doubles
    bits: Doubles
    line_ps: Doubles
    stated: bool

    @property
    def busiest(self) -> int:
        """The number of the link with the most time on the line."""
        return int(np.argmax(self.line_ps))


def foresee(machine: Machine, plan: Plan, between: ChipRoutes, talk: Talk, *, copied: bool) -> Foreseen:
    """What crosses in a step in which slices and host say what `talk` says; `copied`: event routers copy packets."""
    count = len(machine.chip_links)
    made = Foreseen(np.zeros(count), np.zeros(count), np.zeros(count), talk.stated)
    for group in plan.groups:
        for chip, said in _sent(machine, plan, group, talk).items():
            for link, copies in _links(machine, between, group, chip, copied=copied).items():
                _add(made, machine, link, copies, said)
    return made


def mean(each: Sequence[Foreseen]) -> Foreseen:
    """What is foreseen of a step of one of several networks, in the mean over them."""
    sums = [sum((getattr(one, name) for one in each), np.zeros(())) for name in ("packets", "bits", "line_ps")]
    packets, bits, line_ps = (whole / len(each) for whole in sums)
    return Foreseen(packets, bits, line_ps, each[0].stated)


def _add(made: Foreseen, machine: Machine, link: int, copies: int, said: Said) -> None:
    timing = machine.chip_links[link].timing
    for bits, packets in said.items():
        frames = copies * packets * timing.link_packets(bits) / (1.0 - timing.error_rate)
        made.packets[link] += copies * packets
        made.bits[link] += frames * timing.packet_bits
        made.line_ps[link] += frames * timing.packet_ps


def _links(machine: Machine, between: ChipRoutes, group: Group, start: int, *, copied: bool) -> Mapping[int, int]:
    """The links that a packet of a group from chip `start` crosses, and how many copies of it."""
    where = on_chips(machine, group.destinations)
    if copied or group.destinations.count == 1:
        return dict.fromkeys((link for links in between.tree(start, where).values() for link in links), 1)
    crossed: Counter[int] = Counter()
    for chip, here in where.items():
        crossed.update({link: here.count for link in between.path(start, chip)})
    return crossed


def _sent(machine: Machine, plan: Plan, group: Group, talk: Talk) -> Mapping[int, Said]:
    """What each chip sends of a group in a step."""
    if group.kind == "events":
        return _events(machine, plan, group.population, talk)
    counts = len(plan.schedule.carrying(group.population)) if group.kind == "release" else 1
    message = sized({WORD * counts: 1.0}, machine.packets)
    numbers = dict(_reports(machine, plan)) if group.kind == "done" else _members(machine, plan, group)
    return {chip: {bits: number * one for bits, one in message.items()} for chip, number in numbers.items()}


def _events(machine: Machine, plan: Plan, population: int, talk: Talk) -> Mapping[int, Said]:
    if population == INPUT:
        return {home_chip(machine): talk.inputs}
    sums: dict[int, defaultdict[int, float]] = {}
    for piece in plan.members(population):
        own = sums.setdefault(machine.pes[piece.pe].chip, defaultdict(float))
        for bits, packets in talk.slices[piece.index].items():
            own[bits] += packets
    return sums


def _members(machine: Machine, plan: Plan, group: Group) -> dict[int, int]:
    """How many send a packet of the group from each chip."""
    sending = senders(machine, group, plan.slices, plan.scheduler_pe)
    return {chip: len(members) for chip, members in sending.items()}


def _reports(machine: Machine, plan: Plan) -> Iterator[tuple[int, int]]:
    """How often the scheduler is told from each chip that somebody is done: by slices, or by deputies for them, and by
    the host."""
    slices = [(piece.layer, machine.pes[piece.pe].chip) for piece in plan.slices]
    told = Counter(chip for _, chip in (sorted(set(slices)) if plan.deputies else slices))
    told[home_chip(machine)] += len(plan.schedule.populations) - plan.schedule.layers
    yield from told.items()
