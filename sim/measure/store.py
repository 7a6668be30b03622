"""Where a run leaves its numbers: one directory of JSON, YAML and Parquet that no later run overwrites.

A file appears whole or not at all: it is written under another name and then renamed, so whoever reads a
directory while a run is being interrupted never sees half a table.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import yaml

from sim.scenario.complaints import Refused

SCHEMA_VERSION = 1
"""Version of summary.json and the tables; rises when a name changes its meaning or goes away."""

DIGEST_LETTERS = 8


def new_directory(out: Path | None, name: str, digest: str) -> Path:
    """Create and return an empty directory for one run.

    Without `out` it is `results/<name>-<first letters of digest>` below the current directory; when that is
    taken, the same with `-2`, `-3` and so on. Raises Refused about `--out` when that is in use or cannot be
    made.
    """
    try:
        if out:
            return _asked_directory(out)
        return _next_directory(Path("results"), f"{name}-{digest[:DIGEST_LETTERS]}")
    except OSError as failure:
        problem = f"cannot make the directory {failure.filename}: {failure.strerror}"
        raise Refused.at("--out", problem) from failure


def write_table(directory: Path, name: str, columns: Mapping[str, np.ndarray]) -> Path:
    """Write arrays of equal length as `<name>.parquet`, rows in their order; returns its path.

    Masked entries, and None among texts, become nulls: what is absent is not zero. Raises ValueError when
    lengths differ.
    """
    lengths = {column: len(values) for column, values in columns.items()}
    if len(set(lengths.values())) != 1:
        raise ValueError(f"table {name} needs columns of one length, got {lengths}")
    prepared = {column: _scannable(values) for column, values in columns.items()}
    target = directory / f"{name}.parquet"
    with _engine().cursor() as connection, replacing(target) as part:
        connection.register("columns", prepared)
        selected = ", ".join(_typed(column, values) for column, values in prepared.items())
        connection.sql(f"SELECT {selected} FROM columns").write_parquet(str(part), compression="zstd")
    return target


def write_json(directory: Path, name: str, data: Mapping[str, Any]) -> Path:
    """Write `<name>.json`, keys in the order given, floats to the last digit; returns its path.

    NumPy numbers and arrays are written as plain ones. Raises ValueError for NaN and infinity: leave such a
    key out.
    """
    text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False, default=_plain)
    return _write_text(directory / f"{name}.json", text + "\n")


def write_yaml(directory: Path, name: str, data: Mapping[str, Any]) -> Path:
    """Write `<name>.yaml` so that a YAML 1.2 reader gets the same data back; returns its path."""
    text = yaml.dump(dict(data), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return _write_text(directory / f"{name}.yaml", text)


def _asked_directory(out: Path) -> Path:
    if out.exists() and not out.is_dir():
        raise Refused.at("--out", f"{out} is a file; give a directory that is new or empty")
    out.mkdir(parents=True, exist_ok=True)
    if any(out.iterdir()):
        problem = f"{out} is not empty and no result is overwritten; give a directory that is new or empty"
        raise Refused.at("--out", problem)
    return out


def _next_directory(parent: Path, name: str) -> Path:
    parent.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        directory = parent / (name if number == 1 else f"{name}-{number}")
        try:
            directory.mkdir()  # creating is the test, so that two runs at once never share one
            return directory
        except FileExistsError:
            number += 1


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A path to write to, which becomes `target` when all went well and disappears otherwise."""
    part = target.with_name(f".{target.name}.part")
    try:
        yield part
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def _write_text(target: Path, text: str) -> Path:
    with replacing(target) as part:
        part.write_text(text, encoding="utf-8")
    return target


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """One database for all tables, since starting it takes longer than writing one."""
    return duckdb.connect(config={"threads": 1})


def _scannable(values: np.ndarray) -> np.ndarray:
    """`values` as duckdb can read them without pandas: texts as objects, None where masked."""
    if values.dtype.kind not in "OU":
        return values
    texts = np.array(np.ma.getdata(values), dtype=object)
    texts[np.ma.getmaskarray(values)] = None
    strange = {type(text).__name__ for text in texts} - {"str", "NoneType"}
    if strange:
        raise TypeError(f"a column of objects holds texts or None, got {', '.join(sorted(strange))}")
    return texts


def _typed(column: str, values: np.ndarray) -> str:
    quoted = '"' + column.replace('"', '""') + '"'
    # A text column without a single text would otherwise have no type at all.
    return f"CAST({quoted} AS VARCHAR) AS {quoted}" if values.dtype.kind == "O" else quoted


def _plain(value: object) -> object:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no place in a JSON file: {value!r}")


_ODD_BREAKS = re.compile("[\x85\u2028\u2029]")  # line breaks in YAML 1.1 only


class _Dumper(yaml.SafeDumper):
    """Quotes texts that YAML 1.2 would take for something else but PyYAML, which follows 1.1, leaves bare."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text_node(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if _ODD_BREAKS.search(text) else "'" if _reads_as_number(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return text.lower().startswith(("0o", "0x"))
    return True


_Dumper.add_representer(str, _text_node)
