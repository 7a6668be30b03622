"""Traffic of every kind with the events of each instant shuffled: not a digit changes."""

import numpy as np
import pytest

PATTERNS = [
    *("uniform", "transpose", "bit_complement", "bit_reverse", "shuffle", "tornado", "neighbor", "hotspot", "bursty"),
    "trace",
]
NETWORKS = {
    "by xy": {},
    "with small buffers": {"network.buffer_flits": 1},
    "over two channels": {"network.virtual_channels": 2},
    "west first over four channels": {"network.routing": "west_first", "network.virtual_channels": 4},
    "by up_down and trees": {"network.routing": "up_down", "network.multicast": "tree"},
    "without contention": {"network.engine": "ideal"},
}
BOOKSIM = [("uniform", 0.38), ("transpose", 0.14), ("uniform", 1.0)]


def numbers(result):
    """Everything the run says that depends on the scenario alone."""
    said = {key: value for key, value in result.summary.items() if key not in ("engine", "versions")}
    return said, {name: {key: list(column) for key, column in result.table(name).items()} for name in result.tables}


def assert_same(ran, asked):
    plain, shuffled = (numbers(ran("traffic_uniform", asked, shuffle)) for shuffle in (None, 11))
    assert repr(plain) == repr(shuffled)


@pytest.fixture
def asked(tmp_path):
    """Settings for a pattern on a small mesh."""
    rng = np.random.default_rng(2)
    lines = [
        f"{cycle},{rng.integers(16)},{rng.integers(8)} {8 + rng.integers(8)}" for cycle in range(60) for _ in "abc"
    ]
    (tmp_path / "trace.csv").write_text("\n".join(["time_cycles,source,destinations", *lines]), encoding="utf-8")
    window = {"workload.warmup_cycles": 20, "workload.measure_cycles": 60, "workload.rate": 0.4}
    extra = {"workload.trace": str(tmp_path / "trace.csv"), "workload.hotspots": {"5": 9, "(3,2).0": 4.5}}
    return window | extra | {"machine.override": {"grid": {"width": 4, "height": 4}}}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_order_within_an_instant_changes_no_number_of_any_pattern(ran, asked, pattern):
    assert_same(ran, asked | {"workload.pattern": pattern})


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_nor_on_any_kind_of_network(ran, asked, network):
    for pattern in ("uniform", "trace"):
        assert_same(ran, asked | {"workload.pattern": pattern} | network)


@pytest.mark.parametrize(("pattern", "rate"), BOOKSIM)
def test_nor_in_the_cases_held_against_booksim(ran, pattern, rate):
    window = {"workload.warmup_cycles": 60, "workload.measure_cycles": 60}
    assert_same(ran, {"workload.pattern": pattern, "workload.rate": rate} | window)


CHIPS = {
    "to some more than others": {"machine.chips": 2, "workload.pattern": "hotspot"},
    "three, to many": {"machine.chips": 3, "workload.pattern": "trace"},
    "to many, copied by meshes": {"machine.chips": 2, "workload.pattern": "trace", "network.multicast": "tree"},
    "to any, with what is late put back": {
        "machine.chips": 2,
        "network.chip_links": {"full": "drop", "reinject": True},
    },
}


@pytest.mark.parametrize("chips", CHIPS.values(), ids=CHIPS)
def test_nor_from_chip_to_chip(ran, asked, chips):
    links = {"buffer_packets": 2, "timeout_ns": 300, "error_rate": 0.05}
    machine = {"topology": "spinnaker2_board", "override": {"links": links}}
    plain = {key: value for key, value in asked.items() if key != "machine.override"}
    multicast = {"network.multicast": "event_router", "network.buffer_flits": 2, "workload.rate": 0.02}
    assert_same(ran, plain | {"machine": machine, "workload.hotspots": {"5": 9}} | multicast | chips)
