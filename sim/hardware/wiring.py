"""The links between chips: a near end and a far end in two event routers each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sim.engine.packet import Flit
from sim.hardware.chip import Chip, Setup
from sim.hardware.chip_link import ChipLink, Conduct, IdealChipLink
from sim.hardware.event_router import EventRouter
from sim.hardware.ideal import IdealRouter
from sim.machine.links import ChipLink as Description
from sim.scenario.streams import stream


def join(setup: Setup, chips: Sequence[Chip], seed: int) -> list[ChipLink]:
    """Start a link wherever the machine has one; those on which packets can wait, for who asks what is held up."""
    started = []
    for link in setup.machine.chip_links:
        near, far = chips[link.source].router, chips[link.target].router
        if isinstance(near, IdealRouter) and isinstance(far, IdealRouter):
            near.links.append(IdealChipLink(setup.probe, link, partial(far.land, link.index)))
        elif isinstance(near, EventRouter) and isinstance(far, EventRouter):
            started.append(_start(setup, link, near, far, seed, chips))
    return started


def _start(
    setup: Setup, what: Description, near: EventRouter, far: EventRouter, seed: int, chips: Sequence[Chip]
) -> ChipLink:
    options = setup.network.chip_links
    ends = [far.entrance(what, channel) for channel in range(options.virtual_channels)]
    dropped = partial(_receivers_behind, setup, chips, what) if options.full == "drop" else None
    conduct = Conduct(
        _Failures(what, seed) if what.timing.error_rate else _none, near.released, dropped, options.reinject
    )
    link = ChipLink(setup.kernel, setup.probe, what, ends, conduct)
    near.links.append(link)
    return link


class _Failures:
    """Draws how often link packets fail before all of so many have arrived whole, from the link's own stream."""

    def __init__(self, what: Description, seed: int) -> None:
        self._whole = 1 - what.timing.error_rate
        self._random = stream(seed, f"link {what.name}", "checksums")

    def __call__(self, link_packets: int) -> int:
        return int(self._random.negative_binomial(link_packets, self._whole))


def _none(link_packets: int) -> int:
    return 0


def _receivers_behind(setup: Setup, chips: Sequence[Chip], link: Description, flit: Flit) -> int:
    """How many receivers a flit that goes over `link` is for."""
    router = chips[link.target].router
    assert isinstance(router, EventRouter)
    ports, count = len(chips[link.target].ways.doors), 0
    leaving = [onward for onward in setup.machine.chip_links if onward.source == link.target]
    for way, leg in router.find(flit, link.index):
        if way < ports:
            count += sum(len(receivers) for receivers in leg.receivers.values())
        else:
            count += _receivers_behind(setup, chips, leaving[way - ports], Flit(flit.packet, leg))
    return count
