"""A good mapping to be spoilt, and what the checker says of it then."""

from dataclasses import replace

from sim.mapping.between import ChipRoutes, MachineRoutes
from sim.mapping.check import check_mapping
from sim.mapping.route import Routes
from sim.scenario.formats import Formats
from tests.mapping.toys import chip, mapped, network, said

FP32 = Formats()
NET = network(10, 24, 30, 18, stored=20)
WISH = {"pes_per_layer": (5, 6, 3)}
GOOD = mapped(NET, chip(), mapping=WISH)
MARKED = mapped(NET, chip(), mapping=WISH, sync={"protocol": "markers"})


def look(
    mapping, machine=None, routes=None, *, exclusive=True, routed=True, layers=NET.layers, formats=FP32, dense=False
):
    machine = machine or chip()
    routes = routes or Routes(machine, "xy")
    whole = MachineRoutes((routes,), ChipRoutes(machine))
    check_mapping(
        mapping, machine, whole, exclusive=exclusive, routed=routed, layers=layers, formats=formats, dense=dense
    )


def complaints(mapping, *args, **kwargs):
    return said(lambda: look(mapping, *args, **kwargs))


def with_part(mapping, field, place, **changes):
    """The mapping with one slice, budget, group or entry changed."""
    parts = list(getattr(mapping, field))
    parts[place] = replace(parts[place], **changes)
    return replace(mapping, **{field: tuple(parts)})


def without(mapping, field, place):
    parts = getattr(mapping, field)
    return replace(mapping, **{field: parts[:place] + parts[place + 1 :]})


def mentions(texts, *words):
    return any(all(word in text for word in words) for text in texts)
