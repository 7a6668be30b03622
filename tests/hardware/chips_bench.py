"""A few chips with a sink at each PE, to send packets between by hand."""

from collections.abc import Iterable
from typing import Any

from sim.engine.kernel import Kernel
from sim.engine.packet import Flit, Packet
from sim.engine.probe import Crossing, Probe, combined
from sim.hardware.chip import Chip, Setup
from sim.hardware.wiring import join
from sim.machine.build import load_machine
from sim.machine.description import read_topology
from sim.machine.machine import Machine
from sim.mapping.between import route_machine
from sim.mapping.mapping import Destinations, Group, Mapping, Slice
from sim.mapping.schedule import plan
from sim.mapping.tables import tables
from sim.measure.network import Deliveries
from sim.scenario.document import read
from sim.scenario.models import ChipLinks, Network
from sim.scenario.places import TOPOLOGIES
from tests.hardware.toys import Sink

BOARD = read(TOPOLOGIES / "spinnaker2_board.yaml")


def board(chips: int | None, /, **override: Any) -> Machine:
    """A machine of so many chips of the shipped board, sections of its file given other values."""
    return load_machine(read_topology(BOARD, override), "low", chips)


class Heard(Probe):
    """What crossed links, and when."""

    def __init__(self) -> None:
        self.crossings: list[Crossing] = []
        self.reinjections = 0

    def crossed(self, flit: Flit, packet: Packet, crossing: Crossing) -> None:
        self.crossings.append(crossing)

    def reinjected(self, packet: Packet, link: int) -> None:
        self.reinjections += 1


class ChipsBench:
    """`senders` are the numbers of PEs that send; what they send goes to every PE of `goals`, by key."""

    def __init__(
        self,
        machine: Machine,
        senders: Iterable[int],
        goals: Iterable[int],
        *,
        shuffle: int | None = None,
        seed: int = 1,
        **chip_links: Any,
    ) -> None:
        self.machine, self.kernel = machine, Kernel(shuffle)
        self.heard, self.deliveries = Heard(), Deliveries()
        probe = combined([self.heard, self.deliveries])
        slices = tuple(Slice(number, 1, number, number, number + 1, pe, 0) for number, pe in enumerate(senders))
        self.group = Group("events", 1, Destinations(tuple(sorted(goals))), 0, 16, 8)
        made = tables(machine, (self.group,), slices, None)
        self.mapping = Mapping(
            plan(1, output=False, feeds_back=False, pipelined=False), slices, (), None, (self.group,), made.entries, 0
        )
        network = Network(chip_links=ChipLinks(**chip_links))
        setup = Setup(self.kernel, probe, machine, route_machine(machine, "xy"), network, [], [])
        self.chips = [Chip(setup, chip, ()) for chip in machine.chips]
        self.arrivals: list[tuple[int, int, int]] = []
        ways: list[Any] = []
        for chip in self.chips:
            first = chip.what.first_pe
            sinks = {pe.index: Sink(self.kernel, first + pe.index, self.arrivals) for pe in chip.die.pes}
            chip.fifos = sinks  # type: ignore[assignment]
            ways.append(chip.connect(None, ways))
        for chip in self.chips:
            chip.start_router(self.mapping.entries)
        self.links = join(setup, self.chips, seed)
        self._senders = {piece.pe: self._sender(piece.pe) for piece in slices}

    def _sender(self, pe: int) -> Any:
        what = self.machine.pes[pe]
        chip = self.chips[what.chip]
        return chip.ports[what.site - chip.what.first_site].sender(unit=what.name)

    def send(self, pe: int, bits: int = 72, when: int = 0, unit: int = 0) -> None:
        """Send a packet of `bits` from one of the senders."""
        piece = next(one for one in self.mapping.slices if one.pe == pe)
        what = self.machine.pes[pe]
        chip = self.chips[what.chip]
        dispatch = chip.ways.dispatch(self.group, what.site - chip.what.first_site)
        packet = Packet("events", self.group.key(piece.member, unit), bits, 1, 0)
        self._senders[pe].post(packet, dispatch, when)

    def run(self) -> "ChipsBench":
        self.kernel.run()
        return self
