"""Array headers without NumPy, held against NumPy; and damaged files."""

import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sim.scenario.complaints import Refused
from sim.scenario.npz_header import headers

same_directory = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@same_directory
@given(
    array=arrays.arrays(
        arrays.scalar_dtypes() | arrays.unicode_string_dtypes() | arrays.byte_string_dtypes(),
        arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5),
        fill=st.nothing(),
    ),
    fortran=st.booleans(),
)
def test_headers_say_what_numpy_wrote(tmp_path, array, fortran):
    array = np.asfortranarray(array) if fortran else array
    np.savez_compressed(tmp_path / "a.npz", **{"L0/W": array, "b": np.zeros(3)})
    found = headers(tmp_path / "a.npz", "k")
    assert (found["L0/W"].shape, np.dtype(found["L0/W"].dtype)) == (array.shape, array.dtype)
    assert str(found["b"]) == "<f8 (3,)"


def refusal(path):
    with pytest.raises(Refused) as caught:
        headers(path, "k")
    (complaint,) = caught.value.complaints
    assert complaint.path == "k"
    return complaint.problem.removeprefix(f"{path}: ")


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, first=np.arange(1000.0), second=np.arange(5))
    return path


def test_a_missing_archive_is_told_with_the_nearest_name(archive):
    assert refusal(archive.with_name("b.npz")) == "no such file, did you mean 'a.npz'?"


def test_a_directory_is_no_archive(tmp_path):
    assert refusal(tmp_path) == "is a directory, expected a file"


def test_a_single_array_is_no_archive(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(3))
    assert refusal(tmp_path / "a.npy") == "is a single .npy array, expected an .npz archive of named arrays"


@pytest.mark.parametrize("content", [b"", b"hello", bytes(100)])
def test_other_files_are_no_archives(tmp_path, content):
    (tmp_path / "a.npz").write_bytes(content)
    assert refusal(tmp_path / "a.npz") == "is not an .npz archive"


@pytest.mark.parametrize("kept", [4, 100, 4000, -1])
def test_a_cut_archive_is_told(archive, kept):
    archive.write_bytes(archive.read_bytes()[:kept])
    assert refusal(archive) == "is damaged: the end of the archive is missing"


def test_changed_numbers_are_told(archive):
    content = bytearray(archive.read_bytes())
    content[3000] ^= 1
    archive.write_bytes(content)
    assert refusal(archive) == "is damaged: array 'first' does not match its checksum"


@pytest.mark.parametrize(
    ("member", "problem"),
    [
        (b"", "has no readable array header"),
        (b"\x93NUMPY\x01\x00\xff\x00", "has no readable array header"),
        (b"not an array at all", "has no readable array header"),
        (b"\x93NUMPY\x01\x00\x10\x00__import__('os')", "has no readable array header"),
        (b"\x93NUMPY\x01\x00\x20\x00{'descr': '<f4', 'shape': (-1,)}", "has no readable array header"),
        (b"\x93NUMPY\x01\x00\x1f\x00{'descr': '<f4', 'shape': (9,)}", "has 41 bytes, its header promises 77"),
    ],
)
def test_members_that_are_no_arrays_are_told(tmp_path, member, problem):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as made:
        made.writestr("x.npy", member)
    assert refusal(tmp_path / "a.npz") == f"is damaged: 'x.npy' {problem}"


@same_directory
@given(place=st.integers(0, 9000), value=st.integers(0, 255))
def test_no_changed_byte_breaks_the_reader(archive, place, value):
    content = bytearray(archive.read_bytes())
    content[place % len(content)] = value
    changed = archive.with_name("changed.npz")
    changed.write_bytes(content)
    try:
        headers(changed, "k")
    except Refused as refused:
        assert len(refused.complaints) == 1
