"""Every limit is a number in one table, and those that guard each other agree."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

from resolvers.core import limits
from resolvers.core.limits import MAX_FILTER_CONDITIONS, MAX_STATEMENT_DEPTH, Limits

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "resolvers" / "core" / "limits.py"
FLOORS = ("models", "resolvers", "schema", "server")
#: What is counted of an operation, a filter, a list or a text: its limit belongs into the table.
COUNTED = (
    "DEPTH",
    "LEVELS",
    "CONDITIONS",
    "PAGE_SIZE",
    "GROUPS",
    "IDS",
    "LIST_ITEMS",
    "JSON_VALUES",
    "REPORTED_ERRORS",
)


def constants(file: Path) -> dict[str, int]:
    """Return the numbers that a module names in capitals."""
    assigned = [node for node in ast.parse(file.read_text()).body if isinstance(node, (ast.Assign, ast.AnnAssign))]
    return {
        target.id: node.value.value
        for node in assigned
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, int)
    }


def test_no_other_module_has_a_limit_of_what_the_table_counts() -> None:
    table = constants(TABLE)
    assert all(any(name.endswith(counted) for name in table) for counted in COUNTED)
    found = defaultdict(list)
    for file in (file for floor in FLOORS for file in (ROOT / floor).rglob("*.py") if file != TABLE):
        for name in constants(file):
            if name in table or name.endswith(COUNTED):
                found[str(file.relative_to(ROOT))].append(name)
    assert found == {}


def test_an_operation_is_refused_before_a_statement_of_it_would_be() -> None:
    assert Limits().depth <= MAX_STATEMENT_DEPTH
    assert Limits().conditions <= MAX_FILTER_CONDITIONS
    assert limits.DEFAULT_PAGE_SIZE <= limits.MAX_PAGE_SIZE
