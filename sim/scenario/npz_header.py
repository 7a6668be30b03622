"""What arrays an .npz archive holds, read from their headers alone.

A check must say at once that a file has the wrong arrays, and importing NumPy would cost more than the whole
check. The
format is that of numpy.lib.format: a zip of .npy members, each opening with a magic and a Python literal.
"""

from __future__ import annotations

import ast
import math
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sim.scenario.complaints import Refused
from sim.scenario.document import unopened

MAGIC = b"\x93NUMPY"
MOST_HEADER_BYTES = 65_536
MOST_BYTES_VERIFIED = 16_000_000
"""Archives up to this size are checked against their CRCs; larger ones when they are loaded."""


@dataclass(frozen=True, slots=True)
class Header:
    """An array's NumPy type string (`<f4`) and shape."""

    dtype: str
    shape: tuple[int, ...]

    @property
    def item_bytes(self) -> int:
        """Bytes of one item; text takes four bytes a character; 0 for types of no fixed size."""
        digits = self.dtype[2:]
        return int(digits) * (4 if self.dtype[1:2] == "U" else 1) if digits.isdecimal() else 0

    def __str__(self) -> str:
        return f"{self.dtype} {self.shape}"


def headers(path: Path, key: str) -> dict[str, Header]:
    """The arrays in the archive by name. Refused at `key` when it cannot be read or is damaged."""
    try:
        with path.open("rb") as stream:
            return _archive(stream)
    except _Damaged as damage:
        problem = str(damage)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        problem = f"is damaged: {error}"
    except (OSError, ValueError) as error:
        problem = unopened(path, error)
    raise Refused.at(key, f"{path}: {problem}")


class _Damaged(Exception):  # noqa: N818 - a finding about a file
    """What is wrong with an archive, for the user."""


def _archive(stream: IO[bytes]) -> dict[str, Header]:
    start = stream.read(len(MAGIC))
    if start == MAGIC:
        raise _Damaged("is a single .npy array, expected an .npz archive of named arrays")
    if not zipfile.is_zipfile(stream):
        cut = start.startswith(b"PK")
        raise _Damaged("is damaged: the end of the archive is missing" if cut else "is not an .npz archive")
    with zipfile.ZipFile(stream) as archive:
        _verify(archive)
        members = [info for info in archive.infolist() if info.filename.endswith(".npy")]
        return {info.filename.removesuffix(".npy"): _member(archive, info) for info in members}


def _verify(archive: zipfile.ZipFile) -> None:
    if sum(info.file_size for info in archive.infolist()) <= MOST_BYTES_VERIFIED:
        bad = archive.testzip()
        if bad is not None:
            raise _Damaged(f"is damaged: array '{bad.removesuffix('.npy')}' does not match its checksum")


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Header:
    with archive.open(info) as stream:
        try:
            header, data_start = _header(stream)
        except (struct.error, ValueError, KeyError, TypeError, SyntaxError, RecursionError, MemoryError):
            raise _Damaged(f"is damaged: '{info.filename}' has no readable array header") from None
    promised = data_start + math.prod(header.shape) * header.item_bytes
    if header.item_bytes and promised != info.file_size:
        raise _Damaged(f"is damaged: '{info.filename}' has {info.file_size} bytes, its header promises {promised}")
    return header


def _header(stream: IO[bytes]) -> tuple[Header, int]:
    magic, major, _ = struct.unpack("<6sBB", stream.read(8))
    if magic != MAGIC:
        raise ValueError(magic)
    size_format = "<H" if major == 1 else "<I"
    size_bytes = struct.calcsize(size_format)
    (size,) = struct.unpack(size_format, stream.read(size_bytes))
    if size > MOST_HEADER_BYTES:
        raise ValueError(size)
    fields = ast.literal_eval(stream.read(size).decode("latin-1"))
    shape = tuple(int(length) for length in fields["shape"])
    if any(length < 0 for length in shape):
        raise ValueError(shape)
    return Header(str(fields["descr"]), shape), 8 + size_bytes + size
