"""A mapping as plain data and back, so that it can be written beside a result, read again and reused.

The plain form is what JSON can hold: mappings of text to numbers, truths, texts, nothing, lists and mappings.
"""

from __future__ import annotations

import json
from collections.abc import Mapping as Plain
from typing import Any

from pydantic import TypeAdapter, ValidationError

from sim.mapping.mapping import Mapping
from sim.scenario.complaints import Complaint, Refused

_FORM = TypeAdapter(Mapping)


def to_plain(mapping: Mapping) -> dict[str, Any]:
    """The mapping as data that JSON keeps unchanged."""
    plain: dict[str, Any] = _FORM.dump_python(mapping, mode="json")
    return plain


def from_plain(data: Plain[str, Any]) -> Mapping:
    """The mapping that `to_plain` made `data` of. Refused, with the key of each fault, when it is something else.

    What it says is not looked into here; `check_mapping` does that.
    """
    try:
        mapping = _FORM.validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        raise Refused([Complaint(_path(fault["loc"]), _problem(fault)) for fault in error.errors()]) from None
    except (TypeError, ValueError) as error:
        raise Refused.at("mapping", f"not plain data: {error}") from None
    unknown = list(_unknown(data, to_plain(mapping), ()))
    if unknown:
        raise Refused([Complaint(_path(path), "unknown key; a saved mapping has none such here") for path in unknown])
    return mapping


def _problem(fault: Any) -> str:
    """What was expected, in pydantic's words, and what was found."""
    if fault["type"] == "missing":
        return "is missing"
    found = repr(fault["input"])
    return f"{fault['msg'].lower()}, got {found if len(found) <= 40 else found[:37] + '...'}"


def _unknown(data: Any, known: Any, path: tuple[str | int, ...]) -> list[tuple[str | int, ...]]:
    """The paths in `data` of keys that `known` has not; the two are alike otherwise."""
    if isinstance(known, dict):
        here = [(*path, key) for key in data if key not in known]
        return here + [found for key in known if key in data for found in _unknown(data[key], known[key], (*path, key))]
    if isinstance(known, list):
        pairs = enumerate(zip(data, known, strict=True))
        return [found for place, (one, other) in pairs for found in _unknown(one, other, (*path, place))]
    return []


def _path(path: tuple[str | int, ...]) -> str:
    """`("slices", 3, "pe")` as `mapping.slices[3].pe`."""
    return "mapping" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
