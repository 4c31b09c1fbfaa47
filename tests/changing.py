"""Asks for changes as a client would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asking import ask

if TYPE_CHECKING:
    from resolvers.database import Database
    from resolvers.viewers import Viewer

ERRORS = """
  ... on Error { code message path }
  ... on ValidationError { violations { path rule message } }
  ... on ConflictError { currentVersion current { id } }
"""


async def change(database: Database, viewer: Viewer, mutation: str, selected: str, /, **given: Any) -> Any:
    """Ask for a change; give what the success holds, or the typed error."""
    name = mutation[0].upper() + mutation[1:]
    query = f"""mutation ($input: {name}Input!) {{ {mutation}(input: $input) {{
        __typename ... on {name}Success {{ {selected} }} {ERRORS}
    }} }}"""
    answer = await ask(database, query, viewer=viewer, input=given)
    assert answer.errors == (), answer.errors
    return answer.data[mutation]


async def changed(database: Database, viewer: Viewer, mutation: str, selected: str, /, **given: Any) -> Any:
    """Ask for a change that must be made; give the object."""
    found = await change(database, viewer, mutation, selected, **given)
    assert found.pop("__typename").endswith("Success"), found
    [row] = found.values()
    return row


async def refused(database: Database, viewer: Viewer, mutation: str, /, **given: Any) -> Any:
    """Ask for a change that must be refused; give the error."""
    found = await change(database, viewer, mutation, "__typename", **given)
    assert not found["__typename"].endswith("Success"), found
    return found
