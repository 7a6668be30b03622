"""Who needs what of whom before a step may begin.

Populations are numbered along the network: 0 is the input, 1 to L are the layers, L + 1 the output where somebody
takes it. A `Need` says that step t of its target waits for step t - `delay` of its source, either because the source's
values are its inputs (`carries`) or because a buffer or a turn must be free first. Every sync protocol enforces the
same needs, each with its own messages; but where a timer drives the steps there are no messages, and step t of
population p is taken at tick t x `stride` + p, whatever has arrived by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

INPUT = 0

PIPELINE_DEPTH = 2
"""Steps a layer may be ahead of the next one: one being read there, one arriving."""


@dataclass(frozen=True, slots=True)
class Need:
    """Step t of `target` waits for step t - `delay` of `source`."""

    source: int
    target: int
    delay: int
    carries: bool


@dataclass(frozen=True)
class Schedule:
    """All needs of a network of `layers` layers; `stride` is the number of ticks from step to step where a timer
    drives them, None where they wait for their needs. Every unit of a machine asks it, so needs are sorted once."""

    layers: int
    output: int | None
    needs: tuple[Need, ...]
    stride: int | None = None

    @property
    def populations(self) -> range:
        return range(self.layers + 1 + (self.output is not None))

    def of(self, target: int) -> tuple[Need, ...]:
        """What `target` needs."""
        return self._by_target[target]

    def carrying(self, target: int) -> tuple[Need, ...]:
        """What `target` needs of values."""
        return self._carrying[target]

    def consumers(self, source: int) -> tuple[int, ...]:
        """The populations that read the values of `source`."""
        return tuple(sorted({need.target for need in self.needs if need.source == source and need.carries}))

    def waiting_on(self, source: int) -> tuple[int, ...]:
        """The populations that wait for `source` for any reason."""
        return tuple(sorted({need.target for need in self.needs if need.source == source}))

    def tick(self, population: int, step: int) -> int:
        """The tick at which a population takes a step, where a timer drives them.

        What a population sends in one tick has until the next to arrive, so values take a tick for each layer, and
        the layer's own events of the step before have at least as long.
        """
        return step * (self.stride or 1) + population

    @cached_property
    def _by_target(self) -> tuple[tuple[Need, ...], ...]:
        return tuple(tuple(need for need in self.needs if need.target == target) for target in self.populations)

    @cached_property
    def _carrying(self) -> tuple[tuple[Need, ...], ...]:
        return tuple(tuple(need for need in needs if need.carries) for needs in self._by_target)


def plan(
    layers: int,
    *,
    output: bool,
    feeds_back: bool,
    pipelined: bool,
    recurrent: Sequence[bool] | None = None,
    timed: bool = False,
) -> Schedule:
    """The needs of `layers` layers; `feeds_back` where an input depends on the output of the step before, `recurrent`
    which of the layers read their own outputs of the step before, all of them where it is not said; `timed` where a
    timer drives the steps, so that nobody waits for a buffer or a turn.
    """
    last = layers
    taker = layers + 1 if output else None
    needs = [Need(layer - 1, layer, 0, True) for layer in range(1, layers + 1)]
    needs += [Need(n, n, 1, True) for n in range(1, layers + 1) if recurrent is None or recurrent[n - 1]]
    if taker is not None:
        needs.append(Need(last, taker, 0, True))
        if feeds_back:
            needs.append(Need(taker, INPUT, 1, False))
    if timed:
        stride = 1 if pipelined else layers + 2 if feeds_back else layers
        return Schedule(layers, taker, tuple(needs), stride)
    needs += _turns_of_pipeline(layers) if pipelined else _turns_in_sequence(layers)
    return Schedule(layers, taker, tuple(needs))


def _turns_of_pipeline(layers: int) -> list[Need]:
    """A layer may run ahead of the next as far as the buffers reach."""
    return [Need(layer + 1, layer, PIPELINE_DEPTH, False) for layer in range(layers)]


def _turns_in_sequence(layers: int) -> list[Need]:
    """The first layer waits for the last; the input is sent ahead as soon as its buffer has been read."""
    turns = [Need(1, INPUT, 1, False)]
    return turns if layers == 1 else [*turns, Need(layers, 1, 1, False)]
