"""What every number means: its unit, one sentence, and how to work it out.

The definitions are data (`glossary.yaml`). A summary key is named by its dotted path, a column by table and
column; `*` in a name stands for keys that depend on the run, such as the layers of a network.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

from sim.scenario.complaints import Refused, did_you_mean

if TYPE_CHECKING:
    from sim.report.result import Result

WIDTH = 100


@dataclass(frozen=True, slots=True)
class Term:
    """One defined name; `place` says where it is found, `formula` is empty for what is not computed."""

    name: str
    unit: str
    meaning: str
    formula: str
    place: str

    def __str__(self) -> str:
        lines = [f"{self.name}  [{self.unit}]  in {self.place}", _wrapped(self.meaning)]
        return "\n".join(lines + ([_wrapped(f"= {self.formula}")] if self.formula else []))


@cache
def terms() -> dict[str, Term]:
    """Every defined name, summary keys first and then the tables, in the order of the data file."""
    found = [_term(name, fields, "summary.json") for name, fields in _data()["summary"].items()]
    for table, described in _data()["tables"].items():
        place = f"table {table}"
        found += [_term(f"{table}.{name}", fields, place) for name, fields in described["columns"].items()]
    return {term.name: term for term in found}


def find(name: str) -> Term | None:
    """The term that defines a full name, itself or by a pattern; None when nothing does."""
    known = terms()
    patterns = (term for pattern, term in known.items() if "*" in pattern and fnmatchcase(name, pattern))
    return known.get(name) or next(patterns, None)


def explain(name: str) -> str:
    """The definition of a name for people: a full name, its last part, a section of the summary or a table.

    Raises Refused, with the nearest name, when nothing is called so.
    """
    chosen = _called(name)
    if not chosen:
        raise Refused.at("--explain", f"no number is called '{name}'{did_you_mean(name, _callable_names())}")
    tables = _data()["tables"]
    note = [f"table {name}\n{_wrapped(tables[name]['meaning'])}"] if name in tables else []
    return "\n\n".join(note + [str(term) for term in chosen])


def table_meaning(name: str) -> str:
    """What a row of a table is; nothing where the glossary has no such table."""
    known = _data()["tables"].get(name)
    return " ".join(known["meaning"].split()) if known else ""


def undefined(result: Result) -> list[str]:
    """Names of summary keys and table columns that a result has and the glossary does not define."""
    names = list(_leaves(result.summary))
    names += [f"{table}.{column}" for table in result.tables for column in result.table(table)]
    return [name for name in names if find(name) is None]


def _leaves(section: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for key, value in section.items():
        name = f"{above}{key}"
        if isinstance(value, dict) and name not in terms():
            yield from _leaves(value, f"{name}.")
        else:
            yield name


@cache
def _data() -> Any:
    text = resources.files(__package__).joinpath("glossary.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _term(name: str, fields: Mapping[str, str], place: str) -> Term:
    return Term(name, fields["unit"], fields["meaning"], fields.get("formula", ""), place)


def _called(name: str) -> list[Term]:
    """The terms a name may mean: that of this full name, else those in this section, else in any."""
    exact = find(name)
    if exact:
        return [exact]
    inside = [term for term in terms().values() if term.name.startswith(f"{name}.")]
    return inside or [term for term in terms().values() if f".{name}." in f"{term.name}."]


def _callable_names() -> list[str]:
    """Everything `explain` answers to: full names, last parts, sections."""
    full = list(terms())
    parts = [part for name in full for part in (name.rpartition(".")[2], name.partition(".")[0])]
    return full + [part for part in dict.fromkeys(parts) if part != "*"]


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent="    ", subsequent_indent="    ")
