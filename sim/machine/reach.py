"""Which sites can exchange packets: there must be a way there, and a way back.

Plain searches over pairs of site numbers; needs nothing but the links.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

Links = Sequence[tuple[int, int]]


def mutually_reachable(start: int, links: Links) -> frozenset[int]:
    """The sites with a way from `start` and a way to it over the directed `links`; `start` is one of them."""
    return _reached(start, _onward(links)) & _reached(start, _onward((target, source) for source, target in links))


def groups(sites: Iterable[int], links: Links) -> list[frozenset[int]]:
    """All `sites` in groups that can exchange packets among themselves, by their lowest member."""
    found: list[frozenset[int]] = []
    grouped: set[int] = set()
    for site in sorted(sites):
        if site not in grouped:
            found.append(mutually_reachable(site, links))
            grouped |= found[-1]
    return found


def _onward(links: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    onward: dict[int, list[int]] = {}
    for source, target in links:
        onward.setdefault(source, []).append(target)
    return onward


def _reached(start: int, onward: Mapping[int, Sequence[int]]) -> frozenset[int]:
    reached, open_ends = {start}, [start]
    while open_ends:
        new = [site for site in onward.get(open_ends.pop(), ()) if site not in reached]
        reached.update(new)
        open_ends += new
    return frozenset(reached)
