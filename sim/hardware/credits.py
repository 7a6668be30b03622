"""Places in a buffer, counted by whoever fills it.

A place given back counts from a later cycle on, never in the cycle in which it was given back, so that nobody's
decision can depend on who decided first in an instant.
"""

from __future__ import annotations

from collections import deque


class Credits:
    """How many places are free, and when others will be."""

    def __init__(self, room: int) -> None:
        self.room = room
        self._free = room
        self._returning: deque[int] = deque()

    def available(self, now: int) -> int:
        """Free places as of cycle `now`."""
        returning = self._returning
        while returning and returning[0] <= now:
            returning.popleft()
            self._free += 1
        return self._free

    def take(self) -> None:
        """Use one of the available places."""
        self._free -= 1

    def give_back(self, cycle: int) -> None:
        """A place is free again from `cycle` on; cycles never decrease."""
        self._returning.append(cycle)

    def next_return(self) -> int | None:
        """The cycle from which the next place is free, None when none is on its way back."""
        return self._returning[0] if self._returning else None

    @property
    def taken(self) -> int:
        """Places in use, those on their way back included."""
        return self.room - self._free
