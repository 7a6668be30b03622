"""Values given beside the file: `--set a.b=v` on the command line, or a mapping from Python.

A setting replaces what the file says at its key, mappings and lists included, and what is wrong with it is
told as coming from `--set`.
"""

from __future__ import annotations

import copy
import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import Any

from sim.scenario import yaml12
from sim.scenario.complaints import Complaint, Refused
from sim.scenario.document import SETTING, Document, KeyPath
from sim.scenario.wording import shown

_KEY = re.compile(r"[\w-]+(\.[\w-]+|\[\d+\])*")


def parse_setting(text: str) -> tuple[str, Any]:
    """The dotted key and the value of `KEY=VALUE`; the value is YAML such as `3`, `word` or `[50, 50]`."""
    key, equals, value = text.partition("=")
    key = key.strip()
    if not equals:
        raise _refusal("", f"{text!r} has no '=', expected KEY=VALUE such as workload.tokens=10")
    if not _KEY.fullmatch(key):
        raise _refusal("", f"{key!r} is not a key, expected words joined by dots such as workload.tokens")
    tree = yaml12.parse(value.strip())
    if tree.complaints:
        raise _refusal(key, f"value {value!r}: {tree.complaints[0].problem}")
    return key, tree.data


def parse_settings(texts: Iterable[str]) -> tuple[dict[str, Any], list[Complaint]]:
    """All settings that can be read, the last of equal keys winning; and complaints about the others."""
    settings: dict[str, Any] = {}
    complaints: list[Complaint] = []
    for text in texts:
        try:
            key, value = parse_setting(text)
            settings.pop(key, None)
            settings[key] = value
        except Refused as refused:
            complaints.extend(refused.complaints)
    return settings, complaints


def apply(document: Document, settings: Mapping[str, Any]) -> tuple[Document, list[Complaint]]:
    """The document with `settings` in place of what it says, and complaints about those that do not fit."""
    complaints: list[Complaint] = []
    document = dataclasses.replace(document, data=copy.deepcopy(document.data), marks=dict(document.marks))
    for key, value in settings.items():
        try:
            document = _applied(document, key, yaml12.parted(key), _plain(value))
        except Refused as refused:
            complaints.extend(refused.complaints)
    return document, complaints


def _applied(document: Document, key: str, path: KeyPath, value: Any) -> Document:
    if not _KEY.fullmatch(key):
        raise _refusal("", f"{key!r} is not a key, expected words joined by dots such as workload.tokens")
    new = {path}
    holder: Any = document.data
    for depth, step in enumerate(path[:-1], start=1):
        if isinstance(holder, dict) and isinstance(step, str) and holder.get(step) is None:
            holder[step] = {}
            new.add(path[:depth])
        _check_step(holder, step, path[: depth - 1], key)
        holder = holder[step]
    _check_step(holder, path[-1], path[:-1], key)
    holder[path[-1]] = value
    marks = {known: mark for known, mark in document.marks.items() if known[: len(path)] != path}
    return dataclasses.replace(document, marks=marks, settings=document.settings | new)


def _check_step(holder: Any, step: str | int, above: KeyPath, key: str) -> None:
    name = yaml12.printed(above) or "the file"
    if isinstance(holder, dict) and isinstance(step, str):
        return
    if isinstance(holder, list) and isinstance(step, int):
        if step < len(holder):
            return
        raise _refusal(key, f"{name} has {len(holder)} entries, counted from 0")
    inner = f"entry [{step}]" if isinstance(step, int) else f"key '{step}'"
    kind = shown(holder) if isinstance(holder, dict | list) else f"the single value {shown(holder)}"
    raise _refusal(key, f"{name} is {kind} and has no {inner}; set {name} as a whole")


def _plain(value: Any) -> Any:
    """Python values as YAML gives them, so that NumPy numbers, tuples and paths may come from a notebook."""
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value) if hasattr(value, "__fspath__") else value


def _refusal(key: str, problem: str) -> Refused:
    return Refused.at(key, problem, SETTING)
