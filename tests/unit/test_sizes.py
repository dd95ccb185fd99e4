"""The house stays readable: no module over 500 lines, no function over 60."""

import ast
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "src" / "mediant"
MODULES = sorted(p for p in SOURCES.rglob("*.py") if "versions" not in p.parts)
LONGEST_MODULE, LONGEST_FUNCTION = 500, 60


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCES)))
def test_a_module_and_its_functions_are_short(path):
    text = path.read_text()
    assert len(text.splitlines()) <= LONGEST_MODULE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{node.name} has {length} lines"
