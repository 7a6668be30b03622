"""Imports point one way, so that a scenario can be checked without SimPy and a mapping made without a clock.

Names needed only in annotations, under `if TYPE_CHECKING:`, may come from anywhere: they are no imports at run time.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ORDER = [
    {"units"},
    {"scenario"},
    {"machine", "workload"},
    {"mapping"},
    {"engine"},
    {"hardware"},
    {"measure"},
    {"simulate"},
    {"report"},
    {"study"},
    {"anchors"},
    {"tools"},
]
LEVEL = {part: level for level, parts in enumerate(ORDER) for part in parts}
MODULES = sorted([*ROOT.glob("sim/**/*.py"), *ROOT.glob("tools/*.py")])
THE_FRONT = "sim/__init__.py"
"""`import sim` offers `sim.run`, so it alone reaches up, and only when it is called."""


def part_of(module: str) -> str | None:
    """The part a module belongs to by its dotted name; None for `sim` itself and other packages."""
    names = module.split(".")
    if names[0] == "tools":
        return "tools"
    return names[1] if names[0] == "sim" and len(names) > 1 else None


def imported(node: ast.AST) -> Iterator[str]:
    """Dotted names of what is imported at or below `node`, annotations' imports left out."""
    if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
        for child in node.orelse:
            yield from imported(child)
        return
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "relative imports hide where they lead"
        module = node.module or ""
        yield from [f"sim.{alias.name}" for alias in node.names] if module == "sim" else [module]
    for child in ast.iter_child_nodes(node):
        yield from imported(child)


def wrong_way(own: str, names: Iterator[str]) -> list[str]:
    """Those of `names` that a module of part `own` must not import."""
    parts = {name: part_of(name) for name in names}
    return [
        name
        for name, part in parts.items()
        if part in LEVEL and part != own and (LEVEL[part] >= LEVEL[own] or part == "tools")
    ]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_from_parts_below_its_own(path):
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    own = part_of(name.removesuffix(".__init__"))
    if str(path.relative_to(ROOT)) == THE_FRONT:
        return
    assert own in LEVEL, f"{name} belongs to no known part"
    assert wrong_way(own, imported(ast.parse(path.read_text()))) == []


def test_the_front_imports_nothing_until_it_is_called():
    tree = ast.parse((ROOT / THE_FRONT).read_text())
    at_once = [node for node in tree.body if not isinstance(node, ast.FunctionDef)]
    assert [name for node in at_once for name in imported(node) if part_of(name)] == []


@pytest.mark.parametrize(
    ("own", "text", "wrong"),
    [
        ("hardware", "from sim.measure.network import Latency", ["sim.measure.network"]),
        ("machine", "import sim.workload.egru", ["sim.workload.egru"]),
        ("scenario", "def f():\n    from sim.machine import build", ["sim.machine"]),
        ("study", "from tools import run", ["tools"]),
        ("engine", "if TYPE_CHECKING:\n    from sim.hardware.link import Link", []),
        ("engine", "if TYPE_CHECKING:\n    pass\nelse:\n    from sim.hardware.link import Link", ["sim.hardware.link"]),
        ("units", "from sim import report", ["sim.report"]),
        ("mapping", "from sim.machine.machine import Machine\nimport sim\nimport numpy", []),
    ],
)
def test_the_rule_sees_what_it_should(own, text, wrong):
    assert wrong_way(own, imported(ast.parse(text))) == wrong
