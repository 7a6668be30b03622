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
    ("line", "column", "told"),
    [
        ("-1,0,1", 1, "time_cycles is '-1', expected a whole number from 0"),
        ("1.5,0,1", 1, "time_cycles is '1.5'"),
        (",0,1", 1, "time_cycles is ''"),
        ("1" + 15 * "0" + ",0,1", 1, "expected a whole number from 0 to 1000000000000"),
        ("9" * 5000 + ",0,1", 1, "expected a whole number from 0 to 1000000000000"),
        ("1,9,1", 3, "no node '9'"),
        ("1,²,1", 3, "no node '²'"),
        ('1, "(1,7).0",1', 5, "no node '(1,7).0', did you mean '(1,1).0'"),
        ("1,(1,0).0,1", 1, "4 fields, expected time_cycles, source, destinations; part destinations by spaces"),
        ("1,0,2,3", 1, "4 fields"),
        ("1,0", 1, "2 fields"),
        ("1,0,4", 5, "no node '4'"),
        ("1,0,", 5, "expected nodes parted by spaces, each once"),
        ("1,0,2 2", 5, "destinations are '2 2'"),
    ],
)
def test_a_bad_line_is_refused_at_its_place_with_what_was_expected(trace, line, column, told):
    with pytest.raises(Refused) as refused:
        trace(HEADER, "0,0,1", line)
    (complaint,) = refused.value.complaints
    assert (complaint.line, complaint.column) == (3, column)
    assert complaint.path == "workload.trace"
    assert told in complaint.problem


def test_all_that_is_wrong_is_told_at_once(trace):
    with pytest.raises(Refused) as refused:
        trace(HEADER, "x,9,1", "0,0,1", "", "0,0,7")
    assert [(one.line, one.column) for one in refused.value.complaints] == [(2, 1), (2, 3), (5, 5)]


@pytest.mark.parametrize("lines", [("time,source,destinations", "0,0,1"), ("0,0,1",), ("",)])
def test_another_header_is_refused_with_the_one_expected(trace, lines):
    with pytest.raises(Refused, match=r"csv:1:1: .*expected a header time_cycles, source, destinations"):
        trace(*lines)


def test_a_file_as_spreadsheets_write_it_is_read(tmp_path):
    """With a byte order mark, and two characters to end a line."""
    path = tmp_path / "trace.csv"
    path.write_bytes(f"\ufeff{HEADER}\r\n2,0,1 3\r\n".encode())
    assert read_trace(path, NODES)[0] == [(2, (1, 3))]


@pytest.mark.parametrize(("name", "told"), [("bytes.csv", r":1:1: .* is not UTF-8"), ("none.csv", "no such file")])
def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path, name, told):
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00\x81" * 9)
    with pytest.raises(Refused, match=told):
        read_trace(tmp_path / name, NODES)
