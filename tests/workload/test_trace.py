"""Trace files: what is read, and every way one can be wrong, told with its line."""

import pytest

from sim.scenario.complaints import Refused
from sim.workload.arrivals import read_trace
from sim.workload.patterns import Nodes

NODES = Nodes(2, 2, ("(0,0).0", "(1,0).0", "(0,1).0", "(1,1).0"))
HEADER = "time_cycles,source,destinations"


@pytest.fixture
def trace(tmp_path):
    """Reads a trace of the lines given."""

    def trace(*lines):
        path = tmp_path / "trace.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return read_trace(path, NODES)

    return trace


def test_packets_are_read_by_source_in_order_of_time_by_number_or_name(trace):
    read = trace(HEADER, "7,0,1", "3,0,2 3", '0,"(1,1).0","(0,0).0"', "5, 2, 0")
    assert read == [[(3, (2, 3)), (7, (1,))], [], [(5, (0,))], [(0, (0,))]]


def test_packets_of_one_cycle_keep_the_order_of_the_file(trace):
    assert trace(HEADER, "1,0,3", "1,0,1", "1,0,2")[0] == [(1, (3,)), (1, (1,)), (1, (2,))]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("-1,0,1", "time_cycles is '-1', expected a whole number from 0"),
        ("1.5,0,1", "time_cycles is '1.5'"),
        (",0,1", "time_cycles is ''"),
        ("1,9,1", "no node '9'"),
        ("1,(1,0).0,1", "no node '0).0'"),
        ("1,0,4", "no node '4'"),
        ("1,0,", "expected nodes parted by spaces, each once"),
        ("1,0,2 2", "destinations are '2 2'"),
        ("1,0", "expected nodes parted by spaces"),
    ],
)
def test_a_bad_line_is_refused_with_its_number_and_what_was_expected(trace, line, told):
    with pytest.raises(Refused) as refused:
        trace(HEADER, "0,0,1", line)
    (complaint,) = refused.value.complaints
    assert complaint.line == 3
    assert complaint.path == "workload.trace"
    assert told in complaint.problem


def test_all_bad_lines_are_told_at_once(trace):
    with pytest.raises(Refused) as refused:
        trace(HEADER, "x,0,1", "0,0,1", "0,0,7")
    assert [complaint.line for complaint in refused.value.complaints] == [2, 4]


@pytest.mark.parametrize("lines", [("time,source,destinations", "0,0,1"), ("0,0,1",), ("",)])
def test_another_header_is_refused_with_the_one_expected(trace, lines):
    with pytest.raises(Refused, match=r"expected a header time_cycles, source, destinations"):
        trace(*lines)


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path):
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00\x81" * 9)
    for name in ("bytes.csv", "none.csv"):
        with pytest.raises(Refused, match=r"cannot be read as text"):
            read_trace(tmp_path / name, NODES)
