"""The shipped SpiNNaker 2 chip against the figures published for it."""

from itertools import permutations
from statistics import mean

import pytest

from sim.machine.build import load_machine
from sim.machine.description import read_topology
from sim.scenario.complaints import Refused
from sim.scenario.document import read
from sim.scenario.places import TOPOLOGIES

TOPOLOGY = read_topology(read(TOPOLOGIES / "spinnaker2_chip.yaml"))
CHIP = load_machine(TOPOLOGY, "low")
QUADS = [site for site in CHIP.sites if site.kind == "quad"]
# SpiNNMachine's core map has these four sites without cores (7 columns, 6 rows, counted from 1).
HOLES = {(4, 3), (4, 4), (7, 3), (7, 4)}


def hops(one, other):
    return abs(one.x - other.x) + abs(one.y - other.y)


def cut_gbit_per_s(crosses):
    """Payload rate one way over the links for which `crosses(source, target)`."""
    links = [c for c in CHIP.channels if crosses(CHIP.sites[c.source], CHIP.sites[c.target])]
    return len(links) * max(CHIP.packets.payload_bits) * CHIP.noc.clock.mhz / 1000


def test_the_chip_has_the_published_numbers_of_parts():
    assert (len(CHIP.sites), len(QUADS), len(CHIP.pes), len(CHIP.channels)) == (42, 38, 152, 142)


def test_every_site_but_the_four_holes_has_four_processing_elements():
    assert {(site.x, site.y) for site in CHIP.sites if site.kind != "quad"} == HOLES
    assert [(pe.site, pe.core) for pe in CHIP.pes] == [(quad.index, core) for quad in QUADS for core in range(4)]


def test_parts_are_numbered_and_named_by_site():
    assert [site.index for site in CHIP.sites] == list(range(42))
    assert [site.name for site in CHIP.sites[:8]] == [*(f"({x},1)" for x in range(1, 8)), "(1,2)"]
    assert [pe.name for pe in CHIP.pes[:5]] == ["(1,1).0", "(1,1).1", "(1,1).2", "(1,1).3", "(2,1).0"]
    assert [pe.index for pe in CHIP.pes] == list(range(152))
    assert [channel.index for channel in CHIP.channels] == list(range(142))
    assert CHIP.channels[0].name == "(1,1)->(2,1)"


def test_mean_and_longest_way_between_quads_are_as_published():
    distances = [hops(one, other) for one, other in permutations(QUADS, 2)]
    assert (round(mean(distances), 2), max(distances)) == (4.41, 11)


def test_mean_and_longest_way_to_the_nearest_router_site_are_as_published():
    routers = [site for site in CHIP.sites if site.kind == "event_router"]
    distances = [min(hops(quad, router) for router in routers) for quad in QUADS]
    assert (round(mean(distances), 2), max(distances)) == (2.84, 5)


def test_a_link_carries_the_derived_payload_and_a_router_hop_takes_its_time():
    assert cut_gbit_per_s(lambda a, b: (a.name, b.name) == ("(1,1)", "(2,1)")) == pytest.approx(38.4)
    assert CHIP.noc.clock.duration(CHIP.noc.hop_cycles) == 16_666
    assert CHIP.event_router.clock.duration(CHIP.event_router.stages) == 10_000


def test_the_map_has_six_links_over_its_middle_where_the_published_bisection_needs_eight():
    """307.2 Gbit/s is 8 links of 128 bit at 300 MHz, or 6 at 400 MHz; no straight cut here has 8."""
    between_columns = cut_gbit_per_s(lambda a, b: a.x == 3 and b.x == 4)
    between_rows = cut_gbit_per_s(lambda a, b: a.y == 3 and b.y == 4)
    assert (between_columns, between_rows) == (pytest.approx(6 * 38.4), pytest.approx(7 * 38.4))
    assert between_columns * 400 / CHIP.noc.clock.mhz == pytest.approx(307.2)


def test_the_event_router_has_three_ports_at_each_of_its_sites():
    sites = [CHIP.sites[port].name for port in CHIP.event_router.port_sites]
    assert sites == ["(4,3)"] * 3 + ["(4,4)"] * 3
    router = CHIP.event_router
    assert (router.table_entries, router.engines, router.clock.mhz) == (16_384, 3, 400)


def test_each_memory_site_has_one_port():
    assert [(dram.name, CHIP.sites[dram.site].name) for dram in CHIP.drams] == [
        ("dram0", "(7,3)"),
        ("dram1", "(7,4)"),
    ]
    assert sum(dram.peak_bytes_per_s for dram in CHIP.drams) == 6.4e9
    assert sum(dram.dma_bytes_per_s for dram in CHIP.drams) == 2.4e9
    assert sum(dram.capacity_bytes for dram in CHIP.drams) == 2 << 30


def test_the_longest_packet_is_168_bit_and_fits_a_flit():
    assert CHIP.packets.header_bits + max(CHIP.packets.payload_bits) == 168 <= CHIP.noc.flit_bits


def test_an_operating_point_sets_voltage_and_clock_of_the_processing_elements():
    points = [load_machine(TOPOLOGY, name).operating_point for name in ("low", "high")]
    assert [(point.name, point.voltage_v, point.clock.mhz) for point in points] == [
        ("low", 0.5, 150),
        ("high", 0.8, 300),
    ]


def test_an_unknown_operating_point_is_refused_with_the_known_ones():
    with pytest.raises(Refused) as refused:
        load_machine(TOPOLOGY, "hihg")
    (complaint,) = refused.value.complaints
    assert complaint.path == "machine.operating_point"
    assert "low, high" in complaint.problem
    assert "did you mean 'high'?" in complaint.problem


def test_assumed_numbers_are_named_by_their_path():
    assert {"sites.memory", "host.site", "sram.code_bytes"} <= set(CHIP.assumed)
    assert "noc.hop_cycles" not in CHIP.assumed
