"""A study file to a frozen `Study`, or every complaint there is about it.

`--set` reaches both files: a key that begins with a word of the study file changes the study, any other is a key of
the scenario and has its value in every run, as if it stood under `set`.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.scenario import document as documents
from sim.scenario import settings
from sim.scenario.complaints import Complaint, Refused
from sim.scenario.document import Document, in_order, read_text
from sim.scenario.validate import examine
from sim.study.models import Study
from sim.study.rules import broken

BY_DOTTED_KEY = ("set", "axes", "scale")
"""Sections of a study whose keys have dots themselves."""


@dataclass(frozen=True, slots=True, eq=False)
class StudyFile:
    """A study, and the document it was written in."""

    study: Study
    document: Document

    @property
    def base(self) -> Path:
        """The scenario that is varied."""
        return self.document.resolve(self.study.base)


def load_study(path: str | Path, changes: Mapping[str, Any] = {}) -> StudyFile:
    """The study in `path` with `changes` (dotted key to value) made. Refused with all complaints, each placed."""
    document, complaints = documents.examine(Path(path))
    document, misplaced = _changed(document, changes)
    study, faults = examine(document.data, Study)
    complaints += misplaced
    complaints += [document.complaint(fault.path, fault.problem) for fault in faults]
    if study is not None:
        complaints += [document.complaint(path, problem) for path, problem in broken(study)]
        complaints += _missing_base(study, document)
    if study is None or complaints:
        raise Refused(in_order(dict.fromkeys(complaints)))
    return StudyFile(study, document)


def _missing_base(study: Study, document: Document) -> list[Complaint]:
    try:
        read_text(document.resolve(study.base), "base")
    except Refused as refused:
        return list(document.located(refused).complaints)
    return []


def _changed(document: Document, changes: Mapping[str, Any]) -> tuple[Document, list[Complaint]]:
    complaints: list[Complaint] = []
    for key, value in changes.items():
        first, _, rest = key.partition(".")
        if first in BY_DOTTED_KEY and rest:
            document = _put(document, first, rest, value)
        elif first.partition("[")[0] in Study.model_fields:
            document, misplaced = settings.apply(document, {key: value})
            complaints += misplaced
        else:
            document = _put(document, "set", key, value)
    return document, complaints


def _put(document: Document, section: str, key: str, value: Any) -> Document:
    """The document with `key` of `section` replaced; a section that is no mapping is complained about later."""
    data = copy.deepcopy(document.data)
    if data.get(section) is None:
        data[section] = {}
    if isinstance(data[section], dict):
        data[section][key] = _plain(value)
    path = (section, key)
    marks = {known: mark for known, mark in document.marks.items() if known[:2] != path}
    return dataclasses.replace(document, data=data, marks=marks, settings=document.settings | {path})


def _plain(value: Any) -> Any:
    """A value as YAML gives it, so that arrays and tuples may come from a notebook."""
    return settings.apply(Document(Path(), {}, {}), {"value": value})[0].data["value"]
