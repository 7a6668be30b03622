"""Chips on boards: the outline, patches of it, boards closed round, chips in any graph, and what is refused."""

from collections import Counter, deque

import pytest

from sim.machine.build import load_machine
from sim.machine.description import read_topology
from sim.machine.drift import drifting, skewed
from sim.machine.hexagon import DIRECTIONS, OPPOSITE, distance
from sim.scenario.complaints import Refused
from sim.scenario.document import read
from sim.scenario.places import TOPOLOGIES
from tests.hardware.chips_bench import BOARD, board

OUTLINE = {(chip.x, chip.y) for chip in board(48).chips}
CHIP = load_machine(read_topology(read(TOPOLOGIES / "spinnaker2_chip.yaml")), "low")


def test_a_board_has_48_chips_of_152_pes_and_six_links_each():
    whole = board(None)
    assert (len(whole.chips), len(whole.pes), len(whole.chip_links)) == (48, 7296, 288)
    assert Counter(link.source for link in whole.chip_links) == dict.fromkeys(range(48), 6)
    assert Counter(chip.y for chip in whole.chips) == {0: 5, 1: 6, 2: 7, 3: 8, 4: 7, 5: 6, 6: 5, 7: 4}
    assert whole.sites[whole.host.site].chip == 43


def test_links_inside_a_board_lead_to_neighbours_and_the_others_are_long():
    whole = board(48)
    for link in whole.chip_links:
        here, there = whole.chips[link.source], whole.chips[link.target]
        step = there.x - here.x, there.y - here.y
        assert (step == DIRECTIONS[link.direction]) == (link.kind == "board")
    assert Counter(link.kind for link in whole.chip_links) == {"board": 240, "between_boards": 48}
    ways = {
        kind: next(one.timing for one in whole.chip_links if one.kind == kind) for kind in ("board", "between_boards")
    }
    assert ways["board"].transfer_ps(72) == 16_000
    assert ways["between_boards"].transfer_ps(72) == 60_000  # 96 bits as 120 on the line, at 2 Gbit/s


@pytest.mark.parametrize("count", range(1, 49))
def test_a_patch_hangs_together_around_the_chip_with_the_host(count):
    patch = board(count)
    home = patch.sites[patch.host.site].chip
    assert len(patch.chips) == count
    reached, front = {home}, deque([home])
    while front:
        chip = front.popleft()
        for link in patch.chip_links:
            if link.source == chip and link.target not in reached:
                reached.add(link.target)
                front.append(link.target)
    assert reached == set(range(count))
    centre = patch.chips[home].x, patch.chips[home].y
    near = sorted(distance((chip.x, chip.y), centre) for chip in patch.chips)
    everywhere = sorted(distance(place, centre) for place in OUTLINE)
    assert near == everywhere[:count] and {(chip.x, chip.y) for chip in patch.chips} <= OUTLINE


@pytest.mark.parametrize("boards", [1, 2, 3, 4])
def test_whole_boards_close_round_so_that_every_link_has_one_back(boards):
    torus = board(48 * boards)
    ends = Counter((link.source, link.target, link.direction) for link in torus.chip_links)
    assert len(torus.chip_links) == 288 * boards
    assert all(ends[target, source, OPPOSITE[way]] == 1 for source, target, way in ends)
    for link in torus.chip_links:
        onward = torus.chip_links[link.straight]
        assert (onward.source, onward.direction) == (link.target, link.direction)
    datelines = Counter(link.ring for link in torus.chip_links if link.dateline)
    assert set(datelines.values()) == {1} and len(datelines) == len({link.ring for link in torus.chip_links})


def test_without_torus_the_edge_of_a_board_has_fewer_links():
    open_board = board(48, board={"torus": False})
    assert len(open_board.chip_links) == 240
    assert all(link.ring == -1 for link in open_board.chip_links)


def test_one_chip_of_a_board_is_the_chip():
    alone = board(1)
    assert (alone.parts, alone.chip_links) == ((), ())
    assert [pe.name for pe in alone.pes] == [pe.name for pe in CHIP.pes]
    assert alone.noc == CHIP.noc and alone.costs == CHIP.costs and alone.host == CHIP.host


def test_parts_are_numbered_over_all_chips_and_named_after_theirs():
    two = board(2)
    for chip in two.chips:
        for pe in chip.die.pes:
            whole = two.pes[chip.first_pe + pe.index]
            assert (whole.name, whole.chip) == (f"{chip.name}.{pe.name}", chip.index)
            assert two.sites[whole.site].name == f"{chip.name}.{chip.die.sites[pe.site].name}"
    assert two.chips[0].die is two.chips[1].die
    assert [dram.name for dram in two.drams][2:] == ["chip1.dram0", "chip1.dram1"]


def test_chips_can_be_joined_in_any_graph():
    star = {"sites": 4, "links": [[0, 1], [0, 2], [0, 3]]}
    made = board(None, board=None, chips=star)
    assert [(link.source, link.target, link.straight) for link in made.chip_links] == [
        (0, 1, None),
        (0, 2, None),
        (0, 3, None),
        (1, 0, None),
        (2, 0, None),
        (3, 0, None),
    ]


def test_chips_can_come_from_a_graphml_file(tmp_path):
    nodes = "".join(f'<node id="c{n}"/>' for n in range(3))
    edges = "".join(f'<edge source="c{n}" target="c{n + 1}"/>' for n in range(2))
    head = '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph edgedefault="undirected">'
    (tmp_path / "row.graphml").write_text(f"{head}{nodes}{edges}</graph></graphml>")
    text = (TOPOLOGIES / "spinnaker2_board.yaml").read_text()
    (tmp_path / "row.yaml").write_text(_without_board(text) + "chips: {file: row.graphml}\n")
    made = load_machine(read_topology(read(tmp_path / "row.yaml")), "low")
    assert [(link.source, link.target) for link in made.chip_links] == [(0, 1), (1, 0), (1, 2), (2, 1)]


def _without_board(text):
    before, _, rest = text.partition("board:\n")
    return before + "links:\n" + rest.partition("links:\n")[2]


@pytest.mark.parametrize(
    ("override", "chips", "problem"),
    [
        ({}, 49, "machine.chips: 49 chips asked, and beyond one board there are whole boards of 48; expected 48 or 96"),
        ({"links": None}, None, "links: is missing"),
        ({"board": {"host_chip": 48}}, None, "board.host_chip: chip 48 of 48; expected 0 to 47"),
        (
            {"board": {"tiling": [[8, 4], [4, 7]]}},
            None,
            "board.tiling: boards of 48 chips moved by these steps overlap",
        ),
        ({"links": {"per_chip": 4}}, None, "links.per_chip: a chip of a board has 6 neighbours, and 4 links"),
        ({"links": {"payload_bits": 97}}, None, "links.payload_bits: 97 is above packet_bits 96"),
        ({"chips": {"sites": 2, "links": [[0, 1]]}}, None, "chips: there is a board too"),
        ({"board": None, "chips": {"sites": 3, "links": [[0, 1]]}}, None, "chips.links: no way between '0' and 1 of 3"),
        (
            {"board": None, "chips": {"sites": 2, "links": [[0, 1]]}},
            3,
            "machine.chips: 3 chips asked, 'spinnaker2_board'",
        ),
    ],
)
def test_what_cannot_be_built_is_refused(override, chips, problem):
    with pytest.raises(Refused) as refused:
        load_machine(read_topology(BOARD, override), "low", chips)
    assert problem in str(refused.value)


def test_a_file_cannot_be_made_of_chips_that_are_made_of_chips(tmp_path):
    (tmp_path / "odd.yaml").write_text("name: odd\nchip: spinnaker2_board\n")
    with pytest.raises(Refused, match="is made of chips itself"):
        read_topology(read(tmp_path / "odd.yaml"))


def test_a_mistake_in_the_chip_s_file_stands_at_its_line(tmp_path):
    chip = (
        (TOPOLOGIES / "spinnaker2_chip.yaml").read_text().replace("flit_bits: {value: 192", "flit_bits: {value: -192")
    )
    (tmp_path / "mine.yaml").write_text(chip)
    text = (TOPOLOGIES / "spinnaker2_board.yaml").read_text().replace("chip: spinnaker2_chip", "chip: mine.yaml")
    (tmp_path / "board.yaml").write_text(text)
    with pytest.raises(Refused) as refused:
        read_topology(read(tmp_path / "board.yaml"))
    (complaint,) = refused.value.complaints
    assert complaint.file.endswith("mine.yaml") and complaint.path.startswith("noc.flit_bits")


def test_clocks_of_chips_drift_apart_by_no_more_than_said_and_as_the_seed_says():
    plain = board(6)
    assert drifting(plain, 0.0, 1) is plain

    def rates(seed):
        made = drifting(plain, 100.0, seed)
        clocks = [
            [chip.die.noc.clock, chip.die.event_router.clock, chip.die.operating_point.clock] for chip in made.chips
        ]
        nominal = [plain.noc.clock, plain.event_router.clock, plain.operating_point.clock]
        return [[(one.mhz / other.mhz - 1) * 1e6 for one, other in zip(own, nominal, strict=True)] for own in clocks]

    found = rates(1)
    assert all(abs(ppm) <= 100.1 for own in found for ppm in own)
    assert all(max(own) - min(own) < 0.01 for own in found)
    assert len({round(own[0], 2) for own in found}) == 6
    assert found == rates(1) != rates(2)


def test_chips_begin_as_late_as_given_or_as_the_seed_says():
    plain = board(6)
    assert skewed(plain, 0.0, 1) is plain
    given = [0, 3, 1.5, 0, 0, 20]
    assert [chip.starts_at for chip in skewed(plain, given, 1).chips] == [round(1e6 * us) for us in given]

    def drawn(seed):
        return [chip.starts_at for chip in skewed(plain, 5.0, seed).chips]

    assert all(0 <= start <= 5_000_000 for start in drawn(1)) and len(set(drawn(1))) == 6
    assert drawn(1) == drawn(1) != drawn(2)


@pytest.mark.parametrize(("chips", "problem"), [(6, "2 entries for 6 chips"), (None, "has one chip")])
def test_a_skew_that_is_not_for_these_chips_is_refused(chips, problem):
    machine = board(chips) if chips else load_machine(read_topology(read(TOPOLOGIES / "mesh.yaml")), "low")
    with pytest.raises(Refused, match=f"machine.clock_skew_us: .*{problem}"):
        skewed(machine, [0.0, 1.0], 1)
