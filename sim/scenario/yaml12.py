"""YAML 1.2 text to plain data, remembering where each value was written.

PyYAML follows YAML 1.1: there `1e6` is text, `on` is true, `010` is eight and the first of two equal keys
vanishes. Here scalars follow the core schema of YAML 1.2 (section 10.3.2), and what cannot be meant is a
complaint with its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import yaml

from sim.scenario.complaints import Complaint

Path = tuple[str | int, ...]
Mark = tuple[int, int]

MOST_VALUES = 200_000
MOST_DIGITS = 40
MOST_DEPTH = 50
_CORE = "tag:yaml.org,2002:"
_NOT_TEXT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _CoreLoader(_Loader):  # type: ignore[misc]
    """The fast loader with the scalars of YAML 1.2."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}


class _CoreDumper(yaml.SafeDumper):
    """Quotes words that YAML 1.1 or YAML 1.2 would take for something else."""


for _name, _pattern in (
    ("null", r"(?:null|Null|NULL|~|)"),
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)"),
    ("int", r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)"),
    (
        "float",
        r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))",
    ),
):
    _CoreLoader.add_implicit_resolver(_CORE + _name, re.compile(_pattern + r"\Z"), None)
    _CoreDumper.add_implicit_resolver(_CORE + _name, re.compile(_pattern + r"\Z"), None)


@dataclass(slots=True)
class Tree:
    """Plain data read from text; `marks` gives line and column (from 1), of a mapping's entry at its key."""

    data: Any = None
    marks: dict[Path, Mark] = field(default_factory=dict)
    complaints: list[Complaint] = field(default_factory=list)


def parse(text: str) -> Tree:
    """Read `text`; what cannot be read is left out and told in `complaints`, which carry no file name."""
    tree = Tree()
    try:
        _compose(text, tree)
    except yaml.MarkedYAMLError as error:
        tree.complaints.append(_syntax(error, text))
    return tree


def written(data: object) -> str:
    """Plain data as YAML text that `parse` reads back the same, keys in their order."""
    return str(yaml.dump(data, Dumper=_CoreDumper, sort_keys=False, allow_unicode=False, width=100))


def printed(path: Path) -> str:
    """A path as a person writes it: `workload.weights.synthetic.layers[1]`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def parted(path: str) -> Path:
    """The parts of a printed path."""
    found = re.findall(r"([^.\[\]]+)|\[(\d+)\]", path)
    return tuple(word if word else int(index) for word, index in found)


def _compose(text: str, tree: Tree) -> None:
    odd = _NOT_TEXT.search(text)
    if odd:
        line, column = _position(text, odd.start())
        problem = f"character {ord(odd.group()):#04x} is not allowed in YAML; is this a text file?"
        tree.complaints.append(Complaint("", problem, line=line, column=column))
        return
    _shallow(text)
    node = yaml.compose(text, Loader=_CoreLoader)
    tree.marks[()] = (1, 1)
    if node is not None:
        tree.data = _Construction(tree).value(node, ())


def _shallow(text: str) -> None:
    """Refuse deep nesting before anything recursive sees it: the C composer would overrun the stack."""
    depth, too_deep = 0, f"nested more than {MOST_DEPTH} deep"
    try:
        for event in yaml.parse(text, Loader=_CoreLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MOST_DEPTH:
                raise _too_much(too_deep, event.start_mark)
    except yaml.MarkedYAMLError as error:
        # libyaml reads ahead, and newer versions have a limit of their own, at which they then stop first.
        raise _too_much(too_deep, error.problem_mark) if "nesting depth" in str(error.problem) else error from None


class _Construction:
    """Walks a node tree once, building data, marks and complaints."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.inside: list[yaml.Node] = []
        self.values = 0

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.values += 1
        if self.values > MOST_VALUES:
            raise _too_much(f"more than {MOST_VALUES} values", node.start_mark)
        if any(outer is node for outer in self.inside):
            return self.complain(node, path, "the alias stands for something that contains it")
        self.inside.append(node)
        try:
            return self.build(node, path)
        finally:
            self.inside.pop()

    def build(self, node: yaml.Node, path: Path) -> Any:
        if isinstance(node, yaml.MappingNode) and node.tag == _CORE + "map":
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag == _CORE + "seq":
            return [self.item(child, (*path, index)) for index, child in enumerate(node.value)]
        tag = node.tag.replace(_CORE, "!!")
        convert = _SCALARS.get(node.tag.removeprefix(_CORE))
        if convert is None or not isinstance(node, yaml.ScalarNode):
            return self.complain(node, path, f"the tag '{tag}' is not known here; write the plain value")
        try:
            return convert(node.value)
        except (ValueError, KeyError) as error:
            told = error if isinstance(error, _Unfit) else f"'{node.value[:40]}' does not fit its tag '{tag}'"
            return self.complain(node, path, str(told))

    def item(self, node: yaml.Node, path: Path) -> Any:
        self.tree.marks[path] = _mark(node)
        return self.value(node, path)

    def mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag != _CORE + "str":
                self.complain(key_node, path, "a key must be a word" + _quoting(key))
            elif key in data:
                first = self.tree.marks[(*path, key)][0]
                self.complain(key_node, (*path, key), f"given twice, first on line {first}; keep one of them")
            else:
                self.tree.marks[(*path, key)] = _mark(key_node)
                data[key] = self.value(value_node, (*path, key))
        return data

    def complain(self, node: yaml.Node, path: Path, problem: str) -> None:
        line, column = _mark(node)
        self.tree.complaints.append(Complaint(printed(path), problem, line=line, column=column))


class _Unfit(ValueError):  # noqa: N818 - a finding about a value
    """A scalar that is well written but of no use, in words for the user."""


def _integer(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise _Unfit(f"a whole number of {len(text)} digits is larger than anything here can use")
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)


def _float(text: str) -> float:
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


_SCALARS: dict[str, Callable[[str], Any]] = {
    "null": lambda text: None,
    "bool": lambda text: {"true": True, "false": False}[text.lower()],
    "int": _integer,
    "float": _float,
    "str": lambda text: text,
}


def _too_much(problem: str, mark: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=mark)


def _quoting(key: object) -> str:
    return f"; '{key[:40]}' would need quotes" if isinstance(key, str) else ", not a list or a mapping"


def _mark(node: yaml.Node) -> Mark:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _position(text: str, index: int) -> Mark:
    before = text[:index]
    return before.count("\n") + 1, index - before.rfind("\n")


def _syntax(error: yaml.MarkedYAMLError, text: str) -> Complaint:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Complaint("", _explained(error, text, line, column), line=line, column=column)


def _explained(error: yaml.MarkedYAMLError, text: str, line: int, column: int) -> str:
    lines = text.split("\n")
    here = lines[line - 1][column - 1 : column] if line <= len(lines) else ""
    if here == "\t":
        return "cannot be read as YAML: a tab stands where only spaces may; indent with spaces"
    told = ", ".join(part for part in (error.context, error.problem) if part)
    return f"cannot be read as YAML: {told}"
