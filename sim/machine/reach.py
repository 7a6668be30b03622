"""Which sites can exchange packets: there must be a way there, and a way back.

Plain searches over pairs of site numbers; needs nothing but the links.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

Onward = Mapping[int, Sequence[int]]
Links = Sequence[tuple[int, int]]


def mutually_reachable(start: int, links: Links) -> frozenset[int]:
    """The sites with a way from `start` and a way to it over the directed `links`; `start` is one of them."""
    return _around(start, *_both_ways(links))


def groups(sites: Iterable[int], links: Links) -> list[frozenset[int]]:
    """All `sites` in groups that can exchange packets among themselves, by their lowest member."""
    ahead, back = _both_ways(links)
    found: list[frozenset[int]] = []
    grouped: set[int] = set()
    for site in sorted(sites):
        if site not in grouped:
            found.append(_around(site, ahead, back))
            grouped |= found[-1]
    return found


def _around(start: int, ahead: Onward, back: Onward) -> frozenset[int]:
    return _reached(start, ahead) & _reached(start, back)


def _both_ways(links: Links) -> tuple[Onward, Onward]:
    return _onward(links), _onward((target, source) for source, target in links)


def _onward(links: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    onward: dict[int, list[int]] = {}
    for source, target in links:
        onward.setdefault(source, []).append(target)
    return onward


def _reached(start: int, onward: Onward) -> frozenset[int]:
    reached, open_ends = {start}, [start]
    while open_ends:
        new = [site for site in onward.get(open_ends.pop(), ()) if site not in reached]
        reached.update(new)
        open_ends += new
    return frozenset(reached)
