"""Data against a model: either the model, or every complaint there is, each at its line.

Pydantic finds the faults; here they get the path the user wrote, one sentence for each path, and a place in
the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from sim.scenario.complaints import Refused
from sim.scenario.document import Document, KeyPath, in_order
from sim.scenario.fields import real_path
from sim.scenario.wording import discriminator, is_type_error, problem

AnyModel = TypeVar("AnyModel", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at `path`; the data under `spoiled` cannot be relied upon because of it."""

    path: KeyPath
    problem: str
    spoiled: KeyPath


def validate(document: Document, model: type[AnyModel]) -> AnyModel:
    """The document's data as `model`. Refused, with a place for each complaint, when it does not fit."""
    value, faults = examine(document.data, model)
    if value is None:
        raise Refused(in_order(document.complaint(fault.path, fault.problem) for fault in faults))
    return value


def examine(data: Mapping[str, Any], model: type[AnyModel]) -> tuple[AnyModel | None, list[Fault]]:
    """`data` as `model`, or None and what is wrong with it."""
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        return None, list(_faults(data, model, error.errors(include_url=False)))


def _faults(data: Mapping[str, Any], model: type[BaseModel], errors: Sequence[Any]) -> Iterator[Fault]:
    by_path: dict[KeyPath, list[Any]] = {}
    for error in errors:
        if _miscounted(error):
            continue
        by_path.setdefault(_path(data, error), []).append(error)
    for path, here in by_path.items():
        if not _is_other_branch(path, here, by_path):
            yield Fault(path, problem(model, here), _spoiled(path, here))


def _miscounted(error: Any) -> bool:
    """Pydantic counts only the good entries of a list and calls it too short when others are bad."""
    return error["type"] == "too_short" and bool(len(error["input"]) >= error["ctx"]["min_length"])


def _path(data: Mapping[str, Any], error: Any) -> KeyPath:
    path = real_path(data, error["loc"], absent_last=error["type"] == "missing")
    return (*path, discriminator(error)) if error["type"].startswith("union_tag") else path


def _spoiled(path: KeyPath, errors: Sequence[Any]) -> KeyPath:
    """A missing or unknown kind spoils the whole mapping it should tell apart."""
    return path[:-1] if any(error["type"].startswith("union_tag") for error in errors) else path


def _is_other_branch(path: KeyPath, errors: Sequence[Any], by_path: Mapping[KeyPath, object]) -> bool:
    """Whether these say only that a number or text could stand where keys and values were written."""
    deeper = any(len(other) > len(path) and other[: len(path)] == path for other in by_path)
    return deeper and all(is_type_error(error["type"]) for error in errors)
