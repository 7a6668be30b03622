"""What is wrong with a graph of sites: names that clash, links that lead nowhere, parts that hang together by nothing.

Each problem comes with its path inside the section `graph`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sim.machine.layout import graph_links, node_names, node_numbers
from sim.machine.reach import mutually_reachable
from sim.machine.sections import GraphSection, NodeRef
from sim.scenario.complaints import did_you_mean

Found = Iterator[tuple[str, str]]
OTHER_PARTS = re.compile(r"host|event_router|dram\d+")
MOST_NAMES = 8


def graph_problems(graph: GraphSection) -> list[tuple[str, str]]:
    """Every problem of `graph` as (path in the section, problem); whether it is connected is asked last."""
    if graph.file is not None or graph.sites is None:
        return list(_one_origin(graph))
    found = [*_names(graph), *_links(graph)]
    return found or list(_connected(graph))


def some(names: Sequence[str]) -> str:
    """The first names of a list, and how many more there are."""
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _one_origin(graph: GraphSection) -> Found:
    if graph.file is None:
        yield "sites", "is missing; a graph has a file, or sites and links"
        return
    written = {"sites": graph.sites is not None, "links": graph.links != (), "directed": graph.directed is not None}
    for key, given in written.items():
        if given:
            yield key, f"{key} and file; the file says it all, leave one of the two out"


def _names(graph: GraphSection) -> Found:
    names = node_names(graph)
    known = dict.fromkeys(names)
    first: dict[str, int] = {}
    for number, name in enumerate(names):
        path, (site, _, core) = f"sites[{number}]", name.rpartition(".")
        if name in first:
            yield path, f"two sites are called '{name}'"
        elif OTHER_PARTS.fullmatch(name) or (core.isdecimal() and site in known):
            yield path, f"'{name}' is the name of another part of the machine, call the site something else"
        elif "->" in name or name != name.strip() or not name.isprintable():
            yield path, f"'{name}' cannot be a name; leave out '->', line breaks and blanks at the ends"
        first.setdefault(name, number)


def _links(graph: GraphSection) -> Found:
    numbers, names, seen = node_numbers(graph), node_names(graph), dict[tuple[int, int], int]()
    for place, ends in enumerate(graph.links):
        unknown = [end for end in ends if end not in numbers]
        if unknown:
            yield f"links[{place}]", _no_site(unknown[0], names)
            continue
        one, other = (numbers[end] for end in ends)
        pair = (one, other) if graph.directed else (min(one, other), max(one, other))
        if one == other:
            yield f"links[{place}]", f"leads from site '{names[one]}' to itself"
        elif pair in seen:
            yield f"links[{place}]", f"'{names[one]}' to '{names[other]}' is a link already, number {seen[pair]}"
        seen.setdefault(pair, place)


def _no_site(end: NodeRef, names: list[str]) -> str:
    return f"no site {end!r}{did_you_mean(str(end), names) or f', there are {len(names)}, counted from 0'}"


def _connected(graph: GraphSection) -> Found:
    names = node_names(graph)
    reached = mutually_reachable(0, graph_links(graph))
    alone = [name for number, name in enumerate(names) if number not in reached]
    if alone:
        ways = "no way there and back" if graph.directed else "no way"
        yield "links", f"{ways} between '{names[0]}' and {len(alone)} of {len(names)} sites: {some(alone)}"
