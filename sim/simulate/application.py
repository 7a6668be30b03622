"""What a network is used for, as the host sees it: it feeds inputs, and takes outputs, or a decoder's answers."""

from __future__ import annotations

from collections.abc import Callable

from sim.mapping.mapping import Mapping
from sim.measure.outputs import Kept, Outputs
from sim.workload.prepare import Workload
from sim.workload.sparse import Floats


class Heard:
    """The workload as the host sees it, with its outputs written down on the way: those it is given, or those that the
    layer called `last` sends. Where something is `kept`, it is everything."""

    kept: Kept | None = None
    last: int | None = None

    def __init__(self, workload: Workload, outputs: Outputs, done: Callable[[int], None]) -> None:
        self._workload = workload
        self._done = done
        self._outputs = outputs
        self.taken: list[Floats] = []
        self.input = workload.input
        self.due_ps = workload.due_ps
        self.token = workload.source.token
        self.decoder_macs = workload.decoder_macs

    def accept(self, step: int, outputs: Floats) -> None:
        self._outputs.take(step, 0, outputs)
        if self.kept:
            self.taken.append(outputs)
        self._workload.accept(step, outputs)
        self._done(step)

    def tap(self, layer: int, step: int, start: int, outputs: Floats) -> None:
        """Outputs of a slice."""
        if self.kept:
            self.kept.take(layer, step, start, outputs)
        if layer == self.last:
            self._outputs.take(step, start, outputs)


class Answered:
    """The workload as the host sees it where processing elements decode: it gets what their slices answer."""

    def __init__(self, workload: Workload, mapping: Mapping) -> None:
        self._workload = workload
        self._starts = [piece.start for piece in mapping.members(mapping.schedule.layers)]
        self.input = workload.input
        self.due_ps = workload.due_ps
        self.token = workload.source.token

    def decoder_macs(self, answers: Floats) -> int:
        """One for each number."""
        return len(answers)

    def accept(self, step: int, answers: Floats) -> None:
        self._workload.accept_decoded(step, answers.reshape(len(self._starts), -1), self._starts)
