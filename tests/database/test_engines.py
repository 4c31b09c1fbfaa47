"""Only `Database.bypass_policies` returns an engine: no other code reaches the tables past the policies."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.databases import Databases

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "resolvers" / "database"
FLOORS = ("models", "resolvers", "schema", "server")
#: What makes an engine or a connection.
MAKERS = frozenset(
    {
        "async_engine_from_config",
        "create_async_engine",
        "create_async_pool_from_url",
        "create_engine",
        "create_mock_engine",
        "create_pool_from_url",
        "engine_from_config",
    }
)
DRIVERS = frozenset({"aiosqlite", "asyncpg", "psycopg", "pysqlite3", "sqlite3"})


def trees() -> Iterator[tuple[str, ast.Module]]:
    """Yield the code of the layers outside of the package that makes engines, with the name of each file."""
    for floor in FLOORS:
        for file in (ROOT / floor).rglob("*.py"):
            if PACKAGE not in file.parents:
                yield str(file.relative_to(ROOT)), ast.parse(file.read_text())


def private_names() -> set[str]:
    """Return the private attributes and methods of the classes of the package that makes engines and connections."""
    found: set[str] = set()
    for file in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
                found.add(node.attr)
    return {name for name in found if name.startswith("_")}


def makes_one(node: ast.AST) -> bool:
    """Return whether a piece of code names a maker of engines or connections; a driver's errors do not count."""
    if isinstance(node, ast.Import):
        return any(alias.name.partition(".")[0] in DRIVERS for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        names = {alias.name for alias in node.names}
        of_a_driver = (node.module or "").partition(".")[0] in DRIVERS
        return bool(names & MAKERS) or (of_a_driver and not all(name.endswith("Error") for name in names))
    return isinstance(node, ast.Attribute) and node.attr in MAKERS


def test_nothing_outside_its_package_makes_an_engine_or_a_connection() -> None:
    found = [f"{name}: {ast.unparse(node)}" for name, tree in trees() for node in ast.walk(tree) if makes_one(node)]
    assert found == []


def test_nothing_outside_its_package_reaches_its_private_attributes() -> None:
    private = private_names()
    assert {"_plain", "_operators", "_reader"} <= private
    found = [
        f"{name}:{node.lineno}: {node.attr}"
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in private
        and not (isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"})
    ]
    assert found == []


def test_the_database_shows_no_engine_but_for_a_reason() -> None:
    tree = ast.parse((PACKAGE / "database.py").read_text())
    [database] = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Database"]
    methods = [node for node in database.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    public = {node.name: ast.unparse(node.returns) for node in methods if node.returns and node.name[0] != "_"}
    giving = {name for name, returned in public.items() if "Engine" in returned or "Session" in returned}
    assert giving == {"bypass_policies", "session"}
    for node in methods:
        if node.name in giving:
            reason = node.args.args[1]
            assert (reason.arg, len(node.args.defaults)) == ("reason", 0)


STATEMENT = """
import asyncio, sys
from sqlalchemy import text
from resolvers.database.database import create_engine
from server.app import create_app

create_app()

async def run():
    engine = create_engine(sys.argv[1])
    async with engine.connect() as connection:
        await connection.execute(text("SELECT count(*) FROM participants"))
    await engine.dispose()

asyncio.run(run())
"""


def start_and_ask(url: str, personas: str) -> subprocess.CompletedProcess[str]:
    """Start the application in a process of its own, and run a statement there without a reason."""
    environment = {"COALITION_DATABASE_URL": url, "COALITION_DEMO_PERSONAS": personas}
    command = [sys.executable, "-c", STATEMENT, url]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("personas", "refused"), [("[]", False), ('[{"title": "Lead", "token": "itc_x"}]', True)])
def test_statements_are_read_where_the_demonstration_is_served_and_nowhere_else(
    sqlite_databases: Databases, personas: str, *, refused: bool
) -> None:
    with sqlite_databases.migrated() as url:
        done = start_and_ask(url, personas)
    assert (done.returncode != 0) == refused, done.stderr
    assert ("PolicyBypassError" in done.stderr) == refused
