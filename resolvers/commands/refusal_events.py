"""Writes an audit event about each rejected command, for those who see what its input names."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from models import AuditAction, Entity, Marking
from models.base import new_key
from resolvers.audit.audience import audience_of
from resolvers.audit.recorder import append_events, event_for, event_for_key
from resolvers.audit.transaction import audited_write
from resolvers.commands.unit_of_work import UnitOfWork
from resolvers.core.attributes import Kind
from resolvers.core.naming import api_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy.orm import Session

    from resolvers.access.context import Actor, Context
    from resolvers.commands.command import Command
    from resolvers.commands.errors import CommandError
    from resolvers.commands.input_fields import InputField

#: Why the statements of commands bypass the policies.
REASON = "a command checks the policies itself and computes sums over rows that its viewer may not see"


async def record_refusal(
    context: Context, command: Command, values: Mapping[str, Any], origin: Actor, refusal: CommandError
) -> None:
    """Write an audit event about a rejected command."""
    # The reason was written for the readers of the change, who can be other people than the readers of this event.
    origin = replace(origin, reason=None)
    details = {"command": api_name(command.name), "code": refusal.code.name, "path": list(refusal.path)}

    def work(session: Session) -> None:
        unit, key = UnitOfWork(session, context.viewer), values.get("id")
        row = session.get(command.model, key) if key else None
        also = _named(unit, command.fields, values)
        if row is not None and unit.sees(row):
            event = event_for(row, AuditAction.REFUSE, after=details, also=also)
        else:
            # A hidden object and a missing object get the same event; an object that was not created gets a new key.
            made = key or new_key()
            event = event_for_key(command.model.__name__, made, AuditAction.REFUSE, after=details)
            event |= audience_of(None, also=also)
            event |= _restricted_by_input(event, values)
        append_events(session.connection(), origin, [event])

    await audited_write(context.database, REASON, origin, work)


def _named(unit: UnitOfWork, fields: Iterable[InputField], values: Mapping[str, Any]) -> list[Entity]:
    """Return the objects that an input names and the viewer sees; hidden ones and missing ones are the same."""
    rows: dict[type[Entity], list[Entity]] = defaultdict(list)
    for model, key in {*_references(fields, values)}:
        if row := unit.session.get(model, key):
            rows[model].append(row)
    return [row for found in rows.values() for row in unit.seen(*found)]


def _references(fields: Iterable[InputField], values: Mapping[str, Any]) -> Iterator[tuple[type[Entity], str]]:
    """Yield the type and the key of each object to which an input refers."""
    for field in fields:
        value = values.get(field.name)
        if not value or field.name == "id":
            continue
        items = value if isinstance(value, list) else [value]
        if field.item_fields:
            for item in items:
                yield from _references(field.item_fields, item)
        elif field.kind in {Kind.REFERENCE, Kind.COLLECTION} and field.target and issubclass(field.target, Entity):
            yield from ((field.target, key) for key in items)


def _restricted_by_input(event: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that restrict an event by the marking of the object that was not created."""
    marking = values.get("marking")
    if marking is Marking.RED:
        there = [key for _, key in event["readers"]] if event["readers"] is not None else None
        keys = [key for key in values.get("recipient_ids") or () if there is None or key in there]
        return {"readers": [["Account", key] for key in sorted(keys)]}
    found = [each for each in (marking, event["marking"]) if each]
    return {"marking": max(found, key=[*Marking].index, default=None)}
