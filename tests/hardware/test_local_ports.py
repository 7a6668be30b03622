"""Links that the PEs of a site share: how many there are decides who waits, never where a packet goes."""

from collections import Counter
from dataclasses import replace

import pytest

from sim.engine.kernel import Kernel
from sim.engine.probe import Probe, combined
from sim.hardware.study import Load, Study
from sim.measure.network import Deliveries
from tests.hardware.test_toy_fifos import INPUTS, THREE
from tests.hardware.toy_network import board, run
from tests.hardware.toys import mesh_of, setup_of


class Arrivals(Probe):
    """(node, cycles from creation) of what arrives."""

    def __init__(self):
        self.heard = []

    def arrived(self, node, packet, now):
        self.heard.append((node, (now - packet.sent_at) // 1000))


def studied(local_ports, packets, *, tree=False):
    """Arrivals and link crossings by kind on two sites of four PEs, of packets (cycle, destinations) by node."""
    chip, kernel, heard, hops = mesh_of(2, 1, pes_per_site=4, local_ports=local_ports), Kernel(), Arrivals(), Counter()

    class Hops(Probe):
        def hop(self, flit, link, cycle, waited, filled):
            hops[mesh.facts()[link].kind] += 1

    deliveries = Deliveries()
    setup = setup_of(kernel, combined([heard, deliveries, Hops()]), chip, multicast="tree" if tree else "unicast")
    mesh = Study(setup, Load(lambda node: iter(packets.get(node, [])), range(0, 10))).chips[0].mesh
    kernel.run()
    assert deliveries.received == deliveries.sent_to_receivers
    return sorted(heard.heard), hops


@pytest.mark.parametrize(("ports", "waits"), [(1, [0, 1, 2, 3]), (2, [0, 0, 1, 1]), (3, [0, 0, 0, 1]), (4, [0] * 4)])
def test_pes_of_a_site_that_send_at_once_wait_for_those_they_share_a_port_with(ports, waits):
    """All to PE 0, whose own link out and whose router take one flit a cycle: what is seen is when they entered."""
    packets = {node: [(10 * node, (node,))] for node in range(4)}
    alone, _ = studied(ports, packets)
    assert [cycles for _, cycles in alone] == [5] * 4  # 3 H + 5 with H = 0
    together, _ = studied(ports, {node: [(0, (node,))] for node in range(4)})
    assert sorted(cycles - 5 for _, cycles in together) == waits


@pytest.mark.parametrize("ports", [1, 2, 4])
def test_a_tree_takes_each_local_port_once_and_reaches_all_its_pes(ports):
    heard, hops = studied(ports, {0: [(0, (4, 5, 6, 7))]}, tree=True)
    assert [node for node, _ in heard] == [4, 5, 6, 7]
    assert hops == {"injection": 1, "mesh": 1, "ejection": ports}


@pytest.mark.parametrize("routing", ["xy", "west_first"])
@pytest.mark.parametrize("multicast", ["event_router", "tree", "unicast"])
def test_a_network_computes_the_same_by_any_number_of_local_ports(multicast, routing):
    chip = board(topology="spinnaker2_chip")
    asked = {
        "network": {"multicast": multicast, "routing": routing},
        "mapping": {"pes_per_layer": [3, 2, 2]},
    }
    runs = [
        run(THREE, INPUTS, on=replace(chip, noc=replace(chip.noc, local_ports=ports)), **asked) for ports in (1, 2, 4)
    ]
    assert runs[0].host.outputs == runs[1].host.outputs == runs[2].host.outputs
    if multicast == "unicast":
        assert runs[2].kernel.now < runs[0].kernel.now
