"""Modules and functions stay small enough to be read at a sitting, and each module says what idea it holds."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MOST_LINES_OF_A_MODULE, MOST_LINES_OF_A_FUNCTION = 300, 50
MODULES = sorted(str(path.relative_to(ROOT)) for folder in ("sim", "tools") for path in (ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_short_and_opens_with_its_idea(module):
    text = (ROOT / module).read_text()
    tree = ast.parse(text)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    lengths = {function.name: (function.end_lineno or 0) - function.lineno + 1 for function in functions}
    assert len(text.splitlines()) <= MOST_LINES_OF_A_MODULE
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES_OF_A_FUNCTION} == {}
    assert not tree.body or ast.get_docstring(tree)
