"""A YAML file that was read: its data, and the line and column of every value in it.

Whoever finds something wrong with a value need only know its path; the document adds file, line and column.
Paths of other files written in it are relative to the directory it stands in, also those given with `--set`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.scenario import yaml12
from sim.scenario.complaints import Complaint, Refused, did_you_mean
from sim.scenario.wording import shown
from sim.scenario.yaml12 import Mark, parted

KeyPath = yaml12.Path

SETTING = "--set"


@dataclass(frozen=True, slots=True)
class Document:
    """`marks` gives line and column (from 1) by path, `settings` the paths given on the command line."""

    path: Path
    data: dict[str, Any]
    marks: dict[KeyPath, Mark]
    settings: frozenset[KeyPath] = frozenset()

    def resolve(self, written: str) -> Path:
        """The file meant by a path written in this document; the document's directory is where it starts."""
        return self.path.parent / written

    def complaint(self, path: KeyPath, problem: str) -> Complaint:
        """A complaint about `path`, placed at it or at the nearest key above it that was written."""
        file, line, column = self._place(path)
        return Complaint(yaml12.printed(path), problem, file, line, column)

    def located(self, refused: Refused) -> Refused:
        """The same refusal with a place for every complaint that has none; those about options keep none."""
        return Refused([self._located(complaint) for complaint in refused.complaints])

    def _located(self, complaint: Complaint) -> Complaint:
        if complaint.file or complaint.path.startswith("--"):
            return complaint
        file, line, column = self._place(parted(complaint.path))
        return dataclasses.replace(complaint, file=file, line=line, column=column)

    def _place(self, path: KeyPath) -> tuple[str, int, int]:
        for length in range(len(path), -1, -1):
            if path[:length] in self.settings:
                return SETTING, 0, 0
            if path[:length] in self.marks:
                return str(self.path), *self.marks[path[:length]]
        return str(self.path), 0, 0


def in_order(complaints: Iterable[Complaint]) -> list[Complaint]:
    """Complaints as a reader meets them: file by file from top to bottom, those without a line last."""
    return sorted(complaints, key=lambda one: (one.line == 0, one.file, one.line, one.column))


def read(path: Path) -> Document:
    """The document in `path`. Refused when it cannot be opened, is no YAML mapping or repeats a key."""
    document, complaints = examine(path)
    if complaints:
        raise Refused(complaints)
    return document


def examine(path: Path) -> tuple[Document, list[Complaint]]:
    """The document in `path` as far as it can be read, and what is wrong with how it is written.

    Refused only when there is nothing to go on with: no such file, no text, no YAML, no mapping.
    """
    tree = yaml12.parse(read_text(path))
    complaints = [dataclasses.replace(complaint, file=str(path)) for complaint in tree.complaints]
    if isinstance(tree.data, dict):
        return Document(path, tree.data, tree.marks), complaints
    raise Refused(complaints or [Complaint("", _not_a_mapping(tree.data), str(path), 1, 1)])


def read_text(path: Path, key: str = "") -> str:
    """The text of a UTF-8 file. Refused, naming `key`, when it is missing, unreadable or not UTF-8."""
    raw = b""
    try:
        raw = path.read_bytes()
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        problem = f"byte {raw[error.start]:#04x} is not UTF-8; expected a text file"
        raise _refusal(path, key, problem, (line, column)) from None
    except (OSError, ValueError) as error:
        raise _refusal(path, key, unopened(path, error), (0, 0)) from None


def unopened(path: Path, error: OSError | ValueError) -> str:
    """Why `path` cannot be opened, with the nearest name in its directory."""
    if isinstance(error, FileNotFoundError):
        return f"no such file{_nearest(path)}"
    if isinstance(error, IsADirectoryError):
        return "is a directory, expected a file"
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"cannot be read: {reason}"


def _refusal(path: Path, key: str, problem: str, mark: Mark) -> Refused:
    if not key:
        return Refused([Complaint("", problem, str(path), *mark)])
    place = f":{mark[0]}:{mark[1]}" if mark[0] else ""
    return Refused.at(key, f"{path}{place}: {problem}")


def _nearest(path: Path) -> str:
    try:
        names = sorted(entry.name for entry in path.parent.iterdir())
    except OSError:
        return f", nor its directory {path.parent}"
    return did_you_mean(path.name, names)


def _not_a_mapping(data: object) -> str:
    if data is None:
        return "the file is empty, expected keys and values such as 'name: my_run'"
    return f"expected keys and values such as 'name: my_run', got {shown(data)}"
