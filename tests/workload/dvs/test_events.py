"""Recordings from files: what each form holds, and one clear message for each way a file can be wrong."""

import struct

import numpy as np
import pytest

from sim.scenario.complaints import Refused
from sim.workload.dvs.aedat import read_labels
from sim.workload.dvs.events import read_events

T, X, Y, P = [10, 20, 20, 31], [0, 127, 5, 6], [1, 2, 127, 0], [1, 0, 1, 1]
NAMED = np.dtype([("x", "<i2"), ("y", "<i2"), ("t", "<i8"), ("p", "?")])


def structured(t=T, x=X, y=Y, p=P):
    array = np.zeros(len(t), NAMED)
    for name, values in zip("txyp", (t, x, y, p), strict=True):
        array[name] = values
    return array


def packet(events, overflows=0, kind=1, size=8, number=None):
    """One packet of polarity events (t, x, y, p, valid) as AEDAT 3.1 writes it."""
    words = [struct.pack("<II", x << 17 | y << 2 | p << 1 | valid, t) for t, x, y, p, valid in events]
    number = len(events) if number is None else number
    return struct.pack("<hhiiiiii", kind, 0, size, 4, overflows, number, number, number) + b"".join(words)


def aedat(*packets, head=b"#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 0: DVS128\r\n#!END-HEADER\r\n"):
    return head + b"".join(packets)


def written(path, data):
    path.write_bytes(data)
    return path


def assert_is_the_sample(recording):
    assert recording.t.tolist() == T
    assert recording.x.tolist() == X
    assert recording.y.tolist() == Y
    assert recording.on.tolist() == [True, False, True, True]


def test_a_structured_array_is_read(tmp_path):
    np.save(tmp_path / "a.npy", structured())
    assert_is_the_sample(read_events(tmp_path / "a.npy", 128, 128))


def test_an_archive_holds_a_structured_array_or_four_plain_ones(tmp_path):
    np.savez(tmp_path / "a.npz", events=structured())
    np.savez_compressed(tmp_path / "b.npz", timestamp=T, x=X, y=Y, polarity=P)
    for name in ("a.npz", "b.npz"):
        assert_is_the_sample(read_events(tmp_path / name, 128, 128))


def test_aedat_gives_valid_polarity_events_only(tmp_path):
    events = [(*one, 1) for one in zip(T, X, Y, P, strict=True)]
    other = struct.pack("<hhiiiiii", 0, 0, 8, 4, 0, 1, 1, 1) + b"\0" * 8
    data = aedat(packet(events[:2]), other, packet([*events[2:], (40, 1, 1, 1, 0)]))
    assert_is_the_sample(read_events(written(tmp_path / "a.aedat", data), 128, 128))


def test_overflows_of_the_time_stamp_count_on(tmp_path):
    data = aedat(packet([(2**31 - 1, 1, 1, 1, 1)]), packet([(3, 1, 1, 0, 1)], overflows=1))
    assert read_events(written(tmp_path / "a.aedat", data), 128, 128).t.tolist() == [2**31 - 1, 2**31 + 3]


def test_a_part_of_a_recording_counts_from_its_own_start(tmp_path):
    np.save(tmp_path / "a.npy", structured())
    part = read_events(tmp_path / "a.npy", 128, 128).between(20, 31)
    assert (part.t.tolist(), part.x.tolist()) == ([0, 0], [127, 5])


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((4, 4), np.int64), "expected a structured array"),
        (structured(x=[0, 128, 5, 6]), "event 1 has x = 128, expected 0 to 127"),
        (structured(y=[-1, 2, -3, 0]), "event 0 has y = -1, expected 0 to 127 (2 such events)"),
        (structured(t=[10, 20, 19, 31]), "event 2 is at 19 us, before the one in front of it at 20 us"),
        (structured(t=[], x=[], y=[], p=[]), "there is no event in it"),
        (structured()[["x", "y", "t"]], "field 'p' is missing"),
        (structured().astype([("x", "<f4"), ("y", "<i2"), ("t", "<i8"), ("p", "?")]), "expected whole numbers"),
    ],
)
def test_wrong_arrays_are_refused_with_the_place(tmp_path, array, words):
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(Refused, match=r"workload\.events") as refused:
        read_events(tmp_path / "a.npy", 128, 128)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"#!AER-DAT2.0\r\n", "begins with '#!AER-DAT2.0', expected '#!AER-DAT3.1'"),
        (b"#!AER-DAT3.1\r\n#Format: RAW\r\n", "its header has no end"),
        (aedat(b"\1\0"), "ends in the middle of a packet's header"),
        (aedat(packet([(1, 1, 1, 1, 1)], number=5)), "has 5 events of 8 bytes, but the file ends before"),
        (aedat(packet([(1, 1, 1, 1, 1)], size=12)), "that cannot be"),
        (aedat(packet([(1, 1, 1, 1, 1)], number=-1)), "that cannot be"),
        (aedat(), "no packet of polarity events"),
        (aedat(packet([(1, 200, 1, 1, 1)])), "event 0 has x = 200"),
    ],
)
def test_broken_aedat_files_are_refused_with_the_place(tmp_path, data, words):
    with pytest.raises(Refused, match=r"workload\.events") as refused:
        read_events(written(tmp_path / "a.aedat", data), 128, 128)
    assert words in str(refused.value)


@pytest.mark.parametrize("cut", range(0, 90, 7))
def test_a_truncated_file_is_refused_and_nothing_else(tmp_path, cut):
    data = aedat(packet([(1, 1, 1, 1, 1), (2, 2, 2, 0, 1)]))
    with pytest.raises(Refused):
        read_events(written(tmp_path / "a.aedat", data[:cut]), 128, 128)


def test_other_files_are_refused(tmp_path):
    for name, data in (("a.txt", b"x"), ("a.npy", b"not numpy"), ("b.npz", b"PK\3\4")):
        with pytest.raises(Refused, match=r"workload\.events"):
            read_events(written(tmp_path / name, data), 128, 128)
    with pytest.raises(Refused, match="no such file"):
        read_events(tmp_path / "absent.npy", 128, 128)


def test_labels_are_read(tmp_path):
    path = written(tmp_path / "a.csv", b"class,startTime_usec,endTime_usec\n2,100,900\n11,1000,2000\n")
    assert [(one.label, one.start_us, one.stop_us) for one in read_labels(path)] == [(2, 100, 900), (11, 1000, 2000)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "columns are none"),
        ("class,start,end\n1,2,3\n", "expected class, startTime_usec, endTime_usec"),
        ("class,startTime_usec,endTime_usec\n1,2\n", ":2: '1,2' is not three whole numbers"),
        ("class,startTime_usec,endTime_usec\n1,9,3\n", ":2: class 1 from 9 to 3 us cannot be"),
        ("class,startTime_usec,endTime_usec\n", "there is no trial"),
    ],
)
def test_wrong_labels_are_refused_with_the_line(tmp_path, text, words):
    with pytest.raises(Refused, match=r"workload\.labels") as refused:
        read_labels(written(tmp_path / "a.csv", text.encode()))
    assert words in str(refused.value)
