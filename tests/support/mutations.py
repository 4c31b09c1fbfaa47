"""Sends mutations as a client does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from models import AuditEvent
from tests.support.execute import ask

if TYPE_CHECKING:
    from resolvers.access.viewer import Viewer
    from resolvers.database.database import Database
    from tests.support.small_coalition import World

NEED = "capabilityNeed { id version status }"

ERRORS = """
  ... on Error { code message path }
  ... on ValidationError { violations { path rule message } }
  ... on ConflictError { currentVersion current { id } }
"""


async def change(database: Database, viewer: Viewer, mutation: str, selected: str, /, **given: Any) -> Any:
    """Send a mutation; return the fields of its success, or the typed error."""
    name = mutation[0].upper() + mutation[1:]
    query = f"""mutation ($input: {name}Input!) {{ {mutation}(input: $input) {{
        __typename ... on {name}Success {{ {selected} }} {ERRORS}
    }} }}"""
    answer = await ask(database, query, viewer=viewer, input=given)
    assert answer.errors == (), answer.errors
    return answer.data[mutation]


async def changed(database: Database, viewer: Viewer, mutation: str, selected: str, /, **given: Any) -> Any:
    """Send a mutation that must succeed; return the object."""
    found = await change(database, viewer, mutation, selected, **given)
    assert found.pop("__typename").endswith("Success"), found
    [row] = found.values()
    return row


async def refused(database: Database, viewer: Viewer, mutation: str, /, **given: Any) -> Any:
    """Send a mutation that must be refused; return the error."""
    found = await change(database, viewer, mutation, "__typename", **given)
    assert not found["__typename"].endswith("Success"), found
    return found


async def the_trail(database: Database) -> list[Any]:
    """Return the events of the audit log."""
    async with database.bypass_policies("a test reads the trail").connect() as connection:
        return list((await connection.execute(select(AuditEvent).order_by(AuditEvent.sequence))).mappings())


async def a_need(world: World, **given: Any) -> dict[str, Any]:
    """Create a need as the member; return it."""
    member = await world.viewer("member")
    found: dict[str, Any] = await changed(world.database, member, "createCapabilityNeed", NEED, **world.a_need(**given))
    return found
