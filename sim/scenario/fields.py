"""Finding the declaration behind a place in the data.

Pydantic names a place by keys, list positions and, where there is a choice of models, the name of the choice.
These
functions tell real keys from names of choices, and find the field that was meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Step = str | int


def real_path(data: object, location: Sequence[Step], *, absent_last: bool) -> tuple[Step, ...]:
    """`location` without the names of choices; an absent last part stays if `absent_last`."""
    path: list[Step] = []
    for position, step in enumerate(location):
        known = _entries(data)
        if step in known:
            data = known[step]
            path.append(step)
        elif absent_last and position == len(location) - 1:
            path.append(step)
    return tuple(path)


def models_at(model: type[BaseModel], location: Sequence[Step]) -> list[type[BaseModel]]:
    """The models that may stand at `location`; several where the data does not say which."""
    models = [model]
    for step in location:
        found = [candidate.model_fields[step] for candidate in models if step in candidate.model_fields]
        if found:
            models = [inner for field in found for inner in _models_in(field.annotation)]
        elif isinstance(step, str):
            models = [candidate for candidate in models if _called(candidate, step)] or models
    return models


def field_at(model: type[BaseModel], location: Sequence[Step]) -> FieldInfo | None:
    """The field that the last key in `location` belongs to, or None where no model declares it."""
    for end in range(len(location), 0, -1):
        name = location[end - 1]
        for candidate in models_at(model, location[: end - 1]):
            if name in candidate.model_fields:
                return candidate.model_fields[str(name)]
    return None


def literals(annotation: Any) -> list[Any]:
    """Every value named in a Literal inside `annotation`."""
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    return [value for inner in get_args(annotation) for value in literals(inner)]


def _entries(data: object) -> Mapping[Any, Any]:
    if isinstance(data, list | tuple):
        return dict(enumerate(data))
    return data if isinstance(data, dict) else {}


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _called(model: type[BaseModel], choice: str) -> bool:
    tags = (literals(field.annotation) for field in model.model_fields.values())
    return model.__name__ == choice or any(choice in values for values in tags)
