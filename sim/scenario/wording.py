"""What is wrong with a value, in words for the person who wrote it.

Each sentence says what was found and what was expected; what the field's description says (meaning, unit,
range) is added in brackets, since that is what the reader would look up next.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from sim.scenario.complaints import did_you_mean
from sim.scenario.fields import field_at, literals, models_at

_EXPECTED_TYPES = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "string_type": "text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "keys and values",
    "mapping_type": "keys and values",
    "model_type": "keys and values",
    "model_attributes_type": "keys and values",
    "none_required": "nothing",
}


def is_type_error(kind: str) -> bool:
    """Whether an error of this pydantic kind says that another type was wanted."""
    return kind in _EXPECTED_TYPES


def shown(value: object) -> str:
    """A value as it may be quoted in a sentence: short, on one line, its type made plain."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return "text " + _short(repr(value))
    if isinstance(value, Mapping):
        return "keys and values" if value else "an empty mapping"
    if isinstance(value, Sequence):
        return f"a list of {len(value)}"
    return _short(f"{value!r}")


def problem(model: type[BaseModel], errors: Sequence[Mapping[str, Any]]) -> str:
    """One sentence for all errors found at one place; there are several where there was a choice of types."""
    types = [error for error in errors if is_type_error(error["type"])]
    if len(types) < len(errors):
        return _single(model, next(error for error in errors if error not in types))
    wanted = list(dict.fromkeys(_EXPECTED_TYPES[error["type"]] for error in types))
    value = errors[0]["input"]
    return f"expected {' or '.join(wanted)}, got {shown(value)}{_advice(wanted, value)}" + _meaning(model, errors[0])


def _single(model: type[BaseModel], error: Mapping[str, Any]) -> str:
    kind = error["type"]
    if kind in _UNLIKE:
        return _UNLIKE[kind](model, error)
    said = _RANGES.get(kind)
    context = error.get("ctx", {})
    if said is None:
        return str(context.get("error") or error["msg"])
    limits = {name: f"{limit:.15g}" if isinstance(limit, float) else limit for name, limit in context.items()}
    return f"{shown(error['input'])} {said.format(**limits)}" + _meaning(model, error)


_RANGES = {
    "greater_than": "is too small, expected more than {gt}",
    "greater_than_equal": "is too small, expected {ge} or more",
    "less_than": "is too large, expected less than {lt}",
    "less_than_equal": "is too large, expected {le} or less",
    "multiple_of": "does not fit, expected a multiple of {multiple_of}",
    "too_short": "is too short, expected {min_length} or more entries",
    "too_long": "is too long, expected {max_length} or fewer entries",
    "string_too_short": "is too short, expected {min_length} or more characters",
    "string_too_long": "is too long, expected {max_length} or fewer characters",
    "string_pattern_mismatch": "has characters that cannot be used",
    "int_parsing_size": "is too large for a whole number here",
}


def _missing(model: type[BaseModel], error: Mapping[str, Any]) -> str:
    return "is missing" + _meaning(model, error)


def _unknown_key(model: type[BaseModel], error: Mapping[str, Any]) -> str:
    *above, key = error["loc"]
    known = sorted({name for candidate in models_at(model, above) for name in candidate.model_fields})
    near = did_you_mean(str(key), known)
    return "unknown key" + (near or f", expected one of: {', '.join(known)}")


def _not_a_choice(model: type[BaseModel], error: Mapping[str, Any]) -> str:
    field = field_at(model, error["loc"])
    choices = literals(field.annotation) if field else [error["ctx"]["expected"]]
    return _choose(error["input"], choices) + _meaning(model, error)


def _wrong_tag(model: type[BaseModel], error: Mapping[str, Any]) -> str:
    choices = re.findall(r"'([^']*)'", error["ctx"]["expected_tags"])
    value = error["input"]
    key = discriminator(error)
    return _choose(value.get(key) if isinstance(value, Mapping) else value, choices)


def _no_tag(model: type[BaseModel], error: Mapping[str, Any]) -> str:
    key = discriminator(error)
    known = {
        str(choice)
        for candidate in models_at(model, error["loc"])
        if key in candidate.model_fields
        for choice in literals(candidate.model_fields[key].annotation)
    }
    return f"is missing, expected one of: {', '.join(sorted(known))}"


def discriminator(error: Mapping[str, Any]) -> str:
    """The key that says which model was meant, of an error about a choice of models."""
    return str(error["ctx"]["discriminator"]).strip("'")


_UNLIKE: dict[str, Callable[[type[BaseModel], Mapping[str, Any]], str]] = {
    "missing": _missing,
    "extra_forbidden": _unknown_key,
    "literal_error": _not_a_choice,
    "union_tag_invalid": _wrong_tag,
    "union_tag_not_found": _no_tag,
}


def _choose(value: object, choices: Sequence[object]) -> str:
    words = [choice for choice in choices if isinstance(choice, str)]
    near = did_you_mean(value, words) if isinstance(value, str) else ""
    wanted = f"one of: {', '.join(map(str, choices))}" if len(choices) > 1 else f"{choices[0]}"
    return f"{shown(value)} is not known, expected {wanted}{near}"


def _meaning(model: type[BaseModel], error: Mapping[str, Any]) -> str:
    field = field_at(model, [step for step in error["loc"] if isinstance(step, str)])
    return f" ({field.description})" if field and field.description else ""


def _advice(wanted: Sequence[str], value: object) -> str:
    if "a whole number" in wanted and isinstance(value, float) and value.is_integer() and abs(value) < 1e18:
        return f"; write {int(value)}"
    if any("number" in kind for kind in wanted) and isinstance(value, str) and re.match(r"[-+.]?\d", value):
        return "; write the number alone, without unit, quotes or '_'"
    if wanted == ["text"] and isinstance(value, int | float):
        return "; put it in quotes to make it text"
    return ""


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:50] + "..."
