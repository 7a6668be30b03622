"""Small machines, networks and scenarios that mappings are tried on, and what packets cost on them."""

from functools import cache
from itertools import pairwise

import numpy as np

from sim.machine.build import load_machine
from sim.machine.description import read_topology
from sim.mapping.plan import Ends, map_network
from sim.mapping.ports import port_for
from sim.mapping.route import Routes
from sim.scenario import models
from sim.scenario.complaints import Refused
from sim.scenario.document import read
from sim.scenario.places import TOPOLOGIES
from sim.workload.network import GATES, EgruLayer, Network
from sim.workload.parts import parts
from sim.workload.sparse import SparseRows, pointers

HOST_READS = Ends(host_takes_output=True, feeds_back=False)


@cache
def chip(**sram):
    """The SpiNNaker 2 chip, with parts of its SRAM set to other sizes."""
    return load_machine(_topology("spinnaker2_chip", {"sram": sram} if sram else {}), "low")


@cache
def mesh(width, height, pes=1, **sram):
    override = {"grid": {"width": width, "height": height}, "sites": {"pes_per_site": pes}}
    return load_machine(_topology("mesh", override | ({"sram": sram} if sram else {})), "low")


def _topology(name, override):
    return read_topology(read(TOPOLOGIES / f"{name}.yaml"), override)


def layer_with(counts, inputs):
    """A layer whose units store so many weights in all; they go to the units' rows in turn, W first."""
    units = len(counts)
    per_row = np.zeros((units, 2 * GATES), np.int64)
    for unit, count in enumerate(counts):
        per_row[unit] = [count // (2 * GATES) + (row < count % (2 * GATES)) for row in range(2 * GATES)]
    by_gate = per_row.T.reshape(2, GATES * units)
    matrices = [_matrix(rows, columns) for rows, columns in zip(by_gate, (inputs, units), strict=True)]
    nothing = np.zeros(GATES * units, np.float32)
    return EgruLayer(inputs, units, *matrices, nothing, nothing, nothing[:units])


def _matrix(counts, columns):
    indices = np.concatenate([np.arange(count) % columns for count in counts]).astype(np.int32)
    return SparseRows(columns, pointers(counts), indices, np.ones(len(indices), np.float32))


def network(*sizes, stored=12, seed=0):
    """Inputs, then the units of each layer, each unit with about `stored` weights drawn from the seed."""
    rng = np.random.default_rng(seed)
    return Network(tuple(layer_with(rng.integers(1, 2 * stored, units), inputs) for inputs, units in pairwise(sizes)))


def scenario(*, compute=None, network=None, mapping=None, sync=None, formats=None):
    """A scenario with such sections; its workload is never looked at here."""
    return models.Scenario(
        name="toy",
        workload=models.Vectors(kind="vectors", weights="w.npz", inputs="x.npz"),
        compute=models.Compute(**(compute or {})),
        formats=models.Formats(**(formats or {})),
        network=models.Network(**(network or {})),
        mapping=models.Mapping(**(mapping or {})),
        sync=models.Sync(**(sync or {})),
    )


def mapped(net, machine, ends=HOST_READS, **sections):
    return map_network(parts(net, "channels"), ends, machine, scenario(**sections))


def said(act):
    """What is said when `act` is refused: `path: problem` for each complaint."""
    try:
        act()
    except Refused as refused:
        return [f"{complaint.path}: {complaint.problem}" for complaint in refused.complaints]
    raise AssertionError("was not refused")


def flit_hops_if_all_fire(mapping, machine):
    """Channels crossed by the events of one step in which every unit fires, input packets left out."""
    routes = Routes(machine, "xy")
    return sum(
        piece.units * _hops(machine, routes, machine.pes[piece.pe].site, mapping.group("events", piece.layer))
        for piece in mapping.slices
    )


def _hops(machine, routes, start, group):
    """Channels that one packet and its copies cross: to the router's door, and from a door to each site."""
    router = machine.event_router
    where = group.destinations
    goals = {machine.pes[pe].site for pe in where.pes} | ({machine.host.site} if where.host else set())
    if router is None:
        return sum(len(channels) for channels in routes.tree(start, sorted(goals)).values())
    doors = {site: router.port_sites[port_for(routes, site)] for site in {start, *goals}}
    out = sum(len(routes.path(doors[goal], goal)) for goal in goals)
    return len(routes.path(start, doors[start])) + out
