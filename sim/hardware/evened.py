"""Perfect balance, as a machine nobody has: every slice of a layer computes for the mean of what all of them need.

Products, values and packets stay those of the slice itself, and so does the cost of taking packets in; only the cycles
of computing are shared out. What a run gains by it is the price of imbalance.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Final

from sim.engine.packet import Packet
from sim.hardware.kernels import ComputeKernel, Work

PACKETS_KEPT: Final = 4096
"""Packets whose mean cost is remembered, since most slices of a layer get the same ones at about the same time."""


class Balance:
    """The slices of a layer, each added before time starts. No kernel of them may choose its work by what has come."""

    def __init__(self) -> None:
        self._kernels: list[ComputeKernel] = []
        self.arrival = lru_cache(PACKETS_KEPT)(self._arrival)
        self.step = lru_cache(1)(self._step)

    def share(self, kernel: ComputeKernel) -> Evened:
        """The kernel of one more slice, from now on at the mean of all."""
        self._kernels.append(kernel)
        return Evened(kernel, self)

    def _arrival(self, packet: Packet, recurrent: bool) -> float:
        every = [kernel.on_arrival(packet, recurrent=recurrent).compute for kernel in self._kernels]
        return sum(every) / len(every)

    def _step(self) -> float:
        return sum([kernel.on_step().compute for kernel in self._kernels]) / len(self._kernels)


class Evened:
    """A slice's own work in the cycles of the mean slice."""

    def __init__(self, own: ComputeKernel, balance: Balance) -> None:
        self._own = own
        self._balance = balance

    def on_arrival(self, packet: Packet, *, recurrent: bool) -> Work:
        work = self._own.on_arrival(packet, recurrent=recurrent)
        return replace(work, compute=self._balance.arrival(packet, recurrent))

    def on_step(self) -> Work:
        return replace(self._own.on_step(), compute=self._balance.step())
