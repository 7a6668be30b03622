"""Weights that come from DRAM block by block: one block is worked on while the next one is on its way.

A block is one or several runs of bytes. For each run the PE sets up a transfer and a request goes to the memory port,
whose DMA unit sends the bytes back as packets straight into one of two buffers. Where all weights are walked in each
step, the first blocks of the next one are asked for as soon as there is room; columns are known when the step's inputs
are.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Protocol

from simpy import Event

from sim.engine.kernel import Behaviour
from sim.engine.packet import Dispatch, Packet
from sim.hardware.core import Core
from sim.hardware.dram import DramPort, Read
from sim.hardware.messages import Post
from sim.mapping.mapping import Region, Slice
from sim.mapping.spill import BUFFERS

Run = tuple[int, int]
"""Offset in the region and length, in bytes."""

Block = list[Run]

WORD_BYTES = 16
"""A packet of the DMA unit holds one word of 128 bits; transfers begin and end at words."""

READ_BITS = 64
"""Payload of a memory request: address and length."""


class Chosen(Protocol):
    """Whoever knows which of the weights a step reads."""

    def runs(self) -> list[Run]:
        """Those that the step last begun reads, in order."""
        ...


def cut(runs: Iterable[Run], block_bytes: int) -> Iterator[Block]:
    """Whole words of `runs`, in order, put together to blocks of at most `block_bytes`; long runs are divided."""
    block: Block = []
    room = block_bytes
    for offset, length in runs:
        start = offset // WORD_BYTES * WORD_BYTES
        stop = -(-(offset + length) // WORD_BYTES) * WORD_BYTES
        while start < stop:
            part = min(stop - start, room)
            block.append((start, part))
            start, room = start + part, room - part
            if not room:
                yield block
                block, room = [], block_bytes
    if block:
        yield block


def size(block: Block) -> int:
    """Bytes of a block."""
    return sum(length for _, length in block)


class Stream:
    """The blocks of one slice on their way to its PE."""

    def __init__(self, core: Core, piece: Slice, region: Region, columns: Chosen | None, block_bytes: int) -> None:
        self.core = core
        self.piece = piece
        self.region = region
        self._columns = columns
        self._block_bytes = block_bytes
        self._whole = list(cut([(0, region.size)], block_bytes))
        self._asked_for = -1
        self._coming: Iterator[Block] = iter(())
        self._asked: deque[int] = deque()
        self._missing: dict[int, int] = {}
        self._number = 0
        self._news: Event | None = None

    def connect(self, dram: DramPort, there: Dispatch, back: Dispatch, header_bits: int, post: Post) -> None:
        """Requests go to `dram` by `there`, handed over by `post`, and data comes back by `back`."""
        self._dram, self._there, self._back = dram, there, back
        self._header, self._post = header_bits, post

    def start(self, steps: int) -> Behaviour:
        """Before the first step: where all weights are walked, ask for the first blocks of `steps` rounds."""
        if self._columns is None:
            yield from self._begin(block for _ in range(steps) for block in self._whole)

    def step(self, cycles: float) -> Behaviour:
        """Spend the `cycles` of a step, on each block as many as it has of the bytes."""
        blocks = self._whole
        if self._columns is not None:
            blocks = list(cut(self._columns.runs(), self._block_bytes))
            yield from self._begin(blocks)
        if not blocks:
            yield from self.core.spend("compute", cycles)
        total = sum(map(size, blocks))
        for block in blocks:
            yield from self._work(cycles * size(block) / total)

    def _begin(self, blocks: Iterable[Block]) -> Behaviour:
        """Take `blocks` for those that come next and ask for as many as there are buffers."""
        self._coming = iter(blocks)
        for _ in range(BUFFERS):
            yield from self._ask()

    def _work(self, cycles: float) -> Behaviour:
        """Work on the oldest block when it is there, then ask for another into its buffer."""
        number = self._asked.popleft()
        if self._missing[number]:
            yield from self._wait(number)
        del self._missing[number]
        yield from self.core.spend("compute", cycles)
        yield from self._ask()

    def receive(self, packet: Packet) -> bool:
        """A word has landed in its buffer."""
        self._missing[packet.start] -= 1
        if self._news and not self._missing[self._asked_for]:
            self.core.probe.woken(self.core.name, packet, self.core.kernel.now)
            self._news.succeed()
            self._news = None
        return True

    def _wait(self, number: int) -> Behaviour:
        self.core.tell_all()
        kernel, start = self.core.kernel, self.core.kernel.now
        self._asked_for, self._news = number, kernel.event()
        yield from kernel.wait(self.core.name, self._news, lambda: f"weights of {self.piece.name} from DRAM")
        self.core.tell(self.core.pace.idle, start)

    def _ask(self) -> Behaviour:
        block = next(self._coming, None)
        if block is None:
            return
        number, self._number = self._number, self._number + 1
        self._asked.append(number)
        self._missing[number] = size(block) // WORD_BYTES
        yield from self.core.spend("dma", len(block) * self.core.pace.costs.dma_setup_cycles)
        for run in block:
            self._request(number, run)

    def _request(self, number: int, run: Run) -> None:
        offset, length = run
        bits = self._header + 8 * WORD_BYTES
        words = [self._packet("data", bits, number) for _ in range(length // WORD_BYTES)]
        ends = range(WORD_BYTES, length + WORD_BYTES, WORD_BYTES)
        request = self._packet("read", self._header + READ_BITS, number)
        request.places = (offset,)
        self._dram.reads[request] = Read(self.region.start + offset, length, words, ends, self._back)
        self._post(request, self._there, self.core.kernel.now)

    def _packet(self, kind: str, bits: int, number: int) -> Packet:
        return Packet(kind, self.piece.index, bits, self.piece.layer, 0, number)
