"""The memory ports of a machine, made when they are first asked for, and what is asked of them.

PEs use ports of their own chip; the embedding is read where the host is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sim.engine.kernel import Kernel
from sim.engine.packet import Dispatch, Packet
from sim.engine.probe import Probe
from sim.hardware.chip import Chip
from sim.hardware.dram import DramPort, Read
from sim.hardware.messages import Post
from sim.hardware.streaming import READ_BITS, Stream
from sim.machine.machine import Machine
from sim.mapping.schedule import INPUT


@dataclass(frozen=True, slots=True, eq=False)
class Memories:
    """Ports by their numbers in `machine`, each with the way to it from its chip."""

    kernel: Kernel
    probe: Probe
    machine: Machine
    chips: Sequence[Chip]
    made: dict[int, tuple[DramPort, Dispatch]] = field(default_factory=dict)

    def port(self, number: int) -> tuple[DramPort, Dispatch]:
        """A port and how anybody on its chip reaches it."""
        if number not in self.made:
            what = self.machine.drams[number]
            chip = self.chips[self.machine.sites[what.site].chip]
            what = replace(what, site=what.site - chip.what.first_site)
            port = chip.mesh.port(what.site, what.name)
            dram = DramPort(self.kernel, self.probe, what, port.sender())
            self.made[number] = dram, chip.ways.direct(port, dram)
        return self.made[number]

    def feed(self, stream: Stream, post: Post) -> Stream:
        """Connect `stream` to the port where its region lies; its requests are handed over by `post`."""
        dram, there = self.port(stream.region.port)
        pe = self.machine.pes[stream.piece.pe]
        chip = self.chips[pe.chip]
        back = chip.ways.direct(chip.ports[pe.site - chip.what.first_site], stream)
        stream.connect(dram, there, back, self.machine.packets.header_bits, post)
        return stream

    def row(self, dram: DramPort, readers: Dispatch, step: int, address: int, size: int, answer: Answer) -> Packet:
        """The request for a row of `size` bytes, all of it, though packets of zeros are not sent."""
        request = Packet("read", 0, self.machine.packets.header_bits + READ_BITS, INPUT, step)
        dram.reads[request] = Read(address, size, answer.packets, answer.ends, readers)
        return request


@dataclass(frozen=True, slots=True)
class Answer:
    """Packets a request is answered by, and for each the bytes of the request up to and with its last."""

    packets: Sequence[Packet]
    ends: Sequence[int]
